"""Making a way while walking it: a plan of works done by the hands, each primitive seen to be done before the next.

What goes wrong is no failure of the leaf but a reason to plan again: the block is another one now, somebody
stands where a block belongs, the body is not where the plan has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np

from conscious_bot.body.port import Face
from conscious_bot.contracts import TICKS_PER_SECOND, ActionFailed, BlockPos, ExecErrorCode, Permission, Primitive
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.digging import break_block
from conscious_bot.leaves.hands import OFFSETS, look_at_blocks
from conscious_bot.leaves.watching import Walked
from conscious_bot.sterling.hazards import Layers
from conscious_bot.sterling.policy import HazardPolicy
from conscious_bot.sterling.works import MAX_CELLS, NEVER, WorkPlan, WorksNavigator, works_of
from conscious_bot.world.grid import AIR, OccupancyGrid
from conscious_bot.world.occupancy import classes_of
from conscious_bot.world.region import VoxelRegion

__all__ = ["SPENT", "blocks_at_hand", "make_way", "may_make", "plan_works"]

SPENT: tuple[str, ...] = (
    "dirt", "coarse_dirt", "netherrack", "cobblestone", "cobbled_deepslate", "andesite", "diorite", "granite", "tuff",
    "stone", "deepslate", "blackstone", "end_stone", "oak_planks", "spruce_planks", "birch_planks", "jungle_planks",
    "acacia_planks", "dark_oak_planks", "mangrove_planks", "cherry_planks",
)  # fmt: skip
"""What is put under the feet, the least precious first: full blocks that do not fall and can be dug again by hand."""

_SIDES: Mapping[str, Face] = {"E": "east", "W": "west", "S": "south", "N": "north"}
_BY_HAND = frozenset({"dig", "place", "open", "pillar", "drop"})
_LANDED = 30  # ticks within which a body comes down by a block
_TROUBLE = frozenset({"dig", "place", "use", "inventory"})
"""Families of failures after which another plan may do."""


def may_make(ctx: LeafContext) -> bool:
    """Whether this leaf may dig; building is not enough to come out of a hole."""
    return Permission.DIG in ctx.permissions


def blocks_at_hand(counts: Mapping[str, int]) -> int:
    """How many blocks are carried that may be spent on a way."""
    return sum(counts.get(item, 0) for item in SPENT)


def plan_works(
    ctx: LeafContext,
    region: VoxelRegion,
    counts: Mapping[str, int],
    start: BlockPos,
    goal: BlockPos,
    tolerance: tuple[int, int],
    policy: HazardPolicy,
    layers: Layers,
    grid: OccupancyGrid,
) -> WorkPlan | None:
    """The cheapest way that can be made within a scan; None where it is too large or shows none.

    Protected blocks are neither dug nor built over, what somebody built is never dug, and what is placed is
    carried. `tolerance` is across and up.
    """
    if region.blocks.size > MAX_CELLS:
        return None
    builds = Permission.PLACE in ctx.permissions
    works = works_of(
        region, ctx.tables, counts, ctx.may_edit, blocks=blocks_at_hand(counts) if builds else 0, own=ctx.own_blocks
    )
    if not builds:  # a door is opened by the hand that places
        works = replace(works, opening=np.where(works.shut, np.uint16(NEVER), works.opening))
    plan = WorksNavigator(grid, works, policy=policy, layers=layers).solve(
        start, goal, tolerance_xz=tolerance[0], tolerance_y=tolerance[1]
    )
    return plan if plan.primitives else None


async def make_way(ctx: LeafContext, plan: WorkPlan) -> Walked:
    """Do what the plan says, primitive by primitive. `done` counts those that were done.

    A bridge just laid has nothing beside it, so it is entered sneaking.
    """
    here, steps, done = plan.start, plan.primitives, 0
    bridged: set[BlockPos] = set()
    while done < len(steps):
        state = await ctx.senses.observe()
        step = steps[done]
        if not state.alive:
            raise ActionFailed(ExecErrorCode.BODY_DEAD, "the bot is dead")
        if state.block != here and step.kind != "drop":
            return Walked(done, state.position, f"the body stands at {state.block} instead of {here}")
        ctx.progress(f"making a way: {step.op} at {step.to}", done / len(steps))
        try:
            if step.kind in _BY_HAND:
                await _do(ctx, here, step)
                done += 1
                if step.kind == "place":
                    bridged.add((step.to[0], step.to[1] + 1, step.to[2]))
                here = step.to if step.kind in ("pillar", "drop") else here
                continue
        except ActionFailed as failure:
            if failure.code.value.split(".")[0] not in _TROUBLE:
                raise
            return Walked(done, state.position, f"{step.op} at {step.to} failed: {failure}")
        run = [
            step.sneaked() if step.to in bridged and "sneak" in ctx.senses.follows else step
            for step in takewhile(lambda s: s.kind not in _BY_HAND, steps[done:])
        ]
        walked = await ctx.hands.follow(run)
        done += walked.done
        if walked.ended != "arrived":
            return Walked(done, walked.position, f"the walk ended {walked.ended} after {done} steps")
        here = run[-1].to
    return Walked(done, (await ctx.senses.observe()).position)


async def _do(ctx: LeafContext, here: BlockPos, step: Primitive) -> None:
    if step.kind == "dig":
        state = (await look_at_blocks(ctx.senses, [step.to]))[step.to]
        if classes_of(ctx.tables).classes[state] != AIR:  # somebody may have been quicker
            await break_block(ctx, step.to)
    elif step.kind == "place":
        await _put(ctx, (here[0], here[1] - 1, here[2]), _SIDES[step.op[-1]])
    elif step.kind == "pillar":
        await _put(ctx, (here[0], here[1] - 1, here[2]), "up")
        await _come_down(ctx, step.to)
    elif step.kind == "open":
        await ctx.hands.use_block(step.to, _towards(step.to, here))
    else:
        await _come_down(ctx, step.to)


async def _put(ctx: LeafContext, against: BlockPos, face: Face) -> None:
    """Put the least precious block against that side of the block under the feet."""
    state = await ctx.senses.observe()
    item = next((item for item in SPENT if state.inventory.count(item)), None)
    if item is None:
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "no block is left to put under the feet")
    if state.held is None or state.held.item != item:
        await ctx.hands.equip(item, "hand")
    await ctx.hands.place(against, face)


def _towards(pos: BlockPos, here: BlockPos) -> Face:
    """The side of a block that looks at somebody who stands beside it."""
    sides: Sequence[Face] = ("east", "west", "south", "north")
    return max(sides, key=lambda side: OFFSETS[side][0] * (here[0] - pos[0]) + OFFSETS[side][2] * (here[2] - pos[2]))


async def _come_down(ctx: LeafContext, to: BlockPos) -> None:
    for _ in range(_LANDED):
        state = await ctx.senses.observe()
        if state.on_ground and state.block == to:
            return
        await ctx.sleep(1 / TICKS_PER_SECOND, "until the body has come down")
    raise ActionFailed(ExecErrorCode.DIG_BLOCK_CHANGED, f"the body did not come down to {to}")
