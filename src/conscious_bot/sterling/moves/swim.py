"""swim: one block in water, to any side, up or down; also the step from land into water.

Under water breath lasts 15 s (Minecraft Wiki, "Damage", "Drowning"), so a step to the side with the head under
water costs as much again: longer ways lead along the surface, short ones may pass under what hangs into it.

A player swims 2.2 blocks a second at the surface, slower than walking (Minecraft Wiki, "Swimming"); up and
down are taken to be as fast. Clearance: water at the feet where it ends, water or air at the head.
Leaving the water is a walk (onto a floor at the height of the feet) or a jump_up (onto the bank).
"""

from __future__ import annotations

from conscious_bot.sterling.flags import FREE, SWIM
from conscious_bot.sterling.moves.base import Move, Need
from conscious_bot.sterling.units import units_of_seconds

__all__ = ["SWIMS"]

_COST = units_of_seconds(1 / 2.2)

SWIMS: tuple[Move, ...] = (
    Move("swim", _COST, (1, 0, 0), (Need(1, 0, all_of=SWIM), Need(1, 1, all_of=FREE))),
    Move("swim", 2 * _COST, (1, 0, 0), (Need(1, 0, all_of=SWIM), Need(1, 1, all_of=SWIM))),
    Move("swim", _COST, (0, 1, 0), (Need(0, 0, all_of=SWIM), Need(0, 1, all_of=SWIM), Need(0, 2, any_of=FREE | SWIM))),
    Move("swim", _COST, (0, -1, 0), (Need(0, 0, all_of=SWIM), Need(0, -1, all_of=SWIM))),
)
