"""Leaves that bring light."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import BlockIs, LightAtLeast
from conscious_bot.leaves.failures import PLACING, WALKING
from conscious_bot.leaves.interaction import blocks_of_item, put_block
from conscious_bot.leaves.lighting import SAFE_LIGHT, light_at
from conscious_bot.leaves.safe_steps import look_ahead
from conscious_bot.leaves.schemas import POS, object_schema, to_pos

__all__ = ["PlaceTorch", "PlaceTorchIfNeeded"]

_TORCH = "torch"


async def _put_torch(ctx: LeafContext, pos: BlockPos) -> BlockIs:
    """A torch in a cell: on the floor if there is one, else on a wall. Returns what is to be seen then."""
    expect = BlockIs(pos, blocks_of_item(ctx.tables, _TORCH))
    await ctx.watch_for(expect)
    if ctx.tables.name_of(ctx.hands.seen_before[pos]) not in expect.names:
        await put_block(ctx, _TORCH, pos)
        ctx.run.torches.append(pos)
    return expect


class PlaceTorch:
    """Puts a torch down."""

    spec: ClassVar = LeafSpec(
        name="place_torch",
        version="1.0.0",
        description=(
            "Places a torch into the cell `pos`, or into the body's own cell, on the floor if there is one and "
            "else on a wall. One stands there already: success without change."
        ),
        input_schema=object_schema({"pos": POS}),
        output_schema=object_schema({"pos": POS}, ("pos",)),
        failures=PLACING,
        timeout_ms=15_000,
        retries=1,
        permissions=frozenset({Permission.PLACE}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, place.occupied, place.invalidFace, place.outOfReach, place.timeout."""
        pos = to_pos(args["pos"]) if "pos" in args else (await ctx.senses.observe()).block
        return Outcome((await _put_torch(ctx, pos),), {"pos": list(pos)})


class PlaceTorchIfNeeded:
    """Lights the way as it is walked."""

    spec: ClassVar = LeafSpec(
        name="place_torch_if_needed",
        version="1.0.0",
        description=(
            "Places a torch in the body's own cell if the next cell on the way to the run's movement goal is too dark, "
            "or if `interval` cells of the way lie behind the run's last torch and none stands here. Not needed, or "
            "asked for by the interval alone and none carried: success without change."
        ),
        input_schema=object_schema({"interval": {"type": "integer", "minimum": 1, "maximum": 64, "default": 6}}),
        output_schema=object_schema(
            {
                "placed": {"type": "boolean"},
                "needed": {"type": "boolean"},
                "at": POS,
                "why": {"enum": ["light", "interval"]},
                "light": {"type": "integer"},
            },
            ("placed", "needed"),
        ),
        failures=(WALKING - {ExecErrorCode.PATH_STUCK})
        | {ExecErrorCode.INVENTORY_MISSING, ExecErrorCode.PLACE_INVALID_FACE, ExecErrorCode.PLACE_TIMEOUT},
        timeout_ms=15_000,
        retries=1,
        permissions=frozenset({Permission.PLACE}),
        rate_limit_per_min=600,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing if it is too dark and no torch is carried, else as placing does."""
        goal = ctx.run.goal
        state = await ctx.senses.observe()
        ahead = None if goal is None else await look_ahead(ctx, goal)
        here = state.block if ahead is None else ahead.here
        cell = here if ahead is None or ahead.next is None else ahead.next
        light = (await light_at(ctx.senses, [cell])).get(cell, 0)
        expect = BlockIs(here, blocks_of_item(ctx.tables, _TORCH))
        await ctx.watch_for(expect)
        if ctx.tables.name_of(ctx.hands.seen_before[here]) in expect.names:
            # What a torch here does not light, no second one would.
            return Outcome((expect,), {"placed": False, "needed": False, "light": light})
        dark = light < SAFE_LIGHT
        due = ctx.run.cells_since_torch() >= int(args["interval"])
        carried = state.inventory.count(_TORCH) > 0
        if dark and not carried:
            detail = f"no torch is carried, and the light at {cell} is {light} of {SAFE_LIGHT}"
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, detail)
        if not carried or not (dark or due):
            lit = LightAtLeast(cell, SAFE_LIGHT)
            await ctx.watch_for(lit)
            return Outcome((lit,), {"placed": False, "needed": due, "light": light})
        expect = await _put_torch(ctx, here)
        output = {"placed": True, "needed": True, "at": list(here), "why": "light" if dark else "interval"}
        return Outcome((expect,), {**output, "light": light})
