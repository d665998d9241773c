"""Choosing what to pursue: people first, then what was interrupted, then the strongest need, then exploring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from conscious_bot.cognition.needs import Need

__all__ = ["Goal", "Suppression", "choose_goal"]

WORTH_ACTING = 0.15
"""Needs below this level are left alone."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is pursued now: the goal's text, where it came from, and why."""

    text: str
    source: Literal["user", "system", "memory"]
    reason: str
    urgency: float


@dataclass(slots=True)
class Suppression:
    """Goals that keep failing are left alone for a while (the documents' loop breaker).

    A failure of the same kind `same_signature` times within `window_s` seconds suppresses the goal for
    `suppress_s` seconds of the run's clock.
    """

    same_signature: int = 3
    window_s: float = 300.0
    suppress_s: float = 600.0

    _failures: dict[tuple[str, str], list[float]] = field(default_factory=dict[tuple[str, str], list[float]])
    _until: dict[str, float] = field(default_factory=dict[str, float])

    def failed(self, goal: str, code: str, now: float) -> bool:
        """Note a failure; True if the goal is suppressed from now on."""
        self._forget(now)
        recent = self._failures.get((goal, code), [])
        recent.append(now)
        self._failures[goal, code] = recent
        if len(recent) < self.same_signature:
            return False
        self._until[goal] = now + self.suppress_s
        self._failures.pop((goal, code))
        return True

    def _forget(self, now: float) -> None:
        """Drop what is too long ago to count: goals are many over a long life."""
        kept = {key: [at for at in times if now - at <= self.window_s] for key, times in self._failures.items()}
        self._failures = {key: times for key, times in kept.items() if times}
        self._until = {goal: until for goal, until in self._until.items() if until > now}

    def active(self, now: float) -> Mapping[str, float]:
        """The suppressed goals and when each may be tried again."""
        return {goal: until for goal, until in self._until.items() if until > now}


def choose_goal(
    requested: Sequence[Goal], recovered: Goal | None, needs: Sequence[Need], suppressed: Mapping[str, float]
) -> Goal:
    """The goal to pursue. There always is one: the last resort is to explore."""
    if requested:
        return requested[0]
    if recovered is not None:
        return recovered
    for need in needs:
        if need.goal is not None and need.level >= WORTH_ACTING and need.goal not in suppressed:
            return Goal(need.goal, "system", f"{need.kind}: {need.reason}", need.level)
    return Goal("explore", "system", "no need presses: see what is out there", 0.1)
