"""Time as an argument: the pure core never reads a clock."""

from __future__ import annotations

from typing import Protocol

__all__ = ["TICKS_PER_SECOND", "Clock"]

TICKS_PER_SECOND = 20
"""Game ticks in a second."""


class Clock(Protocol):
    """The run's time. In the built-in world it is virtual; on a server it is the wall's."""

    def now(self) -> float:
        """Seconds since the run began; never goes back."""
        ...
