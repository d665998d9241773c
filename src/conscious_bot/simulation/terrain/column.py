"""One column of the default world, from bedrock to the tops of its trees."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from conscious_bot.simulation.terrain import palette as p
from conscious_bot.simulation.terrain.noise import chance
from conscious_bot.simulation.terrain.plants import CANOPY, CANOPY_SIDE, grow_plants, grow_trees
from conscious_bot.simulation.terrain.shape import (
    DESERT,
    MARGIN,
    ON_CLAY,
    ON_DIRT,
    ON_GRASS,
    ON_GRAVEL,
    ON_SAND,
    ON_STONE,
    SEA,
    SIDE,
    lay_out,
)
from conscious_bot.simulation.terrain.underground import carve, lay_rock, scatter_ores

__all__ = ["make_column"]

States = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

_BOTTOM = -64


@njit(cache=True, nogil=True)
def make_column(seed: int, cx: int, cz: int, pal: States, out: States) -> int:
    """Fill `out` (all air) and give the number of layers that may hold something else than air."""
    heights = np.empty((SIDE, SIDE), np.int32)
    levels = np.empty((SIDE, SIDE), np.int32)
    fluids = np.empty((SIDE, SIDE), np.uint8)
    biomes = np.empty((SIDE, SIDE), np.uint8)
    ground = np.empty((SIDE, SIDE), np.uint8)
    lattice = np.empty((3, 98, 5, 5), np.float32)
    canopy = np.empty((CANOPY, CANOPY_SIDE, CANOPY_SIDE), np.uint8)
    x0 = cx * 16
    z0 = cz * 16
    lay_out(seed, cx, cz, heights, levels, fluids, biomes, ground)
    lay_rock(seed, x0, z0, heights, pal, out)
    carve(seed, x0, z0, heights, levels, pal, out, lattice)
    top = SEA
    for z in range(MARGIN, MARGIN + 16):
        for x in range(MARGIN, MARGIN + 16):
            top = max(top, heights[z, x], levels[z, x])
    scatter_ores(seed, cx, cz, top, pal, out)
    _cover(seed, x0, z0, heights, levels, fluids, biomes, ground, pal, out)
    top = max(top, grow_trees(seed, cx, cz, heights, levels, biomes, ground, pal, out, canopy))
    top = max(top, grow_plants(seed, x0, z0, heights, levels, biomes, ground, pal, out))
    return top - _BOTTOM + 1


@njit(cache=True)
def _cover(
    seed: int,
    x0: int,
    z0: int,
    heights: Ints,
    levels: Ints,
    fluids: Bytes,
    biomes: Bytes,
    ground: Bytes,
    pal: States,
    out: States,
) -> None:
    """Put soil on the rock, one to four cells deep, and fill seas and ponds."""
    for z in range(16):
        for x in range(16):
            j = z + MARGIN
            i = x + MARGIN
            h = heights[j, i]
            kind = ground[j, i]
            depth = 2 + int(3.0 * chance(seed, 91, x0 + x, 0, z0 + z))
            first = pal[p.STONE]
            rest = pal[p.STONE]
            under = pal[p.STONE]
            if kind == ON_GRASS:
                first = pal[p.GRASS]
                rest = pal[p.DIRT]
                under = rest
            elif kind == ON_SAND:
                first = pal[p.SAND]
                rest = first
                under = pal[p.SANDSTONE]
                if biomes[j, i] == DESERT:
                    depth += 1
            elif kind == ON_GRAVEL:
                first = pal[p.GRAVEL]
                rest = first
                depth = 2
            elif kind == ON_CLAY:
                first = pal[p.CLAY]
                rest = first
                under = pal[p.DIRT]
                depth = 2
            elif kind == ON_DIRT:
                first = pal[p.DIRT]
                rest = first
            if levels[j, i] > h and fluids[j, i] == 2:
                kind = ON_STONE
            if kind != ON_STONE:
                for k in range(depth):
                    layer = h - k - _BOTTOM
                    if out[layer, z, x] == pal[p.AIR]:
                        break
                    state = first if k == 0 else rest
                    # Loose ground does not hang over a cave: what carries it is hard.
                    if out[layer - 1, z, x] == pal[p.AIR] or k == depth - 1:
                        state = under if k > 0 or kind != ON_GRASS else first
                    out[layer, z, x] = state
            fluid = pal[p.LAVA] if fluids[j, i] == 2 else pal[p.WATER]
            for y in range(h + 1, levels[j, i] + 1):
                out[y - _BOTTOM, z, x] = fluid
