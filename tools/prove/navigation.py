"""The long evidence for navigation: costs equal Dijkstra's on 10,000 random queries over all kinds of worlds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from benchmarks._navigation_judge import Judge
from benchmarks._navigation_worlds import KINDS, make_world
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.moves import EXTENDED
from conscious_bot.sterling.navigation import MAX_NODES, Navigator, Way
from conscious_bot.sterling.policy import DEFAULT_PENALTIES, HazardPolicy, RiskMode
from conscious_bot.sterling.reference import Reference
from conscious_bot.sterling.units import UNITS_PER_COST

__all__ = ["compare", "compare_extended", "main"]

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


def compare_extended(worlds: int, seed: int) -> Iterator[tuple[str, str | None]]:
    """The same for the extended moves: small worlds, edges from the plain Python twin, scipy's Dijkstra."""
    rng = np.random.default_rng(seed)
    for number in range(worlds):
        kind = KINDS[number % len(KINDS)]
        grid = make_world(kind, (16, 14, 16), rng)
        layers = {name: rng.random(grid.size) < share for name, share in (("hostile_zone", 0.03), ("dark_area", 0.2))}
        if number % 4 == 0:
            layers = {}
        penalties = dict(DEFAULT_PENALTIES) if number % 5 else {}
        policy = HazardPolicy(penalties=penalties, risk_mode=_RISKS[number % 3])
        navigator = Navigator(grid, moves=EXTENDED, policy=policy, layers=layers)
        twin = Reference(grid, EXTENDED, policy, layers)
        cells = [cell for cell in np.ndindex(grid.size) if twin.rests(cell)]
        ids = {cell: i for i, cell in enumerate(cells)}
        edges = [(ids[a], ids[b], cost) for a in cells for _, b, cost in twin.neighbours(a)]
        if not edges:
            continue
        rows, columns, costs = (np.array(part) for part in zip(*edges, strict=True))
        order = np.argsort(-costs, kind="stable")  # of two steps between the same cells the cheaper is kept
        least: dict[tuple[int, int], int] = {}
        for i in order.tolist():
            least[int(rows[i]), int(columns[i])] = int(costs[i])
        pairs = np.array(sorted(least))
        graph = csr_array(
            (np.array([least[a, b] for a, b in pairs.tolist()], np.float64), pairs.T), shape=(len(cells),) * 2
        )
        spots = np.array(cells)
        for _ in range(40):
            start = cells[int(rng.integers(len(cells)))]
            table = dijkstra(graph, indices=ids[start])
            for _ in range(_PER_START):
                goal = cells[int(rng.integers(len(cells)))]
                txz, ty = int(rng.integers(0, 3)), int(rng.integers(0, 3))
                way = navigator.solve(start, goal, tolerance_xz=txz, tolerance_y=ty, max_nodes=MAX_NODES)
                arrived = (np.abs(spots - goal) <= (txz, ty, txz)).all(axis=1)
                best = float(table[arrived].min())
                found = float("inf") if way.cost is None else round(way.cost * UNITS_PER_COST)
                where = f"extended {kind} seed {seed} world {number} {start} to {goal} ({txz}, {ty})"
                yield way.status, None if found == best else f"{where}: {found} units, not {best}"


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


def main(queries: int = 10_000, seed: int = 1) -> bool:
    """Ask so many questions of each move set, print the counts; True if no answer was wrong."""
    report: dict[str, Any] = {}
    wrong: list[str] = []
    answers = {
        "phase1": compare(queries, seed),
        "extended": islice(compare_extended(queries, seed), queries),
    }
    for name, stream in answers.items():
        counts: dict[str, int] = {}
        for status, problem in stream:
            counts[status] = counts.get(status, 0) + 1
            if problem:
                wrong.append(problem)
        report[name] = {"queries": sum(counts.values()), **counts}
    print(json.dumps({**report, "wrong": len(wrong), "examples": wrong[:10]}))
    return not wrong
