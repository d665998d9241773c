"""A box of the world as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos

__all__ = ["UNKNOWN", "Box", "VoxelRegion"]

UNKNOWN = 0xFFFF
"""The state id of a cell whose chunk is not loaded."""


@dataclass(frozen=True, slots=True)
class Box:
    """Cells from `low` to `high`, both included."""

    low: BlockPos
    high: BlockPos

    def __post_init__(self) -> None:
        if any(a > b for a, b in zip(self.low, self.high, strict=True)):
            raise ValueError(f"an empty box: {self.low} to {self.high}")

    @classmethod
    def around(cls, center: BlockPos, horizontal: int, down: int, up: int) -> Box:
        """The box that reaches so many cells to each side, down and up from a cell."""
        x, y, z = center
        return cls((x - horizontal, y - down, z - horizontal), (x + horizontal, y + up, z + horizontal))

    @property
    def size(self) -> tuple[int, int, int]:
        """Cells along x, y, z."""
        (x0, y0, z0), (x1, y1, z1) = self.low, self.high
        return x1 - x0 + 1, y1 - y0 + 1, z1 - z0 + 1

    @property
    def volume(self) -> int:
        """The number of cells."""
        dx, dy, dz = self.size
        return dx * dy * dz

    def contains(self, pos: BlockPos) -> bool:
        """Whether the cell lies in the box."""
        return all(a <= p <= b for a, p, b in zip(self.low, pos, self.high, strict=True))


@dataclass(frozen=True, slots=True)
class VoxelRegion:
    """The block states of a box; index `[x - origin.x, y - origin.y, z - origin.z]`, C order (x, y, z).

    States are the ids of the version's tables, `UNKNOWN` where nothing is loaded. The two light layers
    (0 to 15) are present only if they were asked for and the world has them.
    """

    origin: BlockPos
    blocks: npt.NDArray[np.uint16]
    block_light: npt.NDArray[np.uint8] | None = None
    sky_light: npt.NDArray[np.uint8] | None = None

    @property
    def box(self) -> Box:
        """The cells this region covers."""
        x, y, z = self.origin
        dx, dy, dz = self.blocks.shape
        return Box(self.origin, (x + dx - 1, y + dy - 1, z + dz - 1))

    def state(self, pos: BlockPos) -> int:
        """The state id at a cell; `UNKNOWN` outside the box."""
        if not self.box.contains(pos):
            return UNKNOWN
        x, y, z = (p - o for p, o in zip(pos, self.origin, strict=True))
        return int(self.blocks[x, y, z])
