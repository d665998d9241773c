from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.world.occupancy import Occupancy, OccupancyGrid, classes_of, classify
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
    assert grid.cells[:, :, 0].tolist() == [
        [Occupancy.SOLID, Occupancy.HAZARD, Occupancy.AIR],
        [Occupancy.SOLID, Occupancy.AIR, Occupancy.AIR],
    ]


@given(
    size=st.tuples(*[st.integers(1, 5)] * 3),
    origin=st.tuples(*[st.integers(-30_000_000, 30_000_000)] * 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_grid_survives_the_wire(size: tuple[int, int, int], origin: tuple[int, int, int], seed: int) -> None:
    grid = OccupancyGrid(origin, np.random.default_rng(seed).integers(0, 6, size, dtype=np.uint8))
    back = OccupancyGrid.decode(grid.encode())
    assert back.origin == origin
    assert np.array_equal(back.cells, grid.cells)


def test_the_wire_index_is_x_then_y_then_z() -> None:
    import base64

    cells = np.zeros((2, 3, 4), dtype=np.uint8)
    cells[1, 2, 3] = 5
    cells[0, 1, 0] = 2
    data = base64.b64decode(str(OccupancyGrid((0, 0, 0), cells).encode()["blocks"]))
    assert data[((1 * 3) + 2) * 4 + 3] == 5
    assert data[((0 * 3) + 1) * 4 + 0] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contractVersion": 2}, "contractVersion is 2"),
        ({"size": {"dx": 2, "dy": 2, "dz": 3}}, "blocks is longer|holds 8 cells, size says 12"),
        ({"size": {"dx": 0, "dy": 2, "dz": 2}}, "at least 1"),
        ({"size": {"dx": 10**6, "dy": 10**6, "dz": 10**6}}, "more than"),
        ({"size": {"dx": 2, "dy": 2}}, "size.dz must be a whole number"),
        ({"size": [2, 2, 2]}, "size must be an object"),
        ({"origin": {"x": 0.5, "y": 0, "z": 0}}, "origin.x must be a whole number"),
        ({"origin": {"x": 10**12, "y": 0, "z": 0}}, "outside of any world"),
        ({"blocks": "!!!!"}, "not base64"),
        ({"blocks": 7}, "base64 string, not int"),
        ({"blocks": "A" * 400}, "longer than 8 cells"),
        ({"blocks": "CQAAAAAAAAA="}, r"cell \(0, 0, 0\) has class 9"),
    ],
)
def test_a_malformed_grid_is_refused_with_what_is_wrong(change: dict[str, object], message: str) -> None:
    wire = OccupancyGrid((0, 0, 0), np.zeros((2, 2, 2), dtype=np.uint8)).encode() | change
    with pytest.raises(UserError, match=message):
        OccupancyGrid.decode(wire)


@pytest.mark.parametrize("field", ["origin", "size", "blocks"])
def test_a_missing_field_is_named(field: str) -> None:
    wire = OccupancyGrid((0, 0, 0), np.zeros((1, 1, 1), dtype=np.uint8)).encode()
    del wire[field]
    with pytest.raises(UserError, match=f"{field} is missing"):
        OccupancyGrid.decode(wire)
