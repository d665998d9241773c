"""What several leaves do with their hands: pick up what lies about, tunnel."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from conscious_bot.contracts import TICKS_PER_SECOND, ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.game.supplements import natural_blocks
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.digging import break_block
from conscious_bot.leaves.hands import OFFSETS, beside
from conscious_bot.leaves.navigation import (
    Survey,
    box_of,
    navigator_of,
    step_towards,
    survey,
    there_and_back,
    walk_to_any,
)
from conscious_bot.leaves.sight import Sight
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.world.occupancy import Occupancy
from conscious_bot.world.region import UNKNOWN, VoxelRegion
from conscious_bot.world.state import EntityView, block_of, distance

__all__ = [
    "can_cut",
    "collectable",
    "gather",
    "lava_beside",
    "plugs",
    "tunnel_step",
    "way_out",
    "wetted",
]

_PATIENCE = 45.0
"""A tunnel does not go through a block that takes longer than this many seconds to break."""


def lava_beside(sight: Sight, pos: BlockPos) -> bool:
    """Whether opening this cell would let lava in."""
    return any(sight.occupancy(beside(pos, face)) is Occupancy.LAVA for face in OFFSETS if face != "down")


def wetted(sight: Sight, pos: BlockPos) -> bool:
    """Whether opening this cell would let a liquid in."""
    wet = (Occupancy.LAVA, Occupancy.WATER)
    return any(sight.occupancy(beside(pos, face)) in wet for face in OFFSETS if face != "down")


async def gather(
    ctx: LeafContext,
    items: Collection[str] | None,
    radius: float,
    *,
    enough: int | None = None,
    given_up: set[tuple[int, BlockPos]] | None = None,
) -> dict[str, int]:
    """Walk over dropped items (all kinds if `items` is None) until none can be had; returns what was gained.

    Items that cannot be reached or do not come along are left, and noted in `given_up` with the cell they
    lie in. `enough` ends it early.
    """
    start = (await ctx.senses.observe()).inventory.counts()
    left = set[tuple[int, BlockPos]]() if given_up is None else given_up

    async def gained() -> dict[str, int]:
        now = (await ctx.senses.observe()).inventory.counts()
        return {i: now[i] - start[i] for i in sorted(now) if now[i] > start[i] and (items is None or i in items)}

    for _ in range(64):
        have = await gained()
        if enough is not None and sum(have.values()) >= enough:
            return have
        lying = [e for e in await ctx.senses.entities(radius) if _wanted(e, items)]
        drops = [e for e in lying if (e.id, block_of(e.position)) not in left]
        if not drops:
            return have
        rest = await _fetch(ctx, drops[0])
        if rest is not None:
            left.add((rest.id, block_of(rest.position)))
    return await gained()


def _wanted(entity: EntityView, items: Collection[str] | None) -> bool:
    return entity.kind == "item" and entity.stack is not None and (items is None or entity.stack.item in items)


async def _fetch(ctx: LeafContext, drop: EntityView) -> EntityView | None:
    """Go where an item lies and wait for it to jump into the pockets. Returns it if it cannot be had."""
    for attempt in range(2):
        cell = block_of(drop.position)
        seen = await survey(ctx, lambda here, cell=cell: box_of([here, cell], 6, 6), there_and_back(ctx.senses.follows))
        spots = _pickup_cells(seen.sight, cell)
        # An item in mid-air comes down; look again before walking under it.
        if (
            seen.start not in spots
            and (not spots or await walk_to_any(ctx, seen, spots, there_and_back(ctx.senses.follows)) is None)
            and attempt
        ):
            return drop
        for _ in range(8):
            there = next((e for e in await ctx.senses.entities(24.0) if e.id == drop.id), None)
            if there is None:
                return None
            moved = distance(there.position, drop.position)
            drop = there
            if moved > 1.0:
                break
            await ctx.sleep(0.15, "for an item to be picked up")
    return drop


def _pickup_cells(sight: Sight, item: BlockPos) -> list[BlockPos]:
    """Cells to stand in to pick up an item that lies in a cell, the cell itself if one can stand there.

    A player takes what touches the own box, widened by 1 block to the sides and by half a block up and
    down (Minecraft Wiki, "Item (entity)"): feet from 2 cells below the item up to its own cell.
    """
    x, y, z = item
    own = sight.stands_in((x, y, z), (x, y, z))
    return own or sight.stands_in((x - 1, y - 2, z - 1), (x + 1, y, z + 1))


def collectable(ctx: LeafContext, seen: Survey, pos: BlockPos, trail: Sequence[BlockPos] = ()) -> bool:
    """Whether what a block drops could be picked up: it falls where one can stand beside it and get to.

    A block that is a step of the way back along the `trail` stays as well.
    """
    after = _changed(ctx, seen, [pos], "air")
    landing = pos
    while after.region.box.contains(landing) and not after.opaque(beside(landing, "down")):
        landing = beside(landing, "down")
    spots = _pickup_cells(after, landing)
    if not spots:
        return False
    then = navigator_of(ctx, after.region, there_and_back(ctx.senses.follows))
    if seen.start not in spots and not then.solve_any(seen.start, spots).found:
        return False
    return _leads_back(seen, then, seen.start, trail)


def plugs(ctx: LeafContext, seen: Survey, pos: BlockPos, trail: Sequence[BlockPos]) -> bool:
    """Whether a block put into a cell would bar the way back along the trail."""
    then = navigator_of(ctx, _changed(ctx, seen, [pos], "stone").region, there_and_back(ctx.senses.follows))
    return not _leads_back(seen, then, seen.start, trail)


def _changed(ctx: LeafContext, seen: Survey, cells: Sequence[BlockPos], block: str) -> Sight:
    """What would be seen with this block in these cells."""
    region = seen.sight.region
    blocks = region.blocks.copy()
    for cell in cells:
        x, y, z = (c - o for c, o in zip(cell, region.origin, strict=True))
        blocks[x, y, z] = ctx.tables.blocks[block].default_state
    return Sight(VoxelRegion(region.origin, blocks), ctx.tables)


def _leads_back(seen: Survey, then: Navigator, start: BlockPos, trail: Sequence[BlockPos]) -> bool:
    """Whether the earliest cell of the trail that can be reached now could still be reached afterwards."""
    for cell in trail:
        if cell != seen.start and then.grid.contains(cell) and seen.navigator.solve_any(seen.start, [cell]).found:
            return then.solve_any(start, [cell]).found
    return True


async def way_out(ctx: LeafContext) -> list[BlockPos]:
    """The cells from the nearest place under the open sky (as far as the scan shows) to where the body stands.

    Only its own cell where there is no such way.
    """
    seen = await survey(ctx, lambda here: box_of([here], 24, 20), there_and_back(ctx.senses.follows))
    region = seen.sight.region
    cells = seen.sight.stands_in(region.box.low, region.box.high)
    opaque = seen.sight.opaque_cells
    # The highest opaque cell of each column; a body above it has nothing over its head.
    top = opaque.shape[1] - 1 - np.argmax(opaque[:, ::-1, :], axis=1)
    x0, y0, z0 = region.origin
    outside = [c for c in cells if c[1] - y0 > top[c[0] - x0, c[2] - z0]]
    way = seen.navigator.solve_any(seen.start, outside, max_nodes=200_000)
    return [seen.start, *way.cells][::-1] if way.found else [seen.start]


def can_cut(ctx: LeafContext, sight: Sight, pos: BlockPos, tools: Mapping[str, int]) -> bool:
    """Whether a tunnel may go through a cell: open already, or natural, allowed, quick to open, and dry."""
    state = sight.region.state(pos)
    if state == UNKNOWN:
        return False
    if sight.occupancy(pos) is Occupancy.AIR:
        return True
    if sight.occupancy(pos) is not Occupancy.SOLID or not ctx.may_edit(pos) or wetted(sight, pos):
        return False
    block = ctx.tables.block_of(state)
    if not block.diggable or block.name not in natural_blocks():
        return False  # what somebody built stays
    ticks = ctx.tables.dig_ticks(state, ctx.tables.best_tool(state, tools))
    return ticks is not None and ticks <= _PATIENCE * TICKS_PER_SECOND


async def tunnel_step(
    ctx: LeafContext,
    seen: Survey,
    target: BlockPos,
    avoid: Collection[BlockPos],
    trail: Sequence[BlockPos] = (),
    spare: Collection[str] = (),
) -> BlockPos | None:
    """Dig one cell on towards a target, as a staircase where it lies lower or higher, and step into it.

    Steps of the way back along the `trail` are not cut.

    Returns the new cell, or None where every direction is barred (liquid, protection, hard rock, no floor).
    """
    tools = dict((await ctx.senses.observe()).inventory.counts())
    here = seen.start
    for to, cells in _cuts(here, target):
        floor = (to[0], to[1] - 1, to[2])
        if to in avoid or not seen.sight.floor(floor) or seen.sight.occupancy(floor) is not Occupancy.SOLID:
            continue
        if not all(can_cut(ctx, seen.sight, cell, tools) for cell in cells):
            continue
        then = navigator_of(ctx, _changed(ctx, seen, cells, "air").region, there_and_back(ctx.senses.follows))
        if not _leads_back(seen, then, to, trail):
            continue
        for cell in cells:
            if seen.sight.occupancy(cell) is not Occupancy.AIR:
                try:
                    await break_block(ctx, cell, spare=spare)
                except ActionFailed as failure:
                    if failure.code is not ExecErrorCode.DIG_BLOCK_CHANGED:
                        raise  # else somebody was quicker; whether it is open, the step will tell
        result = await ctx.hands.follow([step_towards(here, to)])
        if result.ended != "arrived":
            raise ActionFailed(ExecErrorCode.PATH_STUCK, f"the step into the tunnel at {to} ended {result.ended}")
        return to
    return None


def _cuts(here: BlockPos, target: BlockPos) -> list[tuple[BlockPos, list[BlockPos]]]:
    """Steps to neighbouring cells, the most promising first, each with the cells to open, from above."""
    x, y, z = here
    dx, dy, dz = (t - h for t, h in zip(target, here, strict=True))
    sides = sorted([(1, 0), (-1, 0), (0, 1), (0, -1)], key=lambda s: (-(s[0] * dx + s[1] * dz), s))
    rises = [-1, 0, 1] if dy < -1 else [1, 0, -1] if dy > 2 else [0, -1, 1]
    found: list[tuple[BlockPos, list[BlockPos]]] = []
    for rise in rises:
        for sx, sz in sides:
            to = (x + sx, y + rise, z + sz)
            if rise < 0:
                cells = [(to[0], y + 1, to[2]), (to[0], y, to[2]), to]
            elif rise > 0:
                cells = [(x, y + 2, z), (to[0], to[1] + 1, to[2]), to]
            else:
                cells = [(to[0], y + 1, to[2]), to]
            found.append((to, cells))
    return found
