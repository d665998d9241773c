"""Shadow runs: candidate and incumbent from one and the same start, each in a fork of its own.

The start is a world of the simulation: a test's fixture under a seed of its own, or what the live body has
seen. Neither run knows of the other; what differs between them is the option.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import CapabilityRun, Event, IdSource, OptionDocument, RunMode, StatusChange
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.reports import RunReport, report_of, run_of
from conscious_bot.registry.trial import world_of
from conscious_bot.runtime.driver import TickRecord
from conscious_bot.runtime.options import OptionResult, OptionRunner
from conscious_bot.runtime.witness import Bounds
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.forks import fork
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["ShadowRun", "Start", "quicker", "report_pair", "run_pair", "run_shadow", "run_trials", "starts_of"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a shadow run begins: a name for it, a world with the bot in it, the arguments, and what to keep to."""

    name: str
    world: SimulatedWorld
    args: Mapping[str, Any]
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class ShadowRun:
    """What came of one side."""

    result: OptionResult
    died: bool
    ticks: tuple[TickRecord, ...]

    @property
    def seconds(self) -> float:
        """How long it took, in virtual seconds."""
        return self.result.ended_at - self.result.started_at


def starts_of(document: OptionDocument, tables: Tables, seeds: Iterable[int]) -> Iterator[Start]:
    """Each of the option's own tests under each seed: chance differs, the ground is the same."""
    for seed in seeds:
        for test in document.tests:
            world = world_of(test, tables)
            world.reseed(seed, "shadow")
            yield Start(f"{test.name} #{seed}", world, test.args)


def _unrecorded(_event: Event) -> None:
    """What a fork's body does is no part of the bot's own record."""


class _LoopClock:
    def now(self) -> float:
        """The virtual loop's time."""
        return asyncio.get_running_loop().time()


def run_shadow(option: CompiledOption, start: Start, catalogue: LeafCatalogue) -> ShadowRun:
    """Run an option in a fork of the start's world, which stays as it is."""
    # A world and its bodies know each other; left to itself the collector lets dozens of them pile up.
    gc.collect()
    world = fork(start.world)
    body = SimulatedBody(world)
    ticks: list[TickRecord] = []

    async def main() -> tuple[OptionResult, bool]:
        await body.open()
        clock = _LoopClock()
        runner = LeafRunner(
            body,
            catalogue,
            clock,
            IdSource(f"{option.document_hash}/{start.name}"),
            granted=option.permissions,
            record=_unrecorded,
            policy=start.bounds.policy,
        )
        try:
            result = await OptionRunner(body, runner, clock, start.bounds).run(option, start.args, ticks.append)
            return result, not body.state().alive
        finally:
            runner.close()
            await body.close()

    result, died = run_virtual(main(), world)
    return ShadowRun(result, died, tuple(ticks))


def run_pair(
    candidate: CompiledOption,
    incumbent: CompiledOption | None,
    start: Start,
    catalogue: LeafCatalogue,
    *,
    at: float,
    better: Callable[[ShadowRun, ShadowRun], int] | None = None,
) -> CapabilityRun:
    """The candidate's run, beside the incumbent's where there is one, as the registry keeps it.

    `better` compares the declared metric (1: the candidate's is better); by default the shorter of two
    successful runs is. `at` is the wall's time.
    """
    return report_pair(candidate, incumbent, start, catalogue, at=at, better=better).run


def report_pair(
    candidate: CompiledOption,
    incumbent: CompiledOption | None,
    start: Start,
    catalogue: LeafCatalogue,
    *,
    at: float,
    better: Callable[[ShadowRun, ShadowRun], int] | None = None,
) -> RunReport:
    """The same with all that was seen of the candidate's run."""
    mine = run_shadow(candidate, start, catalogue)
    theirs = None if incumbent is None else run_shadow(incumbent, start, catalogue)
    run = run_of(candidate.document.capability, RunMode.SHADOW, start.name, mine.result, died=mine.died, at=at)
    if incumbent is not None and theirs is not None:
        run = run.model_copy(
            update={
                "incumbent": incumbent.document.capability,
                "incumbent_ok": theirs.result.ok,
                "incumbent_died": theirs.died,
                "better": (better or quicker)(mine, theirs),
            }
        )
    return report_of(run, start.args, mine.result, mine.ticks)


def run_trials(
    governor: Governor,
    candidate: CompiledOption,
    incumbent: CompiledOption | None,
    starts: Iterable[Start],
    catalogue: LeafCatalogue,
) -> StatusChange | None:
    """Run start after start until the evidence decides, or the starts are used up; the decision, if there is one.

    A start that the present evidence has is left out: trials that were interrupted go on when asked for again.
    Raises the refusal of a candidate that may not run, or has run as often as the quota allows. What was
    seen until then is kept.
    """
    capability = candidate.document.capability
    done = governor.started(capability)
    for start in starts:
        if start.name in done:
            continue
        governor.registry.admit_run(capability)
        report = report_pair(candidate, incumbent, start, catalogue, at=governor.registry.wall())
        change = governor.note(report.run, report)
        if change is not None:
            return change
    return None


def quicker(mine: ShadowRun, theirs: ShadowRun) -> int:
    """The metric of an option that declares none: of two successes the shorter is better."""
    if not (mine.result.ok and theirs.result.ok):
        return 0
    return (mine.seconds < theirs.seconds) - (mine.seconds > theirs.seconds)
