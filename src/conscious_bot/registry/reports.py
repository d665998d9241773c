"""What is kept of a single run, so that people see why it ended as it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conscious_bot.contracts import CapabilityRun, RunMode, Wire
from conscious_bot.runtime.driver import TickRecord
from conscious_bot.runtime.options import Judgement, OptionResult

__all__ = ["TRACE", "RunReport", "report_of", "run_of"]

TRACE = 2000
"""Tick records that a report carries, the first of the run."""


class RunReport(Wire):
    """A run with its arguments, what was read of its conditions, how often each leaf ran, and its tick trace."""

    run: CapabilityRun
    args: dict[str, Any]
    pre: tuple[Judgement, ...] = ()
    post: tuple[Judgement, ...] = ()
    leaves: dict[str, int]
    ticks: tuple[TickRecord, ...] = ()


def run_of(capability: str, mode: RunMode, start: str, result: OptionResult, *, died: bool, at: float) -> CapabilityRun:
    """An option's run as evidence, from `start`; `at` is the wall's time."""
    return CapabilityRun(
        id=capability,
        mode=mode,
        ok=result.ok,
        start=start,
        seconds=result.ended_at - result.started_at,
        error=result.error,
        violation=result.violation,
        died=died,
        at=at,
    )


def report_of(
    run: CapabilityRun, args: Mapping[str, Any], result: OptionResult, ticks: Iterable[TickRecord]
) -> RunReport:
    """The report of an option's run."""
    counts: dict[str, int] = {}
    for leaf in result.leaves:
        counts[leaf.name] = counts.get(leaf.name, 0) + 1
    return RunReport(
        run=run,
        args=dict(args),
        pre=result.pre,
        post=result.post,
        leaves=counts,
        ticks=tuple(ticks)[:TRACE],
    )
