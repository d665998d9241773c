"""Each phase 1 move: its cost, its clearance cell by cell, in all four directions."""

from __future__ import annotations

import numpy as np
import pytest

from conscious_bot.sterling.moves import DESCEND, JUMP_UP, PHASE1, WALK, Move
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import AIR, HAZARD, LADDER, LAVA, SOLID, WATER, OccupancyGrid

pytestmark = pytest.mark.requirement("STER-02")

_NO_HAZARDS = HazardPolicy(penalties={})
_START = (3, 3, 3)
_HEADINGS = {"N": (0, -1), "S": (0, 1), "E": (1, 0), "W": (-1, 0)}


def _room(move: Move, heading: str) -> tuple[np.ndarray, tuple[int, int, int]]:
    """The least world in which the move is possible: everything solid but what it needs."""
    blocks = np.full((7, 8, 7), SOLID, np.uint8)
    x, y, z = _START
    ax, az = _HEADINGS[heading]
    blocks[x, y, z] = blocks[x, y + 1, z] = AIR
    up = move.to[1]
    to = (x + ax, y + up, z + az)
    for level in range(min(0, up), max(0, up) + 2):
        if level >= up:
            blocks[to[0], y + level, to[2]] = AIR
    if up > 0:
        blocks[x, y + 2, z] = AIR
    return blocks, to


@pytest.mark.parametrize("heading", sorted(_HEADINGS))
@pytest.mark.parametrize(
    ("move", "cost"), [(WALK, 1.0), (JUMP_UP, 2.0), (DESCEND, 0.8)], ids=lambda v: getattr(v, "name", v)
)
def test_a_move_costs_what_is_documented_and_is_named_by_its_direction(move: Move, cost: float, heading: str) -> None:
    blocks, to = _room(move, heading)
    way = Navigator(OccupancyGrid((0, 0, 0), blocks), policy=_NO_HAZARDS).solve(_START, to, tolerance_xz=0)
    assert (way.status, way.cost) == ("solved", cost)
    assert [(p.op, p.to) for p in way.primitives] == [(f"{move.name}_{heading}", to)]
    assert way.primitives[0].move == move.name


@pytest.mark.parametrize("heading", sorted(_HEADINGS))
@pytest.mark.parametrize("move", PHASE1.moves, ids=lambda m: m.name)
def test_a_move_is_refused_when_any_cell_of_its_clearance_is_anything_but_air(move: Move, heading: str) -> None:
    blocks, to = _room(move, heading)
    for cell in np.argwhere(blocks == AIR).tolist():
        if tuple(cell) in {_START, (3, 4, 3)}:
            continue
        for kind in (SOLID, WATER, LAVA, LADDER, HAZARD):
            changed = blocks.copy()
            changed[tuple(cell)] = kind
            way = Navigator(OccupancyGrid((0, 0, 0), changed), policy=_NO_HAZARDS).solve(_START, to, tolerance_xz=0)
            assert way.status == "unreachable", (cell, kind)


@pytest.mark.parametrize("move", PHASE1.moves, ids=lambda m: m.name)
@pytest.mark.parametrize("kind", [AIR, WATER, LAVA, LADDER, HAZARD])
def test_a_move_needs_a_solid_floor_where_it_lands(move: Move, kind: int) -> None:
    blocks, to = _room(move, "E")
    blocks[to[0], to[1] - 1, to[2]] = kind
    way = Navigator(OccupancyGrid((0, 0, 0), blocks), policy=_NO_HAZARDS).solve(_START, to, tolerance_xz=0)
    assert way.status == "unreachable"


@pytest.mark.parametrize("move", PHASE1.moves, ids=lambda m: m.name)
def test_a_fence_stops_a_body_but_is_no_floor(move: Move) -> None:
    blocks, to = _room(move, "E")
    floors = np.ones(blocks.shape, np.bool_)
    floors[to[0], to[1] - 1, to[2]] = False
    way = Navigator(OccupancyGrid((0, 0, 0), blocks, floors), policy=_NO_HAZARDS).solve(_START, to, tolerance_xz=0)
    assert way.status == "unreachable"
