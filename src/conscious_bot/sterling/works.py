"""Ways that are made while they are walked: dug, bridged, pillared up, and through doors.

    works = works_of(region, tables, inventory.counts(), may_edit)
    plan = WorksNavigator(classify(region, tables), works).solve(start, goal)

| step     | primitives, in order                                  | on top of its own cost       |
| -------- | ----------------------------------------------------- | ---------------------------- |
| level    | `open_E`, `dig_E` (head, then feet), `place_E`, `walk_E` | a bridge where no floor is |
| up       | `dig_U` above the head, `dig_E`, `jump_up_E`          |                              |
| down     | `dig_E` from above, `descend_E`                       |                              |
| drop     | `dig_D` of the floor under the feet, `drop_D`         | never into the unseen        |
| pillar   | `dig_U` above the head, `pillar_U`: jump and place    | one block                    |

`to` of dig, place and open is the block they act on; of the others the cell where the feet end. Digging costs
what the best tool at hand takes, in game time; what lets in a liquid or something that falls, what is protected
and what somebody built is never dug.

The search takes each step for itself: that a block dug (or placed) for one step stands in the way of a later
one is found when the way is checked, and then planned around; the answer says `budget` with the bound of the
first search instead of `solved`. Likewise where fewer blocks are at hand than the cheapest way places.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.game.supplements import natural_blocks
from conscious_bot.game.tables import Tables
from conscious_bot.sterling.errors import CellError, GridError, LimitError
from conscious_bot.sterling.flags import CLASS_FLAGS
from conscious_bot.sterling.hazards import Layers, check_layers, penalties
from conscious_bot.sterling.kernels_graph import PAD_SIDE, PAD_UP, derive_flags
from conscious_bot.sterling.kernels_works import search_works
from conscious_bot.sterling.moves import DESCEND, JUMP_UP, WALK
from conscious_bot.sterling.navigation import Status
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.units import cost_of, units_of_seconds
from conscious_bot.world.grid import AIR, LAVA, SOLID, WATER, OccupancyGrid, as_cell
from conscious_bot.world.region import UNKNOWN, VoxelRegion

__all__ = ["COSTS", "KINDS", "NEVER", "SIDES", "WorkPlan", "Works", "WorksNavigator", "works_of"]

NEVER = 65535
"""The price of opening what is not to be opened."""
MAX_DIG_SECONDS = 30.0
"""What takes longer to dig is gone round."""
MAX_CELLS = 1 << 20
"""The largest grid; the search keeps 8 bytes a cell and the hazards are looked at everywhere."""

_PLACE = units_of_seconds(0.25 + 1 / 1.295 - 1 / 4.317)  # the click, and a step that is sneaked instead of walked
_OPEN = units_of_seconds(0.2)
COSTS: tuple[int, ...] = (WALK.cost, JUMP_UP.cost, DESCEND.cost, units_of_seconds(0.25), JUMP_UP.cost, _PLACE)
"""Units of walk, jump, descend, drop, pillar, place."""

SIDES: tuple[tuple[str, tuple[int, int]], ...] = (("E", (1, 0)), ("W", (-1, 0)), ("S", (0, 1)), ("N", (0, -1)))
KINDS = 14
_ROUNDS = 8
_FALLING = ("sand", "gravel", "concrete_powder", "anvil", "dragon_egg")


@dataclass(frozen=True, slots=True, eq=False)
class Works:
    """What can be done to the cells of a grid; arrays of its shape.

    `opening`: units to make a cell passable, 0 where it is, NEVER where it must not be. `gate`: along which
    axes a cell can be passed, 1 x, 2 z, 3 all (a door: one). `shut`: a door that has to be opened (its price
    stands in `opening`). `placeable`: a block may be put there. `blocks`: how many are at hand.
    """

    opening: npt.NDArray[np.uint16]
    gate: npt.NDArray[np.uint8]
    shut: npt.NDArray[np.bool_]
    placeable: npt.NDArray[np.bool_]
    blocks: int = 0


def works_of(
    region: VoxelRegion,
    tables: Tables,
    items: Mapping[str, int],
    may_edit: Callable[[BlockPos], bool],
    *,
    blocks: int = 0,
    own: Collection[BlockPos] = (),
) -> Works:
    """What may be done in a scanned region with these items at hand. `blocks` of them are to be placed.

    Of what the world does not generate only `own` blocks are dug: cells that the bot itself has filled.
    """
    from conscious_bot.world.occupancy import classify  # noqa: PLC0415 - only scans need the classifier

    states = region.blocks
    kinds = classify(region, tables).blocks
    opening = np.full(states.shape, NEVER, np.uint16)
    opening[kinds == AIR] = 0
    gate = np.full(states.shape, 3, np.uint8)
    shut = np.zeros(states.shape, np.bool_)
    natural = natural_blocks()
    falling = np.zeros(states.shape, np.bool_)
    mine = np.zeros(states.shape, np.bool_)
    for cell in own:
        if region.box.contains(cell):
            mine[tuple(c - o for c, o in zip(cell, region.origin, strict=True))] = True
    for state in np.unique(states).tolist():
        if state == UNKNOWN:
            continue
        here = states == state
        block = tables.block_of(state)
        if any(block.name.endswith(name) for name in _FALLING):
            falling |= here
        if block.name.endswith(("_door", "_fence_gate")) and block.name != "iron_door":
            known = tables.properties_of(state)
            opening[here] = 0 if known.get("open") == "true" or known.get("half") == "upper" else _OPEN
            gate[here] = 1 if known.get("facing") in ("east", "west") else 2
            shut[here] = known.get("open") == "false" and known.get("half") != "upper"
        elif block.diggable and (block.name in natural or (here & mine).any()):
            ticks = tables.dig_ticks(state, tables.best_tool(state, items))
            if ticks is not None and ticks <= MAX_DIG_SECONDS * 20:
                ours = here if block.name in natural else here & mine
                opening[ours & (kinds == SOLID)] = units_of_seconds(max(ticks, 1) / 20)
    liquid = (kinds == WATER) | (kinds == LAVA)
    risky = np.zeros(states.shape, np.bool_)
    risky[:, :-1] |= falling[:, 1:]
    for axis in range(3):
        low = tuple(slice(None, -1) if i == axis else slice(None) for i in range(3))
        high = tuple(slice(1, None) if i == axis else slice(None) for i in range(3))
        risky[low] |= liquid[high]
        risky[high] |= liquid[low]
    solid = kinds == SOLID
    opening[solid & risky & ~shut & (gate == 3)] = NEVER
    placeable = kinds == AIR
    for x, y, z in np.argwhere(placeable | (solid & (opening < NEVER) & (gate == 3))).tolist():
        if not may_edit((x + region.origin[0], y + region.origin[1], z + region.origin[2])):
            placeable[x, y, z] = False
            if solid[x, y, z]:
                opening[x, y, z] = NEVER
    return Works(opening, gate, shut, placeable, blocks)


@dataclass(frozen=True)
class WorkPlan:
    """The answer. `cost`, `bound` and `nodes` are those of a `Way`; `digs` and `places` count blocks."""

    status: Status
    start: BlockPos
    goal: BlockPos | None
    cost: float | None
    bound: float
    nodes: int
    primitives: tuple[Primitive, ...] = ()
    cells: tuple[BlockPos, ...] = ()
    digs: int = 0
    places: int = 0

    @property
    def found(self) -> bool:
        """Whether there is a way to make."""
        return self.cost is not None


class WorksNavigator:
    """Answers questions about one grid and what may be done to it. Raises the errors of `errors.py`."""

    def __init__(
        self, grid: OccupancyGrid, works: Works, *, policy: HazardPolicy | None = None, layers: Layers | None = None
    ) -> None:
        layers = {} if layers is None else layers
        check_layers(grid, layers)
        for name in ("opening", "gate", "shut", "placeable"):
            if getattr(works, name).shape != grid.blocks.shape:
                raise GridError(f"works {name}: shape {getattr(works, name).shape} does not fit the grid's")
        if grid.blocks.size > MAX_CELLS:
            raise LimitError(f"works: {grid.blocks.size} cells are more than the {MAX_CELLS} that are searched")
        self.grid, self.works = grid, works
        self.policy = HazardPolicy() if policy is None else policy
        dx, dy, dz = grid.size
        flags = np.zeros((dx + 2 * PAD_SIDE, dy + 2 * PAD_UP, dz + 2 * PAD_SIDE), np.uint8)
        none = np.zeros((1, 1, 1), np.bool_)
        standable = none if grid.standable is None else np.ascontiguousarray(grid.standable)
        derive_flags(np.ascontiguousarray(grid.blocks), standable, grid.standable is not None, CLASS_FLAGS, flags)
        every = np.indices(grid.size, np.int16).reshape(3, -1).T
        enter = penalties(grid, flags, np.ascontiguousarray(every), self.policy, layers).reshape(grid.size)
        self._dearest = int(enter.max())
        self._inner = (slice(PAD_SIDE, -PAD_SIDE), slice(PAD_UP, -PAD_UP), slice(PAD_SIDE, -PAD_SIDE))
        self._strides = np.array([flags.shape[1] * flags.shape[2], flags.shape[2]], np.int64)
        self._floor = self._padded((flags[self._inner] & 2) != 0, flags.shape, 0)
        self._gate = self._padded(works.gate, flags.shape, 3)
        self._enter = self._padded(enter, flags.shape, 0)

    def _padded(self, layer: npt.NDArray[Any], shape: tuple[int, ...], rim: int) -> npt.NDArray[Any]:
        full = np.full(shape, rim, layer.dtype)
        full[self._inner] = layer
        return full

    def solve(
        self,
        start: BlockPos,
        goal: BlockPos,
        *,
        tolerance_xz: int = 0,
        tolerance_y: int = 0,
        max_nodes: int = MAX_CELLS,
    ) -> WorkPlan:
        """The cheapest way to make and walk to a cell within the tolerance of the goal."""
        start, goal = as_cell(start, "start"), as_cell(goal, "goal")
        for what, cell in (("start", start), ("goal", goal)):
            if not self.grid.contains(cell):
                raise CellError(f"{what}: {cell} lies outside the grid")
        if min(tolerance_xz, tolerance_y) < 0 or max_nodes < 1:
            raise LimitError("works: tolerances are 0 or more, maxNodes 1 or more")
        wide = max(abs(start[0] - goal[0]), abs(start[2] - goal[2]))
        if wide <= tolerance_xz and abs(start[1] - goal[1]) <= tolerance_y:
            return WorkPlan("solved", start, start, 0.0, 0.0, 0)
        reach = (tolerance_xz, tolerance_y, tolerance_xz)
        opening = self._padded(self.works.opening, self._floor.shape, NEVER)
        place = self._padded(self.works.placeable, self._floor.shape, 0)
        costs = np.array(COSTS, np.int64)
        if self.works.blocks <= 0:
            costs[5] = 0
        bound: float | None = None
        expanded = 0
        for _ in range(_ROUNDS):
            plan, cause = self._round(start, goal, reach, opening, place, costs, max_nodes)
            expanded += plan.nodes
            if bound is None:
                bound = plan.bound
            elif plan.status == "unreachable":
                return WorkPlan("budget", start, None, None, bound, expanded)
            if not plan.found or (cause is None and plan.places <= self.works.blocks):
                status = "budget" if plan.bound != bound else plan.status
                return replace(plan, status=status, bound=bound, nodes=expanded)
            if cause is None:
                costs[5] = 0  # too few blocks: without any
            else:
                x, y, z = (c - o for c, o in zip(cause[1], self.grid.origin, strict=True))
                layer, value = (opening, NEVER) if cause[0] == "dug" else (place, 0)
                layer[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE] = value
        return WorkPlan("budget", start, None, None, bound or 0.0, expanded)

    def _round(
        self,
        start: BlockPos,
        goal: BlockPos,
        reach: tuple[int, int, int],
        opening: npt.NDArray[np.uint16],
        place: npt.NDArray[np.bool_],
        costs: npt.NDArray[np.int64],
        limit: int,
    ) -> tuple[WorkPlan, tuple[str, BlockPos] | None]:
        """One search; and the block that was dug or placed and then missed or in the way, if there is one."""
        pads = (PAD_SIDE, PAD_UP, PAD_SIDE)
        box: list[int] = []
        for g, o, r, n, pad in zip(goal, self.grid.origin, reach, self.grid.size, pads, strict=True):
            box += [max(0, g - o - r) + pad, min(n - 1, g - o + r) + pad]
        sx, sy = self._strides.tolist()
        at = sum((s - o + p) * k for s, o, p, k in zip(start, self.grid.origin, pads, (sx, sy, 1), strict=True))
        finite = opening[opening < NEVER]
        ring = 1 << (int(3 * finite.max(initial=0)) + self._dearest + 64).bit_length()
        end, total, nodes, last, stopped, came = search_works(
            opening.reshape(-1), self._gate.reshape(-1), self._floor.reshape(-1), place.reshape(-1),
            self._enter.reshape(-1), self._strides, at, np.array(box, np.int64), costs, limit, ring,
        )  # fmt: skip
        if end < 0 and not stopped:
            return WorkPlan("unreachable", start, None, None, float("inf"), nodes), None
        if end < 0:
            return WorkPlan("budget", start, None, None, cost_of(int(last)), nodes), None
        kinds: list[int] = []
        here = int(end)
        while here != at:
            kind = int(came[here])
            kinds.append(kind)
            here -= _offset(kind, sx, sy)
        kinds.reverse()
        tracer = _Tracer(self.grid, self.works, start)
        for kind in kinds:
            if (cause := tracer.step(kind)) is not None:
                break
        else:
            cause = None
        cost = cost_of(int(total))
        plan = WorkPlan(
            "solved", start, tracer.here, cost, cost, nodes, tuple(tracer.primitives), tuple(tracer.cells),
            len(tracer.dug), tracer.places,
        )  # fmt: skip
        return plan, cause


def _offset(kind: int, sx: int, sy: int) -> int:
    ahead = (sx, -sx, 1, -1)[kind & 3]
    if kind < 12:
        return ahead + (0, sy, -sy)[kind >> 2]
    return -sy if kind == 12 else sy


class _Tracer:
    """Turns steps into primitives and keeps account of what they did to the blocks."""

    def __init__(self, grid: OccupancyGrid, works: Works, start: BlockPos) -> None:
        self._grid, self._works = grid, works
        self.here = start
        self.primitives: list[Primitive] = []
        self.cells: list[BlockPos] = []
        self.dug: dict[BlockPos, None] = {}
        self._placed: dict[BlockPos, None] = {}
        self.places = 0

    def step(self, kind: int) -> tuple[str, BlockPos] | None:
        """Take one step; names the block that an earlier step dug or placed and this one needs otherwise."""
        x, y, z = self.here
        name, (ax, az) = SIDES[kind & 3]
        ahead = (x + ax, z + az)
        if kind >= 12:
            return self._upright(kind)
        rise = (0, 1, -1)[kind >> 2]
        to = (ahead[0], y + rise, ahead[1])
        passed = {0: (1, 0), 1: (2, 1), -1: (1, 0, -1)}[rise]
        cells = [(ahead[0], y + up, ahead[1]) for up in passed]
        if rise == 1 and (cause := self._open("U", (x, y + 2, z))):
            return cause
        for cell in cells:
            if cause := self._open(name, cell):
                return cause
        floor = (to[0], to[1] - 1, to[2])
        if not self._stands(floor):
            if self._grid.floor_at(floor):
                return "dug", floor
            self._place(name, floor)
        self._go(f"{('walk', 'jump_up', 'descend')[rise]}_{name}", to)
        return None

    def _upright(self, kind: int) -> tuple[str, BlockPos] | None:
        x, y, z = self.here
        if kind == 12:
            floor = (x, y - 2, z)
            if not self._stands(floor):
                return "dug", floor
            if cause := self._open("D", (x, y - 1, z)):
                return cause
            self._go("drop_D", (x, y - 1, z))
            return None
        if cause := self._open("U", (x, y + 2, z)):
            return cause
        self._placed[self.here] = None
        self.places += 1
        self._go("pillar_U", (x, y + 1, z))
        return None

    def _stands(self, cell: BlockPos) -> bool:
        return cell in self._placed or (self._grid.floor_at(cell) and cell not in self.dug)

    def _open(self, side: str, cell: BlockPos) -> tuple[str, BlockPos] | None:
        if cell in self._placed:
            return "placed", cell
        x, y, z = (c - o for c, o in zip(cell, self._grid.origin, strict=True))
        if self._works.opening[x, y, z] > 0 and cell not in self.dug:
            if self._works.shut[x, y, z]:
                self.primitives.append(Primitive(op=f"open_{side}", to=cell))
            else:
                self.primitives.append(Primitive(op=f"dig_{side}", to=cell))
                self.dug[cell] = None
        return None

    def _place(self, side: str, cell: BlockPos) -> None:
        self.primitives.append(Primitive(op=f"place_{side}", to=cell))
        self._placed[cell] = None
        self.places += 1

    def _go(self, op: str, to: BlockPos) -> None:
        self.primitives.append(Primitive(op=op, to=to))
        self.cells.append(to)
        self.here = to
