"""Saplings that become trees: trunks and crowns of the game's sizes, in plain shapes. Kernels.

Heights: Minecraft Wiki, "Tree" (oak 4 to 6, birch 5 to 7, spruce 6 to 9 logs, jungle 4 to 6 without its giants).
"""

from __future__ import annotations

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.dice import Dice, between
from conscious_bot.simulation.nature.common import at
from conscious_bot.simulation.nature.layout import (
    FIRST_TREE,
    K_GRASS,
    K_LEAVES,
    K_SAPLING,
    R_KIND,
    R_YIELDS,
    S_AIR,
    S_DIRT,
    T_SPRUCE,
    Nature,
)
from conscious_bot.simulation.voxels import MAX_Y, Cells, put_state
from conscious_bot.world.region import UNKNOWN

__all__ = ["grow_tree"]

_LOW = np.array([4, 5, 6, 4, 5, 5])
_HIGH = np.array([6, 7, 9, 6, 7, 6])


@kernel_njit
def _free(cells: Cells, nature: Nature, x: int, y: int, z: int) -> bool:
    """Whether a tree may grow through a cell."""
    state = at(cells, x, y, z)
    table = nature.table
    kind = table[state, R_KIND]
    return state != UNKNOWN and (state == 0 or kind in (K_LEAVES, K_SAPLING) or table[state, R_YIELDS] == 1)


@kernel_njit
def grow_tree(cells: Cells, nature: Nature, dice: Dice, x: int, y: int, z: int, tree: int) -> bool:
    """Make a tree of a sapling, if there is room for it; whether it grew."""
    table = nature.table
    log, leaves = nature.named[FIRST_TREE + 2 * tree], nature.named[FIRST_TREE + 2 * tree + 1]
    height = between(dice, _LOW[tree], _HIGH[tree])
    if log == 0 or y + height + 1 > MAX_Y:
        return False
    for b in range(1, height + 2):
        wide = 0 if b < height - 2 else 1
        for a in range(-wide, wide + 1):
            for c in range(-wide, wide + 1):
                if not _free(cells, nature, x + a, y + b, z + c):
                    return False
    below = at(cells, x, y - 1, z)
    if table[below, R_KIND] == K_GRASS:
        put_state(cells, x, y - 1, z, nature.named[S_DIRT])
    for b in range(height):
        put_state(cells, x, y + b, z, log)
    lowest = 2 if tree == T_SPRUCE else height - 3
    for b in range(lowest, height + 1):
        from_top = height - b
        if tree == T_SPRUCE:
            wide = 0 if from_top == 0 else 1 if from_top % 2 == 1 or from_top < 2 else 2
        else:
            wide = 1 if from_top < 2 else 2
        for a in range(-wide, wide + 1):
            for c in range(-wide, wide + 1):
                if abs(a) == wide and abs(c) == wide and wide > 0:
                    if tree == T_SPRUCE or from_top == 0 or between(dice, 0, 1) == 0:
                        continue
                there = at(cells, x + a, y + b, z + c)
                if there == nature.named[S_AIR] or (there != UNKNOWN and table[there, R_YIELDS] == 1):
                    # The way along the crown to the trunk; it corrects itself where that is cut.
                    way = min(abs(a) + abs(c) + max(b - height + 1, 0), 7)
                    put_state(cells, x + a, y + b, z + c, leaves + 4 * (max(way, 1) - 1))
    return True
