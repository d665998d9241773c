"""Blocks that change: the mended graph answers like one built anew, and fields lead to the goal from anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks._navigation_worlds import KINDS, make_world

from conscious_bot.sterling.errors import GridError, StaleError
from conscious_bot.sterling.moves import MOVE_SETS
from conscious_bot.sterling.navigation import MAX_NODES, Navigator
from conscious_bot.world.grid import AIR, SOLID, OccupancyGrid

pytestmark = pytest.mark.requirement("STER-09")

_SIZE = (18, 14, 18)


def _places(navigator: Navigator) -> list[tuple[int, int, int]]:
    return [cell for cell in np.ndindex(_SIZE) if navigator.standable(cell)]


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
@pytest.mark.parametrize("kind", KINDS)
def test_after_changes_every_cost_is_that_of_a_navigator_built_anew(kind: str, moves: str) -> None:
    rng = np.random.default_rng(17)
    grid = make_world(kind, _SIZE, rng)
    before = grid.blocks.copy()
    layers = {"dark_area": rng.random(_SIZE) < 0.2}
    navigator = Navigator(grid, moves=moves, layers=layers)
    for _ in range(12):
        cells = rng.integers(0, _SIZE, (int(rng.integers(1, 6)), 3)).tolist()
        kinds = rng.integers(0, 6, len(cells)).tolist()
        navigator.update([((x, y, z), k, bool(rng.random() < 0.9)) for (x, y, z), k in zip(cells, kinds, strict=True)])
        anew = Navigator(navigator.grid, moves=moves, layers=layers)
        places = _places(anew)
        assert _places(navigator) == places
        assert navigator.nodes == anew.nodes
        for i in rng.integers(0, len(places), 4).tolist():
            assert dict(navigator.field(places[i])) == dict(anew.field(places[i]))
            goal = places[int(rng.integers(0, len(places)))]
            mended, fresh = (n.solve(places[i], goal, max_nodes=MAX_NODES) for n in (navigator, anew))
            assert (mended.status, mended.cost) == (fresh.status, fresh.cost)
    assert np.array_equal(grid.blocks, before)  # the caller's grid is the caller's


def test_many_changes_at_once_are_no_trouble() -> None:
    rng = np.random.default_rng(4)
    navigator = Navigator(OccupancyGrid((0, 0, 0), np.full((20, 20, 20), AIR, np.uint8)))
    assert navigator.nodes == 0
    cells = [(x, y, z) for x in range(20) for y in range(0, 20, 3) for z in range(20) if rng.random() < 0.8]
    navigator.update([(cell, SOLID, True) for cell in cells])
    assert navigator.nodes == Navigator(navigator.grid).nodes > 1000


def test_a_wall_that_is_built_and_torn_down_again_bars_the_way_and_frees_it() -> None:
    blocks = np.zeros((40, 6, 40), np.uint8)
    blocks[:, 0, :] = SOLID
    navigator = Navigator(OccupancyGrid((0, 0, 0), blocks))
    wall = [(20, y, z) for y in range(1, 6) for z in range(40)]
    ask = (1, 1, 1), (38, 1, 38)
    assert navigator.solve(*ask).status == "solved"
    navigator.update([(cell, SOLID, True) for cell in wall])
    assert navigator.solve(*ask).status == "unreachable"
    again = navigator.solve(*ask)
    assert (again.status, again.nodes) == ("unreachable", 0)  # the first search has learned that the parts are two
    navigator.update([((20, y, 7), AIR, False) for y in range(1, 6)])
    way = navigator.solve(*ask)
    assert way.status == "solved"
    assert (20, 1, 7) in way.cells


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
def test_a_half_that_is_cut_off_is_refused_soon_and_from_the_next_change_on_at_once(moves: str) -> None:
    blocks = np.zeros((140, 6, 140), np.uint8)
    blocks[:, 0, :] = SOLID
    navigator = Navigator(OccupancyGrid((0, 0, 0), blocks), moves=moves)
    navigator.update([((100, y, z), SOLID, True) for y in range(1, 6) for z in range(140)])
    way = navigator.solve((1, 1, 1), (138, 1, 138), max_nodes=MAX_NODES)
    assert way.status == "unreachable"
    assert 0 < way.nodes <= 8192  # of the 14,000 cells of rest on its side
    near = navigator.solve((1, 1, 1), (90, 1, 138), max_nodes=MAX_NODES)
    assert (near.status, near.cost) == (
        "solved",
        Navigator(navigator.grid, moves=moves).solve(near.start, (90, 1, 138), max_nodes=MAX_NODES).cost,
    )
    navigator.update([((5, 1, 5), SOLID, True)])
    again = navigator.solve((138, 1, 138), (1, 1, 1), max_nodes=MAX_NODES)
    assert (again.status, again.nodes) == ("unreachable", 0)


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
def test_a_goal_that_is_walled_in_is_refused_without_searching_everything(moves: str) -> None:
    blocks = np.zeros((64, 6, 64), np.uint8)
    blocks[:, 0, :] = SOLID
    navigator = Navigator(OccupancyGrid((0, 0, 0), blocks), moves=moves)
    ring = [(x, y, z) for x in range(40, 46) for z in range(40, 46) for y in range(1, 6) if {x, z} & {40, 45}]
    navigator.update([(cell, SOLID, True) for cell in ring])
    way = navigator.solve((1, 1, 1), (42, 1, 42), tolerance_xz=0)
    assert (way.status, way.nodes) == ("unreachable", 0)
    assert navigator.solve((41, 1, 41), (42, 1, 44), tolerance_xz=0).status == "solved"
    navigator.update([((40, y, 42), AIR, False) for y in range(1, 6)])
    assert navigator.solve((1, 1, 1), (42, 1, 42), tolerance_xz=0).status == "solved"


def test_a_change_must_mean_something() -> None:
    navigator = Navigator(OccupancyGrid((0, 0, 0), np.zeros((4, 4, 4), np.uint8)))
    navigator.update([((99, 0, 0), SOLID, True)])
    with pytest.raises(GridError, match="class 6"):
        navigator.update([((0, 0, 0), 6, True)])


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
def test_a_goal_field_gives_the_cheapest_way_from_everywhere(moves: str) -> None:
    rng = np.random.default_rng(23)
    for kind in KINDS:
        navigator = Navigator(make_world(kind, _SIZE, rng, origin=(5, -3, 8)), moves=moves)
        places = [(x + 5, y - 3, z + 8) for x, y, z in np.ndindex(_SIZE) if navigator.standable((x + 5, y - 3, z + 8))]
        goal = places[int(rng.integers(0, len(places)))]
        field = navigator.field_to(goal)
        for i in rng.integers(0, len(places), 40).tolist():
            asked = navigator.solve(places[i], goal, max_nodes=MAX_NODES)
            way = field.way(places[i])
            assert field.cost(places[i]) == asked.cost == (None if way is None else way.cost)
            if way is not None:
                assert way.goal == (way.cells[-1] if way.cells else places[i])
                assert navigator.solve(places[i], way.goal, tolerance_xz=0, max_nodes=MAX_NODES).cost == way.cost


def test_a_goal_field_is_not_followed_after_a_change() -> None:
    blocks = np.zeros((8, 6, 8), np.uint8)
    blocks[:, 0, :] = SOLID
    navigator = Navigator(OccupancyGrid((0, 0, 0), blocks))
    field = navigator.field_to((7, 1, 7))
    assert field.current
    navigator.update([((3, 1, 3), SOLID, True)])
    assert not field.current
    with pytest.raises(StaleError):
        field.way((1, 1, 1))
