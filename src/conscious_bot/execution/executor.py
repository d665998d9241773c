"""The executor: one plan at a time, one step at a time, each checked before and after.

For every step, in this order:

- V1 the verb is in the table (`unknown_verb`);
- V2 the arguments fit its schema (`step.badArgs`);
- V3 its guard lets it pass (`guard_failed`);
- it runs as a behaviour tree under a deadline, watched for `stuck.loop`;
- V4 its acceptance holds over the body before and after (`effects_unmet`).

A step may also name an active option by its exact id. Its own conditions stand for V3 and V4, its tree is run
instead of a leaf, and the registry hears how it ended before the next step begins.

The steps of a plan share one run state: where the plan goes, which container it opened, what wall it put up.
A retryable failure is tried again at most `local_retries` times; then the plan ends with that failure
and planning decides. Every dispatched step ends with exactly one `step.ended` event, whatever happens;
a crash in between is the only exception, and the next start records it (`interrupted`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from conscious_bot.behavior import CompiledOption
from conscious_bot.behavior.compiler import single_leaf_program
from conscious_bot.body.port import Body, BodyEvent, BodyEventKind
from conscious_bot.contracts import (
    ActionFailed,
    ActionResult,
    Clock,
    Event,
    EventType,
    ExecError,
    ExecErrorCode,
    IdSource,
    LeafRunOptions,
    Plan,
    PlanStep,
    Provenance,
)
from conscious_bot.execution.limits import StepLimits
from conscious_bot.execution.metrics import StepMetrics
from conscious_bot.leaves.actions import ActionContracts
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.registry.verbs import Capability, Evidence, VerbTable
from conscious_bot.runtime.driver import LeafCall, TickRecord, TreeResult, run_tree
from conscious_bot.runtime.options import OptionResult, OptionRunner

__all__ = ["Executor", "OptionLedger", "PlanOutcome", "StepView"]

_T = TypeVar("_T")

StepStatus = Literal["pending", "running", "done", "failed", "skipped"]


@dataclass(slots=True)
class StepView:
    """Where a step stands, for whoever looks on."""

    step: PlanStep
    status: StepStatus = "pending"
    started_at: float | None = None
    ended_at: float | None = None
    attempts: int = 0
    result: ActionResult | None = None


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """How a plan ended. `failed` is the step that ended it, with its error; `preempted` if it was told to stop."""

    ok: bool
    failed: PlanStep | None = None
    error: ExecError | None = None
    preempted: bool = False


class OptionLedger(Protocol):
    """Who keeps account of the options that are run."""

    async def begin(self, option: CompiledOption) -> CompiledOption | ExecError:
        """Count a run that is about to begin: which version of the option runs, or why none may."""
        ...

    async def ended(
        self, option: CompiledOption, step: PlanStep, result: OptionResult, ticks: list[TickRecord], *, died: bool
    ) -> None:
        """Keep what came of a run, and draw the consequences. `died`: the body did while it ran."""
        ...


@dataclass(slots=True)
class Executor:
    """Runs plans on one body. `on_change` is called whenever a step's status changes."""

    body: Body
    verbs: VerbTable
    runner: LeafRunner
    clock: Clock
    ids: IdSource
    record: Callable[[Event], None]
    limits: StepLimits = field(default_factory=StepLimits)
    on_change: Callable[[], None] = lambda: None
    on_tick: Callable[[TickRecord], None] = lambda _record: None
    ledger: OptionLedger | None = None
    metrics: StepMetrics = field(default_factory=StepMetrics)
    plan: Plan | None = None
    steps: list[StepView] = field(default_factory=list[StepView])
    actions: ActionContracts = field(init=False)
    _state: RunState = field(default_factory=RunState)
    _preempt: asyncio.Event = field(default_factory=asyncio.Event)
    _grace_s: float = 0.0
    _busy: bool = False

    def __post_init__(self) -> None:
        self.actions = ActionContracts(self.runner.catalogue.specs())

    def preempt(self, grace_s: float | None = None) -> None:
        """Ask the running plan to wind down: its step gets `grace_s` seconds to end, later steps are skipped."""
        self._grace_s = self.limits.grace_s if grace_s is None else grace_s
        self._preempt.set()

    def rearm(self) -> None:
        """Forget the preemption; whoever runs plans calls this when it has chosen anew."""
        self._preempt.clear()

    async def execute(self, plan: Plan) -> PlanOutcome:
        """Run the plan to its end, its first lasting failure, or a preemption."""
        if self._busy:
            raise RuntimeError("one plan at a time: the executor is busy")
        self._busy = True
        self._state = RunState()
        self.plan, self.steps = plan, [StepView(self._normalised(step)) for step in plan.steps]
        self.on_change()
        try:
            for view in self.steps:
                if self._preempt.is_set():
                    return PlanOutcome(ok=False, preempted=True)
                result = await self._step(plan, view)
                if result.error is not None:
                    preempted = self._preempt.is_set() and result.error.code is ExecErrorCode.STEP_CANCELLED
                    return PlanOutcome(ok=False, failed=view.step, error=result.error, preempted=preempted)
            return PlanOutcome(ok=True)
        finally:
            for view in self.steps:
                if view.status == "pending":
                    view.status = "skipped"
            self._busy = False
            self.on_change()

    def _normalised(self, step: PlanStep) -> PlanStep:
        """The step in the leaf's own words. What cannot be put so is left as it is, and refused when its turn comes."""
        if step.type not in self.actions:
            return step
        try:
            action = self.actions.normalise(step.type, step.args)
        except ActionFailed:
            return step
        return step.model_copy(update={"type": action.leaf, "args": action.args})

    async def _step(self, plan: Plan, view: StepView) -> ActionResult:
        step = view.step
        capability, option = self.verbs.get(step.type), self.verbs.option(step.type)
        provenance = Provenance(
            intent_id=plan.intent_id,
            plan_id=plan.plan_id,
            step_id=step.step_id,
            capability=capability.id if capability else option.document.capability if option else None,
        )
        view.status, view.started_at = "running", self.clock.now()
        self.record(Event(type=EventType.STEP_STARTED, at=view.started_at, data=step.wire(), provenance=provenance))
        self.on_change()
        self.metrics.dispatched += 1
        try:
            result = await self._tries(capability or option, view, provenance)
        except asyncio.CancelledError:
            result = self._failure(view.started_at, ExecErrorCode.STEP_CANCELLED, "the run was ended")
            self._end(view, result, provenance)
            raise
        self._end(view, result, provenance)
        return result

    def _end(self, view: StepView, result: ActionResult, provenance: Provenance) -> None:
        view.status, view.ended_at, view.result = "done" if result.ok else "failed", self.clock.now(), result
        data: dict[str, Any] = {"type": view.step.type, "attempts": view.attempts, "result": result.wire()}
        self.record(Event(type=EventType.STEP_ENDED, at=view.ended_at, data=data, provenance=provenance))
        self.metrics.ended(result)
        self.on_change()

    async def _tries(
        self, capability: Capability | CompiledOption | None, view: StepView, provenance: Provenance
    ) -> ActionResult:
        """The step with its local retries."""
        started = self.clock.now()
        if view.step.type in self.actions:
            try:
                self.actions.normalise(view.step.type, view.step.args)
            except ActionFailed as refusal:
                return self._failure(started, refusal.code, refusal.error.detail)
        if capability is None:
            return self._failure(started, ExecErrorCode.UNKNOWN_VERB, f"the registry has no verb {view.step.type!r}")
        problem = self.verbs.args_problem(view.step.type, view.step.args)
        if problem:
            return self._failure(started, ExecErrorCode.STEP_BAD_ARGS, problem)
        wait = self.limits.retry_wait_s
        state = RunState()  # of an option alone: where it goes and has been is nobody else's business
        while True:
            view.attempts += 1
            if isinstance(capability, CompiledOption):
                result = await self._attempt_option(capability, view.step, state, provenance)
            else:
                result = await self._attempt(capability, view, provenance)
            if result.error is None or not result.error.retryable or self._preempt.is_set():
                return result
            if view.attempts > self.limits.local_retries:
                return result
            self.metrics.retries += 1
            await asyncio.sleep(wait)
            wait *= 2

    async def _attempt(self, capability: Capability, view: StepView, provenance: Provenance) -> ActionResult:
        started = self.clock.now()
        try:
            pre = await self.body.observe()
            obstacle = capability.guard(pre, view.step.args)
            if obstacle:
                return self._failure(started, ExecErrorCode.GUARD_FAILED, obstacle)
            result = await self._run(capability, view, provenance)
            if not result.ok:
                return result
            unmet = capability.acceptance(
                Evidence(pre, await self.body.observe(), view.step.args, result.observables.get("output", {}))
            )
        except ActionFailed as failed:  # observing failed: the world is out of reach
            return self._failure(started, failed.code, failed.error.detail)
        if unmet:
            return self._failure(started, ExecErrorCode.EFFECTS_UNMET, unmet)
        return result

    async def _run(self, capability: Capability, view: StepView, provenance: Provenance) -> ActionResult:
        """One run of the step's tree, watched. Whoever ends it first wins: the tree, the watch, a preemption."""
        started = self.clock.now()
        step = view.step
        # A retry is a new dispatch; only a repeat of the same attempt is collapsed (FM-05).
        key = f"{step.idempotency_key}/{view.attempts}" if step.idempotency_key else None

        async def run_leaf(name: str, args: Mapping[str, Any], _call: LeafCall) -> ActionResult:
            options = LeafRunOptions(idempotency_key=key)
            return await self.runner.run(name, args, options=options, provenance=provenance, state=self._state)

        program = single_leaf_program(capability.name, step.args)
        deadline = started + capability.spec.timeout_ms / 1000 + self.limits.slack_s
        ended = await self._watched(
            started, run_tree(program, step.args, run_leaf, self.clock, self.on_tick, deadline=deadline)
        )
        return ended if isinstance(ended, ActionResult) else self._result(ended)

    async def _attempt_option(
        self, option: CompiledOption, step: PlanStep, state: RunState, provenance: Provenance
    ) -> ActionResult:
        """One run of an option's tree, watched like a leaf's and told to the ledger."""
        started = self.clock.now()
        begun = option if self.ledger is None else await self.ledger.begin(option)
        if isinstance(begun, ExecError):
            return ActionResult(ok=False, error=begun, started_at=started, ended_at=self.clock.now())
        option = begun
        ticks: list[TickRecord] = []
        died = False

        def hear(event: BodyEvent) -> None:
            nonlocal died
            died = died or event.kind is BodyEventKind.DIED

        def on_tick(tick: TickRecord) -> None:
            ticks.append(tick)
            self.on_tick(tick)

        runner = OptionRunner(self.body, self.runner, self.clock)
        running = runner.run(option, step.args, on_tick, state=state, provenance=provenance)
        forget = self.body.subscribe(hear)
        try:
            ended = await self._watched(started, running)
        finally:
            forget()
        if isinstance(ended, ActionResult):
            result = OptionResult(ok=False, error=ended.error, started_at=started, ended_at=ended.ended_at)
        else:
            result = ended
        # That something else was more urgent says nothing of the option.
        preempted = result.error is not None and result.error.code is ExecErrorCode.STEP_CANCELLED
        if self.ledger is not None and not preempted:
            await self.ledger.ended(option, step, result, ticks, died=died)
        return self._option_result(result)

    def _option_result(self, result: OptionResult) -> ActionResult:
        first = next((leaf.result.observables.get("firstCommandAt") for leaf in result.leaves if leaf.result), None)
        if first is not None:
            self.metrics.first_action(first - result.started_at)
        judged = {"pre": [one.wire() for one in result.pre], "post": [one.wire() for one in result.post]}
        return ActionResult(
            ok=result.ok,
            changed=result.changed,
            error=result.error,
            started_at=result.started_at,
            ended_at=result.ended_at,
            observables={"output": judged, "leaves": len(result.leaves)},
        )

    async def _watched(self, started: float, work: Coroutine[Any, Any, _T]) -> _T | ActionResult:
        """What the work comes to, or the failure for which it was ended from outside."""
        doing = asyncio.ensure_future(work)
        watch = asyncio.ensure_future(self._watch(started))
        try:
            await asyncio.wait({doing, watch}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
        finally:
            for task in (doing, watch):
                task.cancel()
            await asyncio.gather(doing, watch, return_exceptions=True)
        return self._failure(started, *watch.result())

    def _result(self, tree: TreeResult) -> ActionResult:
        """The step's result: its leaf's own where the leaf ended, else what ended the tree."""
        leaf = tree.leaves[-1].result if tree.leaves else None
        if leaf is not None and leaf.ok == tree.ok:
            first = leaf.observables.get("firstCommandAt")
            if first is not None:
                self.metrics.first_action(first - tree.started_at)
            return leaf
        error = tree.error or ExecError.of(ExecErrorCode.UNKNOWN, "the tree ended without a reason")
        return ActionResult(ok=False, error=error, started_at=tree.started_at, ended_at=tree.ended_at)

    async def _watch(self, started: float) -> tuple[ExecErrorCode, str]:
        """Returns when the step must be ended from outside, with the code and the reason."""
        preempted = asyncio.ensure_future(self._preempt.wait())
        try:
            while True:
                activity = self.runner.activity
                now = self.clock.now()
                if activity is None or activity.started_at < started:
                    idle, quiet_until = now - started, started
                else:
                    idle, quiet_until = activity.idle_for(now), activity.declared_wait_until or started
                if idle > self.limits.stuck_s:
                    return ExecErrorCode.STUCK_LOOP, f"nothing was commanded or reported for {idle:.1f} s"
                patience = self.limits.stuck_s + max(0.0, quiet_until - now) - idle + 0.05
                await asyncio.wait({preempted}, timeout=patience)
                if preempted.done():
                    await asyncio.sleep(self._grace_s)
                    return ExecErrorCode.STEP_CANCELLED, "preempted by something more urgent"
        finally:
            preempted.cancel()

    def _failure(self, started: float, code: ExecErrorCode, detail: str | None) -> ActionResult:
        return ActionResult(ok=False, error=ExecError.of(code, detail), started_at=started, ended_at=self.clock.now())
