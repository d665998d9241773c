"""What the kernels of nature share."""

from __future__ import annotations

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.nature.layout import (
    C_DROPS,
    F_WATER,
    MAX_DROPS,
    R_FLUID,
    S_AIR,
    S_WATER,
    Nature,
)
from conscious_bot.simulation.voxels import Cells, get_state, put_state

__all__ = ["at", "break_block", "has_room"]

_ROWS = 400


@kernel_njit
def at(cells: Cells, x: int, y: int, z: int) -> int:
    """The state at a cell."""
    return int(get_state(cells, x, y, z))


@kernel_njit
def has_room(cells: Cells, nature: Nature) -> bool:
    """Whether one more doing finds room for its changes and drops in this tick; what does not waits."""
    counts = nature.counts
    return cells.log.shape[0] - cells.logged[0] > _ROWS and counts[C_DROPS] < MAX_DROPS - 64


@kernel_njit
def break_block(cells: Cells, nature: Nature, x: int, y: int, z: int, state: int) -> None:
    """A block breaks by itself: its cell is air, or the water it stood in, and its items drop after the tick."""
    table = nature.table
    wet = table[state, R_FLUID] == F_WATER
    put_state(cells, x, y, z, nature.named[S_WATER if wet else S_AIR])
    n = nature.counts[C_DROPS]
    if n < MAX_DROPS:
        drops = nature.drops
        drops[n, 0], drops[n, 1], drops[n, 2], drops[n, 3] = x, y, z, state
        nature.counts[C_DROPS] = n + 1
