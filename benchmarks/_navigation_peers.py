"""Who the solver is measured against, each asked the very same questions: costs of walks, no hazards."""

from __future__ import annotations

import heapq
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import rustworkx

from benchmarks._navigation_judge import Judge
from conscious_bot.contracts import BlockPos
from conscious_bot.world.grid import OccupancyGrid

__all__ = ["Answer", "PurePython", "Query", "Rustworkx", "TunedPython", "ask_pathfinder"]

Query = tuple[BlockPos, BlockPos]
Answer = tuple[float | None, int, float]
"""Cost (None: no way), nodes expanded, seconds of the thread's processor time (others use the machine too).

A node is expanded when it is taken from the open list for the first time and its neighbours are looked at."""

_HERE = Path(__file__).resolve().parent
_SIDES = ((0, -1), (0, 1), (1, 0), (-1, 0))


def _estimate(gx: int, gy: int, gz: int, tolerance: int) -> Callable[[int, int, int], float]:
    def estimate(x: int, y: int, z: int) -> float:
        d = max(0, abs(gx - x) - tolerance) + max(0, abs(gz - z) - tolerance)
        if y <= gy:
            return 2.0 * (gy - y) + max(0, d - gy + y)
        return 0.8 * (y - gy) + max(0, d - y + gy)

    return estimate


class PurePython:
    """A* as one writes it in Python: heapq, dicts, and a function that says where one can go from a cell."""

    def __init__(self, grid: OccupancyGrid) -> None:
        self._size = grid.size
        floors = (grid.blocks == 1) if grid.standable is None else (grid.blocks == 1) & grid.standable
        self._free, self._floor = (grid.blocks == 0).tobytes(), floors.tobytes()

    def _at(self, x: int, y: int, z: int) -> int:
        dx, dy, dz = self._size
        return (x * dy + y) * dz + z if 0 <= x < dx and 0 <= y < dy and 0 <= z < dz else -1

    def _is_free(self, x: int, y: int, z: int) -> bool:
        at = self._at(x, y, z)
        return at >= 0 and self._free[at] == 1

    def _stands(self, x: int, y: int, z: int) -> bool:
        below = self._at(x, y - 1, z)
        return below >= 0 and self._floor[below] == 1 and self._is_free(x, y, z) and self._is_free(x, y + 1, z)

    def _neighbours(self, x: int, y: int, z: int) -> Iterator[tuple[BlockPos, float]]:
        for ax, az in _SIDES:
            tx, tz = x + ax, z + az
            if self._stands(tx, y, tz):
                yield (tx, y, tz), 1.0
            elif self._stands(tx, y + 1, tz):
                if self._is_free(x, y + 2, z):
                    yield (tx, y + 1, tz), 2.0
            elif self._stands(tx, y - 1, tz) and self._is_free(tx, y + 1, tz):
                yield (tx, y - 1, tz), 0.8

    def ask(self, queries: Sequence[Query], tolerance: int) -> list[Answer]:
        """The answers, one after the other."""
        answers: list[Answer] = []
        for start, (gx, gy, gz) in queries:
            begin = time.thread_time()
            estimate = _estimate(gx, gy, gz, tolerance)
            best: dict[BlockPos, float] = {start: 0.0}
            came: dict[BlockPos, BlockPos] = {}
            closed: set[BlockPos] = set()
            heap: list[tuple[float, BlockPos]] = [(estimate(*start), start)]
            cost: float | None = None
            while heap:
                _, cell = heapq.heappop(heap)
                if cell in closed:
                    continue
                x, y, z = cell
                if abs(x - gx) <= tolerance and abs(z - gz) <= tolerance and y == gy:
                    cost = best[cell]
                    _path(came, cell)
                    break
                closed.add(cell)
                for to, price in self._neighbours(x, y, z):
                    new = best[cell] + price
                    if to not in best or new < best[to]:
                        best[to] = new
                        came[to] = cell
                        heapq.heappush(heap, (new + estimate(*to), to))
            answers.append((cost, len(closed), time.thread_time() - begin))
        return answers


class TunedPython:
    """The same by hand for speed: one padded layer, the rules written out in the loop, no calls but the estimate."""

    def __init__(self, grid: OccupancyGrid) -> None:
        dz, dy = grid.size[2], grid.size[1]
        padded = np.pad(grid.blocks, ((1, 1), (2, 4), (1, 1)), constant_values=1)
        floors = np.pad(
            grid.blocks == 1 if grid.standable is None else (grid.blocks == 1) & grid.standable,
            ((1, 1), (2, 4), (1, 1)),
        )
        self._free, self._floor = (padded == 0).tobytes(), floors.tobytes()
        self._sy, self._sx = dz + 2, (dz + 2) * (dy + 6)

    def ask(self, queries: Sequence[Query], tolerance: int) -> list[Answer]:
        """The answers, one after the other."""
        free, floor, sx, sy = self._free, self._floor, self._sx, self._sy
        answers: list[Answer] = []
        for start, (gx, gy, gz) in queries:
            begin = time.thread_time()
            estimate = _estimate(gx, gy, gz, tolerance)
            best: dict[BlockPos, float] = {start: 0.0}
            came: dict[BlockPos, BlockPos] = {}
            closed: set[BlockPos] = set()
            heap: list[tuple[float, BlockPos]] = [(estimate(*start), start)]
            cost: float | None = None
            while heap:
                _, cell = heapq.heappop(heap)
                if cell in closed:
                    continue
                x, y, z = cell
                if abs(x - gx) <= tolerance and abs(z - gz) <= tolerance and y == gy:
                    cost = best[cell]
                    _path(came, cell)
                    break
                closed.add(cell)
                g = best[cell]
                here = (x + 1) * sx + (y + 2) * sy + z + 1
                for ax, az in _SIDES:
                    at = here + ax * sx + az
                    if free[at]:
                        if not free[at + sy]:
                            continue
                        if floor[at - sy]:
                            to, new = (x + ax, y, z + az), g + 1.0
                        elif free[at - sy] and floor[at - 2 * sy]:
                            to, new = (x + ax, y - 1, z + az), g + 0.8
                        else:
                            continue
                    elif floor[at] and free[at + sy] and free[at + 2 * sy] and free[here + 2 * sy]:
                        to, new = (x + ax, y + 1, z + az), g + 2.0
                    else:
                        continue
                    if new < best.get(to, 1e18):
                        best[to] = new
                        came[to] = cell
                        heapq.heappush(heap, (new + estimate(*to), to))
            answers.append((cost, len(closed), time.thread_time() - begin))
        return answers


def _path(came: dict[BlockPos, BlockPos], cell: BlockPos) -> list[BlockPos]:
    path: list[BlockPos] = []
    while cell in came:
        path.append(cell)
        cell = came[cell]
    return path[::-1]


class Rustworkx:
    """rustworkx's A* on the graph made beforehand (not counted), goal test and estimate as Python functions."""

    def __init__(self, judge: Judge) -> None:
        self._ids = judge.ids
        coo: Any = judge.graph.tocoo()
        self._graph: Any = rustworkx.PyDiGraph(multigraph=False)
        self._graph.add_nodes_from([tuple(cell) for cell in np.argwhere(judge.stand).tolist()])
        edges = list(zip(coo.row.tolist(), coo.col.tolist(), (coo.data / 5).tolist(), strict=True))
        self._graph.add_edges_from(edges)
        self._prices = {(a, b): c for a, b, c in edges}

    def ask(self, queries: Sequence[Query], tolerance: int, *, count: bool = False) -> list[Answer]:
        """`count` counts the nodes it asks about, which takes time of its own."""
        answers: list[Answer] = []
        for start, (gx, gy, gz) in queries:
            estimate = _estimate(gx, gy, gz, tolerance)
            asked: set[BlockPos] = set()

            def arrived(cell: BlockPos, gx: int = gx, gy: int = gy, gz: int = gz) -> bool:
                return abs(cell[0] - gx) <= tolerance and abs(cell[2] - gz) <= tolerance and cell[1] == gy

            def noted(
                cell: BlockPos, asked: set[BlockPos] = asked, arrived: Callable[[BlockPos], bool] = arrived
            ) -> bool:
                asked.add(cell)
                return arrived(cell)

            def left(cell: BlockPos, estimate: Callable[[int, int, int], float] = estimate) -> float:
                return estimate(*cell)

            source = int(self._ids[start])
            begin = time.thread_time()
            cost: float | None
            try:
                path = list(
                    rustworkx.digraph_astar_shortest_path(self._graph, source, noted if count else arrived, float, left)
                )
                cost = sum(self._prices[pair] for pair in pairwise(path))
            except rustworkx.NoPathFound:
                cost = None
            answers.append((cost, len(asked), time.thread_time() - begin))
        return answers


def ask_pathfinder(grid: OccupancyGrid, queries: Sequence[Query], tolerance: int) -> list[Answer]:
    """mineflayer-pathfinder's A*, in Node, on the same grid (see `_navigation_peer.mjs`)."""
    floors = (grid.blocks == 1) & (True if grid.standable is None else grid.standable)
    bits = (grid.blocks == 0).astype(np.uint8) | (floors.astype(np.uint8) << 1)
    with tempfile.TemporaryDirectory() as folder:
        problem, cells = Path(folder, "problem.json"), Path(folder, "grid.bin")
        cells.write_bytes(np.ascontiguousarray(bits).tobytes())
        flat = [[*start, *goal] for start, goal in queries]
        warm = flat if len(flat) >= 20 else flat[:1]  # few questions are long ones: the first of them compiles it
        problem.write_text(json.dumps({"size": grid.size, "queries": flat, "warmUp": warm, "tolerance": tolerance}))
        node = Path(sys.executable).parent / "node"
        done = subprocess.run(
            [str(node), str(_HERE / "_navigation_peer.mjs"), str(problem), str(cells)],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return [
        (a["cost"] if a["status"] == "success" else None, a["nodes"], a["seconds"]) for a in json.loads(done.stdout)
    ]
