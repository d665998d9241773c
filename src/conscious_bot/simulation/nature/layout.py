"""The arrays of the world's own doings, and what their numbers mean. Compiled into the njit kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation.bundles import Bundle
from conscious_bot.simulation.sharing import untouched
from conscious_bot.simulation.voxels import HEIGHT

__all__ = ["Nature", "Rules", "new_nature"]

# What kind of thing a state is, for its own doings
(
    K_NONE,
    K_FALLS,
    K_POWDER,
    K_CROP,
    K_BEETROOT,
    K_FARMLAND,
    K_GRASS,
    K_DIRT,
    K_LEAVES,
    K_LOG,
    K_SAPLING,
    K_CANE,
    K_CACTUS,
    K_SNOW,
    K_ICE,
) = range(15)

F_NONE, F_WATER, F_LAVA = range(3)

# What a state needs to stay where it is
(
    N_NONE,
    N_FLOOR,
    N_ANY,
    N_SOIL,
    N_FARM,
    N_CANE,
    N_CACTUS,
    N_SAND,
    N_UPPER,
    N_DOUBLE,
    N_DOOR,
    N_WEST,
    N_EAST,
    N_NORTH,
    N_SOUTH,
    N_SNOW,
) = range(16)

# Ground, as bits
G_SOIL, G_SAND, G_FARM, G_CANE, G_CACTUS = 1, 2, 4, 8, 16

# Named states
(
    S_AIR,
    S_WATER,
    S_LAVA,
    S_STONE,
    S_COBBLESTONE,
    S_OBSIDIAN,
    S_DIRT,
    S_GRASS,
    S_FARMLAND,
    S_CANE,
    S_CACTUS,
) = range(11)
NAMED = (
    "air", "water", "lava", "stone", "cobblestone", "obsidian", "dirt", "grass_block", "farmland", "sugar_cane",
    "cactus",
)  # fmt: skip

# Trees; from FIRST_TREE on in `named`, two each: log, leaves at distance 1 that decay
FIRST_TREE = len(NAMED)
T_OAK, T_BIRCH, T_SPRUCE, T_JUNGLE, T_ACACIA, T_CHERRY = range(6)

UPDATE, FLOW = 0, 1
"""What a scheduled tick is for: a neighbour changed, or a fluid flows."""

NO_DISTANCE = 7
MAX_DROPS = 4096
FIRST_TICKS = 1 << 16
MARKS = 1 << 15
WAY_CELLS = 81


# Columns of the table of states
(
    R_KIND,
    R_TICKS,  # 1: random ticks matter to it
    R_OPEN,  # 1: a fluid may flow in; 2: it breaks and drops as it does
    R_FLUID,
    R_AMOUNT,  # of its fluid: 8 a source or falling, 7 to 1 flowing
    R_SOURCE,
    R_FALLING,
    R_NEED,
    R_GROUND,
    R_FACES,  # sides that carry something: bits in the order -x, +x, -y, +y, -z, +z
    R_AGE,  # of crops, cane, cactus; moisture of farmland; stage of saplings; distance of leaves
    R_LAST,  # the last age; of saplings the tree
    R_KEEPS,  # 1: leaves that never decay
    R_SOLID,  # 1: it has a collision box
    R_YIELDS,  # 1: a block may be placed in its stead
    R_OPAQUE,  # what it takes from light
) = range(16)
R_COLUMNS = 16


class Rules(NamedTuple):
    """What is the same for all worlds of a version. What the version lacks does nothing and lets nothing in."""

    table: npt.NDArray[np.uint8]
    """[16-bit state, R_*]."""
    base: npt.NDArray[np.uint16]
    """The first state of each state's block; of concrete powder the concrete."""
    named: npt.NDArray[np.int64]
    """States by S_*, then log and leaves of each tree by T_*."""


@dataclass(frozen=True, eq=False)
class Nature(Bundle):
    """What a world's own doings need besides its blocks."""

    table: Annotated[npt.NDArray[np.uint8], (1 << 16, R_COLUMNS)]
    base: Annotated[npt.NDArray[np.uint16], (1 << 16,)]
    named: Annotated[npt.NDArray[np.int64], (-1,)]
    heap: Annotated[npt.NDArray[np.int64], (-1, 2)]
    """Scheduled ticks: rows (tick << 28 | order, place and purpose packed), the first due first."""
    counts: Annotated[npt.NDArray[np.int64], (5,)]
    """[scheduled ticks, orders given, rows of the log seen, drops, ticks that found no room]."""
    marks: Annotated[npt.NDArray[np.int64], (MARKS, 2)]
    """Lately scheduled ticks, to schedule none twice."""
    drops: Annotated[npt.NDArray[np.int64], (MAX_DROPS, 4)]
    """Rows (x, y, z, state) of what broke and is to drop its items."""
    columns: Annotated[npt.NDArray[np.int64], (-1, 3)]
    """Rows (cx, cz, slot) of the loaded columns, sorted."""
    growing: Annotated[npt.NDArray[np.int16], (-1, HEIGHT)]
    """[slot, layer]: cells to which random ticks matter."""
    lively: Annotated[npt.NDArray[np.int64], (-1,)]
    """[slot]: bits of the sections that have such a cell."""
    seen: Annotated[npt.NDArray[np.uint8], (WAY_CELLS,)]
    """Room for a fluid's search of its way, as are the next two: the cells it has looked at."""
    queue: Annotated[npt.NDArray[np.int64], (WAY_CELLS, 3)]
    ways: Annotated[npt.NDArray[np.int64], (4,)]


C_TICKS, C_ORDER, C_SEEN, C_DROPS, C_REFUSED = range(5)


def new_nature(rules: Rules, capacity: int) -> Nature:
    """Nothing scheduled, nothing loaded; `capacity` is the store's."""
    return Nature(
        table=rules.table,
        base=rules.base,
        named=rules.named,
        heap=untouched((FIRST_TICKS, 2), np.int64),
        counts=np.zeros(5, np.int64),
        marks=untouched((MARKS, 2), np.int64),
        drops=untouched((MAX_DROPS, 4), np.int64),
        columns=np.zeros((0, 3), np.int64),
        growing=np.zeros((capacity, HEIGHT), np.int16),
        lively=np.zeros(capacity, np.int64),
        seen=np.zeros(WAY_CELLS, np.uint8),
        queue=np.zeros((WAY_CELLS, 3), np.int64),
        ways=np.zeros(4, np.int64),
    )
