"""The navigator: optimal, honest about what it cannot, and clear about what it was asked wrongly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from benchmarks._navigation_worlds import KINDS, make_world
from tools.prove.navigation import compare, compare_extended

from conscious_bot.sterling.errors import CellError, GridError, LimitError, SolverInputError
from conscious_bot.sterling.moves import MOVE_SETS
from conscious_bot.sterling.navigation import MAX_NODES, Navigator, warm_up
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.reference import Reference
from conscious_bot.sterling.units import UNITS_PER_COST
from conscious_bot.world.grid import AIR, SOLID, OccupancyGrid


def _plain(size: int = 16) -> OccupancyGrid:
    """A floor at height 0, air above."""
    blocks = np.zeros((size, 6, size), np.uint8)
    blocks[:, 0, :] = SOLID
    return OccupancyGrid((0, 0, 0), blocks)


@pytest.mark.requirement("STER-02", "STER-03")
def test_costs_equal_dijkstras_on_random_worlds_with_hazards_and_tolerances() -> None:
    """Over flat, hills and cave worlds; `make prove ARGS=navigation` asks ten thousand."""
    answers = list(compare(300, seed=7))
    assert [problem for _, problem in answers if problem] == []
    assert {status for status, _ in answers} == {"solved", "unreachable"}


@pytest.mark.requirement("STER-06")
def test_costs_of_extended_moves_equal_dijkstras() -> None:
    answers = list(compare_extended(3, seed=7))
    assert [problem for _, problem in answers if problem] == []
    assert {status for status, _ in answers} == {"solved", "unreachable"}


@pytest.mark.requirement("STER-02", "STER-06", "STER-09")
@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
@pytest.mark.parametrize("kind", KINDS)
def test_kernels_and_plain_python_give_the_same_answers(kind: str, moves: str) -> None:
    rng = np.random.default_rng(11)
    size = (12, 12, 12)
    for _ in range(2):
        grid = make_world(kind, size, rng, origin=(-5, 40, 7))
        layers = {"dark_area": rng.random(size) < 0.2}
        twin = Reference(grid, MOVE_SETS[moves], layers=layers)
        navigator = Navigator(grid, moves=moves, layers=layers)
        for _ in range(8):
            start, goal = ((-5 + int(a), 40 + int(b), 7 + int(c)) for a, b, c in rng.integers(0, size, (2, 3)))
            txz, ty = int(rng.integers(0, 4)), int(rng.integers(0, 3))
            way = navigator.solve(start, goal, tolerance_xz=txz, tolerance_y=ty, max_nodes=MAX_NODES)
            answer = twin.solve(start, goal, tolerance_xz=txz, tolerance_y=ty)
            amount = None if way.cost is None else round(way.cost * UNITS_PER_COST)
            assert (way.status, amount) == (answer.status, answer.amount)


@pytest.mark.requirement("STER-02")
def test_a_goal_counts_as_reached_within_its_tolerance_and_not_beyond() -> None:
    navigator = Navigator(_plain(), policy=HazardPolicy(penalties={}))
    for txz in (0, 1, 3):
        way = navigator.solve((1, 1, 1), (9, 1, 5), tolerance_xz=txz)
        assert way.cost == 8 + 4 - 2 * txz
        assert way.goal == way.cells[-1]
    assert navigator.solve((1, 1, 1), (1, 3, 1), tolerance_xz=1, tolerance_y=1).status == "unreachable"
    assert navigator.solve((1, 1, 1), (2, 1, 2)).primitives == ()


def test_a_goal_beyond_a_wall_is_refused_without_searching() -> None:
    blocks = _plain(64).blocks.copy()
    blocks[32, :, :] = SOLID
    way = Navigator(OccupancyGrid((0, 0, 0), blocks)).solve((1, 1, 1), (60, 1, 60))
    assert (way.status, way.nodes, way.cost, way.bound) == ("unreachable", 0, None, float("inf"))


def test_what_one_can_only_drop_into_is_found_but_the_way_out_is_refused_without_searching() -> None:
    blocks = np.zeros((40, 10, 40), np.uint8)
    blocks[:, :5, :] = SOLID
    blocks[20:30, 2:5, 20:30] = AIR  # three deep: too deep to jump out of
    navigator = Navigator(OccupancyGrid((0, 0, 0), blocks), moves="extended")
    assert navigator.solve((2, 5, 2), (25, 2, 25), tolerance_xz=0).status == "solved"
    way = navigator.solve((25, 2, 25), (2, 5, 2), tolerance_xz=0)
    assert (way.status, way.nodes) == ("unreachable", 0)
    navigator.update([((20, 2, 22), SOLID, True), ((20, 3, 22), SOLID, True), ((21, 2, 22), SOLID, True)])  # stairs
    assert navigator.solve((25, 2, 25), (2, 5, 2), tolerance_xz=0).status == "solved"


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
def test_whatever_cannot_be_reached_is_refused_without_searching(moves: str) -> None:
    """Whether one cell leads to another is known beforehand, also where the ground leads one way only."""
    rng = np.random.default_rng(3)
    refused = 0
    for kind in KINDS:
        navigator = Navigator(make_world(kind, (24, 20, 24), rng), moves=moves)
        spots = [cell for cell in np.ndindex(navigator.grid.size) if navigator.standable(cell)]
        for a, b in rng.integers(0, len(spots), (150, 2)).tolist():
            way = navigator.solve(spots[a], spots[b], tolerance_xz=0, max_nodes=MAX_NODES)
            assert (way.status == "unreachable") == (navigator.field(spots[a]).cost(spots[b]) is None)
            if way.status == "unreachable":
                assert way.nodes == 0
                refused += 1
    assert refused > 30


def test_nothing_leads_out_of_the_grid() -> None:
    navigator = Navigator(_plain(4))
    assert len(navigator.field((0, 1, 0))) == 16


@pytest.mark.requirement("STER-09")
def test_when_the_limit_is_hit_the_answer_says_so_and_bounds_the_cost() -> None:
    rng = np.random.default_rng(5)
    grid = make_world("hills", (80, 24, 80), rng)
    navigator = Navigator(grid, policy=HazardPolicy(penalties={}))
    cells = [cell for cell, _ in navigator.field(_any_cell(navigator))]
    start, goal = cells[0], cells[-1]
    exact = navigator.solve(start, goal, max_nodes=MAX_NODES)
    assert exact.cost is not None
    for limit in (1, 10, 100, exact.nodes - 1):
        way = navigator.solve(start, goal, max_nodes=limit)
        assert way.status == "budget"
        assert way.bound <= exact.cost
        assert way.nodes <= 2 * limit
        assert way.cost is None or way.cost >= exact.cost
    assert navigator.solve(start, goal, max_nodes=exact.nodes).status == "solved"


def _any_cell(navigator: Navigator) -> tuple[int, int, int]:
    dx, dy, dz = navigator.grid.size
    return max(
        (
            (x, y, z)
            for x in range(0, dx, 9)
            for y in range(dy)
            for z in range(0, dz, 9)
            if navigator.standable((x, y, z))
        ),
        key=lambda cell: len(navigator.field(cell)),
    )


def test_the_cheapest_of_many_goals_is_chosen() -> None:
    rng = np.random.default_rng(3)
    for kind in KINDS:
        grid = make_world(kind, (30, 16, 30), rng)
        navigator = Navigator(grid)
        spots = [
            (x, y, z) for x, y, z in rng.integers(0, (30, 16, 30), (400, 3)).tolist() if navigator.standable((x, y, z))
        ]
        costs = navigator.field(spots[0])
        for count in (1, 2, 7):
            goals = spots[1 : 1 + count]
            way = navigator.solve_any(spots[0], goals, max_nodes=MAX_NODES)
            least = min((c for c in map(costs.cost, goals) if c is not None), default=None)
            assert way.cost == least
            assert way.goal is None or way.goal in goals
    assert navigator.solve_any(spots[0], []).status == "unreachable"
    assert navigator.solve_any(spots[0], [spots[1], spots[0]]).cost == 0


def test_a_body_that_stands_at_an_edge_starts_with_a_step() -> None:
    blocks = np.zeros((5, 6, 3), np.uint8)
    blocks[:3, 0, :] = SOLID
    way = Navigator(OccupancyGrid((0, 0, 0), blocks), policy=HazardPolicy(penalties={})).solve(
        (3, 1, 1), (0, 1, 1), tolerance_xz=0
    )
    assert (way.status, way.cost, [p.op for p in way.primitives]) == ("solved", 3.0, ["walk_W"] * 3)


def test_snap_finds_the_cell_a_body_stands_in() -> None:
    navigator = Navigator(_plain())
    assert navigator.snap((3, 1, 3)) == (3, 1, 3)
    assert navigator.snap((3, 0, 3)) == (3, 1, 3)  # feet within a low block
    assert navigator.snap((3, 2, 3)) == (3, 1, 3)  # in the air
    assert navigator.snap((3, 5, 3)) is None


def test_questions_from_many_threads_get_the_costs_they_get_one_by_one() -> None:
    """Which of several cheapest ways it is depends on the landmarks there are by then."""
    from concurrent.futures import ThreadPoolExecutor

    navigator = Navigator(make_world("hills", (64, 24, 64), np.random.default_rng(2)))
    spots = [cell for cell, _ in navigator.field(_any_cell(navigator))]
    pairs = [(spots[i], spots[-1 - i]) for i in range(0, len(spots) // 2, max(1, len(spots) // 40))]
    alone = [navigator.solve(a, b).cost for a, b in pairs]
    assert None not in alone
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: navigator.solve(*pair).cost, pairs * 3))
    assert together == alone * 3


@pytest.mark.parametrize(
    ("question", "error", "says"),
    [
        ({"start": (0, 1, 99)}, CellError, "start"),
        ({"goal": (0, -1, 0)}, CellError, "goal"),
        ({"goal": (0.5, 1, 0)}, CellError, "goal"),
        ({"goal": (10**12, 1, 0)}, CellError, "goal"),
        ({"goal": "here"}, CellError, "goal"),
        ({"tolerance_xz": -1}, LimitError, "toleranceXZ"),
        ({"tolerance_y": 1.5}, LimitError, "toleranceY"),
        ({"max_nodes": 0}, LimitError, "maxNodes"),
        ({"max_nodes": 10**30}, LimitError, "maxNodes"),
    ],
)
def test_a_malformed_question_is_refused_with_the_name_of_what_is_wrong(
    question: dict[str, Any], error: type[Exception], says: str
) -> None:
    arguments: dict[str, Any] = {"start": (1, 1, 1), "goal": (5, 1, 5)} | question
    with pytest.raises(error, match=says) as caught:
        Navigator(_plain()).solve(**arguments)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, SolverInputError)


def test_a_grid_without_any_floor_is_no_trouble() -> None:
    navigator = Navigator(OccupancyGrid((0, 0, 0), np.full((3, 3, 3), AIR, np.uint8)))
    assert navigator.nodes == 0
    assert navigator.solve((0, 0, 0), (2, 2, 2), tolerance_xz=0).status == "unreachable"
    assert len(navigator.field((0, 0, 0))) == 0


def test_layers_must_fit_and_mean_something() -> None:
    with pytest.raises(GridError, match="dark_area"):
        Navigator(_plain(), layers={"dark_area": np.zeros((2, 2, 2), np.bool_)})
    with pytest.raises(SolverInputError, match="fog"):
        Navigator(_plain(), layers={"fog": np.zeros((16, 6, 16), np.bool_)})


def test_warming_up_needs_nothing_and_can_be_repeated() -> None:
    warm_up()
    warm_up()
