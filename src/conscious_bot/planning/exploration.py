"""Where to go to see something new: pure functions over what has been seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conscious_bot.contracts import BlockPos

__all__ = ["Explored", "choose_outlook"]

CELL = 16
"""The map of what has been seen is kept in squares of this many blocks, the size of a chunk."""

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

    def to_json(self) -> dict[str, object]:
        """What a restart needs."""
        return {"cells": [list(cell) for cell in self.cells], "heading": self.heading}

    @classmethod
    def from_json(cls, kept: dict[str, object]) -> Explored:
        """The map as it was kept."""
        cells: Iterable[list[int]] = kept["cells"]  # type: ignore[assignment]
        heading: tuple[float, float] | None = tuple(kept["heading"]) if kept["heading"] else None  # type: ignore
        return cls({(cx, cz): None for cx, cz in cells}, heading)


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
