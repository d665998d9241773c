"""The mind: from what is to what to do, over and over.

One turn: get out of danger first; else perceive, weigh the needs, choose a goal, state it as an intent,
plan, execute, judge by what the world shows. Plans are made anew from the world as it is after every failure,
so an interrupted goal goes on where it stopped. What could not be found is looked for by exploring; where there
is no room for it, room is made; what keeps failing is left alone for a while; and there always is a goal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conscious_bot.body.port import Body, BodyEvent, BodyEventKind
from conscious_bot.cognition.goals import Goal, Suppression, choose_goal
from conscious_bot.cognition.needs import Need, needs_of
from conscious_bot.cognition.reflexes import Reflexes
from conscious_bot.contracts import (
    ActionFailed,
    Clock,
    Event,
    EventType,
    ExecError,
    ExecErrorCode,
    IdSource,
    Intent,
    Plan,
    PlanStep,
    Provenance,
    UserError,
)
from conscious_bot.execution.executor import Executor, PlanOutcome
from conscious_bot.memory.journal import Journal
from conscious_bot.planning.errors import NoPlan
from conscious_bot.planning.goals import (
    ENOUGH_FOOD,
    Collect,
    Eat,
    Explore,
    Navigate,
    Requirement,
    Stop,
    parse_goal,
)
from conscious_bot.planning.planner import Explored, Planner
from conscious_bot.world.food import food_to_eat
from conscious_bot.world.region import Box
from conscious_bot.world.snapshot import Snapshot

__all__ = ["GoalEnd", "Mind", "MindLimits"]

_LOOK_FOR_IT = frozenset({ExecErrorCode.SENSE_NOT_FOUND, ExecErrorCode.PATH_UNREACHABLE, ExecErrorCode.PATH_UNLOADED})
"""Failures that another place may mend."""

_TOLD = frozenset(
    {
        BodyEventKind.SPAWNED,
        BodyEventKind.DIED,
        BodyEventKind.RESPAWNED,
        BodyEventKind.CHAT,
        BodyEventKind.KICKED,
        BodyEventKind.DISCONNECTED,
        BodyEventKind.RECONNECTED,
        BodyEventKind.HURT,
    }
)
"""Body events that go into the journal; the others are too many and can be read from the world."""


@dataclass(frozen=True, slots=True)
class MindLimits:
    """How far to look and how long to insist."""

    sight: int = 32
    """Blocks to each side that one look around covers."""
    sight_up: int = 16
    explorations: int = 24
    """How often in a row the bot looks elsewhere before a goal is given up."""
    failures: int = 5
    """How many plans of one goal may fail in a row without any of their steps succeeding."""
    breath_s: float = 5.0
    """The pause after a goal that failed."""
    reconnect_s: float = 300.0


@dataclass(frozen=True, slots=True)
class GoalEnd:
    """How a goal ended: reached, given up with an error, or set aside for another."""

    goal: Goal
    outcome: Literal["reached", "failed", "preempted"]
    error: ExecError | None = None


@dataclass(slots=True)
class Mind:
    """One agent's loop over its body. `on_change` is called whenever goal, needs or plan change."""

    body: Body
    journal: Journal
    executor: Executor
    planner: Planner
    clock: Clock
    ids: IdSource
    record: Callable[..., None]
    limits: MindLimits = field(default_factory=MindLimits)
    on_change: Callable[[], None] = lambda: None
    goal: Goal | None = None
    needs: tuple[Need, ...] = ()
    explored: Explored = field(default_factory=Explored)
    deaths: int = 0
    reflexes: Reflexes = field(init=False)
    _orders: list[Plan] = field(default_factory=list[Plan])
    _requested: list[Goal] = field(default_factory=list[Goal])
    _recovered: Goal | None = None
    _suppression: Suppression = field(default_factory=Suppression)
    _connected: asyncio.Event = field(default_factory=asyncio.Event)
    _may_move: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reflexes = Reflexes(self.body, self.executor, self.clock, self.ids, self.record, self._execute)

    # ------------------------------------------------------------------ what others may ask

    def suggest(self, text: str, source: str) -> str:
        """Take up a goal stated in the grammar. Returns what will be done; UserError says why it won't."""
        try:
            requirement = parse_goal(text, self.body.tables)
        except UserError as error:
            self._signal(text, source, accepted=False, reason=str(error))
            raise
        self._signal(text, source, accepted=True, reason=None)
        if isinstance(requirement, Stop):
            self._requested.clear()
            self._may_move.clear()
            self.executor.preempt()
            return "stopping; I stand still until the next goal"
        self._may_move.set()
        goal = Goal(str(requirement), "user", f"{source} asked for it", 1.0)
        self._requested.append(goal)
        if self.goal is None or self.goal.source != "user":
            self._interrupt()
            return f"taking it up: {goal.text}"
        return f"next after {self.goal.text}: {goal.text}"

    def order(self, steps: Sequence[tuple[str, Mapping[str, Any]]], source: str) -> str:
        """Run these steps next, as they stand, each verified like any other. Returns the plan's id.

        Raises UserError for a verb the registry does not know or arguments that do not fit it.
        """
        wanted = [self._action(verb, args) for verb, args in steps]
        for verb, args in wanted:
            if verb not in self.executor.verbs:
                known = ", ".join(self.executor.verbs.names)
                raise UserError(f"the registry has no verb {verb!r}", f"known are: {known}")
            problem = self.executor.verbs.args_problem(verb, args)
            if problem:
                raise UserError(f"the arguments of {verb} do not fit: {problem}", "see GET /openapi.json")
        self._signal(
            f"{len(wanted)} steps: {', '.join(verb for verb, _ in wanted)}", source, accepted=True, reason=None
        )
        intent_id, plan_id = self.ids.new("intent"), self.ids.new("plan")
        drafts = tuple(PlanStep(step_id=self.ids.new("step"), type=verb, args=dict(args)) for verb, args in wanted)
        plan = Plan(
            plan_id=plan_id, intent_id=intent_id, planner="order", steps=drafts, rationale=f"ordered by {source}"
        )
        self._orders.append(plan)
        self._may_move.set()
        self._interrupt()
        return plan_id

    def _interrupt(self) -> None:
        """Have what is asked for come next; staying alive comes before it."""
        if not self.reflexes.reacting:
            self.executor.preempt()

    def _action(self, verb: str, args: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """The verb and its arguments in the leaf's own words; what is no action type stays as it is."""
        actions = self.executor.actions
        if verb not in actions:
            return verb, args
        try:
            action = actions.normalise(verb, args)
        except ActionFailed as refusal:
            raise UserError(f"{verb} cannot be done: {refusal.error.detail}", "name what it needs") from None
        return action.leaf, action.args

    def _signal(self, text: str, source: str, *, accepted: bool, reason: str | None) -> None:
        data: dict[str, Any] = {"text": text, "source": source, "accepted": accepted}
        if reason:
            data["reason"] = reason
        self.record(Event(type=EventType.SIGNAL, at=self.clock.now(), data=data))

    # ------------------------------------------------------------------ the loop

    async def live(self, goal: Goal | None = None) -> GoalEnd:
        """Live on for ever; with a goal, until that goal is reached or given up."""
        self._recall()
        if goal is not None:
            self._requested.append(goal)
        self._connected.set()
        self._may_move.set()
        forget = self.body.subscribe(self._hear)
        try:
            while True:
                end = await self._turn()
                if end is not None and goal is not None and end.goal == goal and end.outcome != "preempted":
                    return end
        finally:
            forget()

    async def _turn(self) -> GoalEnd | None:
        self.executor.rearm()
        if not self._may_move.is_set():
            self._choose(None)
            await self._may_move.wait()
            return None
        if self._orders:
            await self._execute(self._orders.pop(0))
            return None
        if await self.reflexes.react():
            return None
        try:
            snapshot = await self.perceive()
        except ActionFailed as failed:
            await self._out_of_reach(failed.error)
            return None
        self.needs = needs_of(snapshot)
        suppressed = self._suppression.active(self.clock.now())
        goal = choose_goal(self._requested, self._recovered, self.needs, suppressed)
        self._choose(goal)
        end = await self._pursue(goal)
        self._end(end)
        if end.outcome == "failed":
            # Refusals take no time in the world; without a breath the same goal would fail for ever at one moment.
            await asyncio.sleep(self.limits.breath_s)
        return end

    def _choose(self, goal: Goal | None) -> None:
        self.goal = goal
        if goal is not None:
            data = {"goal": goal.text, "source": goal.source, "reason": goal.reason, "urgency": goal.urgency}
            self.record(Event(type=EventType.GOAL_SELECTED, at=self.clock.now(), data=data), state=self._memory(goal))
        self.on_change()

    def _end(self, end: GoalEnd) -> None:
        if end.outcome != "preempted":
            if end.goal in self._requested:
                self._requested.remove(end.goal)
            self._recovered = None
        data: dict[str, Any] = {"goal": end.goal.text, "outcome": end.outcome}
        if end.error is not None:
            data["error"] = end.error.wire()
            # Whoever asked is told once and may ask again; needs would ask for ever.
            if end.goal.source == "system" and self._suppression.failed(
                end.goal.text, end.error.code, self.clock.now()
            ):
                data["suppressedFor"] = self._suppression.suppress_s
        self.record(Event(type=EventType.GOAL_ENDED, at=self.clock.now(), data=data), state=self._memory(None))
        self.goal = None
        self.on_change()

    # ------------------------------------------------------------------ one goal

    async def _pursue(self, goal: Goal) -> GoalEnd:
        requirement = parse_goal(goal.text, self.body.tables)
        intent = Intent(
            id=self.ids.new("intent"),
            source=goal.source,
            goal=goal.text,
            urgency=goal.urgency,
            context={"reason": goal.reason},
        )
        self.record(
            Event(
                type=EventType.INTENT,
                at=self.clock.now(),
                data=intent.wire(),
                provenance=Provenance(intent_id=intent.id),
            )
        )
        failures = explorations = 0
        lost_stations: set[str] = set()
        while True:
            try:
                snapshot = await self.perceive()
            except ActionFailed as failed:
                await self._out_of_reach(failed.error)
                continue
            if snapshot.state.alive and _reached(requirement, snapshot):
                return GoalEnd(goal, "reached")
            outcome = await self._plan_and_execute(requirement, intent, snapshot, lost_stations)
            if outcome.ok:
                failures = explorations = 0
                if isinstance(requirement, Explore):
                    return GoalEnd(goal, "reached")
                continue
            if outcome.preempted:
                return GoalEnd(goal, "preempted")
            assert outcome.error is not None  # noqa: S101 (an outcome is ok, preempted or carries an error)
            code = outcome.error.code
            if code is ExecErrorCode.BODY_DISCONNECTED:
                await self._out_of_reach(outcome.error)
                continue
            if code is ExecErrorCode.BODY_DEAD:
                continue  # the next plan begins with the respawn
            if any(view.status == "done" for view in self.executor.steps):
                failures = 0
            if code is ExecErrorCode.INVENTORY_FULL and await self._make_room(intent):
                continue
            # Nothing lying about after a kill says that it yielded nothing, or that it was picked up in passing.
            elsewhere = code in _LOOK_FOR_IT and (outcome.failed is None or outcome.failed.type != "collect_items")
            if elsewhere and isinstance(requirement, Collect) and explorations < self.limits.explorations:
                explorations += 1
                await self._plan_and_execute(Explore(), intent, await self.perceive())
                continue
            if outcome.failed is not None and outcome.failed.type == "place_workstation":
                lost_stations.add(outcome.failed.args["kind"])  # the next plan makes one of its own
            failures += 1
            if failures >= self.limits.failures or outcome.failed is None:
                return GoalEnd(goal, "failed", outcome.error)

    async def _plan_and_execute(
        self, requirement: Requirement, intent: Intent, snapshot: Snapshot, lost_stations: Collection[str] = ()
    ) -> PlanOutcome:
        self.explored.visit(snapshot.state.block)
        try:
            plan = self.planner.plan(requirement, intent, snapshot, self.explored, lost_stations)
        except NoPlan as none:
            self.record(
                Event(
                    type=EventType.PLAN_FAILED,
                    at=self.clock.now(),
                    data={"goal": intent.goal, "error": none.error.wire()},
                    provenance=Provenance(intent_id=intent.id),
                )
            )
            return PlanOutcome(ok=False, error=none.error)
        async with self.reflexes.on_guard():
            return await self._execute(plan)

    async def _make_room(self, intent: Intent) -> bool:
        """Throw away what can be spared; whether that made any room."""
        step_id = self.ids.new("step")
        step = PlanStep(
            step_id=step_id, type="manage_inventory", idempotency_key=step_id, rationale="nothing more fits in"
        )
        plan = Plan(
            plan_id=self.ids.new("plan"), intent_id=intent.id, planner="repair", steps=(step,),
            rationale="the inventory is full: what can be spared is thrown away",
        )  # fmt: skip
        async with self.reflexes.on_guard():
            outcome = await self._execute(plan)
        result = self.executor.steps[0].result
        return outcome.ok and result is not None and result.changed

    async def _execute(self, plan: Plan) -> PlanOutcome:
        provenance = Provenance(intent_id=plan.intent_id, plan_id=plan.plan_id)
        self.record(Event(type=EventType.PLAN_GENERATED, at=self.clock.now(), data=plan.wire(), provenance=provenance))
        return await self.executor.execute(plan)

    async def perceive(self) -> Snapshot:
        """Look around once. Raises ActionFailed if the world is out of reach."""
        state = await self.body.observe()
        box = Box.around(state.block, self.limits.sight, self.limits.sight_up, self.limits.sight_up)
        region = await self.body.scan(box)
        entities = await self.body.entities(float(self.limits.sight))
        return Snapshot(self.clock.now(), state, region, tuple(entities), self.body.tables)

    # ------------------------------------------------------------------ what befalls it

    def _hear(self, event: BodyEvent) -> None:
        if event.kind is BodyEventKind.DISCONNECTED:
            self._connected.clear()
        elif event.kind in (BodyEventKind.RECONNECTED, BodyEventKind.SPAWNED):
            self._connected.set()
        elif event.kind is BodyEventKind.DIED:
            self.deaths += 1
        self.reflexes.hear(event)
        if event.kind in _TOLD:
            self.record(Event(type=EventType.BODY, at=self.clock.now(), data={"kind": event.kind, **event.data}))
            self.on_change()

    async def _out_of_reach(self, error: ExecError) -> None:
        """Wait for the connection; the body itself tries to get it back."""
        if error.code is not ExecErrorCode.BODY_DISCONNECTED:
            await asyncio.sleep(1.0)
            return
        try:
            async with asyncio.timeout(self.limits.reconnect_s):
                await self._connected.wait()
        except TimeoutError:
            raise UserError(
                f"the world has been out of reach for {self.limits.reconnect_s:.0f} s",
                "check the server, then start the bot again: it goes on where it stopped",
            ) from None

    # ------------------------------------------------------------------ memory over restarts

    def _memory(self, goal: Goal | None) -> dict[str, Any]:
        kept = goal or self._recovered
        return {
            "mind": {
                "goal": None if kept is None else {"text": kept.text, "reason": kept.reason, "urgency": kept.urgency},
                "explored": self.explored.to_json(),
            }
        }

    def _recall(self) -> None:
        kept = self.journal.get("mind")
        if not kept:
            return
        self.explored = Explored.from_json(kept["explored"])
        if kept["goal"] is not None:
            self._recovered = Goal(kept["goal"]["text"], "memory", kept["goal"]["reason"], kept["goal"]["urgency"])


def _reached(requirement: Requirement, snapshot: Snapshot) -> bool:
    match requirement:
        case Collect(item, count):
            return snapshot.state.inventory.count(item) >= count
        case Navigate((x, y, z)):
            here = snapshot.state.block
            return max(abs(here[0] - x), abs(here[2] - z)) <= 1 and here[1] == y
        case Eat():
            state = snapshot.state
            return state.food >= ENOUGH_FOOD or food_to_eat(state.inventory, state.food, snapshot.tables) is None
        case _:
            return False
