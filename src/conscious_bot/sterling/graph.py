"""The compact graph of a grid: nodes, edges, components, penalties; built once, asked many times."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling import kernels
from conscious_bot.sterling.flags import CLASS_FLAGS
from conscious_bot.sterling.hazards import Layers, check_layers, penalties
from conscious_bot.sterling.moves import MoveSet
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import OccupancyGrid

__all__ = ["Graph", "Workspace"]

_NONE = np.zeros((1, 1, 1), np.bool_)
_ZERO = np.zeros(1, np.int32)
_EPOCHS = 1 << 15


class Workspace:
    """The arrays one search writes to; reused, one per thread at a time."""

    def __init__(self, place: npt.NDArray[np.int16], edges: int, ring: int, seeds: int) -> None:
        self.state = np.zeros((len(place), 4), np.int32)
        self._place = place
        self.epoch = _EPOCHS
        self.link = np.empty(edges + seeds, np.int32)
        self.heads = np.empty(ring, np.int32)
        self.path = np.empty(len(place), np.int32)
        self.path_step = np.empty(len(place), np.uint8)
        self.path_cell = np.empty((len(place), 3), np.int16)
        self.box = np.empty(6, np.int32)

    def next_epoch(self) -> int:
        """The number of the search that begins now."""
        self.epoch += 1
        if self.epoch >= _EPOCHS:
            kernels.fill_places(self._place, self.state)
            self.epoch = 1
        return self.epoch


@dataclass(frozen=True)
class StepTable:
    """A move set as the kernels read it."""

    offset: npt.NDArray[np.int32]
    cost: npt.NDArray[np.int32]
    need_row: npt.NDArray[np.int32]
    need_at: npt.NDArray[np.int64]
    need_bits: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, moves: MoveSet, strides: tuple[int, int]) -> StepTable:
        """The table for a flag layer whose x and y neighbours are so many cells apart."""
        sx, sy = strides
        rows, at, bits = [0], list[int](), list[tuple[int, int, int]]()
        for step in moves.steps:
            for (x, y, z), all_of, any_of, none_of in step.needs:
                at.append(x * sx + y * sy + z)
                bits.append((all_of, any_of, none_of))
            rows.append(len(at))
        return cls(
            offset=np.array([step.offset for step in moves.steps], np.int32),
            cost=np.array([step.cost for step in moves.steps], np.int32),
            need_row=np.array(rows, np.int32),
            need_at=np.array(at, np.int64),
            need_bits=np.array(bits, np.uint8).reshape(-1, 3),
        )


class Graph:
    """Cells of rest and the steps between them, in the grid's own coordinates (0, 0, 0 at its origin).

    Safe to be read from several threads; each search takes a workspace of its own.
    """

    def __init__(self, grid: OccupancyGrid, moves: MoveSet, policy: HazardPolicy, layers: Layers) -> None:
        check_layers(grid, layers)
        self.grid, self.moves = grid, moves
        dx, dy, dz = self.shape = grid.size
        side, up = kernels.PAD_SIDE, kernels.PAD_UP
        self.flags = np.zeros((dx + 2 * side, dy + 2 * up, dz + 2 * side), np.uint8)
        standable = _NONE if grid.standable is None else np.ascontiguousarray(grid.standable)
        blocks = np.ascontiguousarray(grid.blocks)
        kernels.derive_flags(blocks, standable, grid.standable is not None, CLASS_FLAGS, self.flags)
        self.column = np.zeros(dx * dz + 1, np.int32)
        rests = np.array([(rest.below, rest.feet, rest.head) for rest in moves.rests], np.uint8)
        count = int(kernels.mark_nodes(self.flags, dx, dy, dz, rests, self.column))
        self.place = np.empty((count, 3), np.int16)
        kernels.fill_nodes(self.flags, dx, dy, dz, self.column, self.place)
        self.table = StepTable.of(moves, (self.flags.shape[1] * self.flags.shape[2], self.flags.shape[2]))
        self.row = np.zeros(count + 1, np.int32)
        t = self.table
        self.target, self.step = kernels.build_edges(
            self.flags, self.shape, self.column, self.place, t.offset, t.need_row, t.need_at, t.need_bits, self.row
        )
        self.cost = t.cost[self.step]
        self.label = np.empty(count, np.int32)
        kernels.label_components(self.row, self.target, self.label)
        self.enter = penalties(grid, self.flags, self.place, policy, layers)
        self.price = self.cost + self.enter[self.target]
        self.rates = np.array([moves.level, moves.up, moves.down, moves.diagonal], np.int32)
        # f grows by at most: the dearest step, its penalty, and what the estimate can grow by along it
        reach = max(abs(x) + abs(y) + abs(z) for x, y, z in (s.offset for s in moves.steps))
        self._grow = int(t.cost.max()) + (int(self.enter.max()) if count else 0)
        self._swing = 2 * reach * int(self.rates.max())
        self._spare: deque[Workspace] = deque()

    @property
    def nodes(self) -> int:
        """How many cells of rest there are."""
        return len(self.place)

    @property
    def memory(self) -> int:
        """Bytes of its arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def borrow(self, seeds: int) -> Workspace:
        """A workspace for this graph; give it back."""
        try:
            space = self._spare.pop()
        except IndexError:
            space = None
        if space is None or len(space.link) < len(self.target) + seeds:
            ring = 1 << (self._grow + 4 * self._swing + 1).bit_length()
            space = Workspace(self.place, len(self.target), ring, max(seeds, len(self.table.offset)))
        return space

    def give_back(self, space: Workspace) -> None:
        """The workspace may be used again."""
        self._spare.append(space)

    def node(self, cell: BlockPos) -> int:
        """The node of a cell of the world, or -1."""
        if not self.grid.contains(cell):
            return -1
        x, y, z = (c - o for c, o in zip(cell, self.grid.origin, strict=True))
        return int(kernels.find_node(self.column, self.place, self.shape[2], x, y, z))

    def cell(self, node: int) -> BlockPos:
        """The cell of the world of a node."""
        x, y, z = self.place[node].tolist()
        ox, oy, oz = self.grid.origin
        return x + ox, y + oy, z + oz

    def seeds(self, start: BlockPos) -> tuple[Any, Any, Any]:
        """Where a search from this cell begins: nodes, costs, and the steps that led there (None: none).

        A start that is no cell of rest (the body in a doorway, on an edge) begins at what its steps reach.
        """
        own = self.node(start)
        if own >= 0:
            return np.array([own], np.int32), _ZERO, None
        t = self.table
        nodes = np.empty(len(t.offset), np.int32)
        steps = np.empty(len(t.offset), np.uint8)
        x, y, z = (c - o for c, o in zip(start, self.grid.origin, strict=True))
        found = int(
            kernels.steps_from(
                self.flags, self.shape, self.column, self.place, x, y, z,
                t.offset, t.need_row, t.need_at, t.need_bits, nodes, steps,
            )
        )  # fmt: skip
        nodes, taken = nodes[:found].copy(), steps[:found].astype(np.int32)
        return nodes, (t.cost[taken] + self.enter[nodes]).astype(np.int32), taken
