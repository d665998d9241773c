"""Walking somewhere: scan, solve, follow, verify, and plan again a bounded number of times.

One loop for every leaf that walks. A goal beyond the scan is approached in stages. What went wrong on the
way escalates in the documents' order: a wider scan, fewer kinds of moves, a cautious hazard policy, failure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import TICKS_PER_SECOND, ActionFailed, BlockPos, ExecErrorCode, Primitive
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.making import make_way, may_make, plan_works
from conscious_bot.leaves.sight import Sight
from conscious_bot.leaves.watching import Reversals, danger_zone, hostiles_among, walk_watching
from conscious_bot.sterling.moves import EXTENDED, PHASE1, MoveSet
from conscious_bot.sterling.navigation import MAX_NODES, Navigator, Way
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.works import WorkPlan
from conscious_bot.world.daylight import too_dark
from conscious_bot.world.grid import OccupancyGrid
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import UNKNOWN, Box, VoxelRegion
from conscious_bot.world.state import EntityView, distance

__all__ = [
    "Survey",
    "WalkOptions",
    "WalkReport",
    "box_of",
    "moves_of",
    "navigator_of",
    "step_towards",
    "survey",
    "there_and_back",
    "walk_to",
    "walk_to_any",
]

STAGE = 48
"""A goal farther than this many blocks (along x or z) is approached in stages of this length."""

_PROGRESS = 3.0  # blocks a stage has to come closer to the goal
_FOOTING = 100  # looks, a tick apart, until a falling body has landed
_WIDENINGS = 2  # a wider scan may show a way twice; after that the terrain simply has none
_WIDEST = 48
_DIVERSIONS = 16  # ways planned anew because of creatures, which have nothing to do with the terrain
_WORTHWHILE = 4.0  # with a way to make that costs less for each block of distance one does not look round twice
_RIM = 8  # cells
_EVASIONS = 4
_ARMS = 2.5  # blocks within which a creature strikes
_BEFORE = 3  # cells ahead
_RUN = 16  # blocks
_HASTE = 0.02  # blocks of distance from creatures that a cost of one is worth
_STEADY = 3.0  # seconds between two diversions: who turns at every step of a creature is caught
_LARGEST_SCAN = 4_000_000  # cells
_SEES = 24.0  # blocks around the body in which creatures are minded


@dataclass(frozen=True, slots=True)
class WalkOptions:
    """How to walk: how often to plan again, cells scanned beyond the straight line, moves, hazards.

    `moves` is None for all that the body can follow.
    """

    max_replans: int = 3
    scan_margin: int = 5
    moves: MoveSet | None = None
    policy: HazardPolicy = field(default_factory=HazardPolicy)

    def escalated(self, step: int) -> WalkOptions:
        """The options after so many troubles: expand_scan, then downgrade_primitives, then safe_mode."""
        options = self
        if step >= 1:
            options = replace(options, scan_margin=self.scan_margin * 2 ** min(step, 3))
        if step >= 2:
            options = replace(options, moves=PHASE1)
        if step >= 3:
            options = replace(options, policy=replace(self.policy, risk_mode="cautious"))
        return options


@dataclass(slots=True)
class Mind:
    """What a walk keeps in mind from plan to plan: whether the body has come into the dark.

    Darkness counts until then, for one in the dark is no safer for keeping to the light from there; if it counted
    again in the light, a walk would turn back and forth at the mouth of a cave.
    """

    in_the_dark: bool = False

    def minded(self, dark: npt.NDArray[np.bool_] | None, cell: BlockPos) -> npt.NDArray[np.bool_] | None:
        """The dark cells that count for a body in this one (local); None: none do, or they are not known."""
        self.in_the_dark = self.in_the_dark or (dark is not None and bool(dark[cell]))
        return None if self.in_the_dark else dark


@dataclass(slots=True)
class WalkReport:
    """How a walk went: plans made again, stages, cells walked, and the cost of the ways planned.

    `cost` is the declared cost, `learned_cost` the same weighted by what earlier walks have taught.
    `diversions` are ways planned again because a creature came near; they have a bound of their own. `made` counts
    the primitives of ways that were dug and built.
    """

    replans: int = 0
    stages: int = 0
    cells: int = 0
    cost: float = 0.0
    learned_cost: float = 0.0
    reached: BlockPos | None = None
    made: int = 0
    diversions: int = 0
    evasions: int = 0
    diverted_at: float = -60.0
    """When a creature was last given way to."""
    ahead: tuple[BlockPos, ...] = ()
    """The cells of the latest way that are still to be walked: the next scan has to show them."""
    why: list[str] = field(default_factory=list[str])
    """Why it planned again, each time."""
    reversals: Reversals = field(default_factory=Reversals)
    mind: Mind = field(default_factory=Mind)

    def wire(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "replanCount": self.replans,
            "stages": self.stages,
            "cells": self.cells,
            "cost": round(self.cost, 3),
            "learnedCost": round(self.learned_cost, 3),
            "made": self.made,
            "diversions": self.diversions,
            "why": list(self.why),
            "position": None if self.reached is None else list(self.reached),
        }


@dataclass(frozen=True, slots=True)
class Survey:
    """A scan with its questions answered: what can be seen, where one can walk, and where the body stands."""

    sight: Sight
    navigator: Navigator
    start: BlockPos
    hostiles: tuple[EntityView, ...] = ()
    dark: npt.NDArray[np.bool_] | None = None
    """Which cells of the scan are too dark; None if that is not known or makes no difference."""

    @property
    def incomplete(self) -> bool:
        """Whether part of the scan was not loaded."""
        return bool((self.sight.region.blocks == UNKNOWN).any())


def box_of(cells: Sequence[BlockPos], margin: int, rise: int) -> Box:
    """The box around some cells, widened to the sides by `margin` and up and down by `rise`."""
    low = [min(c[i] for c in cells) for i in range(3)]
    high = [max(c[i] for c in cells) for i in range(3)]
    return Box((low[0] - margin, low[1] - rise, low[2] - margin), (high[0] + margin, high[1] + rise, high[2] + margin))


@lru_cache(maxsize=16)
def moves_of(follows: frozenset[str]) -> MoveSet:
    """The moves of the extended set that a body can follow; phase 1 for one that follows no more than that."""
    moves = tuple(move for move in EXTENDED.moves if all(_kind(step.op) in follows for step in move.steps()))
    if {move.name for move in moves} <= {move.name for move in PHASE1.moves}:
        return PHASE1
    return EXTENDED if moves == EXTENDED.moves else replace(EXTENDED, moves=moves)


def there_and_back(follows: frozenset[str]) -> WalkOptions:
    """Options for work that leads into holes: no drops that could not be climbed again."""
    return WalkOptions(moves=moves_of(follows - {"fall", "dive"}))


def _kind(op: str) -> str:
    return Primitive(op=op, to=(0, 0, 0)).kind


def navigator_of(
    ctx: LeafContext,
    region: VoxelRegion,
    options: WalkOptions,
    hostiles: Sequence[EntityView] = (),
    dark: npt.NDArray[np.bool_] | None = None,
) -> Navigator:
    """The solver over a scanned region: by what was learned, hostile creatures and darkness as dangers."""
    grid = classify(region, ctx.tables)
    learned = ctx.ways.weights(grid, ctx.clock.now())
    return Navigator(
        grid,
        policy=options.policy,
        moves=options.moves or moves_of(ctx.senses.follows),
        layers=layers_of(grid, hostiles, dark),
        learned=learned if learned.edges or learned.spots else None,
    )


def layers_of(
    grid: OccupancyGrid, hostiles: Sequence[EntityView], dark: npt.NDArray[np.bool_] | None
) -> dict[str, npt.NDArray[np.bool_]]:
    """The dangers that no block shows, as the solver wants them."""
    zone = danger_zone(grid, hostiles)
    return {name: cells for name, cells in (("hostile_zone", zone), ("dark_area", dark)) if cells is not None}


async def survey(
    ctx: LeafContext, box_for: Callable[[BlockPos], Box], options: WalkOptions, mind: Mind | None = None
) -> Survey:
    """Scan and build the graph. Waits for a falling body to land; path.stuck if it finds no footing."""
    mind = mind or Mind()
    for look in range(_FOOTING):
        state = await ctx.senses.observe()
        if not state.alive:
            raise ActionFailed(ExecErrorCode.BODY_DEAD, "the bot is dead")
        here = state.block
        if state.on_ground or state.in_water or look == _FOOTING - 1:
            region = await ctx.senses.scan(box_for(here), light=True)
            hostiles = tuple(hostiles_among(await ctx.senses.entities(_SEES), ctx.tables))
            x, y, z = (c - o for c, o in zip(here, region.origin, strict=True))
            dark = mind.minded(too_dark(region, state), (x, y, z))
            navigator = navigator_of(ctx, region, options, hostiles, dark)
            start = navigator.snap(here)
            if start is not None:
                return Survey(Sight(region, ctx.tables), navigator, start, hostiles, dark)
        await ctx.sleep(1 / TICKS_PER_SECOND, "until the body has its feet on the ground")
    raise ActionFailed(ExecErrorCode.PATH_STUCK, f"no footing at {here}")  # pyright: ignore[reportPossiblyUnboundVariable]


async def walk_to(
    ctx: LeafContext, goal: BlockPos, tolerance_xz: int, tolerance_y: int, options: WalkOptions | None = None
) -> WalkReport:
    """Walk until the body's cell is within the tolerance of the goal.

    Fails with path.unreachable, path.unloaded or path.stuck. What was scanned bounds each search.
    """
    base = options or WalkOptions()
    report = WalkReport()
    widened = 0
    incomplete = False
    made: WorkPlan | None = None
    while True:
        here = (await ctx.senses.observe()).block
        if _within(here, goal, tolerance_xz, tolerance_y):
            report.reached = here
            return report
        now = base.escalated(report.replans)
        if widened:
            now = replace(now, scan_margin=max(now.scan_margin, min(_WIDEST, base.scan_margin * 4**widened)))
        seen, way = await _plan(ctx, here, goal, tolerance_xz, tolerance_y, now, base.moves, report)
        if way is None or not way.found:
            if not widened:
                incomplete = seen.incomplete  # at the rim of a wider scan something is always missing
                made = await _way_to_make(ctx, seen, goal, (tolerance_xz, tolerance_y), now) if may_make(ctx) else None
            straight = max(abs(goal[0] - here[0]), abs(goal[2] - here[2])) + abs(goal[1] - here[1])
            enough = widened >= _WIDENINGS
            if (
                made is not None
                and made.cost is not None
                and (enough or (widened and made.cost <= _WORTHWHILE * straight))
            ):
                await _make(ctx, made, base, report)
                widened = 0
                continue
            if enough:
                raise _no_way(seen, goal, incomplete)
            widened += 1
            report.why.append(f"no way to {goal} yet; looking wider")
            ctx.progress(report.why[-1])
            continue
        await _walk(ctx, seen, way, base, report)


async def _way_to_make(
    ctx: LeafContext, seen: Survey, goal: BlockPos, tolerance: tuple[int, int], now: WalkOptions
) -> WorkPlan | None:
    """The cheapest way with digging and placing; towards a goal beyond the scan, as far as that shows."""
    low, high = seen.sight.region.box.low, seen.sight.region.box.high
    if not seen.navigator.grid.contains(goal):
        x, y, z = (min(max(g, a + _RIM), b - _RIM) for g, a, b in zip(goal, low, high, strict=True))
        goal = (x, y, z)
        tolerance = (max(tolerance[0], _RIM), max(tolerance[1], high[1] - low[1]))
    grid = seen.navigator.grid
    return plan_works(
        ctx, seen.sight.region, (await ctx.senses.observe()).inventory.counts(), seen.start, goal, tolerance,
        now.policy, layers_of(grid, seen.hostiles, seen.dark), grid,
    )  # fmt: skip


async def _make(ctx: LeafContext, plan: WorkPlan, base: WalkOptions, report: WalkReport) -> None:
    """Make a way and count works that were cut short as a reason to plan again."""
    ctx.progress(f"making a way of {len(plan.primitives)} steps to {plan.goal}")
    report.cost += plan.cost or 0.0
    report.learned_cost += plan.cost or 0.0
    made = await make_way(ctx, plan)
    report.made += made.done
    if made.why:
        _count_replan(report, base, f"{made.why}, at {made.position}")


async def _plan(
    ctx: LeafContext,
    here: BlockPos,
    goal: BlockPos,
    xz: int,
    y: int,
    now: WalkOptions,
    moves: MoveSet | None,
    report: WalkReport,
) -> tuple[Survey, Way | None]:
    """Scan and solve. Where the escalation's fewer moves find nothing, the `moves` of the beginning are tried."""
    known = bool(report.ahead) and _within(report.ahead[-1], goal, xz, y)  # who has seen a way needs no stages
    far = not known and max(abs(goal[0] - here[0]), abs(goal[2] - here[2])) > STAGE + xz
    options = now
    while True:
        seen = await survey(
            ctx, lambda start: _box(start, goal, now.scan_margin, report.ahead if known else ()), options, report.mind
        )
        if far:
            way = _stage(seen, goal)
        else:
            way = seen.navigator.solve(seen.start, goal, tolerance_xz=xz, tolerance_y=y, max_nodes=MAX_NODES)
        if (way is not None and way.found) or options.moves == moves:
            break
        options = replace(now, moves=moves)
    if far and way is not None:
        report.stages += 1
    return seen, way


async def walk_to_any(
    ctx: LeafContext, seen: Survey, goals: Sequence[BlockPos], options: WalkOptions | None = None
) -> WalkReport | None:
    """Walk to whichever of some cells is cheapest to reach; None if no way leads to any of them.

    Plans once on the survey given, then goes on to the chosen cell like `walk_to`.
    """
    way = seen.navigator.solve_any(seen.start, goals, max_nodes=MAX_NODES)
    if not way.found or way.goal is None:
        return None
    base = options or WalkOptions()
    report = WalkReport()
    await _walk(ctx, seen, way, base, report)
    here = (await ctx.senses.observe()).block
    if here != way.goal:
        rest = await walk_to(ctx, way.goal, 0, 0, base)
        report = replace(
            rest,
            replans=report.replans + rest.replans,
            cells=report.cells + rest.cells,
            cost=report.cost + rest.cost,
            learned_cost=report.learned_cost + rest.learned_cost,
            diversions=report.diversions + rest.diversions,
            why=report.why + rest.why,
        )
    else:
        report.reached = here
    return report


async def _walk(ctx: LeafContext, seen: Survey, way: Way, base: WalkOptions, report: WalkReport) -> None:
    """Follow a way and count a walk that was cut short as a reason to plan again."""
    report.cost += way.cost or 0.0
    report.learned_cost += way.learned_cost or 0.0
    if not way.primitives:
        # The solver thinks the body stands at the goal, its feet are in a neighbouring cell: step over.
        return await _center(ctx, way, report, base)
    ctx.progress(f"walking {len(way.primitives)} cells to {way.goal}")
    navigator = seen.navigator
    wary = report.diversions < _DIVERSIONS and ctx.clock.now() - report.diverted_at >= _STEADY
    walked = await walk_watching(
        ctx, way, navigator.moves, navigator.grid, seen.hostiles if wary else None, report.reversals
    )
    report.cells += walked.done
    report.ahead = way.cells[walked.done :]
    if walked.danger:
        report.diversions += 1
        report.diverted_at = ctx.clock.now()
        report.why.append(walked.why)
        if report.evasions < _EVASIONS and await _barred(ctx, report.ahead):
            report.evasions += 1
            await _evade(ctx, base, report)
    elif walked.why:
        _count_replan(report, base, f"{walked.why}, at {walked.position}")
    return None


async def _barred(ctx: LeafContext, ahead: Sequence[BlockPos]) -> bool:
    """Whether a hostile stands right before the body: running on would mean running into its arms."""
    near = hostiles_among(await ctx.senses.entities(_SEES), ctx.tables)
    return any(_apart(hostile, cell) <= _ARMS for hostile in near for cell in ahead[:_BEFORE])


async def _evade(ctx: LeafContext, options: WalkOptions, report: WalkReport) -> None:
    """Run to where the creatures around are farthest, whatever comes, and think again there."""
    seen = await survey(ctx, lambda here: box_of([here], _RUN, 8), options, report.mind)
    best: tuple[float, BlockPos] | None = None
    for cell, cost in seen.navigator.field(seen.start, max_nodes=MAX_NODES):
        if max(abs(cell[0] - seen.start[0]), abs(cell[2] - seen.start[2])) > _RUN - 2:
            continue
        gained = min((_apart(hostile, cell) for hostile in seen.hostiles), default=0.0) - _HASTE * cost
        if best is None or gained > best[0]:
            best = (gained, cell)
    if best is None or best[1] == seen.start:
        return
    way = seen.navigator.solve(seen.start, best[1], tolerance_xz=0, max_nodes=MAX_NODES)
    walked = await walk_watching(ctx, way, seen.navigator.moves, seen.navigator.grid, None, report.reversals)
    report.cells += walked.done


def _apart(hostile: EntityView, cell: BlockPos) -> float:
    return distance(hostile.position, (cell[0] + 0.5, cell[1], cell[2] + 0.5))


async def _center(ctx: LeafContext, way: Way, report: WalkReport, base: WalkOptions) -> None:
    here = (await ctx.senses.observe()).block
    result = await ctx.hands.follow([step_towards(here, way.start)])
    if result.ended != "arrived":
        _count_replan(report, base, f"could not step onto {way.start}: {result.ended}")


def step_towards(here: BlockPos, to: BlockPos) -> Primitive:
    """The primitive of phase 1 that leads from a cell into a neighbouring one (or the nearest to that)."""
    dx, dy, dz = (b - a for a, b in zip(here, to, strict=True))
    side = ("E" if dx > 0 else "W") if abs(dx) > abs(dz) else ("S" if dz > 0 else "N")
    move = "jump_up" if dy > 0 else "descend" if dy < 0 else "walk"
    return Primitive(op=f"{move}_{side}", to=to)


def _count_replan(report: WalkReport, base: WalkOptions, why: str) -> None:
    if report.replans >= base.max_replans:
        raise ActionFailed(ExecErrorCode.PATH_STUCK, f"{why}; planned again {report.replans} times")
    report.replans += 1
    report.why.append(why)


def _within(here: BlockPos, goal: BlockPos, xz: int, y: int) -> bool:
    return max(abs(here[0] - goal[0]), abs(here[2] - goal[2])) <= xz and abs(here[1] - goal[1]) <= y


def _box(here: BlockPos, goal: BlockPos, margin: int, ahead: Sequence[BlockPos]) -> Box:
    """What to scan on the way to a goal: up to it if it is near, else a stage in its direction.

    With what lies `ahead` on a way to the goal that is known already, wherever it leads.
    """
    dx, dz = goal[0] - here[0], goal[2] - here[2]
    span = max(abs(dx), abs(dz))
    narrower = margin
    while span <= STAGE or ahead:
        wide = box_of([here, goal, *ahead], 8 + narrower, min(64, 8 + narrower))
        if wide.volume <= _LARGEST_SCAN:
            return wide
        if not narrower and not ahead:
            break
        narrower, ahead = (narrower // 2, ahead) if narrower else (margin, ())
    share = STAGE / span
    toward = (here[0] + round(dx * share), here[1], here[2] + round(dz * share))
    return box_of([here, toward], 16 + margin, min(64, 24 + margin))


def _stage(seen: Survey, goal: BlockPos) -> Way | None:
    """A way to the cells of the scan that lie closest to the goal; None if none lies closer than the start."""
    box = seen.sight.region.box
    cells = seen.sight.stands_in(box.low, box.high)
    if not cells:
        return None
    spots = np.array(cells, dtype=np.int64)
    away = np.hypot(spots[:, 0] - goal[0], spots[:, 2] - goal[2])
    start = float(np.hypot(seen.start[0] - goal[0], seen.start[2] - goal[2]))
    order = np.argsort(away, kind="stable")
    order = order[away[order] <= start - _PROGRESS]
    done = 0
    for count in (64, 512, 4096, len(order)):
        part = order[done:count]
        done = count
        if len(part):
            way = seen.navigator.solve_any(seen.start, [cells[i] for i in part.tolist()], max_nodes=MAX_NODES)
            if way.found:
                return way
    return None


def _no_way(seen: Survey, goal: BlockPos, incomplete: bool) -> ActionFailed:
    if incomplete:
        return ActionFailed(ExecErrorCode.PATH_UNLOADED, f"no way to {goal} through what is loaded")
    return ActionFailed(ExecErrorCode.PATH_UNREACHABLE, f"no way leads to {goal} from {seen.start}")
