"""The long evidence for navigation: costs equal Dijkstra's on 10,000 random queries over all kinds of worlds."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from benchmarks._navigation_judge import Judge
from benchmarks._navigation_worlds import KINDS, make_world

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.navigation import MAX_NODES, Navigator, Way
from conscious_bot.sterling.policy import DEFAULT_PENALTIES, HazardPolicy, RiskMode
from conscious_bot.sterling.units import UNITS_PER_COST

__all__ = ["compare", "main"]

_SIZES = ((24, 10, 24), (40, 12, 40), (32, 24, 28), (48, 32, 48))
_RISKS: tuple[RiskMode, ...] = ("normal", "cautious", "aggressive")
_PER_START = 5


def compare(queries: int, seed: int) -> Iterator[tuple[str, str | None]]:
    """Ask so many questions; for each yields the status and what is wrong with the answer (None: nothing)."""
    rng = np.random.default_rng(seed)
    asked = 0
    for number in range(queries):  # each world answers some
        kind = KINDS[number % len(KINDS)]
        size = _SIZES[int(rng.integers(len(_SIZES)))]
        origin = (int(rng.integers(-99, 99)), int(rng.integers(-64, 99)), int(rng.integers(-99, 99)))
        grid = make_world(kind, size, rng, origin=origin)
        layers = {"hostile_zone": rng.random(size) < 0.03, "dark_area": rng.random(size) < 0.2}
        if number % 4 == 0:
            layers = {}
        penalties = dict(DEFAULT_PENALTIES) if number % 5 else {}
        policy = HazardPolicy(penalties=penalties, risk_mode=_RISKS[number % 3])
        navigator = Navigator(grid, policy=policy, layers=layers)
        judge = Judge(grid, policy, layers)
        spots = np.argwhere(judge.stand)
        if len(spots) == 0:
            continue
        for _ in range(10):
            start = _cell(spots[int(rng.integers(len(spots)))], origin)
            costs = judge.costs_from(start)
            for _ in range(_PER_START):
                txz, ty = (1, 0) if rng.random() < 0.5 else (int(rng.integers(0, 4)), int(rng.integers(0, 3)))
                goal = _cell(spots[int(rng.integers(len(spots)))], origin)
                if rng.random() < 0.1:
                    goal = _cell(np.array([int(rng.integers(n)) for n in size]), origin)
                way = navigator.solve(start, goal, tolerance_xz=txz, tolerance_y=ty, max_nodes=MAX_NODES)
                wrong = _wrong(way, judge, costs, goal, (txz, ty))
                yield (
                    way.status,
                    wrong and f"{kind} {size} seed {seed} world {number} {start} to {goal} ({txz}, {ty}): {wrong}",
                )
                asked += 1
                if asked >= queries:
                    return


def _wrong(way: Way, judge: Judge, costs: Any, goal: BlockPos, tolerance: tuple[int, int]) -> str | None:
    """What is wrong with an answer."""
    txz, ty = tolerance
    least = judge.cost(costs, goal, txz, ty)
    arrived = max(abs(way.start[0] - goal[0]), abs(way.start[2] - goal[2])) <= txz and abs(way.start[1] - goal[1]) <= ty
    if arrived:
        least = 0.0
    if not np.isfinite(least):
        return None if way.status == "unreachable" else f"{way.status}, but no way leads there"
    if way.status != "solved" or way.cost is None:
        return f"{way.status}, but there is a way for {least / UNITS_PER_COST}"
    if round(way.cost * UNITS_PER_COST) != least or way.bound != way.cost:
        return f"costs {way.cost} (bound {way.bound}), but the least is {least / UNITS_PER_COST}"
    total, here = 0.0, way.start
    for primitive in way.primitives:
        step = judge.graph[_id(judge, here), _id(judge, primitive.to)]
        if not step:
            return f"no step leads from {here} to {primitive.to}"
        total, here = total + float(step), primitive.to
    return None if total == least else f"its steps cost {total}, not {least}"


def _id(judge: Judge, cell: BlockPos) -> int:
    x, y, z = (c - o for c, o in zip(cell, judge.grid.origin, strict=True))
    return int(judge.ids[x, y, z])


def _cell(local: Any, origin: BlockPos) -> BlockPos:
    x, y, z = (int(c) + o for c, o in zip(local, origin, strict=True))
    return x, y, z


def main(arguments: list[str] | None = None) -> int:
    """Run it and print the counts; 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(prog="prove navigation", description=__doc__)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    counts: dict[str, int] = {}
    wrong: list[str] = []
    for status, problem in compare(options.queries, options.seed):
        counts[status] = counts.get(status, 0) + 1
        if problem:
            wrong.append(problem)
    print(json.dumps({"queries": sum(counts.values()), **counts, "wrong": len(wrong), "examples": wrong[:10]}))
    return 1 if wrong else 0
