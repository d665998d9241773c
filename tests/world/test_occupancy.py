from __future__ import annotations

import numpy as np
import pytest

from conscious_bot.game.tables import Tables
from conscious_bot.world.grid import OccupancyGrid
from conscious_bot.world.occupancy import Occupancy, classes_of, classify
from conscious_bot.world.region import UNKNOWN, VoxelRegion

T = Tables.builtin()
K = classes_of(T)
pytestmark = pytest.mark.requirement("STER-01")


@pytest.mark.parametrize(
    ("name", "properties", "kind", "floor"),
    [
        ("air", {}, Occupancy.AIR, False),
        ("cave_air", {}, Occupancy.AIR, False),
        ("stone", {}, Occupancy.SOLID, True),
        ("oak_leaves", {}, Occupancy.SOLID, True),
        ("glass", {}, Occupancy.SOLID, True),
        ("farmland", {}, Occupancy.SOLID, True),
        ("dirt_path", {}, Occupancy.SOLID, True),
        ("soul_sand", {}, Occupancy.SOLID, True),
        ("chest", {}, Occupancy.SOLID, True),
        ("water", {"level": "3"}, Occupancy.WATER, False),
        ("seagrass", {}, Occupancy.WATER, False),
        ("lava", {}, Occupancy.LAVA, False),
        ("ladder", {}, Occupancy.LADDER, False),
        ("vine", {}, Occupancy.LADDER, False),
        ("cactus", {}, Occupancy.HAZARD, False),
        ("magma_block", {}, Occupancy.HAZARD, False),
        ("fire", {}, Occupancy.HAZARD, False),
        ("cobweb", {}, Occupancy.HAZARD, False),
        ("sweet_berry_bush", {}, Occupancy.HAZARD, False),
        ("powder_snow", {}, Occupancy.HAZARD, False),
        ("torch", {}, Occupancy.AIR, False),
        ("short_grass", {}, Occupancy.AIR, False),
        ("rail", {}, Occupancy.AIR, False),
        ("white_carpet", {}, Occupancy.AIR, False),
        ("snow", {"layers": "1"}, Occupancy.AIR, False),
        ("snow", {"layers": "2"}, Occupancy.AIR, False),
        ("snow", {"layers": "4"}, Occupancy.SOLID, False),
        ("snow", {"layers": "8"}, Occupancy.SOLID, True),
        ("oak_slab", {"type": "bottom"}, Occupancy.SOLID, False),
        ("oak_slab", {"type": "top"}, Occupancy.SOLID, True),
        ("oak_slab", {"type": "double"}, Occupancy.SOLID, True),
        ("oak_stairs", {"half": "bottom"}, Occupancy.SOLID, True),
        ("oak_fence", {}, Occupancy.SOLID, False),
        ("cobblestone_wall", {}, Occupancy.SOLID, False),
        ("oak_fence_gate", {"open": "true"}, Occupancy.AIR, False),
        ("oak_fence_gate", {"open": "false"}, Occupancy.SOLID, False),
        ("oak_door", {"open": "true"}, Occupancy.SOLID, False),
        ("oak_trapdoor", {"half": "bottom", "open": "false"}, Occupancy.AIR, False),
        ("oak_trapdoor", {"half": "top", "open": "false"}, Occupancy.SOLID, True),
        ("white_bed", {}, Occupancy.SOLID, False),
        ("oak_sign", {"waterlogged": "true"}, Occupancy.WATER, False),
        ("oak_sign", {"waterlogged": "false"}, Occupancy.AIR, False),
    ],
)
def test_each_kind_of_block_has_its_class_and_floor(
    name: str, properties: dict[str, str], kind: Occupancy, floor: bool
) -> None:
    state = T.state_of(name, **properties)
    assert (Occupancy(int(K.classes[state])), bool(K.floors[state])) == (kind, floor)


def test_unloaded_cells_are_solid_and_no_floor() -> None:
    assert K.classes[UNKNOWN] == Occupancy.SOLID
    assert not K.floors[UNKNOWN]


def test_only_solid_states_are_floors() -> None:
    assert set(K.classes[K.floors].tolist()) == {Occupancy.SOLID}


def test_a_reader_of_the_bare_grid_never_stands_on_a_fence() -> None:
    blocks = np.zeros((2, 3, 1), dtype=np.uint16)
    blocks[0, 0, 0] = T.state_of("oak_fence")
    blocks[1, 0, 0] = T.state_of("stone")
    grid = classify(VoxelRegion((0, 60, 0), blocks), T)
    assert grid.standable is not None
    assert grid.standable[:, 0, 0].tolist() == [False, True]
    assert grid.class_at((0, 61, 0)) == Occupancy.AIR
    for bare in (grid.bare(), OccupancyGrid.from_wire(grid.wire())):
        assert bare.standable is None
        assert bare.blocks[:, :, 0].tolist() == [
            [Occupancy.SOLID, Occupancy.HAZARD, Occupancy.AIR],
            [Occupancy.SOLID, Occupancy.AIR, Occupancy.AIR],
        ]
