"""Breaking a block with the right tool."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conscious_bot.contracts import TICKS_PER_SECOND, ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.game.facts import OVERGROWN
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.context import LeafContext
from conscious_bot.world.region import UNKNOWN, Box

__all__ = ["break_block"]

_FALLING = frozenset({"sand", "red_sand", "gravel", "suspicious_sand", "suspicious_gravel"})
"""Blocks that fall into a hole (Minecraft Wiki, "Falling Block"); so does every concrete powder."""


async def break_block(ctx: LeafContext, pos: BlockPos, *, equip: bool = True, spare: Collection[str] = ()) -> str:
    """Break one block, with the best tool carried if `equip`; returns its name.

    Tools named in `spare` are kept for better purposes where the others are not much slower.

    Fails with dig.blockChanged where nothing can be broken, dig.toolInvalid where it never breaks, and as
    the hands do. What falls into the hole is broken too, until it stays open.
    """
    first, grown = "", False
    for _ in range(32):
        region = await ctx.senses.scan(Box(pos, pos))
        state = region.state(pos)
        if state == UNKNOWN:
            raise ActionFailed(ExecErrorCode.PATH_UNLOADED, f"the block at {pos} is not loaded")
        tables = ctx.tables
        block = tables.block_of(state)
        if first and not _falls(block.name):
            return first
        if not block.diggable:
            raise ActionFailed(ExecErrorCode.DIG_BLOCK_CHANGED, f"{block.name} at {pos} is nothing to dig")
        body = await ctx.senses.observe()
        counts = body.inventory.counts()
        held = None if body.held is None else body.held.item
        tool = _tool_for(tables, state, counts, spare) if equip else held
        if equip and tool is not None and tool != held:
            await ctx.hands.equip(tool, "hand")
            held = tool
        ticks = tables.dig_ticks(state, held, on_ground=body.on_ground, in_water=body.in_water)
        if ticks is None:
            raise ActionFailed(ExecErrorCode.DIG_TOOL_INVALID, f"{block.name} at {pos} never breaks")
        ctx.declare_wait(ticks / TICKS_PER_SECOND + 1.0, f"digging {block.name}")
        try:
            await ctx.hands.dig(pos)
        except ActionFailed as failure:
            if grown or failure.code is not ExecErrorCode.DIG_BLOCK_CHANGED or block.name not in OVERGROWN:
                raise
            grown = True  # it is the same earth
            continue
        ctx.activity.end_wait(ctx.clock.now())
        first = first or block.name
        above = (await ctx.senses.scan(Box((pos[0], pos[1] + 1, pos[2]), (pos[0], pos[1] + 1, pos[2])))).blocks[0, 0, 0]
        if not _falls(tables.name_of(int(above))) and not _falls(block.name):
            return first
        await ctx.sleep(0.6, "for what falls into the hole")
    raise ActionFailed(ExecErrorCode.DIG_BLOCK_CHANGED, f"blocks keep falling into {pos}")


def _tool_for(tables: Tables, state: int, counts: Mapping[str, int], spare: Collection[str]) -> str | None:
    """The best tool, or the best of those not to be spared if it takes at most three times as long."""
    best = tables.best_tool(state, counts)
    if best not in spare:
        return best
    other = tables.best_tool(state, {name: count for name, count in counts.items() if name not in spare})
    quick, slow = tables.dig_ticks(state, best), tables.dig_ticks(state, other)
    return other if quick is not None and slow is not None and slow <= 3 * quick else best


def _falls(name: str) -> bool:
    return name in _FALLING or name.endswith("concrete_powder")
