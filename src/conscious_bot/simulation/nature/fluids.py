"""Water and lava that flow. Kernels.

Minecraft Wiki, "Fluid", "Water", "Lava": a source gives 8, each step to the side takes 1 from water and 2
from lava (in this dimension); a fluid falls first, and to the sides takes the shortest way to a drop within
4 cells (lava 2); water fed by two sources over solid ground or a source becomes a source. Fluids meet as the
game has it: lava beside or under water turns to obsidian (a source) or cobblestone, lava that flows down
into water makes stone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.gamerules import GR_LAVA_SOURCE_CONVERSION, GR_WATER_SOURCE_CONVERSION
from conscious_bot.simulation.nature.common import at, break_block
from conscious_bot.simulation.nature.layout import (
    F_LAVA,
    F_WATER,
    R_AMOUNT,
    R_FACES,
    R_FALLING,
    R_FLUID,
    R_KIND,
    R_OPEN,
    R_SOURCE,
    S_AIR,
    S_COBBLESTONE,
    S_LAVA,
    S_OBSIDIAN,
    S_STONE,
    S_WATER,
    Nature,
)
from conscious_bot.simulation.voxels import MIN_Y, Cells, put_state

__all__ = ["flow", "harden"]

_DX = np.array([-1, 1, 0, 0])
_DZ = np.array([0, 0, -1, 1])
_FAR = 1000


Ints = npt.NDArray[np.int64]


@kernel_njit
def _fed(cells: Cells, nature: Nature, game_rules: Ints, fluid: int, x: int, y: int, z: int) -> int:
    """What the neighbours make of a cell: 9 a source, 8 falling, 7 to 1 flowing, 0 nothing."""
    table = nature.table
    most = 0
    sources = 0
    for d in range(4):
        state = at(cells, x + _DX[d], y, z + _DZ[d])
        if table[state, R_FLUID] == fluid:
            most = max(most, int(table[state, R_AMOUNT]))
            sources += int(table[state, R_SOURCE])
    converts = game_rules[GR_WATER_SOURCE_CONVERSION if fluid == F_WATER else GR_LAVA_SOURCE_CONVERSION]
    if sources >= 2 and converts:
        below = at(cells, x, y - 1, z)
        if table[below, R_FACES] >> 3 & 1 or (table[below, R_FLUID] == fluid and table[below, R_SOURCE]):
            return 9
    if table[at(cells, x, y + 1, z), R_FLUID] == fluid:
        return 8
    return max(most - (1 if fluid == F_WATER else 2), 0)


@kernel_njit
def _state(cells: Cells, nature: Nature, fluid: int, amount: int) -> int:
    """The state of a fluid: 9 a source, 8 falling, else flowing."""
    base = nature.named[S_WATER if fluid == F_WATER else S_LAVA]
    return base + (0 if amount == 9 else 8 if amount == 8 else 8 - amount)


@kernel_njit
def _is_hole(cells: Cells, nature: Nature, fluid: int, x: int, y: int, z: int) -> bool:
    """Whether a fluid in the cell above this one would fall into it."""
    table = nature.table
    if y < MIN_Y:
        return True
    state = at(cells, x, y, z)
    return table[state, R_OPEN] > 0 or table[state, R_FLUID] == fluid


@kernel_njit
def _way(cells: Cells, nature: Nature, fluid: int, x: int, y: int, z: int, first: int, reach: int) -> int:
    """Steps from a cell to the nearest one over a hole, at most `reach`; `_FAR` if there is none. `first`
    is the direction by which the cell was entered."""
    if _is_hole(cells, nature, fluid, x, y - 1, z):
        return 0
    table = nature.table
    # Breadth first over the diamond of cells within reach.
    side = 2 * reach + 1
    seen, queue = nature.seen, nature.queue
    for k in range(side * side):
        seen[k] = 0
    middle = reach * side + reach
    seen[middle] = 1
    queue[0, 0] = queue[0, 1] = queue[0, 2] = 0
    back = first ^ 1
    bx, bz = _DX[back], _DZ[back]
    seen[middle + bx * side + bz] = 1  # not back into the cell it came from
    count = 1
    head = 0
    while head < count:
        i, k, steps = queue[head, 0], queue[head, 1], queue[head, 2]
        head += 1
        if steps >= reach:
            continue
        for d in range(4):
            a, c = i + _DX[d], k + _DZ[d]
            if abs(a) > reach or abs(c) > reach or seen[middle + a * side + c]:
                continue
            seen[middle + a * side + c] = 1
            state = at(cells, x + a, y, z + c)
            if not (table[state, R_OPEN] or (table[state, R_FLUID] == fluid and not table[state, R_SOURCE])):
                continue
            if _is_hole(cells, nature, fluid, x + a, y - 1, z + c):
                return steps + 1
            queue[count, 0], queue[count, 1], queue[count, 2] = a, c, steps + 1
            count += 1
    return _FAR


@kernel_njit
def _enter(cells: Cells, nature: Nature, fluid: int, x: int, y: int, z: int, amount: int) -> None:
    """A fluid enters a cell; what water washes away drops, what lava does is burnt."""
    table = nature.table
    state = at(cells, x, y, z)
    if table[state, R_OPEN] == 2 and fluid == F_WATER:
        break_block(cells, nature, x, y, z, state)
    put_state(cells, x, y, z, _state(cells, nature, fluid, amount))


@kernel_njit
def _to_the_sides(
    cells: Cells, nature: Nature, game_rules: Ints, fluid: int, x: int, y: int, z: int, amount: int
) -> None:
    """Flow on at the same height, where the ways to a drop are shortest."""
    table = nature.table
    reach = 4 if fluid == F_WATER else 2
    best = _FAR
    ways = nature.ways
    for d in range(4):
        ways[d] = _FAR + 1
        a, c = x + _DX[d], z + _DZ[d]
        state = at(cells, a, y, c)
        if table[state, R_OPEN] or (table[state, R_FLUID] == fluid and not table[state, R_SOURCE]):
            ways[d] = _way(cells, nature, fluid, a, y, c, d, reach)
            best = min(best, ways[d])
    for d in range(4):
        a, c = x + _DX[d], z + _DZ[d]
        if ways[d] == best and table[at(cells, a, y, c), R_OPEN]:
            gets = _fed(cells, nature, game_rules, fluid, a, y, c)
            if gets > 0:
                _enter(cells, nature, fluid, a, y, c, gets)


@kernel_njit
def harden(cells: Cells, nature: Nature, x: int, y: int, z: int, state: int) -> bool:
    """Lava that touches water at a side or from above turns to stone; whether it did."""
    table = nature.table
    touches = table[at(cells, x, y + 1, z), R_FLUID] == F_WATER
    for d in range(4):
        touches = touches or table[at(cells, x + _DX[d], y, z + _DZ[d]), R_FLUID] == F_WATER
    if touches:
        put_state(cells, x, y, z, nature.named[S_OBSIDIAN if table[state, R_SOURCE] else S_COBBLESTONE])
    return touches


@kernel_njit
def flow(cells: Cells, nature: Nature, game_rules: Ints, x: int, y: int, z: int) -> None:
    """The scheduled tick of a fluid: follow what feeds it, then flow on."""
    table = nature.table
    state = at(cells, x, y, z)
    fluid = int(table[state, R_FLUID])
    if fluid == 0:
        return
    if fluid == F_LAVA and harden(cells, nature, x, y, z, state):
        return
    amount = int(table[state, R_AMOUNT])
    if not table[state, R_SOURCE]:
        gets = _fed(cells, nature, game_rules, fluid, x, y, z)
        if gets == 0:
            put_state(cells, x, y, z, nature.named[S_AIR])
            return
        wanted = _state(cells, nature, fluid, gets)
        if wanted != state:
            put_state(cells, x, y, z, wanted)
            state = wanted
        amount = int(table[state, R_AMOUNT])
    below = at(cells, x, y - 1, z)
    if y > MIN_Y and fluid == F_LAVA and table[below, R_FLUID] == F_WATER and table[below, R_KIND] == 0:
        if nature.base[below] == nature.named[S_WATER]:
            put_state(cells, x, y - 1, z, nature.named[S_STONE])
            return
    if y > MIN_Y and table[below, R_OPEN]:
        _enter(cells, nature, fluid, x, y - 1, z, 8)
        sources = 0
        for d in range(4):
            near = at(cells, x + _DX[d], y, z + _DZ[d])
            sources += table[near, R_FLUID] == fluid and table[near, R_SOURCE]
        if sources < 3:
            return
    elif not table[state, R_SOURCE] and _is_hole(cells, nature, fluid, x, y - 1, z):
        return
    on = 7 if table[state, R_FALLING] else amount - (1 if fluid == F_WATER else 2)
    if on > 0:
        _to_the_sides(cells, nature, game_rules, fluid, x, y, z, on)
