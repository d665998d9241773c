"""Hazards: where each counts, once per entered cell, and that routes honour them."""

from __future__ import annotations

import numpy as np
import pytest

from conscious_bot.sterling.errors import PolicyError
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.sterling.policy import DEFAULT_PENALTIES, HazardPolicy
from conscious_bot.world.grid import AIR, HAZARD, LAVA, SOLID, WATER, OccupancyGrid

pytestmark = pytest.mark.requirement("STER-03")


def _floor(size: int = 11, depth: int = 1) -> np.ndarray:
    blocks = np.zeros((size, depth + 5, size), np.uint8)
    blocks[:, :depth, :] = SOLID
    return blocks


def _extra(blocks: np.ndarray, feet: int, **layers: np.ndarray) -> set[tuple[int, int]]:
    """The columns whose cells at the level of the feet cost something extra, entered from any side."""
    grid = OccupancyGrid((0, 0, 0), blocks)
    plain = Navigator(grid, policy=HazardPolicy(penalties={}))
    priced = Navigator(grid, layers=layers)
    found: set[tuple[int, int]] = set()
    for x in range(1, blocks.shape[0] - 1):
        for z in range(1, blocks.shape[2] - 1):
            if plain.standable((x, feet, z)) and plain.standable((x - 1, feet, z)):
                a = plain.solve((x - 1, feet, z), (x, feet, z), tolerance_xz=0).cost
                b = priced.solve((x - 1, feet, z), (x, feet, z), tolerance_xz=0).cost
                if a != b:
                    found.add((x, z))
    return found


def test_lava_counts_for_the_cells_around_it_and_diagonally() -> None:
    blocks = _floor()
    blocks[5, 0, 5] = LAVA
    near = {(x, z) for x in (4, 5, 6) for z in (4, 5, 6)} - {(5, 5)} - {(6, 5)}  # (6, 5) has no floor to its west
    assert _extra(blocks, 1) == near


def test_cactus_counts_beside_but_not_diagonally() -> None:
    blocks = _floor()
    blocks[5, 1, 5] = HAZARD
    assert _extra(blocks, 1) == {(4, 5), (5, 4), (5, 6)}


def test_deep_water_counts_beside_water_two_deep_only() -> None:
    blocks = _floor(depth=3)
    blocks[5, 2, 5] = WATER
    assert _extra(blocks, 3) == set()
    blocks[5, 1, 5] = WATER
    assert _extra(blocks, 3) == {(4, 5), (5, 4), (5, 6)}


@pytest.mark.parametrize(("depth", "counts"), [(21, False), (22, False), (23, False), (24, True), (25, True)])
def test_a_cliff_counts_from_a_fall_of_23_blocks_that_kills(depth: int, counts: bool) -> None:
    blocks = _floor(depth=depth)
    blocks[5, 1:depth, 5] = AIR
    assert (_extra(blocks, depth) != set()) == counts
    blocks[5, 1, 5] = WATER  # breaks the fall
    assert _extra(blocks, depth) == set()


def test_layers_count_in_their_own_cells() -> None:
    dark = np.zeros((11, 6, 11), np.bool_)
    dark[4, 1, 6] = True
    assert _extra(_floor(), 1, dark_area=dark) == {(4, 6)}
    assert _extra(_floor(), 1, hostile_zone=dark) == {(4, 6)}


def test_each_hazard_adds_once_however_many_neighbours_have_it_and_different_ones_add_up() -> None:
    blocks = _floor()
    blocks[4:7, 0, 4:7] = LAVA
    blocks[5, 0, 5] = SOLID
    blocks[5, 0, 4] = SOLID
    blocks[4, 1, 5] = HAZARD
    dark = np.ones(blocks.shape, np.bool_)
    way = Navigator(OccupancyGrid((0, 0, 0), blocks), layers={"dark_area": dark}).solve(
        (5, 1, 4), (5, 1, 5), tolerance_xz=0
    )
    assert way.cost == 1.0 + 100.0 + 15.0 + 5.0


def test_a_route_goes_around_lava_when_the_way_around_is_cheaper() -> None:
    blocks = _floor(21)
    blocks[10, 0, 4:17] = LAVA
    blocks[10, 0, 10] = SOLID  # a bridge of one
    grid = OccupancyGrid((0, 0, 0), blocks)
    straight = Navigator(grid, policy=HazardPolicy(penalties={})).solve((2, 1, 10), (18, 1, 10), tolerance_xz=0)
    around = Navigator(grid).solve((2, 1, 10), (18, 1, 10), tolerance_xz=0)
    assert straight.cost == 16
    assert around.cost == 16 + 2 * 8
    assert (10, 1, 10) not in around.cells


def test_a_hazard_is_accepted_when_there_is_no_other_way() -> None:
    blocks = _floor(7)
    blocks[3, 0, :] = LAVA
    blocks[3, 0, 3] = SOLID
    way = Navigator(OccupancyGrid((0, 0, 0), blocks)).solve((1, 1, 3), (5, 1, 3), tolerance_xz=0)
    assert way.cost == 4 + 3 * 100


def test_risk_modes_scale_the_penalties() -> None:
    costs = {mode: HazardPolicy(risk_mode=mode).units("cactus") / 5 for mode in ("cautious", "normal", "aggressive")}
    assert costs == {"cautious": 30, "normal": 15, "aggressive": 7.6}  # rounded to the unit of 0.2, halves up


def test_the_default_penalties_are_the_documented_ones() -> None:
    assert dict(DEFAULT_PENALTIES) == {
        "lava_adjacent": 100, "cliff_lethal": 50, "hostile_zone": 20, "cactus": 15, "deep_water": 8, "dark_area": 5,
    }  # fmt: skip


def test_the_id_is_the_hash_of_the_content() -> None:
    one, same = HazardPolicy(), HazardPolicy.from_wire({"penalties": {k: int(v) for k, v in DEFAULT_PENALTIES.items()}})
    assert one.id == same.id
    assert one.id != HazardPolicy(risk_mode="cautious").id
    assert one.id.startswith("sha256:")
    assert HazardPolicy.from_wire(one.wire()) == one


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"penalties": {"lava_adjacent": -1}}, "lava_adjacent"),
        ({"penalties": {"lava_adjacent": float("nan")}}, "lava_adjacent"),
        ({"penalties": {"lava_adjacent": 1e12}}, "lava_adjacent"),
        ({"penalties": {"lava_adjacent": "much"}}, "lava_adjacent"),
        ({"penalties": {"bees": 3}}, "bees"),
        ({"penalties": []}, "penalties"),
        ({"riskMode": "bold"}, "riskMode"),
        ({"replanEscalation": "cry"}, "replanEscalation"),
        ({"maxReplans": -1}, "maxReplans"),
        ({"scanMargin": 10**9}, "scanMargin"),
        ({"speed": 3}, "speed"),
        ([], "object"),
    ],
)
def test_an_absurd_policy_is_refused_with_the_name_of_what_is_wrong(raw: object, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        HazardPolicy.from_wire(raw)
