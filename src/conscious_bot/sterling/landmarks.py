"""Landmarks: what it costs between a few far cells and every other bounds every way, by the triangle inequality.

    cost(n, goal) >= cost(landmark, goal) - cost(landmark, n)   and   >= cost(n, landmark) - cost(goal, landmark)

Both are consistent, so the search stays optimal, and where the ground is rough they say far more than the
estimate in open space (A. Goldberg, C. Harrelson, "Computing the shortest path: A* search meets graph theory",
SODA 2005). A landmark costs two searches of everything, so one is set up when the questions that were asked
have expanded as many nodes: all of them together never cost more than the questions themselves, and who asks
once pays nothing. They stand until blocks change.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from conscious_bot.sterling import kernels

__all__ = ["Landmarks", "most_landmarks"]

_MEMORY = 1 << 26  # bytes
_MAX_RISE = 1 << 14  # units; beyond it the ring of buckets would be larger than the searches it serves
_NONE = np.zeros((1, 1), np.int32)

Floods = Callable[[int], tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]
"""Costs from a node to all, and from all to it."""


def most_landmarks(nodes: int) -> int:
    """How many a graph of so many nodes is given: 48, as long as they fit into 64 MiB, but never fewer than 24.

    A search reads the few that say most about its goal, so more bring little.
    """
    return max(24, min(48, _MEMORY // (8 * max(nodes, 1))))


class Landmarks:
    """The landmarks of one graph as it stands.

    `known` is what the kernels read: the rows (see `find_way`), and by how much f can grow along an edge with
    them; it is replaced as a whole, so several threads may ask meanwhile.
    """

    def __init__(self, nodes: int) -> None:
        self.known: tuple[npt.NDArray[np.int32], int] = _NONE, 0
        self._nodes, self._most = nodes, most_landmarks(nodes)
        self._price = 2 * nodes
        self._spent = 0
        self._rows: Any = None
        self._adding = Lock()

    def __len__(self) -> int:
        return len(self.known[0]) // 2

    @property
    def memory(self) -> int:
        """Bytes."""
        return self.known[0].nbytes

    def spend(self, expansions: int) -> bool:
        """Note what a search has cost; whether it is time for another landmark."""
        self._spent += expansions
        return self._spent >= self._price and len(self) < self._most

    def add(self, node: int, floods: Floods, steepest: Callable[..., int]) -> None:
        """Set up one more, far from those there are, for searches from about this node."""
        if not self._adding.acquire(blocking=False):
            return  # another thread does
        try:
            self._spent = 0
            rows, rise = self.known
            count = len(self)
            if self._rows is None:
                self._rows = np.empty((2 * self._most, self._nodes), np.int32)
            far = -rows[0:-1:2].max(axis=0) if count and rows[0:-1:2, node].max() > -kernels.INFINITE else None
            if far is None:  # none is linked to the node
                far = floods(node)[0]
            spot = int(np.where(far < kernels.INFINITE, far, -1).argmax())
            away, toward = floods(spot)
            self._rows[2 * count] = -away
            self._rows[2 * count + 1] = toward
            grows = int(steepest(self._rows[2 * count], self._rows[2 * count + 1]))
            if grows > _MAX_RISE:
                self._price = 1 << 62  # this ground is not for landmarks
            else:
                self.known = self._rows[: 2 * count + 2], max(rise, grows)
        finally:
            self._adding.release()
