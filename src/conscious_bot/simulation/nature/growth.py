"""Random ticks: what grows, spreads, dries and withers. Kernels.

Minecraft Wiki: "Tick" (random ticks), "Crops" (growth odds), "Farmland" (hydration), "Grass Block" (spread),
"Leaves" (decay), "Sapling", "Sugar Cane", "Cactus", "Snow", "Ice".
"""

from __future__ import annotations

import math

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.dice import Dice, between, bits, chance, skip
from conscious_bot.simulation.light import LightCells, block_light, ready_light, sky_light
from conscious_bot.simulation.nature.common import at, break_block, has_room
from conscious_bot.simulation.nature.layout import (
    C_SEEN,
    F_WATER,
    G_FARM,
    K_BEETROOT,
    K_CACTUS,
    K_CANE,
    K_CROP,
    K_DIRT,
    K_FARMLAND,
    K_GRASS,
    K_ICE,
    K_LEAVES,
    K_SAPLING,
    K_SNOW,
    N_FARM,
    NO_DISTANCE,
    R_AGE,
    R_AMOUNT,
    R_FLUID,
    R_GROUND,
    R_KEEPS,
    R_KIND,
    R_LAST,
    R_NEED,
    R_OPAQUE,
    R_TICKS,
    S_CACTUS,
    S_CANE,
    S_DIRT,
    S_FARMLAND,
    S_GRASS,
    S_WATER,
    Nature,
)
from conscious_bot.simulation.nature.trees import grow_tree
from conscious_bot.simulation.sharing import HELD
from conscious_bot.simulation.voxels import MIN_Y, Cells, put_state, states_at
from conscious_bot.world.region import UNKNOWN

__all__ = ["crop_points", "random_tick", "random_ticks", "trample"]

_ENOUGH = 9  # light for growing
_SPREADS = 4  # places that a random tick tries to make grass of
_MELTS = 11  # block light above which snow and ice go


@kernel_njit
def crop_points(cells: Cells, nature: Nature, x: int, y: int, z: int) -> float:
    """What the ground and the neighbours give a crop: it grows once in floor(25 / points) + 1 random ticks."""
    table = nature.table
    kind = nature.base[at(cells, x, y, z)]
    points = 1.0
    for a in range(-1, 2):
        for c in range(-1, 2):
            ground = at(cells, x + a, y - 1, z + c)
            if table[ground, R_GROUND] & G_FARM:
                gives = 3.0 if table[ground, R_AGE] > 0 else 1.0
                points += gives if a == 0 and c == 0 else gives / 4.0
    west_east = nature.base[at(cells, x - 1, y, z)] == kind or nature.base[at(cells, x + 1, y, z)] == kind
    north_south = nature.base[at(cells, x, y, z - 1)] == kind or nature.base[at(cells, x, y, z + 1)] == kind
    corner = False
    for a in range(-1, 2, 2):
        for c in range(-1, 2, 2):
            corner = corner or nature.base[at(cells, x + a, y, z + c)] == kind
    return points / 2.0 if corner or (west_east and north_south) else points


@kernel_njit
def _level(light: LightCells, dark: int, x: int, y: int, z: int) -> int:
    """The brighter of block light and of sky light less darkening."""
    sky = sky_light(light, x, y, z)
    return max(block_light(light, x, y, z), sky - dark)


@kernel_njit
def _crop(cells: Cells, nature: Nature, light: LightCells, dice: Dice, x: int, y: int, z: int, state: int) -> None:
    table = nature.table
    if max(block_light(light, x, y, z), sky_light(light, x, y, z)) < _ENOUGH:
        return
    if table[state, R_KIND] == K_BEETROOT and chance(dice, 3):
        return
    if chance(dice, int(25.0 / crop_points(cells, nature, x, y, z)) + 1):
        put_state(cells, x, y, z, state + 1)


@kernel_njit
def _farmland(
    cells: Cells, nature: Nature, light: LightCells, raining: bool, x: int, y: int, z: int, state: int
) -> None:
    table = nature.table
    wet = raining and sky_light(light, x, y + 1, z) == 15
    for b in range(2):
        for a in range(-4, 5):
            for c in range(-4, 5):
                wet = wet or table[at(cells, x + a, y + b, z + c), R_FLUID] == F_WATER
    moisture = table[state, R_AGE]
    if wet:
        if moisture < 7:
            put_state(cells, x, y, z, nature.named[S_FARMLAND] + 7)
    elif moisture > 0:
        put_state(cells, x, y, z, state - 1)
    elif table[at(cells, x, y + 1, z), R_NEED] != N_FARM:
        put_state(cells, x, y, z, nature.named[S_DIRT])


@kernel_njit
def _lets_grass_live(cells: Cells, nature: Nature, x: int, y: int, z: int) -> bool:
    """Whether grass can live under this cell: not under what stops light, nor under a full cell of fluid."""
    state = at(cells, x, y, z)
    table = nature.table
    if table[state, R_FLUID] != 0 and table[state, R_AMOUNT] == 8:
        return False
    return table[state, R_OPAQUE] < 15


@kernel_njit
def _grass(cells: Cells, nature: Nature, light: LightCells, dice: Dice, dark: int, x: int, y: int, z: int) -> None:
    table = nature.table
    if not _lets_grass_live(cells, nature, x, y + 1, z):
        put_state(cells, x, y, z, nature.named[S_DIRT])
        return
    if _level(light, dark, x, y + 1, z) < _ENOUGH:
        skip(dice, 3 * _SPREADS)
        return
    for _ in range(_SPREADS):
        a = x + between(dice, -1, 1)
        b = y + between(dice, -3, 1)
        c = z + between(dice, -1, 1)
        if table[at(cells, a, b, c), R_KIND] == K_DIRT and _lets_grass_live(cells, nature, a, b + 1, c):
            if table[at(cells, a, b + 1, c), R_FLUID] != F_WATER:
                put_state(cells, a, b, c, nature.named[S_GRASS])


@kernel_njit
def _stalk(cells: Cells, nature: Nature, x: int, y: int, z: int, state: int, named: int) -> None:
    """Sugar cane and cactus: one block higher after 16 random ticks, up to three."""
    table = nature.table
    if at(cells, x, y + 1, z) != 0:
        return
    height = 1
    while height < 3 and nature.base[at(cells, x, y - height, z)] == nature.base[state]:
        height += 1
    if height >= 3:
        return
    if table[state, R_AGE] < 15:
        put_state(cells, x, y, z, state + 1)
        return
    put_state(cells, x, y + 1, z, nature.named[named])
    put_state(cells, x, y, z, nature.base[state])


@kernel_njit
def random_tick(
    cells: Cells, nature: Nature, light: LightCells, dice: Dice, dark: int, raining: bool, x: int, y: int, z: int
) -> None:
    """One random tick of one cell."""
    table = nature.table
    state = at(cells, x, y, z)
    if state == UNKNOWN or not table[state, R_TICKS]:
        return
    kind = table[state, R_KIND]
    if kind != K_LEAVES:
        ready_light(cells, light, x, z)
    if kind == K_GRASS:
        _grass(cells, nature, light, dice, dark, x, y, z)
    elif kind in (K_CROP, K_BEETROOT):
        _crop(cells, nature, light, dice, x, y, z, state)
    elif kind == K_FARMLAND:
        _farmland(cells, nature, light, raining, x, y, z, state)
    elif kind == K_LEAVES:
        if table[state, R_AGE] == NO_DISTANCE and not table[state, R_KEEPS]:
            break_block(cells, nature, x, y, z, state)
    elif kind == K_SAPLING:
        if _level(light, dark, x, y + 1, z) >= _ENOUGH and chance(dice, 7):
            if table[state, R_AGE] == 0:
                put_state(cells, x, y, z, state + 1)
            else:
                grow_tree(cells, nature, dice, x, y, z, int(table[state, R_LAST]))
    elif kind == K_CANE:
        _stalk(cells, nature, x, y, z, state, S_CANE)
    elif kind == K_CACTUS:
        _stalk(cells, nature, x, y, z, state, S_CACTUS)
    elif kind == K_SNOW:
        if block_light(light, x, y, z) > _MELTS:
            break_block(cells, nature, x, y, z, state)
    elif kind == K_ICE and block_light(light, x, y, z) > _MELTS:
        put_state(cells, x, y, z, nature.named[S_WATER])


@kernel_njit
def random_ticks(
    cells: Cells, nature: Nature, light: LightCells, dice: Dice, speed: int, dark: int, raining: bool
) -> None:
    """The random ticks of one tick: `speed` cells of every section that has what they matter to."""
    for i in range(nature.columns.shape[0] if speed > 0 else 0):
        cx, cz, slot = nature.columns[i, 0], nature.columns[i, 1], nature.columns[i, 2]
        lively, layer = nature.lively[slot], 0
        while lively:
            for _ in range(speed if lively & 1 else 0):
                word = int(bits(dice) >> np.uint64(52))
                x, y, z = word & 15, layer + (word >> 8 & 15), word >> 4 & 15
                # Most layers have no such cell. What changed in this tick is counted after it, so it does not tell.
                if nature.growing[slot, y] == 0 and nature.counts[C_SEEN] == cells.logged[0]:
                    continue
                state = states_at(cells.columns[slot, HELD])[y, z, x]
                if nature.table[state, R_TICKS] and has_room(cells, nature):
                    random_tick(cells, nature, light, dice, dark, raining, cx * 16 + x, y + MIN_Y, cz * 16 + z)
            lively >>= 1
            layer += 16


@kernel_njit
def trample(cells: Cells, nature: Nature, dice: Dice, x: float, y: float, z: float, fallen: float) -> None:
    """A body came down on what may be farmland: the higher it fell, the likelier it is dirt now."""
    table = nature.table
    bx, by, bz = math.floor(x), math.floor(y - 0.2), math.floor(z)
    state = at(cells, bx, by, bz)
    if table[state, R_KIND] == K_FARMLAND and between(dice, 0, 999_999) < (fallen - 0.5) * 1_000_000:
        put_state(cells, bx, by, bz, nature.named[S_DIRT])
