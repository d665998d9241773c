"""How long a step may take and how often it is tried."""

from __future__ import annotations

from conscious_bot.contracts import Wire

__all__ = ["StepLimits"]


class StepLimits(Wire):
    """The executor's bounds; the defaults are the product's.

    Times are seconds of the run's clock. `stuck_s`: no command, no progress report and no declared wait
    for longer than this is `stuck.loop`. `local_retries`: how often a retryable failure is tried again
    before it is handed back to planning; waits between tries double from `retry_wait_s`.
    """

    local_retries: int = 2
    retry_wait_s: float = 0.5
    stuck_s: float = 3.0
    slack_s: float = 5.0
    """A step's deadline is its leaf's own timeout and this: for the tree around the leaf to end in order."""
    grace_s: float = 5.0
    """How long a running step may go on after a preemption before it is cancelled."""
