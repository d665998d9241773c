"""Leaves that farm. Nothing here waits for an event: after each act the block itself is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import BlockIs, BlockIsNot, Expectation, InventoryDelta
from conscious_bot.leaves.interaction import put_block
from conscious_bot.leaves.inventory import TOOL_TIERS
from conscious_bot.leaves.navigation import box_of, survey, there_and_back, walk_to_any
from conscious_bot.leaves.schemas import POS, object_schema, to_pos
from conscious_bot.leaves.work import break_block, gather
from conscious_bot.world.region import UNKNOWN, VoxelRegion

__all__ = ["HarvestCrop", "ManageFarm", "PlantCrop", "TillSoil", "watered"]

_FALLS_SECONDS = 0.5
_TILLABLE = ("dirt", "grass_block", "dirt_path")
_WATER_REACHES = 4
"""Water so far to the sides, at its height or one above, keeps farmland wet (Minecraft Wiki, "Farmland")."""

SEEDS = {
    "wheat_seeds": ("wheat", 7),
    "carrot": ("carrots", 7),
    "potato": ("potatoes", 7),
    "beetroot_seeds": ("beetroots", 3),
}
"""What is planted on farmland: the crop's block and its ripe age (Minecraft Wiki, pages of the crops)."""

_CROPS = {block: (seed, ripe) for seed, (block, ripe) in SEEDS.items()}
_RADIUS = {"type": "integer", "minimum": 1, "maximum": 8, "default": 4}
_DONE = object_schema(
    {
        "count": {"type": "integer"},
        "cells": {"type": "array", "items": POS},
        "harvested": {"type": "object", "additionalProperties": {"type": "integer"}},
        "tilled": {"type": "integer"},
        "planted": {"type": "integer"},
    },
    ("count",),
)


def watered(region: VoxelRegion, tables: Tables, soil: BlockPos) -> bool:
    """Whether water lies near enough to keep farmland in this cell wet."""
    x, y, z = soil
    reach = range(-_WATER_REACHES, _WATER_REACHES + 1)
    for dy in (0, 1):
        for dx in reach:
            for dz in reach:
                state = region.state((x + dx, y + dy, z + dz))
                if state == UNKNOWN:
                    continue
                if tables.name_of(state) == "water" or tables.properties_of(state).get("waterlogged") == "true":
                    return True
    return False


async def _around(ctx: LeafContext, radius: int) -> tuple[BlockPos, VoxelRegion]:
    here = (await ctx.senses.observe()).block
    margin = radius + _WATER_REACHES
    return here, await ctx.senses.scan(box_of([here], margin, 4))


def _near(here: BlockPos, radius: int) -> list[BlockPos]:
    """Cells around, the nearest first, those at the feet's height before others."""
    x, y, z = here
    reach = range(-radius, radius + 1)
    cells = [(x + dx, y + dy, z + dz) for dy in (0, -1, 1, -2) for dx in reach for dz in reach]
    return sorted(cells, key=lambda c: (abs(c[0] - x) + abs(c[2] - z) + 2 * abs(c[1] - y), c))


def _named(ctx: LeafContext, region: VoxelRegion, cell: BlockPos) -> str:
    return ctx.tables.name_of(region.state(cell))


async def _to_hand(ctx: LeafContext, pos: BlockPos) -> bool:
    """Go where a block can be touched from beside; whether there is such a place. Never jumps onto farmland."""
    options = there_and_back(ctx.senses.follows)
    seen = await survey(ctx, lambda here: box_of([here, pos], 6, 6), options)
    if seen.start[:1] + seen.start[2:] != pos[:1] + pos[2:] and seen.sight.can_touch(seen.start, pos):
        return True
    stands = [c for c in seen.sight.stands_for(pos) if (c[0], c[2]) != (pos[0], pos[2])]
    return bool(stands) and await walk_to_any(ctx, seen, stands, options) is not None


async def _till(ctx: LeafContext, cells: list[BlockPos]) -> list[BlockPos]:
    """Till as many of these cells as can be reached."""
    counts = (await ctx.senses.observe()).inventory.counts()
    hoe = next((f"{tier}_hoe" for tier in reversed(TOOL_TIERS) if counts[f"{tier}_hoe"]), None)
    if hoe is None:
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, "no hoe is carried")
    done: list[BlockPos] = []
    for cell in cells:
        if not await _to_hand(ctx, cell):
            continue
        state = await ctx.senses.observe()
        if not state.inventory.count(hoe):
            break  # it is used up
        if state.held is None or state.held.item != hoe:
            await ctx.hands.equip(hoe, "hand")
        try:
            await ctx.hands.use_block(cell, "up")
        except ActionFailed as failure:
            if failure.code is not ExecErrorCode.USE_NO_EFFECT:
                raise
            continue  # it is no longer what it was
        done.append(cell)
        ctx.progress(f"tilled {len(done)} of {len(cells)}")
    return done


def _tillable(ctx: LeafContext, here: BlockPos, region: VoxelRegion, radius: int) -> list[BlockPos]:
    return [
        c
        for c in _near((here[0], here[1] - 1, here[2]), radius)
        if _named(ctx, region, c) in _TILLABLE
        and _named(ctx, region, (c[0], c[1] + 1, c[2])) in ("air", "cave_air")
        and ctx.may_edit(c)
        and watered(region, ctx.tables, c)
    ]


class TillSoil:
    """Makes farmland."""

    spec: ClassVar = LeafSpec(
        name="till_soil",
        version="1.0.0",
        description=(
            "Tills dirt or grass with a carried hoe: the cell `pos`, or at most `count` cells within `radius` that "
            "have water within 4 blocks. Farmland already: success without change."
        ),
        input_schema=object_schema(
            {"pos": POS, "radius": _RADIUS, "count": {"type": "integer", "minimum": 1, "maximum": 81, "default": 9}}
        ),
        output_schema=_DONE,
        failures=frozenset(
            {
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.SENSE_NOT_FOUND,
                ExecErrorCode.USE_OUT_OF_REACH,
                ExecErrorCode.USE_NO_EFFECT,
                ExecErrorCode.USE_TIMEOUT,
                ExecErrorCode.PATH_STUCK,
            }
        ),
        timeout_ms=120_000,
        retries=0,
        permissions=frozenset({Permission.PLACE, Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, sense.notFound, use.outOfReach, use.noEffect, permission.denied."""
        if "pos" in args:
            pos = to_pos(args["pos"])
            await ctx.watch([pos])
            expect = BlockIs(pos, ("farmland",))
            if ctx.tables.name_of(ctx.hands.seen_before[pos]) == "farmland":
                return Outcome((expect,), {"count": 0, "cells": []})
            name = ctx.tables.name_of(ctx.hands.seen_before[pos])
            if name not in (*_TILLABLE, "coarse_dirt"):
                raise ActionFailed(ExecErrorCode.USE_NO_EFFECT, f"no hoe makes farmland of {name} at {pos}")
            if not await _till(ctx, [pos]):
                raise ActionFailed(ExecErrorCode.USE_OUT_OF_REACH, f"no way leads to {pos}")
            return Outcome((expect,), {"count": 1, "cells": [list(pos)]})
        radius = int(args["radius"])
        here, region = await _around(ctx, radius)
        cells = _tillable(ctx, here, region, radius)
        if not cells:
            detail = f"no dirt under open air with water within 4 blocks lies within {radius}"
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, detail)
        done = await _till(ctx, cells[: int(args["count"])])
        if not done:
            raise ActionFailed(ExecErrorCode.USE_OUT_OF_REACH, f"none of {len(cells)} cells could be reached")
        expects = tuple(BlockIs(cell, ("farmland",)) for cell in done)
        return Outcome(expects, {"count": len(done), "cells": [list(c) for c in done]})


async def _plant(ctx: LeafContext, seed: str, soils: list[BlockPos]) -> list[BlockPos]:
    """Plant as many of these cells of farmland as there are seeds; the cells that were planted."""
    done: list[BlockPos] = []
    for x, y, z in soils:
        if not (await ctx.senses.observe()).inventory.count(seed):
            break
        if not await _to_hand(ctx, (x, y, z)):
            continue
        try:
            await put_block(ctx, seed, (x, y + 1, z), "up")
        except ActionFailed as failure:
            if failure.code is not ExecErrorCode.PLACE_INVALID_FACE:
                raise
            continue  # the field fell back to dirt meanwhile
        done.append((x, y + 1, z))
        ctx.progress(f"planted {len(done)} of {len(soils)}")
    return done


def _plantable(ctx: LeafContext, here: BlockPos, region: VoxelRegion, radius: int) -> list[BlockPos]:
    """Farmland that is bare and has water near."""
    return [
        c
        for c in _near((here[0], here[1] - 1, here[2]), radius)
        if _named(ctx, region, c) == "farmland"
        and _named(ctx, region, (c[0], c[1] + 1, c[2])) in ("air", "cave_air")
        and watered(region, ctx.tables, c)
    ]


class PlantCrop:
    """Sows."""

    spec: ClassVar = LeafSpec(
        name="plant_crop",
        version="1.0.0",
        description=(
            "Plants a seed (`crop`: wheat_seeds, carrot, potato, beetroot_seeds) on the farmland `pos`, or on at most "
            "`count` bare cells of farmland within `radius`. Farmland without water within 4 blocks is refused."
        ),
        input_schema=object_schema(
            {
                "crop": {"enum": sorted(SEEDS)},
                "pos": POS,
                "radius": _RADIUS,
                "count": {"type": "integer", "minimum": 1, "maximum": 81, "default": 9},
            },
            ("crop",),
        ),
        output_schema=_DONE,
        failures=frozenset(
            {
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.SENSE_NOT_FOUND,
                ExecErrorCode.PRECOND_MISSING,
                ExecErrorCode.PLACE_OCCUPIED,
                ExecErrorCode.PLACE_OUT_OF_REACH,
                ExecErrorCode.PLACE_TIMEOUT,
                ExecErrorCode.PATH_STUCK,
            }
        ),
        timeout_ms=120_000,
        retries=0,
        permissions=frozenset({Permission.PLACE, Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing, sense.notFound (no farmland), effects_unmet.precond_missing (no water)."""
        seed = str(args["crop"])
        if not (await ctx.senses.observe()).inventory.count(seed):
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, f"no {seed} is carried")
        if "pos" in args:
            soils = [await self._named(ctx, to_pos(args["pos"]))]
        else:
            radius = int(args["radius"])
            here, region = await _around(ctx, radius)
            soils = _plantable(ctx, here, region, radius)[: int(args["count"])]
            if not soils:
                raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"no bare, watered farmland within {radius} blocks")
        done = await _plant(ctx, seed, soils)
        if not done:
            raise ActionFailed(ExecErrorCode.PLACE_OUT_OF_REACH, f"none of {len(soils)} cells could be reached")
        expects = tuple(BlockIs(cell, (SEEDS[seed][0],)) for cell in done)
        return Outcome(expects, {"count": len(done), "cells": [list(c) for c in done]})

    async def _named(self, ctx: LeafContext, pos: BlockPos) -> BlockPos:
        region = await ctx.senses.scan(box_of([pos], _WATER_REACHES, 1))
        name = ctx.tables.name_of(region.state(pos))
        if name != "farmland":
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"{name} at {pos} is no farmland; till it first")
        if not watered(region, ctx.tables, pos):
            raise ActionFailed(ExecErrorCode.PRECOND_MISSING, f"no water within 4 blocks of the farmland at {pos}")
        return pos


async def _ripe(ctx: LeafContext, radius: int) -> list[tuple[BlockPos, str]]:
    """The ripe crops around, with their names, the nearest first."""
    here, region = await _around(ctx, radius)
    found: list[tuple[BlockPos, str]] = []
    for cell in _near(here, radius):
        state = region.state(cell)
        name = ctx.tables.name_of(state)
        if name in _CROPS and ctx.may_edit(cell):
            properties = ctx.tables.properties_of(state)
            if int(properties.get("age", properties.get("metadata", "0"))) >= _CROPS[name][1]:
                found.append((cell, name))
    return found


async def _harvest(ctx: LeafContext, crops: list[tuple[BlockPos, str]]) -> list[tuple[BlockPos, str]]:
    done: list[tuple[BlockPos, str]] = []
    for cell, name in crops:
        if not await _to_hand(ctx, cell):
            continue
        try:
            await break_block(ctx, cell, equip=False)
        except ActionFailed as failure:
            if failure.code is not ExecErrorCode.DIG_BLOCK_CHANGED:
                raise
            continue  # trampled, or somebody was quicker
        done.append((cell, name))
        ctx.progress(f"harvested {len(done)} of {len(crops)}")
    return done


class HarvestCrop:
    """Reaps what is ripe."""

    spec: ClassVar = LeafSpec(
        name="harvest_crop",
        version="1.0.0",
        description=(
            "Breaks ripe crops within `radius` and picks up what they give; with `replant` it plants the same again. "
            "Unripe ones are left."
        ),
        input_schema=object_schema(
            {
                "radius": _RADIUS,
                "count": {"type": "integer", "minimum": 1, "maximum": 81, "default": 81},
                "replant": {"type": "boolean", "default": True},
            }
        ),
        output_schema=_DONE,
        postconditions={"type": "object", "required": ["inventory"]},
        failures=frozenset(
            {
                ExecErrorCode.SENSE_NOT_FOUND,
                ExecErrorCode.DIG_OUT_OF_REACH,
                ExecErrorCode.DIG_TIMEOUT,
                ExecErrorCode.INVENTORY_FULL,
                ExecErrorCode.PATH_STUCK,
            }
        ),
        timeout_ms=180_000,
        retries=0,
        permissions=frozenset({Permission.DIG, Permission.PLACE, Permission.MOVEMENT}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound (nothing ripe), dig.outOfReach, inventory.full."""
        crops = await _ripe(ctx, int(args["radius"]))
        if not crops:
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"no ripe crop within {args['radius']} blocks")
        done, gained, planted = await _reap(ctx, crops[: int(args["count"])], replant=args["replant"])
        expect: list[Expectation] = [InventoryDelta((item,), count) for item, count in gained.items()]
        expect += [BlockIs(c, (name,)) if c in planted else BlockIsNot(c, (name,)) for c, name in done]
        output = {"count": len(done), "cells": [list(c) for c, _ in done], "harvested": gained, "planted": len(planted)}
        return Outcome(tuple(expect), output)


async def _reap(
    ctx: LeafContext, crops: list[tuple[BlockPos, str]], *, replant: bool
) -> tuple[list[tuple[BlockPos, str]], dict[str, int], set[BlockPos]]:
    """Harvest, pick up, plant again: what was broken, what is carried more, what was planted."""
    start = (await ctx.senses.observe()).inventory.counts()

    async def gained() -> dict[str, int]:
        now = (await ctx.senses.observe()).inventory.counts()
        return {item: now[item] - start[item] for item in sorted(now) if now[item] > start[item]}

    done = await _harvest(ctx, crops)
    if not done:
        raise ActionFailed(ExecErrorCode.DIG_OUT_OF_REACH, f"none of {len(crops)} crops could be reached")
    await gather(ctx, None, 10.0)
    if not await gained():
        await ctx.sleep(_FALLS_SECONDS, "for what fell to show itself")
        await gather(ctx, None, 10.0)
        if not await gained():
            raise ActionFailed(ExecErrorCode.INVENTORY_FULL, f"nothing of {len(done)} crops could be picked up")
    planted: set[BlockPos] = set()
    if replant:
        for name in sorted({name for _, name in done}):
            soils = [(c[0], c[1] - 1, c[2]) for c, n in done if n == name]
            planted.update(await _plant(ctx, _CROPS[name][0], soils))
    return done, await gained(), planted


class ManageFarm:
    """Keeps a field going."""

    spec: ClassVar = LeafSpec(
        name="manage_farm",
        version="1.0.0",
        description=(
            "Goes over the field within `radius` once: harvests what is ripe and plants it again, plants `crop` on "
            "bare farmland, and tills watered dirt for it with a carried hoe. Nothing to be done: sense.notFound."
        ),
        input_schema=object_schema({"radius": _RADIUS, "crop": {"enum": sorted(SEEDS)}}),
        output_schema=_DONE,
        failures=frozenset(
            {
                ExecErrorCode.SENSE_NOT_FOUND,
                ExecErrorCode.DIG_OUT_OF_REACH,
                ExecErrorCode.DIG_TIMEOUT,
                ExecErrorCode.INVENTORY_FULL,
                ExecErrorCode.PATH_STUCK,
            }
        ),
        timeout_ms=300_000,
        retries=0,
        permissions=frozenset({Permission.DIG, Permission.PLACE, Permission.MOVEMENT}),
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound if the field needs nothing, else as the parts do."""
        radius = int(args["radius"])
        expect: list[Expectation] = []
        output: dict[str, Any] = {"count": 0, "tilled": 0, "planted": 0}
        crops = await _ripe(ctx, radius)
        if crops:
            done, gained, planted = await _reap(ctx, crops, replant=True)
            output.update(count=len(done), harvested=gained, planted=len(planted))
            expect += [BlockIs(c, (name,)) if c in planted else BlockIsNot(c, (name,)) for c, name in done]
        seed: str | None = args.get("crop")
        counts = (await ctx.senses.observe()).inventory.counts()
        if seed is None:
            seed = next((s for s in sorted(SEEDS) if counts[s]), None)
        if seed is not None and counts[seed]:
            here, region = await _around(ctx, radius)
            bare = _plantable(ctx, here, region, radius)
            if len(bare) < counts[seed] and any(counts[f"{tier}_hoe"] for tier in TOOL_TIERS):
                # No more than there are seeds for: bare farmland turns to dirt again.
                soils = _tillable(ctx, here, region, radius)[: min(counts[seed] - len(bare), 9)]
                tilled = await _till(ctx, soils)
                output["tilled"] = len(tilled)
                bare += tilled
            sown = await _plant(ctx, seed, bare)
            output["planted"] += len(sown)
            expect += [BlockIs(cell, (SEEDS[seed][0],)) for cell in sown]
        if not expect:
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"the field within {radius} blocks needs nothing")
        return Outcome(tuple(expect), output)
