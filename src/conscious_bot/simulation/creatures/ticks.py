"""One tick of all creatures and arrows. Kernels.

Sources, Minecraft Wiki: "Damage" (fall, lava, void, drowning, suffocation, immunity), "Fire" (burning),
"Daylight" and "Zombie" (burning in daylight), "Enderman" (water), "Arrow" (flight).
"""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures.chance import unit
from conscious_bot.simulation.creatures.ender import teleport
from conscious_bot.simulation.creatures.layout import (
    CF_HEALTH,
    CF_LAST_HARM,
    CF_X,
    CF_Y,
    CF_Z,
    CHICKEN,
    CI_AGE,
    CI_AIR,
    CI_FIRE,
    CI_GONE,
    CI_ID,
    CI_IN_LAVA,
    CI_IN_WATER,
    CI_KIND,
    CI_NO_AI,
    CI_PANIC,
    CI_SHIELDED,
    CI_STEPS,
    CI_WALKS,
    ENDERMAN,
    EV_CREATURE_DIED,
    FIRST_MONSTER,
    HD_COUNT,
    HD_SHOTS,
    KD_EYE,
    SKELETON,
    ZOMBIE,
    CreatureArrays,
)
from conscious_bot.simulation.creatures.mind import deal, think
from conscious_bot.simulation.creatures.motion import move_creature
from conscious_bot.simulation.creatures.spawning import spawn_naturally, vanishes
from conscious_bot.simulation.damage import PROJECTILE, tell
from conscious_bot.simulation.facts import LAVA, SOLID, WATER
from conscious_bot.simulation.harm import SUFFOCATES
from conscious_bot.simulation.physics import PLAYER_WIDTH, height_of
from conscious_bot.simulation.sky import block_light_at, sky_darkening, sky_light_at
from conscious_bot.simulation.state import (
    CK_AGE,
    CK_TIME,
    PF_X,
    PF_Y,
    PF_Z,
    PI_ALIVE,
    PI_ONLINE,
    WE_RAIN,
    WE_RAINING,
    WE_THUNDER,
    Arrays,
)
from conscious_bot.simulation.voxels import get_state
from conscious_bot.world.region import UNKNOWN

__all__ = ["harm", "tick_creatures"]

_VOID = -128.0
_SAFE_FALL = 3.0
_SUN_FIRE = 160
_LAVA_FIRE = 300
_PANIC = 100
_ARROW_LIFE = 1200


@kernel_njit
def harm(c: CreatureArrays, i: int, amount: float) -> bool:
    """Hurt a creature; whether it took harm. For ten ticks after a blow only what exceeds it hurts."""
    ci, cf = c.ci, c.cf
    if cf[i, CF_HEALTH] <= 0.0 or amount <= 0.0:
        return False
    if ci[i, CI_SHIELDED] > 10:
        if amount <= cf[i, CF_LAST_HARM]:
            return False
        cf[i, CF_HEALTH] -= amount - cf[i, CF_LAST_HARM]
        cf[i, CF_LAST_HARM] = amount
    else:
        cf[i, CF_HEALTH] -= amount
        cf[i, CF_LAST_HARM] = amount
        ci[i, CI_SHIELDED] = 20
    if ci[i, CI_KIND] < FIRST_MONSTER:
        ci[i, CI_PANIC] = _PANIC
        ci[i, CI_WALKS] = 0
    return True


@kernel_njit
def _sunlit(arrays: Arrays, i: int) -> bool:
    """Whether the day's light is full on a creature's head: the chance it catches fire in a tick, drawn."""
    c = arrays.creatures
    draw = unit(arrays.dice) * 30.0
    if draw >= 1.2:  # even the brightest light would not do; the rarer question is the cheaper one
        return False
    dark = sky_darkening(arrays.clock[CK_TIME], arrays.weather[WE_RAIN], arrays.weather[WE_THUNDER])
    if dark >= 4 or arrays.weather[WE_RAINING]:
        return False
    x, z = math.floor(c.cf[i, CF_X]), math.floor(c.cf[i, CF_Z])
    y = math.floor(c.cf[i, CF_Y] + c.kinds[c.ci[i, CI_KIND], KD_EYE])
    sky = sky_light_at(arrays, x, y, z)
    if sky < 15:  # the sky is not open above
        return False
    level = max(sky - dark, block_light_at(arrays, x, y, z)) / 15.0
    bright = level / (4.0 - 3.0 * level)
    return bright > 0.5 and draw < (bright - 0.4) * 2.0


@kernel_njit
def _suffer(arrays: Arrays, i: int, fallen: float) -> None:
    """What the surroundings do to a creature."""
    c = arrays.creatures
    cf, ci = c.cf, c.ci
    kind = ci[i, CI_KIND]
    age = arrays.clock[CK_AGE] + ci[i, CI_ID]
    if fallen > _SAFE_FALL and kind != CHICKEN:
        harm(c, i, math.ceil(fallen - _SAFE_FALL))
    if cf[i, CF_Y] < _VOID:
        harm(c, i, 4.0)
    if ci[i, CI_IN_LAVA]:
        harm(c, i, 4.0)
        ci[i, CI_FIRE] = max(ci[i, CI_FIRE], _LAVA_FIRE)
    if ci[i, CI_IN_WATER]:
        ci[i, CI_FIRE] = 0
        if kind == ENDERMAN:
            harm(c, i, 1.0)
            teleport(arrays, i)
    if kind == ENDERMAN and arrays.weather[WE_RAINING] and age % 10 == 0:
        x, y, z = math.floor(cf[i, CF_X]), math.floor(cf[i, CF_Y] + 2.55), math.floor(cf[i, CF_Z])
        if sky_light_at(arrays, x, y, z) == 15:
            harm(c, i, 1.0)
            teleport(arrays, i)
    if kind in (ZOMBIE, SKELETON) and not ci[i, CI_IN_WATER] and _sunlit(arrays, i):
        ci[i, CI_FIRE] = max(ci[i, CI_FIRE], _SUN_FIRE)
    if ci[i, CI_FIRE] > 0:
        if ci[i, CI_FIRE] % 20 == 0 and not ci[i, CI_IN_LAVA]:
            harm(c, i, 1.0)
        ci[i, CI_FIRE] -= 1
    if age % 10 == 0:
        cells, shapes = arrays.cells, arrays.shapes
        x, z = math.floor(cf[i, CF_X]), math.floor(cf[i, CF_Z])
        y = math.floor(cf[i, CF_Y] + c.kinds[kind, KD_EYE])
        head = get_state(cells, x, y, z)
        if shapes.flags[head] & WATER and kind not in (ZOMBIE, SKELETON):
            ci[i, CI_AIR] -= 10
            if ci[i, CI_AIR] <= -20:
                ci[i, CI_AIR] = 0
                harm(c, i, 2.0)
        else:
            ci[i, CI_AIR] = 300
            if shapes.harm[head] & SUFFOCATES:
                harm(c, i, 1.0)


@kernel_njit
def _tick_creature(arrays: Arrays, i: int) -> None:
    """One tick of a creature whose column is loaded."""
    c = arrays.creatures
    cf, ci = c.cf, c.ci
    ci[i, CI_AGE] += 1
    if ci[i, CI_SHIELDED] > 0:
        ci[i, CI_SHIELDED] -= 1
    if cf[i, CF_HEALTH] > 0.0:
        fallen = 0.0
        if not ci[i, CI_NO_AI]:
            push, jump = think(arrays, i)
            fallen = move_creature(arrays.cells, arrays.shapes, arrays.scratch, c, i, push, jump, arrays.clock[CK_AGE])
        _suffer(arrays, i, fallen)
        if vanishes(arrays, i):
            ci[i, CI_GONE] = 1
    if cf[i, CF_HEALTH] <= 0.0 and not ci[i, CI_GONE]:
        tell(arrays.events, arrays.told, EV_CREATURE_DIED, 0, ci[i, CI_ID])


@kernel_njit
def _strikes_player(arrays: Arrays, n: int, t: float) -> int:
    """The player whose box an arrow is in after a part `t` of its flight in this tick, or -1."""
    pf, pi, shot = arrays.pf, arrays.pi, arrays.creatures.shots_f[n]
    x, y, z = shot[0] + shot[3] * t, shot[1] + shot[4] * t, shot[2] + shot[5] * t
    half = PLAYER_WIDTH / 2 + 0.3
    for p in range(pf.shape[0]):
        if not pi[p, PI_ONLINE] or not pi[p, PI_ALIVE]:
            continue
        if abs(x - pf[p, PF_X]) > half or abs(z - pf[p, PF_Z]) > half:
            continue
        if pf[p, PF_Y] - 0.3 <= y <= pf[p, PF_Y] + height_of(pi, p) + 0.3:
            return p
    return -1


@kernel_njit
def _in_block(arrays: Arrays, x: float, y: float, z: float) -> bool:
    """Whether a point lies inside a block's boxes, or where nothing is loaded."""
    cells, shapes = arrays.cells, arrays.shapes
    bx, by, bz = math.floor(x), math.floor(y), math.floor(z)
    state = get_state(cells, bx, by, bz)
    if not shapes.flags[state] & SOLID:
        return False
    for b in range(shapes.first[state], shapes.first[state] + shapes.boxed[state]):
        box = shapes.boxes[b]
        if box[0] <= x - bx <= box[3] and box[1] <= y - by <= box[4] and box[2] <= z - bz <= box[5]:
            return True
    return False


@kernel_njit
def _tick_arrow(arrays: Arrays, n: int) -> bool:
    """One tick of an arrow's flight; whether it flies on."""
    c = arrays.creatures
    shot = c.shots_f[n]
    c.shots_i[n, 3] += 1
    speed = math.sqrt(shot[3] * shot[3] + shot[4] * shot[4] + shot[5] * shot[5])
    parts = int(speed / 0.1) + 1
    for k in range(1, parts + 1):
        t = k / parts
        if _in_block(arrays, shot[0] + shot[3] * t, shot[1] + shot[4] * t, shot[2] + shot[5] * t):
            return False
        p = _strikes_player(arrays, n, t)
        if p >= 0:
            deal(arrays, p, math.ceil(speed * shot[6]), PROJECTILE, shot[0] - shot[3], shot[2] - shot[5])
            return False
    for axis in range(3):
        shot[axis] += shot[axis + 3]
    state = get_state(arrays.cells, math.floor(shot[0]), math.floor(shot[1]), math.floor(shot[2]))
    drag = 0.6 if arrays.shapes.flags[state] & (WATER | LAVA) else 0.99
    for axis in range(3, 6):
        shot[axis] *= drag
    shot[4] -= 0.05
    return c.shots_i[n, 3] < _ARROW_LIFE and shot[1] > _VOID


@kernel_njit
def _tick_arrows(arrays: Arrays) -> None:
    """One tick of all arrows."""
    c = arrays.creatures
    kept = 0
    for n in range(c.head[HD_SHOTS]):
        if not _tick_arrow(arrays, n):
            continue
        if kept != n:
            for k in range(c.shots_f.shape[1]):
                c.shots_f[kept, k] = c.shots_f[n, k]
            for k in range(c.shots_i.shape[1]):
                c.shots_i[kept, k] = c.shots_i[n, k]
        kept += 1
    c.head[HD_SHOTS] = kept


@kernel_njit
def tick_creatures(arrays: Arrays) -> None:
    """One tick of everything in this room."""
    c = arrays.creatures
    cells = arrays.cells
    spawn_naturally(arrays)
    kept = 0
    for i in range(c.head[HD_COUNT]):
        x, y, z = math.floor(c.cf[i, CF_X]), math.floor(c.cf[i, CF_Y]), math.floor(c.cf[i, CF_Z])
        if get_state(cells, x, y, z) != UNKNOWN:
            _tick_creature(arrays, i)
        elif vanishes(arrays, i):  # what is in columns that are not loaded waits there, or is forgotten
            c.ci[i, CI_GONE] = 1
        if c.ci[i, CI_GONE]:
            continue
        if kept != i:
            for k in range(c.cf.shape[1]):
                c.cf[kept, k] = c.cf[i, k]
            for k in range(c.ci.shape[1]):
                c.ci[kept, k] = c.ci[i, k]
            for k in range(c.ci[kept, CI_STEPS]):
                for axis in range(3):
                    c.paths[kept, k, axis] = c.paths[i, k, axis]
        kept += 1
    c.head[HD_COUNT] = kept
    if c.head[HD_SHOTS]:
        _tick_arrows(arrays)
