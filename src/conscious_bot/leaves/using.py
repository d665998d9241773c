"""Leaves that use things: items in the hand, doors and levers, beds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from conscious_bot.body.port import REACH, Face
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import (
    Awake,
    BlockChanged,
    BlockIs,
    Environment,
    Expectation,
    HeldItem,
    InventoryDelta,
    StateIs,
    Wears,
)
from conscious_bot.leaves.hands import OFFSETS
from conscious_bot.leaves.interaction import put_block, replaceable
from conscious_bot.leaves.navigation import box_of, survey, there_and_back, walk_to_any
from conscious_bot.leaves.observation import is_night
from conscious_bot.leaves.schemas import ITEM, POS, object_schema, to_pos
from conscious_bot.leaves.sight import EYE, reach_distance
from conscious_bot.leaves.work import break_block
from conscious_bot.world.region import UNKNOWN, Box
from conscious_bot.world.state import BodyState

__all__ = ["InteractWithBlock", "Sleep", "UseItem", "Wake"]

_SWITCHES = ("open", "powered")
_PARTS = ("head", "torso", "legs", "feet", "off-hand")
_BEDS_WITHIN = 16
_NIGHT_S = 30.0
"""A night passes 5 s after everybody lay down; some servers take longer."""


class UseItem:
    """Uses what is carried."""

    spec: ClassVar = LeafSpec(
        name="use_item",
        version="1.0.0",
        description=(
            "Uses an item (`item`, or what the hand holds): into the air, or on the side `face` of the block `on` "
            "(bone meal, bucket, flint and steel, a tool). Food is for consume_food, blocks for place_block."
        ),
        input_schema=object_schema(
            {
                "item": ITEM,
                "on": POS,
                "face": {"enum": list(OFFSETS), "default": "up"},
                "ticks": {"type": "integer", "minimum": 0, "maximum": 200, "default": 0},
            }
        ),
        output_schema=object_schema({"used": {"type": "string"}}, ("used",)),
        failures=frozenset(
            {
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.USE_OUT_OF_REACH,
                ExecErrorCode.USE_NO_EFFECT,
                ExecErrorCode.USE_TIMEOUT,
            }
        ),
        timeout_ms=20_000,
        retries=0,
        permissions=frozenset({Permission.CONTAINER_WRITE, Permission.PLACE}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, use.outOfReach, use.noEffect, use.timeout, body.notOffered."""
        state = await ctx.senses.observe()
        held = None if state.held is None else state.held.item
        item: str | None = args.get("item", held)
        if item is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "the hand is empty and no item is named")
        if item not in ctx.tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        if state.inventory.slot_of(item) is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"no {item} is carried")
        if held != item:
            await ctx.hands.equip(item, "hand")
        if "on" in args:
            pos, face = to_pos(args["on"]), cast("Face", args["face"])
            dx, dy, dz = OFFSETS[face]
            cells = (pos, (pos[0] + dx, pos[1] + dy, pos[2] + dz))
            await ctx.watch_for(*(BlockChanged(cell) for cell in cells))
            before = {cell: ctx.hands.seen_before[cell] for cell in cells}
            await ctx.hands.use_block(pos, face)
            after = {cell: (await ctx.senses.scan(Box(cell, cell))).state(cell) for cell in cells}
            changed = [cell for cell in cells if after[cell] != before[cell]]
            used = await self._used(ctx, item, state)
            return Outcome((*(BlockChanged(cell) for cell in changed), *used), {"used": item})
        await ctx.hands.use_item(ticks=int(args["ticks"]))
        return Outcome(await self._used(ctx, item, state), {"used": item})

    async def _used(self, ctx: LeafContext, item: str, before: BodyState) -> tuple[Expectation, ...]:
        """How the item's use shows on the body: put on, or one less of it."""
        now = await ctx.senses.observe()
        for part in _PARTS:
            worn = now.inventory.worn.get(part)
            if worn is not None and worn.item == item and before.inventory.worn.get(part) != worn:
                return (Wears(item, part),)
        if now.inventory.count(item) < before.inventory.count(item):
            return (InventoryDelta((item,), -1),)
        return () if now.held is None else (HeldItem(now.held.item),)


class InteractWithBlock:
    """Works a door, a gate, a lever, a button."""

    spec: ClassVar = LeafSpec(
        name="interact_with_block",
        version="1.0.0",
        description=(
            "Right-clicks a door, trapdoor, gate, lever, button or whatever else answers, within reach. `open` or "
            "`powered` names the state that is wanted; it has that already: success without change."
        ),
        input_schema=object_schema({"pos": POS, "open": {"type": "boolean"}, "powered": {"type": "boolean"}}, ("pos",)),
        output_schema=object_schema({"pos": POS, "block": {"type": "string"}}, ("pos", "block")),
        failures=frozenset({ExecErrorCode.USE_OUT_OF_REACH, ExecErrorCode.USE_NO_EFFECT, ExecErrorCode.USE_TIMEOUT}),
        timeout_ms=15_000,
        retries=1,
        permissions=frozenset({Permission.PLACE}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with use.outOfReach, use.noEffect, use.timeout, path.unloaded, step.badArgs (no such property)."""
        pos = to_pos(args["pos"])
        await ctx.watch([pos])
        state = ctx.hands.seen_before[pos]
        if state == UNKNOWN:
            raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"the block at {pos} is not loaded")
        name, properties = ctx.tables.name_of(state), ctx.tables.properties_of(state)
        output = {"pos": list(pos), "block": name}
        wanted = [StateIs(pos, key, str(args[key]).lower()) for key in _SWITCHES if key in args]
        for want in wanted:
            if want.key not in properties:
                raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/{want.key}: a {name} is neither {want.key} nor not")
        if wanted and all(properties[want.key] == want.value for want in wanted):
            return Outcome(tuple(wanted), output)
        x, y, z = (await ctx.senses.observe()).position
        if reach_distance((x, y + EYE, z), pos) > REACH:
            raise ActionFailed(ExecErrorCode.USE_OUT_OF_REACH, f"the {name} at {pos}")
        await ctx.hands.use_block(pos)
        return Outcome(tuple(wanted) or (BlockChanged(pos),), output)


class Sleep:
    """Sleeps the night away."""

    spec: ClassVar = LeafSpec(
        name="sleep",
        version="1.0.0",
        description=(
            "Sleeps till morning in the bed at `pos`, or the nearest within 16 blocks; with `placeBed` it puts down a "
            "carried one if there is none, and takes it along again. By day: sleep.notNight."
        ),
        input_schema=object_schema({"pos": POS, "placeBed": {"type": "boolean", "default": False}}),
        output_schema=object_schema({"bed": POS, "placed": {"type": "boolean"}}, ("bed", "placed")),
        failures=frozenset(
            {
                ExecErrorCode.SLEEP_NO_BED,
                ExecErrorCode.SLEEP_OUT_OF_REACH,
                ExecErrorCode.SLEEP_OCCUPIED,
                ExecErrorCode.SLEEP_NOT_NIGHT,
                ExecErrorCode.SLEEP_HOSTILES_NEAR,
                ExecErrorCode.SLEEP_TIMEOUT,
                ExecErrorCode.PATH_STUCK,
                ExecErrorCode.PLACE_OCCUPIED,
            }
        ),
        timeout_ms=120_000,
        retries=0,
        permissions=frozenset({Permission.MOVEMENT, Permission.PLACE, Permission.DIG, Permission.TIME_AWARENESS}),
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sleep.noBed, .outOfReach, .occupied, .notNight, .hostilesNear, .timeout."""
        state = await ctx.senses.observe()
        if not is_night(state) and not state.raining:
            raise ActionFailed(ExecErrorCode.SLEEP_NOT_NIGHT, f"it is {state.time_of_day} of the day")
        await ctx.watch_for(Environment(night=False))
        pos, placed = await self._bed(ctx, args, state)
        await ctx.hands.sleep(pos)
        until = ctx.clock.now() + _NIGHT_S
        while (await ctx.senses.observe()).sleeping:
            if ctx.clock.now() >= until:
                raise ActionFailed(ExecErrorCode.SLEEP_TIMEOUT, "the night does not pass; do all players lie in bed?")
            await ctx.sleep(0.5, "asleep")
        state = await ctx.senses.observe()
        if is_night(state):
            raise ActionFailed(ExecErrorCode.SLEEP_TIMEOUT, "it was woken before the morning")
        if placed:
            await break_block(ctx, pos)
            await ctx.sleep(1.0, "for the bed to be picked up")
        return Outcome((Environment(night=False), Awake()), {"bed": list(pos), "placed": placed})

    async def _bed(self, ctx: LeafContext, args: Mapping[str, Any], state: BodyState) -> tuple[BlockPos, bool]:
        """A bed within reach: the one named, the nearest, or a carried one put down."""
        names = sorted(name for name in ctx.tables.blocks if name == "bed" or name.endswith("_bed"))
        found = [to_pos(args["pos"])] if "pos" in args else await ctx.senses.find_blocks(names, _BEDS_WITHIN, 4)
        for pos in found:
            options = there_and_back(ctx.senses.follows)
            x, y, z = (await ctx.senses.observe()).position
            if reach_distance((x, y + EYE, z), pos) <= 2.0:
                return pos, False
            seen = await survey(ctx, lambda here, pos=pos: box_of([here, pos], 8, 8), options)
            stands = [c for c in seen.sight.stands_for(pos) if max(abs(c[0] - pos[0]), abs(c[2] - pos[2])) <= 2]
            if stands and await walk_to_any(ctx, seen, stands, options) is not None:
                return pos, False
        carried = next((name for name in names if state.inventory.count(name)), None)
        if not args["placeBed"] or carried is None:
            if found:
                raise ActionFailed(ExecErrorCode.SLEEP_OUT_OF_REACH, f"no way leads to the bed at {found[0]}")
            raise ActionFailed(ExecErrorCode.SLEEP_NO_BED, f"no bed within {_BEDS_WITHIN} blocks")
        return await self._put(ctx, carried), True

    async def _put(self, ctx: LeafContext, bed: str) -> BlockPos:
        """Put a carried bed down beside the body, where both of its halves have room."""
        seen = await survey(ctx, lambda here: box_of([here], 6, 4), there_and_back(ctx.senses.follows))
        x, y, z = seen.start
        for dx, dz in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            # The body looks at the foot, and the head lies beyond it.
            halves = [(x + k * dx, y, z + k * dz) for k in (1, 2)]
            free = all(
                replaceable(ctx.tables, ctx.tables.name_of(seen.sight.region.state(c)))
                and seen.sight.floor((c[0], c[1] - 1, c[2]))
                and ctx.may_edit(c)
                for c in halves
            )
            if not free:
                continue
            await put_block(ctx, bed, halves[0])
            await ctx.watch_for(BlockIs(halves[0], (bed,)))
            return halves[0]
        raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"no room for a bed beside {seen.start}")


class Wake:
    """Gets up."""

    spec: ClassVar = LeafSpec(
        name="wake",
        version="1.0.0",
        description="Gets out of bed. Awake already: success without change.",
        input_schema=object_schema({}),
        timeout_ms=10_000,
        retries=1,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Get up if the body lies."""
        if (await ctx.senses.observe()).sleeping:
            await ctx.hands.wake()
        return Outcome((Awake(),))
