"""Whatever is asked: an answer that the plain Python twin gives too, or a refusal that names what is wrong."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscious_bot.sterling.bundle import SolveBundle, replay
from conscious_bot.sterling.errors import GridError, PolicyError, SolverInputError
from conscious_bot.sterling.learning import Weights
from conscious_bot.sterling.moves import MOVE_SETS
from conscious_bot.sterling.navigation import MAX_NODES, Navigator
from conscious_bot.sterling.payload import NavigationProblem, solve_bundle
from conscious_bot.sterling.policy import HAZARDS, HazardPolicy
from conscious_bot.sterling.reference import Reference
from conscious_bot.sterling.units import MAX_PENALTY, UNITS_PER_COST
from conscious_bot.world.grid import MAX_CELLS, OccupancyGrid

pytestmark = pytest.mark.requirement("STER-01", "STER-02", "STER-09")

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NUMBER = st.integers(-3, 9) | st.integers() | st.floats() | st.text(max_size=3) | st.none() | st.booleans()
_CELL = st.fixed_dictionaries({"x": _NUMBER, "y": _NUMBER, "z": _NUMBER}) | _JSON


@st.composite
def _payloads(draw: st.DrawFn) -> Any:
    """A payload that is right, with a few of its parts replaced by anything."""
    dx, dy, dz = (draw(st.integers(1, 5)) for _ in range(3))
    cells = bytes(draw(st.lists(st.integers(0, 6), min_size=dx * dy * dz, max_size=dx * dy * dz)))
    grid: dict[str, Any] = {
        "origin": {"x": 0, "y": 0, "z": 0},
        "size": {"dx": dx, "dy": dy, "dz": dz},
        "blocks": base64.b64encode(cells).decode(),
    }
    raw: dict[str, Any] = {
        "occupancyGrid": grid,
        "start": {axis: draw(st.integers(0, n - 1)) for axis, n in zip("xyz", (dx, dy, dz), strict=True)},
        "goal": {axis: draw(st.integers(0, n - 1)) for axis, n in zip("xyz", (dx, dy, dz), strict=True)},
        "moves": draw(st.sampled_from(sorted(MOVE_SETS))),
    }
    for _ in range(draw(st.integers(0, 2))):
        part = draw(st.sampled_from(["origin", "size", "blocks", "start", "goal", "other"]))
        if part in grid:
            grid[part] = draw(_CELL)
        elif part == "other":
            names = ["moves", "toleranceXZ", "toleranceY", "maxNodes", "hazardPolicy", "useLearning", "learned", "fog"]
            raw[draw(st.sampled_from(names))] = draw(_NUMBER | _JSON)
        else:
            raw[part] = draw(_CELL)
    return raw


@settings(max_examples=400, deadline=None)
@given(_payloads() | _JSON)
def test_any_payload_is_answered_as_a_bundle_that_replays_or_refused_with_a_message(raw: Any) -> None:
    try:
        bundle = solve_bundle(raw)
    except SolverInputError as error:
        bundle, refusal = None, str(error)
    else:
        refusal = ""
    assert (bundle is None) == bool(refusal)
    if bundle is None:
        return
    assert replay(SolveBundle.from_wire(json.loads(json.dumps(bundle.wire()))), solve_bundle) == []
    assert bundle.result["status"] in ("solved", "unreachable", "budget")
    problem = NavigationProblem.from_wire(raw)
    if bundle.result["status"] == "solved":
        end = bundle.result["primitives"][-1]["to"] if bundle.result["primitives"] else list(problem.start)
        assert max(abs(end[0] - problem.goal[0]), abs(end[2] - problem.goal[2])) <= problem.tolerance_xz
        assert abs(end[1] - problem.goal[1]) <= problem.tolerance_y


@st.composite
def _grids(draw: st.DrawFn) -> OccupancyGrid:
    shape = tuple(draw(st.integers(1, n)) for n in (6, 7, 6))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    air = draw(st.sampled_from([0.2, 0.5, 0.8]))
    others = (1 - air) / 5
    blocks = rng.choice(6, shape, p=[air, *[others] * 5]).astype(np.uint8)
    floors = rng.random(shape) < 0.8 if draw(st.booleans()) else None
    return OccupancyGrid((-2, 60, 5), blocks, floors)


@settings(max_examples=150, deadline=None)
@given(_grids(), st.sampled_from(sorted(MOVE_SETS)), st.data())
def test_any_grid_is_searched_as_the_plain_twin_searches_it(
    grid: OccupancyGrid, moves: str, data: st.DataObject
) -> None:
    mode = data.draw(st.sampled_from(["cautious", "normal", "aggressive"]))
    penalties = data.draw(st.dictionaries(st.sampled_from(HAZARDS), st.sampled_from([0.0, 0.3, 7.0, MAX_PENALTY])))
    policy = HazardPolicy(risk_mode=mode, penalties=penalties)
    navigator, twin = Navigator(grid, moves=moves, policy=policy), Reference(grid, MOVE_SETS[moves], policy)
    cell = st.tuples(*(st.integers(o, o + n - 1) for o, n in zip(grid.origin, grid.size, strict=True)))
    for _ in range(3):
        start, goal = data.draw(cell), data.draw(cell)
        txz, ty = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 4))
        way = navigator.solve(start, goal, tolerance_xz=txz, tolerance_y=ty, max_nodes=MAX_NODES)
        answer = twin.solve(start, goal, tolerance_xz=txz, tolerance_y=ty)
        assert (way.status, None if way.cost is None else round(way.cost * UNITS_PER_COST)) == (
            answer.status,
            answer.amount,
        )


@pytest.mark.parametrize(
    "size",
    [
        {"dx": 10**9, "dy": 1, "dz": 1},
        {"dx": 2**31, "dy": 2**31, "dz": 2**31},
        {"dx": MAX_CELLS, "dy": 2, "dz": 1},
        {"dx": -1, "dy": 4, "dz": 4},
        {"dx": 1, "dy": 1, "dz": MAX_CELLS},
    ],
)
def test_a_huge_scan_is_refused_before_anything_is_made_for_it(size: dict[str, int]) -> None:
    grid = {"origin": {"x": 0, "y": 0, "z": 0}, "size": size, "blocks": "AAAA"}
    tracemalloc.start()
    with pytest.raises(GridError):
        NavigationProblem.from_wire({"occupancyGrid": grid, "start": [0, 0, 0], "goal": [0, 0, 0]})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_text_longer_than_the_grid_is_refused_before_it_is_decoded() -> None:
    grid = {"origin": {"x": 0, "y": 0, "z": 0}, "size": {"dx": 2, "dy": 2, "dz": 2}, "blocks": "A" * (1 << 24)}
    with pytest.raises(GridError, match="longer"):
        NavigationProblem.from_wire({"occupancyGrid": grid, "start": [0, 0, 0], "goal": [0, 0, 0]})


def test_a_grid_longer_than_places_can_be_counted_is_refused() -> None:
    with pytest.raises(GridError, match="32767"):
        Navigator(OccupancyGrid((0, 0, 0), np.zeros((40_000, 3, 1), np.uint8)))
    assert Navigator(OccupancyGrid((0, 0, 0), np.zeros((32_767, 3, 1), np.uint8))).nodes == 0


@pytest.mark.parametrize("penalty", [MAX_PENALTY * 2, -0.1, float("inf"), 1e300])
def test_an_absurd_cost_is_refused(penalty: float) -> None:
    with pytest.raises(PolicyError, match="cactus"):
        HazardPolicy(penalties={"cactus": penalty})


def test_the_dearest_costs_that_are_accepted_are_searched_in_bounded_memory() -> None:
    """Every hazard at its most everywhere, and every multiplier at its most on top."""
    blocks = np.zeros((12, 6, 12), np.uint8)
    blocks[:, 0, :] = 1
    blocks[::3, 1, ::3] = 5
    blocks[1::5, 0, 1::5] = 3
    layers = {"hostile_zone": np.ones(blocks.shape, np.bool_), "dark_area": np.ones(blocks.shape, np.bool_)}
    policy = HazardPolicy(risk_mode="cautious", penalties=dict.fromkeys(HAZARDS, MAX_PENALTY))
    grid = OccupancyGrid((0, 0, 0), blocks)
    cells = [(x, 1, z) for x in range(12) for z in range(12)]
    learned = Weights(256.0, (), tuple((cell, 256.0) for cell in cells))
    tracemalloc.start()
    way = Navigator(grid, policy=policy, layers=layers, learned=learned).solve((1, 1, 2), (10, 1, 10))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    plain = Navigator(grid, policy=policy, layers=layers).solve((1, 1, 2), (10, 1, 10))
    assert (way.status, plain.status) == ("solved", "solved")
    assert plain.cost is not None
    assert way.cost is not None
    assert way.cost >= plain.cost
    assert peak < 300 << 20
