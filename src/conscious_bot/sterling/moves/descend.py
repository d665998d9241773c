"""descend: one block to the side and one down. Cost 0.8.

Clearance: feet and head cells ahead free, the cell fallen through (where the feet end) free, the cell under
it a floor.
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FLOOR, FREE
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import units

__all__ = ["DESCEND"]

DESCEND = Move(
    name="descend",
    cost=units(0.8),
    to=(1, -1, 0),
    needs=(
        Need(1, -2, all_of=FLOOR),
        Need(1, -1, all_of=FREE),  # fallen through; the feet end here
        Need(1, 0, all_of=FREE),  # ahead of the feet
        Need(1, 1, all_of=FREE),  # ahead of the head
    ),
)
