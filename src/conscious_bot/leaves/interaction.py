"""Leaves that change blocks and pick things up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from conscious_bot.body.port import REACH, Face
from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.game.support import holds_torch
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.digging import break_block
from conscious_bot.leaves.expectations import BlockIs, BlockIsNot, InventoryDelta
from conscious_bot.leaves.failures import PLACING
from conscious_bot.leaves.hands import OFFSETS, beside, look_at_blocks
from conscious_bot.leaves.schemas import ITEM, POS, object_schema, to_pos
from conscious_bot.leaves.sight import EYE, Sight, reach_distance
from conscious_bot.leaves.work import gather
from conscious_bot.sterling.construction_blocks import replaceable as gives_way
from conscious_bot.world.occupancy import Occupancy
from conscious_bot.world.region import UNKNOWN, Box
from conscious_bot.world.state import BodyState

__all__ = ["CollectItems", "DigBlock", "PlaceBlock", "blocks_of_item", "put_block", "replaceable"]

_LIQUIDS = frozenset(
    {"water", "flowing_water", "lava", "flowing_lava", "bubble_column", "seagrass", "tall_seagrass"}
)  # fmt: skip
"""What builders keep away from, and a single block may be placed into all the same; with what grows in it."""


def replaceable(tables: Tables, name: str) -> bool:
    """Whether a block may be placed where this one stands."""
    return name in _LIQUIDS or gives_way(tables, name)


def blocks_of_item(tables: Tables, item: str) -> tuple[str, ...]:
    """The blocks that placing an item can put down: torches and signs have a kind of their own on walls."""
    kind = tables.items.get(item)
    if kind is None or kind.block is None:
        return ()
    name = kind.block
    stem, _, last = name.rpartition("_")
    on_wall = f"{stem}_wall_{last}" if stem else f"wall_{last}"
    return (name, on_wall) if on_wall in tables.blocks else (name,)


class DigBlock:
    """Breaks a block within reach."""

    spec: ClassVar = LeafSpec(
        name="dig_block",
        version="1.0.0",
        description=(
            "Breaks the block in a cell, with the best tool carried unless `equip` is false. `expect` names what "
            "has to stand there; with `harvest` it refuses tools that get no drop from it."
        ),
        input_schema=object_schema(
            {
                "pos": POS,
                "expect": {"anyOf": [ITEM, {"type": "array", "items": ITEM, "minItems": 1}]},
                "equip": {"type": "boolean", "default": True},
                "harvest": {"type": "boolean", "default": False},
            },
            ("pos",),
        ),
        output_schema=object_schema({"broken": {"type": "string"}, "pos": POS}, ("broken", "pos")),
        postconditions={"type": "object", "required": ["blocks"]},
        failures=frozenset(
            {
                ExecErrorCode.DIG_BLOCK_CHANGED,
                ExecErrorCode.DIG_TOOL_INVALID,
                ExecErrorCode.DIG_OUT_OF_REACH,
                ExecErrorCode.DIG_TIMEOUT,
            }
        ),
        timeout_ms=60_000,
        retries=1,
        permissions=frozenset({Permission.DIG}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with dig.blockChanged, dig.toolInvalid, dig.outOfReach, dig.timeout, permission.denied."""
        pos = to_pos(args["pos"])
        state = (await ctx.senses.scan(Box(pos, pos))).state(pos)
        if state == UNKNOWN:
            raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"the block at {pos} is not loaded")
        name = ctx.tables.name_of(state)
        expect: str | list[str] | None = args.get("expect")
        wanted = [expect] if isinstance(expect, str) else expect
        if wanted is not None and name not in wanted:
            detail = f"expected {' or '.join(wanted)} at {pos}, found {name}"
            raise ActionFailed(ExecErrorCode.DIG_BLOCK_CHANGED, detail)
        body = await ctx.senses.observe()
        x, y, z = body.position
        if reach_distance((x, y + EYE, z), pos) > REACH:
            raise ActionFailed(ExecErrorCode.DIG_OUT_OF_REACH, f"{name} at {pos} is out of reach from {body.block}")
        if args["harvest"]:
            held = None if body.held is None else body.held.item
            tool = ctx.tables.best_tool(state, body.inventory.counts()) if args["equip"] else held
            if not ctx.tables.can_harvest(state, tool):
                detail = f"{name} gives nothing to {tool or 'the bare hand'}"
                raise ActionFailed(ExecErrorCode.DIG_TOOL_INVALID, detail)
        broken = await break_block(ctx, pos, equip=args["equip"])
        return Outcome((BlockIsNot(pos, (broken,)),), {"broken": broken, "pos": list(pos)})


async def put_block(ctx: LeafContext, item: str, pos: BlockPos, face: Face | None = None) -> None:
    """Place a carried item into a cell within reach, against the block on `face`'s side or any that will do.

    Fails with inventory.missing, place.occupied, place.invalidFace, place.outOfReach, place.timeout.
    """
    body = await ctx.senses.observe()
    if not body.inventory.count(item):
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"no {item} is carried")
    around = await look_at_blocks(ctx.senses, [pos, *(beside(pos, side) for side in OFFSETS)])
    name = ctx.tables.name_of(around[pos])
    if around[pos] == UNKNOWN:
        raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"the cell {pos} is not loaded")
    if not replaceable(ctx.tables, name):
        raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"{name} stands at {pos}")
    solid = blocks_of_item(ctx.tables, item)
    if _body_is_in(body, pos) and _bumps(ctx.tables, solid):
        raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"the bot itself stands at {pos}")
    x, y, z = body.position
    eye = (x, y + EYE, z)
    if reach_distance(eye, pos) > REACH:
        raise ActionFailed(ExecErrorCode.PLACE_OUT_OF_REACH, f"{pos} is out of reach from {body.block}")
    sides: list[Face] = [face] if face is not None else _sides_to_try(ctx, around, pos, item)
    if not sides:
        raise ActionFailed(ExecErrorCode.PLACE_INVALID_FACE, f"nothing solid stands beside {pos}")
    if body.held is None or body.held.item != item:
        await ctx.hands.equip(item, "hand")
    refusal: ActionFailed | None = None
    for side in sides:
        # The block is put on the side of its neighbour that faces the cell.
        try:
            await ctx.hands.place(beside(pos, _OPPOSITE[side]), side)
        except ActionFailed as failure:
            if failure.code not in (ExecErrorCode.PLACE_INVALID_FACE, ExecErrorCode.PLACE_OUT_OF_REACH):
                raise
            refusal = failure
            continue
        return
    assert refusal is not None  # noqa: S101 - there was at least one side, and none returned
    raise refusal


_OPPOSITE: dict[Face, Face] = {
    "up": "down", "down": "up", "north": "south", "south": "north", "east": "west", "west": "east"
}  # fmt: skip


def _sides_to_try(ctx: LeafContext, around: Mapping[BlockPos, int], pos: BlockPos, item: str) -> list[Face]:
    """Sides to build on, floor first: `up` means on top of the block below."""
    order: tuple[Face, ...] = ("up", "north", "south", "east", "west", "down")
    torch = item.endswith("torch")
    sides: list[Face] = []
    for side in order:
        state = around[beside(pos, _OPPOSITE[side])]
        if state == UNKNOWN or replaceable(ctx.tables, ctx.tables.name_of(state)) or not _has_box(ctx.tables, state):
            continue
        if not torch or (side != "down" and holds_torch(ctx.tables, state, on_top=side == "up")):
            sides.append(side)
    return sides


def _has_box(tables: Tables, state: int) -> bool:
    offsets, _ = tables.collision_boxes
    return bool(offsets[state + 1] > offsets[state])


def _bumps(tables: Tables, blocks: tuple[str, ...]) -> bool:
    return any(_has_box(tables, tables.blocks[name].default_state) for name in blocks)


def _body_is_in(body: BodyState, pos: BlockPos) -> bool:
    """Whether the player's box (0.6 wide, 1.8 high) overlaps a cell."""
    x, y, z = body.position
    return (
        pos[0] < x + 0.3 and x - 0.3 < pos[0] + 1
        and pos[1] < y + 1.8 and y < pos[1] + 1
        and pos[2] < z + 0.3 and z - 0.3 < pos[2] + 1
    )  # fmt: skip


class PlaceBlock:
    """Puts a block down."""

    spec: ClassVar = LeafSpec(
        name="place_block",
        version="1.0.0",
        description=(
            "Places a carried block: into the cell `pos`, against whatever solid side it has, or on the side `face` "
            "of the block `against`. Already there: success without change."
        ),
        input_schema={
            **object_schema(
                {
                    "item": ITEM,
                    "pos": POS,
                    "against": POS,
                    "face": {"enum": list(OFFSETS), "default": "up"},
                },
                ("item",),
            ),
            "oneOf": [{"required": ["pos"]}, {"required": ["against"]}],
        },
        output_schema=object_schema({"pos": POS, "block": {"type": "string"}}, ("pos", "block")),
        failures=PLACING,
        timeout_ms=15_000,
        retries=1,
        permissions=frozenset({Permission.PLACE}),
        rate_limit_per_min=240,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, place.occupied, place.invalidFace, place.outOfReach, place.timeout."""
        item = str(args["item"])
        names = blocks_of_item(ctx.tables, item)
        if not names:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: {item!r} is no item that puts a block down")
        face = cast("Face", args["face"])
        pos = to_pos(args["pos"]) if "pos" in args else beside(to_pos(args["against"]), face)
        await ctx.watch([pos])
        there = ctx.tables.name_of(ctx.hands.seen_before[pos])
        if there not in names:
            await put_block(ctx, item, pos, None if "pos" in args else face)
        return Outcome((BlockIs(pos, names),), {"pos": list(pos), "block": names[0]})


class CollectItems:
    """Picks up what lies on the ground."""

    spec: ClassVar = LeafSpec(
        name="collect_items",
        version="1.0.0",
        description="Walks over dropped items within a radius (of one kind, or all) until none can be had.",
        input_schema=object_schema(
            {"item": ITEM, "radius": {"type": "integer", "minimum": 1, "maximum": 32, "default": 16}}
        ),
        output_schema=object_schema(
            {"collected": {"type": "object", "additionalProperties": {"type": "integer"}}}, ("collected",)
        ),
        postconditions={"type": "object", "required": ["inventory"]},
        failures=frozenset(
            {
                ExecErrorCode.SENSE_NOT_FOUND,
                ExecErrorCode.INVENTORY_FULL,
                ExecErrorCode.PATH_UNREACHABLE,
                ExecErrorCode.PATH_STUCK,
            }
        ),
        timeout_ms=120_000,
        retries=0,
        permissions=frozenset({Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound if nothing lies there, inventory.full, path.unreachable if none is reached."""
        item: str | None = args.get("item")
        radius = float(args["radius"])
        wanted = None if item is None else {item}
        lying = [
            e.stack.item
            for e in await ctx.senses.entities(radius)
            if e.kind == "item" and e.stack is not None and (wanted is None or e.stack.item in wanted)
        ]
        if not lying:
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"no {item or 'item'} lies within {radius:g} blocks")
        collected = await gather(ctx, wanted, radius)
        if not collected:
            if (await ctx.senses.observe()).inventory.free_slots() == 0:
                raise ActionFailed(ExecErrorCode.INVENTORY_FULL, f"no room for {', '.join(sorted(set(lying)))}")
            detail = f"none of {', '.join(sorted(set(lying)))} could be reached"
            raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, detail)
        return Outcome(
            tuple(InventoryDelta((name,), count) for name, count in collected.items()), {"collected": collected}
        )


def open_around(sight: Sight, pos: BlockPos) -> int:
    """How many of the four sides of a cell are open at its height: a block there plugs no passage if most are."""
    x, y, z = pos
    sides = ((x + 1, y, z), (x - 1, y, z), (x, y, z + 1), (x, y, z - 1))
    return sum(sight.occupancy(side) is Occupancy.AIR for side in sides)
