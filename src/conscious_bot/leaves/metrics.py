"""Counts and times of each leaf's runs."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from conscious_bot.contracts import ExecErrorCode

__all__ = ["LeafMetrics"]

_KEPT = 512


def _recent() -> deque[float]:
    return deque(maxlen=_KEPT)


@dataclass(slots=True)
class LeafMetrics:
    """One leaf's figures. Durations are seconds of the run's clock, overhead seconds of the machine's.

    The deques keep the last 512 runs: `durations` of whole runs, `first_command` from dispatch to the
    first command, `overhead` the runner's own work outside leaf and body.
    """

    runs: int = 0
    ok: int = 0
    changed: int = 0
    repeats: int = 0
    retries: int = 0
    failures: Counter[ExecErrorCode] = field(default_factory=Counter[ExecErrorCode])
    durations: deque[float] = field(default_factory=_recent)
    first_command: deque[float] = field(default_factory=_recent)
    overhead: deque[float] = field(default_factory=_recent)

    @staticmethod
    def quantile(values: deque[float], q: float) -> float | None:
        """The q-quantile (0 to 1) of recent values, None without any."""
        if not values:
            return None
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))]
