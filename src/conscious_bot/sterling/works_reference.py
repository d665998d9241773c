"""Ways with digging, placing and doors in plain Python: the steps and prices of `kernels_works.py`, to be read."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.reference import Reference
from conscious_bot.sterling.works import COSTS, NEVER, SIDES, Works

__all__ = ["WorksReference"]

_WALK, _JUMP, _DESCEND, _DROP, _PILLAR, _PLACE = COSTS


@dataclass(frozen=True)
class WorksReference:
    """One grid (`terrain` holds it, with policy and layers) and what may be done to it."""

    terrain: Reference
    works: Works

    def opening(self, cell: BlockPos, axes: int) -> int | None:
        """The price of passing a cell along these axes (1 x, 2 z, 3 upright); None if it cannot be passed."""
        if not self.terrain.grid.contains(cell):
            return None
        at = self._index(cell)
        price = int(self.works.opening[at])
        return None if price >= NEVER or int(self.works.gate[at]) & axes != axes else price

    def neighbours(self, cell: BlockPos) -> Iterator[tuple[BlockPos, int]]:
        """Every step from a cell: where it leads, and its price with the penalty of what is entered."""
        x, y, z = cell
        grid, building = self.terrain.grid, self.works.blocks > 0
        gate = int(self.works.gate[self._index(cell)])
        for axis, (ax, az) in ((1 if dx else 2, (dx, dz)) for _, (dx, dz) in SIDES):
            u, w = x + ax, z + az
            level = self._sum(_WALK, (self.opening((u, y, w), axis), self.opening((u, y + 1, w), axis)))
            if level is not None and gate & axis:
                if grid.floor_at((u, y - 1, w)):
                    yield self._arrive((u, y, w), level)
                elif building and self._placeable((u, y - 1, w)):
                    yield self._arrive((u, y, w), level + _PLACE)
            if gate != 3:
                continue
            cells = ((x, y + 2, z), (u, y + 1, w), (u, y + 2, w))
            up = self._sum(_JUMP, tuple(self.opening(c, 3) for c in cells))
            if up is not None and grid.floor_at((u, y, w)):
                yield self._arrive((u, y + 1, w), up)
            cells = ((u, y + 1, w), (u, y, w), (u, y - 1, w))
            down = self._sum(_DESCEND, tuple(self.opening(c, 3) for c in cells))
            if down is not None and grid.floor_at((u, y - 2, w)):
                yield self._arrive((u, y - 1, w), down)
        if gate != 3:
            return
        drop = self._sum(_DROP, (self.opening((x, y - 1, z), 3),))
        if drop is not None and grid.floor_at((x, y - 1, z)) and grid.floor_at((x, y - 2, z)):
            yield self._arrive((x, y - 1, z), drop)
        rise = self._sum(_PILLAR + _PLACE, (self.opening((x, y + 2, z), 3),))
        own = self.opening(cell, 3)
        if rise is not None and building and (self._placeable(cell) or own):
            yield self._arrive((x, y + 1, z), rise)

    def cost(self, start: BlockPos, goal: BlockPos) -> int | None:
        """Units of the cheapest way to a cell, by Dijkstra; None if there is none."""
        best = {start: 0}
        waiting = [(0, start)]
        while waiting:
            g, cell = heapq.heappop(waiting)
            if cell == goal:
                return g
            if g > best[cell]:
                continue
            for to, price in self.neighbours(cell):
                if g + price < best.get(to, 1 << 60):
                    best[to] = g + price
                    heapq.heappush(waiting, (g + price, to))
        return None

    def _arrive(self, to: BlockPos, price: int) -> tuple[BlockPos, int]:
        return to, price + self.terrain.penalty(to)

    def _placeable(self, cell: BlockPos) -> bool:
        return self.terrain.grid.contains(cell) and bool(self.works.placeable[self._index(cell)])

    def _index(self, cell: BlockPos) -> BlockPos:
        (x, y, z), (ox, oy, oz) = cell, self.terrain.grid.origin
        return x - ox, y - oy, z - oz

    @staticmethod
    def _sum(price: int, openings: tuple[int | None, ...]) -> int | None:
        total = price
        for opening in openings:
            if opening is None:
                return None
            total += opening
        return total if total < NEVER else None
