"""Navigation: our core, its peers on the same questions, and Dijkstra as the judge of every answer.

`python -m benchmarks.navigation --json [--large] [--seed N]`. Ratios compare means over the same questions in
one run. Times are the processor's, for a busy machine must not decide; those of our core are whole calls of
`Navigator.solve`, from Python and back; cold start is by the wall clock. `--large` adds
1024x96x1024 (about 3 GB of memory).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks._navigation_judge import Judge
from benchmarks._navigation_peers import Answer, Query, ask_pathfinder, ask_pure_python, ask_rustworkx
from benchmarks._navigation_worlds import make_world
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
    ("hills", (256, 64, 256)),
    ("hills", (512, 96, 512)),
)
_LARGE = ("hills", (1024, 96, 1024))
_TOLERANCE = 1
_SMALL = 35_000  # standable cells up to which the figures of the first row hold

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
    start = max(
        (tuple(spots[i].tolist()) for i in rng.integers(len(spots), size=8)), key=lambda c: len(navigator.field(c))
    )
    linked = [cell for cell, _ in navigator.field(start)]
    pairs = rng.integers(len(linked), size=(count, 2)).tolist()
    return [(linked[a], linked[b]) for a, b in pairs]


def _ours(navigator: Navigator, queries: Sequence[Query]) -> list[Answer]:
    answers: list[Answer] = []
    for start, goal in queries:
        begin = time.thread_time()
        way = navigator.solve(start, goal, tolerance_xz=_TOLERANCE, max_nodes=MAX_NODES)
        answers.append((way.cost, way.nodes, time.thread_time() - begin))
    return answers


def _mean(answers: Sequence[Answer]) -> float:
    return sum(seconds for _, _, seconds in answers) / len(answers)


def _disagreements(answers: Sequence[Answer], costs: Sequence[float | None]) -> int:
    wrong = 0
    for (cost, _, _), least in zip(answers, costs, strict=True):
        same = cost is None if least is None else cost is not None and abs(cost - least) < 1e-6
        wrong += not same
    return wrong


def _world(kind: str, size: tuple[int, int, int], seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    grid = make_world(kind, size, rng)
    policy = HazardPolicy(penalties={})
    begin = time.thread_time()
    navigator = Navigator(grid, policy=policy)
    build = time.thread_time() - begin
    begin = time.thread_time()
    judge = Judge(grid, policy)
    judge_build = time.thread_time() - begin
    large = navigator.nodes > _SMALL
    queries = _queries(navigator, judge, 40 if large else 200, rng)
    _ours(navigator, queries[:3])
    ours = _ours(navigator, queries)
    judged = queries[: 10 if large else 60]
    begin = time.thread_time()
    tables = [judge.costs_from(start) for start, _ in judged]
    dijkstra = (time.thread_time() - begin) / len(judged)
    least = [judge.cost(table, goal, _TOLERANCE, 0) for table, (_, goal) in zip(tables, judged, strict=True)]
    costs = [None if c == float("inf") else c / 5 for c in least]
    asked = judged[: 6 if large else 30]
    result: dict[str, Any] = {
        "cells": int(np.prod(size)),
        "standable": navigator.nodes,
        "buildMs": build * 1e3,
        "questions": len(queries),
        "meanMs": _mean(ours) * 1e3,
        "worstMs": max(seconds for _, _, seconds in ours) * 1e3,
        "meanExpansions": sum(n for _, n, _ in ours) / len(ours),
        "expansionsPerSecond": sum(n for _, n, _ in ours) / sum(s for _, _, s in ours),
        "graphMiB": navigator.memory / 2**20,
        "judged": len(judged),
        "notOptimal": _disagreements(ours[: len(judged)], costs),
        "peers": {"scipyDijkstra": {"meanMs": dijkstra * 1e3, "buildMs": judge_build * 1e3}},
    }
    if int(np.prod(size)) <= 128**3:
        result["extendedMoves"] = _extended(grid, policy, queries)
    own = _mean(ours[: len(asked)])
    peers = {
        "purePython": ask_pure_python(grid, asked, _TOLERANCE),
        "mineflayerPathfinder": ask_pathfinder(grid, asked, _TOLERANCE),
    }
    if navigator.nodes <= 4 * _SMALL:
        peers["rustworkx"] = ask_rustworkx(grid, judge, asked, _TOLERANCE)
    for name, answers in peers.items():
        result["peers"][name] = {
            "questions": len(asked),
            "meanMs": _mean(answers) * 1e3,
            "ratio": _mean(answers) / own,
            "notOptimal": _disagreements(answers, costs[: len(asked)]),
        }
    result["peers"]["scipyDijkstra"]["ratio"] = dijkstra / (_mean(ours[: len(judged)]))
    return result


def _extended(grid: OccupancyGrid, policy: HazardPolicy, queries: Sequence[Query]) -> dict[str, Any]:
    """The same questions with all moves: the graph's build, the answers, and replans after a block in the way."""
    begin = time.thread_time()
    navigator = Navigator(grid, policy=policy, moves="extended")
    build = time.thread_time() - begin
    answers = _ours(navigator, queries)
    return {
        "buildMs": build * 1e3,
        "places": navigator.nodes,
        "meanMs": _mean(answers) * 1e3,
        "worstMs": max(seconds for _, _, seconds in answers) * 1e3,
        "meanExpansions": sum(n for _, n, _ in answers) / len(answers),
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


def _refusal() -> float:
    """Milliseconds to refuse a goal behind a wall in 128^3."""
    blocks = np.zeros((128, 128, 128), np.uint8)
    blocks[:, :40, :] = SOLID
    blocks[64, :, :] = SOLID
    navigator = Navigator(OccupancyGrid((0, 0, 0), blocks))
    navigator.solve((1, 40, 1), (5, 40, 5))
    begin = time.thread_time()
    way = navigator.solve((1, 40, 1), (126, 40, 126))
    assert way.status == "unreachable"
    return (time.thread_time() - begin) * 1e3


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
    parser.add_argument("--large", action="store_true", help="1024x96x1024 too")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cold = _cold()
    warm_up()
    worlds: dict[str, Any] = {}
    for kind, size in (*_WORLDS, *((_LARGE,) if options.large else ())):
        worlds[f"{kind} {'x'.join(map(str, size))}"] = _world(kind, size, options.seed)
    small = [w for w in worlds.values() if w["standable"] <= _SMALL]
    print(
        json.dumps(
            {
                "coldStart": cold,
                "refusalMs": _refusal(),
                "upTo35kStandable": {
                    "meanMs": sum(w["meanMs"] for w in small) / len(small),
                    "bestExpansionsPerSecond": max(w["expansionsPerSecond"] for w in small),
                    "leastRatioPurePython": min(w["peers"]["purePython"]["ratio"] for w in small),
                    "leastRatioMineflayerPathfinder": min(w["peers"]["mineflayerPathfinder"]["ratio"] for w in small),
                },
                "notOptimal": sum(w["notOptimal"] for w in worlds.values()),
                "worlds": worlds,
                "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
