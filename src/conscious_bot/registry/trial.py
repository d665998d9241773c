"""One test of an option, in a world of its own on virtual time. The same option and test, the same report.

After the run the test is begun once more in a fresh world and cancelled half-way: the body has to come to
rest, and up to that moment the two runs have to be one and the same, tick for tick.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import Event, ExecError, ExecErrorCode, IdSource, OptionTest, UserError, Wire
from conscious_bot.contracts.canonical import canonical_json
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.runtime.driver import TickRecord
from conscious_bot.runtime.options import Judgement, OptionResult, OptionRunner
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.terrain import Fixture
from conscious_bot.simulation.world import SimulatedWorld

__all__ = ["Cancellation", "SandboxReport", "TestReport", "try_option", "world_of"]

_SETTLES = 1.0
"""Seconds a new world is given to come to rest before the option begins."""
_HALTS_WITHIN = 30.0
"""Seconds by which a cancelled option has to have brought its body to rest; a leaf's bounded section is shorter."""
_MOMENT = 1e-6
_TRACE = 2000
"""Tick records that a report carries; the hash covers all of them."""


class Cancellation(Wire):
    """What became of a run that was cancelled half-way: `at` and `lasted` are virtual seconds."""

    at: float
    lasted: float
    still: bool
    deterministic: bool


class TestReport(Wire):
    """One test. Times are virtual; `trace_hash` covers every tick record, `ticks` are the first of them."""

    __test__ = False

    name: str
    passed: bool
    error: ExecError | None = None
    attempts: int
    seconds: float
    timeout_s: float
    within_timeout: bool
    pre: tuple[Judgement, ...] = ()
    post: tuple[Judgement, ...] = ()
    cancellation: Cancellation | None = None
    leaves: dict[str, int]
    trace_hash: str
    ticks: tuple[TickRecord, ...] = ()

    def complaint(self) -> str | None:
        """What is wrong with it, in a sentence; None if nothing is."""
        if self.passed:
            return None
        unmet = [f"{one.name} is false (reads {one.observed})" for one in self.post if not one.ok]
        if self.error is not None:
            unmet.insert(0, f"{self.error.code}: {self.error.detail or ''}".rstrip(": "))
        if not self.within_timeout:
            unmet.append(f"took {self.seconds:.1f} s of {self.timeout_s:.1f} s")
        if self.cancellation is not None and not self.cancellation.still:
            unmet.append("went on moving after it was cancelled")
        if self.cancellation is not None and not self.cancellation.deterministic:
            unmet.append("ran differently the second time")
        return f"{self.name}: {'; '.join(unmet) or 'failed'}"


class SandboxReport(Wire):
    """All tests of an option. `problem` says why there are none: a limit, a fixture that is none."""

    passed: bool
    tests: tuple[TestReport, ...] = ()
    problem: str | None = None

    def summary(self) -> str:
        """What failed, in a sentence."""
        complaints = [text for test in self.tests if (text := test.complaint()) is not None]
        return self.problem or ". ".join(complaints) or "every test passed"


def world_of(test: OptionTest, tables: Tables) -> SimulatedWorld:
    """The world a test begins in. `UserError` for a fixture that is none."""
    fixture = Fixture.shipped(test.world, tables) if isinstance(test.world, str) else Fixture.of(test.world, tables)
    return SimulatedWorld.from_fixture(fixture, tables)


def try_option(option: CompiledOption, catalogue: LeafCatalogue, tables: Tables) -> SandboxReport:
    """Run every test of the option."""
    try:
        tests = tuple(_try(option, test, catalogue, tables) for test in option.document.tests)
    except UserError as error:
        return SandboxReport(passed=False, problem=f"{error.problem}; {error.remedy}")
    return SandboxReport(passed=all(test.passed for test in tests), tests=tests)


class _LoopClock:
    def now(self) -> float:
        """The virtual loop's time."""
        return asyncio.get_running_loop().time()


@dataclass(slots=True)
class _Stage:
    """A world with a body, and the records of what runs on it."""

    option: CompiledOption
    test: OptionTest
    catalogue: LeafCatalogue
    tables: Tables
    ticks: list[TickRecord] = field(default_factory=list[TickRecord])

    def play(self, script: Callable[[SimulatedBody, OptionRunner], Coroutine[Any, Any, Any]]) -> Any:
        """Run the script in a fresh world."""
        # A world and its bodies know each other; left to itself the collector lets dozens of them pile up.
        gc.collect()
        world = world_of(self.test, self.tables)
        body = SimulatedBody(world)

        async def main() -> Any:
            await body.open()
            await asyncio.sleep(_SETTLES)
            clock = _LoopClock()
            runner = LeafRunner(
                body,
                self.catalogue,
                clock,
                IdSource(self.option.document_hash),
                granted=self.option.permissions,
                record=_unrecorded,
            )
            try:
                return await script(body, OptionRunner(body, runner, clock))
            finally:
                runner.close()
                await body.close()

        return run_virtual(main(), world)

    async def run(self, options: OptionRunner) -> tuple[OptionResult, int]:
        """The option, again while its failure is one that may pass by itself and the test allows it."""
        runtime = self.test.expect.runtime
        state, clock = RunState(), _LoopClock()
        end = clock.now() + runtime.timeout_ms / 1000
        attempts = 0
        while True:
            attempts += 1
            result = await options.run(
                self.option,
                self.test.args,
                self.ticks.append,
                state=state,
                also=tuple(self.test.expect.post),
                limit_s=end - clock.now(),
            )
            again = result.error is not None and result.error.retryable and attempts <= runtime.max_retries
            if not again or clock.now() >= end:
                return result, attempts


def _unrecorded(_event: Event) -> None:
    """A test's actions are in its report; there is no journal they belong to."""


def _try(option: CompiledOption, test: OptionTest, catalogue: LeafCatalogue, tables: Tables) -> TestReport:
    stage = _Stage(option, test, catalogue, tables)

    async def whole(_body: SimulatedBody, options: OptionRunner) -> tuple[OptionResult, int, float, float]:
        began = _LoopClock().now()
        result, attempts = await stage.run(options)
        return result, attempts, began, _LoopClock().now()

    result, attempts, began, ended = stage.play(whole)
    timeout = test.expect.runtime.timeout_ms / 1000
    seconds = ended - began
    # Halting takes its time, and it is the run's time; what ran out of time was told so and has stopped.
    ran_out = result.error is not None and result.error.code is ExecErrorCode.STEP_TIMEOUT
    within = not ran_out and seconds <= timeout + _HALTS_WITHIN
    cancellation = None if not stage.ticks else _cancelled(stage, began + seconds / 2)
    sound = cancellation is None or (cancellation.still and cancellation.deterministic)
    counts: dict[str, int] = {}
    for leaf in result.leaves:
        counts[leaf.name] = counts.get(leaf.name, 0) + 1
    return TestReport(
        name=test.name,
        passed=result.ok and within and sound,
        error=result.error,
        attempts=attempts,
        seconds=round(seconds, 3),
        timeout_s=timeout,
        within_timeout=within,
        pre=result.pre,
        post=result.post,
        cancellation=cancellation,
        leaves=counts,
        trace_hash=_hash(stage.ticks),
        ticks=tuple(stage.ticks[:_TRACE]),
    )


def _cancelled(stage: _Stage, at: float) -> Cancellation:
    """Begin the test anew and cancel it at that time of its world."""
    again = _Stage(stage.option, stage.test, stage.catalogue, stage.tables)

    async def half(body: SimulatedBody, options: OptionRunner) -> tuple[float, float, bool]:
        clock = _LoopClock()
        task = asyncio.ensure_future(again.run(options))
        await asyncio.wait({task}, timeout=max(0.0, at - clock.now()))
        asked = clock.now()
        task.cancel()
        await asyncio.wait({task})
        lasted = clock.now() - asked
        return asked, lasted, _at_rest(body)

    asked, lasted, still = again.play(half)
    # What falls on the very moment of the cancellation may come before it or after.
    before = [tick for tick in stage.ticks if tick.at < asked - _MOMENT]
    same = again.ticks[: len(before)] == before
    return Cancellation(
        at=round(asked, 3), lasted=round(lasted, 3), still=still and lasted <= _HALTS_WITHIN, deterministic=same
    )


def _at_rest(body: SimulatedBody) -> bool:
    state = body.state()
    return not state.moving and math.hypot(state.velocity[0], state.velocity[2]) < 1e-3


def _hash(ticks: list[TickRecord]) -> str:
    return hashlib.sha256(canonical_json([tick.wire() for tick in ticks]).encode()).hexdigest()
