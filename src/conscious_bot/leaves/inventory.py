"""Leaves that sort out what the body carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import HeldItem
from conscious_bot.leaves.schemas import ITEM, object_schema

__all__ = ["TOOL_TIERS", "EquipTool"]

TOOL_TIERS = ("netherite", "diamond", "iron", "stone", "golden", "wooden")
"""Materials of tools, the most capable first (harvest level, then durability; Minecraft Wiki, "Tiers")."""

_KINDS = ("pickaxe", "axe", "shovel", "hoe", "sword", "shears")


class EquipTool:
    """Takes a tool into the hand."""

    spec: ClassVar = LeafSpec(
        name="equip_tool",
        version="1.0.0",
        description=(
            "Takes an item into the main hand: exactly `item`, or the best tool of a `kind` that is carried, "
            "at least of the material `minTier` if that is given."
        ),
        input_schema={
            **object_schema({"item": ITEM, "kind": {"enum": list(_KINDS)}, "minTier": {"enum": list(TOOL_TIERS)}}),
            "oneOf": [{"required": ["item"]}, {"required": ["kind"]}],
        },
        output_schema=object_schema({"equipped": {"type": "string"}}, ("equipped",)),
        failures=frozenset({ExecErrorCode.INVENTORY_MISSING}),
        timeout_ms=5_000,
        retries=1,
        permissions=frozenset({Permission.CONTAINER_READ}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, and step.badArgs for an item the version does not know."""
        state = await ctx.senses.observe()
        counts = state.inventory.counts()
        item: str | None = args.get("item")
        if item is None:
            kind: str = args["kind"]
            tiers = TOOL_TIERS[: TOOL_TIERS.index(args["minTier"]) + 1] if "minTier" in args else TOOL_TIERS
            names = [kind] if kind == "shears" else [f"{tier}_{kind}" for tier in tiers]
            item = next((name for name in names if counts[name]), None)
            if item is None:
                raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"none of {', '.join(names)} is carried")
        elif item not in ctx.tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        elif not counts[item]:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"no {item} is carried")
        if state.held is None or state.held.item != item:
            await ctx.hands.equip(item, "hand")
        return Outcome((HeldItem(item),), {"equipped": item})
