"""What is wrong with a question put to the solver. All are ValueErrors that name the field and the value."""

from __future__ import annotations

from conscious_bot.world.grid import CellError, GridError, InputError

__all__ = ["CellError", "GridError", "LimitError", "PolicyError", "SolverInputError", "StaleError"]

SolverInputError = InputError
"""The root: the question is malformed; nothing was searched. For callers and the HTTP surface (422)."""


class PolicyError(SolverInputError):
    """A hazard policy or cost that cannot be meant: negative, not finite, absurdly large, unknown hazard."""


class LimitError(SolverInputError):
    """A tolerance or expansion limit out of range."""


class StaleError(SolverInputError):
    """An answer was used after the blocks it rests on had changed."""
