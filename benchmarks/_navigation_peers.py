"""Who the solver is measured against, each asked the very same questions: costs of walks, no hazards."""

from __future__ import annotations

import heapq
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import rustworkx

from benchmarks._navigation_judge import Judge
from conscious_bot.contracts import BlockPos
from conscious_bot.world.grid import OccupancyGrid

__all__ = ["Answer", "Query", "ask_pathfinder", "ask_pure_python", "ask_rustworkx"]

Query = tuple[BlockPos, BlockPos]
Answer = tuple[float | None, int, float]
"""Cost (None: no way), cells expanded (0: not told), seconds of the processor (others use the machine too)."""

_HERE = Path(__file__).resolve().parent
_SIDES = ((0, -1), (0, 1), (1, 0), (-1, 0))


def _estimate(gx: int, gy: int, gz: int, tolerance: int) -> Callable[[int, int, int], float]:
    def estimate(x: int, y: int, z: int) -> float:
        d = max(0, abs(gx - x) - tolerance) + max(0, abs(gz - z) - tolerance)
        if y <= gy:
            return 2.0 * (gy - y) + max(0, d - gy + y)
        return 0.8 * (y - gy) + max(0, d - y + gy)

    return estimate


def ask_pure_python(grid: OccupancyGrid, queries: Sequence[Query], tolerance: int) -> list[Answer]:
    """A* as one writes it in Python: a heap, dicts, neighbours looked up in the grid as they are needed."""
    _, dy, dz = grid.size
    padded = np.pad(grid.blocks, ((1, 1), (2, 4), (1, 1)), constant_values=1)
    floors = np.pad(
        grid.blocks == 1 if grid.standable is None else (grid.blocks == 1) & grid.standable, ((1, 1), (2, 4), (1, 1))
    )
    free, floor = (padded == 0).tobytes(), floors.tobytes()
    sy, sx = dz + 2, (dz + 2) * (dy + 6)
    answers: list[Answer] = []
    for (x0, y0, z0), (gx, gy, gz) in queries:
        begin = time.thread_time()
        estimate = _estimate(gx, gy, gz, tolerance)
        start = (x0, y0, z0)
        best: dict[BlockPos, float] = {start: 0.0}
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
                    heapq.heappush(heap, (new + estimate(*to), to))
        answers.append((cost, len(closed), time.thread_time() - begin))
    return answers


def ask_rustworkx(grid: OccupancyGrid, judge: Judge, queries: Sequence[Query], tolerance: int) -> list[Answer]:
    """rustworkx's A* on the graph made beforehand (not counted), goal test and estimate as Python functions."""
    coo: Any = judge.graph.tocoo()
    graph: Any = rustworkx.PyDiGraph(multigraph=False)
    cells = [tuple(cell) for cell in np.argwhere(judge.stand).tolist()]
    graph.add_nodes_from(cells)
    costs = (coo.data / 5).tolist()
    graph.add_edges_from(list(zip(coo.row.tolist(), coo.col.tolist(), costs, strict=True)))
    prices = {(a, b): c for a, b, c in zip(coo.row.tolist(), coo.col.tolist(), costs, strict=True)}
    answers: list[Answer] = []
    for start, (gx, gy, gz) in queries:
        estimate = _estimate(gx, gy, gz, tolerance)

        def arrived(cell: BlockPos, gx: int = gx, gy: int = gy, gz: int = gz) -> bool:
            return abs(cell[0] - gx) <= tolerance and abs(cell[2] - gz) <= tolerance and cell[1] == gy

        def left(cell: BlockPos, estimate: Callable[[int, int, int], float] = estimate) -> float:
            return estimate(*cell)

        source = int(judge.ids[start])
        begin = time.thread_time()
        cost: float | None
        try:
            path = list(rustworkx.digraph_astar_shortest_path(graph, source, arrived, float, left))
            cost = sum(prices[pair] for pair in pairwise(path))
        except rustworkx.NoPathFound:
            cost = None
        answers.append((cost, 0, time.thread_time() - begin))
    return answers


def ask_pathfinder(grid: OccupancyGrid, queries: Sequence[Query], tolerance: int) -> list[Answer]:
    """mineflayer-pathfinder's A*, in Node, on the same grid (see `_navigation_peer.mjs`)."""
    floors = (grid.blocks == 1) & (True if grid.standable is None else grid.standable)
    bits = (grid.blocks == 0).astype(np.uint8) | (floors.astype(np.uint8) << 1)
    with tempfile.TemporaryDirectory() as folder:
        problem, cells = Path(folder, "problem.json"), Path(folder, "grid.bin")
        cells.write_bytes(np.ascontiguousarray(bits).tobytes())
        flat = [[*start, *goal] for start, goal in queries]
        problem.write_text(json.dumps({"size": grid.size, "queries": flat, "tolerance": tolerance}))
        node = Path(sys.executable).parent / "node"
        done = subprocess.run(
            [str(node), str(_HERE / "_navigation_peer.mjs"), str(problem), str(cells)],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return [
        (a["cost"] if a["status"] == "success" else None, a["nodes"], a["seconds"]) for a in json.loads(done.stdout)
    ]
