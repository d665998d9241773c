"""Leaves that look into chests and move things.

No window outlives a leaf: the runner brings the body to rest, and a body at rest has none open. What stays
is the run's memory of the container that was opened, which the next leaf opens again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from conscious_bot.body.port import REACH, FurnacePart
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import BlockIs, Expectation, InventoryAtLeast, InventoryDelta, WindowClosed
from conscious_bot.leaves.failures import OPENING
from conscious_bot.leaves.inventory import TOOL_TIERS
from conscious_bot.leaves.navigation import box_of, survey, there_and_back, walk_to_any
from conscious_bot.leaves.schemas import ITEM, POS, object_schema, to_pos
from conscious_bot.leaves.sight import EYE, reach_distance
from conscious_bot.world.region import Box
from conscious_bot.world.state import FurnaceView, Inventory, WindowView

__all__ = ["CloseContainer", "ManageInventory", "OpenContainer", "Toss", "TransferItems"]

_COUNTS = {"type": "object", "additionalProperties": {"type": "integer"}}
_FUEL_PARTS = ("input", "fuel", "output")


async def _reach(ctx: LeafContext, pos: BlockPos) -> str:
    """Go where the block can be touched; its name."""
    name = ctx.tables.name_of((await ctx.senses.scan(Box(pos, pos))).state(pos))
    x, y, z = (await ctx.senses.observe()).position
    if reach_distance((x, y + EYE, z), pos) > REACH - 0.5:
        options = there_and_back(ctx.senses.follows)
        seen = await survey(ctx, lambda here: box_of([here, pos], 8, 8), options)
        stands = seen.sight.stands_for(pos)
        barred = ActionFailed(ExecErrorCode.CONTAINER_OUT_OF_REACH, f"no way leads to the {name} at {pos}")
        try:
            if not stands or await walk_to_any(ctx, seen, stands, options) is None:
                raise barred
        except ActionFailed as failure:
            if failure.code is ExecErrorCode.PATH_UNREACHABLE:  # the way was barred meanwhile
                raise barred from failure
            raise
    return name


def _meant(ctx: LeafContext, args: Mapping[str, Any]) -> BlockPos:
    """The container named, or the run's last one."""
    pos = to_pos(args["pos"]) if "pos" in args else ctx.run.container
    if pos is None:
        detail = "no container is named, and the run has opened none"
        raise ActionFailed(ExecErrorCode.PRECOND_MISSING, detail)
    return pos


def _inside(view: WindowView) -> dict[str, Any]:
    output: dict[str, Any] = {"kind": view.kind, "pos": list(view.pos), "contents": dict(sorted(view.counts().items()))}
    if isinstance(view, FurnaceView):
        parts = {"input": view.input, "fuel": view.fuel, "output": view.output}
        output["parts"] = {part: [s.item, s.count] for part, s in parts.items() if s is not None}
    else:
        output["freeSlots"] = view.free_slots()
    return output


_VIEW = {
    "kind": {"type": "string"},
    "pos": POS,
    "contents": _COUNTS,
    "freeSlots": {"type": "integer"},
    "parts": {"type": "object"},
}


class OpenContainer:
    """Looks into a container."""

    spec: ClassVar = LeafSpec(
        name="open_container",
        version="1.0.0",
        description=(
            "Goes to a chest, barrel or furnace, opens it and tells what is inside. The window closes with the leaf; "
            "transfer_items of the same run means this container if it names none."
        ),
        input_schema=object_schema({"pos": POS}, ("pos",)),
        output_schema=object_schema(_VIEW, ("kind", "pos", "contents")),
        failures=OPENING,
        timeout_ms=60_000,
        retries=1,
        permissions=frozenset({Permission.CONTAINER_READ, Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with container.none, .outOfReach, .blocked, .timeout, craft.containerBusy."""
        pos = to_pos(args["pos"])
        await ctx.watch([pos])
        name = await _reach(ctx, pos)
        view = await ctx.hands.open_container(pos)
        await ctx.hands.close_window()
        ctx.run.container = pos
        return Outcome((BlockIs(pos, (name,)), WindowClosed()), _inside(view))


class CloseContainer:
    """Closes what is open."""

    spec: ClassVar = LeafSpec(
        name="close_container",
        version="1.0.0",
        description="Closes an open window, if there is one, and forgets the run's container.",
        input_schema=object_schema({}),
        timeout_ms=5_000,
        retries=1,
        permissions=frozenset({Permission.CONTAINER_READ}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Nothing open: success without change."""
        if (await ctx.senses.observe()).window is not None:
            await ctx.hands.close_window()
        ctx.run.container = None
        return Outcome((WindowClosed(),))


class TransferItems:
    """Moves items into a container or out of it."""

    spec: ClassVar = LeafSpec(
        name="transfer_items",
        version="1.0.0",
        description=(
            "Moves items between the inventory and a container (`pos`, or the run's last one): `direction` deposit or "
            "withdraw, `count` of them or all there are. `part` names a furnace's slot."
        ),
        input_schema=object_schema(
            {
                "pos": POS,
                "item": ITEM,
                "count": {"type": "integer", "minimum": 1, "maximum": 2304},
                "direction": {"enum": ["deposit", "withdraw"]},
                "part": {"enum": list(_FUEL_PARTS)},
            },
            ("item", "direction"),
        ),
        output_schema=object_schema({**_VIEW, "moved": {"type": "integer"}}, ("kind", "pos", "contents", "moved")),
        postconditions={"type": "object", "required": ["inventory"]},
        failures=OPENING
        | {
            ExecErrorCode.PRECOND_MISSING,
            ExecErrorCode.INVENTORY_MISSING,
            ExecErrorCode.INVENTORY_FULL,
            ExecErrorCode.CONTAINER_MISSING,
            ExecErrorCode.CONTAINER_FULL,
        },
        timeout_ms=90_000,
        retries=1,
        permissions=frozenset({Permission.CONTAINER_WRITE, Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails as opening does, and with inventory.missing, inventory.full, container.missing, container.full."""
        pos, item = _meant(ctx, args), str(args["item"])
        if item not in ctx.tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        into = args["direction"] == "deposit"
        part = cast("FurnacePart | None", args.get("part"))
        carried = sum(s.count for s in (await ctx.senses.observe()).inventory.slots if s is not None and s.item == item)
        if into and carried < args.get("count", 1):
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"{carried} {item} carried in the slots")
        await _reach(ctx, pos)
        view = await ctx.hands.open_container(pos)
        ctx.run.container = pos
        count = int(args.get("count", carried if into else view.count(item)))
        if count == 0:
            raise ActionFailed(ExecErrorCode.CONTAINER_MISSING, f"no {item} lies in the {view.kind} at {pos}")
        if into:
            view = await ctx.hands.put(item, count, part)
        else:
            view = await ctx.hands.take(item, count, part)
        await ctx.hands.close_window()
        moved = InventoryDelta((item,), -count if into else count)
        return Outcome((moved, WindowClosed()), {**_inside(view), "moved": count})


class Toss:
    """Throws things away."""

    spec: ClassVar = LeafSpec(
        name="toss",
        version="1.0.0",
        description="Throws `count` of an item (or all of it) away, in the direction of sight.",
        input_schema=object_schema(
            {"item": ITEM, "count": {"type": "integer", "minimum": 1, "maximum": 2304}}, ("item",)
        ),
        output_schema=object_schema({"tossed": {"type": "integer"}}, ("tossed",)),
        postconditions={"type": "object", "required": ["inventory"]},
        failures=frozenset({ExecErrorCode.INVENTORY_MISSING}),
        timeout_ms=15_000,
        retries=0,
        permissions=frozenset({Permission.CONTAINER_WRITE}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, and step.badArgs for an item the version does not know."""
        item = str(args["item"])
        if item not in ctx.tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        carried = sum(s.count for s in (await ctx.senses.observe()).inventory.slots if s is not None and s.item == item)
        count = int(args.get("count", carried))
        if count == 0 or carried < count:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"{carried} {item} carried in the slots")
        await ctx.hands.toss(item, count)
        return Outcome((InventoryDelta((item,), -count),), {"tossed": count})


_JUNK = (
    "rotten_flesh", "poisonous_potato", "spider_eye", "wheat_seeds", "gravel", "diorite", "andesite", "granite",
    "tuff", "flint", "dirt", "cobblestone", "cobbled_deepslate", "sand",
)  # fmt: skip
_KEEPS = 64
"""So many of what is of little worth are kept: to build with."""


def surplus(inventory: Inventory, tables: Tables) -> dict[str, int]:
    """What can go without loss: what is of little worth beyond a stack, and tools that a better one replaces."""
    counts = inventory.counts()
    found = {item: counts[item] - _KEEPS for item in _JUNK if counts[item] > _KEEPS}
    for kind in ("pickaxe", "axe", "shovel", "hoe", "sword"):
        best = next((tier for tier in TOOL_TIERS if counts[f"{tier}_{kind}"]), None)
        if best is not None:
            worse = TOOL_TIERS[TOOL_TIERS.index(best) + 1 :]
            found.update({f"{t}_{kind}": counts[f"{t}_{kind}"] for t in worse if counts[f"{t}_{kind}"]})
    return {item: count for item, count in sorted(found.items()) if item in tables.items}


class ManageInventory:
    """Makes room."""

    spec: ClassVar = LeafSpec(
        name="manage_inventory",
        version="1.0.0",
        description=(
            "Sees to it that at least `freeSlots` slots are empty: puts what can be spared into the container `pos`, "
            "or throws it away. Enough are empty: success without change."
        ),
        input_schema=object_schema(
            {"freeSlots": {"type": "integer", "minimum": 1, "maximum": 27, "default": 4}, "pos": POS}
        ),
        output_schema=object_schema({"freeSlots": {"type": "integer"}, "removed": _COUNTS}, ("freeSlots", "removed")),
        failures=OPENING | {ExecErrorCode.INVENTORY_FULL},
        timeout_ms=90_000,
        retries=0,
        permissions=frozenset({Permission.CONTAINER_READ, Permission.CONTAINER_WRITE, Permission.MOVEMENT}),
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.full if nothing more can be spared, and as opening the container does."""
        wanted = int(args["freeSlots"])
        state = await ctx.senses.observe()
        removed: dict[str, int] = {}
        if state.inventory.free_slots() < wanted:
            spare = surplus(state.inventory, ctx.tables)
            if not spare:
                free = state.inventory.free_slots()
                raise ActionFailed(ExecErrorCode.INVENTORY_FULL, f"{free} slots are free and nothing can be spared")
            if "pos" in args:
                removed = await self._store(ctx, to_pos(args["pos"]), spare)
            else:
                for item, count in spare.items():
                    await ctx.hands.toss(item, count)
                removed = spare
            state = await ctx.senses.observe()
        free = state.inventory.free_slots()
        if free < wanted:
            raise ActionFailed(
                ExecErrorCode.INVENTORY_FULL, f"{free} of {wanted} slots are free; no more can be spared"
            )
        expect: tuple[Expectation, ...] = tuple(InventoryDelta((item,), -count) for item, count in removed.items())
        if not removed:
            counts = state.inventory.counts()
            kept = next(iter(sorted(counts)), None)
            expect = (InventoryAtLeast((kept,), 1),) if kept is not None else (WindowClosed(),)
        return Outcome(expect, {"freeSlots": free, "removed": removed})

    async def _store(self, ctx: LeafContext, pos: BlockPos, spare: Mapping[str, int]) -> dict[str, int]:
        """Put into a container what there is room for."""
        await _reach(ctx, pos)
        view = await ctx.hands.open_container(pos)
        stored: dict[str, int] = {}
        for item, count in spare.items():
            if isinstance(view, FurnaceView):
                raise ActionFailed(
                    ExecErrorCode.CONTAINER_NONE, f"the {view.kind} at {pos} is no place to store things"
                )
            fits = min(count, view.free_slots() * ctx.tables.items[item].stack_size)
            if fits:
                view = await ctx.hands.put(item, fits)
                stored[item] = fits
        await ctx.hands.close_window()
        return stored
