"""The leaf that smelts: input and fuel into a furnace, the results out of it as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, ExecErrorCode, LeafSpec, Permission
from conscious_bot.game.tables import Smelting, Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.crafting import table_within_reach
from conscious_bot.leaves.expectations import InventoryDelta
from conscious_bot.leaves.schemas import ITEM, object_schema
from conscious_bot.world.state import FurnaceView, WindowView

__all__ = ["MOST_AT_ONCE", "Smelt", "fuel_for"]

MOST_AT_ONCE = 64
"""One stack: more do not fit into a furnace's slot."""

_TICKS_PER_SECOND = 20
_LOOKS, _LOOK_S = 20, 0.1
_STALLS = 3

_PLAIN = frozenset({"coal", "charcoal", "coal_block", "dried_kelp_block", "blaze_rod", "stick", "bamboo", "dead_bush"})
_WOOD = ("_log", "_planks", "_wood", "_sapling", "_slab", "_button")


def fuel_for(tables: Tables, heat: int, carried: Mapping[str, int]) -> list[tuple[str, int]] | None:
    """Which fuels to burn, and how many of each, for so many ticks of heat; None if all of it is too little.

    One kind if one is enough, with the least waste; else several, the strongest first. What is plainly there to be
    burned comes before furniture, boats and buckets of lava; what wears (tools, bows) is never burned.
    """
    if heat <= 0:
        return []
    usable = {item: tables.fuel[item] for item in sorted(carried) if carried[item] > 0 and _burns(tables, item)}
    ranked = sorted(usable, key=lambda item: (not _plain(item), -usable[item], item))
    single: list[tuple[bool, int, int, str]] = []
    for item, ticks in usable.items():
        uses = -(-heat // ticks)
        if uses <= carried[item]:
            single.append((not _plain(item), uses * ticks - heat, uses, item))
    if single:
        _, _, uses, item = min(single)
        return [(item, uses)]
    chosen: list[tuple[str, int]] = []
    for item in ranked:
        uses = min(carried[item], -(-heat // usable[item]))
        chosen.append((item, uses))
        heat -= uses * usable[item]
        if heat <= 0:
            return chosen
    return None


def _burns(tables: Tables, item: str) -> bool:
    return tables.fuel.get(item, 0) > 0 and tables.items[item].durability is None


def _plain(item: str) -> bool:
    return item in _PLAIN or item.endswith(_WOOD)


class Smelt:
    """Smelts in a furnace within reach."""

    spec: ClassVar = LeafSpec(
        name="smelt",
        version="1.0.0",
        description=(
            "Smelts `qty` of an item in a furnace within reach and takes the results; place_workstation provides the "
            "furnace. Burns `fuel`, or what is carried with the least waste, never tools. What lay in the furnace "
            "before is taken along: results count, another input comes out."
        ),
        input_schema=object_schema(
            {
                "input": ITEM,
                "fuel": ITEM,
                "qty": {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": 1},
            },
            ("input",),
        ),
        output_schema=object_schema(
            {
                "item": {"type": "string"},
                "made": {"type": "integer"},
                "fuel": {"type": "object", "additionalProperties": {"type": "integer"}},
                "furnace": {"type": "array", "items": {"type": "integer"}},
            },
            ("item", "made", "fuel", "furnace"),
        ),
        postconditions={"type": "object", "required": ["inventory"]},
        failures=frozenset(
            {
                ExecErrorCode.CRAFT_NO_RECIPE,
                ExecErrorCode.CRAFT_MISSING_INPUT,
                ExecErrorCode.CRAFT_NO_WORKSTATION,
                ExecErrorCode.INVENTORY_FULL,
                ExecErrorCode.CONTAINER_TIMEOUT,
                ExecErrorCode.CRAFT_CONTAINER_BUSY,
            }
        ),
        timeout_ms=(MOST_AT_ONCE * 10 + 60) * 1000,  # 10 s an item; the waits are declared one by one
        retries=0,  # what was put in lies there; whoever plans looks again
        permissions=frozenset({Permission.CRAFT, Permission.CONTAINER_READ, Permission.CONTAINER_WRITE}),
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with craft.noRecipe, craft.missingInput, craft.noWorkstation before the furnace is opened."""
        item, qty = str(args["input"]), int(args["qty"])
        recipe = ctx.tables.smelting.get(item)
        if recipe is None:
            raise ActionFailed(ExecErrorCode.CRAFT_NO_RECIPE, f"a furnace makes nothing of {item}")
        fuels = self._supplies(
            ctx.tables, recipe, qty, args.get("fuel"), (await ctx.senses.observe()).inventory.counts()
        )
        furnace = await table_within_reach(ctx, "furnace")
        if furnace is None:
            raise ActionFailed(ExecErrorCode.CRAFT_NO_WORKSTATION, f"{recipe.result} needs a furnace within reach")
        await ctx.watch([furnace])
        view = _furnace(await ctx.hands.open_container(furnace))
        if view.input is not None and view.input.item != item:
            view = _furnace(await ctx.hands.take(view.input.item, view.input.count, "input"))
        if view.output is not None and view.output.item != recipe.result:
            view = _furnace(await ctx.hands.take(view.output.item, view.output.count, "output"))
        burned = await self._cook(ctx, recipe, qty, fuels, view)
        # On every other way out the runner brings the body to rest, which closes the window.
        await ctx.hands.close_window()
        output = {"item": recipe.result, "made": qty, "fuel": burned, "furnace": list(furnace)}
        return Outcome((InventoryDelta((recipe.result,), qty),), output)

    @staticmethod
    def _supplies(
        tables: Tables, recipe: Smelting, qty: int, named: str | None, carried: Mapping[str, int]
    ) -> Sequence[tuple[str, int]]:
        """The fuels to burn. craft.missingInput names what lacks, step.badArgs a fuel that is none."""
        if carried.get(recipe.input, 0) < qty:
            detail = f"{qty} {recipe.result} need {qty - carried.get(recipe.input, 0)} more {recipe.input}"
            raise ActionFailed(ExecErrorCode.CRAFT_MISSING_INPUT, detail)
        rest = {**carried, recipe.input: carried[recipe.input] - qty}
        heat = qty * recipe.ticks
        if named is not None:
            if not tables.fuel.get(named):
                raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/fuel: {named} does not burn")
            lack = -(-heat // tables.fuel[named]) - rest.get(named, 0)
            if lack > 0:
                detail = f"{qty} {recipe.result} need {lack} more {named} as fuel"
                raise ActionFailed(ExecErrorCode.CRAFT_MISSING_INPUT, detail)
            return [(named, rest[named])]
        fuels = fuel_for(tables, heat, rest)
        if fuels is None:
            detail = f"{qty} {recipe.result} need fuel for {heat} ticks, such as {-(-heat // 1600)} coal"
            raise ActionFailed(ExecErrorCode.CRAFT_MISSING_INPUT, detail)
        return fuels

    async def _cook(
        self, ctx: LeafContext, recipe: Smelting, qty: int, fuels: Sequence[tuple[str, int]], view: FurnaceView
    ) -> dict[str, int]:
        """Keep the furnace going until so many results are taken. Returns what was put in as fuel."""
        left, burned, got, stalls = dict(fuels), dict[str, int](), 0, 0
        while True:
            if view.output is not None:
                got += view.output.count
                view = _furnace(await ctx.hands.take(recipe.result, view.output.count))
            ctx.progress(f"{min(got, qty)} of {qty} {recipe.result}", min(1.0, got / qty))
            inside = view.input.count if view.input else 0
            if got >= qty:
                if view.input is not None:  # left from an earlier run; it would only lie there
                    await ctx.hands.take(view.input.item, view.input.count, "input")
                return burned
            if inside < qty - got:
                view = _furnace(await ctx.hands.put(recipe.input, qty - got - inside, "input"))
            view = await self._stoke(ctx, recipe, qty - got, left, burned, view)
            before = (view.progress, view.burning)
            wait = max(1, (view.progress_total or recipe.ticks) - view.progress) / _TICKS_PER_SECOND
            await ctx.sleep(wait + 0.1, f"{recipe.input} in the furnace, {qty - got} to go")
            view = _furnace(await ctx.hands.window())
            moved = view.output is not None or (view.progress, view.burning) != before
            stalls = 0 if moved else stalls + 1
            if stalls >= _STALLS:
                raise ActionFailed(ExecErrorCode.CONTAINER_TIMEOUT, f"the furnace stands still at {got} of {qty}")

    @staticmethod
    async def _stoke(
        ctx: LeafContext,
        recipe: Smelting,
        count: int,
        left: dict[str, int],
        burned: dict[str, int],
        view: FurnaceView,
    ) -> FurnaceView:
        """Put fuel in if what burns and lies there is too little for so many items."""
        there = view.fuel
        if there is not None and not ctx.tables.fuel.get(there.item):  # an empty bucket chokes the fire
            view = _furnace(await ctx.hands.take(there.item, there.count, "fuel"))
            there = None
        heat = view.burning + (there.count * ctx.tables.fuel[there.item] if there else 0)
        lack = count * recipe.ticks - view.progress - heat
        fed = False
        for item in [name for name, n in left.items() if n > 0 and (there is None or there.item == name)]:
            if lack <= 0:
                break
            room = ctx.tables.items[item].stack_size - (there.count if there else 0)
            uses = min(left[item], room, -(-lack // ctx.tables.fuel[item]))
            if uses <= 0:
                break
            view = _furnace(await ctx.hands.put(item, uses, "fuel"))
            left[item] -= uses
            burned[item] = burned.get(item, 0) + uses
            fed = True
            break  # the slot holds one kind; the next goes in when it is empty
        for _ in range(_LOOKS if fed else 0):
            if view.fuel is not None or view.burning:
                break
            await ctx.sleep(_LOOK_S, "the fire catches")  # a server may take the fuel and tell of the flame later
            view = _furnace(await ctx.hands.window())
        if view.fuel is None and not view.burning:
            raise ActionFailed(ExecErrorCode.CRAFT_MISSING_INPUT, f"the fire is out, {count} {recipe.input} to go")
        return view


def _furnace(view: WindowView) -> FurnaceView:
    if not isinstance(view, FurnaceView):
        raise ActionFailed(ExecErrorCode.CONTAINER_NONE, f"a {view.kind} is open, no furnace")
    return view
