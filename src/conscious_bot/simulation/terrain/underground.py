"""What lies below the surface: layers of rock, caves, ravines and ores.

Ores follow the game's distribution since 1.18 (Minecraft Wiki, "Ore" and "Ore (feature)"): how many veins
a column begins, between which heights, evenly or densest in the middle, and how large they are. Of the
veins that the game keeps away from open air, each block beside air is left out with that probability.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from conscious_bot.simulation.terrain import palette as p
from conscious_bot.simulation.terrain.noise import chance, hash_at, mix, noise3, unit
from conscious_bot.simulation.terrain.shape import MARGIN, SEA, entrance, ravine_depth

__all__ = ["carve", "lay_rock", "scatter_ores"]

States = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int32]

_BOTTOM = -64
_LAVA_LEVEL = -55
"""Caves are full of lava up to here, as in the game since 1.18 (Minecraft Wiki, "Lava")."""

_TUNNEL = 0.092
"""Tunnels are where both of their fields are nearer to zero than this: some three cells to each side."""
_HALL = 0.52
"""Halls are where their field is above this, and a little more higher up."""

# Columns: state in stone, state in deepslate, veins per column, low, high, densest in the middle (1) or even
# (0), size, part left out beside air. A count below 1 is a probability. Heights may lie outside the world.
_VEINS = np.array(
    [
        (p.DIRT, p.DIRT, 7, 0, 160, 0, 33, 0),
        (p.GRAVEL, p.GRAVEL, 9, -64, 120, 0, 33, 0),
        (p.GRANITE, p.GRANITE, 2, 0, 60, 0, 64, 0),
        (p.DIORITE, p.DIORITE, 2, 0, 60, 0, 64, 0),
        (p.ANDESITE, p.ANDESITE, 2, 0, 60, 0, 64, 0),
        (p.GRANITE, p.GRANITE, 1 / 6, 64, 128, 0, 64, 0),
        (p.DIORITE, p.DIORITE, 1 / 6, 64, 128, 0, 64, 0),
        (p.ANDESITE, p.ANDESITE, 1 / 6, 64, 128, 0, 64, 0),
        (p.TUFF, p.TUFF, 2, -64, 0, 0, 64, 0),
        (p.COAL, p.DEEP_COAL, 30, 136, 320, 0, 17, 0),
        (p.COAL, p.DEEP_COAL, 20, 0, 192, 1, 17, 0.5),
        (p.IRON, p.DEEP_IRON, 90, 80, 384, 1, 9, 0),
        (p.IRON, p.DEEP_IRON, 10, -24, 56, 1, 9, 0),
        (p.IRON, p.DEEP_IRON, 10, -64, 72, 0, 4, 0),
        (p.GOLD, p.DEEP_GOLD, 4, -64, 32, 1, 9, 0.5),
        (p.GOLD, p.DEEP_GOLD, 0.5, -64, -48, 0, 9, 0.5),
        (p.REDSTONE, p.DEEP_REDSTONE, 4, -64, 15, 0, 8, 0),
        (p.REDSTONE, p.DEEP_REDSTONE, 8, -96, -32, 1, 8, 0),
        (p.DIAMOND, p.DEEP_DIAMOND, 7, -144, 16, 1, 4, 0.5),
        (p.DIAMOND, p.DEEP_DIAMOND, 1 / 9, -144, 16, 1, 12, 0.7),
        (p.DIAMOND, p.DEEP_DIAMOND, 4, -144, 16, 1, 8, 1.0),
        (p.LAPIS, p.DEEP_LAPIS, 2, -32, 32, 1, 7, 0),
        (p.LAPIS, p.DEEP_LAPIS, 4, -64, 64, 0, 7, 1.0),
        (p.COPPER, p.DEEP_COPPER, 16, -16, 112, 1, 10, 0),
    ]
)


@njit(cache=True)
def lay_rock(seed: int, x0: int, z0: int, heights: Ints, pal: States, out: States) -> None:
    """Bedrock, deepslate and stone up to the ground; deepslate gives way to stone between y 0 and 8."""
    low = 1000
    for z in range(16):
        for x in range(16):
            low = min(low, heights[z + MARGIN, x + MARGIN])
    out[0] = pal[p.BEDROCK]
    for y in range(_BOTTOM + 1, _BOTTOM + 5):
        for z in range(16):
            for x in range(16):
                solid = chance(seed, 71, x0 + x, y, z0 + z) < (_BOTTOM + 5 - y) / 5.0
                out[y - _BOTTOM, z, x] = pal[p.BEDROCK] if solid else pal[p.DEEPSLATE]
    out[5:-_BOTTOM] = pal[p.DEEPSLATE]
    for y in range(8):
        for z in range(16):
            for x in range(16):
                deep = chance(seed, 72, x0 + x, y, z0 + z) < 1.0 - y / 8.0
                out[y - _BOTTOM, z, x] = pal[p.DEEPSLATE] if deep else pal[p.STONE]
    out[8 - _BOTTOM : low + 1 - _BOTTOM] = pal[p.STONE]
    for z in range(16):
        for x in range(16):
            out[low + 1 - _BOTTOM : heights[z + MARGIN, x + MARGIN] + 1 - _BOTTOM, z, x] = pal[p.STONE]


@njit(cache=True)
def carve(
    seed: int, x0: int, z0: int, heights: Ints, levels: Ints, pal: States, out: States, lattice: npt.NDArray[np.float32]
) -> None:
    """Dig caves and ravines. Caves stay below the ground but where they may break through, and below seas.

    `lattice` is working space, [3, layers / 4, 5, 5]: noise at every fourth cell, between which it is
    interpolated. Two fields near zero make winding tunnels, a third above its limit makes halls.
    """
    top = -1000
    for z in range(16):
        for x in range(16):
            top = max(top, heights[z + MARGIN, x + MARGIN])
    rows = (top - _BOTTOM) // 4 + 2
    for r in range(rows):
        y = float(_BOTTOM + 4 * r)
        for c in range(5):
            z = float(z0 + 4 * c)
            for b in range(5):
                x = float(x0 + 4 * b)
                lattice[0, r, c, b] = noise3(seed + 81, x / 52.0, y / 34.0, z / 52.0)
                lattice[1, r, c, b] = noise3(seed + 82, x / 52.0, y / 34.0, z / 52.0)
                lattice[2, r, c, b] = noise3(seed + 83, x / 88.0, y / 48.0, z / 88.0)
    for z in range(16):
        for x in range(16):
            height = heights[z + MARGIN, x + MARGIN]
            # A cave that touched water beside it would leave that water hanging.
            wet = False
            roof = height - 5
            for dj, di in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
                near = heights[z + MARGIN + dj, x + MARGIN + di]
                if levels[z + MARGIN + dj, x + MARGIN + di] > near:
                    wet = True
                    roof = min(roof, near - 5)
            if not wet and entrance(seed, x0 + x, z0 + z):
                roof = height
            _carve_cell_column(x, z, roof, lattice, pal, out)
            if wet or height <= SEA + 3:
                continue
            cut = ravine_depth(seed, x0 + x, z0 + z)
            for y in range(height - cut + 1, height + 1):
                out[y - _BOTTOM, z, x] = pal[p.AIR]


@njit(cache=True)
def _carve_cell_column(x: int, z: int, roof: int, lattice: npt.NDArray[np.float32], pal: States, out: States) -> None:
    """Dig the caves of one cell's column, from above the bedrock to the roof."""
    b = x >> 2
    c = z >> 2
    u = np.float32((x & 3) * 0.25)
    v = np.float32((z & 3) * 0.25)
    w00 = (1 - u) * (1 - v)
    w10 = u * (1 - v)
    w01 = (1 - u) * v
    w11 = u * v
    last0 = np.float32(0.0)
    last1 = np.float32(0.0)
    last2 = np.float32(0.0)
    for r in range(1, (roof - _BOTTOM) // 4 + 2):
        # The three fields here, at the height of this row of the lattice.
        here = lattice[:, r]
        next0 = w00 * here[0, c, b] + w10 * here[0, c, b + 1] + w01 * here[0, c + 1, b] + w11 * here[0, c + 1, b + 1]
        next1 = w00 * here[1, c, b] + w10 * here[1, c, b + 1] + w01 * here[1, c + 1, b] + w11 * here[1, c + 1, b + 1]
        next2 = w00 * here[2, c, b] + w10 * here[2, c, b + 1] + w01 * here[2, c + 1, b] + w11 * here[2, c + 1, b + 1]
        near0 = last0 * next0 <= 0.0 or min(abs(last0), abs(next0)) < _TUNNEL
        near1 = last1 * next1 <= 0.0 or min(abs(last1), abs(next1)) < _TUNNEL
        if r > 1 and ((near0 and near1) or max(last2, next2) > _HALL):
            for k in range(4):
                y = _BOTTOM + 4 * (r - 1) + k
                if y > roof or y < _BOTTOM + 6:
                    continue
                t = np.float32(k * 0.25)
                first = last0 + (next0 - last0) * t
                second = last1 + (next1 - last1) * t
                hall = last2 + (next2 - last2) * t
                if first * first + second * second < _TUNNEL * _TUNNEL or hall > _HALL + 0.004 * max(y, 0):
                    out[y - _BOTTOM, z, x] = pal[p.LAVA] if y <= _LAVA_LEVEL else pal[p.AIR]
        last0 = next0
        last1 = next1
        last2 = next2


@njit(cache=True)
def scatter_ores(seed: int, cx: int, cz: int, top: int, pal: States, out: States) -> None:
    """Put the ores of this column and of those around it, as far as they reach into it."""
    for row in range(_VEINS.shape[0]):
        count = _VEINS[row, 2]
        low = _VEINS[row, 3]
        span = _VEINS[row, 4] - low
        peaked = _VEINS[row, 5] > 0.0
        size = int(_VEINS[row, 6])
        for nx in range(cx - 1, cx + 2):
            for nz in range(cz - 1, cz + 2):
                state = hash_at(seed, 101 + row, nx, 0, nz)
                tries = int(count)
                if unit(state) < count - tries:
                    tries += 1
                for _ in range(tries):
                    state = mix(state)
                    part = unit(state)
                    if peaked:
                        state = mix(state)
                        part = 0.5 * (part + unit(state))
                    y = low + part * span
                    # Before more is drawn: most veins lie above the ground or out of reach.
                    state = mix(state)
                    if y < _BOTTOM - 8 or y > top + 8:
                        continue
                    x = nx * 16 + (state & 0xFFFF) / 4096.0
                    z = nz * 16 + ((state >> 16) & 0xFFFF) / 4096.0
                    reach = size / 8.0 + size / 16.0 + 2.0
                    if (
                        x < cx * 16 - reach
                        or x > cx * 16 + 16 + reach
                        or z < cz * 16 - reach
                        or z > cz * 16 + 16 + reach
                    ):
                        continue
                    _vein(state, row, x - cx * 16, y, z - cz * 16, pal, out)


@njit(cache=True)
def _vein(state: int, row: int, x: float, y: float, z: float, pal: States, out: States) -> None:
    """A vein: balls of changing size along a short, nearly level line."""
    size = int(_VEINS[row, 6])
    in_stone = pal[int(_VEINS[row, 0])]
    in_deepslate = pal[int(_VEINS[row, 1])]
    shy = _VEINS[row, 7]
    state = mix(state)
    angle = unit(state) * math.pi
    half = size / 8.0
    dx = math.cos(angle) * half
    dz = math.sin(angle) * half
    widest = size / 16.0 + 0.5
    if (
        x + abs(dx) + widest < 0.0
        or x - abs(dx) - widest > 16.0
        or z + abs(dz) + widest < 0.0
        or z - abs(dz) - widest > 16.0
    ):
        return
    state = mix(state)
    dy = unit(state) * 4.0 - 2.0
    # Large veins need fewer balls than they have blocks.
    balls = min(size, 16)
    for i in range(balls):
        t = i / balls
        state = mix(state)
        radius = ((math.sin(math.pi * t) + 1.0) * unit(state) * size / 16.0 + 1.0) * 0.5
        bx = x + dx * (2.0 * t - 1.0)
        by = y + dy * (t - 0.5)
        bz = z + dz * (2.0 * t - 1.0)
        low_x = max(math.floor(bx - radius), 0)
        low_z = max(math.floor(bz - radius), 0)
        high_x = min(math.floor(bx + radius), 15)
        high_z = min(math.floor(bz + radius), 15)
        low_y = max(math.floor(by - radius), _BOTTOM + 1)
        high_y = min(math.floor(by + radius), 319)
        for cy in range(low_y, high_y + 1):
            layer = cy - _BOTTOM
            ey = (cy + 0.5 - by) ** 2
            for c in range(low_z, high_z + 1):
                ez = ey + (c + 0.5 - bz) ** 2
                for b in range(low_x, high_x + 1):
                    if ez + (b + 0.5 - bx) ** 2 >= radius * radius:
                        continue
                    here = out[layer, c, b]
                    deep = here == pal[p.DEEPSLATE] or here == pal[p.TUFF]
                    if not deep and not (
                        here == pal[p.STONE]
                        or here == pal[p.GRANITE]
                        or here == pal[p.DIORITE]
                        or here == pal[p.ANDESITE]
                    ):
                        continue
                    if shy > 0.0 and _bare(layer, c, b, pal, out):
                        state = mix(state)
                        if unit(state) < shy:
                            continue
                    out[layer, c, b] = in_deepslate if deep else in_stone


@njit(cache=True)
def _bare(layer: int, z: int, x: int, pal: States, out: States) -> bool:
    """Whether a side is open, as far as this column shows it."""
    air = pal[p.AIR]
    if out[layer + 1, z, x] == air or out[layer - 1, z, x] == air:
        return True
    if (z > 0 and out[layer, z - 1, x] == air) or (z < 15 and out[layer, z + 1, x] == air):
        return True
    return (x > 0 and out[layer, z, x - 1] == air) or (x < 15 and out[layer, z, x + 1] == air)
