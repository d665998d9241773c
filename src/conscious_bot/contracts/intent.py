"""What somebody wants: the normal form of needs, suggestions and recovered tasks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from conscious_bot.contracts.base import Wire

__all__ = ["Intent", "Safety"]


class Safety(Wire):
    """Whether the wish may be followed, and why not."""

    allowed: bool
    reason: str | None = None


class Intent(Wire):
    """A wish in normal form, so that planners compare like with like.

    `urgency` runs from 0 (whenever) to 1 (now). `time_budget_ms` is soft. `provenance_ref` points to
    the journal event it came from.
    """

    id: str
    source: Literal["user", "system", "memory"]
    goal: str
    context: dict[str, Any] = Field(default_factory=dict)
    urgency: float = Field(ge=0, le=1)
    safety: Safety = Safety(allowed=True)
    time_budget_ms: int | None = Field(default=None, gt=0)
    provenance_ref: str | None = None
