"""The long evidence for navigation: costs equal Dijkstra's on 10,000 random queries over all kinds of worlds, and

what cannot be reached is refused at once: without a search, and in caves of 128^3 within 5 ms. For goals that have
just been walled in the share of those refusals is printed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from benchmarks._navigation_judge import Judge
from benchmarks._navigation_worlds import KINDS, make_world
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.moves import EXTENDED, MOVE_SETS
from conscious_bot.sterling.navigation import MAX_NODES, Navigator, Way, warm_up
from conscious_bot.sterling.policy import DEFAULT_PENALTIES, HazardPolicy, RiskMode
from conscious_bot.sterling.reference import Reference
from conscious_bot.sterling.units import UNITS_PER_COST
from conscious_bot.world.grid import SOLID

__all__ = ["compare", "compare_extended", "main", "refusals"]

_SIZES = ((24, 10, 24), (40, 12, 40), (32, 24, 28), (48, 32, 48))
_RISKS: tuple[RiskMode, ...] = ("normal", "cautious", "aggressive")
_PER_START = 5
_LARGE = (128, 128, 128)
_PATIENCE = 5.0  # milliseconds


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
                wrong = None if found == best else f"{where}: {found} units, not {best}"
                if way.status == "unreachable" and way.nodes:
                    wrong = f"{where}: refused after {way.nodes} expansions"
                yield way.status, wrong


def refusals(seed: int, moves: str, *, walls: bool, count: int = 1000) -> list[float]:
    """Milliseconds of the thread for each refusal of a goal in caves of 128^3; with `walls` it was just walled in."""
    rng = np.random.default_rng(seed)
    navigator = Navigator(make_world("caves", _LARGE, rng), moves=moves, landmarks=False)
    navigator.update([])
    spots = [cell for cell in np.ndindex(_LARGE) if navigator.standable(cell)]
    times: list[float] = []
    for a, b in rng.integers(0, len(spots), (count, 2)).tolist():
        (x, y, z), before = spots[b], list[tuple[BlockPos, int, bool]]()
        if walls:
            around = [(x + i, y + j, z + k) for i in (-1, 0, 1) for j in (-1, 0, 1, 2) for k in (-1, 0, 1)]
            around = [c for c in around if navigator.grid.contains(c) and (c[0], c[2]) != (x, z)]
            before = [(c, navigator.grid.class_at(c), navigator.grid.floor_at(c)) for c in around]
            navigator.update([(c, SOLID, True) for c in around])
        begin = time.thread_time()
        way = navigator.solve(spots[a], spots[b], tolerance_xz=0, max_nodes=MAX_NODES)
        if way.status == "unreachable":
            times.append((time.thread_time() - begin) * 1e3)
        navigator.update(before)
    return times


def _wrong(way: Way, judge: Judge, costs: Any, goal: BlockPos, tolerance: tuple[int, int]) -> str | None:
    """What is wrong with an answer."""
    txz, ty = tolerance
    least = judge.cost(costs, goal, txz, ty)
    arrived = max(abs(way.start[0] - goal[0]), abs(way.start[2] - goal[2])) <= txz and abs(way.start[1] - goal[1]) <= ty
    if arrived:
        least = 0.0
    if not np.isfinite(least):
        if way.status != "unreachable":
            return f"{way.status}, but no way leads there"
        return f"refused after {way.nodes} expansions" if way.nodes else None
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
    """Ask so many questions of each move set, print the counts; True if no answer was wrong and no refusal slow."""
    warm_up()
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
    slow = False
    for moves in MOVE_SETS:
        for walls in (False, True):
            times = refusals(seed, moves, walls=walls)
            # What a change has cut off that is larger than a room is seen by a search, once.
            slow = slow or (not walls and max(times) >= _PATIENCE)
            figures = {
                "count": len(times),
                "meanMs": sum(times) / len(times),
                "worstMs": max(times),
                "shareUnder5Ms": sum(t < _PATIENCE for t in times) / len(times),
            }
            report[f"refusals in caves of 128^3, {moves}{', walled in' if walls else ''}"] = figures
    print(json.dumps({**report, "wrong": len(wrong), "examples": wrong[:10]}))
    return not wrong and not slow
