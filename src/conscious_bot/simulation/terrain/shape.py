"""The lie of the land: heights, biomes and the kind of ground as functions of seed and place.

The middle of the world is kind to beginners: within some 120 blocks the ground is pulled above the sea,
and the climate towards forest and meadow.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from conscious_bot.simulation.terrain.noise import chance, noise2

__all__ = ["BIOMES", "MARGIN", "SEA", "SIDE", "biome_at", "entrance", "height_at", "lay_out", "ravine_depth"]

Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

SEA = 62
"""The highest cell of water in seas, as in the game (sea level 63)."""
MARGIN = 12
"""How far beyond a column the layout reaches: what stands there may hang over. A multiple of `_STEP`."""
SIDE = 16 + 2 * MARGIN
"""The side of a layout, in cells."""

PLAINS, FOREST, TAIGA, DESERT, HILLS = range(5)
BIOMES = ("plains", "forest", "taiga", "desert", "hills")
"""Names of the biomes by number."""

# Kinds of ground.
ON_GRASS, ON_SAND, ON_STONE, ON_GRAVEL, ON_CLAY, ON_DIRT = range(6)

_STEP = 4
"""Slow fields are sampled at every fourth cell; between, they are interpolated."""
_SAMPLES = SIDE // _STEP + 1
_POND_GRID = 56
_POND_REACH = 12


@njit(cache=True)
def _smooth(low: float, high: float, value: float) -> float:
    """0 below `low`, 1 above `high`, smooth between."""
    t = min(max((value - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@njit(cache=True)
def _middle(x: float, z: float) -> float:
    """1 in the middle of the world, falling to 0 over some 200 blocks."""
    return math.exp(-(x * x + z * z) / 16000.0)


# The slow fields, as they are sampled.
_HILLY, _LAND, _ROLLING, _RIDGE, _SCARP, _THERE, _HEAT, _WET, _ROCK = range(9)


@njit(cache=True)
def _hilliness(seed: int, x: float, z: float) -> float:
    """0 in the plains, 1 in the hills."""
    return _smooth(-0.12, 0.32, noise2(seed + 11, x / 310.0, z / 310.0) + 0.22 * _middle(x - 60.0, z - 60.0))


@njit(cache=True)
def _sample(seed: int, x: float, z: float, field: npt.NDArray[np.float64]) -> None:
    """Put the slow fields at a place into `field`."""
    middle = _middle(x, z)
    hilly = _hilliness(seed, x, z)
    land = noise2(seed + 1, x / 380.0, z / 380.0) + 0.4 * noise2(seed + 2, x / 170.0, z / 170.0)
    field[_HILLY] = hilly
    field[_LAND] = land * (1.0 - 0.85 * middle) + 0.18 * middle
    field[_ROLLING] = noise2(seed + 3, x / 85.0, z / 85.0) + 0.45 * noise2(seed + 4, x / 38.0, z / 38.0)
    field[_RIDGE] = noise2(seed + 6, x / 120.0, z / 120.0)
    field[_SCARP] = noise2(seed + 7, x / 70.0, z / 70.0)
    field[_THERE] = noise2(seed + 8, x / 110.0, z / 110.0) + 0.1 * hilly + 0.1 * middle
    heat = noise2(seed + 21, x / 420.0, z / 420.0) + 0.1 * noise2(seed + 22, x / 60.0, z / 60.0)
    wet = noise2(seed + 23, x / 260.0, z / 260.0) + 0.15 * noise2(seed + 24, x / 40.0, z / 40.0)
    field[_HEAT] = heat * (1.0 - middle)
    field[_WET] = wet * (1.0 - 0.6 * middle) + 0.08 * middle
    field[_ROCK] = noise2(seed + 62, x / 27.0, z / 27.0)


@njit(cache=True)
def _height(seed: int, x: float, z: float, field: npt.NDArray[np.float64]) -> int:
    """The highest cell of ground, before ponds and ravines."""
    hilly = field[_HILLY]
    height = 66.5 + 15.0 * field[_LAND] + (4.0 + 9.0 * hilly) * field[_ROLLING]
    height += (0.6 + 1.2 * hilly) * noise2(seed + 5, x / 16.0, z / 16.0)
    ridge = 1.0 - abs(field[_RIDGE]) * 2.2
    if ridge > 0.0:
        height += 12.0 * hilly * ridge * ridge
    # Escarpments: the ground rises by some blocks within a few steps, along winding lines that come and go.
    cliff = _smooth(0.0, 0.25, field[_THERE]) * _smooth(0.02, 0.09, field[_SCARP])
    return math.floor(height + 8.0 * cliff * _smooth(60.0, 66.0, height))


@njit(cache=True)
def _biome(field: npt.NDArray[np.float64]) -> int:
    """The biome by climate: hot and dry is desert, cold is taiga, wet is forest."""
    if field[_HEAT] > 0.24 and field[_WET] < 0.12:
        return DESERT
    if field[_HEAT] < -0.24:
        return TAIGA
    if field[_HILLY] > 0.75:
        return HILLS
    if field[_WET] > 0.02:
        return FOREST
    return PLAINS


@njit(cache=True)
def height_at(seed: int, x: int, z: int) -> int:
    """The highest cell of ground, before ponds, ravines and caves; within a cell of what `lay_out` makes."""
    field = np.empty(9)
    _sample(seed, float(x), float(z), field)
    return _height(seed, float(x), float(z), field)


@njit(cache=True)
def biome_at(seed: int, x: int, z: int) -> int:
    """The number of the biome at a place."""
    field = np.empty(9)
    _sample(seed, float(x), float(z), field)
    return _biome(field)


@njit(cache=True)
def ravine_depth(seed: int, x: int, z: int) -> int:
    """How deep a ravine cuts into the ground here; 0 for almost everywhere."""
    where = noise2(seed + 31, x / 240.0, z / 240.0)
    if where < 0.3:
        return 0
    line = abs(noise2(seed + 32, x / 100.0, z / 100.0))
    width = 0.03 * min((where - 0.3) * 8.0, 1.0)
    if line >= width or x * x + z * z < 40 * 40:
        return 0
    return int(8.0 + 34.0 * math.sqrt(1.0 - line / width) + 3.0 * noise2(seed + 33, x / 9.0, z / 9.0))


@njit(cache=True)
def entrance(seed: int, x: int, z: int) -> bool:
    """Whether caves may break through the ground here."""
    return noise2(seed + 41, x / 45.0, z / 45.0) > 0.36 and x * x + z * z >= 24 * 24


@njit(cache=True)
def _ponds(seed: int, x0: int, z0: int, heights: Ints, levels: Ints, fluids: Bytes) -> None:
    """Dig ponds into the layout: where the ground is level, a bowl filled up to the lowest point of its rim."""
    for gx in range((x0 - _POND_REACH) // _POND_GRID, (x0 + SIDE + _POND_REACH) // _POND_GRID + 1):
        for gz in range((z0 - _POND_REACH) // _POND_GRID, (z0 + SIDE + _POND_REACH) // _POND_GRID + 1):
            if chance(seed, 51, gx, 0, gz) > 0.45:
                continue
            px = gx * _POND_GRID + 10 + int(chance(seed, 52, gx, 0, gz) * (_POND_GRID - 20))
            pz = gz * _POND_GRID + 10 + int(chance(seed, 53, gx, 0, gz) * (_POND_GRID - 20))
            radius = 3.5 + 3.5 * chance(seed, 54, gx, 0, gz)
            far = px * px + pz * pz
            if far < 12 * 12 or px < x0 - 12 or px >= x0 + SIDE + 12 or pz < z0 - 12 or pz >= z0 + SIDE + 12:
                continue
            low = 1000
            high = -1000
            for i in range(16):
                angle = i * math.pi / 8.0
                rim_x = round(px + (radius + 1.5) * math.cos(angle))
                rim_z = round(pz + (radius + 1.5) * math.sin(angle))
                h = height_at(seed, rim_x, rim_z)
                if ravine_depth(seed, rim_x, rim_z) > 0 or entrance(seed, rim_x, rim_z):
                    h = -1000
                low = min(low, h)
                high = max(high, h)
            if low <= SEA + 1 or high - low > 3:
                continue
            hot = chance(seed, 55, gx, 0, gz) < 0.12 and far > 72 * 72
            if not hot and biome_at(seed, px, pz) == DESERT:
                continue
            for x in range(max(int(px - radius) - 4, x0), min(int(px + radius) + 5, x0 + SIDE)):
                for z in range(max(int(pz - radius) - 4, z0), min(int(pz + radius) + 5, z0 + SIDE)):
                    wobble = 1.2 * noise2(seed + 56, x / 5.0, z / 5.0)
                    d = math.sqrt(float((x - px) ** 2 + (z - pz) ** 2)) + wobble
                    i = x - x0
                    j = z - z0
                    if d >= radius:
                        if d < radius + 2.0 and levels[j, i] == SEA:
                            heights[j, i] = max(heights[j, i], low)  # the rim holds the fluid
                        continue
                    depth = 1 + int(3.2 * (1.0 - (d / radius) ** 2))
                    heights[j, i] = min(heights[j, i], low - depth)
                    levels[j, i] = low
                    fluids[j, i] = 2 if hot else 1


@njit(cache=True)
def lay_out(
    seed: int, cx: int, cz: int, heights: Ints, levels: Ints, fluids: Bytes, biomes: Bytes, ground: Bytes
) -> None:
    """Lay out a column and its margin; arrays are [z, x], `SIDE` by `SIDE`.

    `heights` is the highest cell of ground, `levels` the highest cell of fluid (if above the ground),
    `fluids` 1 for water, 2 for lava, `ground` the kind of the highest cell.
    """
    x0 = cx * 16 - MARGIN
    z0 = cz * 16 - MARGIN
    rock = np.empty((SIDE, SIDE), np.float32)
    samples = np.empty((_SAMPLES, _SAMPLES, 9))
    for b in range(_SAMPLES):
        for a in range(_SAMPLES):
            _sample(seed, float(x0 + _STEP * a), float(z0 + _STEP * b), samples[b, a])
    field = np.empty(9)
    for j in range(SIDE):
        b = j // _STEP
        v = (j % _STEP) / _STEP
        for i in range(SIDE):
            a = i // _STEP
            u = (i % _STEP) / _STEP
            for k in range(9):
                near = samples[b, a, k] + (samples[b, a + 1, k] - samples[b, a, k]) * u
                far = samples[b + 1, a, k] + (samples[b + 1, a + 1, k] - samples[b + 1, a, k]) * u
                field[k] = near + (far - near) * v
            heights[j, i] = _height(seed, float(x0 + i), float(z0 + j), field)
            biomes[j, i] = _biome(field)
            rock[j, i] = field[_ROCK]
            levels[j, i] = SEA
            fluids[j, i] = 1
    _ponds(seed, x0, z0, heights, levels, fluids)
    for j in range(SIDE):
        for i in range(SIDE):
            ground[j, i] = _ground(seed, x0 + i, z0 + j, j, i, heights, levels, biomes, rock)


@njit(cache=True)
def _ground(
    seed: int,
    x: int,
    z: int,
    j: int,
    i: int,
    heights: Ints,
    levels: Ints,
    biomes: Bytes,
    rock: npt.NDArray[np.float32],
) -> int:
    """What the highest cell is made of."""
    h = heights[j, i]
    if h <= max(levels[j, i], SEA + 1):
        patch = noise2(seed + 61, x / 22.0, z / 22.0)
        if h < levels[j, i]:
            if levels[j, i] > SEA:
                return ON_CLAY if patch > 0.35 else ON_DIRT
            if patch > 0.42:
                return ON_CLAY if h > 55 else ON_GRAVEL
            return ON_GRAVEL if patch < -0.3 else ON_SAND
        if h <= SEA + 1 and patch > -0.32:
            return ON_SAND
    low = h
    for dj, di in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        b = min(max(j + dj, 0), SIDE - 1)
        a = min(max(i + di, 0), SIDE - 1)
        low = min(low, heights[b, a])
    if h - low >= 3:
        return ON_STONE
    biome = biomes[j, i]
    if biome == DESERT:
        return ON_SAND
    bare = rock[j, i]
    limit = 0.62 if biome != HILLS else 0.5 - 0.012 * max(h - 78, 0)
    if bare > limit - 0.3 or bare < -0.42:
        bare += 0.3 * noise2(seed + 63, x / 7.0, z / 7.0)
        if bare > limit:
            return ON_STONE
        if bare < -0.72:
            return ON_GRAVEL
    return ON_GRASS
