"""Walking where it is safe: lit cells out of the reach of hostiles, and not a cell further.

A cell is unsafe if it is darker than the safe level or within reach of a hostile. Reach is path distance
from the hostile's own cell: 3 for its blow, and what it walks while the body finishes what cannot be cut
short (about 6 cells in all).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import (
    TICKS_PER_SECOND,
    ActionFailed,
    BlockPos,
    ExecErrorCode,
    LeafSpec,
    Permission,
    Primitive,
)
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import Expectation, PositionWithin, Unsafe
from conscious_bot.leaves.failures import WALKING
from conscious_bot.leaves.lighting import SAFE_LIGHT
from conscious_bot.leaves.navigation import STAGE, box_of, moves_of, step_towards
from conscious_bot.leaves.run_state import MovementGoal
from conscious_bot.leaves.schemas import POS, object_schema
from conscious_bot.leaves.sight import Sight
from conscious_bot.leaves.threats import reach_zone
from conscious_bot.leaves.watching import HOSTILE_REACH, hostiles_among
from conscious_bot.sterling.navigation import MAX_NODES, Navigator, Way
from conscious_bot.world.light import present_light
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import EntityView, block_of

__all__ = ["Ahead", "SafeWalk", "StepForwardSafely", "look_ahead", "walk_safely"]

_MARGINS = (8, 24)  # cells scanned beyond the straight line, then again
_SEES = 24.0  # blocks around the body in which hostiles are looked for
_LEG = 16  # cells walked between two looks at the whole way
_LOOKS_EVERY = 0.5  # seconds between two looks for hostiles
_FOOTING = 60  # ticks until a falling body has landed


@dataclass(frozen=True, slots=True)
class Ahead:
    """The way to a goal as it is now: its steps from `here` on, and why cells of it are unsafe."""

    here: BlockPos
    steps: tuple[Primitive, ...]
    sight: Sight
    light: npt.NDArray[np.int16]
    zone: npt.NDArray[np.bool_]
    hostiles: frozenset[int]

    @property
    def next(self) -> BlockPos | None:
        """The next cell on the way; None at the goal."""
        return self.steps[0].to if self.steps else None

    def light_of(self, cell: BlockPos) -> int:
        """The present light of a cell of the scan."""
        return int(self.light[self.index(cell)])

    def in_reach(self, cell: BlockPos) -> bool:
        """Whether a hostile could be upon the cell before the body is gone."""
        return bool(self.zone[self.index(cell)])

    def why_unsafe(self, cell: BlockPos) -> str | None:
        """The reason not to enter a cell of the scan; None if it is safe."""
        if self.in_reach(cell):
            return "within reach of a hostile"
        light = self.light_of(cell)
        return f"too dark (light {light} of {SAFE_LIGHT})" if light < SAFE_LIGHT else None

    def safe_steps(self) -> tuple[Primitive, ...]:
        """The steps up to the first unsafe cell."""
        for number, step in enumerate(self.steps):
            if self.why_unsafe(step.to) is not None:
                return self.steps[:number]
        return self.steps

    def edge(self, cell: BlockPos) -> Unsafe:
        """What is to be seen by others where the body stops in front of an unsafe cell."""
        return Unsafe(cell, SAFE_LIGHT, self.hostiles if self.in_reach(cell) else frozenset(), HOSTILE_REACH)

    def index(self, cell: BlockPos) -> tuple[int, int, int]:
        """Where a cell of the scan stands in its arrays."""
        x, y, z = (c - o for c, o in zip(cell, self.sight.region.origin, strict=True))
        return x, y, z


async def look_ahead(ctx: LeafContext, goal: MovementGoal) -> Ahead:
    """Plan the way from where the body stands, around what is dark or dangerous where that is not far.

    Fails with path.unreachable, path.unloaded, path.stuck (no footing), sense.apiError (no light).
    """
    trouble: ActionFailed | None = None
    for margin in _MARGINS:
        try:
            return await _look(ctx, goal, margin)
        except ActionFailed as failure:
            if failure.code not in (ExecErrorCode.PATH_UNREACHABLE, ExecErrorCode.PATH_UNLOADED):
                raise
            trouble = trouble or failure
    assert trouble is not None  # noqa: S101 - for the type checker: there are margins
    raise trouble


async def _look(ctx: LeafContext, goal: MovementGoal, margin: int) -> Ahead:
    for _ in range(_FOOTING):
        state = await ctx.senses.observe()
        if state.on_ground or state.in_water:
            break
        await ctx.sleep(1 / TICKS_PER_SECOND, "until the body has its feet on the ground")
    here = state.block  # pyright: ignore[reportPossiblyUnboundVariable] - there is at least one look
    span = max(abs(goal.pos[0] - here[0]), abs(goal.pos[2] - here[2]))
    toward = goal.pos
    if span > STAGE:
        share = STAGE / span
        toward = (
            here[0] + round((goal.pos[0] - here[0]) * share),
            here[1],
            here[2] + round((goal.pos[2] - here[2]) * share),
        )
    region = await ctx.senses.scan(box_of([here, toward], margin, min(48, 8 + margin)), light=True)
    light = present_light(region, state)  # pyright: ignore[reportPossiblyUnboundVariable]
    if light is None:
        raise ActionFailed(ExecErrorCode.SENSE_API_ERROR, "this world does not tell how light it is")
    sight = Sight(region, ctx.tables)
    hostiles = hostiles_among(await ctx.senses.entities(_SEES), ctx.tables)
    zone = reach_zone(sight, [h for h in hostiles if region.box.contains(block_of(h.position))])
    navigator = Navigator(
        classify(region, ctx.tables),
        moves=moves_of(ctx.senses.follows),
        layers={"dark_area": light < SAFE_LIGHT, "hostile_zone": zone},
    )
    start = navigator.snap(here)
    if start is None:
        raise ActionFailed(ExecErrorCode.PATH_STUCK, f"no footing at {here}")
    ids = frozenset(h.id for h in hostiles)
    if goal.reached(start):
        return Ahead(start, (), sight, light, zone, ids)
    way = _way(navigator, sight, start, goal)
    if way is None or not way.found:
        if (region.blocks == UNKNOWN).any():
            raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"no way to {goal.pos} through what is loaded")
        raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, f"no way leads to {goal.pos} from {start}")
    return Ahead(start, way.primitives, sight, light, zone, ids)


def _way(navigator: Navigator, sight: Sight, start: BlockPos, goal: MovementGoal) -> Way | None:
    """To the goal if the scan shows it, else to the cells of the scan that are nearest to it."""
    if sight.region.box.contains(goal.pos):
        return navigator.solve(
            start, goal.pos, tolerance_xz=goal.tolerance_xz, tolerance_y=goal.tolerance_y, max_nodes=MAX_NODES
        )

    def away(cell: BlockPos) -> float:
        return float(np.hypot(cell[0] - goal.pos[0], cell[2] - goal.pos[2]))

    box = sight.region.box
    nearer = sorted((c for c in sight.stands_in(box.low, box.high) if away(c) < away(start) - 1), key=away)
    for count in (64, 1024, len(nearer)):
        way = navigator.solve_any(start, nearer[:count], max_nodes=MAX_NODES)
        if way.found:
            return way
    return None


@dataclass(frozen=True, slots=True)
class SafeWalk:
    """How a safe walk ended: at the goal, or before an unsafe cell (`edge`, with the reason)."""

    cells: int
    here: BlockPos
    edge: BlockPos | None
    why: str | None
    expect: tuple[Expectation, ...]


async def walk_safely(ctx: LeafContext, goal: MovementGoal) -> SafeWalk:
    """Walk to the goal as far as it is safe. Fails as `look_ahead` does, and with path.stuck."""
    walked, stalled = 0, 0
    while True:
        ahead = await look_ahead(ctx, goal)
        if not ahead.steps:
            if (await ctx.senses.observe()).block != ahead.here:
                await _go(ctx, ahead, (step_towards((await ctx.senses.observe()).block, ahead.here),))
            expect = PositionWithin(goal.pos, goal.tolerance_xz, goal.tolerance_y)
            return SafeWalk(walked, ahead.here, None, None, (expect,))
        leg = ahead.safe_steps()[:_LEG]
        if not leg:
            cell = ahead.steps[0].to
            edge = ahead.edge(cell)
            await ctx.watch_for(edge)
            expects = (PositionWithin(ahead.here, 1, 1), edge)
            return SafeWalk(walked, ahead.here, cell, ahead.why_unsafe(cell), expects)
        done = await _go(ctx, ahead, leg)
        walked += done
        stalled = 0 if done else stalled + 1
        if stalled > 3:
            raise ActionFailed(ExecErrorCode.PATH_STUCK, f"no headway from {ahead.here} to {leg[0].to}")


async def _go(ctx: LeafContext, ahead: Ahead, leg: tuple[Primitive, ...]) -> int:
    """Follow some steps while no hostile comes near what lies ahead; how many were done."""
    walk = asyncio.ensure_future(ctx.hands.follow(leg))
    try:
        while not walk.done():
            await asyncio.wait({walk}, timeout=_LOOKS_EVERY)
            if walk.done():
                break
            hostiles = hostiles_among(await ctx.senses.entities(_SEES), ctx.tables)
            zone = reach_zone(ahead.sight, [h for h in hostiles if _inside(ahead, h)])
            done = ctx.activity.walked
            if any(zone[ahead.index(step.to)] for step in leg[done:]):
                walk.cancel()
                await asyncio.wait({walk})
                return done
        return walk.result().done
    finally:
        if not walk.done():  # the run was cancelled; the runner brings the body to rest
            walk.cancel()
            await asyncio.wait({walk})


def _inside(ahead: Ahead, hostile: EntityView) -> bool:
    return ahead.sight.region.box.contains(block_of(hostile.position))


class StepForwardSafely:
    """Goes one cell on towards the run's movement goal."""

    spec: ClassVar = LeafSpec(
        name="step_forward_safely",
        version="1.0.0",
        description=(
            "Goes one cell on along the way to the movement goal of the run, if that cell is light enough and out of "
            "the reach of hostiles. At the goal: success without change."
        ),
        input_schema=object_schema({}),
        output_schema=object_schema({"position": POS, "reached": {"type": "boolean"}}, ("position", "reached")),
        failures=WALKING | {ExecErrorCode.PRECOND_MISSING, ExecErrorCode.PATH_UNSAFE},
        timeout_ms=15_000,
        retries=1,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=600,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with path.unsafe, effects_unmet.precond_missing (the run has no goal), and as planning does."""
        goal = ctx.run.goal
        if goal is None:
            detail = "the run has no movement goal: a movement leaf has to set one first"
            raise ActionFailed(ExecErrorCode.PRECOND_MISSING, detail)
        ahead = await look_ahead(ctx, goal)
        cell = ahead.next
        if cell is None:
            expect = PositionWithin(goal.pos, goal.tolerance_xz, goal.tolerance_y)
            return Outcome((expect,), {"position": list(ahead.here), "reached": True})
        why = ahead.why_unsafe(cell)
        if why is not None:
            raise ActionFailed(ExecErrorCode.PATH_UNSAFE, f"the next cell {cell} is {why}")
        result = await ctx.hands.follow(ahead.steps[:1])
        if result.ended != "arrived":
            raise ActionFailed(ExecErrorCode.PATH_STUCK, f"the step to {cell} ended {result.ended}")
        return Outcome((PositionWithin(cell, 0, 0),), {"position": list(cell), "reached": goal.reached(cell)})
