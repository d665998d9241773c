"""climb: onto a ladder or vine beside, and up and down on it; mount: onto one that begins one below an edge.

A player climbs 2.35 blocks a second up and 3 down (Minecraft Wiki, "Ladder"). Leaving is a walk to a floor
beside, or a jump_up onto the edge at the top. Clearance: something to climb at the feet where it ends, that or
air at the head.
"""

from __future__ import annotations

from conscious_bot.sterling.flags import CLIMB, FREE
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import units, units_of_seconds

__all__ = ["CLIMBS"]

CLIMBS: tuple[Move, ...] = (
    Move("climb", units(1.0), (1, 0, 0), (Need(1, 0, all_of=CLIMB), Need(1, 1, any_of=FREE | CLIMB))),
    Move(
        "climb",
        units_of_seconds(1 / 2.35),
        (0, 1, 0),
        (Need(0, 0, all_of=CLIMB), Need(0, 1, all_of=CLIMB), Need(0, 2, any_of=FREE | CLIMB)),
    ),
    Move("climb", units_of_seconds(1 / 3.0), (0, -1, 0), (Need(0, 0, all_of=CLIMB), Need(0, -1, all_of=CLIMB))),
    Move(
        "mount",
        units_of_seconds(1.5 / 4.317),
        (1, -1, 0),
        (Need(1, -1, all_of=CLIMB), Need(1, 0, all_of=FREE), Need(1, 1, all_of=FREE)),
    ),
)
