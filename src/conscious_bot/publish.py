"""What the service is shown of an agent, and what it may ask of it.

Runs on the agent's loop and only reads. A status goes out at most ten times a second of wall time,
whatever speed the world runs at.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from conscious_bot.body.port import Body, BodyEvent, BodyEventKind
from conscious_bot.cognition.mind import Mind
from conscious_bot.contracts import ActionFailed, BlockPos, UserError
from conscious_bot.execution.executor import StepView
from conscious_bot.service import models
from conscious_bot.service.commands import (
    Act,
    Command,
    CommandReply,
    ExecuteGoal,
    ExecuteSteps,
    ScannedWorld,
    ScanWorld,
    Suggestion,
    ViewerControl,
)
from conscious_bot.service.hub import Hub
from conscious_bot.service.models import (
    GoalView,
    MetricsView,
    NeedView,
    PlanView,
    Status,
    WorldView,
    body_view,
    inventory_view,
    step_view,
)
from conscious_bot.settings import RunSettings
from conscious_bot.world.region import Box
from conscious_bot.world.state import BodyState

__all__ = ["Publisher"]

INTERVAL_S = 0.1
"""Seconds of wall time between two statuses."""

REFRESH_BLOCKS = 8
"""The surroundings are told anew when the bot is this far from where they were last told."""


class Publisher:
    """Shows one agent to one hub."""

    def __init__(self, body: Body, mind: Mind, hub: Hub, settings: RunSettings) -> None:
        self._body = body
        self._mind = mind
        self._hub = hub
        self._settings = settings
        self._radius = 32
        self._center: BlockPos | None = None
        self._connected = True
        self._since = 0.0
        self._goal: str | None = None

    async def publish(self) -> None:
        """Show the agent until cancelled."""
        forget = self._body.subscribe(self._hear)
        pace = self._settings.speed if self._settings.server is None else 1.0
        # At full speed virtual time says nothing about the wall's: wake often, tell seldom.
        nap = INTERVAL_S * (pace or 10.0)
        told = 0.0
        try:
            while True:
                if time.monotonic() - told >= INTERVAL_S * 0.9:
                    told = time.monotonic()
                    await self._tell()
                await asyncio.sleep(nap)
        finally:
            forget()

    def _hear(self, event: BodyEvent) -> None:
        if event.kind is BodyEventKind.BLOCK:
            self._hub.publish_block_change(tuple(event.data["pos"]), event.data["state"])
        elif event.kind is BodyEventKind.DISCONNECTED:
            self._connected = False
        elif event.kind in (BodyEventKind.RECONNECTED, BodyEventKind.SPAWNED, BodyEventKind.RESPAWNED):
            self._connected = True
            self._center = None

    async def _tell(self) -> None:
        try:
            state = await self._body.observe()
            entities = await self._body.entities(float(self._radius))
            here = state.block
            if (
                self._center is None
                or max(abs(a - b) for a, b in zip(here, self._center, strict=True)) >= REFRESH_BLOCKS
            ):
                box = Box.around(here, self._radius, self._radius // 2, self._radius // 2)
                region = await self._body.scan(box, light=True)
                self._hub.publish_surroundings(region, self._body.tables)
                self._center = here
        except ActionFailed:
            # Out of reach for now: say so and keep the last picture. The mind records the reason.
            self._hub.publish_status(self._status(None))
            return
        self._hub.publish_entities(entities)
        self._hub.publish_status(self._status(state))

    def _status(self, state: BodyState | None) -> Status:
        mind, executor = self._mind, self._mind.executor
        now = mind.clock.now()
        goal_text = mind.goal.text if mind.goal else None
        if goal_text != self._goal:
            self._goal, self._since = goal_text, now
        server = self._settings.server
        metrics = executor.metrics
        activity = executor.runner.activity
        return Status(
            bot=self._body.name,
            world=WorldView(
                kind="sim" if server is None else "server",
                address=None if server is None else str(server),
                version=self._body.tables.version,
                seed=self._settings.seed if server is None else None,
            ),
            connected=self._connected and state is not None,
            activity=activity.progress or "" if activity is not None else "",
            body=body_view(state) if state is not None else None,
            inventory=None if state is None else inventory_view(state.inventory, state.selected, self._body.tables),
            goal=None
            if mind.goal is None
            else GoalView(text=mind.goal.text, reason=mind.goal.reason, since=self._since, source=mind.goal.source),
            needs=tuple(NeedView(name=need.kind, level=need.level, reason=need.reason) for need in mind.needs),
            plan=None
            if executor.plan is None
            else PlanView(
                plan_id=executor.plan.plan_id,
                planner=executor.plan.planner,
                rationale=executor.plan.rationale,
                steps=tuple(_step(view) for view in executor.steps),
            ),
            path=activity.ahead if activity is not None else (),
            target=activity.target if activity is not None else None,
            metrics=MetricsView(
                ttfa_p50_ms=_ms(metrics.percentile(0.5)),
                ttfa_p95_ms=_ms(metrics.percentile(0.95)),
                steps_dispatched=metrics.dispatched,
                steps_completed=metrics.completed,
                steps_failed=metrics.failed,
                deaths=mind.deaths,
            ),
            clock=now,
            speed=self._settings.speed,
        )

    async def handle(self, command: Command) -> CommandReply | ScannedWorld:
        """Answer a command of the service. Runs on the agent's loop."""
        match command:
            case Suggestion(text=text, source=source):
                return self._suggest(text, source)
            case ExecuteGoal(goal=text):
                return self._suggest(text, "operator")
            case Act(type=kind, parameters=parameters):
                return self._order([(kind, parameters)])
            case ExecuteSteps(steps=steps):
                return self._order([(step.type, step.args) for step in steps])
            case ViewerControl(radius=radius):
                self._radius = radius or self._radius
                self._center = None
                return CommandReply(accepted=True, reason=f"showing {self._radius} blocks around the bot")
            case ScanWorld(corner=corner, size=size):
                return await self._scan(corner, size)

    def _order(self, steps: Sequence[tuple[str, Mapping[str, Any]]]) -> CommandReply:
        try:
            plan_id = self._mind.order(steps, "operator")
        except UserError as error:
            return CommandReply(accepted=False, reason=f"{error.problem}; {error.remedy}")
        told = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
        return CommandReply(accepted=True, reason=f"running {told}", id=plan_id)

    async def _scan(self, corner: BlockPos | None, size: tuple[int, int, int]) -> ScannedWorld:
        if corner is None:
            x, y, z = (await self._body.observe()).block
            corner = (x - size[0] // 2, y - size[1] // 2, z - size[2] // 2)
        x, y, z = corner
        box = Box(corner, (x + size[0] - 1, y + size[1] - 1, z + size[2] - 1))
        return ScannedWorld(await self._body.scan(box), self._body.tables)

    def _suggest(self, text: str, source: str) -> CommandReply:
        try:
            return CommandReply(accepted=True, reason=self._mind.suggest(text, source))
        except UserError as error:
            return CommandReply(accepted=False, reason=f"{error.problem}; {error.remedy}")


def _step(view: StepView) -> models.StepView:
    shown = step_view(view.step, view.status)
    result = view.result
    return shown.model_copy(
        update={
            "started_at": view.started_at,
            "ended_at": view.ended_at,
            "attempts": view.attempts,
            "error": result.error if result else None,
            "output": result.observables.get("output") if result else None,
        }
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
