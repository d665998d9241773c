"""Where to go to see something new: pure functions over what has been seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conscious_bot.contracts import BlockPos, ExecErrorCode
from conscious_bot.leaves.sight import Sight
from conscious_bot.planning.drafts import Draft
from conscious_bot.planning.errors import NoPlan
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.world.occupancy import classify
from conscious_bot.world.snapshot import Snapshot

__all__ = ["Explored", "choose_outlook", "explore_steps"]

CELL = 16
"""The map of what has been seen is kept in squares of this many blocks, the size of a chunk."""

_DIGGING = 4.0
"""A step through the ground costs about so many steps over it, in choosing where to come out."""

MEMORY = 4096
"""At most so many squares are kept; the oldest are forgotten first."""


@dataclass(slots=True)
class Explored:
    """The squares of the map the bot has stood in, in the order of the last visit."""

    cells: dict[tuple[int, int], None] = field(default_factory=dict[tuple[int, int], None])
    heading: tuple[float, float] | None = None
    """The direction of the last stretch; going on in it beats turning back."""

    def visit(self, pos: BlockPos) -> None:
        """Note that the bot has been here."""
        cell = (pos[0] // CELL, pos[2] // CELL)
        self.cells.pop(cell, None)
        self.cells[cell] = None
        while len(self.cells) > MEMORY:
            del self.cells[next(iter(self.cells))]

    def novelty(self, pos: BlockPos) -> float:
        """Distance in blocks to the nearest square ever stood in; the larger, the newer."""
        if not self.cells:
            return 0.0
        return min(
            max(abs(pos[0] - (cx * CELL + CELL / 2)), abs(pos[2] - (cz * CELL + CELL / 2))) for cx, cz in self.cells
        )

    def to_json(self) -> dict[str, Any]:
        """What a restart needs."""
        return {"cells": [list(cell) for cell in self.cells], "heading": self.heading}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Explored:
        """The map as it was kept."""
        heading = kept["heading"]
        cells = dict.fromkeys((cx, cz) for cx, cz in kept["cells"])
        return cls(cells, (heading[0], heading[1]) if heading else None)


def choose_outlook(start: BlockPos, reachable: Iterable[tuple[BlockPos, float]], explored: Explored) -> BlockPos | None:
    """The reachable cell that promises most: new country, on the way the bot was heading, not too dear.

    `reachable` gives cells and the cost of walking there. None if every cell is where the bot stands.
    """
    best: tuple[float, BlockPos] | None = None
    novelty_of: dict[tuple[int, int], float] = {}
    for cell, cost in reachable:
        dx, dz = cell[0] - start[0], cell[2] - start[2]
        span = (dx * dx + dz * dz) ** 0.5
        if span < 8:
            continue
        square = (cell[0] // 4, cell[2] // 4)
        if square not in novelty_of:
            novelty_of[square] = explored.novelty(cell)
        onward = 0.0
        if explored.heading is not None:
            onward = (dx * explored.heading[0] + dz * explored.heading[1]) / span
        score = novelty_of[square] + 0.5 * span + 8.0 * onward - 0.25 * cost
        if best is None or (score, cell) > best:
            best = (score, cell)
    return best[1] if best else None


def _open_ground(snapshot: Snapshot, start: BlockPos) -> Iterator[tuple[BlockPos, float]]:
    """The highest cell of each column in sight that a body can stand in, with what it might cost to get there."""
    sight = Sight(snapshot.region, snapshot.tables)
    stands = sight.stands
    ox, oy, oz = snapshot.region.origin
    height = stands.shape[1]
    top = height - 1 - np.argmax(stands[:, ::-1, :], axis=1)
    for i, k in np.argwhere(stands.any(axis=1)).tolist():
        cell = (ox + i, oy + int(top[i, k]), oz + k)
        span = abs(cell[0] - start[0]) + abs(cell[2] - start[2])
        yield cell, _DIGGING * (span + 2 * abs(cell[1] - start[1]))


def explore_steps(snapshot: Snapshot, explored: Explored) -> list[Draft]:
    """One stretch towards new country. Raises NoPlan if there is nowhere to go from here.

    Who sits in a hole, where no way leads on, is sent to firm ground in the open: navigating digs and builds there.
    """
    navigator = Navigator(classify(snapshot.region, snapshot.tables))
    start = navigator.snap(snapshot.state.block) or snapshot.state.block
    goal = choose_outlook(start, navigator.field(start), explored) or choose_outlook(
        start, _open_ground(snapshot, start), explored
    )
    if goal is None:
        raise NoPlan(ExecErrorCode.PATH_UNREACHABLE, f"from {start} nothing can be reached that is worth going to")
    span = ((goal[0] - start[0]) ** 2 + (goal[2] - start[2]) ** 2) ** 0.5
    explored.heading = ((goal[0] - start[0]) / span, (goal[2] - start[2]) / span)
    args = {"goal": {"x": goal[0], "y": goal[1], "z": goal[2]}, "toleranceXZ": 1, "toleranceY": 0}
    return [Draft("sterling_navigate", args, "new country lies there", span / 3)]
