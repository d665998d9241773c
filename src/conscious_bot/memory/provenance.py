"""The chain behind a step: intent -> plan -> step -> capability -> actions -> effects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conscious_bot.contracts import Event, EventType, Wire

__all__ = ["ActionTrace", "StepChain", "chain_of"]


class ActionTrace(Wire):
    """One dispatched action and what was observed of it. Without `ended` it was in flight when the record stops."""

    action_id: str
    started: Event | None = None
    ended: Event | None = None

    @property
    def effects(self) -> dict[str, Any]:
        """What the runner's probe saw: the `observables` of the action's result; empty if there is none."""
        if self.ended is None:
            return {}
        result = self.ended.data.get("result", self.ended.data)
        return dict(result.get("observables", {}))


class StepChain(Wire):
    """Everything recorded about one step, from the wish to its effects."""

    step_id: str
    intent_id: str | None = None
    plan_id: str | None = None
    capability: str | None = None
    intent: Event | None = None
    plan: Event | None = None
    step: tuple[Event, ...] = ()
    actions: tuple[ActionTrace, ...] = ()


def chain_of(step_id: str, own: Iterable[Event], ancestors: Iterable[Event]) -> StepChain:
    """Join a step's `own` events with those of its intent and plan (`ancestors`)."""
    ids: dict[str, str] = {}
    step: list[Event] = []
    starts: dict[str, Event] = {}
    ends: dict[str, Event] = {}
    order: dict[str, None] = {}
    for event in own:
        provenance = event.provenance
        for name in ("intent_id", "plan_id", "capability"):
            value = getattr(provenance, name)
            if value is not None:
                ids.setdefault(name, value)
        if event.type in (EventType.STEP_STARTED, EventType.STEP_ENDED):
            step.append(event)
        elif provenance.action_id is not None:
            order[provenance.action_id] = None
            if event.type is EventType.ACTION_STARTED:
                starts[provenance.action_id] = event
            elif event.type is EventType.ACTION_ENDED:
                ends[provenance.action_id] = event
    intent = plan = None
    for event in ancestors:
        if event.type is EventType.INTENT and event.provenance.intent_id == ids.get("intent_id"):
            intent = event
        elif event.type is EventType.PLAN_GENERATED and event.provenance.plan_id == ids.get("plan_id"):
            plan = event
    return StepChain(
        step_id=step_id,
        intent_id=ids.get("intent_id"),
        plan_id=ids.get("plan_id"),
        capability=ids.get("capability"),
        intent=intent,
        plan=plan,
        step=tuple(step),
        actions=tuple(ActionTrace(action_id=one, started=starts.get(one), ended=ends.get(one)) for one in order),
    )
