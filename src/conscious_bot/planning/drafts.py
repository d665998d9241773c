"""A step before it has an id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Draft"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A verb with its arguments, why it is there, and about how many game seconds it takes."""

    verb: str
    args: dict[str, Any]
    why: str
    seconds: float
