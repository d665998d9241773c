"""The leaf runner: the one door through which the world is changed.

Everything that makes a primitive trustworthy is enforced here, once, for all leaves: known name, schema,
permission, idempotency, rate, concurrency, the execution lock, timeout, retries, postconditions on the
runner's own observations, and a body that stands still on every way out. A run ends in an `ActionResult`;
nothing but a cancellation leaves `run` as an exception, and that only when the body has come to rest.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, TypeVar

import structlog

from conscious_bot.body.port import Body, BodyEvent, BodyEventKind
from conscious_bot.contracts import (
    ActionFailed,
    ActionResult,
    BlockPos,
    Clock,
    Event,
    EventType,
    ExecError,
    ExecErrorCode,
    IdSource,
    LeafRunOptions,
    Permission,
    Provenance,
)
from conscious_bot.leaves.activity import Activity
from conscious_bot.leaves.catalogue import LeafCatalogue, RegisteredLeaf
from conscious_bot.leaves.causes import failure_of
from conscious_bot.leaves.context import LeafContext, SensesView
from conscious_bot.leaves.contract import Outcome, commands_body
from conscious_bot.leaves.expectations import EntityGone, Environment, Expectation, Verdict
from conscious_bot.leaves.hands import EditPolicy, LeasedHands, UnrestrictedEdits, look_at_blocks
from conscious_bot.leaves.lighting import light_at
from conscious_bot.leaves.metrics import LeafMetrics
from conscious_bot.leaves.observation import Difference, Observation
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.threats import hostiles_present
from conscious_bot.sterling.learning import PathMemory
from conscious_bot.world.state import BodyState

__all__ = ["LeafRunner", "RunnerLimits"]

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

_SENSE_TROUBLE = frozenset(
    {ExecErrorCode.SENSE_API_ERROR, ExecErrorCode.BODY_DISCONNECTED, ExecErrorCode.PATH_UNLOADED}
)


_NOBODYS = Provenance()

_SEES = 32.0
"""How far the runner looks for the creatures an expectation speaks of, in blocks."""


@dataclass(frozen=True, slots=True)
class RunnerLimits:
    """The runner's own constants, in seconds. A look that is inconclusive is repeated `probes` times in all,
    with growing pauses; a contradicted one is looked at once more, for answers still on their way."""

    idempotency_window: float = 600.0
    back_off: float = 0.25
    probes: int = 5
    probe_pause: float = 0.1


@dataclass(slots=True)
class _Kept:
    """An idempotency key in use: which action it stands for, and what came of it."""

    action: str
    at: float
    result: asyncio.Future[ActionResult]


@dataclass(slots=True)
class _Run:
    """One dispatched action."""

    leaf: RegisteredLeaf
    args: dict[str, Any]
    provenance: Provenance
    activity: Activity
    exclusive: bool
    lease: LeasedHands
    context: LeafContext
    state: RunState
    before: Observation = field(default_factory=lambda: Observation(None))
    attempts: int = 0
    probes: int = 0
    sky: bool = False  # whether the leaf means to change night or weather
    targets: set[int] = field(default_factory=set[int])  # the creatures whose end it means
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the runner's own look at the world came to."""

    after: Observation
    error: ActionFailed | None
    verdicts: tuple[Verdict, ...] = ()


async def _to_its_end(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Await something that must not be cut short; a cancellation meanwhile is raised afterwards."""
    task = asyncio.ensure_future(coroutine)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.done() and task.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001, S110 - the task keeps it; `result` below raises it
            pass
    if cancelled is not None:
        if task.exception() is not None:
            _log.error("failed while being cancelled", exc_info=task.exception())
        raise cancelled
    return task.result()


def _traced(chain: Provenance, action_id: str, capability: str) -> Provenance:
    return Provenance(
        intent_id=chain.intent_id,
        plan_id=chain.plan_id,
        step_id=chain.step_id,
        capability=capability,
        action_id=action_id,
    )


def _told(expectations: Sequence[Expectation]) -> str:
    return "; ".join(json.dumps(e.wire(), sort_keys=True) for e in expectations)


class LeafRunner:
    """Runs leaves on one body. It claims the body's hands for itself and lends them, run by run.

    `granted` are the permissions that leaves may use here; `record` hears an event at the start and the
    end of every action; `seed` seeds each run's chance together with its action id; `ways` is what earlier
    walks have taught, and learns from these; `own` are the cells that these hands have filled, and is kept.
    """

    def __init__(
        self,
        body: Body,
        catalogue: LeafCatalogue,
        clock: Clock,
        ids: IdSource,
        *,
        granted: frozenset[Permission],
        record: Callable[[Event], None],
        seed: int | str = 0,
        policy: EditPolicy | None = None,
        ways: PathMemory | None = None,
        own: set[BlockPos] | None = None,
        limits: RunnerLimits | None = None,
    ) -> None:
        self._body = body
        self._hands = body.claim_hands()
        self._senses = SensesView(body)
        self._catalogue = catalogue
        self._clock = clock
        self._ids = ids
        self._granted = granted
        self._record = record
        self._seed = seed
        self._policy = policy or UnrestrictedEdits()
        self._ways = PathMemory() if ways is None else ways
        self._own = set[BlockPos]() if own is None else own
        self._limits = limits or RunnerLimits()
        self._holder: _Run | None = None
        self._active: dict[str, _Run] = {}
        self._running: Counter[str] = Counter()
        self._starts: dict[str, deque[float]] = {}
        self._kept: dict[str, _Kept] = {}
        self.metrics: dict[str, LeafMetrics] = {}
        self._unsubscribe = body.subscribe(self._hear)

    @property
    def policy(self) -> EditPolicy:
        """Which blocks its leaves may change."""
        return self._policy

    @property
    def catalogue(self) -> LeafCatalogue:
        """The leaves it runs."""
        return self._catalogue

    @property
    def activity(self) -> Activity | None:
        """Signs of life of the run that holds the body, else of the latest other one; None while nothing runs."""
        if self._holder is not None:
            return self._holder.activity
        return next((run.activity for run in reversed(self._active.values())), None)

    @property
    def unknown_errors(self) -> int:
        """How often a cause without a code came up: each is a bug."""
        return sum(metrics.failures[ExecErrorCode.UNKNOWN] for metrics in self.metrics.values())

    def close(self) -> None:
        """Stop hearing the body's events. The body is closed by whoever opened it."""
        self._unsubscribe()

    async def run(
        self,
        name: str,
        args: Mapping[str, Any],
        *,
        options: LeafRunOptions | None = None,
        provenance: Provenance | None = None,
        state: RunState | None = None,
    ) -> ActionResult:
        """Run a leaf (`name` or `name@version`) and say what came of it, as observed.

        `state` is that of the tree the leaf belongs to; without one the leaf is a run of its own.
        Raises nothing but CancelledError, and that after the body stands still. (What `record` raises
        passes through as well: what cannot be recorded is not done.)
        """
        mark = perf_counter()
        options = options or LeafRunOptions()
        provenance = provenance or _NOBODYS
        now = self._clock.now()
        try:
            leaf, filled = self._admit(name, args)
        except ActionFailed as refusal:
            return self._refuse(name, refusal, provenance, now)
        key = options.idempotency_key
        action = "" if key is None else json.dumps([leaf.spec.id, filled], sort_keys=True)
        earlier = None if key is None else self._earlier(key, now)
        if earlier is not None:
            if earlier.action != action:
                detail = f"the idempotency key {key!r} stands for another action"
                return self._refuse(leaf.spec.id, ActionFailed(ExecErrorCode.STEP_BAD_ARGS, detail), provenance, now)
            self._metrics(leaf.spec.id).repeats += 1
            return await asyncio.shield(earlier.result)
        try:
            run = self._reserve(leaf, filled, provenance, now, state or RunState())
        except ActionFailed as refusal:
            return self._refuse(leaf.spec.id, refusal, provenance, now)
        if key is None:
            return await self._act(run, options, mark)
        kept = _Kept(action, now, asyncio.get_running_loop().create_future())
        self._kept[key] = kept
        try:
            result = await self._act(run, options, mark)
        except BaseException:
            # What was cut short may be taken up again under the same key; who waited for it is told so.
            del self._kept[key]
            kept.result.set_result(self._cancelled(run))
            raise
        kept.result.set_result(result)
        return result

    # ------------------------------------------------------------------ admission

    def _admit(self, name: str, args: Mapping[str, Any]) -> tuple[RegisteredLeaf, dict[str, Any]]:
        leaf = self._catalogue.get(name)
        if leaf is None:
            raise ActionFailed(ExecErrorCode.UNKNOWN_VERB, f"there is no leaf {name!r}")
        filled = leaf.inputs.filled(args)
        leaf.inputs.check(filled)
        missing = leaf.spec.permissions_for(filled) - self._granted
        if missing:
            raise ActionFailed(
                ExecErrorCode.PERMISSION_DENIED, f"{leaf.spec.id} needs {', '.join(sorted(missing))}, not granted here"
            )
        return leaf, filled

    def _earlier(self, key: str, now: float) -> _Kept | None:
        window = self._limits.idempotency_window
        for old in [k for k, kept in self._kept.items() if kept.result.done() and now - kept.at > window]:
            del self._kept[old]
        return self._kept.get(key)

    def _reserve(
        self, leaf: RegisteredLeaf, args: dict[str, Any], provenance: Provenance, now: float, state: RunState
    ) -> _Run:
        """Take a place for the run, or raise limit.rate or limit.concurrency."""
        spec = leaf.spec
        starts = self._starts.setdefault(spec.id, deque())
        while starts and now - starts[0] >= 60.0:
            starts.popleft()
        if len(starts) >= spec.rate_limit_per_min:
            wait = 60.0 - (now - starts[0])
            detail = f"{spec.id} ran {len(starts)} times in the last minute; free again in {wait:.1f} s"
            raise ActionFailed(ExecErrorCode.LIMIT_RATE, detail)
        if self._running[spec.id] >= spec.max_concurrent:
            detail = f"{spec.id} runs already, {spec.max_concurrent} at most"
            raise ActionFailed(ExecErrorCode.LIMIT_CONCURRENCY, detail)
        exclusive = commands_body(spec)
        if exclusive and self._holder is not None:
            other = self._holder.activity
            detail = f"the body is held by {other.leaf} ({other.action_id})"
            raise ActionFailed(ExecErrorCode.LIMIT_CONCURRENCY, detail)
        action_id = self._ids.new("act")
        permissions = spec.permissions_for(args)
        activity = Activity(action_id=action_id, leaf=spec.id, started_at=now)
        lease = LeasedHands(
            self._hands,
            self._senses,
            permissions=permissions,
            policy=self._policy,
            clock=self._clock,
            activity=activity,
            run=state,
            own=self._own,
        )

        async def look(expect: Sequence[Expectation]) -> None:
            await self._note(run, expect)

        context = LeafContext(
            senses=self._senses,
            hands=lease,
            clock=self._clock,
            seed=f"{self._seed}/{action_id}",
            activity=activity,
            policy=self._policy,
            permissions=permissions,
            ways=self._ways,
            run=state,
            look=look,
        )
        traced = _traced(provenance, action_id, spec.id)
        run = _Run(leaf, args, traced, activity, exclusive, lease, context, state)
        if provenance.capability not in (None, spec.id):
            run.facts["within"] = provenance.capability
        starts.append(now)
        self._running[spec.id] += 1
        self._active[action_id] = run
        if exclusive:
            self._holder = run
        return run

    # ------------------------------------------------------------------ acting

    async def _act(self, run: _Run, options: LeafRunOptions, mark: float) -> ActionResult:
        spec = run.leaf.spec
        try:
            self._emit(EventType.ACTION_STARTED, run, {"leaf": spec.id, "args": run.args, **run.facts})
            overhead = perf_counter() - mark
            try:
                result = await self._attempt_until_done(run, (options.timeout_ms or spec.timeout_ms) / 1000)
            except asyncio.CancelledError:
                run.lease.revoke()
                try:
                    await self._rest(run)
                finally:
                    self._end(run, self._cancelled(run), overhead)
                raise
            mark = perf_counter()
            self._end(run, result, overhead, mark)
            return result
        finally:
            run.lease.revoke()
            self._running[spec.id] -= 1
            del self._active[run.activity.action_id]
            if self._holder is run:
                self._holder = None

    async def _attempt_until_done(self, run: _Run, timeout: float) -> ActionResult:  # noqa: ASYNC109 - the leaf's own
        """Attempts within the timeout, then the body at rest, then the verdict."""
        judged: _Judged | None = None
        failure: ActionFailed | None = None
        outcome = Outcome()
        scope: asyncio.Timeout | None = None
        try:
            async with asyncio.timeout(timeout) as scope:
                if run.exclusive:
                    before = await self._body.observe()
                    run.state.stood_in([before.block])
                    run.before = Observation(before)
                while True:
                    run.attempts += 1
                    outcome, judged, failure = await self._attempt(run)
                    if failure is None or not self._again(run, failure, judged):
                        break
                    await self._rest(run)
                    pause = self._limits.back_off * 2 ** (run.attempts - 1)
                    await run.context.sleep(pause, f"before attempt {run.attempts + 1}, after {failure.code}")
        except TimeoutError as error:
            if scope is not None and scope.expired():
                failure = ActionFailed(ExecErrorCode.STEP_TIMEOUT, f"{run.leaf.spec.id} was not done in {timeout:g} s")
            else:
                failure = self._failure(run, error)
            judged = None
        except ActionFailed as error:
            judged, failure = None, error
        except Exception as error:  # noqa: BLE001 - a cause without a code ends here, counted and logged
            judged, failure = None, self._failure(run, error)
        run.lease.revoke()
        if judged is None and run.exclusive:
            failure = await self._rest(run) or failure
            judged = _Judged((await self._look(run, ()))[0], failure)
        return self._result(run, outcome, judged, failure)

    async def _attempt(self, run: _Run) -> tuple[Outcome, _Judged | None, ActionFailed | None]:
        """One run of the leaf and the look at what it did. A failure that speaks for itself is not looked into."""
        try:
            outcome = await run.leaf.leaf.run(run.context, run.args)
        except ActionFailed as error:
            return Outcome(), None, error
        if run.leaf.output is not None:
            problem = run.leaf.output.problem(outcome.output)
            if problem is not None:
                raise TypeError(f"the output of {run.leaf.spec.id} does not fit its schema: {problem}")
        if not run.exclusive:
            return outcome, None, None
        trouble = await self._rest(run)
        if trouble is not None:
            return outcome, None, trouble
        judged = await self._judge(run, outcome)
        return outcome, judged, judged.error

    def _again(self, run: _Run, failure: ActionFailed, judged: _Judged | None) -> bool:
        """Whether to dispatch once more: retries left, a retryable code, and no half-done effect to repeat."""
        if run.attempts > run.leaf.spec.retries or not failure.code.retryable:
            return False
        if judged is None:
            return True
        return not self._difference(run, judged.after).any

    async def _rest(self, run: _Run) -> ActionFailed | None:
        """Bring the body to rest if the run commanded it. Returns what went wrong, if anything did."""
        if not run.exclusive or run.activity.commands == 0:
            return None
        try:
            await _to_its_end(self._body.stop())
        except ActionFailed as error:
            run.facts["stopFailed"] = error.error.wire()
            return error
        except Exception as error:  # noqa: BLE001 - counted and logged as a cause without a code
            return self._failure(run, error)
        return None

    # ------------------------------------------------------------------ looking

    async def _look(self, run: _Run, expect: Sequence[Expectation]) -> tuple[Observation, ActionFailed | None]:
        """The runner's own observation; what cannot be seen now is left out, and why is said."""
        run.probes += 1
        try:
            state = await self._body.observe()
            run.state.stood_in([state.block])
            return await self._seen(run, expect, {*run.lease.seen_before}, state), None
        except ActionFailed as error:
            run.facts["lookFailed"] = error.error.wire()
            return Observation(None), error
        except Exception as error:  # noqa: BLE001 - counted and logged as a cause without a code
            return Observation(None), self._failure(run, error)

    async def _seen(
        self, run: _Run, expect: Sequence[Expectation], cells: set[BlockPos], state: BodyState | None = None
    ) -> Observation:
        """The body's `state`, and what expectations speak of besides, and these cells, as it is now."""
        before = run.before
        lit = {cell for e in expect for cell in e.lit} | set(before.light)
        creatures = before.entities is not None or any(e.creatures for e in expect)
        threats = before.threats is not None or any(e.threats for e in expect)
        return Observation(
            state,
            await look_at_blocks(self._senses, {*cells, *(cell for e in expect for cell in e.cells)}),
            await light_at(self._senses, lit) if lit else {},
            {e.id: e for e in await self._senses.entities(_SEES)} if creatures else None,
            frozenset(t.view.id for t in await hostiles_present(self._senses, run.state)) if threats else None,
        )

    async def _note(self, run: _Run, expect: Sequence[Expectation]) -> None:
        """Add to what was seen before; what was noted once stays as it was then."""
        run.sky = run.sky or any(isinstance(e, Environment) for e in expect)
        run.targets.update(e.entity for e in expect if isinstance(e, EntityGone))
        await run.lease.watch(cell for e in expect for cell in e.cells)
        before, now = run.before, await self._seen(run, expect, set())
        run.before = replace(
            before,
            light={**now.light, **before.light},
            entities=before.entities if before.entities is not None else now.entities,
            threats=before.threats if before.threats is not None else now.threats,
        )

    async def _judge(self, run: _Run, outcome: Outcome) -> _Judged:
        """Look until every expectation is verified or contradicted, a bounded number of times."""
        expect = outcome.expect
        if not expect:
            detail = f"{run.leaf.spec.id} commands the body and named nothing to verify"
            return _Judged(Observation(None), ActionFailed(ExecErrorCode.EFFECTS_UNMET, detail))
        probe = 0
        while True:
            after, trouble = await self._look(run, expect)
            before = self._before(run)
            verdicts = tuple(e.judge(before, after, self._body.tables) for e in expect)
            if all(v is Verdict.VERIFIED for v in verdicts):
                return _Judged(after, self._postcondition_problem(run, after), verdicts)
            dead = after.state is not None and not after.state.alive
            if dead or (trouble is not None and trouble.code is ExecErrorCode.BODY_DEAD):
                return _Judged(after, ActionFailed(ExecErrorCode.BODY_DEAD, "the bot died meanwhile"), verdicts)
            probe += 1
            unmet = [e for e, v in zip(expect, verdicts, strict=True) if v is Verdict.CONTRADICTED]
            if unmet and probe > 1:
                return _Judged(after, ActionFailed(unmet[0].failure, f"not so: {_told(unmet)}"), verdicts)
            if probe >= self._limits.probes:
                unseen = [e for e, v in zip(expect, verdicts, strict=True) if v is Verdict.INCONCLUSIVE]
                failure = ActionFailed(ExecErrorCode.STEP_INCONCLUSIVE, f"could not see: {_told(unseen)}")
                return _Judged(after, failure, verdicts)
            await run.context.sleep(self._limits.probe_pause * probe, "looking again")

    def _before(self, run: _Run) -> Observation:
        before = run.before
        return Observation(before.state, run.lease.seen_before, before.light, before.entities, before.threats)

    def _difference(self, run: _Run, after: Observation) -> Difference:
        return Difference.between(
            self._before(run),
            after,
            self._body.tables,
            walked=run.lease.walked,
            sky=run.sky,
            targets=run.targets,
        )

    def _postcondition_problem(self, run: _Run, after: Observation) -> ActionFailed | None:
        if run.leaf.postconditions is None:
            return None
        problem = run.leaf.postconditions.problem(self._difference(run, after).wire())
        return None if problem is None else ActionFailed(ExecErrorCode.EFFECTS_UNMET, f"the difference: {problem}")

    # ------------------------------------------------------------------ results and records

    def _result(
        self, run: _Run, outcome: Outcome, judged: _Judged | None, failure: ActionFailed | None
    ) -> ActionResult:
        observables: dict[str, Any] = {"actionId": run.activity.action_id, "leaf": run.leaf.spec.id}
        observables["attempts"] = run.attempts
        if outcome.output:
            observables["output"] = outcome.output
        changed = False
        if judged is not None:
            difference = self._difference(run, judged.after)
            changed = difference.any
            if changed:
                observables["difference"] = difference.wire()
            if judged.verdicts:
                observables["expectations"] = [
                    {**e.wire(), "verdict": v.value} for e, v in zip(outcome.expect, judged.verdicts, strict=True)
                ]
            if failure is None and not changed:
                held = [e.held_before(self._before(run), self._body.tables) for e in outcome.expect]
                if all(held):
                    observables["heldBefore"] = True
                else:
                    detail = "nothing changed, and it was not seen that the effect had held before"
                    failure = ActionFailed(ExecErrorCode.EFFECTS_UNMET, detail)
            observables["probes"] = run.probes
        observables["commands"] = run.activity.commands
        if run.activity.first_command_at is not None:
            observables["firstCommandAt"] = run.activity.first_command_at
        if run.lease.denied is not None:
            observables["denied"] = run.lease.denied
        observables.update(run.facts)
        return ActionResult(
            ok=failure is None,
            changed=changed,
            error=None if failure is None else failure.error,
            started_at=run.activity.started_at,
            ended_at=self._clock.now(),
            observables=observables,
        )

    def _cancelled(self, run: _Run) -> ActionResult:
        return ActionResult(
            ok=False,
            error=ExecError.of(ExecErrorCode.STEP_CANCELLED, f"{run.leaf.spec.id} was cancelled"),
            started_at=run.activity.started_at,
            ended_at=self._clock.now(),
            observables={
                "actionId": run.activity.action_id,
                "leaf": run.leaf.spec.id,
                "attempts": run.attempts,
                **run.facts,
            },
        )

    def _failure(self, run: _Run, error: BaseException) -> ActionFailed:
        """The failure for something thrown. Without a code it is a bug: logged with its traceback, and counted."""
        known = failure_of(error)
        if known is not None:
            return known
        _log.error("a leaf failed for a cause without a code", leaf=run.leaf.spec.id, exc_info=error)
        return ActionFailed(ExecErrorCode.UNKNOWN, f"{type(error).__name__}: {error}")

    def _refuse(self, leaf: str, refusal: ActionFailed, provenance: Provenance, now: float) -> ActionResult:
        """The result of an action that never reached the body."""
        metrics = self._metrics(leaf if self._catalogue.get(leaf) is not None else "?")
        metrics.failures[refusal.code] += 1
        action_id = self._ids.new("act")
        result = ActionResult(
            ok=False,
            error=refusal.error,
            started_at=now,
            ended_at=now,
            observables={"actionId": action_id, "leaf": leaf, "refused": True},
        )
        traced = _traced(provenance, action_id, leaf)
        self._record(Event(type=EventType.ACTION_ENDED, at=now, data=result.wire(), provenance=traced))
        return result

    def _metrics(self, leaf: str) -> LeafMetrics:
        return self.metrics.setdefault(leaf, LeafMetrics())

    def _emit(self, kind: EventType, run: _Run, data: dict[str, Any]) -> None:
        self._record(Event(type=kind, at=self._clock.now(), data=data, provenance=run.provenance))

    def _end(self, run: _Run, result: ActionResult, overhead: float, mark: float | None = None) -> None:
        """Count and record the end."""
        spec = run.leaf.spec
        metrics = self._metrics(spec.id)
        metrics.runs += 1
        metrics.ok += result.ok
        metrics.changed += result.ok and result.changed
        metrics.retries += max(0, run.attempts - 1)
        if result.error is not None:
            metrics.failures[result.error.code] += 1
        metrics.durations.append(result.ended_at - result.started_at)
        if run.activity.first_command_at is not None:
            metrics.first_command.append(run.activity.first_command_at - run.activity.started_at)
        self._emit(EventType.ACTION_ENDED, run, result.wire())
        metrics.overhead.append(overhead + (0.0 if mark is None else perf_counter() - mark))

    def _hear(self, event: BodyEvent) -> None:
        """The body's own progress counts as a sign of life of the run that holds it."""
        if event.kind is BodyEventKind.PROGRESS and self._holder is not None:
            activity = self._holder.activity
            activity.report(self._clock.now(), None, None)
            if event.data.get("action") == "follow":
                activity.walked = event.data["done"]
