"""A leaf as a model might propose it. Scenario S12 reads it as text; nobody imports it before it is signed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

from conscious_bot.body.port import Face
from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import BlockIs
from conscious_bot.leaves.hands import beside
from conscious_bot.leaves.interaction import blocks_of_item, put_block


class SealOff:
    """Closes a corridor beside the body."""

    spec: ClassVar = LeafSpec.model_validate_json((Path(__file__).parent / "spec.json").read_text("utf-8"))

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with step.badArgs for what is no block, and as placing does."""
        item = str(args["item"])
        names = blocks_of_item(ctx.tables, item)
        if not names:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: {item!r} is no block")
        low = beside((await ctx.senses.observe()).block, cast("Face", args["side"]))
        closed = [BlockIs(cell, names) for cell in (low, beside(low, "up"))]
        await ctx.watch_for(*closed)
        for expect in closed:
            if ctx.tables.name_of(ctx.hands.seen_before[expect.pos]) not in names:
                await put_block(ctx, item, expect.pos)
        return Outcome(tuple(closed), {"closed": [list(expect.pos) for expect in closed]})


leaf = SealOff()
