"""The moving parts of a world as arrays: players, dropped items, the clock. Kernels and saves share them.

Every array is a table with one row per player or item; the constants below name its columns. `Arrays`
bundles what a kernel needs for one run of ticks. The constants are compiled into the njit kernels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from conscious_bot.simulation.bundles import Bundle
from conscious_bot.simulation.creatures.layout import CreatureArrays
from conscious_bot.simulation.facts import Shapes
from conscious_bot.simulation.gamerules import GAME_RULES
from conscious_bot.simulation.light import LightCells
from conscious_bot.simulation.nature.layout import Nature
from conscious_bot.simulation.voxels import Cells

__all__ = ["Arrays", "Floats", "Ints", "new_arrays"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Players, numbers (float64)
PF_X, PF_Y, PF_Z, PF_VX, PF_VY, PF_VZ = range(6)  # blocks, blocks per tick
PF_YAW, PF_PITCH = 6, 7  # radians: yaw 0 looks to +z and grows towards -x, pitch is positive upwards
PF_HEALTH, PF_FALL, PF_SATURATION = 8, 9, 10
PF_FORWARD, PF_STRAFE = 11, 12  # keys: -1, 0, 1
PF_DIG = 13  # how much of the block is broken, 0 to 1
PF_BEST = 14  # the least distance to the next cell so far
PF_EXHAUSTION, PF_ABSORPTION, PF_LAST_HURT = 15, 16, 17  # hunger's points, extra health, the last blow's damage
PF_COLUMNS = 18

# Players, integers (int64)
PI_ONLINE, PI_ALIVE, PI_ON_GROUND, PI_IN_WATER, PI_IN_LAVA, PI_COLLIDED = range(6)
PI_JUMP, PI_SPRINT, PI_JUMP_DELAY = 6, 7, 8
PI_AIR, PI_FOOD, PI_HURT_DELAY = 9, 10, 11
PI_ACTION = 12  # ACT_*
PI_STEP, PI_STEPS, PI_STUCK = 13, 14, 15  # next cell of the path, its length, ticks without headway
PI_DIG_X, PI_DIG_Y, PI_DIG_Z, PI_DIG_STATE = 16, 17, 18, 19
PI_DIG_TICKS = 20  # and the three after: on dry ground, off the ground, in water, both
PI_CX, PI_CZ = 24, 25  # the column whose surroundings are loaded
PI_FIRE, PI_FOOD_TIMER = 26, 27  # ticks left to burn, ticks towards the next healing or starving
PI_ARMOUR, PI_TOUGHNESS = 28, 29  # points of what is worn
PI_SHIELD = 30  # ticks since the shield was raised; 0: it is down
PI_SLEEP = 31  # the age at which the player lay down; 0: it is awake
PI_DIG_AFTER = 32  # the age before which no new block can be broken
PI_SNEAK, PI_CROUCHED = 33, 34  # the key; the posture, which stays where there is no room to stand
PI_EFFECTS = 35  # two a kind: ticks left, level from 0
EFFECTS = 10
(
    EFFECT_REGENERATION, EFFECT_POISON, EFFECT_HUNGER, EFFECT_ABSORPTION, EFFECT_RESISTANCE,
    EFFECT_FIRE_RESISTANCE, EFFECT_WATER_BREATHING, EFFECT_SATURATION, EFFECT_SPEED, EFFECT_SLOWNESS,
) = range(EFFECTS)  # fmt: skip
PI_COLUMNS = PI_EFFECTS + 2 * EFFECTS

# Kinds of movement that the steering tells apart; what they lead over stands in the path itself
OP_PLAIN, OP_GAP, OP_SWIM, OP_CLIMB, OP_SNEAK = range(5)

ACT_NONE, ACT_FOLLOW, ACT_DIG, ACT_STOP, ACT_LAND = range(5)  # land: a walk that was ended in the air

# Dropped items
IF_X, IF_Y, IF_Z, IF_VX, IF_VY, IF_VZ = range(6)
IF_COLUMNS = 6
II_ID, II_KIND, II_COUNT, II_WEAR, II_AGE, II_DELAY, II_ON_GROUND, II_REFUSED, II_ASLEEP = range(9)
II_LIMIT = 9  # how many make a full stack
II_COLUMNS = 10

# The clock
CK_AGE, CK_TIME, CK_NEXT_ID, CK_ITEMS = range(4)
CK_DIFFICULTY = 4  # 0 peaceful, 1 easy, 2 normal, 3 hard
CK_COLUMNS = 5

# What a run of ticks reports: rows (code, who, what)
EV_CELL = 1  # player reached cell `what` of its path
EV_WALK_ENDED = 2  # player; WALK_*
EV_DUG = 3  # player broke its block
EV_DIG_CHANGED = 4  # player's block is another one now
EV_DIG_FAR = 5  # player's block is out of reach now
EV_PICKUP = 6  # player touches the item with id `what`
EV_COLUMN = 7  # player entered another column
EV_HURT = 8  # player; a cause of damage.py
EV_DIED = 9  # player; a cause of damage.py
EV_STILL = 10  # player stands still
EV_ARMOUR = 40  # player; every worn piece of armour wears by `what`
EV_SHIELD = 41  # player; its raised shield took a blow and wears by `what`

WALK_ARRIVED, WALK_DEVIATED, WALK_STUCK, WALK_BLOCKED = range(4)

MAX_EVENTS = 256
SCRATCH = 512


# The weather; levels run from 0 to 100
WE_RAINING, WE_RAIN_TICKS, WE_THUNDERING, WE_THUNDER_TICKS, WE_CLEAR_TICKS, WE_RAIN, WE_THUNDER = range(7)
WE_COLUMNS = 7


@dataclass(frozen=True, eq=False)
class Arrays(Bundle):
    """Everything a kernel needs for one run of ticks."""

    cells: Cells
    shapes: Shapes
    pf: Annotated[npt.NDArray[np.float64], (-1, PF_COLUMNS)]
    pi: Annotated[npt.NDArray[np.int64], (-1, PI_COLUMNS)]
    paths: Annotated[npt.NDArray[np.int64], (-1, -1, 4)]
    """[player, cell, (x, y, z, OP_*)]; row 0 is where the walk began."""
    items_f: Annotated[npt.NDArray[np.float64], (-1, IF_COLUMNS)]
    items_i: Annotated[npt.NDArray[np.int64], (-1, II_COLUMNS)]
    clock: Annotated[npt.NDArray[np.int64], (CK_COLUMNS,)]
    weather: Annotated[npt.NDArray[np.int64], (WE_COLUMNS,)]
    dice: Annotated[npt.NDArray[np.uint64], (1,)]
    """[state of the kernels' dice]; see `dice`."""
    rules: Annotated[npt.NDArray[np.int64], (len(GAME_RULES),)]
    """Game rules, by `gamerules.GR_*`."""
    light: LightCells
    light_seen: Annotated[npt.NDArray[np.int64], (1,)]
    """[rows of the cells' log that the light has followed]."""
    nature: Nature
    events: Annotated[npt.NDArray[np.int64], (MAX_EVENTS, 3)]
    told: Annotated[npt.NDArray[np.int64], (1,)]
    """[rows of `events` that the last tick filled]."""
    scratch: Annotated[npt.NDArray[np.float64], (SCRATCH, 6)]
    """Room for working out a movement."""
    creatures: CreatureArrays


def new_arrays(
    cells: Cells, shapes: Shapes, light: LightCells, rules: Ints, nature: Nature, creatures: CreatureArrays
) -> Arrays:
    """Empty tables around a store's cells."""
    return Arrays(
        cells=cells,
        shapes=shapes,
        pf=np.zeros((0, PF_COLUMNS)),
        pi=np.zeros((0, PI_COLUMNS), np.int64),
        paths=np.zeros((0, 64, 4), np.int64),
        items_f=np.zeros((64, IF_COLUMNS)),
        items_i=np.zeros((64, II_COLUMNS), np.int64),
        clock=np.zeros(CK_COLUMNS, np.int64),
        weather=np.zeros(WE_COLUMNS, np.int64),
        dice=np.zeros(1, np.uint64),
        rules=rules,
        light=light,
        light_seen=np.zeros(1, np.int64),
        nature=nature,
        events=np.zeros((MAX_EVENTS, 3), np.int64),
        told=np.zeros(1, np.int64),
        scratch=np.zeros((SCRATCH, 6)),
        creatures=creatures,
    )
