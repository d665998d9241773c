"""diagonal: one block ahead and one to the side on the level, in one straight line. Cost: the square root of 2.

Clearance: feet and head free where it ends and in both cells it passes between, so that the body rubs nothing.
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FLOOR, FREE
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import units

__all__ = ["DIAGONAL"]

DIAGONAL = Move(
    name="diagonal",
    cost=units(2**0.5),
    to=(1, 0, 1),
    needs=(
        Need(1, 0, 1, all_of=FREE),
        Need(1, 1, 1, all_of=FREE),
        Need(1, -1, 1, all_of=FLOOR),
        Need(0, -1, all_of=FLOOR),  # it walks, it does not swim or climb
        Need(1, 0, all_of=FREE),
        Need(1, 1, all_of=FREE),
        Need(0, 0, 1, all_of=FREE),
        Need(0, 1, 1, all_of=FREE),
    ),
)
