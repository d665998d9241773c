"""Leaves that build: make a site level and free, put up a module, add a feature to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission, UserError
from conscious_bot.leaves.building import Level, Standing, build, dig_away
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.enclosure import Enclosed, room_of
from conscious_bot.leaves.expectations import BlockIs, Expectation, PositionWithin
from conscious_bot.leaves.failures import PLACING, WALKING
from conscious_bot.leaves.navigation import box_of
from conscious_bot.leaves.schemas import ITEM, POS, object_schema, to_pos
from conscious_bot.sterling.construction_blocks import holds_only_below
from conscious_bot.sterling.construction_blueprint import Blueprint, Piece, item_of, read_blueprint
from conscious_bot.sterling.construction_modules import SHELTER_SIZE, shelter
from conscious_bot.sterling.construction_site import Site, choose_site, site_at
from conscious_bot.world.region import VoxelRegion

__all__ = ["BuildModule", "PlaceFeature", "PrepareSite"]

_FILLS = ("dirt", "cobblestone", "coarse_dirt", "cobbled_deepslate", "stone", "gravel", "sand", "netherrack")
_MATERIALS = frozenset({"cobblestone", "dirt", "stone", "cobbled_deepslate", "netherrack", "stone_bricks", "bricks"})
_MODULES = ("shelter", "house")
_FACING: dict[str, tuple[int, int]] = {"north": (0, -1), "south": (0, 1), "west": (-1, 0), "east": (1, 0)}
_REPORT: dict[str, Any] = {
    "placed": {"type": "integer"},
    "stood": {"type": "integer"},
    "scaffoldPlaced": {"type": "integer"},
    "scaffoldRemoved": {"type": "integer"},
    "plans": {"type": "integer"},
    "why": {"type": "array", "items": {"type": "string"}},
}
_BUILDING = frozenset({Permission.PLACE, Permission.DIG, Permission.MOVEMENT})


class PrepareSite:
    """Finds or takes a place for a module, and makes it level and free."""

    spec: ClassVar = LeafSpec(
        name="prepare_site",
        version="1.0.0",
        description=(
            "Makes a site of `size` cells (a shelter's by default) level and free: at `pos`, its lowest corner, or "
            "at the best place within `radius`, on natural, dry, untouched ground. Plants and bumps are dug away, "
            "holes filled with what is carried. Blocks that somebody built are never touched."
        ),
        input_schema=object_schema(
            {
                "pos": POS,
                "size": {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1, "maximum": 48},
                    "minItems": 3,
                    "maxItems": 3,
                    "default": list(SHELTER_SIZE),
                },
                "radius": {"type": "integer", "minimum": 4, "maximum": 48, "default": 20},
            }
        ),
        output_schema=object_schema(
            {"pos": POS, "cleared": {"type": "integer"}, "filled": {"type": "integer"}}, ("pos", "cleared", "filled")
        ),
        failures=frozenset(
            {
                ExecErrorCode.SENSE_NOT_FOUND,
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.PLACE_OCCUPIED,
                ExecErrorCode.PATH_UNREACHABLE,
                ExecErrorCode.PATH_STUCK,
                ExecErrorCode.DIG_TIMEOUT,
            }
        ),
        timeout_ms=300_000,
        retries=0,
        permissions=_BUILDING,
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound (no such place), inventory.missing (nothing to fill holes with), permission.denied,
        and as digging and walking do."""
        dx, dy, dz = (int(n) for n in args["size"])
        site = await self._site(ctx, args, (dx, dy, dz))
        x, y, z = site.corner
        cells = [(x + i, y + j, z + k) for i in range(dx) for j in range(dy) for k in range(dz)]
        ground = [(x + i, y - 1, z + k) for i in range(dx) for k in range(dz)]
        await ctx.watch([*cells, *ground])
        fills = await self._fills(ctx, site)
        await dig_away(ctx, site.clear)
        if fills:
            await build(ctx, Blueprint(fills))
        expect: list[Expectation] = [BlockIs(piece.pos, (piece.block,)) for piece in fills]
        expect.append(Level(tuple(cells), tuple(ground)))
        return Outcome(tuple(expect), {"pos": list(site.corner), "cleared": len(site.clear), "filled": len(fills)})

    async def _site(self, ctx: LeafContext, args: Mapping[str, Any], size: BlockPos) -> Site:
        here = (await ctx.senses.observe()).block
        if "pos" in args:
            corner = to_pos(args["pos"])
            high = (corner[0] + size[0] - 1, corner[1] + size[1] - 1, corner[2] + size[2] - 1)
            region = await ctx.senses.scan(box_of([corner, high], 1, 4))
            site = site_at(region, ctx.tables, corner, size, ctx.may_edit)
            if site is None:
                detail = f"what stands at {corner} is built, wet, bottomless, protected or not loaded"
                raise ActionFailed(ExecErrorCode.PLACE_OCCUPIED, detail)
            return site
        radius = int(args["radius"])
        region = await ctx.senses.scan(box_of([here], radius, 12))
        site = choose_site(region, ctx.tables, size, here, ctx.may_edit)
        if site is None:
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"no level, dry, free ground within {radius} blocks")
        return site

    async def _fills(self, ctx: LeafContext, site: Site) -> tuple[Piece, ...]:
        if not site.fill:
            return ()
        carried = (await ctx.senses.observe()).inventory.counts()
        item = next((name for name in _FILLS if carried[name] >= len(site.fill)), None)
        if item is None:
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"{len(site.fill)} dirt or the like to fill holes with")
        return tuple(Piece(item, item, cell) for cell in site.fill)


class BuildModule:
    """Builds a module or a blueprint."""

    spec: ClassVar = LeafSpec(
        name="build_module",
        version="1.0.0",
        description=(
            "Builds a `module` (shelter, also called house) with its lowest corner at `pos`, or a `blueprint` where "
            "it says, or with its lowest corner at `pos`. Every block is looked at after it was placed; what stands "
            "already is left, so that building that was cut short is taken up again. A shelter is built from inside, "
            "of `material`, lit, and closed when it is done: by the `door` that is named, else by a wall."
        ),
        input_schema={
            **object_schema(
                {
                    "module": {"enum": list(_MODULES)},
                    "blueprint": {"type": "object"},
                    "pos": POS,
                    "material": ITEM,
                    "door": ITEM,
                    "light": {"type": "boolean", "default": True},
                }
            ),
            "oneOf": [
                {"required": ["module", "pos"]},
                {"required": ["blueprint"], "not": {"anyOf": [{"required": ["material"]}, {"required": ["door"]}]}},
            ],
        },
        output_schema=object_schema(
            {**_REPORT, "low": POS, "high": POS, "enclosed": {"type": "boolean"}, "stand": POS},
            ("placed", "stood", "low", "high", "enclosed"),
        ),
        failures=WALKING | (PLACING - {ExecErrorCode.PLACE_OUT_OF_REACH}),
        timeout_ms=1_800_000,
        retries=0,
        permissions=_BUILDING,
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with step.badArgs (a blueprint that cannot be read, a material that is no whole block),
        inventory.missing, place.occupied, place.invalidFace, path.unloaded, permission.denied, and as hands and
        feet do."""
        if "blueprint" in args:
            return await self._blueprint(ctx, args)
        corner = to_pos(args["pos"])
        material = str(args["material"]) if "material" in args else await _material(ctx)
        _check_material(ctx, material)
        door = str(args["door"]) if "door" in args else None
        if door is not None and (not door.endswith("_door") or door not in ctx.tables.blocks):
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/door: {door!r} is no door")
        if door == "iron_door":
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, "/door: an iron_door cannot be opened by hand")
        made = shelter(corner, material, door=door, torch="torch" if args["light"] else None)
        built = await build(ctx, made.blueprint, stand=made.stand)
        enclosed = Enclosed.within(made.stand, made.inside)
        await ctx.watch(enclosed.cells)
        expect = (Standing(made.blueprint), enclosed, PositionWithin(made.stand, 0, 0))
        plan = made.blueprint
        output = {**built.wire(), "low": list(plan.low), "high": list(plan.high), "enclosed": True}
        return Outcome(expect, {**output, "stand": list(made.stand)})

    async def _blueprint(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        try:
            plan = read_blueprint(args["blueprint"], ctx.tables)
        except UserError as error:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"{error.problem}; {error.remedy}") from error
        if "pos" in args:
            x, y, z = (a - b for a, b in zip(to_pos(args["pos"]), plan.low, strict=True))
            plan = plan.moved((x, y, z))
        built = await build(ctx, plan)
        output = {**built.wire(), "low": list(plan.low), "high": list(plan.high), "enclosed": False}
        return Outcome((Standing(plan),), output)


class PlaceFeature:
    """Adds one thing to what is built."""

    spec: ClassVar = LeafSpec(
        name="place_feature",
        version="1.0.0",
        description=(
            "Places a feature (door, torch, bed, chest, ...) into the cell `pos`, from wherever it can be placed; a "
            "bed's head lies towards `facing`. With `inside`, a cell of a room, it is placed from within the room, "
            "which has to be closed afterwards."
        ),
        input_schema=object_schema(
            {"feature": ITEM, "pos": POS, "facing": {"enum": list(_FACING), "default": "south"}, "inside": POS},
            ("feature", "pos"),
        ),
        output_schema=object_schema(
            {**_REPORT, "pos": POS, "block": {"type": "string"}, "enclosed": {"type": "boolean"}},
            ("pos", "block", "enclosed"),
        ),
        failures=WALKING | (PLACING - {ExecErrorCode.PLACE_OUT_OF_REACH}),
        timeout_ms=120_000,
        retries=0,
        permissions=_BUILDING,
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with step.badArgs, inventory.missing, place.occupied, place.invalidFace, effects_unmet where the room
        is not closed, and as hands and feet do."""
        item, pos = str(args["feature"]), to_pos(args["pos"])
        kind = ctx.tables.items.get(item)
        if kind is None or kind.block is None:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/feature: {item!r} is no item that puts a block down")
        plan = Blueprint((_feature(kind.block, item, pos, str(args["facing"])),))
        inside = to_pos(args["inside"]) if "inside" in args else None
        built = await build(ctx, plan, stand=inside)
        expect: list[Expectation] = [Standing(plan)]
        if inside is not None:
            expect.append(await _closed_room(ctx, inside))
        output = {**built.wire(), "pos": list(pos), "block": kind.block, "enclosed": inside is not None}
        return Outcome(tuple(expect), output)


def _feature(block: str, item: str, pos: BlockPos, facing: str) -> Piece:
    dx, dz = _FACING[facing]
    if block.endswith("_bed") or block == "bed":
        return Piece(block, item, pos, (pos[0] + dx, pos[1], pos[2] + dz), (dx, dz))
    if block.endswith("_door"):
        return Piece(block, item, pos, (pos[0], pos[1] + 1, pos[2]))
    return Piece(block, item, pos)


async def _closed_room(ctx: LeafContext, inside: BlockPos) -> Expectation:
    """The expectation that the room around a cell is closed. effects_unmet if it plainly is not."""
    region: VoxelRegion = await ctx.senses.scan(box_of([inside], 16, 16))
    room = room_of(inside, region.state, ctx.tables)
    if room is None:
        raise ActionFailed(ExecErrorCode.EFFECTS_UNMET, f"the room around {inside} is open to the outside")
    return Enclosed.within(inside, room)


async def _material(ctx: LeafContext) -> str:
    """The building material of which most is carried."""
    carried = (await ctx.senses.observe()).inventory.counts()
    known = [name for name in carried if name in _MATERIALS or name.endswith("_planks")]
    if not known:
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "no planks, cobblestone or dirt to build with")
    return max(sorted(known), key=lambda name: carried[name])


def _check_material(ctx: LeafContext, name: str) -> None:
    block = ctx.tables.blocks.get(name)
    if block is None or item_of(ctx.tables, name) is None:
        raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/material: {name!r} is no block that can be placed")
    offsets, boxes = ctx.tables.collision_boxes
    first = int(offsets[block.default_state])
    if offsets[block.default_state + 1] != first + 1 or boxes[first].tolist() != [0, 0, 0, 1, 1, 1]:
        raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/material: a {name} is no whole block")
    if holds_only_below(name):
        raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/material: a roof of {name} would fall")
