"""Costs as integers: one unit is 0.2, of which walk, jump and descend are exact multiples.

A walk of one block costs 1.0, that is 5 units; it takes 1 / 4.317 s at the game's walking speed (Minecraft
Wiki, "Walking"), so a unit is 46 ms or 0.93 game ticks. Times of other moves are converted with that.
"""

from __future__ import annotations

__all__ = ["MAX_PENALTY", "UNITS_PER_COST", "WALK_SECONDS", "cost_of", "units", "units_of_seconds"]

UNITS_PER_COST = 5
WALK_SECONDS = 1 / 4.317
"""Seconds of one block at walking speed."""

MAX_PENALTY = 10_000.0
"""The largest penalty or edge cost that is accepted; it keeps path costs far from the integers' end."""


def units(cost: float) -> int:
    """A cost in units, rounded to the nearest; halves go up."""
    return int(cost * UNITS_PER_COST + 0.5 + 1e-9)


def cost_of(amount: int) -> float:
    """Units as a cost."""
    return amount / UNITS_PER_COST


def units_of_seconds(seconds: float) -> int:
    """Game time in units, at least one."""
    return max(1, units(seconds / WALK_SECONDS))
