"""The leaf that eats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import FoodAtLeast, InventoryDelta
from conscious_bot.leaves.schemas import ITEM, object_schema
from conscious_bot.world.food import ALWAYS_EDIBLE, FULL, food_to_eat

__all__ = ["ConsumeFood"]

_MEAL_S = 2.0
"""The longest meal lasts 40 ticks (Minecraft Wiki, "Honey Bottle"); most last 32."""


class ConsumeFood:
    """Eats one item."""

    spec: ClassVar = LeafSpec(
        name="consume_food",
        version="1.0.0",
        description=(
            "Eats one item: `item`, or of the carried food what wastes least. Left to itself it takes rotten flesh "
            "and raw chicken only if there is nothing else, and never what poisons."
        ),
        input_schema=object_schema({"item": ITEM}),
        output_schema=object_schema(
            {"item": {"type": "string"}, "food": {"type": "integer"}, "foodBefore": {"type": "integer"}},
            ("item", "food", "foodBefore"),
        ),
        postconditions={"type": "object", "required": ["inventory"]},
        failures=frozenset(
            {
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.USE_NOT_FOOD,
                ExecErrorCode.USE_NOT_HUNGRY,
                ExecErrorCode.USE_TIMEOUT,
            }
        ),
        timeout_ms=10_000,
        retries=1,
        permissions=frozenset({Permission.CONTAINER_WRITE}),
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, use.notFood, use.notHungry, before anything is touched."""
        state = await ctx.senses.observe()
        item: str | None = args.get("item")
        if item is None:
            item = food_to_eat(state.inventory, state.food, ctx.tables)
            if item is None:
                raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "nothing that is fit to eat is carried")
        elif item not in ctx.tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        elif item not in ctx.tables.foods:
            raise ActionFailed(ExecErrorCode.USE_NOT_FOOD, item)
        elif state.inventory.slot_of(item) is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"no {item} is carried")
        if state.food >= FULL and item not in ALWAYS_EDIBLE:
            raise ActionFailed(ExecErrorCode.USE_NOT_HUNGRY, f"food is {state.food} of {FULL}")
        if state.held is None or state.held.item != item:
            await ctx.hands.equip(item, "hand")
        ctx.declare_wait(_MEAL_S + 1.0, f"eating {item}")
        await ctx.hands.consume()
        ctx.activity.end_wait(ctx.clock.now())
        food = (await ctx.senses.observe()).food
        output = {"item": item, "food": food, "foodBefore": state.food}
        return Outcome((InventoryDelta((item,), -1), FoodAtLeast(state.food)), output)
