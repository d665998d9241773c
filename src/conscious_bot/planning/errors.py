"""What planning says when there is no plan."""

from __future__ import annotations

from conscious_bot.contracts import ConsciousBotError, ExecError, ExecErrorCode

__all__ = ["NoPlan"]


class NoPlan(ConsciousBotError):
    """No plan reaches the goal; the error names the missing source or capability. Caught by the mind."""

    def __init__(self, code: ExecErrorCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.error = ExecError.of(code, detail)
