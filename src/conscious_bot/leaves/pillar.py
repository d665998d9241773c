"""The leaf that rises on a pillar of its own blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import TICKS_PER_SECOND, ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import AtOrAbove, BlockIs, Expectation
from conscious_bot.leaves.hands import beside
from conscious_bot.leaves.schemas import ITEM, POS, object_schema
from conscious_bot.leaves.shelter import building_blocks

__all__ = ["PillarUp"]

_LANDING = 20  # ticks within which a body comes down from a jump


class PillarUp:
    """Gets out of reach upwards."""

    spec: ClassVar = LeafSpec(
        name="pillar_up",
        version="1.0.0",
        description="Rises `height` blocks on the spot: jumps and puts a carried block (`item`, or any) under itself.",
        input_schema=object_schema(
            {"height": {"type": "integer", "minimum": 1, "maximum": 16, "default": 3}, "item": ITEM}
        ),
        output_schema=object_schema({"position": POS, "placed": {"type": "integer"}}, ("position", "placed")),
        postconditions={"type": "object", "required": ["blocks"]},
        failures=frozenset(
            {
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.PLACE_OCCUPIED,
                ExecErrorCode.PLACE_INVALID_FACE,
                ExecErrorCode.PLACE_TIMEOUT,
            }
        ),
        timeout_ms=60_000,
        retries=0,
        permissions=frozenset({Permission.MOVEMENT, Permission.PLACE, Permission.NAVIGATE_VERTICAL}),
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing (before the first jump), place.occupied (no room above), place.timeout."""
        height = int(args["height"])
        state = await ctx.senses.observe()
        only: str | None = args.get("item")
        carried = [(item, n) for item, n in building_blocks(ctx.tables, state.inventory) if only in (None, item)]
        have = sum(count for _, count in carried)
        if have < height:
            raise ActionFailed(
                ExecErrorCode.INVENTORY_MISSING, f"{height} {only or 'blocks'} are needed, {have} carried"
            )
        material = [item for item, count in carried for _ in range(count)][:height]
        expect: list[Expectation] = [AtOrAbove(state.block[1] + height)]
        for done, item in enumerate(material, 1):
            state = await ctx.senses.observe()
            if state.held is None or state.held.item != item:
                await ctx.hands.equip(item, "hand")
            cell = state.block
            await ctx.hands.place(beside(cell, "down"), "up")
            await _stands_on(ctx, cell)
            expect.append(BlockIs(cell, (item,)))
            ctx.progress(f"rising, {done} of {height}", done / height)
        position = (await ctx.senses.observe()).block
        return Outcome(tuple(expect), {"position": list(position), "placed": height})


async def _stands_on(ctx: LeafContext, cell: BlockPos) -> None:
    """Return once the body has come down on what was put into the cell."""
    for _ in range(_LANDING):
        state = await ctx.senses.observe()
        if state.on_ground and state.block[1] > cell[1]:
            return
        await ctx.sleep(1 / TICKS_PER_SECOND, "until it stands on the block")
    raise ActionFailed(ExecErrorCode.PLACE_TIMEOUT, f"the body did not come to stand on the block at {cell}")
