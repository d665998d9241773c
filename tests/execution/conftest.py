"""A bot in a flat simulated world with an executor over the real leaves, and leaves that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from conscious_bot.contracts import Event, EventType, IdSource, LeafSpec, Permission, Plan, PlanStep
from conscious_bot.execution.executor import Executor
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.context import LeafContext
from conscious_bot.leaves.contract import Outcome
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.registry.builtin import ACCEPTANCE
from conscious_bot.registry.verbs import Acceptance, Capability, Guard, VerbTable
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld


class LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


def spec(name: str, *, timeout_ms: int = 60_000, permission: Permission = Permission.MOVEMENT) -> LeafSpec:
    return LeafSpec(
        name=name,
        version="1.0.0",
        description="for tests",
        input_schema={"type": "object", "properties": {}, "additionalProperties": False},
        timeout_ms=timeout_ms,
        retries=0,
        permissions=frozenset({permission}),
        rate_limit_per_min=1000,
    )


class Hang:
    """Holds the body and does nothing: no command, no progress, no declared wait."""

    spec: ClassVar = spec("hang")

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        await asyncio.sleep(1000)
        return Outcome()


class Patient:
    """Does nothing for long, and says so."""

    spec: ClassVar = spec("patient", permission=Permission.SENSE)

    async def run(self, ctx: LeafContext, args: Mapping[str, Any]) -> Outcome:
        await ctx.sleep(20, "waiting for the kettle")
        return Outcome()


@dataclass
class Stage:
    world: SimulatedWorld
    body: SimulatedBody
    operator: SimulatedOperator
    events: list[Event] = field(default_factory=list)
    executor: Executor | None = None
    extra: dict[str, tuple[Guard, Acceptance]] = field(default_factory=dict)

    def play(self, script: Callable[[Stage, Executor], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            await self.body.open()
            await asyncio.sleep(0.5)
            catalogue = default_catalogue()
            for leaf in (Hang(), Patient()):
                catalogue.register(leaf)
            clock, ids = LoopClock(), IdSource("test")
            runner = LeafRunner(
                self.body, catalogue, clock, ids, granted=frozenset(Permission), record=self.events.append
            )
            checks = {**ACCEPTANCE, "hang": (_pass, _pass_after), "patient": (_pass, _pass_after), **self.extra}
            verbs = VerbTable(tuple(Capability(s, *checks[s.name]) for s in catalogue.specs()))
            executor = Executor(self.body, verbs, runner, clock, ids, self.events.append)
            try:
                return await script(self, executor)
            finally:
                await self.body.close()

        return run_virtual(main(), self.world)

    def ended(self) -> list[dict[str, Any]]:
        """What every step ended with."""
        return [event.data["result"] for event in self.events if event.type is EventType.STEP_ENDED]


def _pass(_state: object, _args: object) -> None:
    return None


def _pass_after(_evidence: object) -> None:
    return None


def plan_of(*steps: tuple[str, dict[str, Any]]) -> Plan:
    drafts = tuple(PlanStep(step_id=f"s{i}", type=verb, args=args) for i, (verb, args) in enumerate(steps))
    return Plan(plan_id="p", intent_id="i", planner="test", steps=drafts, rationale="a test")


@pytest.fixture
def stage() -> Stage:
    world = SimulatedWorld.create(1, Tables.builtin(), "flat")
    return Stage(world, SimulatedBody(world, "Bot"), SimulatedOperator(world))
