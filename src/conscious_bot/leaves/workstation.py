"""A workstation at hand: an old one if one is near, else a new one where it is in nobody's way."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.digging import break_block
from conscious_bot.leaves.expectations import BlockIs, Near
from conscious_bot.leaves.hands import beside
from conscious_bot.leaves.interaction import open_around, put_block, replaceable
from conscious_bot.leaves.navigation import Survey, box_of, survey, there_and_back, walk_to_any
from conscious_bot.leaves.schemas import POS, object_schema
from conscious_bot.leaves.sight import eye_at
from conscious_bot.leaves.work import can_cut, plugs, way_out
from conscious_bot.world.occupancy import Occupancy

__all__ = ["PlaceWorkstation"]

_NEAR = 6
"""A workstation this near is used again instead of placing another."""
_FAR = 40
"""Without one in the inventory, one as far as this is walked to."""

_HAND = 6.5
"""A workstation within reach is at most this far from the feet: 4.5 from the eyes, to its nearest point."""


class PlaceWorkstation:
    """Provides a workstation within reach."""

    spec: ClassVar = LeafSpec(
        name="place_workstation",
        version="1.0.0",
        description=(
            "Makes sure that a crafting table or furnace is within reach: walks to one that stands within 6 blocks, "
            "else places one from the inventory, on open ground or in a niche dug into a wall; if none is carried, "
            "walks to one as far as 40 blocks away."
        ),
        input_schema=object_schema({"kind": {"enum": ["crafting_table", "furnace"]}}, ("kind",)),
        output_schema=object_schema({"pos": POS, "reused": {"type": "boolean"}}, ("pos", "reused")),
        failures=frozenset(
            {
                ExecErrorCode.INVENTORY_MISSING,
                ExecErrorCode.PLACE_OCCUPIED,
                ExecErrorCode.PLACE_TIMEOUT,
                ExecErrorCode.PATH_STUCK,
            }
        ),
        timeout_ms=60_000,
        retries=1,
        permissions=frozenset({Permission.PLACE, Permission.MOVEMENT, Permission.DIG}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with inventory.missing if none is near and none is carried, place.occupied if there is no room."""
        kind = str(args["kind"])
        seen = await survey(ctx, lambda here: box_of([here], 12, 10), there_and_back(ctx.senses.follows))
        pos, reused = await self._reach_one(ctx, kind, seen), True
        if pos is None:
            pos, reused = await self._place_one(ctx, kind, seen), False
        center = (pos[0] + 0.5, pos[1] + 0.5, pos[2] + 0.5)
        expect = (BlockIs(pos, (kind,)), Near(center, _HAND))
        return Outcome(expect, {"pos": list(pos), "reused": reused})

    async def _reach_one(self, ctx: LeafContext, kind: str, seen: Survey) -> BlockPos | None:
        """Go to where an existing one can be touched; None if none is near or can be."""
        carried = (await ctx.senses.observe()).inventory.count(kind) > 0
        for pos in await ctx.senses.find_blocks([kind], _NEAR if carried else _FAR, 4):
            await ctx.watch([pos])
            if seen.sight.can_touch(seen.start, pos):
                return pos
            options = there_and_back(ctx.senses.follows)
            wide = await survey(ctx, lambda here, pos=pos: box_of([here, pos], 8, 10), options)
            stands = wide.sight.stands_for(pos)
            if stands and await walk_to_any(ctx, wide, stands, options) is not None:
                return pos
        return None

    async def _place_one(self, ctx: LeafContext, kind: str, seen: Survey) -> BlockPos:
        state = await ctx.senses.observe()
        if not state.inventory.count(kind):
            detail = f"no {kind} carried, and none within {_FAR} blocks that can be reached"
            raise ActionFailed(ExecErrorCode.INVENTORY_MISSING, detail)
        tools = dict(state.inventory.counts())
        refusal = ActionFailed(ExecErrorCode.PLACE_OCCUPIED, f"no cell near {seen.start} takes a {kind}")
        trail = await way_out(ctx)
        free = (pos for pos in self._sites(ctx, seen, tools) if not plugs(ctx, seen, pos, trail))
        for pos in islice(free, 12):
            if seen.sight.occupancy(pos) is not Occupancy.AIR:
                await break_block(ctx, pos)
            try:
                await put_block(ctx, kind, pos)
            except ActionFailed as failure:
                if failure.code not in (
                    ExecErrorCode.PLACE_OCCUPIED,
                    ExecErrorCode.PLACE_INVALID_FACE,
                    ExecErrorCode.PLACE_OUT_OF_REACH,
                ):
                    raise
                refusal = failure
                continue
            return pos
        raise refusal

    def _sites(self, ctx: LeafContext, seen: Survey, tools: dict[str, int]) -> list[BlockPos]:
        """Cells to place it in: open ground first, then niches in walls, then wherever there is room."""
        x, y, z = seen.start
        eye = eye_at(seen.start)
        ranked: list[tuple[int, float, BlockPos]] = []
        for dx in range(-3, 4):
            for dz in range(-3, 4):
                for dy in (0, 1, -1, 2):
                    pos = (x + dx, y + dy, z + dz)
                    column = dx == dz == 0
                    if (column and dy in (0, 1, -1)) or not ctx.may_edit(pos):
                        continue
                    away = abs(dx) + abs(dz) + 0.5 * abs(dy)
                    sight = seen.sight
                    below = beside(pos, "down")
                    if sight.occupancy(pos) is Occupancy.AIR and replaceable(
                        ctx.tables, ctx.tables.name_of(sight.region.state(pos))
                    ):
                        touchable = sight.floor(below) and sight.visible_face(eye, below) is not None
                        if touchable and away >= 1.5:
                            ranked.append((0 if open_around(sight, pos) >= 3 and dy < 2 else 2, away, pos))
                    elif (
                        dy in (0, 1)
                        and abs(dx) + abs(dz) == 1
                        and sight.occupancy(below) is Occupancy.SOLID
                        and can_cut(ctx, sight, pos, tools)
                    ):
                        ranked.append((1, away, pos))
        return [pos for _, _, pos in sorted(ranked)]
