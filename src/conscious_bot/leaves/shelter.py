"""Walling in: blocks put around the body until what hunts it is gone, and taken back then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.expectations import BlockIsNot, NoThreat
from conscious_bot.leaves.hands import beside
from conscious_bot.leaves.interaction import put_block, replaceable
from conscious_bot.leaves.lighting import SAFE_LIGHT
from conscious_bot.leaves.navigation import box_of, moves_of, step_towards, walk_to
from conscious_bot.leaves.schemas import POS, object_schema
from conscious_bot.leaves.sight import Sight
from conscious_bot.leaves.threats import Threat, hostiles_present
from conscious_bot.leaves.work import break_block, gather
from conscious_bot.sterling.navigation import Navigator, Way
from conscious_bot.world.light import present_light
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import Box, VoxelRegion
from conscious_bot.world.state import Inventory, distance

__all__ = ["RetreatAndBlock", "building_blocks"]

_NEAR = 3.5
"""Blocks: with a hostile nearer than this there is no time to build."""
_BACK = 12
"""Cells to go back at most."""
_WAITS = 20.0
_LOOKS_EVERY = 0.5  # seconds between two looks for what is outside
_SIDES = ("north", "south", "east", "west")
_FALLING = ("sand", "gravel", "concrete_powder")


def building_blocks(tables: Tables, inventory: Inventory) -> list[tuple[str, int]]:
    """What is carried to build with in a hurry, and how much: whole blocks that stay and come back, softest first."""
    offsets, boxes = tables.collision_boxes
    counts = inventory.counts()
    found: list[tuple[int, str, int]] = []
    for item in sorted(counts):
        kind = tables.items.get(item)
        block = None if kind is None or kind.block != item else tables.blocks[item]
        if block is None or any(part in item for part in _FALLING):
            continue
        state = block.default_state
        whole = offsets[state + 1] - offsets[state] == 1 and np.array_equal(boxes[offsets[state]], (0, 0, 0, 1, 1, 1))
        tool = tables.best_tool(state, counts)
        ticks = tables.dig_ticks(state, tool)
        comes_back = [d.item for d in tables.drops_of(state, tool)] == [item]
        if whole and ticks is not None and comes_back:
            found.append((ticks, item, counts[item]))
    return [(item, count) for _, item, count in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell to be walled in: the cells to close, in the order to build in."""

    feet: BlockPos
    cells: tuple[BlockPos, ...]


class RetreatAndBlock:
    """Closes every side until the danger is over."""

    spec: ClassVar = LeafSpec(
        name="retreat_and_block",
        version="1.0.0",
        description=(
            "Walls the body in with carried blocks where it stands, or up to 12 safe cells back if there is no room or "
            "the hostile is nearer than 3.5 blocks; waits at most 20 s; opens and takes the blocks back while no "
            "hostile would be present without the wall, else closes it again. No hostile present: success without "
            "change."
        ),
        input_schema=object_schema({}),
        output_schema=object_schema(
            {
                "position": POS,
                "blocks": {"type": "integer"},
                "lost": {"type": "integer"},
                "waitedMs": {"type": "integer"},
            },
            ("position", "blocks", "lost", "waitedMs"),
        ),
        failures=frozenset(
            {
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.PATH_UNSAFE,
                ExecErrorCode.COMBAT_THREAT_PERSISTS,
                ExecErrorCode.PLACE_TIMEOUT,
                ExecErrorCode.PATH_STUCK,
            }
        ),
        timeout_ms=90_000,
        retries=0,
        permissions=frozenset({Permission.MOVEMENT, Permission.PLACE, Permission.DIG}),
        rate_limit_per_min=60,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing (too few blocks), path.unsafe (no place to do it), combat.threatPersists."""
        await ctx.watch_for(NoThreat())
        carried = (await ctx.senses.observe()).inventory.counts()
        taken: dict[BlockPos, str | None] = {}
        built, waited, collected = 0, 0.0, False
        end: float | None = None
        if not ctx.run.wall and not await hostiles_present(ctx.senses, ctx.run):
            ctx.run.wall.extend(await self._left_standing(ctx))
        home = (await ctx.senses.observe()).block
        while True:
            threats = await hostiles_present(ctx.senses, ctx.run, without=ctx.run.wall)
            standing = [cell for cell in ctx.run.wall if cell not in taken]
            if threats:
                # Still there, or back while the wall was being opened.
                if not ctx.run.wall:
                    built = await self._wall_in(ctx, threats)
                    home = (await ctx.senses.observe()).block
                await self._close(ctx, home)
                taken.clear()
                collected = False
                end = ctx.clock.now() + _WAITS if end is None else end
                waited += await self._outlast(ctx, end)
            elif standing:
                taken[standing[-1]] = await self._take_back(ctx, standing[-1])
            elif taken and not collected:
                # A step towards a block that rolled away may be a step back into danger: return from it.
                await gather(ctx, None, 3.0)
                await walk_to(ctx, home, 0, 0)
                collected = True
            else:
                break
        ctx.run.wall.clear()
        state = await ctx.senses.observe()
        now = state.inventory.counts()
        lost = sum(max(0, carried[item] - now[item]) for item, _ in building_blocks(ctx.tables, state.inventory))
        output = {"position": list(state.block), "blocks": built, "lost": lost, "waitedMs": round(1000 * waited)}
        gone = [BlockIsNot(cell, (name,)) for cell, name in taken.items() if name is not None]
        return Outcome((NoThreat(), *gone), output)

    async def _close(self, ctx: LeafContext, home: BlockPos) -> None:
        """Put back what is open of the wall around `home`; a place that was closed all around has none."""
        if not ctx.run.wall:
            return
        scan = await ctx.senses.scan(box_of(ctx.run.wall, 0, 0))
        gaps = [cell for cell in ctx.run.wall if replaceable(ctx.tables, ctx.tables.name_of(scan.state(cell)))]
        if not gaps:
            return
        await self._onto(ctx, home)
        material = _enough(building_blocks(ctx.tables, (await ctx.senses.observe()).inventory), len(gaps))
        if len(material) < len(gaps):
            detail = f"{len(gaps)} blocks are needed to close the wall again, {len(material)} are carried"
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, detail)
        for cell, item in zip(gaps, material, strict=True):
            await put_block(ctx, item, cell)

    async def _wall_in(self, ctx: LeafContext, threats: Sequence[Threat]) -> int:
        """Go where there is room and time, and build; how many blocks it took."""
        place = await self._find_place(ctx, threats)
        state = await ctx.senses.observe()
        material = _enough(building_blocks(ctx.tables, state.inventory), len(place.cells))
        for cell, item in zip(place.cells, material, strict=True):
            await put_block(ctx, item, cell)
            ctx.run.wall.append(cell)
            ctx.progress(f"walling in, {len(ctx.run.wall)} of {len(place.cells)}")
        return len(place.cells)

    async def _left_standing(self, ctx: LeafContext) -> list[BlockPos]:
        """Shut in by a wall that another run left: the two blocks that open the way out; else none."""
        x, y, z = (await ctx.senses.observe()).block
        sight = Sight(await ctx.senses.scan(box_of([(x, y, z)], 2, 3)), ctx.tables)
        sides = [beside((x, y, z), side) for side in _SIDES]
        shut = all(sight.opaque(low) and sight.opaque((low[0], y + 1, low[2])) for low in sides)
        if not shut or not sight.opaque((x, y + 2, z)):
            return []
        for low in sides:
            high = (low[0], y + 1, low[2])
            beyond = (2 * low[0] - x, y, 2 * low[2] - z)
            if not sight.opaque(beyond) and ctx.may_edit(low) and ctx.may_edit(high):
                return [low, high]
        return []

    async def _find_place(self, ctx: LeafContext, threats: Sequence[Threat]) -> _Place:
        """Where the body stands, if that will do; else the nearest place back along safe cells, gone to."""
        state = await ctx.senses.observe()
        region = await ctx.senses.scan(box_of([state.block], _BACK + 4, 8), light=True)
        sight = Sight(region, ctx.tables)
        navigator = Navigator(classify(region, ctx.tables), moves=moves_of(ctx.senses.follows - {"fall", "dive"}))
        here = navigator.snap(state.block)
        if here is None:
            raise ActionFailed(ExecErrorCode.PATH_STUCK, f"no footing at {state.block}")
        places = _Places(ctx, sight, threats)
        have = sum(count for _, count in building_blocks(ctx.tables, state.inventory))
        own = places(here)
        if own is not None and min(t.distance for t in threats) >= _NEAR:
            _afford(own, have)
            await self._onto(ctx, here)
            return own
        light = present_light(region, state)
        field = navigator.field(here)
        best: ActionFailed | None = None
        for cell, _ in field:
            way = navigator.solve(here, cell, tolerance_xz=0) if cell != here else None
            if way is None or not _safe(way, region, light, threats):
                if way is not None and len(way.primitives) > _BACK:
                    break
                continue
            place = places(cell)
            if place is None or min(distance(t.view.position, _middle(cell)) for t in threats) < _NEAR:
                continue
            try:
                _afford(place, have)
            except ActionFailed as failure:
                best = best or failure
                continue
            result = await ctx.hands.follow(way.primitives)
            if result.ended == "arrived":
                return place
            raise ActionFailed(ExecErrorCode.PATH_STUCK, f"the retreat to {cell} ended {result.ended}")
        raise best or ActionFailed(
            ExecErrorCode.PATH_UNSAFE, f"no place to wall in within {_BACK} safe cells of {here}"
        )

    async def _onto(self, ctx: LeafContext, cell: BlockPos) -> None:
        """Into the middle of the cell, so that nothing of the body stands where a block is to go."""
        state = await ctx.senses.observe()
        x, _, z = state.position
        if state.block != cell or max(abs(x - cell[0] - 0.5), abs(z - cell[2] - 0.5)) > 0.19:
            await ctx.hands.follow([step_towards(state.block, cell)])

    async def _outlast(self, ctx: LeafContext, end: float) -> float:
        """Wait until no hostile would be present without the wall, to `end` at the latest; the seconds that took."""
        began = ctx.clock.now()
        while threats := await hostiles_present(ctx.senses, ctx.run, without=ctx.run.wall):
            if ctx.clock.now() >= end:
                kinds = ", ".join(sorted({t.view.kind for t in threats}))
                raise ActionFailed(ExecErrorCode.COMBAT_THREAT_PERSISTS, f"{kinds} still there after {_WAITS:.0f} s")
            await ctx.sleep(_LOOKS_EVERY, "behind a wall, for a hostile to go")
        return ctx.clock.now() - began

    async def _take_back(self, ctx: LeafContext, cell: BlockPos) -> str | None:
        """Break a block of the wall; None if somebody else was quicker, or the body was carried away from it."""
        state = (await ctx.senses.scan(Box(cell, cell))).state(cell)
        if replaceable(ctx.tables, ctx.tables.name_of(state)):
            return None
        try:
            return await break_block(ctx, cell)
        except ActionFailed as failure:
            if failure.code is not ExecErrorCode.DIG_OUT_OF_REACH:
                raise
            return None


def _middle(cell: BlockPos) -> tuple[float, float, float]:
    return cell[0] + 0.5, float(cell[1]), cell[2] + 0.5


def _afford(place: _Place, have: int) -> None:
    if len(place.cells) > have:
        detail = f"{len(place.cells)} blocks are needed to close {place.feet}, {have} are carried"
        raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, detail)


def _enough(carried: Sequence[tuple[str, int]], count: int) -> list[str]:
    """One item for each block to place."""
    found = [item for item, have in carried for _ in range(have)]
    return found[:count]


def _safe(way: Way, region: VoxelRegion, light: Any, threats: Sequence[Threat]) -> bool:
    """Whether a way back is short, lit, and leads nearer to no hostile than the body may be."""
    if len(way.primitives) > _BACK:
        return False
    for cell in way.cells:
        x, y, z = (c - o for c, o in zip(cell, region.origin, strict=True))
        if light is not None and light[x, y, z] < SAFE_LIGHT:
            return False
        if any(distance(t.view.position, _middle(cell)) < min(_NEAR, t.distance) for t in threats):
            return False
    return True


class _Places:
    """Which cells to close around a body in a cell, if that can be done at all."""

    def __init__(self, ctx: LeafContext, sight: Sight, threats: Sequence[Threat]) -> None:
        self._ctx = ctx
        self._sight = sight
        self._hostile = threats[0].view.position

    def __call__(self, feet: BlockPos) -> _Place | None:
        sight = self._sight
        if not sight.standable(feet):
            return None
        x, y, z = feet
        sides = sorted((beside(feet, side) for side in _SIDES), key=lambda c: distance(self._hostile, _middle(c)))
        cells: list[BlockPos] = []
        for low in sides:
            high = (low[0], y + 1, low[2])
            open_low, open_high = not sight.opaque(low), not sight.opaque(high)
            if (open_low and not self._free(low)) or (open_high and not self._free(high)):
                return None
            if open_low:
                cells.append(low)
            if open_high:
                cells.append(high)
            under = (low[0], y - 1, low[2])
            if open_low and not sight.opaque(under):
                return None  # nothing to build on
        roof = (x, y + 2, z)
        if not sight.opaque(roof):
            if not self._free(roof):
                return None
            if not any(sight.opaque(beside(roof, side)) for side in (*_SIDES, "up")):
                prop = (sides[0][0], y + 2, sides[0][2])
                if not self._free(prop):
                    return None
                cells.append(prop)
            cells.append(roof)
        return _Place(feet, tuple(cells))

    def _free(self, cell: BlockPos) -> bool:
        name = self._ctx.tables.name_of(self._sight.region.state(cell))
        return replaceable(self._ctx.tables, name) and self._ctx.may_edit(cell)
