"""A world made of what a body has seen: the ground of forks of live surroundings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.game.tables import Tables
from conscious_bot.simulation.voxels import HEIGHT, MIN_Y
from conscious_bot.world.region import UNKNOWN, VoxelRegion

__all__ = ["SurroundingsTerrain"]


class SurroundingsTerrain:
    """The blocks of a scan, in a shell that cannot be broken: nobody knows what lies beyond.

    Cells that were not loaded when the scan was made, and the cells right beyond its sides and floor, are
    `barrier` (bedrock in a version without it). Above the scan there is air.
    """

    preset = "surroundings"
    seed = 0

    def __init__(self, region: VoxelRegion, tables: Tables, biome: str = "plains") -> None:
        """ValueError if the scan holds states that the version does not have."""
        shell = tables.blocks["barrier" if "barrier" in tables.blocks else "bedrock"].default_state
        blocks = region.blocks
        known = blocks[blocks != UNKNOWN]
        if known.size and int(known.max()) >= tables.state_count:
            raise ValueError(f"{tables.version} has no block state {int(known.max())}")
        dx, dy, dz = blocks.shape
        self._blocks = np.full((dx + 2, dy + 1, dz + 2), shell, np.uint16)
        self._blocks[1:-1, 1:, 1:-1] = np.where(blocks == UNKNOWN, shell, blocks)
        x, y, z = region.origin
        # What reaches above or below the world is cut off.
        below = max(MIN_Y - (y - 1), 0)
        above = max(y + dy - (MIN_Y + HEIGHT), 0)
        self._blocks = self._blocks[:, below : dy + 1 - above]
        self._corner = (x - 1, y - 1 + below, z - 1)
        self._biome = biome

    def fill(self, cx: int, cz: int, out: npt.NDArray[np.uint16]) -> int:
        """Make one column; see `ColumnGenerator`."""
        x0, y0, z0 = self._corner
        dx, dy, dz = self._blocks.shape
        low_x, high_x = max(16 * cx, x0), min(16 * cx + 16, x0 + dx)
        low_z, high_z = max(16 * cz, z0), min(16 * cz + 16, z0 + dz)
        if low_x >= high_x or low_z >= high_z or dy == 0:
            return 0
        part = self._blocks[low_x - x0 : high_x - x0, :, low_z - z0 : high_z - z0]
        low = y0 - MIN_Y
        out[low : low + dy, low_z - 16 * cz : high_z - 16 * cz, low_x - 16 * cx : high_x - 16 * cx] = part.transpose(
            1, 2, 0
        )
        return low + dy

    def biome(self, x: int, z: int) -> str:
        """What the maker of the fork says; a scan does not tell."""
        return self._biome
