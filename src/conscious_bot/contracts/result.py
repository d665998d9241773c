"""What came of an action."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from conscious_bot.contracts.base import Wire
from conscious_bot.contracts.errors import ExecError

__all__ = ["ActionResult"]


class ActionResult(Wire):
    """The end of one dispatched action.

    `ok` means observed: the promised effect was seen in the world by the runner's own probe. `changed`
    is false where the effect had held before (nothing had to be done). Times are seconds of the run's
    clock. `observables` are the facts for memory: the difference seen, the leaf's own output, retries.
    """

    ok: bool
    changed: bool = False
    error: ExecError | None = None
    started_at: float
    ended_at: float
    observables: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> ActionResult:
        if self.ok == (self.error is not None):
            raise ValueError("a result is either ok or carries an error")
        if self.ended_at < self.started_at:
            raise ValueError("a result cannot end before it starts")
        return self
