"""What grows: trees that may reach over a column's border, grass, flowers, cactus and sugar cane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from conscious_bot.simulation.terrain import palette as p
from conscious_bot.simulation.terrain.noise import chance, hash_at, mix, noise2, unit
from conscious_bot.simulation.terrain.shape import (
    DESERT,
    FOREST,
    HILLS,
    MARGIN,
    ON_GRASS,
    ON_SAND,
    PLAINS,
    SEA,
    SIDE,
    TAIGA,
    entrance,
    ravine_depth,
)

__all__ = ["CANOPY", "CANOPY_SIDE", "grow_plants", "grow_trees", "trunk_here"]

States = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

_BOTTOM = -64
_REACH = 6
"""How far around a column trees are drawn, so that a leaf's distance to a log beyond the border is right."""
CANOPY_SIDE = 16 + 2 * _REACH
"""The side of the canopy's working space."""
CANOPY = 96
"""Its height, from 1 above the lowest ground."""
_GRID = 4
"""Each square of so many cells may hold one trunk, never at its last row or column: trunks keep a distance."""

# The canopy's codes: kind 1 to 3 (oak, birch, spruce) is a log, kind + 10 a leaf; later distances.
_OAK, _BIRCH, _SPRUCE = 1, 2, 3


@njit(cache=True)
def _density(seed: int, x: int, z: int, biome: int) -> float:
    """The probability that a square of the grid holds a tree."""
    clump = noise2(seed + 201, x / 40.0, z / 40.0)
    if biome == FOREST:
        return 0.34 + 0.35 * clump
    if biome == TAIGA:
        return 0.36 + 0.3 * clump
    if biome == HILLS:
        return 0.06 + 0.25 * max(clump, 0.0)
    if biome == PLAINS:
        return 0.012 + 0.12 * max(clump - 0.35, 0.0)
    return 0.0


@njit(cache=True)
def trunk_here(
    seed: int, gx: int, gz: int, x0: int, z0: int, heights: Ints, levels: Ints, biomes: Bytes, ground: Bytes
) -> tuple[int, int, int]:
    """The tree of a square of the grid: (x, z, kind), kind 0 if there is none.

    `x0`, `z0` is the corner of the layout; the trunk must lie within it.
    """
    bits = hash_at(seed, 202, gx, 0, gz)
    x = gx * _GRID + (bits & 0xFFFF) % (_GRID - 1)
    z = gz * _GRID + ((bits >> 16) & 0xFFFF) % (_GRID - 1)
    i = x - x0
    j = z - z0
    if i < 0 or i >= SIDE or j < 0 or j >= SIDE or ground[j, i] != ON_GRASS or levels[j, i] > heights[j, i]:
        return x, z, 0
    biome = biomes[j, i]
    bits = mix(bits)
    if unit(bits) >= _density(seed, x, z, biome) or x * x + z * z < 9:
        return x, z, 0
    if entrance(seed, x, z) or ravine_depth(seed, x, z) > 0:
        return x, z, 0
    if biome == TAIGA:
        return x, z, _SPRUCE
    bits = mix(bits)
    if biome in (FOREST, HILLS):
        return x, z, _BIRCH if unit(bits) < 0.25 + 0.5 * noise2(seed + 203, x / 60.0, z / 60.0) else _OAK
    return x, z, _OAK


@njit(cache=True)
def grow_trees(
    seed: int,
    cx: int,
    cz: int,
    heights: Ints,
    levels: Ints,
    biomes: Bytes,
    ground: Bytes,
    pal: States,
    out: States,
    canopy: Bytes,
) -> int:
    """Draw the trees over a column; the highest cell they reach, or the lowest possible if there are none.

    `canopy` is working space, [CANOPY, CANOPY_SIDE, CANOPY_SIDE]. Trees are drawn in the order of their
    squares, an older leaf stays and logs replace leaves, so each cell is the same from every column.
    """
    x0 = cx * 16 - MARGIN
    z0 = cz * 16 - MARGIN
    base = 1000
    for j in range(SIDE):
        for i in range(SIDE):
            base = min(base, heights[j, i])
    base += 1
    first_x = (cx * 16 - _REACH - 3) // _GRID
    last_x = (cx * 16 + 15 + _REACH + 3) // _GRID
    first_z = (cz * 16 - _REACH - 3) // _GRID
    last_z = (cz * 16 + 15 + _REACH + 3) // _GRID
    used = 0
    for gz in range(first_z, last_z + 1):
        for gx in range(first_x, last_x + 1):
            x, z, kind = trunk_here(seed, gx, gz, x0, z0, heights, levels, biomes, ground)
            if kind == 0:
                continue
            if used == 0:
                canopy[:] = 0
            foot = heights[z - z0, x - x0] + 1
            i = x - cx * 16
            j = z - cz * 16
            reach = _tree(seed, kind, x, z, i + _REACH, foot - base, j + _REACH, canopy)
            used = max(used, min(reach, CANOPY))
            if 0 <= i < 16 and 0 <= j < 16:
                out[foot - 1 - _BOTTOM, j, i] = pal[p.DIRT]
    if used == 0:
        return _BOTTOM
    _measure(canopy, used)
    air = pal[p.AIR]
    for layer in range(used):
        y = base + layer
        for j in range(16):
            for i in range(16):
                code = canopy[layer, j + _REACH, i + _REACH]
                if code == 0 or y > 319:
                    continue
                here = out[y - _BOTTOM, j, i]
                if code < 10:
                    out[y - _BOTTOM, j, i] = pal[p.OAK_LOG + code - 1]
                elif here == air:
                    kind = code // 10
                    out[y - _BOTTOM, j, i] = pal[p.OAK_LEAVES + 7 * (kind - 1) + code - 10 * kind - 1]
    return base + used - 1


@njit(cache=True)
def _leaf(canopy: Bytes, layer: int, z: int, x: int, kind: int) -> None:
    if 0 <= layer < CANOPY and 0 <= z < CANOPY_SIDE and 0 <= x < CANOPY_SIDE and canopy[layer, z, x] == 0:
        canopy[layer, z, x] = 10 * kind + 7


@njit(cache=True)
def _tree(seed: int, kind: int, x: int, z: int, i: int, foot: int, j: int, canopy: Bytes) -> int:
    """Draw one tree with its foot at canopy cell (i, foot, j); one more than its highest layer.

    Sizes as in the game (Minecraft Wiki, "Tree"): oak trunks 4 to 6, birch 5 to 7 with leaves of
    radius 2, 2, 1, 1 from below; spruce 6 to 9 with leaves in widening skirts.
    """
    bits = hash_at(seed, 204, x, 0, z)
    if kind == _SPRUCE:
        trunk = 6 + (bits & 0xFFFF) % 4
        bare = 1 + ((bits >> 16) & 0xFFFF) % 2
        radius = 0
        widest = 1
        limit = 2
        for layer in range(trunk, bare - 1, -1):
            for b in range(-radius, radius + 1):
                for c in range(-radius, radius + 1):
                    if radius > 0 and abs(b) == radius and abs(c) == radius:
                        continue
                    _leaf(canopy, foot + layer, j + c, i + b, kind)
            if radius >= widest:
                radius = 0 if layer == trunk else 1
                widest = min(widest + 1, limit)
            else:
                radius += 1
    else:
        trunk = (4 if kind == _OAK else 5) + (bits & 0xFFFF) % 3
        for layer in range(trunk - 3, trunk + 1):
            radius = 2 if layer < trunk - 1 else 1
            for b in range(-radius, radius + 1):
                for c in range(-radius, radius + 1):
                    if abs(b) == radius and abs(c) == radius:
                        bits = mix(bits)
                        if layer == trunk or bits & 1:
                            continue
                    _leaf(canopy, foot + layer, j + c, i + b, kind)
    for layer in range(trunk):
        if 0 <= foot + layer < CANOPY and 0 <= i < CANOPY_SIDE and 0 <= j < CANOPY_SIDE:
            canopy[foot + layer, j, i] = kind
    return foot + trunk + 1


@njit(cache=True)
def _measure(canopy: Bytes, used: int) -> None:
    """Give each leaf its distance to the nearest log through leaves, at most 7: code 10 * kind + distance."""
    for distance in range(1, 7):
        for layer in range(used):
            for j in range(CANOPY_SIDE):
                for i in range(CANOPY_SIDE):
                    code = canopy[layer, j, i]
                    if code < 10 or code % 10 != 7:
                        continue
                    if (
                        (i > 0 and _is(canopy[layer, j, i - 1], distance))
                        or (i < CANOPY_SIDE - 1 and _is(canopy[layer, j, i + 1], distance))
                        or (j > 0 and _is(canopy[layer, j - 1, i], distance))
                        or (j < CANOPY_SIDE - 1 and _is(canopy[layer, j + 1, i], distance))
                        or (layer > 0 and _is(canopy[layer - 1, j, i], distance))
                        or (layer < used - 1 and _is(canopy[layer + 1, j, i], distance))
                    ):
                        canopy[layer, j, i] = code - 7 + distance


@njit(cache=True)
def _is(code: int, distance: int) -> bool:
    """Whether a cell is one step nearer: a log for distance 1, else a leaf of the distance before."""
    if distance == 1:
        return 0 < code < 10
    return code > 10 and code % 10 == distance - 1


@njit(cache=True)
def grow_plants(
    seed: int, x0: int, z0: int, heights: Ints, levels: Ints, biomes: Bytes, ground: Bytes, pal: States, out: States
) -> int:
    """Grass, flowers, dead bushes, cactus, sugar cane on free ground; the highest cell they reach."""
    highest = _BOTTOM
    air = pal[p.AIR]
    for z in range(16):
        for x in range(16):
            j = z + MARGIN
            i = x + MARGIN
            h = heights[j, i]
            layer = h + 1 - _BOTTOM
            if h < levels[j, i] or out[layer, z, x] != air:
                continue
            kind = ground[j, i]
            floor = out[layer - 1, z, x]
            draw = chance(seed, 211, x0 + x, 0, z0 + z)
            if kind == ON_GRASS and floor == pal[p.GRASS]:
                plant = _herb(seed, x0 + x, z0 + z, biomes[j, i], draw)
                if plant != p.AIR:
                    out[layer, z, x] = pal[plant]
                    highest = max(highest, h + 1)
                    continue
            size = 0
            plant = p.AIR
            if h == SEA and draw < 0.3 and kind in (ON_GRASS, ON_SAND) and floor != air:
                for dj, di in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    if heights[j + dj, i + di] < SEA and levels[j + dj, i + di] == SEA:
                        plant = p.SUGAR_CANE
                if plant != p.AIR and noise2(seed + 212, (x0 + x) / 30.0, (z0 + z) / 30.0) > 0.1:
                    size = 1 + int(draw * 10.0)
            elif kind == ON_SAND and biomes[j, i] == DESERT and floor == pal[p.SAND] and h > SEA:
                if draw < 0.004:
                    plant = p.CACTUS
                    size = 1 + int(draw * 750.0)
                    for dj, di in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                        if heights[j + dj, i + di] > h:
                            size = 0
                elif draw < 0.012:
                    plant = p.DEAD_BUSH
                    size = 1
            for k in range(size):
                if out[layer + k, z, x] != air:
                    break
                out[layer + k, z, x] = pal[plant]
                highest = max(highest, h + 1 + k)
    return highest


@njit(cache=True)
def _herb(seed: int, x: int, z: int, biome: int, draw: float) -> int:
    """What grows on a cell of grass."""
    lush = 0.05
    if biome == PLAINS:
        lush = 0.16
    elif biome == FOREST:
        lush = 0.07
    elif biome == TAIGA:
        lush = 0.09
    if draw < lush:
        return p.FERN if biome == TAIGA and draw < 0.6 * lush else p.SHORT_GRASS
    bed = noise2(seed + 221, x / 18.0, z / 18.0)
    if draw > 0.985 and bed > 0.1:
        if biome == PLAINS and bed > 0.35:
            return p.DAISY if draw > 0.9925 else p.CORNFLOWER
        return p.POPPY if draw > 0.9925 else p.DANDELION
    if draw > 0.9985 and biome == FOREST:
        return p.BROWN_MUSHROOM if draw > 0.9993 else p.RED_MUSHROOM
    return p.AIR
