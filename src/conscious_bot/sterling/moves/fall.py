"""fall_2, fall_3: one block to the side and two or three down; neither hurts.

A player takes damage from falls of more than 3 blocks (Minecraft Wiki, "Damage", "Fall damage"). Cost: half a
block of walking and the time of the fall at 32 blocks per second squared (0.08 per tick and tick).
Clearance: feet and head ahead free, everything fallen through free, a floor under it.
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FLOOR, FREE
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import WALK_SECONDS, units_of_seconds

__all__ = ["FALLS"]


def _fall(depth: int) -> Move:
    return Move(
        name=f"fall_{depth}",
        cost=units_of_seconds(WALK_SECONDS / 2 + (2 * depth / 32) ** 0.5),
        to=(1, -depth, 0),
        needs=(
            Need(1, -depth - 1, all_of=FLOOR),
            *(Need(1, up, all_of=FREE) for up in range(-depth, 2)),
        ),
    )


FALLS: tuple[Move, ...] = (_fall(2), _fall(3))
