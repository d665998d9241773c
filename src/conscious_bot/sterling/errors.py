"""What is wrong with a question put to the solver. All are ValueErrors that name the field and the value."""

from __future__ import annotations

from conscious_bot.contracts import ConsciousBotError

__all__ = ["CellError", "GridError", "LimitError", "PolicyError", "SolverInputError"]


class SolverInputError(ConsciousBotError, ValueError):
    """The root: the question is malformed; nothing was searched. For callers and the HTTP surface (422)."""


class GridError(SolverInputError):
    """The occupancy grid does not hold together: sizes, classes, encoding, or too large."""


class CellError(SolverInputError):
    """A start or goal that cannot be meant: outside the grid, or not three integers."""


class PolicyError(SolverInputError):
    """A hazard policy or cost that cannot be meant: negative, not finite, absurdly large, unknown hazard."""


class LimitError(SolverInputError):
    """A tolerance or expansion limit out of range."""
