"""Each extended move is found where it is the only way, at its cost in game time, and refused when blocked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from conscious_bot.sterling.moves import EXTENDED
from conscious_bot.sterling.navigation import Navigator, Way
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.units import WALK_SECONDS
from conscious_bot.world.grid import AIR, LADDER, LAVA, SOLID, WATER, OccupancyGrid

pytestmark = pytest.mark.requirement("STER-06")

Cell = tuple[int, int, int]
_BODY = {(2, 12, 2): AIR, (2, 13, 2): AIR}
_START = (2, 12, 2)
_DIAGONAL = 2**0.5 * WALK_SECONDS


def _open(*cells: Cell) -> dict[Cell, int]:
    return {**_BODY, **dict.fromkeys(cells, AIR)}


def _shaft(x: int, z: int, low: int, high: int) -> tuple[Cell, ...]:
    return tuple((x, y, z) for y in range(low, high + 1))


_CASES: dict[str, tuple[Mapping[Cell, int], Cell, float]] = {
    # op: what is not solid, where it ends, seconds
    "diagonal_SE": (_open(*_shaft(3, 3, 12, 13), *_shaft(3, 2, 12, 13), *_shaft(2, 3, 12, 13)), (3, 12, 3), _DIAGONAL),
    "diagonal_NW": (_open(*_shaft(1, 1, 12, 13), *_shaft(1, 2, 12, 13), *_shaft(2, 1, 12, 13)), (1, 12, 1), _DIAGONAL),
    "fall_2_E": (_open(*_shaft(3, 2, 10, 13)), (3, 10, 2), 0.47),
    "fall_3_W": (_open(*_shaft(1, 2, 9, 13)), (1, 9, 2), 0.55),
    "dive_1_S": ({**_open(*_shaft(2, 3, 12, 13)), (2, 11, 3): WATER}, (2, 11, 3), 0.37),
    "dive_8_N": ({**_open(*_shaft(2, 1, 5, 13)), (2, 4, 1): WATER}, (2, 4, 1), 0.82),
    "swim_E": ({**_open((3, 13, 2)), (3, 12, 2): WATER}, (3, 12, 2), 1 / 2.2),
    "climb_E": ({**_open((3, 13, 2)), (3, 12, 2): LADDER}, (3, 12, 2), WALK_SECONDS),
    "mount_S": ({**_open(*_shaft(2, 3, 12, 13)), (2, 11, 3): LADDER}, (2, 11, 3), 0.35),
    "gap_1_E": (_open(*_shaft(2, 2, 14, 14), *_shaft(3, 2, 2, 14), *_shaft(4, 2, 12, 14)), (4, 12, 2), 0.6),
    "gap_2_E": (
        _open(*_shaft(2, 2, 14, 14), *_shaft(3, 2, 2, 14), *_shaft(4, 2, 2, 14), *_shaft(5, 2, 12, 14)),
        (5, 12, 2), 0.72,
    ),
    "gap_3_S": (
        _open(*_shaft(2, 2, 14, 14), *(c for z in (3, 4, 5) for c in _shaft(2, z, 2, 14)), *_shaft(2, 6, 12, 14)),
        (2, 12, 6), 0.83,
    ),
}  # fmt: skip


def _solve(cells: Mapping[Cell, int], start: Cell, to: Cell) -> Way:
    blocks = np.full((8, 18, 8), SOLID, np.uint8)
    for cell, kind in cells.items():
        blocks[cell] = kind
    return Navigator(OccupancyGrid((0, 0, 0), blocks), policy=HazardPolicy(penalties={}), moves=EXTENDED).solve(
        start, to, tolerance_xz=0
    )


@pytest.mark.parametrize("op", sorted(_CASES))
def test_a_move_is_found_and_costs_its_time(op: str) -> None:
    cells, to, seconds = _CASES[op]
    way = _solve(cells, _START, to)
    assert [p.op for p in way.primitives][-1] == op or op.startswith("diagonal")
    if op.startswith("diagonal"):
        assert [p.op for p in way.primitives] == [op]
    assert way.cost is not None
    assert abs(way.cost * WALK_SECONDS - seconds) < 0.15 * WALK_SECONDS


@pytest.mark.parametrize("op", sorted(_CASES))
@pytest.mark.parametrize("kind", [SOLID, LAVA])
def test_a_move_is_refused_when_a_cell_it_passes_is_blocked(op: str, kind: int) -> None:
    cells, to, _ = _CASES[op]
    height = 12 if op.startswith("gap") else 0  # what lies below a gap does not matter
    for cell in cells:
        if cell in _BODY or cell[1] < height:
            continue
        way = _solve({**cells, cell: kind}, _START, to)
        assert op not in [p.op for p in way.primitives], cell


def test_a_ladder_is_climbed_to_the_top_and_left() -> None:
    cells = {**_open(*_shaft(2, 3, 17, 17), *_shaft(3, 3, 16, 17))} | {(2, y, 3): LADDER for y in range(12, 17)}
    way = _solve(cells, _START, (3, 16, 3))
    assert [p.op for p in way.primitives] == ["climb_S", *["climb_U"] * 4, "walk_E"]
    back = _solve(cells, (3, 16, 3), _START)
    assert [p.op for p in back.primitives] == ["climb_W", *["climb_D"] * 4, "walk_N"]


def test_water_is_crossed_and_left_onto_the_bank() -> None:
    cells = {**_open(*((x, y, 2) for x in range(2, 7) for y in (13, 14))), (2, 12, 2): SOLID, (6, 12, 2): SOLID}
    cells |= {(x, 12, 2): WATER for x in (3, 4, 5)}
    way = _solve(cells, (2, 13, 2), (6, 13, 2))
    assert way.status == "solved"
    assert [p.move for p in way.primitives] in (["dive_1", "swim", "swim", "jump_up"], ["gap_3"])


def test_a_fall_of_four_onto_the_ground_is_never_taken() -> None:
    assert _solve(_open(*_shaft(3, 2, 8, 13)), _START, (3, 8, 2)).status == "unreachable"
