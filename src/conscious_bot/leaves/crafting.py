"""Leaves that make things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from conscious_bot.body.port import REACH
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.game.tables import Recipe, Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import InventoryDelta
from conscious_bot.leaves.schemas import ITEM, object_schema
from conscious_bot.leaves.sight import EYE, reach_distance
from conscious_bot.world.state import Inventory

__all__ = ["CraftRecipe", "room_to_craft", "table_within_reach", "uses_of_recipes"]


def uses_of_recipes(
    tables: Tables, item: str, count: int, carried: Mapping[str, int], *, table: bool
) -> list[tuple[Recipe, int]]:
    """Which recipes to apply how often to make at least `count` of an item from what is carried.

    Variants (planks of another wood) are used one after the other; those that fit the player's own grid
    come first. Raises craft.noRecipe, craft.noWorkstation if only the missing table is in the way, and
    craft.missingInput naming what the best supplied variant lacks.
    """
    variants = tables.recipes.get(item, ())
    if not variants:
        raise ActionFailed(ExecErrorCode.CRAFT_NO_RECIPE, f"this version has no crafting recipe for {item}")
    left, needed = Counter(carried), count
    plan: list[tuple[Recipe, int]] = []
    for recipe in sorted(variants, key=lambda r: r.needs_table):
        possible = min(left[name] // amount for name, amount in recipe.ingredients)
        uses = min(possible, -(-needed // recipe.count))
        if uses <= 0:
            continue
        plan.append((recipe, uses))
        for name, amount in recipe.ingredients:
            left[name] -= amount * uses
        needed -= uses * recipe.count
        if needed <= 0:
            break
    if needed > 0:
        best, lack = min(
            ((r, _lack(r, count, carried)) for r in variants),
            key=lambda pair: sum(pair[1].values()),  # ties: the version's own order
        )
        told = ", ".join(f"{amount} {name}" for name, amount in sorted(lack.items()))
        detail = f"{count} {best.result} need {told} more" if told else f"not enough for {count} {item}"
        raise ActionFailed(ExecErrorCode.CRAFT_MISSING_INPUT, detail)
    if not table and any(recipe.needs_table for recipe, _ in plan):
        raise ActionFailed(ExecErrorCode.CRAFT_NO_WORKSTATION, f"{item} needs a crafting table within reach")
    return plan


def _lack(recipe: Recipe, count: int, carried: Mapping[str, int]) -> dict[str, int]:
    uses = -(-count // recipe.count)
    missing = {name: amount * uses - carried.get(name, 0) for name, amount in recipe.ingredients}
    return {name: amount for name, amount in missing.items() if amount > 0}


async def table_within_reach(ctx: LeafContext, kind: str = "crafting_table") -> BlockPos | None:
    """The nearest workstation of a kind that the hand reaches from here."""
    x, y, z = (await ctx.senses.observe()).position
    for pos in await ctx.senses.find_blocks([kind], 6, 16):
        if reach_distance((x, y + EYE, z), pos) <= REACH:
            return pos
    return None


def room_to_craft(tables: Tables, inventory: Inventory, plan: Iterable[tuple[Recipe, int]]) -> bool:
    """Whether what comes of each use of the recipes has room once what that use takes is gone."""
    slots = [_Slot(stack.item, stack.count) for stack in inventory.slots if stack is not None]
    for recipe, times in plan:
        for _ in range(times):
            for item, count in recipe.ingredients:
                slots = _without(slots, item, count)
            for item, count in ((recipe.result, recipe.count), *recipe.remains):
                _put(slots, item, count, tables.items[item].stack_size)
            if len(slots) > len(inventory.slots):
                return False
    return True


@dataclass(slots=True)
class _Slot:
    item: str
    count: int


def _without(slots: Sequence[_Slot], item: str, left: int) -> list[_Slot]:
    """The slots after so many of an item are taken, from the smallest stacks first."""
    for slot in sorted((slot for slot in slots if slot.item == item), key=lambda slot: slot.count):
        taken = min(left, slot.count)
        slot.count -= taken
        left -= taken
    return [slot for slot in slots if slot.count]


def _put(slots: list[_Slot], item: str, left: int, most: int) -> None:
    """Add so many of an item, to stacks of it first, `most` to a slot."""
    for slot in slots:
        if slot.item == item:
            added = min(left, most - slot.count)
            slot.count += added
            left -= added
    while left > 0:
        slots.append(_Slot(item, min(left, most)))
        left -= most


class CraftRecipe:
    """Crafts by hand or at a table within reach."""

    spec: ClassVar = LeafSpec(
        name="craft_recipe",
        version="1.0.0",
        description=(
            "Makes at least `qty` of an item by the version's crafting recipes from what is carried. Uses a "
            "crafting table within reach where the recipe needs one; place_workstation provides it."
        ),
        input_schema=object_schema(
            {"recipe": ITEM, "qty": {"type": "integer", "minimum": 1, "maximum": 2304, "default": 1}}, ("recipe",)
        ),
        output_schema=object_schema(
            {
                "item": {"type": "string"},
                "made": {"type": "integer"},
                "uses": {"type": "integer"},
                "table": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": "integer"}}]},
            },
            ("item", "made", "uses", "table"),
        ),
        postconditions={"type": "object", "required": ["inventory"]},
        failures=frozenset(
            {
                ExecErrorCode.CRAFT_MISSING_INPUT,
                ExecErrorCode.CRAFT_NO_RECIPE,
                ExecErrorCode.CRAFT_NO_WORKSTATION,
                ExecErrorCode.CRAFT_UI_TIMEOUT,
                ExecErrorCode.INVENTORY_FULL,
            }
        ),
        timeout_ms=60_000,
        retries=0,  # a stalled window is tried again inside, for what is still missing then
        permissions=frozenset({Permission.CRAFT}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Pre-check, perform, and leave the verdict on the counts to the runner.

        Fails with craft.missingInput, .noRecipe, .noWorkstation and inventory.full before anything is touched.
        """
        item, qty = str(args["recipe"]), int(args["qty"])
        before = (await ctx.senses.observe()).inventory.count(item)
        table = await table_within_reach(ctx)
        stalls, uses = 0, 0
        expected = 0
        while True:
            inventory = (await ctx.senses.observe()).inventory
            carried = inventory.counts()
            missing = qty - (carried[item] - before)
            if missing <= 0:
                break
            plan = uses_of_recipes(ctx.tables, item, missing, carried, table=table is not None)
            if not room_to_craft(ctx.tables, inventory, plan):
                raise ActionFailed(ExecErrorCode.INVENTORY_FULL, f"no room for {missing} {item}")
            expected = carried[item] - before + sum(recipe.count * times for recipe, times in plan)
            try:
                for recipe, times in plan:
                    ctx.progress(f"crafting {times} x {item}")
                    await ctx.hands.craft(recipe, times, table if recipe.needs_table else None)
                    uses += times
            except ActionFailed as failure:
                stalls += 1
                if failure.code is not ExecErrorCode.CRAFT_UI_TIMEOUT or stalls > 2:
                    raise
                await ctx.sleep(0.5, "after a stalled window")
                continue
            break
        output = {"item": item, "made": expected, "uses": uses, "table": None if table is None else list(table)}
        return Outcome((InventoryDelta((item,), max(expected, qty)),), output)
