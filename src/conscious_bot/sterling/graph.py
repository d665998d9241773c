"""The compact graph of a grid: nodes, edges, components, penalties; built once, asked many times.

Changed blocks are worked in where they matter: the cells whose rest or clearance they touch, and the nodes
whose penalty they change. Everything else stays as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos
from conscious_bot.sterling import kernels, kernels_graph
from conscious_bot.sterling.errors import GridError
from conscious_bot.sterling.flags import CLASS_FLAGS, FIRM, FLOOR, NODE
from conscious_bot.sterling.hazards import Layers, check_layers, penalties
from conscious_bot.sterling.landmarks import Landmarks
from conscious_bot.sterling.learning import Weights
from conscious_bot.sterling.moves import MoveSet
from conscious_bot.sterling.moves.base import CellNeed
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.world.grid import OccupancyGrid

__all__ = ["Graph", "Workspace"]

_NONE = np.zeros((1, 1, 1), np.bool_)
_NOWHERE = np.zeros(0, np.bool_)
_ALL_NODES = 1 << 31
_MAX_SIDE = 32_767  # places are of 16 bits

LEARNED_SCALE = 20
"""Of how many parts a unit consists where multipliers count: 5 % of the cheapest step is still something."""

_DEAREST = 1 << 20
"""Learned units of a step beyond which no multiplier makes it dearer: some 10,000 walks, as for penalties."""

_SHUT_IN = 256
"""Nodes around goals that are looked at after a change, for whether anything leads there from outside."""


class Workspace:
    """The arrays one search writes to, and its desk; reused, one per thread at a time."""

    def __init__(self, places: int, entries: int, ring: int) -> None:
        self.state = np.empty((places, 2), np.int64)
        self.heads = np.empty(ring, np.int32)
        self.pool = np.empty((entries, 2), np.int32)
        self.trail = np.empty((places, 4), np.int16)
        self.reached = np.zeros((places, 2), np.int32)
        self.steps = self.trail.data.cast("B")
        # what lies on the desk is kept alive as long as it does
        self.tables: tuple[npt.NDArray[Any], ...] = ()
        self.known: Any = None
        self.desk = np.zeros((len(kernels.ARRAYS) + 2, 2), np.int64)

    def lay(
        self, tables: tuple[npt.NDArray[Any], ...], known: tuple[npt.NDArray[np.int32], int], nodes: int, doubtful: bool
    ) -> None:
        """Put these tables and landmarks on the desk, of so many nodes; whether their parts are in doubt."""
        arrays = *tables, self.state, self.heads, self.pool, self.trail, self.reached, known[0]
        self.desk[: len(arrays)] = [(array.ctypes.data, len(array)) for array in arrays]
        self.desk[len(arrays), 0] = nodes
        self.desk[len(arrays) + 1, 1] = doubtful
        self.tables, self.known = tables, known

    @property
    def last_reached(self) -> npt.NDArray[np.bool_]:
        """The nodes to which the last search leads, if it was in vain."""
        (nodes, _), (epoch, _) = self.desk[-2:]
        return self.reached[:nodes, 0] == epoch


@dataclass(frozen=True)
class StepTable:
    """A move set as the kernels read it."""

    offset: npt.NDArray[np.int32]
    """Rows of x, y, z, cells of the flag layer; the last is the farthest a step leads along each axis."""
    cost: npt.NDArray[np.int32]
    need_row: npt.NDArray[np.int32]
    need_at: npt.NDArray[np.int64]
    need_bits: npt.NDArray[np.uint8]
    reaches: npt.NDArray[np.int32]
    """Every cell, from the feet before a step, in which a step needs something."""
    arrivals: npt.NDArray[np.int32]
    """Every cell in which a step ends."""

    @classmethod
    def of(cls, moves: MoveSet, strides: tuple[int, int]) -> StepTable:
        """The table for a flag layer whose x and y neighbours are so many cells apart."""
        sx, sy = strides
        offsets = [step.offset for step in moves.steps]
        far = np.abs(offsets).max(axis=0).tolist()
        rows, at, bits = [0], list[int](), list[tuple[int, int, int]]()
        for step in moves.steps:
            for need in step.needs:
                if not _implied(need, step.offset, moves):
                    (x, y, z), *of = need
                    at.append(x * sx + y * sy + z)
                    bits.append((of[0], of[1], of[2]))
            rows.append(len(at))
        return cls(
            offset=np.array([*((*o, o[0] * sx + o[1] * sy + o[2]) for o in offsets), (*far, 0)], np.int32),
            cost=np.array([step.cost for step in moves.steps], np.int32),
            need_row=np.array(rows, np.int32),
            need_at=np.array(at, np.int64),
            need_bits=np.array(bits, np.uint8).reshape(-1, 3),
            reaches=np.array(sorted({need[0] for step in moves.steps for need in step.needs}), np.int32),
            arrivals=np.array(sorted({step.offset for step in moves.steps}), np.int32),
        )


def _implied(need: CellNeed, offset: tuple[int, int, int], moves: MoveSet) -> bool:
    """Whether a cell is what a step needs as soon as the step ends in a cell of rest."""
    (x, y, z), all_of, any_of, none_of = need
    if (x, z) != (offset[0], offset[2]) or any_of or none_of or not -1 <= y - offset[1] <= 1:
        return False
    bits = [(rest.below, rest.feet, rest.head)[y - offset[1] + 1] for rest in moves.rests]
    return all(b == all_of and b.bit_count() == 1 for b in bits)  # one of one bit is all of it


class Graph:
    """Cells of rest and the steps between them, in the grid's own coordinates (0, 0, 0 at its origin).

    Safe to be read from several threads; each search takes a workspace of its own. Nobody may read while
    it is updated.
    """

    def __init__(
        self,
        grid: OccupancyGrid,
        moves: MoveSet,
        policy: HazardPolicy,
        layers: Layers,
        weights: Weights | None = None,
    ) -> None:
        check_layers(grid, layers)
        if max(grid.size) > _MAX_SIDE:
            raise GridError(f"grid size: {grid.size} is longer than {_MAX_SIDE} cells along an axis")
        self.weights = weights
        self.scale = 1 if weights is None else LEARNED_SCALE
        self.grid, self.moves, self.policy, self.layers = grid, moves, policy, layers
        self._own_grid = False
        self.version = 0
        dx, dy, dz = self.shape = grid.size
        side, up = kernels_graph.PAD_SIDE, kernels_graph.PAD_UP
        self.flags = np.zeros((dx + 2 * side, dy + 2 * up, dz + 2 * side), np.uint8)
        standable = _NONE if grid.standable is None else np.ascontiguousarray(grid.standable)
        blocks = np.ascontiguousarray(grid.blocks)
        kernels_graph.derive_flags(blocks, standable, grid.standable is not None, CLASS_FLAGS, self.flags)
        self._rests = np.array([(rest.below, rest.feet, rest.head) for rest in moves.rests], np.uint8)
        self._used = count = int(kernels_graph.mark_nodes(self.flags, dx, dy, dz, self._rests))
        spare = count + count // 16 + 256
        self.first = np.empty(dx * dz, np.int32)
        self.after = np.empty(spare, np.int32)
        self.place = np.empty((spare, 3), np.int16)
        kernels_graph.chain_nodes(self.flags, dx, dy, dz, self.place, self.first, self.after)
        t = self.table = StepTable.of(moves, (self.flags.shape[1] * self.flags.shape[2], self.flags.shape[2]))
        self.enter = np.zeros(spare, np.int32)
        self.enter[:count] = penalties(grid, self.flags, self.place[:count], policy, layers)
        self._rows = np.zeros((spare, 2), np.int32)
        self._room = np.zeros(spare, np.uint16)
        self.edge, self.came, edges = kernels_graph.build_rows(
            self.flags, self.shape, self.first, self.after, self.place, t.offset, t.need_row, t.need_at, t.need_bits,
            t.cost, self.enter[:count], self._rows, self._room,
        )  # fmt: skip
        self._edges = int(edges)
        self._join()
        if weights is not None:
            self._weigh(weights)
        self._seen = np.zeros(spare, np.int32)
        self._stamp = 0
        self.rates = np.array([moves.level, moves.up, moves.down, moves.diagonal], np.int64) * self.scale
        bits_y, bits_z = (dy - 1).bit_length(), (dz - 1).bit_length()
        packing = [bits_y + bits_z, bits_z, (1 << bits_y) - 1, (1 << bits_z) - 1]
        self.setup = np.array([dx, dy, dz, *packing, *self.rates.tolist()], np.int64)
        self._size_ring()
        self._spare: deque[Workspace] = deque()
        self._changed()

    def _size_ring(self) -> None:
        # f grows by at most: the dearest step, its penalty, and what the estimate can grow by along it
        reach = max(abs(x) + abs(y) + abs(z) for x, y, z in (s.offset for s in self.moves.steps))
        grow = int(self.table.cost.max()) + (int(self.enter.max()) if self._used else 0)
        if self.weights is not None:
            begin = self._weighed(np.array([grow], np.int32), self.seed_factor.max(initial=1.0, keepdims=True))
            grow = max(int(self.edge[: self._edges, 1].max(initial=0)), int(begin[0]))
        self._ring = 1 << (grow + 8 * reach * int(self.rates.max()) + 1).bit_length()

    def _changed(self) -> None:
        """What rests on the graph as it was."""
        self._set_tables()
        self._back: tuple[Any, Any] | None = None
        self.landmarks = Landmarks(self._used)

    def _set_tables(self) -> None:
        parts = self._label, self._lead, self._links
        self.tables = self.row, self.edge, self.came, self.first, self.after, *parts, self.place
        """What `find_way` reads: the first of `kernels.ARRAYS`."""

    def _join(self) -> None:
        """Find the parts and what leads from one to another."""
        self._label = np.arange(len(self.place), dtype=np.int32)
        self._lead = np.full(len(self.place), -1, np.int32)
        self._links, self._linked = np.empty((4096, 2), np.int32), 0
        self._find_parts(np.ones(self._used, np.bool_))

    def _join_again(self) -> None:
        """Find those parts anew of which steps have gone since."""
        touched = np.zeros(len(self.place), np.bool_)
        touched[list(self._touched)] = True
        self._find_parts(touched[self._label[: self._used]])

    def _find_parts(self, fresh: npt.NDArray[np.bool_]) -> None:
        self._links, self._linked = kernels_graph.join_parts(
            self.row, self.edge, fresh, self._label, self._lead, self._links, self._linked
        )
        self._touched = set[int]()
        self._vain = _NOWHERE

    @property
    def doubtful(self) -> bool:
        """Whether steps have gone that the parts still count with."""
        return bool(self._touched)

    def _weigh(self, weights: Weights) -> None:
        """Multiply the prices by what was learned."""
        edges = self._edges
        factor = np.full(edges, weights.default)
        for (a, b), multiplier in weights.edges:
            m, n = self.node(b), self.node(a)
            if m >= 0 and n >= 0:
                begin, end = self._rows[n]
                factor[begin:end][self.edge[begin:end, 0] == m] = multiplier
        spot = np.ones(self._used)
        for cell, multiplier in weights.spots:
            if (n := self.node(cell)) >= 0:
                spot[n] = multiplier
        target, price = self.edge[:edges, 0], self.edge[:edges, 1]
        factor *= spot[target]
        # Rounded up: no edge may come to less than the estimate takes for granted.
        self.edge[:edges, 1] = self._weighed(price, factor * self.scale)
        # A step that is the seed of a search is paid without the edge's history: only its cell's.
        self.seed_factor = spot * weights.default * self.scale

    def _weighed(self, price: npt.NDArray[np.int32], factor: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Prices times factors, rounded up, within what the ring of buckets can hold without growing absurd."""
        return np.minimum(np.ceil(price * factor - 1e-6), np.maximum(_DEAREST, price * float(self.scale)))

    def declared(self, trail: npt.NDArray[np.int16]) -> int:
        """What a way, rows of (x, y, z, step), costs without what was learned, in units."""
        dz = self.shape[2]
        total = int(self.table.cost[trail[:, 3]].sum())
        for x, y, z, _ in trail.tolist():
            total += int(self.enter[kernels_graph.find_node(self.first, self.after, self.place, dz, x, y, z)])
        return total

    @property
    def row(self) -> npt.NDArray[np.int32]:
        """Begin and end of each node's edges."""
        return self._rows[: self._used]

    @property
    def numbers(self) -> int:
        """How many numbers of nodes are in use, those of nodes that are no more included."""
        return self._used

    @property
    def nodes(self) -> int:
        """How many cells of rest there are."""
        return int(np.count_nonzero(self.flags & NODE))

    @property
    def edges(self) -> int:
        """How many steps there are."""
        return int((self.row[:, 1] - self.row[:, 0]).sum())

    @property
    def memory(self) -> int:
        """Bytes of its arrays."""
        own = sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))
        return own + self.landmarks.memory

    def borrow(self, seeds: int = 0) -> Workspace:
        """A workspace for this graph as it stands, for so many seeds; give it back."""
        tables, known = self.tables, self.landmarks.known
        try:
            space = self._spare.pop()
        except IndexError:
            space = None
        if space is not None and space.tables is tables and space.known is known and not seeds:
            return space
        return self._prepare(space, tables, known, seeds)

    def _prepare(
        self,
        space: Workspace | None,
        tables: tuple[npt.NDArray[Any], ...],
        known: tuple[npt.NDArray[np.int32], int],
        seeds: int,
    ) -> Workspace:
        rise, seeds = known[1], max(seeds, len(self.table.cost))
        ring = max(self._ring, 1 << (2 * rise + 1).bit_length()) if rise else self._ring
        if space is None or len(space.pool) < self._edges + seeds or len(space.heads) < ring:
            space = Workspace(len(self.place), len(self.edge) + seeds, ring)
        space.lay(tables, known, self._used, doubtful=self.doubtful)
        return space

    def give_back(self, space: Workspace) -> None:
        """The workspace may be used again."""
        self._spare.append(space)

    def node(self, cell: BlockPos) -> int:
        """The node of a cell of the world, or -1."""
        ox, oy, oz = self.grid.origin
        x, y, z = cell[0] - ox, cell[1] - oy, cell[2] - oz
        dx, dy, dz = self.shape
        if not (0 <= x < dx and 0 <= y < dy and 0 <= z < dz):
            return -1
        return kernels_graph.find_node(self.first, self.after, self.place, dz, x, y, z)

    def cell(self, node: int) -> BlockPos:
        """The cell of the world of a node."""
        x, y, z = self.place[node].tolist()
        ox, oy, oz = self.grid.origin
        return x + ox, y + oy, z + oz

    def seeds(self, start: BlockPos) -> tuple[npt.NDArray[np.int32], Any]:
        """Where a search from this cell begins: rows of (node, cost), and the steps that led there (None: none).

        A start that is no cell of rest (the body in a doorway, on an edge) begins at what its steps reach.
        """
        own = self.node(start)
        if own >= 0:
            return np.array([(own, 0)], np.int32), None
        t = self.table
        nodes = np.empty(len(t.cost), np.int32)
        steps = np.empty(len(t.cost), np.uint8)
        x, y, z = (c - o for c, o in zip(start, self.grid.origin, strict=True))
        found = int(
            kernels_graph.steps_from(
                self.flags, self.shape, self.first, self.after, self.place, x, y, z,
                t.offset, t.need_row, t.need_at, t.need_bits, nodes, steps,
            )
        )  # fmt: skip
        nodes, taken = nodes[:found].copy(), steps[:found].astype(np.int32)
        costs = t.cost[taken] + self.enter[nodes]
        if self.weights is not None:
            costs = self._weighed(costs, self.seed_factor[nodes])
        return np.column_stack([nodes, costs.astype(np.int32)]), taken

    def flood(self, seeds: npt.NDArray[np.int32], limit: int, *, back: bool = False) -> npt.NDArray[np.int32]:
        """What it costs from the seeds, rows of (node, cost), to every node, or `back` from every node to them.

        INFINITE where no way leads.
        """
        row, edge = self._reversed() if back else (self.row, self.edge)
        costs = np.empty(self._used, np.int32)
        space = self.borrow(len(seeds))
        kernels.spread(row, edge, seeds, limit, space.heads, space.pool, costs)
        self.give_back(space)
        return costs

    def _reversed(self) -> tuple[Any, Any]:
        if self._back is None:
            row = np.empty((self._used, 2), np.int32)
            self._back = row, kernels.reverse_rows(self.row, self.edge, row)
        return self._back

    def add_landmark(self, node: int) -> None:
        """Set up one more landmark, for searches from about this node."""

        def floods(n: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
            seed = np.array([(n, 0)], np.int32)
            return self.flood(seed, _ALL_NODES), self.flood(seed, _ALL_NODES, back=True)

        def steepest(less: npt.NDArray[np.int32], toward: npt.NDArray[np.int32]) -> int:
            return int(kernels.steepest_rise(self.row, self.edge, less, toward))

        self.landmarks.add(node, floods, steepest)

    def enclosed(self, start: BlockPos, box: Sequence[int], accept: npt.NDArray[np.uint8]) -> bool:
        """Whether changed blocks have shut in the goals (a box as in `find_way`), so that the start is soon seen to be

        outside. The parts know nothing of steps that are gone, and a search would look at everything it can reach.
        """
        node = self.node(start)
        if node < 0:
            return False
        low = tuple([max(0, n) for n in box[::2]])
        high = tuple([min(n, side - 1) for n, side in zip(box[1::2], self.shape, strict=True)])
        return kernels_graph.enclosed(
            self.row, self.edge, self.first, self.after, self.place, self.shape, self.table.arrivals, low, high,
            accept, self._vain, node, _SHUT_IN,
        )  # fmt: skip

    def searched_in_vain(self, reached: npt.NDArray[np.bool_]) -> None:
        """A search could reach these nodes only, less than the parts say: the next question from there knows."""
        self._vain = reached

    def update(self, cells: Sequence[tuple[BlockPos, int, bool]]) -> None:
        """Work in changed blocks: (cell of the world, class, whether it is a floor); those outside are ignored."""
        self.version += 1
        if not self._own_grid:
            floors = None if self.grid.standable is None else self.grid.standable.copy()
            self.grid = OccupancyGrid(self.grid.origin, self.grid.blocks.copy(), floors)
            self._own_grid = True
        changed = [self._set(cell, kind, floor) for cell, kind, floor in cells if self.grid.contains(cell)]
        places = sorted(place for place in changed if place is not None)
        if places and (self.weights is not None or not self._fit(np.array(places, np.int32))):
            self.rebuild()

    def rebuild(self, layers: Layers | None = None) -> None:
        """Build everything anew from the grid as it is now, with other layers if some are given."""
        version, own = self.version + 1, self._own_grid
        self.__init__(self.grid, self.moves, self.policy, self.layers if layers is None else layers, self.weights)
        self.version, self._own_grid = version, own

    def _set(self, cell: BlockPos, kind: int, floor: bool) -> tuple[int, int, int] | None:
        """Write a block; its place in the grid if that makes a difference."""
        grid = self.grid
        x, y, z = (c - o for c, o in zip(cell, grid.origin, strict=True))
        grid.blocks[x, y, z] = kind
        if grid.standable is not None:
            grid.standable[x, y, z] = floor
        bits = int(CLASS_FLAGS[kind])
        if bits & FIRM and not grid.floor_at(cell):
            bits &= ~FLOOR
        at = (x + kernels_graph.PAD_SIDE, y + kernels_graph.PAD_UP, z + kernels_graph.PAD_SIDE)
        before = int(self.flags[at])
        self.flags[at] = bits | (before & NODE)
        return (x, y, z) if (before & ~NODE) != bits else None

    def _fit(self, cells: npt.NDArray[np.int32]) -> bool:
        """Mend nodes, penalties and edges around changed cells; False if the space to spare is used up."""
        t, shape = self.table, self.shape
        around = np.unique((cells[:, None, :] + np.array([(0, -1, 0), (0, 0, 0), (0, 1, 0)])).reshape(-1, 3), axis=0)
        around = np.ascontiguousarray(around, np.int32)
        moved = np.empty_like(around)
        used, count = kernels_graph.refresh_rests(
            self.flags, shape, self._rests, around, self.place, self.first, self.after, self._rows, self._room,
            self._used, moved,
        )  # fmt: skip
        if used < 0:
            return False
        self._used, moved = int(used), moved[:count]
        found = np.empty(self._used, np.int32)
        near = found[
            : kernels_graph.collect_columns(cells, shape, self.first, self.after, self._seen, self._next(), found)
        ]
        near = near.copy()
        paid = penalties(self.grid, self.flags, self.place[near], self.policy, self.layers, everywhere=False)
        dearer = near[paid != self.enter[near]]
        self.enter[near] = paid
        stamp = self._next()
        arrived = np.concatenate([moved, self.place[dearer].astype(np.int32)])
        where = (shape, self.first, self.after, self.place, self._seen, stamp, found)
        count = kernels_graph.collect_origins(cells, t.reaches, *where, 0)
        count = kernels_graph.collect_origins(moved, np.zeros((1, 3), np.int32), *where, count)
        count = kernels_graph.collect_origins(arrived, t.arrivals, *where, count)
        edges, linked = kernels_graph.fit_rows(
            self.flags, shape, self.first, self.after, self.place, found[:count], t.offset, t.need_row, t.need_at,
            t.need_bits, t.cost, self.enter, self._rows, self._room, self.edge, self.came, self._edges,
            self._label, self._lead, self._links, self._linked,
        )  # fmt: skip
        if edges < 0:
            return False
        self._edges, self._linked = int(edges), int(linked)
        self._touched.update(self._label[found[:count]].tolist())
        if len(self._vain):  # the answer has not waited for this
            self._join_again()
        self._size_ring()
        self._changed()
        return True

    def _next(self) -> int:
        self._stamp += 1
        return self._stamp
