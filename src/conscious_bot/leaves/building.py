"""Building what a plan says: walk to where a piece is placed from, place it, see it stand, go on.

What stands already is left, so building that was cut short goes on where it stopped. Where the world does not do
as planned (a place that cannot be reached, a piece that does not hold) the rest is planned anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from conscious_bot.body.port import Face
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.expectations import Condition
from conscious_bot.leaves.hands import beside
from conscious_bot.leaves.interaction import put_block
from conscious_bot.leaves.navigation import box_of, survey, there_and_back, walk_to, walk_to_any
from conscious_bot.leaves.observation import Observation
from conscious_bot.leaves.work import break_block, gather
from conscious_bot.sterling.construction import (
    BuildPlan,
    BuildStep,
    build_order,
    stand_in,
    stands,
    surroundings_of,
)
from conscious_bot.sterling.construction_blocks import counts_as, replaceable
from conscious_bot.sterling.construction_blueprint import Blueprint, Piece
from conscious_bot.sterling.errors import SolverInputError
from conscious_bot.world.occupancy import classes_of
from conscious_bot.world.region import UNKNOWN, VoxelRegion

__all__ = ["Built", "Level", "Standing", "build", "dig_away"]

_SCAFFOLDS = (
    "dirt", "cobblestone", "cobbled_deepslate", "netherrack", "coarse_dirt", "stone", "andesite", "diorite", "granite",
    "tuff", "deepslate", "end_stone",
)  # fmt: skip
"""What is taken for scaffold, the first first: plain cubes that are cheap and quick to dig."""

_ROUNDS = 4
"""How often the rest is planned anew without a block more before building fails."""
_LARGEST_SCAN = 4_000_000
_TRY_AGAIN = frozenset(
    {
        ExecErrorCode.PLACE_OCCUPIED, ExecErrorCode.PLACE_INVALID_FACE, ExecErrorCode.PLACE_OUT_OF_REACH,
        ExecErrorCode.PLACE_TIMEOUT, ExecErrorCode.PATH_STUCK, ExecErrorCode.PATH_UNREACHABLE,
        ExecErrorCode.DIG_BLOCK_CHANGED, ExecErrorCode.DIG_OUT_OF_REACH, ExecErrorCode.DIG_TIMEOUT,
    }
)  # fmt: skip
"""What planning the rest anew may mend."""


@dataclass(frozen=True, slots=True)
class Standing(Condition):
    """Every piece of a blueprint stands: a postcondition of its own, since buildings have many blocks."""

    blueprint: Blueprint

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The cells of the pieces."""
        return tuple(cell for piece in self.blueprint.pieces for cell in piece.cells)

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        there = {cell: seen.block(cell, tables) for cell in self.cells}
        if None in there.values():
            return None
        return all(counts_as(piece.block, there[cell] or "") for piece in self.blueprint.pieces for cell in piece.cells)

    def wire(self) -> dict[str, Any]:
        """The JSON form: how many of what, and where."""
        plan = self.blueprint
        return {"kind": "standing", "materials": plan.materials, "low": list(plan.low), "high": list(plan.high)}


@dataclass(frozen=True, slots=True)
class Level(Condition):
    """A site that is ready: its cells are free, plants at most, and under them is firm ground."""

    free: tuple[BlockPos, ...]
    ground: tuple[BlockPos, ...]

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The site and the ground under it."""
        return self.free + self.ground

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        if any(seen.block(cell, tables) is None for cell in self.cells):
            return None
        floors = classes_of(tables).floors
        return all(replaceable(tables, seen.block(cell, tables) or "") for cell in self.free) and all(
            bool(floors[seen.blocks[cell]]) for cell in self.ground
        )

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "level", "low": list(min(self.free)), "high": list(max(self.free))}


@dataclass(slots=True)
class Built:
    """What building did: pieces placed, scaffold placed and dug away, plans made."""

    placed: int = 0
    scaffold_placed: int = 0
    scaffold_removed: int = 0
    plans: int = 0
    stood: int = 0
    """Pieces that stood before."""
    why: list[str] = field(default_factory=list[str])
    """Why it planned again, each time."""

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "placed": self.placed,
            "stood": self.stood,
            "scaffoldPlaced": self.scaffold_placed,
            "scaffoldRemoved": self.scaffold_removed,
            "plans": self.plans,
            "why": list(self.why),
        }


async def build(ctx: LeafContext, blueprint: Blueprint, *, stand: BlockPos | None = None) -> Built:
    """Place every piece that does not stand yet. `stand` is the cell to end in (inside a room); else outside.

    Fails with inventory.missing (naming all that is missing), place.occupied where something else stands in the
    way, place.invalidFace where no order is found, path.unloaded, permission.denied, and as hands and feet do.
    """
    cells = [cell for piece in blueprint.pieces for cell in piece.cells]
    await ctx.watch(cells)
    report = Built()
    start = await _look(ctx, blueprint)
    report.stood = sum(stands(piece, start, ctx.tables) for piece in blueprint.pieces)
    leftover: tuple[BlockPos, ...] | None = None
    idle = 0
    while True:
        region = await _look(ctx, blueprint)
        rest = [piece for piece in blueprint.pieces if not stands(piece, region, ctx.tables)]
        if leftover is None:
            leftover = await _leftover(ctx, blueprint, region, stand) if report.stood else ()
        if not rest:
            await dig_away(ctx, [cell for cell in reversed(leftover) if _is_scaffold(region, cell, ctx.tables)], report)
            break
        await _check_materials(ctx, rest)
        await _clear_scaffold(ctx, blueprint, region, report)
        region = await _look(ctx, blueprint)
        plan, material = await _plan(ctx, blueprint, region, stand)
        report.plans += 1
        done = report.placed
        try:
            await _carry_out(ctx, plan, report, len(blueprint.pieces))
        except ActionFailed as failure:
            idle = idle + 1 if report.placed == done else 0
            if failure.code not in _TRY_AGAIN or idle >= _ROUNDS:
                raise
            report.why.append(str(failure))
            ctx.progress(f"planning the rest anew: {failure}")
            continue
        if plan.scaffold:
            await gather(ctx, {material}, 8.0, enough=plan.scaffold)
    if stand is not None:
        await walk_to(ctx, stand, 0, 0)
    return report


async def _look(ctx: LeafContext, blueprint: Blueprint) -> VoxelRegion:
    box = surroundings_of(blueprint)
    if box.volume > _LARGEST_SCAN:
        raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"{box.volume} cells around the building; build it in parts")
    region = await ctx.senses.scan(box)
    for piece in blueprint.pieces:
        if region.state(piece.pos) == UNKNOWN:
            raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"the cell {piece.pos} of the building is not loaded")
    return region


async def _check_materials(ctx: LeafContext, rest: Sequence[Piece]) -> None:
    carried = (await ctx.senses.observe()).inventory.counts()
    wanted = Blueprint(tuple(rest)).materials
    missing = {item: count - carried[item] for item, count in wanted.items() if carried[item] < count}
    if missing:
        told = ", ".join(f"{count} {item}" for item, count in missing.items())
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"still needed for the building: {told}")


def _is_scaffold(region: VoxelRegion, cell: BlockPos, tables: Tables) -> bool:
    return _is_scaffold_name(tables.name_of(region.state(cell)))


def _is_scaffold_name(name: str) -> bool:
    return name in _SCAFFOLDS or name == "grass_block"  # dirt grows over


async def _clear_scaffold(ctx: LeafContext, blueprint: Blueprint, region: VoxelRegion, report: Built) -> None:
    """Dig scaffold out of the building's own cells, as it is left where building was cut short; refuse all else."""
    old: list[BlockPos] = []
    begun = report.stood + report.placed > 0
    for piece in blueprint.pieces:
        if stands(piece, region, ctx.tables):
            continue
        for cell in piece.cells:
            name = ctx.tables.name_of(region.state(cell))
            if begun and _is_scaffold_name(name):
                old.append(cell)
            elif not replaceable(ctx.tables, name) and name != piece.block:
                detail = f"{name} stands at {cell}, where {piece.block} is to go; prepare the site first"
                raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, detail)
    await dig_away(ctx, sorted(old, key=lambda cell: -cell[1]), report)


async def _seed(ctx: LeafContext, blueprint: Blueprint, region: VoxelRegion, stand: BlockPos | None) -> BlockPos:
    """Where the builder stands in the end: the cell asked for, else one outside that it can get to now."""
    if stand is not None:
        return stand
    low, high = blueprint.low, blueprint.high
    around = survey(ctx, lambda here: box_of([here, low, high], 8, 6), there_and_back(ctx.senses.follows))
    seen = await around
    box = surroundings_of(blueprint)
    outside = [
        cell
        for cell in seen.sight.stands_in(box.low, box.high)
        if not (low[0] - 1 <= cell[0] <= high[0] + 1 and low[2] - 1 <= cell[2] <= high[2] + 1)
        and stand_in(region, ctx.tables, [cell])
    ]
    way = seen.navigator.solve_any(seen.start, outside) if outside else None
    if way is None or way.goal is None:
        raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, "no way leads to a place outside the building")
    return way.goal


async def _plan(
    ctx: LeafContext, blueprint: Blueprint, region: VoxelRegion, stand: BlockPos | None
) -> tuple[BuildPlan, str]:
    """The order for what does not stand, and the item that is taken for scaffold."""
    seed = await _seed(ctx, blueprint, region, stand)
    carried = (await ctx.senses.observe()).inventory.counts()
    rest = Blueprint(tuple(p for p in blueprint.pieces if not stands(p, region, ctx.tables))).materials
    spare = {item: carried[item] - rest.get(item, 0) for item in _SCAFFOLDS if item in ctx.tables.blocks}
    material = next((item for item, count in spare.items() if count > 0), _SCAFFOLDS[0])
    plan = _order(ctx, blueprint, region, seed, material)
    enough = [item for item, count in spare.items() if count >= plan.scaffold]
    if plan.scaffold and spare[material] < plan.scaffold:
        if not enough:
            detail = f"{plan.scaffold} blocks for scaffold, such as {material}, of which {spare[material]} are spare"
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, detail)
        material = enough[0]
        plan = _order(ctx, blueprint, region, seed, material)
    if plan.unplaced:
        first = plan.unplaced[0]
        detail = f"{first.piece.block} at {first.piece.pos} cannot be placed: {first.why}"
        raise ActionFailed(ExecErrorCode.PLACE_INVALID_FACE, detail)
    return plan, material


def _order(ctx: LeafContext, blueprint: Blueprint, region: VoxelRegion, seed: BlockPos, material: str) -> BuildPlan:
    try:
        return build_order(blueprint, region, ctx.tables, seed, scaffold=material, may_edit=ctx.may_edit)
    except SolverInputError as error:
        raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, str(error)) from error


async def _leftover(
    ctx: LeafContext, blueprint: Blueprint, region: VoxelRegion, stand: BlockPos | None
) -> tuple[BlockPos, ...]:
    """Where scaffold may have been left: where the building as a whole would have had it, in the order it went up."""
    blocks = region.blocks.copy()
    air = ctx.tables.blocks["air"].default_state
    for piece in blueprint.pieces:
        for cell in piece.cells:
            x, y, z = (c - o for c, o in zip(cell, region.origin, strict=True))
            blocks[x, y, z] = air
    bare = VoxelRegion(region.origin, np.asarray(blocks))
    # Scaffold that still stands would be taken for ground; without it the order is the one of the beginning.
    try:
        plan = build_order(blueprint, bare, ctx.tables, await _seed(ctx, blueprint, region, stand))
    except (ActionFailed, SolverInputError):
        return ()  # nothing to go by: what stands about is left
    return tuple(step.piece.pos for step in plan.steps if step.scaffold and step.act == "place")


async def _carry_out(ctx: LeafContext, plan: BuildPlan, report: Built, total: int) -> None:
    for step in plan.steps:
        await _go(ctx, step.feet)
        if step.act == "dig":
            await break_block(ctx, step.piece.pos)
            report.scaffold_removed += 1
            continue
        await _place(ctx, step)
        if step.scaffold:
            report.scaffold_placed += 1
        else:
            report.placed += 1
            share = min(1.0, (report.placed + report.stood) / total)
            ctx.progress(f"placed {step.piece.block} at {step.piece.pos}", share)


async def _go(ctx: LeafContext, feet: BlockPos) -> None:
    body = await ctx.senses.observe()
    x, _, z = body.position
    centred = abs(x - feet[0] - 0.5) <= 0.2 and abs(z - feet[2] - 0.5) <= 0.2
    if body.block != feet or not centred:
        await walk_to(ctx, feet, 0, 0)


async def _place(ctx: LeafContext, step: BuildStep) -> None:
    """Place a piece and look at it. What falls off or turns into something else is place.timeout."""
    piece = step.piece
    body = await ctx.senses.observe()
    if body.held is None or body.held.item != piece.item:
        if not body.inventory.count(piece.item):
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"no {piece.item} is carried")
        await ctx.hands.equip(piece.item, "hand")
    if piece.facing is not None and step.against is not None:
        x, y, z = step.against
        await ctx.hands.look_at((x + 0.5, y + 1.0, z + 0.5))
    await put_block(ctx, piece.item, piece.pos, cast("Face | None", step.face))
    region = await ctx.senses.scan(box_of(piece.cells, 0, 0))
    if not stands(piece, region, ctx.tables):
        there = " and ".join(ctx.tables.name_of(region.state(cell)) for cell in piece.cells)
        raise ActionFailed(ExecErrorCode.PLACE_TIMEOUT, f"{piece.block} was placed at {piece.pos}, {there} is there")


async def dig_away(ctx: LeafContext, cells: Sequence[BlockPos], report: Built | None = None) -> None:
    """Dig blocks away in this order, walking to where each can be touched. path.unreachable where one cannot."""
    options = there_and_back(ctx.senses.follows)
    for cell in cells:
        seen = await survey(ctx, lambda here, cell=cell: box_of([here, cell], 6, 6), options)
        if ctx.tables.name_of(seen.sight.region.state(cell)) in ("air", "cave_air", "void_air"):
            continue
        on_top = seen.start == beside(cell, "up")
        if on_top or not seen.sight.can_touch(seen.start, cell):
            spots = seen.sight.stands_for(cell)
            if not spots or await walk_to_any(ctx, seen, spots, options) is None:
                raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, f"no way leads to where {cell} can be dug")
        await break_block(ctx, cell)
        if report is not None:
            report.scaffold_removed += 1
