"""Navigation: our core, its peers on the same questions, and Dijkstra as the judge of every answer.

`python -m benchmarks.navigation --json [--small] [--seed N]`. Sizes go from 40x12x40 to 1024x96x1024 (which takes
some 4 GB and two minutes; `--small` leaves out what is larger than 512x96x512).

What is counted, for everybody alike: a node is expanded when it is taken from the open list for the first time
and its neighbours are looked at. Ratios are of the mean time for one plan over the very same questions; rates
are expansions by that time. Everybody's passes alternate, and the median of the passes counts. Times are the
thread's processor time, for a busy machine must not decide; cold start is by the wall clock. Our times are whole
calls of `Navigator.solve`, from Python and back.

Ours appears three times: `fresh` with nothing but the estimate in open space, as peers have it; `settled` with
the landmarks that a navigator sets up in the course of many questions (fewer expansions, not faster ones); and
`firstPlan`, with the graph built for one question, against the peers' first.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np

from benchmarks._navigation_judge import Judge
from benchmarks._navigation_peers import Answer, PurePython, Query, Rustworkx, TunedPython, ask_pathfinder
from benchmarks._navigation_worlds import make_world
from conscious_bot.sterling.landmarks import most_landmarks
from conscious_bot.sterling.navigation import MAX_NODES, Navigator, warm_up
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import SOLID, OccupancyGrid

__all__ = ["main"]

_WORLDS = (
    ("flat", (40, 12, 40)),
    ("hills", (40, 12, 40)),
    ("caves", (40, 12, 40)),
    ("flat", (128, 32, 128)),
    ("hills", (128, 64, 128)),
    ("caves", (128, 128, 128)),
    ("hills", (192, 64, 192)),
    ("hills", (256, 64, 256)),
    ("hills", (512, 96, 512)),
)
_LARGE = ("hills", (1024, 96, 1024))
_TOLERANCE = 1
_SMALL = 35_000  # standable cells up to which the figures of the first row hold
_RUSTWORKX = 140_000  # standable cells; its graph of Python objects takes gigabytes beyond

_COLD = """
import time; begin = time.perf_counter()
import numpy as np
from conscious_bot.world.grid import OccupancyGrid
from conscious_bot.sterling.navigation import Navigator
imported = time.perf_counter()
blocks = np.zeros((40, 12, 40), np.uint8); blocks[:, :4, :] = 1
assert Navigator(OccupancyGrid((0, 0, 0), blocks)).solve((1, 4, 1), (38, 4, 38)).cost == 72.0
print(imported - begin, time.perf_counter() - imported)
"""


def _queries(navigator: Navigator, judge: Judge, count: int, rng: np.random.Generator) -> list[Query]:
    """Random pairs of cells of the largest connected part, so that most questions have an answer."""
    spots = np.argwhere(judge.stand)
    tries = (tuple(spots[i].tolist()) for i in rng.integers(len(spots), size=8))
    start = max(tries, key=lambda c: len(navigator.field(c)))
    linked = np.flatnonzero(np.isfinite(judge.costs_from(start)))
    pairs = rng.choice(linked, (count, 2))
    return [(tuple(spots[a].tolist()), tuple(spots[b].tolist())) for a, b in pairs.tolist()]


class _Runner:
    """One of those who are asked: its passes over the questions."""

    def __init__(self, ask: Callable[[Sequence[Query]], list[Answer]], passes: int) -> None:
        self.ask, self.passes = ask, passes
        self.answers: list[Answer] = []
        self.means: list[float] = []
        self.each: list[list[float]] = []

    def go(self, queries: Sequence[Query]) -> None:
        """Another pass, if there is one left."""
        if len(self.means) < self.passes:
            self.answers = self.ask(queries)
            self.each.append([seconds for _, _, seconds in self.answers])
            self.means.append(sum(self.each[-1]) / len(queries))

    @property
    def mean(self) -> float:
        """Seconds for a plan."""
        return median(self.means)

    def figures(self, costs: Sequence[float | None]) -> dict[str, Any]:
        """What it did."""
        expansions = sum(n for _, n, _ in self.answers) / len(self.answers)
        return {
            "meanMs": self.mean * 1e3,
            "worstMs": max(median(times) for times in zip(*self.each, strict=True)) * 1e3,
            "meanExpansions": expansions,
            "nodesPerSecond": expansions / self.mean,
            "notOptimal": _disagreements(self.answers, costs),
        }


def _ours(navigator: Navigator) -> Callable[[Sequence[Query]], list[Answer]]:
    def ask(queries: Sequence[Query]) -> list[Answer]:
        answers: list[Answer] = []
        for start, goal in queries:
            begin = time.thread_time()
            way = navigator.solve(start, goal, tolerance_xz=_TOLERANCE, max_nodes=MAX_NODES)
            answers.append((way.cost, way.nodes, time.thread_time() - begin))
        return answers

    return ask


def _disagreements(answers: Sequence[Answer], costs: Sequence[float | None]) -> int:
    wrong = 0
    for (cost, _, _), least in zip(answers, costs, strict=True):
        same = cost is None if least is None else cost is not None and abs(cost - least) < 1e-6
        wrong += not same
    return wrong


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.thread_time()
    result = act()
    return time.thread_time() - begin, result


def _world(kind: str, size: tuple[int, int, int], seed: int) -> dict[str, Any]:
    """Everybody on one world."""
    print(f"{kind} {size} ...", file=sys.stderr)
    rng = np.random.default_rng(seed)
    grid = make_world(kind, size, rng)
    policy = HazardPolicy(penalties={})
    build, fresh = min((_timed(lambda: Navigator(grid, policy=policy, landmarks=False)) for _ in range(3)), key=_first)
    judge_build, judge = _timed(lambda: Judge(grid, policy))
    small, large = fresh.nodes <= _SMALL, fresh.nodes > 10 * _SMALL
    queries = _queries(fresh, judge, 60 if small else 6 if large else 20, rng)
    settled = Navigator(grid, policy=policy)
    lessons = _queries(fresh, judge, 3000 if small else 400 if large else 1200, rng)
    learning, asked = _settle(settled, lessons)

    passes = 7 if small else 3
    tuned_build, tuned = _timed(lambda: TunedPython(grid))
    plain_build, plain = _timed(lambda: PurePython(grid))
    runners = {
        "fresh": _Runner(_ours(fresh), passes),
        "settled": _Runner(_ours(settled), passes),
        "purePython": _Runner(lambda some: plain.ask(some, _TOLERANCE), 1 if large else 3),
        "tunedPython": _Runner(lambda some: tuned.ask(some, _TOLERANCE), 1 if large else 3),
        "mineflayerPathfinder": _Runner(lambda some: ask_pathfinder(grid, some, _TOLERANCE), 1 if large else 3),
        "scipyDijkstra": _Runner(lambda some: _judged(judge, some), 1),
    }
    other = None
    if fresh.nodes <= _RUSTWORKX:
        other = Rustworkx(judge)
        runners["rustworkx"] = _Runner(lambda some: other.ask(some, _TOLERANCE), 3)
    _ours(fresh)(queries[:3])
    for _ in range(passes):
        for runner in runners.values():
            runner.go(queries)
    costs = [cost for cost, _, _ in runners["scipyDijkstra"].answers]
    figures = {name: runner.figures(costs) for name, runner in runners.items()}
    if other is not None:
        counted = sum(n for _, n, _ in other.ask(queries, _TOLERANCE, count=True)) / len(queries)
        figures["rustworkx"] |= {"meanExpansions": counted, "nodesPerSecond": counted / runners["rustworkx"].mean}
    for name in ("fresh", "settled"):
        rates = {peer: figures[name]["nodesPerSecond"] / figures[peer]["nodesPerSecond"] for peer in figures}
        times = {peer: runner.mean / runners[name].mean for peer, runner in runners.items()}
        for peer in ("fresh", "settled"):
            del rates[peer], times[peer]
        figures[name] |= {"timesFasterPlan": times, "timesMoreNodesPerSecond": rates}
    figures["settled"] |= {
        "landmarks": settled.landmarks, "questionsBefore": asked, "learningMsPerQuestion": learning * 1e3,
    }  # fmt: skip
    first = build + runners["fresh"].mean
    result: dict[str, Any] = {
        "cells": math.prod(size),
        "standable": fresh.nodes,
        "buildMs": build * 1e3,
        "buildNsPerCell": build / math.prod(size) * 1e9,
        "graphMiB": fresh.memory / 2**20,
        "settledMiB": settled.memory / 2**20,
        "callMs": _call(fresh, queries) * 1e3,
        "pathMs": _path(fresh, queries) * 1e3,
        "questions": len(queries),
        **{name: figures[name] for name in ("fresh", "settled")},
        "firstPlan": {
            "ms": first * 1e3,
            "timesFasterThanPurePython": (plain_build + runners["purePython"].mean) / first,
            "timesFasterThanTunedPython": (tuned_build + runners["tunedPython"].mean) / first,
        },
        "peers": {name: value for name, value in figures.items() if name not in ("fresh", "settled")},
    }
    result["peers"]["scipyDijkstra"]["buildMs"] = judge_build * 1e3
    if math.prod(size) <= 128**3:
        result["extendedMoves"] = _extended(grid, policy, queries)
        for place, moves in ((result, "phase1"), (result["extendedMoves"], "extended")):
            navigator = Navigator(grid, policy=policy, moves=moves, landmarks=False)
            place["unreachable"] = _refusals(navigator, judge, rng)
    return result


def _first(pair: tuple[float, Any]) -> float:
    return pair[0]


def _settle(navigator: Navigator, lessons: Sequence[Query]) -> tuple[float, int]:
    """Ask until there are no more landmarks to set up; seconds a question took meanwhile, and how many it was."""
    ask = _ours(navigator)
    most = most_landmarks(navigator.nodes)
    asked, begin = 0, time.thread_time()
    while asked < len(lessons) and navigator.landmarks < most:
        ask(lessons[asked : asked + 10])
        asked += 10
    return (time.thread_time() - begin) / asked, asked


def _judged(judge: Judge, queries: Sequence[Query]) -> list[Answer]:
    """scipy's Dijkstra from each start; it settles every node it can reach."""
    answers: list[Answer] = []
    for start, goal in queries:
        begin = time.thread_time()
        table = judge.costs_from(start)
        seconds = time.thread_time() - begin
        least = judge.cost(table, goal, _TOLERANCE, 0)
        answers.append((None if math.isinf(least) else least / 5, int(np.isfinite(table).sum()), seconds))
    return answers


def _call(navigator: Navigator, queries: Sequence[Query]) -> float:
    """Seconds of a question whose answer is one step: what a call costs beside its search."""
    ways = [navigator.solve(*query, max_nodes=MAX_NODES) for query in queries]
    steps = [(way.start, way.cells[0]) for way in ways if way.cells]
    times: list[float] = []
    for _ in range(5):
        begin = time.thread_time()
        for start, goal in steps:
            navigator.solve(start, goal, tolerance_xz=0)
        times.append((time.thread_time() - begin) / len(steps))
    return median(times)


def _path(navigator: Navigator, queries: Sequence[Query]) -> float:
    """Seconds to make the primitives of a way that was found; they are made when they are first asked for."""
    ways = [navigator.solve(*query, max_nodes=MAX_NODES) for query in queries]
    begin = time.thread_time()
    for way in ways:
        assert len(way.primitives) == len(way.cells)
    return (time.thread_time() - begin) / len(ways)


def _extended(grid: OccupancyGrid, policy: HazardPolicy, queries: Sequence[Query]) -> dict[str, Any]:
    """The same questions with all moves: the graph's build, the answers, and replans after a block in the way."""
    build, navigator = _timed(lambda: Navigator(grid, policy=policy, moves="extended", landmarks=False))
    runner = _Runner(_ours(navigator), 3)
    for _ in range(runner.passes):
        runner.go(queries)
    answers = runner.answers
    expansions = sum(n for _, n, _ in answers) / len(answers)
    return {
        "buildMs": build * 1e3,
        "places": navigator.nodes,
        "meanMs": runner.mean * 1e3,
        "worstMs": max(median(times) for times in zip(*runner.each, strict=True)) * 1e3,
        "meanExpansions": expansions,
        "nodesPerSecond": expansions / runner.mean,
        **_replans(navigator, queries),
    }


def _replans(navigator: Navigator, queries: Sequence[Query]) -> dict[str, float]:
    """A block appears halfway on the way: the time to work it in, and to have the next plan."""
    updates: list[float] = []
    plans: list[float] = []
    navigator.update([])  # the navigator's own copy of the grid is made once
    for start, goal in queries[:60]:
        cells = navigator.solve(start, goal, tolerance_xz=_TOLERANCE, max_nodes=MAX_NODES).cells
        if not cells:
            continue
        cell = cells[len(cells) // 2]
        kind, floor = navigator.grid.class_at(cell), navigator.grid.floor_at(cell)
        begin = time.thread_time()
        navigator.update([(cell, SOLID, True)])
        updated = time.thread_time()
        navigator.solve(start, goal, tolerance_xz=_TOLERANCE, max_nodes=MAX_NODES)
        plans.append(time.thread_time() - begin)
        updates.append(updated - begin)
        navigator.update([(cell, kind, floor)])
    return {
        "updateMs": sum(updates) / len(updates) * 1e3,
        "replanMs": sum(plans) / len(plans) * 1e3,
        "worstReplanMs": max(plans) * 1e3,
    }


def _refusals(navigator: Navigator, judge: Judge, rng: np.random.Generator) -> dict[str, Any]:
    """Random questions without an answer: how long it takes to say so."""
    spots = np.argwhere(judge.stand)
    times: list[float] = []
    for a, b in rng.integers(0, len(spots), (600, 2)).tolist():
        start, goal = tuple(spots[a].tolist()), tuple(spots[b].tolist())
        seconds, way = _timed(lambda s=start, g=goal: navigator.solve(s, g, tolerance_xz=0, max_nodes=MAX_NODES))
        if way.status == "unreachable":
            times.append(seconds * 1e3)
    if not times:
        return {"questions": 0}
    return {
        "questions": len(times),
        "meanMs": sum(times) / len(times),
        "worstMs": max(times),
        "shareUnder5Ms": sum(t < 5.0 for t in times) / len(times),
    }


def _growth(worlds: dict[str, Any], what: Callable[[dict[str, Any]], float]) -> float:
    """The power of the number of standable cells with which something grows over the hills."""
    hills = [world for name, world in worlds.items() if name.startswith("hills")]
    slope, _ = np.polyfit([math.log(w["standable"]) for w in hills], [math.log(what(w)) for w in hills], 1)
    return float(slope)


def _cold() -> dict[str, float]:
    """Seconds in a fresh process: import, then graph and first answer; the compiled kernels come from disk."""
    runs: list[tuple[float, float]] = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", _COLD], stdout=subprocess.PIPE, text=True, check=True)
        imported, solved = map(float, done.stdout.split())
        runs.append((imported, solved))
    imported, solved = min(runs, key=sum)
    return {"importSeconds": imported, "firstAnswerSeconds": solved}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="the default and only form")
    parser.add_argument("--small", action="store_true", help="nothing larger than 512x96x512")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cold = _cold()
    warm_up()
    worlds: dict[str, Any] = {}
    for kind, size in (*_WORLDS, *(() if options.small else (_LARGE,))):
        worlds[f"{kind} {'x'.join(map(str, size))}"] = _world(kind, size, options.seed)
    few = [w for w in worlds.values() if w["standable"] <= _SMALL]
    peers = ("purePython", "tunedPython", "mineflayerPathfinder", "rustworkx")
    print(
        json.dumps(
            {
                "coldStart": cold,
                "loadAverage": os.getloadavg()[0],
                "upTo35kStandable": {
                    mode: {
                        "meanMs": max(w[mode]["meanMs"] for w in few),
                        "nodesPerSecond": {name: w[mode]["nodesPerSecond"] for name, w in worlds.items() if w in few},
                        **{
                            key: {peer: [f(w[mode][key][peer] for w in few) for f in (min, max)] for peer in peers}
                            for key in ("timesFasterPlan", "timesMoreNodesPerSecond")
                        },
                    }
                    for mode in ("fresh", "settled")
                },
                "growth": {
                    "build": _growth(worlds, lambda w: w["buildMs"]),
                    **{mode: _growth(worlds, lambda w, m=mode: w[m]["meanMs"]) for mode in ("fresh", "settled")},
                    "memory": _growth(worlds, lambda w: w["graphMiB"]),
                },
                "notOptimal": sum(w[mode]["notOptimal"] for w in worlds.values() for mode in ("fresh", "settled")),
                "worlds": worlds,
                "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
