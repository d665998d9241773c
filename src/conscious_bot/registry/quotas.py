"""How much of the registry one may use, and the windows that count it. No clock of its own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

__all__ = ["Quotas", "Window"]


@dataclass(frozen=True, slots=True)
class Quotas:
    """The limits. `retired_kept` versions of a name keep their spec, older retired ones their provenance alone."""

    registrations_per_min: int = 30  # of one principal
    executions_per_min: int = 120  # of one capability
    active_versions: int = 2  # of one option
    shadow_options: int = 100  # in all
    retired_kept: int = 3  # of one option


class Window:
    """Counts what happened in the last minute, per key."""

    def __init__(self, limit: int, seconds: float = 60.0) -> None:
        self._limit = limit
        self._seconds = seconds
        self._times: dict[str, deque[float]] = {}

    def full(self, key: str, now: float) -> bool:
        """Whether the limit is reached."""
        return len(self._recent(key, now)) >= self._limit

    def note(self, key: str, now: float) -> None:
        """Count one."""
        self._recent(key, now).append(now)

    def _recent(self, key: str, now: float) -> deque[float]:
        times = self._times.setdefault(key, deque())
        while times and times[0] <= now - self._seconds:
            times.popleft()
        return times
