"""What happened, as it is recorded and broadcast.

One envelope for everything: `type` says what, `data` holds its facts, and the provenance ids link it
back: intent, plan, step, capability, action. Ids derive from the run's seed, so equal runs have equal
events; wall-clock times are kept elsewhere.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from conscious_bot.contracts.base import Wire

__all__ = ["Event", "EventType", "Provenance"]


class EventType(StrEnum):
    """Every kind of event of the run. The spelling is the wire format."""

    RUN_STARTED = "run.started"
    RUN_RESUMED = "run.resumed"
    RUN_ENDED = "run.ended"
    BODY = "body"  # spawn, death, kicked, chat, reconnect ...: data.kind says which
    SIGNAL = "signal"
    GOAL_SELECTED = "goal.selected"
    GOAL_ENDED = "goal.ended"
    INTENT = "intent"
    PLAN_GENERATED = "plan.generated"
    PLAN_FAILED = "plan.failed"
    STEP_STARTED = "step.started"
    STEP_ENDED = "step.ended"
    ACTION_STARTED = "action.started"
    ACTION_ENDED = "action.ended"
    TREE_TICK = "tree.tick"
    CAPABILITY_CHANGED = "capability.changed"
    CAPABILITY_REFUSED = "capability.refused"
    QUOTA_EXCEEDED = "resource.quotaExceeded"


class Provenance(Wire):
    """The chain from a wish to an effect. Each id names the event that brought it into being."""

    intent_id: str | None = None
    plan_id: str | None = None
    step_id: str | None = None
    capability: str | None = None
    action_id: str | None = None


class Event(Wire):
    """One fact of the run. `at` is in seconds of the run's clock."""

    type: EventType
    at: float
    data: dict[str, Any] = Field(default_factory=dict)
    provenance: Provenance = Provenance()
