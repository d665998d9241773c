"""Finding a way: the solver's domain of navigation, over an occupancy grid, a move set and a hazard policy.

    navigator = Navigator(grid)                       # builds the graph; keep it while the grid stands
    way = navigator.solve((0, 64, 0), (20, 66, -4))   # optimal, or says why not
    for primitive in way.primitives: ...

Goal test: max(|dx|, |dz|) <= tolerance_xz and |dy| <= tolerance_y, over cells in which a body can rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.sterling import kernels
from conscious_bot.sterling.errors import CellError, GridError, LimitError, StaleError
from conscious_bot.sterling.graph import Graph
from conscious_bot.sterling.hazards import Layers
from conscious_bot.sterling.learning import Weights
from conscious_bot.sterling.moves import MOVE_SETS, PHASE1, MoveSet
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.units import cost_of
from conscious_bot.world.grid import HAZARD, LAVA, SOLID, WATER, OccupancyGrid, as_cell

__all__ = ["DEFAULT_MAX_NODES", "MAX_NODES", "CostField", "GoalField", "Navigator", "Status", "Way", "warm_up"]

Status = Literal["solved", "unreachable", "budget"]

DEFAULT_MAX_NODES = 10_000
"""The documents' expansion limit. Caves need more; callers that can afford it pass more."""
MAX_NODES = 1 << 30
"""The largest limit that is accepted."""

_ALL = np.zeros(0, np.uint8)
_NO_STEPS = np.zeros(0, np.uint8)
_NO_CELLS = np.zeros((0, 3), np.int16)
_HASTE = 2  # the weight of the estimate in the second, hasty search


@dataclass(frozen=True)
class Way:
    """The answer. `solved`: optimal. `unreachable`: proved that no way exists. `budget`: the limit was hit.

    `cost` is in walks (declared costs, penalties included), None without a way. `bound` is what any way
    costs at least: equal to the cost if solved, infinite if unreachable. With `budget` there may still be a
    way, found hastily; then it need not be the cheapest. `nodes` counts expansions. `goal` is the cell where
    it ends. `learned_cost` is the cost weighted by what was learned, and the same without learning; with
    learning it is the least there is (and what `bound` bounds), `cost` what the way chosen by it comes to.
    """

    status: Status
    start: BlockPos
    goal: BlockPos | None
    cost: float | None
    learned_cost: float | None
    bound: float
    nodes: int
    _moves: MoveSet = field(default=PHASE1, repr=False)
    _origin: BlockPos = field(default=(0, 0, 0), repr=False)
    _steps: npt.NDArray[np.uint8] = field(default_factory=lambda: _NO_STEPS, repr=False, compare=False)
    _cells: npt.NDArray[np.int16] = field(default_factory=lambda: _NO_CELLS, repr=False, compare=False)

    @property
    def found(self) -> bool:
        """Whether there is a way to walk, optimal or not."""
        return self.cost is not None

    @cached_property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cells of the way after the start."""
        ox, oy, oz = self._origin
        return tuple((x + ox, y + oy, z + oz) for x, y, z in self._cells.tolist())

    @cached_property
    def primitives(self) -> tuple[Primitive, ...]:
        """The steps; empty if the start is the goal or there is no way."""
        names = self._moves.steps
        return tuple(
            Primitive(op=names[step].op, to=cell) for step, cell in zip(self._steps.tolist(), self.cells, strict=True)
        )


@dataclass(frozen=True, eq=False)
class CostField:
    """Costs between one place and every cell of rest that can be reached from it (or can reach it)."""

    _graph: Graph
    _units: npt.NDArray[np.int32]

    def cost(self, cell: BlockPos) -> float | None:
        """The cost for a cell of the world; None if it is not reached, no cell of rest, or outside."""
        node = self._graph.node(cell)
        if node < 0 or self._units[node] >= kernels.INFINITE:
            return None
        return cost_of(int(self._units[node])) / self._graph.scale

    def __len__(self) -> int:
        return int(np.count_nonzero(self._units < kernels.INFINITE))

    def __iter__(self) -> Iterator[tuple[BlockPos, float]]:
        """Cells reached with their costs, cheapest first, ties by x, z, y."""
        order = np.argsort(self._units, kind="stable")
        for node in order[: len(self)].tolist():
            yield self._graph.cell(node), cost_of(int(self._units[node])) / self._graph.scale


@dataclass(frozen=True, eq=False)
class GoalField(CostField):
    """Costs of the ways to one goal, and the ways themselves, from anywhere. Stands until blocks change."""

    version: int

    @property
    def current(self) -> bool:
        """Whether no block has changed since; if one has, ask the navigator again."""
        return self.version == self._graph.version

    def way(self, start: BlockPos) -> Way | None:
        """The cheapest way from a cell of rest to the goal; None if there is none. Raises `StaleError`."""
        if not self.current:
            raise StaleError("goal field: blocks have changed since it was made")
        graph, node = self._graph, self._graph.node(start)
        if node < 0 or self._units[node] >= kernels.INFINITE:
            return None
        total = int(self._units[node])
        most = total // int(graph.table.cost.min()) + 1
        steps, cells = np.empty(most, np.uint8), np.empty((most, 3), np.int16)
        length, end = kernels.descend_field(
            graph.row, graph.edge, graph.step, graph.place, self._units, node, steps, cells
        )
        steps, cells, learned = steps[:length], cells[:length], cost_of(total) / graph.scale
        cost = learned if graph.weights is None else cost_of(graph.declared(steps, cells))
        return Way(
            "solved", start, graph.cell(end), cost, learned, learned, 0, graph.moves, graph.grid.origin, steps, cells
        )


class Navigator:
    """Answers questions about one grid. Building costs some milliseconds, a question microseconds.

    `layers` holds cells of danger that no block shows: `hostile_zone`, `dark_area`. `moves` is a move set
    or its name. With `learned`, ways are the cheapest by what was learned. Raises the errors of `errors.py`,
    all ValueErrors.
    """

    def __init__(
        self,
        grid: OccupancyGrid,
        *,
        policy: HazardPolicy | None = None,
        moves: MoveSet | str = PHASE1,
        layers: Layers | None = None,
        learned: Weights | None = None,
    ) -> None:
        if isinstance(moves, str):
            if moves not in MOVE_SETS:
                raise LimitError(f"moves: {moves!r} is none of {', '.join(MOVE_SETS)}")
            moves = MOVE_SETS[moves]
        self.grid, self.moves = grid, moves
        self.policy = HazardPolicy() if policy is None else policy
        self._graph = Graph(grid, moves, self.policy, {} if layers is None else layers, learned)

    @property
    def nodes(self) -> int:
        """How many cells of rest the grid has."""
        return self._graph.nodes

    @property
    def memory(self) -> int:
        """Bytes of the graph, without workspaces."""
        return self._graph.memory

    def standable(self, cell: BlockPos) -> bool:
        """Whether a body can rest with its feet in this cell."""
        return self._graph.node(cell) >= 0

    def snap(self, cell: BlockPos) -> BlockPos | None:
        """The cell of rest a body near this cell stands in: itself, the one above (on a slab or a chest),

        below (in the air), or beside (over an edge); None if there is none within a block and two below.
        """
        x, y, z = cell
        for dy in (0, 1, -1):
            if self.standable((x, y + dy, z)):
                return x, y + dy, z
        for dy in (0, 1, -1, -2):
            for dx, dz in ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (1, 1), (-1, 1), (-1, -1)):
                if self.standable((x + dx, y + dy, z + dz)):
                    return x + dx, y + dy, z + dz
        return (x, y - 2, z) if self.standable((x, y - 2, z)) else None

    def solve(
        self,
        start: BlockPos,
        goal: BlockPos,
        *,
        tolerance_xz: int = 1,
        tolerance_y: int = 0,
        max_nodes: int = DEFAULT_MAX_NODES,
    ) -> Way:
        """The cheapest way to a cell of rest within the tolerance of the goal.

        At most `max_nodes` expansions for the exact search; if they do not suffice, as many again for a
        hasty one. Raises `CellError` if start or goal lie outside the grid, `LimitError` for the numbers.
        """
        start, goal = self._inside(start, "start"), self._inside(goal, "goal")
        limit = _number(max_nodes, "maxNodes", 1, MAX_NODES)
        box = self._box(goal, tolerance_xz, tolerance_y)
        if (
            abs(start[0] - goal[0]) <= tolerance_xz
            and abs(start[2] - goal[2]) <= tolerance_xz
            and abs(start[1] - goal[1]) <= tolerance_y
        ):
            return Way("solved", start, start, 0.0, 0.0, 0.0, 0)
        return self._search(start, *box, _ALL, limit)

    def solve_any(self, start: BlockPos, goals: Sequence[BlockPos], *, max_nodes: int = DEFAULT_MAX_NODES) -> Way:
        """The cheapest way to whichever of these cells is cheapest to reach; each is meant exactly.

        Cells outside the grid or in which no body can rest are not reached; `goal` of the answer says which
        one was. An empty list is unreachable.
        """
        start = self._inside(start, "start")
        limit = _number(max_nodes, "maxNodes", 1, MAX_NODES)
        cells = [as_cell(cell, f"goals[{i}]") for i, cell in enumerate(goals)]
        if start in cells:
            return Way("solved", start, start, 0.0, 0.0, 0.0, 0)
        graph = self._graph
        nodes = sorted({n for n in map(graph.node, cells) if n >= 0})
        if not nodes:
            return _unreachable(start)
        accept = np.zeros(graph.numbers, np.uint8)
        accept[nodes] = 1
        spots = graph.place[nodes]
        return self._search(start, spots.min(axis=0).tolist(), spots.max(axis=0).tolist(), accept, limit)

    def field(self, start: BlockPos, *, max_nodes: int = MAX_NODES) -> CostField:
        """What it costs to get from the start to every cell of rest (the start's own cell costs 0)."""
        start = self._inside(start, "start")
        limit = _number(max_nodes, "maxNodes", 1, MAX_NODES)
        graph = self._graph
        nodes, costs, _ = graph.seeds(start)
        space = graph.borrow(len(nodes))
        space.box.fill(-1)  # nowhere
        epoch = space.next_epoch(graph.numbers)
        kernels.search(
            graph.row, graph.edge, nodes, costs, space.box, graph.rates,
            _ALL, 0, limit, epoch, space.state, space.heads, space.pool,
        )  # fmt: skip
        result = np.empty(graph.numbers, np.int32)
        kernels.costs_of(space.state, epoch, result)
        graph.give_back(space)
        return CostField(graph, result)

    def field_to(self, goal: BlockPos, *, tolerance_xz: int = 1, tolerance_y: int = 0) -> GoalField:
        """What it costs to get from every cell of rest to the goal: a body that left its way asks it for another.

        Raises the errors of `solve`.
        """
        goal = self._inside(goal, "goal")
        low, high = self._box(goal, tolerance_xz, tolerance_y)
        graph = self._graph
        spots = graph.place[: graph.numbers]
        goals = np.flatnonzero(((spots >= low) & (spots <= high)).all(axis=1)).astype(np.int32)
        goals = np.array([n for n in goals.tolist() if graph.node(graph.cell(n)) == n], np.int32)
        back_row = np.empty((graph.numbers, 2), np.int32)
        back = kernels.reverse_rows(graph.row, graph.edge, back_row)
        space = graph.borrow(len(goals))
        space.box.fill(-1)  # nowhere
        epoch = space.next_epoch(graph.numbers)
        kernels.search(
            back_row, back, goals, np.zeros(len(goals), np.int32), space.box, graph.rates,
            _ALL, 0, MAX_NODES, epoch, space.state, space.heads, space.pool,
        )  # fmt: skip
        result = np.empty(graph.numbers, np.int32)
        kernels.costs_of(space.state, epoch, result)
        graph.give_back(space)
        return GoalField(graph, result, graph.version)

    def update(self, changes: Iterable[tuple[BlockPos, int, bool]]) -> None:
        """Work in changed blocks: (cell, class, whether it is a floor). Costs far less than a new navigator.

        Cells outside the grid are ignored; a grid without a layer of floors takes every solid cell for one.
        The grid handed in at first is left as it is; `grid` is one of the navigator's own from now on.
        Nothing may be asked meanwhile. Raises `GridError` for a class that does not exist.
        """
        cells = [(as_cell(cell, "change"), kind, floor) for cell, kind, floor in changes]
        for cell, kind, _ in cells:
            if not 0 <= kind <= HAZARD:
                raise GridError(f"change at {cell}: class {kind} is unknown; 0 to {HAZARD} are defined")
        self._graph.update(cells)
        self.grid = self._graph.grid

    def set_layers(self, layers: Layers) -> None:
        """Other zones of danger from now on. Nothing may be asked meanwhile. Raises what the constructor does."""
        self._graph.rebuild(layers)

    def _box(self, goal: BlockPos, tolerance_xz: int, tolerance_y: int) -> tuple[list[int], list[int]]:
        """The lowest and the highest cell within the tolerance, in the grid's own coordinates."""
        txz, ty = _number(tolerance_xz, "toleranceXZ", 0, 4096), _number(tolerance_y, "toleranceY", 0, 4096)
        (gx, gy, gz), (ox, oy, oz), (dx, dy, dz) = goal, self.grid.origin, self.grid.size
        x, y, z = gx - ox, gy - oy, gz - oz
        return (
            [max(0, x - txz), max(0, y - ty), max(0, z - txz)],
            [min(dx - 1, x + txz), min(dy - 1, y + ty), min(dz - 1, z + txz)],
        )

    def _search(self, start: BlockPos, low: Sequence[int], high: Sequence[int], accept: Any, limit: int) -> Way:
        """Exact, then, if the limit was too small, hasty."""
        graph = self._graph
        seeds, costs, first = graph.seeds(start)
        space = graph.borrow(len(seeds))
        try:
            bound, expanded = 0, 0
            for weight in (1, _HASTE):
                space.box[:] = (low[0], high[0], low[1], high[1], low[2], high[2])
                node, total, count, last, stopped, length, seed = kernels.find_way(
                    graph.row, graph.edge, graph.origin, graph.step, graph.place, graph.first, graph.after,
                    graph.label, graph.shape[2], seeds, costs, space.box, graph.rates, accept, weight, limit,
                    space.next_epoch(graph.numbers), space.state, space.heads, space.pool,
                    space.path, space.path_step, space.path_cell,
                )  # fmt: skip
                expanded += count
                if weight == 1:
                    bound = last
                if not stopped:
                    break
            if node < 0 and not stopped:
                if expanded:
                    graph.searched_in_vain()
                return _unreachable(start, expanded)
            if node < 0:
                return Way("budget", start, None, None, None, cost_of(bound) / graph.scale, expanded)
            taken, cells = space.path_step[:length].copy(), space.path_cell[:length].copy()
        finally:
            graph.give_back(space)
        if first is not None:
            taken = np.concatenate([first[seed : seed + 1].astype(np.uint8), taken])
            cells = np.concatenate([graph.place[seeds[seed] : seeds[seed] + 1], cells])
        return Way(
            status="solved" if weight == 1 else "budget",
            start=start,
            goal=graph.cell(node),
            cost=cost_of(total if graph.weights is None else graph.declared(taken, cells)),
            learned_cost=cost_of(total) / graph.scale,
            bound=cost_of(bound) / graph.scale,
            nodes=expanded,
            _moves=self.moves,
            _origin=self.grid.origin,
            _steps=taken,
            _cells=cells,
        )

    def _inside(self, value: Any, what: str) -> BlockPos:
        """The cell, if it lies in the grid."""
        cell = as_cell(value, what)
        if not self.grid.contains(cell):
            raise CellError(f"{what}: {cell} lies outside the grid (origin {self.grid.origin}, size {self.grid.size})")
        return cell


def _number(value: Any, what: str, least: int, most: int) -> int:
    """A whole number in range."""
    if type(value) is int and least <= value <= most:  # the usual case, without ado
        return value
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not least <= value <= most:
        raise LimitError(f"{what}: {value!r} is not a whole number from {least} to {most}")
    return int(value)


def _unreachable(start: BlockPos, nodes: int = 0) -> Way:
    return Way("unreachable", start, None, None, None, float("inf"), nodes)


def warm_up() -> None:
    """Load the compiled kernels (or compile them, once per installation) before the first question is asked.

    From disk that takes about half a second; call it in a thread while the world loads.
    """
    blocks = np.zeros((4, 4, 4), np.uint8)
    blocks[:, 0, :] = SOLID
    blocks[0, 0, 0] = WATER
    blocks[3, 0, 3] = LAVA
    blocks[3, 1, 0] = HAZARD
    for floors in (None, np.ones(blocks.shape, np.bool_)):
        dark = {"dark_area": np.ones(blocks.shape, np.bool_)}
        navigator = Navigator(OccupancyGrid((0, 0, 0), blocks, floors), layers=dark)
        navigator.solve((1, 1, 1), (2, 1, 3), tolerance_xz=0)
        navigator.solve((0, 1, 0), (2, 1, 3))
        navigator.field((1, 1, 1))
        navigator.field_to((1, 1, 1)).way((2, 1, 2))
        navigator.update([((2, 1, 2), SOLID, True)])
        navigator.solve((1, 1, 1), (2, 1, 3), tolerance_xz=0)
