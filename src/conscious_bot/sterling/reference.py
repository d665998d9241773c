"""The solver in plain Python: the same questions and the same answers, written to be read.

heapq and dicts, one cell at a time, no graph, no flat arrays. Tests hold the kernels against it, and it says
what the solver means where prose leaves doubt. It expands in another order, so ways of equal cost may differ;
costs, statuses and bounds do not. There is no hasty second search here: `budget` comes without a way.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling.flags import FREE, LAVAS, SWIM, flags_of_class
from conscious_bot.sterling.hazards import AROUND, DEEP_AROUND, LAYERS, LETHAL_FALL, UNSEEN_FALL, Layers
from conscious_bot.sterling.moves import PHASE1, MoveSet
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import OccupancyGrid

__all__ = ["Answer", "Reference", "estimate"]


@dataclass(frozen=True, slots=True)
class Answer:
    """`amount` is the cost in units; `cells` the way after the start."""

    status: str
    amount: int | None = None
    ops: tuple[str, ...] = ()
    cells: tuple[BlockPos, ...] = ()
    nodes: int = 0


@dataclass(frozen=True)
class Reference:
    """One grid with its moves, policy and layers."""

    grid: OccupancyGrid
    moves: MoveSet = PHASE1
    policy: HazardPolicy = field(default_factory=HazardPolicy)
    layers: Layers = field(default_factory=dict)

    def flags(self, cell: BlockPos) -> int:
        """What the cell is to a moving body."""
        return flags_of_class(self.grid, cell)

    def rests(self, cell: BlockPos) -> bool:
        """Whether a body can rest with its feet in this cell."""
        return self.grid.contains(cell) and self.moves.rest(lambda dy: self.flags(_plus(cell, (0, dy, 0))))

    def neighbours(self, cell: BlockPos) -> Iterator[tuple[str, BlockPos, int]]:
        """Every step from a cell: op, where it leads, its cost in units with the penalty of what is entered."""
        for step in self.moves.steps:
            to = _plus(cell, step.offset)
            if not self.rests(to):
                continue
            for offset, all_of, any_of, none_of in step.needs:
                bits = self.flags(_plus(cell, offset))
                if bits & all_of != all_of or (any_of and not bits & any_of) or bits & none_of:
                    break
            else:
                yield step.op, to, step.cost + self.penalty(to)

    def penalty(self, cell: BlockPos) -> int:
        """What entering a cell adds: each hazard once, different ones together."""
        total = 0
        for hazard, (around, bits) in AROUND.items():
            if any(self.flags(_plus(cell, offset)) & bits for offset in around):
                total += self.policy.units(hazard)
        deep = (_plus(cell, offset) for offset in DEEP_AROUND)
        if any(self.flags(spot) & self.flags(_plus(spot, (0, -1, 0))) & SWIM for spot in deep):
            total += self.policy.units("deep_water")
        if any(self.lethal(_plus(cell, side)) for side in ((1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1))):
            total += self.policy.units("cliff_lethal")
        for name in LAYERS:
            x, y, z = (c - o for c, o in zip(cell, self.grid.origin, strict=True))
            if name in self.layers and self.layers[name][x, y, z]:
                total += self.policy.units(name)
        return total

    def lethal(self, beside: BlockPos) -> bool:
        """Whether whoever steps into this cell falls to death, as far as the grid shows."""
        if not self.flags(beside) & self.flags(_plus(beside, (0, 1, 0))) & FREE:
            return False
        fall = 0
        while self.flags(_plus(beside, (0, -1 - fall, 0))) & FREE:
            fall += 1
        end = self.flags(_plus(beside, (0, -1 - fall, 0)))
        return bool(fall and end & LAVAS) or (fall >= UNSEEN_FALL and not end) or (fall >= LETHAL_FALL and end != SWIM)

    def solve(
        self,
        start: BlockPos,
        goal: BlockPos,
        *,
        tolerance_xz: int = 1,
        tolerance_y: int = 0,
        max_nodes: int = 1 << 30,
    ) -> Answer:
        """The cheapest way to a cell of rest (or the start itself) within the tolerance of the goal."""

        def arrived(cell: BlockPos) -> bool:
            wide = max(abs(cell[0] - goal[0]), abs(cell[2] - goal[2]))
            return wide <= tolerance_xz and abs(cell[1] - goal[1]) <= tolerance_y

        low = (goal[0] - tolerance_xz, goal[1] - tolerance_y, goal[2] - tolerance_xz)
        high = (goal[0] + tolerance_xz, goal[1] + tolerance_y, goal[2] + tolerance_xz)
        best: dict[BlockPos, int] = {start: 0}
        came: dict[BlockPos, tuple[str, BlockPos]] = {}
        closed: set[BlockPos] = set()
        waiting = [(estimate(self.moves, start, low, high), start)]
        while waiting:
            _, cell = heapq.heappop(waiting)
            if cell in closed:
                continue
            if arrived(cell):
                ops, cells = _trace(came, cell)
                return Answer("solved", best[cell], ops, cells, len(closed))
            if len(closed) >= max_nodes:
                return Answer("budget", nodes=len(closed))
            closed.add(cell)
            for op, to, cost in self.neighbours(cell):
                amount = best[cell] + cost
                if to not in best or amount < best[to]:
                    best[to] = amount
                    came[to] = op, cell
                    heapq.heappush(waiting, (amount + estimate(self.moves, to, low, high), to))
        return Answer("unreachable", nodes=len(closed))


def estimate(moves: MoveSet, cell: BlockPos, low: BlockPos, high: BlockPos) -> int:
    """The least units from a cell to a box in open space.

    Phase 1: the documents' formula, with the box of the tolerance in the place of the goal: going up or
    down one also covers one cell to the side; where the box allows several heights, the lowest is the
    cheapest. Sets with a diagonal: the dearest of the ways aside, up and down.
    """
    x, y, z = cell
    a, b = max(low[0] - x, 0, x - high[0]), max(low[2] - z, 0, z - high[2])
    if moves.diagonal:
        aside = moves.level * abs(a - b) + moves.diagonal * min(a, b)
        return max(aside, moves.up * (low[1] - y), moves.down * (y - high[1]))
    if y < low[1]:
        rise = low[1] - y
        return moves.up * rise + moves.level * max(0, a + b - rise)
    drop = max(min(a + b, y - low[1]), y - high[1])
    return moves.down * drop + moves.level * max(0, a + b - drop)


def _plus(cell: BlockPos, offset: tuple[int, int, int]) -> BlockPos:
    return cell[0] + offset[0], cell[1] + offset[1], cell[2] + offset[2]


def _trace(came: dict[BlockPos, tuple[str, BlockPos]], cell: BlockPos) -> tuple[tuple[str, ...], tuple[BlockPos, ...]]:
    ops: list[str] = []
    cells: list[BlockPos] = []
    while cell in came:
        op, before = came[cell]
        ops.append(op)
        cells.append(cell)
        cell = before
    return tuple(reversed(ops)), tuple(reversed(cells))
