"""Finding a way: the solver's domain of navigation, over an occupancy grid, a move set and a hazard policy.

    navigator = Navigator(grid)                       # builds the graph; keep it while the grid stands
    way = navigator.solve((0, 64, 0), (20, 66, -4))   # optimal, or says why not
    for primitive in way.primitives: ...

Goal test: max(|dx|, |dz|) <= tolerance_xz and |dy| <= tolerance_y, over cells in which a body can rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from struct import Struct
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
from conscious_bot.sterling.units import UNITS_PER_COST, cost_of
from conscious_bot.world.grid import HAZARD, LAVA, SOLID, WATER, OccupancyGrid, as_cell

__all__ = [
    "DEFAULT_MAX_NODES",
    "MAX_NODES",
    "MAX_TOLERANCE",
    "CostField",
    "GoalField",
    "Navigator",
    "Status",
    "Way",
    "warm_up",
]

Status = Literal["solved", "unreachable", "budget"]

DEFAULT_MAX_NODES = 10_000
"""The documents' expansion limit. Caves need more; callers that can afford it pass more."""
MAX_NODES = 1 << 30
"""The largest limit that is accepted."""

MAX_TOLERANCE = 4096
"""The largest tolerance that is accepted."""

_ALL = np.zeros(0, np.uint8)
_NO_SEEDS = np.zeros((0, 2), np.int32)
_STEP = Struct("4h")


@dataclass(slots=True)
class Way:
    """The answer. `solved`: optimal. `unreachable`: proved that no way exists. `budget`: the limit was hit.

    `cost` is in walks (declared costs, penalties included), None without a way. `bound` is what any way
    costs at least: equal to the cost if solved, infinite if unreachable. With `budget` there may still be a
    way, found hastily; then it need not be the cheapest. `nodes` counts expansions. `learned_cost` is the cost
    weighted by what was learned, and the same without learning; with learning it is the least there is (and what
    `bound` bounds), `cost` what the way chosen by it comes to. Cells and steps are made when they are first asked for.
    """

    status: Status
    start: BlockPos
    cost: float | None
    learned_cost: float | None
    bound: float
    nodes: int
    _moves: MoveSet = field(default=PHASE1, repr=False, compare=False)
    _origin: BlockPos = field(default=(0, 0, 0), repr=False, compare=False)
    _trail: bytes = field(default=b"", repr=False)  # rows of x, y, z, step, 16 bits each
    _cells: tuple[BlockPos, ...] | None = field(default=None, init=False, repr=False, compare=False)
    _primitives: tuple[Primitive, ...] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def found(self) -> bool:
        """Whether there is a way to walk, optimal or not."""
        return self.cost is not None

    @property
    def goal(self) -> BlockPos | None:
        """The cell where it ends; None without a way."""
        return None if self.cost is None else self.cells[-1] if self.cells else self.start

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cells of the way after the start."""
        if self._cells is None:
            ox, oy, oz = self._origin
            self._cells = tuple([(x + ox, y + oy, z + oz) for x, y, z, _ in _STEP.iter_unpack(self._trail)])
        return self._cells

    @property
    def primitives(self) -> tuple[Primitive, ...]:
        """The steps; empty if the start is the goal or there is no way."""
        if self._primitives is None:
            names = self._moves.steps
            steps = [step for _, _, _, step in _STEP.iter_unpack(self._trail)]
            self._primitives = tuple(
                [Primitive(op=names[step].op, to=cell) for step, cell in zip(steps, self.cells, strict=True)]
            )
        return self._primitives


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
        trail = np.empty((most, 4), np.int16)
        length = kernels.descend_field(graph.row, graph.edge, graph.came, graph.place, self._units, node, trail)
        trail, learned = trail[:length], cost_of(total) / graph.scale
        cost = learned if graph.weights is None else cost_of(graph.declared(trail))
        return Way("solved", start, cost, learned, learned, 0, graph.moves, graph.grid.origin, trail.tobytes())


class Navigator:
    """Answers questions about one grid. Building costs some milliseconds, a question microseconds.

    `layers` holds cells of danger that no block shows: `hostile_zone`, `dark_area`. `moves` is a move set
    or its name. With `learned`, ways are the cheapest by what was learned. Without `landmarks` (see there) the
    same question always has the same way and the same expansions, however much was asked before. Raises the
    errors of `errors.py`, all ValueErrors.
    """

    def __init__(
        self,
        grid: OccupancyGrid,
        *,
        policy: HazardPolicy | None = None,
        moves: MoveSet | str = PHASE1,
        layers: Layers | None = None,
        learned: Weights | None = None,
        landmarks: bool = True,
    ) -> None:
        if isinstance(moves, str):
            if moves not in MOVE_SETS:
                raise LimitError(f"moves: {moves!r} is none of {', '.join(MOVE_SETS)}")
            moves = MOVE_SETS[moves]
        self.grid, self.moves = grid, moves
        self._origin, self._shape = grid.origin, grid.size
        self.policy = HazardPolicy() if policy is None else policy
        self._graph = Graph(grid, moves, self.policy, {} if layers is None else layers, learned)
        self._landmarks = landmarks

    @property
    def nodes(self) -> int:
        """How many cells of rest the grid has."""
        return self._graph.nodes

    @property
    def landmarks(self) -> int:
        """How many landmarks bound the searches by now."""
        return len(self._graph.landmarks)

    @property
    def memory(self) -> int:
        """Bytes of the graph and its landmarks, without workspaces."""
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
        start, x, y, z = self._inside(start, "start")
        _, gx, gy, gz = self._inside(goal, "goal")
        limit = _number(max_nodes, "maxNodes", 1, MAX_NODES)
        txz = _number(tolerance_xz, "toleranceXZ", 0, MAX_TOLERANCE)
        ty = _number(tolerance_y, "toleranceY", 0, MAX_TOLERANCE)
        box = gx - txz, gx + txz, gy - ty, gy + ty, gz - txz, gz + txz
        if box[0] <= x <= box[1] and box[2] <= y <= box[3] and box[4] <= z <= box[5]:
            return Way("solved", start, 0.0, 0.0, 0.0, 0)
        return self._search(start, (x, y, z), box, _ALL, limit)

    def solve_any(self, start: BlockPos, goals: Sequence[BlockPos], *, max_nodes: int = DEFAULT_MAX_NODES) -> Way:
        """The cheapest way to whichever of these cells is cheapest to reach; each is meant exactly.

        Cells outside the grid or in which no body can rest are not reached; `goal` of the answer says which
        one was. An empty list is unreachable.
        """
        start, *at = self._inside(start, "start")
        limit = _number(max_nodes, "maxNodes", 1, MAX_NODES)
        cells = [as_cell(cell, f"goals[{i}]") for i, cell in enumerate(goals)]
        if start in cells:
            return Way("solved", start, 0.0, 0.0, 0.0, 0)
        graph = self._graph
        nodes = sorted({n for n in map(graph.node, cells) if n >= 0})
        if not nodes:
            return _unreachable(start)
        accept = np.zeros(graph.numbers, np.uint8)
        accept[nodes] = 1
        spots = graph.place[nodes]
        box = np.stack([spots.min(axis=0), spots.max(axis=0)], axis=1).ravel().tolist()
        return self._search(start, at, box, accept, limit)

    def field(self, start: BlockPos, *, max_nodes: int = MAX_NODES) -> CostField:
        """What it costs to get from the start to every cell of rest (the start's own cell costs 0)."""
        start, *_ = self._inside(start, "start")
        limit = _number(max_nodes, "maxNodes", 1, MAX_NODES)
        graph = self._graph
        return CostField(graph, graph.flood(graph.seeds(start)[0], limit))

    def field_to(self, goal: BlockPos, *, tolerance_xz: int = 1, tolerance_y: int = 0) -> GoalField:
        """What it costs to get from every cell of rest to the goal: a body that left its way asks it for another.

        Raises the errors of `solve`.
        """
        _, *at = self._inside(goal, "goal")
        txz = _number(tolerance_xz, "toleranceXZ", 0, MAX_TOLERANCE)
        ty = _number(tolerance_y, "toleranceY", 0, MAX_TOLERANCE)
        graph = self._graph
        near = np.abs(graph.place[: graph.numbers] - at) <= (txz, ty, txz)
        goals = np.flatnonzero(near.all(axis=1)).astype(np.int32)
        goals = np.array([n for n in goals.tolist() if graph.node(graph.cell(n)) == n], np.int32)
        seeds = np.column_stack([goals, np.zeros_like(goals)])
        return GoalField(graph, graph.flood(seeds, MAX_NODES, back=True), graph.version)

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

    def _search(self, start: BlockPos, at: Sequence[int], box: Sequence[int], accept: Any, limit: int) -> Way:
        """The way from the start, `at` in the grid's own coordinates, as is the box: x0, x1, y0, y1, z0, z1."""
        graph = self._graph
        if graph.doubtful and graph.enclosed(start, box, accept):
            return _unreachable(start)
        seeds, first, trail = _NO_SEEDS, None, b""
        space = graph.borrow()
        try:
            while True:
                outcome, total, expanded, bound, length, seed, node = kernels.find_way(
                    space.desk, graph.setup, seeds, accept, *at, *box, limit
                )
                if outcome != kernels.NO_NODE:
                    break
                seeds, first = graph.seeds(start)
                if not len(seeds):
                    return _unreachable(start)
            if outcome == kernels.UNREACHABLE and expanded:
                graph.searched_in_vain(space.last_reached)
            if length:
                trail = space.steps[: _STEP.size * length].tobytes()
        finally:
            graph.give_back(space)
        if outcome == kernels.UNREACHABLE:
            return _unreachable(start, expanded)
        units = UNITS_PER_COST * graph.scale
        if outcome == kernels.BUDGET:
            return Way("budget", start, None, None, bound / units, expanded)
        if self._landmarks and graph.landmarks.spend(expanded):
            graph.add_landmark(node)
        if first is not None:
            trail = _STEP.pack(*graph.place[seeds[seed, 0]].tolist(), int(first[seed])) + trail
        learned = cost = total / units
        if graph.weights is not None:
            cost = cost_of(graph.declared(np.frombuffer(trail, np.int16).reshape(-1, 4)))
        if outcome == kernels.SOLVED:
            return Way("solved", start, cost, learned, learned, expanded, self.moves, self._origin, trail)
        return Way("budget", start, cost, learned, bound / units, expanded, self.moves, self._origin, trail)

    def _inside(self, value: Any, what: str) -> tuple[BlockPos, int, int, int]:
        """The cell, and where it lies in the grid's own coordinates."""
        (ox, oy, oz), (dx, dy, dz) = self._origin, self._shape
        if type(value) is tuple and len(value) == 3:  # the usual case, without ado
            x, y, z = value
            if type(x) is type(y) is type(z) is int:
                x, y, z = x - ox, y - oy, z - oz
                if 0 <= x < dx and 0 <= y < dy and 0 <= z < dz:
                    return value, x, y, z
        cell = as_cell(value, what)
        x, y, z = cell[0] - ox, cell[1] - oy, cell[2] - oz
        if not (0 <= x < dx and 0 <= y < dy and 0 <= z < dz):
            raise CellError(f"{what}: {cell} lies outside the grid (origin {self._origin}, size {self._graph.shape})")
        return cell, x, y, z


def _number(value: Any, what: str, least: int, most: int) -> int:
    """A whole number in range."""
    if type(value) is int and least <= value <= most:  # the usual case, without ado
        return value
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not least <= value <= most:
        raise LimitError(f"{what}: {value!r} is not a whole number from {least} to {most}")
    return int(value)


def _unreachable(start: BlockPos, nodes: int = 0) -> Way:
    return Way("unreachable", start, None, None, float("inf"), nodes)


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
        Graph(navigator.grid, PHASE1, navigator.policy, dark).add_landmark(0)
        navigator.solve((1, 1, 1), (2, 1, 3), tolerance_xz=0)
