"""dive_1 to dive_8: one block to the side and so many down into water, which breaks any fall.

Cost: half a block of walking and the time of the fall. Clearance: feet and head ahead free, everything fallen
through free, water at the end.
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FREE, SWIM
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import WALK_SECONDS, units_of_seconds

__all__ = ["DIVES"]


def _dive(depth: int) -> Move:
    return Move(
        name=f"dive_{depth}",
        cost=units_of_seconds(WALK_SECONDS / 2 + (2 * depth / 32) ** 0.5),
        to=(1, -depth, 0),
        needs=(
            Need(1, -depth, all_of=SWIM),
            *(Need(1, up, all_of=FREE) for up in range(1 - depth, 2)),
        ),
    )


DIVES: tuple[Move, ...] = tuple(_dive(depth) for depth in range(1, 9))
