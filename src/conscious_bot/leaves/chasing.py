"""Going after what moves and away from it, some steps at a time."""

from __future__ import annotations

from collections.abc import Sequence

from conscious_bot.contracts import TICKS_PER_SECOND, ActionFailed, BlockPos, ExecErrorCode
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.navigation import WalkOptions, box_of, step_towards, survey
from conscious_bot.world.state import EntityView, block_of, distance

__all__ = ["SEES", "approach", "get_away", "middle_of", "seen_entity"]

SEES = 32.0
"""How far creatures are looked for, in blocks."""

_STEPS = 6  # cells walked before looking again where it has gone
_MAX_NODES = 50_000


async def seen_entity(ctx: LeafContext, number: int) -> EntityView | None:
    """The creature, if it is still near."""
    return next((e for e in await ctx.senses.entities(SEES) if e.id == number), None)


def middle_of(cell: BlockPos) -> tuple[float, float, float]:
    """Where feet stand in a cell."""
    return cell[0] + 0.5, float(cell[1]), cell[2] + 0.5


async def approach(ctx: LeafContext, target: EntityView, within: float) -> bool:
    """Some steps towards a creature; whether the body is within so many blocks of where it was seen.

    Fails with path.unreachable if no way leads that near.
    """
    there = block_of(target.position)
    reach = int(within) + 1
    seen = await survey(ctx, lambda here: box_of([here, there], 10, 8), WalkOptions())
    if distance((await ctx.senses.observe()).position, target.position) <= within:
        return True
    low = (there[0] - reach, there[1] - 3, there[2] - reach)
    high = (there[0] + reach, there[1] + 3, there[2] + reach)
    goals = [c for c in seen.sight.stands_in(low, high) if distance(middle_of(c), target.position) <= within - 0.2]
    way = seen.navigator.solve_any(seen.start, goals, max_nodes=_MAX_NODES)
    if not way.found:
        raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, f"no way leads to the {target.kind} at {there}")
    here = (await ctx.senses.observe()).block
    # At the rim of the right cell already: into its middle, and never back without any time having passed.
    await ctx.hands.follow(way.primitives[:_STEPS] or [step_towards(here, seen.start)])
    await ctx.sleep(1 / TICKS_PER_SECOND, "to see where it goes")
    now = await seen_entity(ctx, target.id)
    return now is not None and distance((await ctx.senses.observe()).position, now.position) <= within


async def get_away(ctx: LeafContext, hostiles: Sequence[EntityView], far: float) -> bool:
    """A stretch away from creatures, to the best cell around; whether all of them are `far` blocks away then.

    Of the cells that can be reached it takes the nearest that is far enough, else the farthest from them;
    the way leads past none of them. Fails with path.unreachable if no cell is any better.
    """
    radius = int(far) + 4
    seen = await survey(ctx, lambda here: box_of([here], radius, 10), WalkOptions())
    here = seen.start

    def clear(cell: BlockPos) -> float:
        return min(distance(middle_of(cell), h.position) for h in hostiles)

    goals: list[tuple[float, float, BlockPos]] = []
    field = seen.navigator.field(here, max_nodes=_MAX_NODES)
    for cell, cost in field:
        # A block to spare: what is just far enough now may not be at the next look.
        goals.append((-min(clear(cell), far + 1.0), cost, cell))
    for away, _, cell in sorted(goals)[:32]:
        if -away <= clear(here) + 0.5:
            break
        way = seen.navigator.solve(here, cell, tolerance_xz=0, max_nodes=_MAX_NODES)
        # The first steps may be near; none may lead nearer than where the body stands.
        if way.found and all(clear(step) > min(clear(here), 4.0) - 0.8 for step in way.cells):
            await ctx.hands.follow(way.primitives)
            state = await ctx.senses.observe()
            now = [e for e in await ctx.senses.entities(SEES) if e.id in {h.id for h in hostiles}]
            return all(distance(state.position, e.position) >= far for e in now)
    raise ActionFailed(ExecErrorCode.PATH_UNREACHABLE, f"nowhere to get away to from {here}")
