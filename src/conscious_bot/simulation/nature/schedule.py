"""Ticks that blocks have asked for, and which changes make them ask. Kernels.

A change of a block is noticed at the end of the tick in which it happens; it never changes other blocks
by itself, it only schedules ticks for its cell and the six around it. A fluid flows after its delay,
what falls does so after 2 ticks, all else looks after itself one tick later (in the game at once).
"""

from __future__ import annotations

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.nature.layout import (
    C_ORDER,
    C_REFUSED,
    C_SEEN,
    C_TICKS,
    F_LAVA,
    F_NONE,
    FLOW,
    K_FALLS,
    K_FARMLAND,
    K_LEAVES,
    K_POWDER,
    MARKS,
    N_NONE,
    R_FLUID,
    R_KIND,
    R_NEED,
    R_TICKS,
    UPDATE,
    Nature,
)
from conscious_bot.simulation.voxels import HALF, MIN_Y, Cells, get_state
from conscious_bot.world.region import UNKNOWN

__all__ = ["notice", "pop", "push"]

WATER_DELAY = 5
LAVA_DELAY = 30
FALL_DELAY = 2
_AWAY = HALF * 16
_DX = np.array([0, -1, 1, 0, 0, 0, 0])
_DY = np.array([0, 0, 0, -1, 1, 0, 0])
_DZ = np.array([0, 0, 0, 0, 0, -1, 1])


@kernel_njit
def push(nature: Nature, due: int, x: int, y: int, z: int, purpose: int) -> None:
    """Schedule a tick for a cell."""
    what = (x + _AWAY) << 26 | (z + _AWAY) << 12 | (y - MIN_Y) << 1 | purpose
    mark = (what ^ what >> 11 ^ due * 7) & (MARKS - 1)
    marks, counts = nature.marks, nature.counts
    if marks[mark, 0] == what + 1 and marks[mark, 1] == due:
        return
    marks[mark, 0] = what + 1
    marks[mark, 1] = due
    i = counts[C_TICKS]
    if i >= nature.heap.shape[0]:
        counts[C_REFUSED] += 1
        return
    counts[C_TICKS] = i + 1
    key = due << 28 | counts[C_ORDER] & 0xFFFFFFF
    counts[C_ORDER] += 1
    while i > 0:
        parent = (i - 1) >> 1
        if nature.heap[parent, 0] <= key:
            break
        nature.heap[i, 0] = nature.heap[parent, 0]
        nature.heap[i, 1] = nature.heap[parent, 1]
        i = parent
    nature.heap[i, 0] = key
    nature.heap[i, 1] = what


@kernel_njit
def pop(nature: Nature) -> tuple[int, int, int, int]:
    """Take the first scheduled tick out: x, y, z, purpose."""
    first = nature.heap[0, 1]
    n = nature.counts[C_TICKS] - 1
    nature.counts[C_TICKS] = n
    key, what = nature.heap[n, 0], nature.heap[n, 1]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and nature.heap[child + 1, 0] < nature.heap[child, 0]:
            child += 1
        if nature.heap[child, 0] >= key:
            break
        nature.heap[i, 0] = nature.heap[child, 0]
        nature.heap[i, 1] = nature.heap[child, 1]
        i = child
    nature.heap[i, 0] = key
    nature.heap[i, 1] = what
    return (first >> 26) - _AWAY, ((first >> 1) & 0x7FF) + MIN_Y, ((first >> 12) & 0x3FFF) - _AWAY, first & 1


@kernel_njit
def _touch(cells: Cells, nature: Nature, now: int, x: int, y: int, z: int) -> None:
    """A cell, or one beside it, has changed."""
    state = int(get_state(cells, x, y, z))
    if state in (0, UNKNOWN):
        return
    table = nature.table
    fluid = table[state, R_FLUID]
    kind = table[state, R_KIND]
    if fluid != F_NONE:
        push(nature, now + (LAVA_DELAY if fluid == F_LAVA else WATER_DELAY), x, y, z, FLOW)
    if kind in (K_FALLS, K_POWDER):
        push(nature, now + FALL_DELAY, x, y, z, UPDATE)
    elif fluid == F_LAVA or table[state, R_NEED] != N_NONE or kind in (K_LEAVES, K_FARMLAND):
        push(nature, now + 1, x, y, z, UPDATE)


@kernel_njit
def _count(nature: Nature, slot: int, layer: int, more: int) -> None:
    """A layer has more or less cells to which random ticks matter."""
    if more == 0:
        return
    growing, section = nature.growing, layer >> 4
    growing[slot, layer] += more
    for k in range(section * 16, section * 16 + 16):
        if growing[slot, k] > 0:
            nature.lively[slot] |= 1 << section
            return
    nature.lively[slot] &= ~(1 << section)


@kernel_njit
def notice(cells: Cells, nature: Nature, now: int) -> None:
    """Take note of the changes of blocks since the last time."""
    counts, table = nature.counts, nature.table
    for row in range(counts[C_SEEN], cells.logged[0]):
        x, y, z = int(cells.log[row, 0]), int(cells.log[row, 1]), int(cells.log[row, 2])
        before, after = cells.log[row, 3], cells.log[row, 4]
        slot = cells.slots[(x >> 4) + HALF, (z >> 4) + HALF]
        _count(nature, slot, y - MIN_Y, int(table[after, R_TICKS]) - int(table[before, R_TICKS]))
        for d in range(7):
            _touch(cells, nature, now, x + _DX[d], y + _DY[d], z + _DZ[d])
    counts[C_SEEN] = cells.logged[0]
