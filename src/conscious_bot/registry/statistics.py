"""What a capability's runs say of it. Pure functions over its rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from conscious_bot.contracts import CapabilityRun, ExecError, RunMode, Wire

__all__ = ["CapabilityHealth", "health", "wilson"]

_DAY = 86_400.0
_Z = 1.959963984540054  # the standard normal's 97.5 % point


class CapabilityHealth(Wire):
    """A capability in figures. Runs in the sandbox count nowhere; a figure without data is None.

    `win_rate_low` and `win_rate_high` are the 95 % Wilson interval, `reused_24h` how often it ran live
    within the last day, `contribution_points` how many points of a hundred more often the same kinds of
    task succeeded with it than without.
    """

    runs: int
    wins: int
    win_rate: float | None = None
    win_rate_low: float | None = None
    win_rate_high: float | None = None
    reused_24h: int
    contribution_points: float | None = None
    mean_s: float | None = None
    p95_s: float | None = None
    distinct_starts: int
    violations: int
    last_failures: tuple[ExecError, ...] = ()


def health(
    capability: str,
    runs: Sequence[CapabilityRun],
    tasks: Iterable[tuple[str, bool, frozenset[str]]],
    now: float,
) -> CapabilityHealth:
    """The figures of a capability at a wall time, in seconds since 1970 UTC."""
    counted = [run for run in runs if run.mode is not RunMode.SANDBOX]
    wins = sum(run.ok for run in counted)
    seconds = sorted(run.seconds for run in counted)
    low, high = wilson(wins, len(counted)) if counted else (None, None)
    return CapabilityHealth(
        runs=len(counted),
        wins=wins,
        win_rate=wins / len(counted) if counted else None,
        win_rate_low=low,
        win_rate_high=high,
        reused_24h=sum(run.mode is RunMode.LIVE and now - run.at < _DAY for run in counted),
        contribution_points=_contribution(capability, tasks),
        mean_s=sum(seconds) / len(seconds) if seconds else None,
        p95_s=percentile(seconds, 0.95) if seconds else None,
        distinct_starts=len({run.start for run in counted}),
        violations=sum(run.violation is not None for run in counted),
        last_failures=tuple(run.error for run in reversed(counted) if run.error is not None)[:5],
    )


def wilson(wins: int, runs: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a win-rate (E. B. Wilson, 1927). `runs` is at least 1."""
    rate = wins / runs
    centre = rate + _Z * _Z / (2 * runs)
    spread = _Z * math.sqrt(rate * (1 - rate) / runs + _Z * _Z / (4 * runs * runs))
    scale = 1 + _Z * _Z / runs
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of values in order."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _contribution(capability: str, tasks: Iterable[tuple[str, bool, frozenset[str]]]) -> float | None:
    """Points of success more with it than without, each kind of task weighted by its runs with it."""
    kinds: dict[str, list[int]] = {}
    for task, ok, used in tasks:
        count = kinds.setdefault(task, [0, 0, 0, 0])
        with_it = 0 if capability in used else 2
        count[with_it] += ok
        count[with_it + 1] += 1
    gains = [(a / n - b / m, n) for a, n, b, m in kinds.values() if n and m]
    weight = sum(n for _, n in gains)
    return 100 * sum(gain * n for gain, n in gains) / weight if weight else None
