"""walk: one block to the side on the level. Cost 1.0.

Clearance: feet and head cells ahead free, the cell under them a floor; that is what makes the cell ahead a
place of rest.
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FLOOR, FREE
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import units

__all__ = ["WALK"]

WALK = Move(
    name="walk",
    cost=units(1.0),
    to=(1, 0, 0),
    needs=(
        Need(1, 0, all_of=FREE),  # feet
        Need(1, 1, all_of=FREE),  # head
        Need(1, -1, all_of=FLOOR),
    ),
)
