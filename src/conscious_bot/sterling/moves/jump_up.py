"""jump_up: one block to the side and one up. Cost 2.0.

Clearance: the cell above the head free where the jump begins, feet and head cells free where it ends, the
cell under them a floor.
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FLOOR, FREE
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import units

__all__ = ["JUMP_UP"]

JUMP_UP = Move(
    name="jump_up",
    cost=units(2.0),
    to=(1, 1, 0),
    needs=(
        Need(1, 0, all_of=FLOOR),
        Need(0, 2, all_of=FREE),  # above the head at take-off
        Need(1, 1, all_of=FREE),  # feet
        Need(1, 2, all_of=FREE),  # head
    ),
)
