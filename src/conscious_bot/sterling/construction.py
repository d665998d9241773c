"""The building domain: in which order, and from where, the pieces of a blueprint are placed.

The order is found backwards, by taking the finished building down: a piece that can be taken away now, and could
be put back from a cell that is joined to the outside with and without it, may be placed last. So no piece has to
be looked ahead for, nothing ever walls the builder in, and each piece has a neighbour to be placed against. The
highest pieces go first, so building grows from the ground.

Where nothing more can be taken down, scaffold is put up (in building it is dug away at that moment): steps to a
place from which the work goes on, with as few blocks as the search finds, or a column under what hangs in the
air. Scaffold is taken down like everything else, which in building is where it is placed.

`build_order` works in any scanned surroundings; `solve_bundle` is the command's answer on flat ground.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.sterling import kernels_construction as k
from conscious_bot.sterling import kernels_scaffold, kernels_stance
from conscious_bot.sterling.bundle import SolveBundle
from conscious_bot.sterling.construction_blocks import counts_as, flags_of, holding
from conscious_bot.sterling.construction_blueprint import Blueprint, Piece, read_blueprint
from conscious_bot.sterling.errors import LimitError
from conscious_bot.world.region import Box, VoxelRegion

__all__ = [
    "SCAFFOLD",
    "SOLVER_ID",
    "BuildPlan",
    "BuildStep",
    "Unplaced",
    "answer_wire",
    "build_order",
    "flat_ground",
    "solve_bundle",
    "stand_in",
    "stands",
    "surroundings_of",
    "warm_up",
]

SOLVER_ID = "minecraft.construction"
SOLVER_VERSION = 2
"""Counts up when the same question may get another answer."""

SCAFFOLD = "dirt"
"""The block that `solve build` takes for scaffold."""

MAX_CELLS = 40_000_000
"""The largest box of cells that is searched."""
_MARGIN, _WIDEST_MARGIN = 8, 24
_DETOURS = 40
"""How many ways up are tried before a piece is given up for now."""
_TOWERS = 8
"""How many columns that are too high to reach their tops are tried, each with steps around it."""
_WINDING = 3
"""How far from the column those steps lie at most, so that all of it is within reach."""
_CLOSE = 60
"""How many places around the top of such a column one may work from, the nearest."""
_ROUNDS = 400
"""How often scaffold may be put up for one building."""

_OPPOSITE_FACE = ("up", "down", "east", "west", "south", "north")
"""The face of the neighbour that borders on the cell, by the side on which the neighbour lies."""
_FACINGS = {(-1, 0): 1, (1, 0): 2, (0, -1): 3, (0, 1): 4}

Status = Literal["solved", "impossible"]


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One act: put a piece down against that face of a neighbour, or dig scaffold away, standing in `feet`."""

    act: Literal["place", "dig"]
    piece: Piece
    feet: BlockPos
    against: BlockPos | None = None
    face: str | None = None
    scaffold: bool = False


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A piece for which no order was found, and why."""

    piece: Piece
    why: str


@dataclass(frozen=True)
class BuildPlan:
    """The acts in order; none if there are pieces that cannot be placed."""

    steps: tuple[BuildStep, ...]
    unplaced: tuple[Unplaced, ...] = ()
    examined: int = 0
    """How many pieces were taken down, scaffold included."""

    @property
    def status(self) -> Status:
        """Whether every piece is placed."""
        return "impossible" if self.unplaced else "solved"

    @property
    def order(self) -> tuple[Piece, ...]:
        """The pieces of the blueprint in the order in which they are placed."""
        return tuple(step.piece for step in self.steps if step.act == "place" and not step.scaffold)

    @property
    def scaffold(self) -> int:
        """How many blocks of scaffold are placed, and dug away again."""
        return sum(step.act == "dig" for step in self.steps)


def flat_ground(blueprint: Blueprint, tables: Tables) -> VoxelRegion:
    """Level ground right under a blueprint, wide enough to build it on."""
    box = surroundings_of(blueprint)
    if box.volume > MAX_CELLS:
        raise LimitError(f"blueprint: {box.volume} cells around it, at most {MAX_CELLS} are searched; build in parts")
    blocks = np.full(box.size, tables.blocks["air"].default_state, dtype=np.uint16)
    ground = tables.blocks.get("grass_block") or tables.blocks["grass"]
    blocks[:, : blueprint.low[1] - box.low[1], :] = ground.default_state
    return VoxelRegion(box.low, blocks)


def surroundings_of(blueprint: Blueprint) -> Box:
    """The cells that matter to building: with room to stand around it, and for steps up its height."""
    low, high = blueprint.low, blueprint.high
    margin = min(max(_MARGIN, high[1] - low[1] + 4), _WIDEST_MARGIN)
    return Box((low[0] - margin, low[1] - 2, low[2] - margin), (high[0] + margin, high[1] + 4, high[2] + margin))


def stand_in(region: VoxelRegion, tables: Tables, cells: Sequence[BlockPos]) -> BlockPos | None:
    """The first of these cells in which a body can rest."""
    flags = flags_of(tables)
    for x, y, z in cells:
        feet, head, floor = (int(flags[region.state((x, y + dy, z))]) for dy in (0, 1, -1))
        if not (feet | head) & (k.SOLID | k.BAR) and floor & k.FLOOR:
            return x, y, z
    return None


def build_order(
    blueprint: Blueprint,
    region: VoxelRegion,
    tables: Tables,
    seed: BlockPos,
    *,
    scaffold: str = SCAFFOLD,
    may_edit: Callable[[BlockPos], bool] | None = None,
) -> BuildPlan:
    """The order in which to place what of a blueprint does not stand yet, in the surroundings as they are.

    `seed` is a cell in which one can stand before and after: every step is done from a place joined to it by
    steps and jumps of one block, and so is the way back. Cells that are neither free nor hold the right block
    already must have been cleared (`LimitError`). `may_edit` says where scaffold may stand.
    """
    return _Demolition(blueprint, region, tables, seed, scaffold, may_edit).plan()


class _Demolition:
    """One building being taken down."""

    def __init__(
        self,
        blueprint: Blueprint,
        region: VoxelRegion,
        tables: Tables,
        seed: BlockPos,
        scaffold: str,
        may_edit: Callable[[BlockPos], bool] | None,
    ) -> None:
        if region.blocks.size > MAX_CELLS:
            raise LimitError(f"region: {region.blocks.size} cells, at most {MAX_CELLS} are searched")
        self._tables = tables
        self._scaffold = Piece(scaffold, scaffold, (0, 0, 0))
        dx, dy, dz = (n + 2 * kernels_stance.PAD for n in region.blocks.shape)
        self._origin = tuple(o - kernels_stance.PAD for o in region.origin)
        self._strides = np.array((dy * dz, dz), np.int64)
        cells = np.full((dx, dy, dz), k.SOLID | k.OPAQUE | k.BAR | k.TAKEN, np.uint8)
        p = kernels_stance.PAD
        cells[p:-p, p:-p, p:-p] = flags_of(tables)[region.blocks]
        # Scaffold may stand where nothing stands now.
        self._free = np.zeros((dx, dy, dz), np.uint8)
        self._free[p:-p, p:-p, p:-p] = cells[p:-p, p:-p, p:-p] == 0
        self._free = self._free.ravel()
        if may_edit is not None:
            for at in np.flatnonzero(self._free).tolist():
                self._free[at] = may_edit(self._cell(at))
        self._flags = cells.ravel()
        self._owner = np.full(cells.size, -1, np.int32)
        self._seed = self._index(seed)
        standing = _standing(blueprint, region, tables)
        self._pieces: list[Piece] = [piece for piece in blueprint.pieces if piece not in standing]
        self._targets = len(self._pieces)
        self._check_seed(seed)
        self._rows = np.zeros((max(1, 2 * self._targets), 8), np.int64)
        self._depth = np.full(len(self._rows), -1, np.int32)
        self._states = np.full(len(self._rows), k.GONE, np.uint8)
        self._why = np.zeros(len(self._rows), np.uint8)
        for piece in self._pieces:
            for cell in piece.cells:
                if not region.box.contains(cell) or self._flags[self._index(cell)] != 0:
                    name = tables.name_of(region.state(cell))
                    raise LimitError(f"blueprint: {name} stands at {list(cell)}, where {piece.block} is to go")
        for number, piece in enumerate(self._pieces):
            self._enter(number, piece, scaffold=False)
        self._reached = np.zeros(cells.size, np.uint8)
        self._stack = np.empty(cells.size + 64, np.int64)
        self._fresh = np.empty(cells.size, np.int64)
        reach = [
            (x * x + z * z + abs(y + 1), x * self._strides[0] + y * self._strides[1] + z)
            for x in range(-5, 6)
            for y in range(-6, 5)
            for z in range(-5, 6)
        ]
        self._offsets = np.array([step for _, step in sorted(reach)], np.int64)
        self._last = self._seed
        self._events: list[tuple[str, int, int, int]] = []

    # ------------------------------------------------------------------ cells

    def _index(self, cell: BlockPos) -> int:
        x, y, z = (c - o for c, o in zip(cell, self._origin, strict=True))
        sx, sy = self._strides.tolist()
        return x * sx + y * sy + z

    def _cell(self, at: int) -> BlockPos:
        sx, sy = self._strides.tolist()
        ox, oy, oz = self._origin
        return at // sx + ox, at % sx // sy + oy, at % sy + oz

    def _check_seed(self, seed: BlockPos) -> None:
        sy = int(self._strides[1])
        body = k.SOLID | k.BAR
        if not 0 < self._seed - sy < self._seed + 2 * sy < len(self._flags):
            raise LimitError(f"seed: {seed} lies outside the surroundings")
        feet, head, floor = (int(self._flags[self._seed + n * sy]) for n in (0, 1, -1))
        own = {cell for piece in self._pieces for cell in piece.cells}
        x, y, z = seed
        if (feet | head) & body or not floor & k.FLOOR or {seed, (x, y + 1, z)} & own:
            raise LimitError(f"seed: nobody can stand at {list(seed)} before and after")

    def _enter(self, number: int, piece: Piece, *, scaffold: bool) -> None:
        """Write a piece's row."""
        block = self._tables.blocks[piece.block]
        sides, whole = holding(piece.block)
        flags = int(flags_of(self._tables)[block.default_state]) | k.TAKEN
        self._rows[number] = (
            self._index(piece.pos), -1 if piece.other is None else self._index(piece.other), flags, sides, whole,
            0 if piece.facing is None else _FACINGS[piece.facing], scaffold, 0,
        )  # fmt: skip
        if not scaffold:
            self._states[number] = 1
            for cell in piece.cells:
                self._flags[self._index(cell)] = flags
                self._owner[self._index(cell)] = number

    # ------------------------------------------------------------------ taking down

    def plan(self) -> BuildPlan:
        """Take everything down and read it backwards."""
        if self._pieces:
            self._reached[self._seed] = 1
            self._stack[0] = self._seed
            kernels_stance.spread(self._flags, self._reached, self._stack, 1, self._fresh, self._strides)
            self._measure()
            self._rank()
            self._run(-1)
            for _ in range(_ROUNDS):
                if not self._left().size or not (self._force() or self._hold_up() or self._climb()):
                    break
        unplaced = tuple(self._unplaced())
        return BuildPlan(() if unplaced else tuple(self._steps()), unplaced, len(self._events))

    def _count(self) -> int:
        return len(self._pieces)

    def _rows_now(self) -> npt.NDArray[np.int64]:
        return self._rows[: self._count()]

    def _left(self) -> npt.NDArray[np.int64]:
        return np.flatnonzero(self._states[: self._count()] != k.GONE)

    def _measure(self) -> None:
        n = self._count()
        k.depths(self._flags, self._owner, self._rows_now(), self._depth[:n], self._states[:n], self._strides)

    def _rank(self) -> None:
        """Which goes first: the highest, scaffold after the rest of its level, what hangs farthest out, then rows."""
        n = self._count()
        rows = self._rows[:n]
        sx, sy = self._strides.tolist()
        x, y, z = rows[:, 0] // sx, rows[:, 0] % sx // sy, rows[:, 0] % sy
        key = (4096 - y) << 13 | rows[:, 6] << 12 | (4095 - np.clip(self._depth[:n], 0, 4095))
        rows[:, 7] = key << 32 | z << 16 | np.where(z % 2, x, 65535 - x)

    def _run(self, forced: int) -> int:
        n = self._count()
        events = np.empty((n, 3), np.int64)
        done, self._last = k.dismantle(
            self._flags, self._owner, self._reached, self._rows_now(), self._depth[:n], self._states[:n],
            self._why[:n], self._seed, self._last, forced, self._offsets, self._strides, self._stack,
            self._fresh, events,
        )  # fmt: skip
        self._events += [("place", u, feet, side) for u, feet, side in events[:done].tolist()]
        return done

    def _force(self) -> bool:
        """Take down a piece although that cuts off cells one stands in: none but those may be left to do."""
        left = self._left()
        severing = left[self._why[left] == k.SEVERS]
        order = severing[np.argsort(self._rows[severing, 7], kind="stable")]
        return any(self._run(u) > 0 for u in order.tolist())

    def _hold_up(self) -> bool:
        """Put a column of scaffold under something that hangs in the air."""
        left = self._left()
        hanging = left[self._depth[left] < 0]
        sy = int(self._strides[1])
        columns: list[tuple[int, list[int]]] = []
        for u in hanging.tolist():
            if self._rows[u, 4]:
                continue  # what a whole cube has to hold for good is not held by scaffold
            cells: list[int] = []
            at = int(self._rows[u, 0]) - sy
            while self._flags[at] == 0 and self._free[at]:
                cells.append(at)
                at -= sy
            if cells and self._flags[at] & k.SUPPORT and (self._owner[at] < 0 or self._depth[self._owner[at]] >= 0):
                columns.append((len(cells), cells[::-1]))
        columns.sort()
        return any(self._put_up(cells) is None for _, cells in columns[:64]) or any(
            self._wind_up(cells) for _, cells in columns[:_TOWERS]
        )

    def _wind_up(self, column: list[int]) -> bool:
        """Put up a column that is too high to reach its top from where one stands, and steps that wind around it."""
        sx, sy = self._strides.tolist()
        at = np.arange(len(self._free))
        x, z = column[0] // sx, column[0] % sy
        near = (np.abs(at // sx - x) <= _WINDING) & (np.abs(at % sy - z) <= _WINDING)
        free = np.where(near, self._free, 0).astype(np.uint8)
        free[column] = 0
        goals = np.zeros(len(self._flags), np.int32)
        places = column[-1] + self._offsets[:_CLOSE]
        goals[places[near[places]]] = 1
        for _ in range(_DETOURS):
            way = self._way_up(goals, free)
            failed = self._put_up([*way, *column]) if way else column[0]
            if failed is None or failed in column:
                return failed is None
            free[failed] = 0
        return False

    def _climb(self) -> bool:
        """Put up steps to where one could go on from."""
        n = self._count()
        left = self._left()
        rows = self._rows_now()
        free = self._free.copy()
        lowest = int(rows[left, 7].min())
        for end in ((lowest >> 45) + 1 << 45, 1 << 62):
            goals = np.zeros(len(self._flags), np.int32)
            marked = k.mark_goals(
                self._flags, self._owner, rows, self._depth[:n], self._states[:n], end, goals, self._offsets,
                self._strides,
            )  # fmt: skip
            if not marked:
                continue
            kernels_scaffold.pool_goals(self._flags, self._reached, goals, self._strides, self._stack, self._fresh)
            for _ in range(_DETOURS):
                cells = self._way_up(goals, free)
                if not cells:
                    break
                failed = self._put_up(cells)
                if failed is None:
                    return True
                free[failed] = 0  # what bars the way when it stands there is tried elsewhere
        return False

    def _way_up(self, goals: npt.NDArray[np.int32], free: npt.NDArray[np.uint8]) -> list[int]:
        """The cells of the cheapest scaffold that leads to a goal, in an order to put it up; none if there is none."""
        goal, came, under = kernels_scaffold.scaffold_way(self._flags, self._reached, goals, free, self._strides)
        way: list[int] = []
        at = int(goal)
        while at >= 0 and came[at] >= 0:
            way.append(at)
            at = int(came[at])
        sy = int(self._strides[1])
        cells = dict.fromkeys(step - sy * i for step in reversed(way) for i in range(int(under[step]), 0, -1))
        # Layer by layer, so that each is reached from the one below it.
        return sorted(cells, key=lambda cell: cell % int(self._strides[0]) // sy)

    def _put_up(self, cells: Sequence[int]) -> int | None:
        """Add scaffold to these cells in this order, all of it or nothing; then go on taking down.

        None if that took down something of the blueprint, else the cell of the scaffold that did not work.
        """
        before = self._count()
        saved = self._reached.copy()
        added: list[tuple[str, int, int, int]] = []
        for at in cells:
            number = self._count()
            feet = -1
            if self._free[at]:
                self._grow(number + 1)
                self._pieces.append(replace(self._scaffold, pos=self._cell(at)))
                self._enter(number, self._pieces[number], scaffold=True)
                feet = k.add(
                    self._flags, self._owner, self._reached, self._rows_now(), number, self._seed, self._offsets,
                    self._strides, self._stack, self._fresh,
                )  # fmt: skip
            if feet < 0:
                for taken in self._rows[before : before + len(added), 0]:
                    self._flags[taken], self._owner[taken] = 0, -1
                del self._pieces[before:]
                self._reached[:] = saved
                return at
            added.append(("dig", number, int(feet), -1))
        self._events += added
        self._states[before : self._count()] = 1
        self._measure()
        self._rank()
        self._states[self._left()] = 1
        gone = self._run(-1)
        if any(u < self._targets for _, u, _, _ in self._events[len(self._events) - gone :]):
            return None
        return cells[-1]

    def _grow(self, count: int) -> None:
        if count <= len(self._rows):
            return
        more = len(self._rows)
        self._rows = np.vstack([self._rows, np.zeros((more, 8), np.int64)])
        self._depth = np.concatenate([self._depth, np.full(more, -1, np.int32)])
        self._states = np.concatenate([self._states, np.full(more, k.GONE, np.uint8)])
        self._why = np.concatenate([self._why, np.zeros(more, np.uint8)])

    # ------------------------------------------------------------------ the answer

    def _steps(self) -> list[BuildStep]:
        steps: list[BuildStep] = []
        for act, u, feet, side in reversed(self._events):
            piece, scaffold = self._pieces[u], u >= self._targets
            if act == "dig":
                steps.append(BuildStep("dig", piece, self._cell(feet), scaffold=True))
            else:
                against = self._cell(int(self._rows[u, 0]) + _STEPS[side](self._strides))
                steps.append(
                    BuildStep("place", piece, self._cell(feet), against, _OPPOSITE_FACE[side], scaffold=scaffold)
                )
        return steps

    def _unplaced(self) -> list[Unplaced]:
        why = {
            k.NO_HOLD: "other pieces hang on it that cannot be placed",
            k.NO_STAND: "no place to stand in reaches it and sees a face to place it against",
            k.SEVERS: "it would cut the builder off",
        }
        found: list[Unplaced] = []
        for u in self._left().tolist():
            hangs = self._depth[u] < 0
            reason = "nothing is there to place it against" if hangs else why.get(int(self._why[u]), "not reached")
            found.append(Unplaced(self._pieces[u], reason if u < self._targets else f"as scaffold, {reason}"))
        return found


_STEPS: tuple[Callable[[Any], int], ...] = (
    lambda s: -int(s[1]),
    lambda s: int(s[1]),
    lambda s: -int(s[0]),
    lambda s: int(s[0]),
    lambda _: -1,
    lambda _: 1,
)
"""The step to the neighbour on each side, as the kernels number them."""


def _standing(blueprint: Blueprint, region: VoxelRegion, tables: Tables) -> frozenset[Piece]:
    """The pieces that stand already."""
    return frozenset(p for p in blueprint.pieces if stands(p, region, tables))


def stands(piece: Piece, region: VoxelRegion, tables: Tables) -> bool:
    """Whether the piece's block is in its cell, and in both cells of what has two."""
    return all(counts_as(piece.block, tables.name_of(region.state(cell))) for cell in piece.cells)


# ---------------------------------------------------------------------- the command


def solve_bundle(raw: Any, tables: Tables) -> SolveBundle:
    """Order a blueprint on level ground, as a bundle whose `result` is what the command prints, less `ms`."""
    blueprint = read_blueprint(raw, tables)
    region = flat_ground(blueprint, tables)
    x, _, z = region.origin
    plan = build_order(blueprint, region, tables, (x, blueprint.low[1], z))
    return SolveBundle(
        solver_id=SOLVER_ID,
        solver_version=SOLVER_VERSION,
        input={"blueprint": raw, "version": tables.version},
        policy_id=f"scaffold:{SCAFFOLD}",
        nodes=plan.examined,
        rationale={
            "why": "the finished building can be taken down in this order from its end, each piece from a place "
            "that stays joined to the outside",
            "ground": blueprint.low[1] - 1,
        },
        result=_result(blueprint, plan),
    )


def answer_wire(bundle: SolveBundle, ms: float) -> dict[str, Any]:
    """What the command prints: the result, the milliseconds it took, and the bundle's name."""
    return {**bundle.result, "ms": ms, "bundleId": bundle.id}


def _result(blueprint: Blueprint, plan: BuildPlan) -> dict[str, Any]:
    order: list[dict[str, Any]] = []
    scaffold: list[dict[str, Any]] = []
    for step in plan.steps:
        if step.scaffold:
            scaffold.append({"action": step.act, "pos": list(step.piece.pos), "before": len(order)})
        else:
            order.append({"pos": list(step.piece.pos), "block": step.piece.block})
    return {
        "status": plan.status,
        "materials": blueprint.materials,
        "order": order,
        "scaffold": {"block": SCAFFOLD, "count": plan.scaffold, "steps": scaffold},
        "unplaced": [{"pos": list(one.piece.pos), "block": one.piece.block, "why": one.why} for one in plan.unplaced],
    }


def warm_up() -> None:
    """Have the kernels compiled."""
    # A pillar has to be climbed, and what hangs over it held up.
    levels = [{"coordinates": [0, y, 0], "placement": [["stone"]]} for y in (0, 1, 2, 3, 4, 5, 6, 9)]
    solve_bundle({"levels": levels}, Tables.builtin())
