"""Staying alive: watches for danger while plans run, and reacts before anything else is pursued.

A danger found while a plan runs makes the executor wind it down; the goal it belongs to is chosen anew when the
danger is over, and planned from the world as it is then. Reactions are plans like any other: stated as an intent,
executed step by step, verified, recorded with what was seen and why.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from conscious_bot.body.port import Body, BodyEvent, BodyEventKind
from conscious_bot.cognition.dangers import Danger, Reaction, danger_to
from conscious_bot.contracts import (
    ActionFailed,
    BlockPos,
    Clock,
    Event,
    EventType,
    ExecErrorCode,
    IdSource,
    Intent,
    Plan,
    PlanStep,
    Provenance,
)
from conscious_bot.execution.executor import Executor, PlanOutcome

__all__ = ["ReflexLimits", "Reflexes"]

_OVER = frozenset({ExecErrorCode.BODY_DEAD, ExecErrorCode.BODY_DISCONNECTED, ExecErrorCode.COMBAT_THREAT_PERSISTS})
"""Failures after which no other reaction is tried: the body is dead, away, or sits behind its wall."""


@dataclass(frozen=True, slots=True)
class ReflexLimits:
    """Times in seconds of the run's clock."""

    look_every_s: float = 1.0
    """How often danger is looked for while a plan runs; a blow is looked into at once."""
    wind_down_s: float = 0.25
    """How long a step may go on after an urgent danger was seen (the documents allow up to 5 s)."""
    resign_s: float = 4.0
    """After every reaction has failed an urgent danger is left alone for so long, and the goal goes on."""
    later_s: float = 60.0
    """The same for what is not urgent."""


@dataclass(slots=True)
class Reflexes:
    """The reactions of one body."""

    body: Body
    executor: Executor
    clock: Clock
    ids: IdSource
    record: Callable[[Event], None]
    execute: Callable[[Plan], Awaitable[PlanOutcome]]
    limits: ReflexLimits = field(default_factory=ReflexLimits)
    reacting: bool = False
    """Whether a reaction is under way: wishes wait until it is over."""
    _wall: BlockPos | None = None
    _resigned: dict[str, float] = field(default_factory=dict[str, float])
    _blow: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: BodyEvent) -> None:
        """Told by the body: a blow is a reason to look at once."""
        if event.kind is BodyEventKind.HURT:
            self._blow.set()

    @asynccontextmanager
    async def on_guard(self) -> AsyncGenerator[None]:
        """While inside, danger makes the executor wind down what it runs."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def react(self) -> bool:
        """Do what the danger of the moment asks for, if there is any; whether something was done."""
        danger = await self._danger()
        if danger is None:
            return False
        intent = Intent(
            id=self.ids.new("intent"), source="system", goal=f"stay alive: {danger.kind}", urgency=1.0,
            context={"reason": danger.seen},
        )  # fmt: skip
        provenance = Provenance(intent_id=intent.id)
        self.record(Event(type=EventType.INTENT, at=self.clock.now(), data=intent.wire(), provenance=provenance))
        self.reacting = True
        try:
            await self._try(danger, intent)
        finally:
            self.reacting = False
        return True

    async def _try(self, danger: Danger, intent: Intent) -> None:
        """The reactions in order, until one helps."""
        for reaction in danger.reactions:
            began = self.clock.now()
            outcome = await self.execute(self._plan(danger, reaction, intent))
            await self._remember_wall(outcome)
            # What succeeds in no time has changed nothing: the danger would be there again at the same moment.
            done = outcome.ok and self.clock.now() > began
            if done or outcome.preempted or (outcome.error is not None and outcome.error.code in _OVER):
                return
        pause = self.limits.resign_s if danger.urgent else self.limits.later_s
        self._resigned[danger.kind] = self.clock.now() + pause

    def _plan(self, danger: Danger, reaction: Reaction, intent: Intent) -> Plan:
        steps = tuple(
            PlanStep(
                step_id=(step := self.ids.new("step")),
                type=verb,
                args=args,
                idempotency_key=step,
                rationale=reaction.why,
            )
            for verb, args in reaction.steps
        )
        return Plan(
            plan_id=self.ids.new("plan"),
            intent_id=intent.id,
            planner="reflex",
            steps=steps,
            rationale=f"{danger.seen}: {reaction.why}",
        )

    async def _danger(self) -> Danger | None:
        try:
            danger = await danger_to(self.body, self._wall)
        except ActionFailed:
            return None  # out of reach: whoever wants to act is told so
        if danger is not None and self._resigned.get(danger.kind, 0.0) > self.clock.now():
            return None
        return danger

    async def _remember_wall(self, outcome: PlanOutcome) -> None:
        """Where the body sits behind a wall that it left standing."""
        failed = outcome.failed
        if failed is None or failed.type != "retreat_and_block":
            if outcome.ok and self.executor.steps[-1].step.type == "retreat_and_block":
                self._wall = None
            return
        persists = outcome.error is not None and outcome.error.code is ExecErrorCode.COMBAT_THREAT_PERSISTS
        self._wall = (await self.body.observe()).block if persists else None

    async def _watch(self) -> None:
        """Ends when it has found a danger and said so."""
        while True:
            try:
                async with asyncio.timeout(self.limits.look_every_s):
                    await self._blow.wait()
            except TimeoutError:
                pass
            self._blow.clear()
            danger = await self._danger()
            if danger is not None:
                self.executor.preempt(self.limits.wind_down_s if danger.urgent else None)
                return
