"""From what can be thrown on this side to codes; what mineflayer and the driver throw has its table in the driver.

A leaf fails by raising `ActionFailed`. Whatever else comes out of it has a row here, or is `unknown`: a bug,
which the runner logs with its traceback and counts.
"""

from __future__ import annotations

import asyncio

from conscious_bot.contracts import ActionFailed, ExecErrorCode, UserError
from conscious_bot.sterling.errors import CellError, GridError, LimitError, PolicyError, StaleError

__all__ = ["CAUSES", "failure_of"]

CAUSES: tuple[tuple[type[BaseException], ExecErrorCode], ...] = (
    (asyncio.InvalidStateError, ExecErrorCode.SENSE_API_ERROR),  # an answer came twice
    (TimeoutError, ExecErrorCode.STEP_TIMEOUT),  # before OSError, of which it is one
    (ConnectionError, ExecErrorCode.BODY_DISCONNECTED),
    (EOFError, ExecErrorCode.BODY_DISCONNECTED),  # the driver's pipe ended; IncompleteReadError is one
    (OSError, ExecErrorCode.SENSE_API_ERROR),
    (StaleError, ExecErrorCode.PATH_STUCK),  # blocks changed under a plan
    (CellError, ExecErrorCode.STEP_BAD_ARGS),  # a place that cannot be meant, or far outside what can be scanned
    (GridError, ExecErrorCode.PATH_UNLOADED),
    (LimitError, ExecErrorCode.STEP_BAD_ARGS),
    (PolicyError, ExecErrorCode.STEP_BAD_ARGS),
    (UserError, ExecErrorCode.STEP_BAD_ARGS),  # an operator's command that cannot be read or done
    (MemoryError, ExecErrorCode.SENSE_API_ERROR),
)
"""The first row that fits wins."""


def failure_of(error: BaseException) -> ActionFailed | None:
    """The failure that stands for something thrown; None for a cause without a code."""
    if isinstance(error, ActionFailed):
        return error
    for kind, code in CAUSES:
        if isinstance(error, kind):
            return ActionFailed(code, f"{type(error).__name__}: {error}")
    return None
