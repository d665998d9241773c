"""The creatures' arrays: one row per creature, one per flying arrow. The constants are compiled into kernels.

Facts of the kinds, Minecraft Wiki (Java Edition 1.20.4), page of each creature and "Attribute" (health,
speed, follow range, attack damage), "Hitbox" (sizes: minecraft-data), "Eye height".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation.bundles import Bundle
from conscious_bot.simulation.sharing import untouched

__all__ = ["KINDS", "CreatureArrays", "Floats", "Longs", "kind_table", "new_creatures"]

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

COW, PIG, SHEEP, CHICKEN, ZOMBIE, SKELETON, SPIDER, CREEPER, ENDERMAN = range(9)
KINDS = ("cow", "pig", "sheep", "chicken", "zombie", "skeleton", "spider", "creeper", "enderman")
FIRST_MONSTER = ZOMBIE
"""Kinds from here on are monsters, those before are animals."""

# Creatures, numbers
CF_X, CF_Y, CF_Z, CF_VX, CF_VY, CF_VZ, CF_YAW, CF_HEALTH, CF_FALL = range(9)
CF_GOAL_X, CF_GOAL_Y, CF_GOAL_Z, CF_PACE, CF_NEAREST, CF_LAST_HARM = 9, 10, 11, 12, 13, 14
CF_COLUMNS = 15

# Creatures, integers
CI_ID, CI_KIND, CI_NO_AI, CI_KEPT, CI_ON_GROUND, CI_IN_WATER, CI_IN_LAVA, CI_BLOCKED = range(8)
CI_SHIELDED = 8  # ticks of invulnerability left, 20 after a blow; below 11 it can be hurt in full again
CI_FIRE, CI_AIR = 9, 10  # ticks
CI_TARGET, CI_UNSEEN, CI_ANGRY, CI_COOLDOWN, CI_FUSE, CI_PANIC = 11, 12, 13, 14, 15, 16  # target: player + 1
CI_IDLE = 17  # ticks without a player within 32 blocks
CI_WALKS, CI_REPLAN, CI_STEP, CI_STEPS, CI_STUCK = 18, 19, 20, 21, 22
CI_AGE, CI_SEEING, CI_GONE = 23, 24, 25
CI_COLUMNS = 26

# Arrows in flight: position, velocity, damage at one block a tick; id, owner's id, owner's kind, age
SF_COLUMNS, SI_COLUMNS = 7, 4
MAX_SHOTS = 64

# Heads
HD_COUNT, HD_SHOTS, HD_NATURAL, HD_SPAWN_X, HD_SPAWN_Y, HD_SPAWN_Z, HD_STAMP = range(7)
HD_COLUMNS = 7

# Kinds
(
    KD_WIDTH, KD_HEIGHT, KD_EYE, KD_HEALTH, KD_SPEED, KD_STROLL, KD_HASTE, KD_SIGHT, KD_DAMAGE, KD_CELLS, KD_DRAG,
) = range(11)  # fmt: skip
KD_COLUMNS = 11

# What a tick reports besides the events of `state`: rows (code, player, what)
EV_CREATURES = 64
"""Codes from here on are the creatures'."""
EV_CREATURE_DIED, EV_BLAST = 64, 65  # what: the creature's id

PATH = 48
"""Cells of a way at most."""
SIDE, TALL = 33, 16
MAX_HEAP = 8192
"""The window in which ways are searched."""

# What a state means to a walker
W_FREE, W_FLOOR, W_LOW, W_TALL, W_WATER, W_DANGER, W_UNKNOWN = range(7)

# Width, height, eye, health, speed, stroll and haste (times speed), sight, damage at normal difficulty, cells
# high, and what is left of the speed of a fall (chickens flutter).
_KINDS = (
    (0.9, 1.4, 1.3, 10.0, 0.2, 1.0, 2.0, 16.0, 0.0, 2.0, 1.0),
    (0.9, 0.9, 0.765, 10.0, 0.25, 1.0, 1.25, 16.0, 0.0, 1.0, 1.0),
    (0.9, 1.3, 1.235, 8.0, 0.23, 1.0, 1.25, 16.0, 0.0, 2.0, 1.0),
    (0.4, 0.7, 0.644, 4.0, 0.25, 1.0, 1.4, 16.0, 0.0, 1.0, 0.6),
    (0.6, 1.95, 1.74, 20.0, 0.23, 1.0, 1.0, 35.0, 3.0, 2.0, 1.0),
    (0.6, 1.99, 1.74, 20.0, 0.25, 1.0, 1.0, 16.0, 2.0, 2.0, 1.0),
    (1.4, 0.9, 0.65, 16.0, 0.3, 0.8, 1.0, 16.0, 2.0, 1.0, 1.0),
    (0.6, 1.7, 1.445, 20.0, 0.25, 0.8, 1.0, 16.0, 0.0, 2.0, 1.0),
    (0.6, 2.9, 2.55, 40.0, 0.3, 1.0, 1.5, 64.0, 7.0, 3.0, 1.0),
)


@dataclass(frozen=True, eq=False)
class CreatureArrays(Bundle):
    """All creatures of a world, for kernels."""

    cf: Annotated[npt.NDArray[np.float64], (-1, CF_COLUMNS)]
    ci: Annotated[npt.NDArray[np.int64], (-1, CI_COLUMNS)]
    paths: Annotated[npt.NDArray[np.int32], (-1, PATH, 3)]
    """[creature, step, 3]."""
    shots_f: Annotated[npt.NDArray[np.float64], (MAX_SHOTS, SF_COLUMNS)]
    shots_i: Annotated[npt.NDArray[np.int64], (MAX_SHOTS, SI_COLUMNS)]
    head: Annotated[npt.NDArray[np.int64], (HD_COLUMNS,)]
    """HD_*."""
    kinds: Annotated[npt.NDArray[np.float64], (len(KINDS), KD_COLUMNS)]
    """[kind, KD_*]."""
    sizes: Annotated[npt.NDArray[np.float64], (len(KINDS), 2, 3)]
    """[kind, 2, 3]: half the width, the height, how high it steps; in the air and on the ground."""
    walk: Annotated[npt.NDArray[np.uint8], (1 << 16,)]
    """W_* of every state."""
    grass: Annotated[npt.NDArray[np.uint8], (1 << 16,)]
    """1 for the states that animals appear on."""
    marks: Annotated[npt.NDArray[np.int32], (SIDE * SIDE * TALL, 4)]
    """The search's notes: [cell of the window, (stamp, cost, came from, closed)]."""
    footing: Annotated[npt.NDArray[np.int64], (SIDE * SIDE * TALL,)]
    """What the search knows of standing there: [cell of the window], (stamp << 2 | `stands`)."""
    heap: Annotated[npt.NDArray[np.int64], (MAX_HEAP,)]

    def forked(self) -> CreatureArrays:
        """An independent copy. What never changes is shared, and a search of a way leaves nothing that is needed."""
        return self.replace(
            cf=self.cf.copy(),
            ci=self.ci.copy(),
            paths=self.paths.copy(),
            shots_f=self.shots_f.copy(),
            shots_i=self.shots_i.copy(),
            head=self.head.copy(),
            marks=untouched(self.marks.shape, np.int32),
            footing=untouched(self.footing.shape, np.int64),
            heap=untouched(self.heap.shape, np.int64),
        )


def kind_table() -> Floats:
    """The facts of the kinds, [kind, KD_*]."""
    return np.array(_KINDS)


def new_creatures(walk: npt.NDArray[np.uint8], grass: npt.NDArray[np.uint8], room: int = 64) -> CreatureArrays:
    """Empty arrays."""
    kinds = kind_table()
    sizes = np.zeros((len(KINDS), 2, 3))
    sizes[:, :, 0] = kinds[:, None, KD_WIDTH] / 2
    sizes[:, :, 1] = kinds[:, None, KD_HEIGHT]
    sizes[:, 1, 2] = 0.6
    sizes[ENDERMAN, 1, 2] = 1.0
    return CreatureArrays(
        cf=np.zeros((room, CF_COLUMNS)),
        ci=np.zeros((room, CI_COLUMNS), np.int64),
        paths=np.zeros((room, PATH, 3), np.int32),
        shots_f=np.zeros((MAX_SHOTS, SF_COLUMNS)),
        shots_i=np.zeros((MAX_SHOTS, SI_COLUMNS), np.int64),
        head=np.zeros(HD_COLUMNS, np.int64),
        kinds=kinds,
        sizes=sizes,
        walk=walk,
        grass=grass,
        marks=untouched((SIDE * SIDE * TALL, 4), np.int32),
        footing=untouched((SIDE * SIDE * TALL,), np.int64),
        heap=untouched((MAX_HEAP,), np.int64),
    )
