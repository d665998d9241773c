"""Landmarks: they bound every way without a lie, come only with many questions, and go when a block changes."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks._navigation_worlds import KINDS, make_world

from conscious_bot.sterling.graph import Graph
from conscious_bot.sterling.kernels import INFINITE
from conscious_bot.sterling.landmarks import most_landmarks
from conscious_bot.sterling.moves import MOVE_SETS
from conscious_bot.sterling.navigation import MAX_NODES, Navigator
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import SOLID

pytestmark = pytest.mark.requirement("STER-02", "STER-06", "STER-09")

_SIZE = (24, 16, 24)


def _places(navigator: Navigator) -> list[tuple[int, int, int]]:
    return [cell for cell in np.ndindex(_SIZE) if navigator.standable(cell)]


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
@pytest.mark.parametrize("kind", KINDS)
def test_what_landmarks_say_never_falls_by_more_than_a_step_costs(kind: str, moves: str) -> None:
    """The triangle inequality, over every edge and every landmark, hazards included."""
    rng = np.random.default_rng(3)
    graph = Graph(
        make_world(kind, _SIZE, rng), MOVE_SETS[moves], HazardPolicy(), {"dark_area": rng.random(_SIZE) < 0.2}
    )
    most = most_landmarks(graph.numbers)
    for node in rng.integers(0, graph.numbers, most).tolist():
        graph.add_landmark(int(node))
    rows = graph.landmarks.known[0]
    assert len(rows) == 2 * most
    origins = np.repeat(np.arange(graph.numbers), np.diff(graph.row, axis=1)[:, 0])
    targets, prices = graph.edge[: len(origins)].T.astype(np.int64)
    for less, toward in zip(rows[::2].astype(np.int64), rows[1::2].astype(np.int64), strict=True):
        reached, leads = less[origins] > -INFINITE, toward[targets] < INFINITE
        assert (less[origins][reached] <= prices[reached] + less[targets][reached]).all()
        assert (toward[origins][leads] <= prices[leads] + toward[targets][leads]).all()


@pytest.mark.parametrize("moves", sorted(MOVE_SETS))
@pytest.mark.parametrize("kind", KINDS)
def test_with_landmarks_every_answer_costs_the_same_and_the_searches_are_shorter(kind: str, moves: str) -> None:
    rng = np.random.default_rng(8)
    grid = make_world(kind, _SIZE, rng)
    layers = {"hostile_zone": rng.random(_SIZE) < 0.03}
    with_them, without = (Navigator(grid, moves=moves, layers=layers, landmarks=on) for on in (True, False))
    places = _places(without)
    expanded = [0, 0]
    for number in range(500):
        a, b = (places[i] for i in rng.integers(0, len(places), 2).tolist())
        ask = {"tolerance_xz": int(rng.integers(0, 3)), "tolerance_y": int(rng.integers(0, 2)), "max_nodes": MAX_NODES}
        found, plain = with_them.solve(a, b, **ask), without.solve(a, b, **ask)
        assert (found.status, found.cost, found.bound) == (plain.status, plain.cost, plain.bound)
        if number >= 400:
            expanded[0] += found.nodes
            expanded[1] += plain.nodes
    assert with_them.landmarks > 0
    assert without.landmarks == 0
    assert expanded[0] <= expanded[1]
    if kind == "hills":
        assert expanded[0] < expanded[1]


def test_who_asks_once_pays_for_no_landmark() -> None:
    rng = np.random.default_rng(1)
    navigator = Navigator(make_world("hills", _SIZE, rng))
    places = _places(navigator)
    navigator.solve(places[0], places[-1])
    assert navigator.landmarks == 0


def test_landmarks_cost_no_more_than_the_questions_they_answer() -> None:
    rng = np.random.default_rng(1)
    navigator = Navigator(make_world("hills", _SIZE, rng))
    places, spent = _places(navigator), 0
    for _ in range(300):
        a, b = (places[i] for i in rng.integers(0, len(places), 2).tolist())
        spent += navigator.solve(a, b, max_nodes=MAX_NODES).nodes
        assert navigator.landmarks * 2 * navigator.nodes <= spent


def test_landmarks_go_when_a_block_changes() -> None:
    rng = np.random.default_rng(6)
    navigator = Navigator(make_world("hills", _SIZE, rng))
    places = _places(navigator)
    pairs = [(places[i], places[j]) for i, j in rng.integers(0, len(places), (300, 2)).tolist()]
    for a, b in pairs:
        navigator.solve(a, b, max_nodes=MAX_NODES)
    assert navigator.landmarks
    x, y, z = places[len(places) // 2]
    navigator.update([((x, y, z), SOLID, True)])
    assert navigator.landmarks == 0
    anew = Navigator(navigator.grid)
    for a, b in pairs[:40]:
        assert navigator.solve(a, b, max_nodes=MAX_NODES).cost == anew.solve(a, b, max_nodes=MAX_NODES).cost


def test_without_landmarks_a_question_always_has_the_same_way() -> None:
    rng = np.random.default_rng(2)
    navigator = Navigator(make_world("hills", _SIZE, rng), landmarks=False)
    places = _places(navigator)
    pairs = [(places[i], places[j]) for i, j in rng.integers(0, len(places), (100, 2)).tolist()]
    first = [navigator.solve(a, b, max_nodes=MAX_NODES) for a, b in pairs]
    again = [navigator.solve(a, b, max_nodes=MAX_NODES) for a, b in reversed(pairs)][::-1]
    assert [(w.cells, w.nodes) for w in again] == [(w.cells, w.nodes) for w in first]
