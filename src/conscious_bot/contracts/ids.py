"""Ids that derive from the run's seed, so that equal runs name things alike."""

from __future__ import annotations

import hashlib

__all__ = ["IdSource"]


class IdSource:
    """Hands out `prefix_xxxxxxxxxxxx` ids: a hash of the run's seed and a counter per prefix.

    `position` is what a resumed run needs to go on without repeating an id.
    """

    def __init__(self, seed: str, position: dict[str, int] | None = None) -> None:
        self._seed = seed
        self._next = dict(position or {})

    @property
    def position(self) -> dict[str, int]:
        """How many ids each prefix has given out."""
        return dict(self._next)

    def new(self, prefix: str) -> str:
        """The next id of this prefix."""
        number = self._next.get(prefix, 0)
        self._next[prefix] = number + 1
        digest = hashlib.sha256(f"{self._seed}/{prefix}/{number}".encode()).hexdigest()
        return f"{prefix}_{digest[:12]}"
