"""Path algebra: what walking teaches changes the route, is kept between runs, and never breaks optimality."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from benchmarks._navigation_worlds import KINDS, make_world

from conscious_bot.contracts import Event, EventType
from conscious_bot.memory.journal import Journal
from conscious_bot.memory.ways import load_ways, save_ways
from conscious_bot.sterling.bundle import replay
from conscious_bot.sterling.errors import SolverInputError
from conscious_bot.sterling.learning import CHUNKS, HALF_LIFE_S, NOVELTY, PathMemory, Weights
from conscious_bot.sterling.moves import MOVE_SETS
from conscious_bot.sterling.navigation import MAX_NODES, Navigator
from conscious_bot.sterling.payload import solve_bundle
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.reference import Reference
from conscious_bot.world.grid import SOLID, OccupancyGrid

pytestmark = pytest.mark.requirement("STER-05")

_FREE = HazardPolicy(penalties={})


def _corridors() -> OccupancyGrid:
    """From west to east a straight corridor along z = 5, and a longer one round it along z = 2."""
    blocks = np.full((30, 5, 9), SOLID, np.uint8)
    for z in (2, 5):
        blocks[:, 1:3, z] = 0
    blocks[0, 1:3, 2:6] = 0
    blocks[29, 1:3, 2:6] = 0
    return OccupancyGrid((100, 60, -20), blocks)


_START, _GOAL = (100, 61, -15), (129, 61, -15)
_TRAP = (114, 61, -15)
"""The scan says it is free, and whoever walks there gets stuck."""


def _live(memory: PathMemory, journal: Journal, *, learning: bool, journeys: int, at: float) -> list[int]:
    """Journeys from start to goal with at most five plans each; how often each ran into the trap."""
    grid = _corridors()
    failures: list[int] = []
    for journey in range(journeys):
        now = at + journey * 60.0
        here, count = _START, 0
        for _ in range(5):
            learned = memory.weights(grid, now) if learning else None
            way = Navigator(grid, policy=_FREE, learned=learned).solve(here, _GOAL, tolerance_xz=0)
            cells = (here, *way.cells)
            stop = cells.index(_TRAP) if _TRAP in cells else len(cells)
            memory.walked(cells[:stop], now)
            here = cells[stop - 1]
            if stop == len(cells):
                break
            memory.failed(_TRAP, now)
            count += 1
        failures.append(count)
        save_ways(journal, memory)
        journal.append(Event(type=EventType.SIGNAL, at=now, data={"journey": journey}))
    return failures


def test_a_hidden_trap_is_run_into_once_and_avoided_from_then_on_also_after_a_restart(tmp_path: Path) -> None:
    place = tmp_path / "journal.sqlite"
    with Journal.open(place) as journal:
        assert _live(load_ways(journal), journal, learning=True, journeys=4, at=0.0) == [1, 0, 0, 0]
    with Journal.open(place) as journal:
        assert _live(load_ways(journal), journal, learning=True, journeys=2, at=300.0) == [0, 0]
    with Journal.open(tmp_path / "other.sqlite") as journal:
        assert _live(PathMemory(), journal, learning=False, journeys=3, at=0.0) == [5, 5, 5]


def test_declared_and_learned_cost_are_told_apart() -> None:
    grid, memory = _corridors(), PathMemory()
    optimal = Navigator(grid, policy=_FREE).solve(_START, _GOAL, tolerance_xz=0)
    assert (optimal.cost, optimal.learned_cost) == (29.0, 29.0)
    memory.failed(_TRAP, 0.0)
    way = Navigator(grid, policy=_FREE, learned=memory.weights(grid, 0.0)).solve(_START, _GOAL, tolerance_xz=0)
    assert way.cost == 35.0
    assert way.learned_cost is not None
    assert way.learned_cost == way.bound == pytest.approx(35.0 * (1 + NOVELTY))


def test_what_was_learned_fades_and_a_success_forgives() -> None:
    grid, memory = _corridors(), PathMemory()
    memory.failed(_TRAP, 0.0)
    factors = [dict(memory.weights(grid, t).spots)[_TRAP] for t in (0.0, HALF_LIFE_S, 10 * HALF_LIFE_S)]
    assert factors[0] > 50
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] < 1.1
    before = (113, 61, -15)
    for _ in range(3):
        memory.walked((before, _TRAP), 0.0)
    assert dict(memory.weights(grid, 0.0).spots)[_TRAP] < factors[0] / 2


def test_the_way_that_is_known_is_taken_where_two_cost_the_same() -> None:
    blocks = np.zeros((12, 5, 12), np.uint8)
    blocks[:, 0, :] = SOLID
    grid = OccupancyGrid((0, 0, 0), blocks)
    memory = PathMemory()
    known = [(1, 1, 1)]
    while known[-1] != (9, 1, 9):
        x, y, z = known[-1]
        known.append((x + 1, y, z) if ((x + z) % 3 and x < 9) or z == 9 else (x, y, z + 1))
    for now in range(5):
        memory.walked(known, float(now))
    way = Navigator(grid, learned=memory.weights(grid, 5.0)).solve((1, 1, 1), (9, 1, 9), tolerance_xz=0)
    assert (way.start, *way.cells) == tuple(known)
    assert way.cost == 16.0


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
def test_with_learning_the_learned_cost_is_the_least_there_is(moves: str) -> None:
    """Against Dijkstra written out over the plain twin's edges with the same multipliers."""
    import heapq

    rng = np.random.default_rng(31)
    for kind in KINDS:
        grid = make_world(kind, (12, 12, 12), rng)
        twin = Reference(grid, MOVE_SETS[moves])
        places = [cell for cell in np.ndindex(grid.size) if twin.rests(cell)]
        memory = PathMemory()
        for cell in places:
            steps = sorted(twin.neighbours(cell))
            if steps and rng.random() < 0.5:
                memory.walked((cell, steps[int(rng.integers(len(steps)))][1]), 0.0)
            if rng.random() < 0.2:
                memory.failed(cell, 0.0)
        weights = memory.weights(grid, 100.0)
        edges, spots = dict(weights.edges), dict(weights.spots)
        navigator = Navigator(grid, moves=moves, learned=weights)
        for i in rng.integers(0, len(places), 6).tolist():
            best = {places[i]: 0}
            waiting = [(0, places[i])]
            while waiting:
                g, cell = heapq.heappop(waiting)
                if g > best[cell]:
                    continue
                for _, to, cost in twin.neighbours(cell):
                    factor = edges.get((cell, to), weights.default) * spots.get(to, 1.0)
                    new = g + int(np.ceil(cost * factor * 20 - 1e-6))
                    if new < best.get(to, 1 << 60):
                        best[to] = new
                        heapq.heappush(waiting, (new, to))
            for j in rng.integers(0, len(places), 6).tolist():
                way = navigator.solve(places[i], places[j], tolerance_xz=0, max_nodes=MAX_NODES)
                found = None if way.learned_cost is None else round(way.learned_cost * 100)
                assert found == best.get(places[j])


def test_a_bundle_with_learning_holds_what_was_learned_and_replays() -> None:
    grid, memory = _corridors(), PathMemory()
    memory.failed(_TRAP, 0.0)
    payload = {
        "occupancyGrid": grid.wire(),
        "start": dict(zip("xyz", _START, strict=True)),
        "goal": dict(zip("xyz", _GOAL, strict=True)),
        "toleranceXZ": 0,
        "hazardPolicy": {"penalties": {}},
    }
    learned = solve_bundle({**payload, "useLearning": True}, (memory, 0.0))
    assert learned.result["cost"] == 35.0
    assert replay(learned, solve_bundle) == []
    assert solve_bundle({**payload, "useLearning": False}, (memory, 0.0)).result["cost"] == 29.0


def test_of_a_long_life_the_chunks_walked_last_are_remembered_also_after_a_restart(tmp_path: Path) -> None:
    memory, path = PathMemory(), tmp_path / "journal.sqlite"
    with closing(Journal.open(path)) as journal:
        for number in range(CHUNKS + 3):
            memory.failed((16 * number, 64, 0), float(number))
            memory.failed((0, 64, 0), float(number))
            save_ways(journal, memory)
            journal.append(Event(type=EventType.INTENT, at=float(number)))
    with closing(Journal.open(path)) as journal:
        assert load_ways(journal).chunks == memory.chunks == [(0, 0), *((n, 0) for n in range(4, CHUNKS + 3))]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {"default": 0.5, "edges": [], "spots": []},
        {"default": 1.0, "edges": [[1]], "spots": []},
        {"default": 1.0, "edges": [], "spots": [[0, 0, 0, float("nan")]]},
        {"default": 1.0, "edges": [], "spots": [[0, 0, "a", 2.0]]},
    ],
)
def test_weights_that_cannot_be_meant_are_refused(raw: object) -> None:
    with pytest.raises(SolverInputError, match="learned"):
        Weights.from_wire(raw)
