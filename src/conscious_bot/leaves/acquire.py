"""Getting material out of the ground: find, reach, equip, dig, collect, until there is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from conscious_bot.contracts import ActionFailed, BlockPos, ExecErrorCode, LeafSpec, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.digging import break_block
from conscious_bot.leaves.expectations import InventoryDelta
from conscious_bot.leaves.failures import WALKING
from conscious_bot.leaves.navigation import Survey, box_of, survey, there_and_back, walk_to_any
from conscious_bot.leaves.schemas import ITEM, object_schema
from conscious_bot.leaves.work import collectable, gather, lava_beside, tunnel_step, way_out
from conscious_bot.world.region import UNKNOWN
from conscious_bot.world.state import BodyState, block_of

__all__ = ["AcquireMaterial"]

_LOOKED_AT = 256  # nearest source blocks asked for
_WEIGHED = 24  # of these, so many are weighed at a time for a way to them
_ATTEMPTS = 8  # so many times before digging a way
_TOUCHED = 16  # blocks in touch that are judged from one place
_SPAN = 28  # blocks to each side that one survey covers at most
_TUNNEL_TARGETS = 6
_VEIN = 6  # blocks, along the axes, that one vein spans
_TUNNEL_STEPS = 48
_TUNNEL_REACH = 60  # blocks, along the axes
_DETOUR = 6  # steps that bring a tunnel no nearer
_GATHER_RADIUS = 10.0
_DROP_STEPS = 6  # cells dug towards a drop at most


@dataclass(slots=True)
class _Job:
    """What is wanted, and what has been learnt on the way."""

    item: str
    count: int
    had: int
    radius: int
    given_up: set[BlockPos] = field(default_factory=set[BlockPos])
    """Blocks that cannot be had."""
    awkward: set[BlockPos] = field(default_factory=set[BlockPos])
    """Blocks in touch whose drop could not be picked up as the ground lies now."""
    lost: set[tuple[int, BlockPos]] = field(default_factory=set[tuple[int, BlockPos]])
    """Dropped items that could not be had, by id and cell."""
    dug_for: set[int] = field(default_factory=set[int])
    """Dropped items towards which a way was dug, by id."""
    trail: list[BlockPos] = field(default_factory=list[BlockPos])
    """Cells the body stood in, the first first: the way back."""
    tunnelled: int = 0
    broken: int = 0

    carried: Mapping[str, int] = field(default_factory=dict[str, int])
    spare: set[str] = field(default_factory=set[str])
    """Tools without which the material cannot be had: not worn out on other blocks."""

    def been_at(self, cell: BlockPos) -> None:
        """Note a cell of the way."""
        if cell not in self.trail:
            self.trail.append(cell)

    def gained(self, state: BodyState) -> int:
        """How many more are carried than at the start."""
        return state.inventory.count(self.item) - self.had


class AcquireMaterial:
    """Gathers a material by digging."""

    spec: ClassVar = LeafSpec(
        name="acquire_material",
        version="1.0.0",
        description=(
            "Gains `count` of an item by digging the blocks that drop it: finds the nearest that can be reached and "
            "seen, walks there, takes the best tool, digs and collects the drop; where none is exposed it digs a "
            "staircase to the nearest. Does not explore."
        ),
        input_schema=object_schema(
            {
                "item": ITEM,
                "count": {"type": "integer", "minimum": 1, "maximum": 2304, "default": 1},
                "radius": {"type": "integer", "minimum": 4, "maximum": 96, "default": 48},
            },
            ("item",),
        ),
        output_schema=object_schema(
            {
                "item": {"type": "string"},
                "gained": {"type": "integer"},
                "broken": {"type": "integer"},
                "tunnelled": {"type": "integer"},
            },
            ("item", "gained", "broken"),
        ),
        postconditions={"type": "object", "required": ["inventory"]},
        failures=WALKING
        | {
            ExecErrorCode.SENSE_NOT_FOUND,
            ExecErrorCode.DIG_TOOL_INVALID,
            ExecErrorCode.DIG_TIMEOUT,
            ExecErrorCode.INVENTORY_FULL,
        },
        timeout_ms=600_000,
        retries=0,  # it tries other blocks by itself; what was gained before a failure stays gained
        permissions=frozenset({Permission.MOVEMENT, Permission.DIG, Permission.SENSE}),
        rate_limit_per_min=120,
    )

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        """Fails with sense.notFound, dig.toolInvalid, inventory.full, path.unreachable, and as bodies do."""
        item = str(args["item"])
        if item not in ctx.tables.items:
            raise ActionFailed(ExecErrorCode.STEP_BAD_ARGS, f"/item: this version has no item {item!r}")
        state = await ctx.senses.observe()
        job = _Job(item, int(args["count"]), state.inventory.count(item), int(args["radius"]))
        while True:
            state = await ctx.senses.observe()
            left = job.count - job.gained(state)
            if left <= 0:
                break
            ctx.progress(f"{job.gained(state)} of {job.count} {item}", job.gained(state) / job.count)
            if await gather(ctx, {item}, _GATHER_RADIUS, enough=left, given_up=job.lost):
                continue
            if _full(ctx, state, item):
                raise ActionFailed(ExecErrorCode.INVENTORY_FULL, f"no room for another {item}")
            if not await self._dig_to_drop(ctx, job):
                await self._dig_some(ctx, job, left)
        output = {"item": item, "gained": job.gained(state), "broken": job.broken, "tunnelled": job.tunnelled}
        return Outcome((InventoryDelta((item,), job.count),), output)

    async def _dig_to_drop(self, ctx: LeafContext, job: _Job) -> bool:
        """Dig a way to a drop that could not be walked to, once for each. True if that gained any."""
        before = job.gained(await ctx.senses.observe())
        for drop in await ctx.senses.entities(_GATHER_RADIUS):
            cell = block_of(drop.position)
            if drop.stack is None or drop.stack.item != job.item or (drop.id, cell) not in job.lost:
                continue
            if drop.id in job.dug_for:
                continue
            job.dug_for.add(drop.id)
            been: set[BlockPos] = set()
            for _ in range(_DROP_STEPS):
                seen = await survey(ctx, lambda here: box_of([here], 7, 8), there_and_back(ctx.senses.follows))
                been.add(seen.start)
                if await tunnel_step(ctx, seen, cell, been, job.trail, job.spare) is None:
                    break
                job.tunnelled += 1
                await gather(ctx, {job.item}, _GATHER_RADIUS)
                if job.gained(await ctx.senses.observe()) > before:
                    return True
        return False

    async def _dig_some(self, ctx: LeafContext, job: _Job, left: int) -> None:
        """Break at least one block that may give the item, or fail."""
        names = await self._usable_sources(ctx, job.item)
        if not job.trail:
            job.trail = await way_out(ctx)
        job.carried = (await ctx.senses.observe()).inventory.counts()
        best = [ctx.tables.best_tool(ctx.tables.blocks[name].default_state, job.carried) for name in names]
        job.spare = {tool for tool in best if tool is not None}
        found = await ctx.senses.find_blocks(names, job.radius, _LOOKED_AT)
        candidates = [pos for pos in found if pos not in job.given_up and ctx.may_edit(pos)]
        if not candidates:
            detail = f"none of {', '.join(names)} within {job.radius} blocks"
            if found:
                detail += f" that may be dug and reached ({len(found)} are not)"
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, detail)
        for _ in range(_ATTEMPTS):
            batch = [pos for pos in candidates if pos not in job.awkward and pos not in job.given_up][:_WEIGHED]
            if not batch:
                break
            target = await self._approach(ctx, await self._survey(ctx, batch), batch)
            if target is None:
                job.awkward.update(batch)  # hidden or out of the way; what is further off may be better
            elif await self._dig_from_here(ctx, job, target, candidates, left):
                return
            else:
                job.awkward.add(target)
        failed: list[BlockPos] = []
        for _ in range(_TUNNEL_TARGETS):
            here = (await ctx.senses.observe()).block
            # Another block of the same vein would be barred by the same things.
            others = (p for p in candidates if p not in job.given_up and all(_apart(p, f) > _VEIN for f in failed))
            target = min(others, key=lambda p: (_apart(p, here), p), default=None)
            if target is None:
                break
            if await self._tunnel(ctx, job, target, candidates):
                return
            job.given_up.add(target)
            failed.append(target)
        detail = f"no way to any of {len(candidates)} {' or '.join(names)}, not even by digging"
        raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, detail)

    async def _usable_sources(self, ctx: LeafContext, item: str) -> list[str]:
        """The blocks that give the item, in some state, to the best tool carried; dig.toolInvalid if none does."""
        tables = ctx.tables
        sources = tables.sources_of(item)
        if not sources:
            raise ActionFailed(ExecErrorCode.SENSE_NOT_FOUND, f"no block drops {item}")
        carried = (await ctx.senses.observe()).inventory.counts()
        usable: list[str] = []
        for name in sources:
            block = tables.blocks[name]
            # The default state first: only of what ripens do the others matter.
            states = (block.default_state, *range(block.min_state, block.max_state + 1))
            if any(_gives(tables, state, item, carried) for state in states):
                usable.append(name)
        if not usable:
            needs = sorted({tool for name in sources for tool in tables.blocks[name].harvest_tools})
            detail = f"{' or '.join(sources)} give no {item} to what is carried; needs one of {', '.join(needs)}"
            raise ActionFailed(ExecErrorCode.DIG_TOOL_INVALID, detail)
        return usable

    async def _survey(self, ctx: LeafContext, batch: list[BlockPos]) -> Survey:
        def box(here: BlockPos) -> Any:
            inside = [p for p in batch if abs(p[0] - here[0]) <= _SPAN and abs(p[2] - here[2]) <= _SPAN]
            return box_of([here, *(inside or batch[:1])], 8, 8)

        return await survey(ctx, box, there_and_back(ctx.senses.follows))

    async def _approach(self, ctx: LeafContext, seen: Survey, batch: list[BlockPos]) -> BlockPos | None:
        """Stand where one of these blocks can be touched; None if no way leads to such a place."""
        sight = seen.sight
        by_stand: dict[BlockPos, BlockPos] = {}
        for pos in batch:
            if not sight.exposed(pos) or lava_beside(sight, pos):
                continue
            if pos != (seen.start[0], seen.start[1] - 1, seen.start[2]) and sight.can_touch(seen.start, pos):
                return pos
            for stand in sight.stands_for(pos):
                by_stand.setdefault(stand, pos)
        if not by_stand:
            return None
        report = await walk_to_any(ctx, seen, list(by_stand), there_and_back(ctx.senses.follows))
        if report is None or report.reached is None:
            return None
        return by_stand.get(report.reached)

    async def _dig_from_here(
        self, ctx: LeafContext, job: _Job, first: BlockPos, candidates: list[BlockPos], left: int
    ) -> bool:
        """Dig what can be touched and picked up from this place, up to what is wanted. False if that is nothing."""
        dug = 0
        order = [first, *(pos for pos in candidates if pos != first)]
        while dug < left:
            seen = await survey(ctx, lambda here: box_of([here], 7, 8), there_and_back(ctx.senses.follows))
            target = self._next_here(ctx, job, seen, order)
            if target is None:
                break
            try:
                await break_block(ctx, target)
            except ActionFailed as failure:
                if failure.code not in (ExecErrorCode.DIG_OUT_OF_REACH, ExecErrorCode.DIG_BLOCK_CHANGED):
                    raise
                job.given_up.add(target)
                continue
            dug += 1
            job.broken += 1
            job.awkward.clear()  # the ground has changed
        return dug > 0

    def _next_here(self, ctx: LeafContext, job: _Job, seen: Survey, order: list[BlockPos]) -> BlockPos | None:
        """The first candidate within touch whose drop can be picked up; the others in touch become awkward."""
        x, y, z = here = seen.start
        job.been_at(here)
        judged = 0
        for pos in order:
            near = abs(pos[0] - x) <= 5 and abs(pos[2] - z) <= 5 and pos != (x, y - 1, z)
            if not near or pos in job.given_up or pos in job.awkward:
                continue
            state = seen.sight.region.state(pos)
            if state == UNKNOWN or not ctx.tables.block_of(state).diggable:
                continue  # not in this view, or dug already: air
            if not _gives(ctx.tables, state, job.item, job.carried):
                job.given_up.add(pos)  # not ripe
                continue
            if not seen.sight.can_touch(here, pos) or lava_beside(seen.sight, pos):
                continue
            if collectable(ctx, seen, pos, job.trail):
                return pos
            job.awkward.add(pos)
            judged += 1
            if judged >= _TOUCHED:
                return None
        return None

    async def _tunnel(self, ctx: LeafContext, job: _Job, target: BlockPos, candidates: list[BlockPos]) -> bool:
        """Dig towards a hidden block until some candidate can be touched. False if the rock bars the way."""
        been: set[BlockPos] = set()
        wanted = set(candidates)
        nearest, fruitless = 1_000_000, 0
        for _ in range(_TUNNEL_STEPS):
            seen = await survey(ctx, lambda here: box_of([here], 7, 8), there_and_back(ctx.senses.follows))
            here = seen.start
            been.add(here)
            job.been_at(here)
            away = _apart(here, target)
            fruitless = 0 if away < nearest else fruitless + 1
            nearest = min(nearest, away)
            if away > _TUNNEL_REACH or fruitless > _DETOUR:
                return False
            if await self._any_touchable(ctx, seen, wanted, job):
                job.awkward.clear()
                return True
            ctx.progress(f"digging towards {target}")
            if await tunnel_step(ctx, seen, target, been, job.trail, job.spare) is None:
                return False
            job.tunnelled += 1
            await gather(ctx, {job.item}, 4.0, given_up=job.lost)
            if job.gained(await ctx.senses.observe()) >= job.count:
                return True
        return False

    async def _any_touchable(self, ctx: LeafContext, seen: Survey, wanted: set[BlockPos], job: _Job) -> bool:
        x, y, z = here = seen.start
        names = set(await self._usable_sources(ctx, job.item))
        for dx in range(-4, 5):
            for dy in range(-4, 6):
                for dz in range(-4, 5):
                    pos = (x + dx, y + dy, z + dz)
                    if pos == (x, y - 1, z) or pos in job.given_up or not ctx.may_edit(pos):
                        continue
                    named = pos in wanted or ctx.tables.name_of(seen.sight.region.state(pos)) in names
                    touchable = named and seen.sight.can_touch(here, pos) and not lava_beside(seen.sight, pos)
                    if touchable and collectable(ctx, seen, pos, job.trail):
                        return True
        return False


def _gives(tables: Tables, state: int, item: str, carried: Mapping[str, int]) -> bool:
    """Whether a block in this state may drop the item to the best tool carried."""
    return any(drop.item == item for drop in tables.drops_of(state, tables.best_tool(state, carried)))


def _apart(a: BlockPos, b: BlockPos) -> int:
    """Steps along the axes from one cell to another."""
    return sum(abs(p - q) for p, q in zip(a, b, strict=True))


def _full(ctx: LeafContext, state: BodyState, item: str) -> bool:
    """Whether not a single one more fits."""
    size = ctx.tables.items[item].stack_size
    open_stack = any(s is not None and s.item == item and s.count < size for s in state.inventory.slots)
    return state.inventory.free_slots() == 0 and not open_stack
