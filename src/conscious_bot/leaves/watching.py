"""Walking with open eyes: following a way while its blocks and the creatures near it are watched.

A walk is cut short when a block that the way needs is no longer what was planned with, when something that
hurts has come to lie beside it, when a hostile creature has come near what lies ahead, or when the body goes
to and fro without getting anywhere; also when a blow has thrown it off the way. Whoever walks then plans again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from conscious_bot.body.port import BodyEvent, BodyEventKind, FollowResult
from conscious_bot.contracts import BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.sterling.moves import MoveSet
from conscious_bot.sterling.navigation import Way
from conscious_bot.world.creatures import is_hostile
from conscious_bot.world.grid import HAZARD, LAVA, OccupancyGrid
from conscious_bot.world.occupancy import classes_of
from conscious_bot.world.state import BodyState, EntityView, block_of, distance

__all__ = ["HOSTILE_REACH", "Reversals", "Walked", "danger_zone", "hostiles_among", "walk_watching"]

HOSTILE_REACH = 6
"""Cells around a hostile creature that a way avoids, to each side (decision 9 derives about 6)."""

_NEUTRAL = frozenset({"enderman", "zombified_piglin"})
"""They leave alone who leaves them alone (Minecraft Wiki, "Mob": neutral mobs)."""
_HOSTILE_RISE = 3
_LOOKS_EVERY = 0.5  # seconds between two looks for creatures
_LOOKS_AHEAD = 12  # cells of the way
_SEES = 24.0  # blocks
_UPON = 4.0
_LANDS = 1.0  # seconds within which a body comes down that was thrown by a blow
_BLINK = 0.1  # seconds between two looks meanwhile
_BACK = 3  # cells
_SHAKEN = 2.0  # seconds after a blow in which leaving the way teaches nothing about the way
_REVERSALS = 3
_WITHIN = 10.0
"""More reversals than so many within so many seconds are flapping (the documents' FM-04)."""


@dataclass(frozen=True, slots=True)
class Walked:
    """How a walk ended. `why` is empty if the body arrived; `danger`: a creature or a blow was the cause."""

    done: int
    position: Position
    why: str = ""
    danger: bool = False


@dataclass(slots=True)
class Reversals:
    """The turns back into the cell one came from, as they happened."""

    _cells: deque[BlockPos] = field(default_factory=lambda: deque[BlockPos](maxlen=2))
    _turns: deque[float] = field(default_factory=deque[float])

    def enter(self, cell: BlockPos, now: float) -> None:
        """The body has come into a cell."""
        if self._cells and self._cells[-1] == cell:
            return
        if len(self._cells) == 2 and self._cells[0] == cell:
            self._turns.append(now)
        self._cells.append(cell)

    def flapping(self, now: float) -> bool:
        """Whether there were more than 3 within the last 10 s."""
        while self._turns and self._turns[0] < now - _WITHIN:
            self._turns.popleft()
        return len(self._turns) > _REVERSALS


def hostiles_among(entities: Iterable[EntityView], tables: Tables) -> list[EntityView]:
    """Those of the creatures that attack unprovoked."""
    return [e for e in entities if is_hostile(tables, e.kind) and e.kind not in _NEUTRAL]


def danger_zone(grid: OccupancyGrid, hostiles: Iterable[EntityView]) -> npt.NDArray[np.bool_] | None:
    """The cells of a grid within reach of hostile creatures; None if there are none."""
    zone = np.zeros(grid.blocks.shape, np.bool_)
    for hostile in hostiles:
        x, y, z = (c - o for c, o in zip(block_of(hostile.position), grid.origin, strict=True))
        flat, rise = HOSTILE_REACH, _HOSTILE_RISE
        zone[
            max(0, x - flat) : max(0, x + flat + 1),
            max(0, y - rise) : max(0, y + rise + 1),
            max(0, z - flat) : max(0, z + flat + 1),
        ] = True
    return zone if zone.any() else None


class _Route:
    """The cells that a way needs as they were planned with, each with the last step that needs it."""

    def __init__(self, way: Way, moves: MoveSet, grid: OccupancyGrid, tables: Tables) -> None:
        self._grid = grid
        self._classes = classes_of(tables)
        self._needed: dict[BlockPos, int] = {}
        self._beside: dict[BlockPos, int] = {}
        steps = {(step.op, step.offset): step for step in moves.steps}
        at = way.start
        for number, primitive in enumerate(way.primitives):
            x, y, z = primitive.to
            step = steps.get((primitive.op, (x - at[0], y - at[1], z - at[2])))
            for (dx, dy, dz), _, _, _ in () if step is None else step.needs:
                self._needed[at[0] + dx, at[1] + dy, at[2] + dz] = number
            for dy in (-1, 0, 1):
                self._needed[x, y + dy, z] = number
            for dx in (-1, 0, 1):
                for dz in (-1, 0, 1):
                    for dy in (-1, 0, 1, 2):
                        self._beside[x + dx, y + dy, z + dz] = number
            at = primitive.to

    def trouble(self, pos: BlockPos, state: int, done: int) -> bool:
        """Whether a block that changed spoils what lies ahead after `done` steps."""
        if self._beside.get(pos, -1) < done and self._needed.get(pos, -1) < done:
            return False
        if not self._grid.contains(pos):
            return False
        now, floor = int(self._classes.classes[state]), bool(self._classes.floors[state])
        if now == self._grid.class_at(pos) and floor == self._grid.floor_at(pos):
            return False
        return self._needed.get(pos, -1) >= done or now in (LAVA, HAZARD)


async def walk_watching(
    ctx: LeafContext,
    way: Way,
    moves: MoveSet,
    grid: OccupancyGrid,
    known: Iterable[EntityView] | None,
    reversals: Reversals,
) -> Walked:
    """Follow a way that was planned over a grid, with these hostile creatures in mind (None: whatever comes).

    What came of it is learned: the cells passed, and the one that the body did not get into.
    """
    primitives = way.primitives
    route = _Route(way, moves, grid, ctx.tables)
    cut = asyncio.Event()
    why = ""
    done = 0
    struck = -_SHAKEN

    def stop_for(reason: str) -> None:
        nonlocal why
        why = why or reason
        cut.set()

    def hear(event: BodyEvent) -> None:
        nonlocal done, struck
        if event.kind is BodyEventKind.PROGRESS and event.data.get("action", "follow") == "follow":
            done = min(int(event.data["done"]), len(primitives))
            now = ctx.clock.now()
            reversals.enter(primitives[done - 1].to, now)
            if reversals.flapping(now):
                stop_for("the body goes to and fro (path.stuck)")
        elif event.kind is BodyEventKind.BLOCK:
            pos = event.data["pos"]
            if route.trouble((pos[0], pos[1], pos[2]), int(event.data["state"]), done):
                stop_for(f"a block of the way changed at {tuple(pos)}")
        elif event.kind is BodyEventKind.HURT:
            struck = ctx.clock.now()

    planned = {hostile.id: hostile.position for hostile in known or ()}
    unsubscribe = ctx.senses.subscribe(hear)
    walk = asyncio.ensure_future(ctx.hands.follow(primitives))
    cutting = asyncio.ensure_future(cut.wait())
    danger = False
    try:
        while True:
            pause = _LOOKS_EVERY if ctx.clock.now() - struck >= _LANDS else _BLINK
            await asyncio.wait({walk, cutting}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if walk.done():
                result = walk.result()
                done = max(done, result.done)
                if result.ended == "arrived":
                    return Walked(result.done, result.position)
                ended = f"the walk ended {result.ended} after {result.done} cells"
                if ctx.clock.now() - struck < _SHAKEN:
                    return Walked(result.done, result.position, f"{ended}, after a blow", danger=True)
                if not cut.is_set():
                    ctx.ways.failed(primitives[result.done].to, ctx.clock.now())
                return Walked(result.done, result.position, ended)
            if cutting.done():
                break
            state = await ctx.senses.observe()
            if ctx.clock.now() - struck < _LANDS and _thrown(state, way, done) and not walk.done():
                why, danger = "a blow threw the body off the way", True
                break
            if known is None or pause == _BLINK:
                continue
            here = state.position
            seen = hostiles_among(await ctx.senses.entities(_SEES), ctx.tables)
            ahead = [p.to for p in primitives[done : done + _LOOKS_AHEAD]]
            near = _comes_near(seen, planned, here, ahead)
            if near is not None and not walk.done():
                why, danger = f"a {near.kind} came near the way", True
                break
        await _end(walk)
        return Walked(done, (await ctx.senses.observe()).position, why, danger)
    finally:
        unsubscribe()
        ctx.ways.walked((way.start, *(primitive.to for primitive in primitives[:done])), ctx.clock.now())
        cutting.cancel()
        if not walk.done():  # the run was cancelled; the runner brings the body to rest
            walk.cancel()
            await asyncio.wait({walk})
        if not walk.cancelled():
            walk.exception()  # where looking failed as well, that failure stands for both


def _comes_near(
    seen: Iterable[EntityView], planned: dict[int, Position], here: Position, ahead: list[BlockPos]
) -> EntityView | None:
    """A hostile within reach of what lies ahead that was not there when the way was planned.

    Not one that is upon the body already: standing still to think again is the worst that can be done then.
    """
    for hostile in seen:
        x, y, z = block_of(hostile.position)
        before = planned.get(hostile.id)
        if before is not None and distance(before, hostile.position) <= HOSTILE_REACH / 2:
            continue  # the plan knows of it
        if distance(here, hostile.position) <= _UPON:
            continue
        if any(max(abs(c[0] - x), abs(c[2] - z)) <= HOSTILE_REACH and abs(c[1] - y) <= _HOSTILE_RISE for c in ahead):
            return hostile
    return None


def _thrown(state: BodyState, way: Way, done: int) -> bool:
    """Whether the body has come down beside its way or farther on: who goes on from there does not go back first."""
    cells = (way.start, *way.cells)
    return state.on_ground and state.block not in cells[max(0, done - _BACK) : done + 2]


async def _end(walk: asyncio.Task[FollowResult]) -> None:
    """Cancel a walk and wait until the hands are free; a walk that failed by itself meanwhile fails here."""
    walk.cancel()
    await asyncio.wait({walk})
    if not walk.cancelled():
        walk.result()
