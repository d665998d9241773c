"""What a hand can reach and an eye can see, in a scanned region. Pure functions over blocks."""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from conscious_bot.body.port import REACH, Face
from conscious_bot.contracts import BlockPos, Position
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.hands import OFFSETS, beside
from conscious_bot.world.occupancy import Occupancy, classes_of
from conscious_bot.world.region import UNKNOWN, VoxelRegion
from conscious_bot.world.state import block_of

__all__ = ["EYE", "Sight", "eye_at", "reach_distance"]

EYE = 1.62
"""How high a standing player's eyes are above the feet (Minecraft Wiki, "Player")."""

_MARGIN = 0.1
"""Reach is planned this much shorter than the hand's, since a body never stands quite in the middle."""


def eye_at(feet: BlockPos) -> Position:
    """The eyes of a player who stands in the middle of a cell."""
    return feet[0] + 0.5, feet[1] + EYE, feet[2] + 0.5


def reach_distance(eye: Position, pos: BlockPos) -> float:
    """From the eyes to the nearest point of a block."""
    gaps = (max(p - e, 0.0, e - (p + 1)) for e, p in zip(eye, pos, strict=True))
    return sum(g * g for g in gaps) ** 0.5


@lru_cache(maxsize=8)
def _bumps(tables: Tables) -> npt.NDArray[np.bool_]:
    """Which states stop a look: all with a collision box, and what is not loaded."""
    offsets, _ = tables.collision_boxes
    stops = np.ones(UNKNOWN + 1, dtype=np.bool_)
    stops[: tables.state_count] = offsets[1:] > offsets[:-1]
    return stops


class Sight:
    """A scanned region, asked what can be seen, reached and stood in."""

    def __init__(self, region: VoxelRegion, tables: Tables) -> None:
        self.region = region
        self._tables = tables
        self._classes = classes_of(tables)
        self._opaque = _bumps(tables)
        self._floors = self._classes.floors

    def opaque(self, pos: BlockPos) -> bool:
        """Whether the cell's block stops a look (outside the region everything does)."""
        return bool(self._opaque[self.region.state(pos)])

    @property
    def opaque_cells(self) -> npt.NDArray[np.bool_]:
        """For each cell of the region, whether its block stops a look."""
        return self._opaque[self.region.blocks]

    def occupancy(self, pos: BlockPos) -> Occupancy:
        """The navigation class of a cell."""
        return Occupancy(int(self._classes.classes[self.region.state(pos)]))

    def floor(self, pos: BlockPos) -> bool:
        """Whether one can stand on top of this cell."""
        return bool(self._floors[self.region.state(pos)])

    def standable(self, feet: BlockPos) -> bool:
        """Whether a body can rest with its feet in this cell: room for it, and a floor."""
        x, y, z = feet
        return (
            self.occupancy(feet) is Occupancy.AIR
            and self.occupancy((x, y + 1, z)) is Occupancy.AIR
            and self.floor((x, y - 1, z))
        )

    def exposed(self, pos: BlockPos) -> bool:
        """Whether any side of the block is open."""
        return any(not self.opaque(beside(pos, face)) for face in OFFSETS)

    def visible_face(self, eye: Position, pos: BlockPos) -> Face | None:
        """The side of a block that can be seen from a point, the nearest first; None if none can."""
        center = (pos[0] + 0.5, pos[1] + 0.5, pos[2] + 0.5)
        candidates: list[tuple[float, Face]] = []
        for face, step in OFFSETS.items():
            # Only a side turned towards the eye can be seen.
            facing = sum((e - c) * s for e, c, s in zip(eye, center, step, strict=True))
            if facing > 0.5 and not self.opaque(beside(pos, face)):
                candidates.append((-facing, face))
        for _, face in sorted(candidates):
            x, y, z = (c + 0.499 * s for c, s in zip(center, OFFSETS[face], strict=True))
            if self._clear(eye, (x, y, z), pos):
                return face
        return None

    def _clear(self, eye: Position, point: Position, target: BlockPos) -> bool:
        """Whether nothing opaque stands between: steps from cell to cell along the ray."""
        cell = [int(c // 1) for c in eye]
        ray = [p - e for p, e in zip(point, eye, strict=True)]
        step = [1 if d > 0 else -1 for d in ray]
        inf = float("inf")
        delta = [abs(1 / d) if d else inf for d in ray]
        ahead = [(((c + (s > 0)) - e) / d if d else inf) for c, s, e, d in zip(cell, step, eye, ray, strict=True)]
        for _ in range(64):
            here = (cell[0], cell[1], cell[2])
            if here == target:
                return True
            if self.opaque(here):
                return False
            axis = ahead.index(min(ahead))
            if ahead[axis] > 1.0:
                return True
            cell[axis] += step[axis]
            ahead[axis] += delta[axis]
        return False

    def sees(self, eye: Position, point: Position) -> bool:
        """Whether nothing opaque stands between two points."""
        return self._clear(eye, point, block_of(point))

    def can_touch(self, feet: BlockPos, pos: BlockPos, reach: float = REACH - _MARGIN) -> bool:
        """Whether one who stands in a cell reaches and sees a block."""
        eye = eye_at(feet)
        return reach_distance(eye, pos) <= reach and self.visible_face(eye, pos) is not None

    @cached_property
    def stands(self) -> npt.NDArray[np.bool_]:
        """For each cell of the region, whether a body can rest there (never at its lower and upper edge)."""
        classes = self._classes.classes[self.region.blocks]
        floors = self._floors[self.region.blocks]
        air = classes == Occupancy.AIR
        stands = np.zeros_like(air)
        stands[:, 1:-1, :] = air[:, 1:-1, :] & air[:, 2:, :] & floors[:, :-2, :]
        return stands

    def stands_in(self, low: BlockPos, high: BlockPos) -> list[BlockPos]:
        """The cells of a box, clipped to the region, in which a body can rest."""
        origin, size = self.region.origin, self.region.blocks.shape
        start = [max(0, a - o) for a, o in zip(low, origin, strict=True)]
        stop = [min(n, b - o + 1) for b, o, n in zip(high, origin, size, strict=True)]
        if any(a >= b for a, b in zip(start, stop, strict=True)):
            return []
        part = self.stands[start[0] : stop[0], start[1] : stop[1], start[2] : stop[2]]
        base = [o + a for o, a in zip(origin, start, strict=True)]
        return [(base[0] + x, base[1] + y, base[2] + z) for x, y, z in np.argwhere(part).tolist()]

    def stands_for(self, pos: BlockPos, limit: int = 16) -> list[BlockPos]:
        """Cells to stand in from which a block can be touched, the closest to it first.

        Not the cell on top of it: standing there means falling once the block is gone.
        """
        x, y, z = pos
        near = [
            (abs(feet[0] - x) + abs(feet[2] - z) + 0.5 * abs(feet[1] - y + 1), feet)
            for feet in self.stands_in((x - 5, y - 6, z - 5), (x + 5, y + 3, z + 5))
            if feet != (x, y + 1, z) and reach_distance(eye_at(feet), pos) <= REACH - _MARGIN
        ]
        found: list[BlockPos] = []
        for _, feet in sorted(near):
            if self.visible_face(eye_at(feet), pos) is not None:
                found.append(feet)
                if len(found) >= limit:
                    break
        return found
