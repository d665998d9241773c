"""What a cell is to a moving body, as bits; the moves' clearances are written in them.

Derived once per grid. Cells outside the grid have no bit at all: they are neither free nor floor, so no
move leads out of what was scanned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.world.grid import AIR, HAZARD, LADDER, LAVA, SOLID, WATER, OccupancyGrid

__all__ = ["CLASS_FLAGS", "CLIMB", "FIRM", "FLOOR", "FREE", "HARM", "LAVAS", "NODE", "SWIM", "flags_of_class"]

FREE = 1
"""Air: a body passes."""
FLOOR = 2
"""A body can stand on top of it."""
FIRM = 4
"""Solid; a fence is firm without being a floor."""
SWIM = 8
"""Water."""
CLIMB = 16
"""A ladder or vine."""
LAVAS = 32
"""Lava."""
HARM = 64
"""Hurts whoever touches it: cactus, fire, magma, berry bush, ..."""
NODE = 128
"""Set while a graph is built: a body can rest with its feet here (which cells depends on the move set)."""

_FLAG_OF_CLASS = {AIR: FREE, SOLID: FIRM | FLOOR, WATER: SWIM, LAVA: LAVAS, LADDER: CLIMB, HAZARD: HARM}

CLASS_FLAGS: npt.NDArray[np.uint8] = np.array([_FLAG_OF_CLASS[c] for c in range(6)], dtype=np.uint8)
"""Bits by class."""


def flags_of_class(grid: OccupancyGrid, cell: tuple[int, int, int]) -> int:
    """The bits of one cell, NODE left out; 0 outside. The readable twin of what the kernels derive."""
    if not grid.contains(cell):
        return 0
    bits = int(CLASS_FLAGS[grid.class_at(cell)])
    if bits & FIRM and not grid.floor_at(cell):
        bits &= ~FLOOR
    return bits
