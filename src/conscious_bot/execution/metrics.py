"""What the executor counts."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from conscious_bot.contracts import ActionResult

__all__ = ["StepMetrics"]

_KEPT = 4096


def _recent() -> deque[float]:
    return deque(maxlen=_KEPT)


@dataclass(slots=True)
class StepMetrics:
    """Counters over all steps of the process, and the times to the first action of the last 4,096, in seconds."""

    dispatched: int = 0
    completed: int = 0
    failed: int = 0
    retries: int = 0
    errors: Counter[str] = field(default_factory=Counter[str])
    first_actions: deque[float] = field(default_factory=_recent)

    def first_action(self, seconds: float) -> None:
        """Note how long a step took from dispatch to its first command."""
        self.first_actions.append(seconds)

    def ended(self, result: ActionResult) -> None:
        """Note the end of a dispatched step."""
        if result.error is None:
            self.completed += 1
        else:
            self.failed += 1
            self.errors[result.error.code] += 1

    def percentile(self, fraction: float) -> float | None:
        """The time to first action that this fraction of steps stayed within; None before the first."""
        if not self.first_actions:
            return None
        ordered = sorted(self.first_actions)
        return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]
