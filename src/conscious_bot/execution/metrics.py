"""What the executor counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from conscious_bot.contracts import ActionResult

__all__ = ["StepMetrics"]


@dataclass(slots=True)
class StepMetrics:
    """Counters over all steps of the process, and the times to the first action, in seconds."""

    dispatched: int = 0
    completed: int = 0
    failed: int = 0
    retries: int = 0
    errors: Counter[str] = field(default_factory=Counter[str])
    first_actions: list[float] = field(default_factory=list[float])

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
