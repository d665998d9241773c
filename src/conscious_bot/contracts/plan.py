"""Plans as data: steps that name a capability and its arguments."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, Field

from conscious_bot.contracts.base import Wire

__all__ = ["Plan", "PlanStep"]


class PlanStep(Wire):
    """One executable step. `type` is a canonical verb or an exact option id (`option_id` is its alias).

    `cost` and `expected_duration_ms` are the planner's estimates in game time. Two steps with one
    `idempotency_key` act on the world once.
    """

    step_id: str
    type: str = Field(validation_alias=AliasChoices("type", "option_id", "optionId"))
    args: dict[str, Any] = Field(default_factory=dict)
    preconds: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    cost: float | None = Field(default=None, ge=0)
    priority: float | None = None
    safety_level: Literal["safe", "caution", "restricted"] = "safe"
    expected_duration_ms: int | None = Field(default=None, ge=0)
    idempotency_key: str | None = None
    rationale: str | None = None


class Plan(Wire):
    """The steps for one intent, in order, with the reason for choosing them."""

    plan_id: str
    intent_id: str
    planner: str
    steps: tuple[PlanStep, ...]
    rationale: str
    cost: float | None = Field(default=None, ge=0)
