"""One tick of the world's own doings. Kernels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.nature.common import at, has_room
from conscious_bot.simulation.nature.fluids import flow
from conscious_bot.simulation.nature.layout import (
    C_DROPS,
    C_SEEN,
    C_TICKS,
    FLOW,
    R_TICKS,
    Nature,
)
from conscious_bot.simulation.nature.schedule import notice, pop, push
from conscious_bot.simulation.nature.updates import update
from conscious_bot.simulation.sharing import HELD
from conscious_bot.simulation.voxels import HEIGHT, Cells, states_at
from conscious_bot.world.region import UNKNOWN

__all__ = ["count_growing", "must_stop", "notice_changes", "run_scheduled"]

Ints = npt.NDArray[np.int64]
_WAIT = 40


@kernel_njit
def notice_changes(cells: Cells, nature: Nature, now: int) -> None:
    """Take note of changes made between ticks."""
    if nature.counts[C_SEEN] < cells.logged[0]:
        notice(cells, nature, now)


@kernel_njit
def run_scheduled(cells: Cells, nature: Nature, game_rules: Ints, now: int) -> None:
    """Run the scheduled ticks that are due."""
    while nature.counts[C_TICKS] > 0 and nature.heap[0, 0] >> 28 <= now and has_room(cells, nature):
        x, y, z, purpose = pop(nature)
        if at(cells, x, y, z) == UNKNOWN:  # it waits until it is loaded again
            push(nature, now + _WAIT, x, y, z, purpose)
        elif purpose == FLOW:
            flow(cells, nature, game_rules, x, y, z)
        else:
            update(cells, nature, now, x, y, z)


@kernel_njit
def must_stop(cells: Cells, nature: Nature) -> bool:
    """Whether Python has to see to something before the next tick: items that drop, or rooms that fill up."""
    return (
        nature.counts[C_DROPS] > 0
        or 2 * cells.logged[0] > cells.log.shape[0]
        or 2 * nature.counts[C_TICKS] > nature.heap.shape[0]
    )


@kernel_njit
def count_growing(cells: Cells, nature: Nature, slot: int) -> None:
    """Count what random ticks matter to in a column that was loaded."""
    nature.lively[slot] = 0
    states = states_at(cells.columns[slot, HELD])
    top = min(cells.top[slot], HEIGHT)
    for layer in range(HEIGHT):
        found = 0
        for z in range(16 if layer < top else 0):
            for x in range(16):
                found += nature.table[states[layer, z, x], R_TICKS]
        nature.growing[slot, layer] = found
        if found > 0:
            nature.lively[slot] |= 1 << (layer >> 4)
