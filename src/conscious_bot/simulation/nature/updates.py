"""What a block does when it or a neighbour has changed: fall, break off, follow its tree, harden. Kernels.

What falls is set down at once where it lands, 2 ticks after it lost its hold: there is no falling creature in
between (Minecraft Wiki, "Falling Block"). Into water, lava and plants without a shape it sinks; where it ends
in a cell that is taken by something thin (a torch), it drops as an item.
"""

from __future__ import annotations

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.nature.common import at, break_block
from conscious_bot.simulation.nature.fluids import harden
from conscious_bot.simulation.nature.layout import (
    C_DROPS,
    F_LAVA,
    F_WATER,
    G_CACTUS,
    G_CANE,
    G_FARM,
    G_SAND,
    G_SOIL,
    K_FALLS,
    K_FARMLAND,
    K_LEAVES,
    K_LOG,
    K_POWDER,
    MAX_DROPS,
    N_ANY,
    N_CACTUS,
    N_CANE,
    N_DOOR,
    N_DOUBLE,
    N_EAST,
    N_FARM,
    N_FLOOR,
    N_NONE,
    N_NORTH,
    N_SAND,
    N_SNOW,
    N_SOIL,
    N_SOUTH,
    N_UPPER,
    N_WEST,
    NO_DISTANCE,
    R_AGE,
    R_FACES,
    R_FLUID,
    R_GROUND,
    R_KIND,
    R_NEED,
    R_SOLID,
    R_YIELDS,
    S_AIR,
    S_DIRT,
    S_WATER,
    UPDATE,
    Nature,
)
from conscious_bot.simulation.nature.schedule import push
from conscious_bot.simulation.voxels import MIN_Y, Cells, put_state
from conscious_bot.world.region import UNKNOWN

__all__ = ["supported", "update"]

_DX = np.array([-1, 1, 0, 0, 0, 0])
_DY = np.array([0, 0, 0, 0, -1, 1])
_DZ = np.array([0, 0, -1, 1, 0, 0])
_TOP, _WEST, _EAST, _NORTH, _SOUTH = 3, 0, 1, 4, 5
_WAIT = 40


@kernel_njit
def _carries(cells: Cells, nature: Nature, x: int, y: int, z: int, side: int) -> bool:
    """Whether a cell gives full support at a side; what is not loaded is taken to."""
    state = at(cells, x, y, z)
    return state == UNKNOWN or (nature.table[state, R_FACES] >> side) & 1 == 1


@kernel_njit
def supported(cells: Cells, nature: Nature, x: int, y: int, z: int, state: int) -> bool:
    """Whether a state would have what it needs in a cell."""
    table = nature.table
    need = table[state, R_NEED]
    if need == N_NONE:
        return True
    below = at(cells, x, y - 1, z)
    if below == UNKNOWN:
        return True
    ground = table[below, R_GROUND]
    if need in (N_FLOOR, N_DOOR):
        held = _carries(cells, nature, x, y - 1, z, _TOP)
    elif need == N_ANY:
        held = below != 0
    elif need == N_SNOW:
        held = _carries(cells, nature, x, y - 1, z, _TOP) or table[below, R_KIND] == K_LEAVES
    elif need in (N_SOIL, N_DOUBLE):
        held = ground & G_SOIL != 0
    elif need == N_FARM:
        held = ground & G_FARM != 0
    elif need == N_SAND:
        held = ground & (G_SAND | G_SOIL) != 0
    elif need == N_CANE:
        held = ground & G_CANE != 0
        if held and nature.base[below] != nature.base[state]:
            held = False
            for d in range(4):
                held = held or table[at(cells, x + _DX[d], y - 1, z + _DZ[d]), R_FLUID] == F_WATER
    elif need == N_CACTUS:
        held = ground & G_CACTUS != 0
        for d in range(4):
            near = at(cells, x + _DX[d], y, z + _DZ[d])
            if near != UNKNOWN and (table[near, R_SOLID] == 1 or table[near, R_FLUID] == F_LAVA):
                held = False
    elif need == N_UPPER:
        return nature.base[below] == nature.base[state]
    elif need == N_WEST:
        held = _carries(cells, nature, x - 1, y, z, _EAST)
    elif need == N_EAST:
        held = _carries(cells, nature, x + 1, y, z, _WEST)
    elif need == N_NORTH:
        held = _carries(cells, nature, x, y, z - 1, _SOUTH)
    elif need == N_SOUTH:
        held = _carries(cells, nature, x, y, z + 1, _NORTH)
    else:
        held = True
    return held


@kernel_njit
def _fall(cells: Cells, nature: Nature, now: int, x: int, y: int, z: int, state: int) -> None:
    """Fall as far as nothing holds."""
    table = nature.table
    low = y
    while low > MIN_Y - 1:
        below = at(cells, x, low - 1, z)
        if below == UNKNOWN:
            push(nature, now + _WAIT, x, y, z, UPDATE)
            return
        if table[below, R_SOLID] == 1 or (low == y and not (table[below, R_YIELDS] == 1 or below == 0)):
            break  # from rest it does not sink into a torch
        low -= 1
    wets = False
    if table[state, R_KIND] == K_POWDER:
        for d in range(6):
            if d != 4:
                wets = wets or table[at(cells, x + _DX[d], low + _DY[d], z + _DZ[d]), R_FLUID] == F_WATER
        wets = wets or (low < y and table[at(cells, x, low, z), R_FLUID] == F_WATER)
    lands = int(nature.base[state]) if wets else state
    if low == y:
        if wets:
            put_state(cells, x, y, z, lands)
        return
    put_state(cells, x, y, z, nature.named[S_AIR])
    if low < MIN_Y:
        return  # out of the world
    there = at(cells, x, low, z)
    if there == 0 or table[there, R_YIELDS] == 1:
        put_state(cells, x, low, z, lands)
    else:
        n = nature.counts[C_DROPS]
        if n < MAX_DROPS:
            drops = nature.drops
            drops[n, 0], drops[n, 1], drops[n, 2], drops[n, 3] = x, low, z, state
            nature.counts[C_DROPS] = n + 1


@kernel_njit
def _follow_tree(cells: Cells, nature: Nature, x: int, y: int, z: int, state: int) -> None:
    """Leaves count their way to the nearest log: 1 beside it, 7 for none within 6."""
    table = nature.table
    nearest = NO_DISTANCE
    for d in range(6):
        near = at(cells, x + _DX[d], y + _DY[d], z + _DZ[d])
        if table[near, R_KIND] == K_LOG:
            nearest = 1
        elif table[near, R_KIND] == K_LEAVES:
            nearest = min(nearest, int(table[near, R_AGE]) + 1)
    if nearest != table[state, R_AGE]:
        put_state(cells, x, y, z, state + 4 * (nearest - int(table[state, R_AGE])))


@kernel_njit
def update(cells: Cells, nature: Nature, now: int, x: int, y: int, z: int) -> None:
    """A cell looks after itself."""
    state = at(cells, x, y, z)
    if state == UNKNOWN:
        push(nature, now + _WAIT, x, y, z, UPDATE)
        return
    table = nature.table
    kind = table[state, R_KIND]
    if kind in (K_FALLS, K_POWDER):
        _fall(cells, nature, now, x, y, z, state)
    elif kind == K_LEAVES:
        _follow_tree(cells, nature, x, y, z, state)
    elif kind == K_FARMLAND:
        above = at(cells, x, y + 1, z)
        if above != UNKNOWN and table[above, R_SOLID] == 1:
            put_state(cells, x, y, z, nature.named[S_DIRT])
    elif table[state, R_FLUID] == F_LAVA:
        harden(cells, nature, x, y, z, state)
    elif table[state, R_NEED] != N_NONE:
        need = table[state, R_NEED]
        whole = True
        if need in (N_DOUBLE, N_DOOR):
            above = at(cells, x, y + 1, z)
            whole = above == UNKNOWN or (nature.base[above] == nature.base[state] and table[above, R_NEED] == N_UPPER)
        if need == N_UPPER or not whole:
            # Half a door or plant is none; the items come from the half that broke first.
            if not whole or not supported(cells, nature, x, y, z, state):
                wet = table[state, R_FLUID] == F_WATER
                put_state(cells, x, y, z, nature.named[S_WATER if wet else S_AIR])
        elif not supported(cells, nature, x, y, z, state):
            break_block(cells, nature, x, y, z, state)
