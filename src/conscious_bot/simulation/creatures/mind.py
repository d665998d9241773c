"""What a creature does next: wander, flee, chase, strike, shoot, swell. Kernels.

Sources, Minecraft Wiki: pages of the creatures, section "Behavior"; "Mob" (following range, attack reach:
0.83 around its box since 1.20.2), "Difficulty" (damage by difficulty), "Arrow" and "Skeleton" (how it shoots).
"""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures.chance import roll, unit
from conscious_bot.simulation.creatures.ender import startle, teleport_near
from conscious_bot.simulation.creatures.layout import (
    CF_GOAL_X,
    CF_GOAL_Y,
    CF_GOAL_Z,
    CF_NEAREST,
    CF_PACE,
    CF_VX,
    CF_VY,
    CF_VZ,
    CF_X,
    CF_Y,
    CF_YAW,
    CF_Z,
    CI_ANGRY,
    CI_BLOCKED,
    CI_COOLDOWN,
    CI_FUSE,
    CI_ID,
    CI_IN_LAVA,
    CI_IN_WATER,
    CI_KIND,
    CI_ON_GROUND,
    CI_PANIC,
    CI_REPLAN,
    CI_SEEING,
    CI_STEP,
    CI_STEPS,
    CI_STUCK,
    CI_TARGET,
    CI_UNSEEN,
    CI_WALKS,
    CREEPER,
    ENDERMAN,
    EV_BLAST,
    FIRST_MONSTER,
    HD_SHOTS,
    KD_CELLS,
    KD_DAMAGE,
    KD_EYE,
    KD_HASTE,
    KD_HEIGHT,
    KD_SIGHT,
    KD_SPEED,
    KD_STROLL,
    KD_WIDTH,
    MAX_SHOTS,
    SKELETON,
    SPIDER,
    ZOMBIE,
    CreatureArrays,
    Floats,
    Longs,
)
from conscious_bot.simulation.creatures.paths import clear_way, find_way, sees, stands
from conscious_bot.simulation.damage import MOB, strike_player, tell
from conscious_bot.simulation.physics import PLAYER_WIDTH, eye_of, height_of
from conscious_bot.simulation.sky import light_level_at
from conscious_bot.simulation.state import (
    CK_AGE,
    CK_DIFFICULTY,
    CK_NEXT_ID,
    PF_VX,
    PF_VY,
    PF_VZ,
    PF_X,
    PF_Y,
    PF_Z,
    PI_ALIVE,
    PI_ON_GROUND,
    PI_ONLINE,
    PI_SNEAK,
    Arrays,
)

__all__ = ["deal", "knock_player", "think"]

_REACH = 0.828
_SNEAKER = 0.8  # of the range at which prey is noticed (Minecraft Wiki, "Sneaking")
_STROLLS = 120  # one in so many ticks an idle creature sets out
_BRIGHT = 12  # from this light on spiders are calm
_GIVE_UP = 60  # ticks without seeing its prey
_FUSE = 30
_SWELL_NEAR, _SWELL_FAR = 9.0, 49.0  # squared blocks
_SHOT_RANGE = 225.0
_DRAW = 20


@kernel_njit
def deal(arrays: Arrays, p: int, damage: float, cause: int, x: float, z: float) -> None:
    """Strike a player from a place, and knock it back if that hurt."""
    pf, pi = arrays.pf, arrays.pi
    done = strike_player(
        pf, pi, arrays.events, arrays.told, p, float(damage), int(cause), x, z, arrays.clock[CK_DIFFICULTY]
    )
    if done == 1:
        knock_player(pf, pi, p, x, z)


@kernel_njit
def knock_player(pf: Floats, pi: Longs, p: int, x: float, z: float) -> None:
    """Throw a player back from a place (Minecraft Wiki, "Knockback (mechanic)": 0.4 blocks a tick)."""
    dx, dz = x - pf[p, PF_X], z - pf[p, PF_Z]
    length = math.sqrt(dx * dx + dz * dz)
    if length < 1e-4:
        return
    pf[p, PF_VX] = pf[p, PF_VX] / 2 - dx / length * 0.4
    pf[p, PF_VZ] = pf[p, PF_VZ] / 2 - dz / length * 0.4
    if pi[p, PI_ON_GROUND]:
        pf[p, PF_VY] = min(0.4, pf[p, PF_VY] / 2 + 0.4)
        pi[p, PI_ON_GROUND] = 0


@kernel_njit
def _go(c: CreatureArrays, i: int, x: float, y: float, z: float, pace: float) -> None:
    """Walk straight to a place."""
    c.cf[i, CF_GOAL_X], c.cf[i, CF_GOAL_Y], c.cf[i, CF_GOAL_Z], c.cf[i, CF_PACE] = x, y, z, pace
    c.cf[i, CF_NEAREST] = 1e9
    c.ci[i, CI_WALKS], c.ci[i, CI_STEP], c.ci[i, CI_STEPS], c.ci[i, CI_STUCK] = 1, 0, 0, 0


@kernel_njit
def _plan(arrays: Arrays, i: int, x: float, y: float, z: float, pace: float) -> bool:
    """Find a way to a place and set out on it; whether it leads there."""
    c = arrays.creatures
    cf, ci = c.cf, c.ci
    tall = int(c.kinds[ci[i, CI_KIND], KD_CELLS])
    fx, fy, fz = cf[i, CF_X], cf[i, CF_Y], cf[i, CF_Z]
    if clear_way(c, arrays.cells, fx, fy, fz, x, y, z, tall):
        _go(c, i, x, y, z, pace)
        return True
    sx, sy, sz = math.floor(fx), math.floor(fy + 0.01), math.floor(fz)
    if not stands(c, arrays.cells, sx, sy, sz, tall):
        found = False  # on an edge, its middle may hang over: begin where it has its feet
        for d in range(9):
            ax, az = math.floor(fx + 0.45 * (d % 3 - 1)), math.floor(fz + 0.45 * (d // 3 - 1))
            if stands(c, arrays.cells, ax, sy, az, tall):
                sx, sz = ax, az
                found = True
                break
        if not found and stands(c, arrays.cells, sx, sy - 1, sz, tall):
            sy -= 1
    steps, arrives = find_way(c, arrays.cells, i, sx, sy, sz, math.floor(x), math.floor(y + 0.01), math.floor(z), tall)
    if steps == 0:
        ci[i, CI_WALKS] = 0
        return arrives
    if not arrives or steps < 2:
        last = steps - 1
        x, y, z = c.paths[i, last, 0] + 0.5, float(c.paths[i, last, 1]), c.paths[i, last, 2] + 0.5
    _go(c, i, x, y, z, pace)
    ci[i, CI_STEPS] = steps
    return arrives


@kernel_njit
def _stroll(arrays: Arrays, i: int, reach: int, pace: float) -> None:
    """Set out for some place nearby that one can stand on."""
    c = arrays.creatures
    tall = int(c.kinds[c.ci[i, CI_KIND], KD_CELLS])
    x, y, z = math.floor(c.cf[i, CF_X]), math.floor(c.cf[i, CF_Y]), math.floor(c.cf[i, CF_Z])
    for _ in range(10):
        tx = x + roll(arrays.dice, 2 * reach + 1) - reach
        tz = z + roll(arrays.dice, 2 * reach + 1) - reach
        for k in range(8):
            ty = y + (k + 1) // 2 * (1 if k & 1 else -1)
            if stands(c, arrays.cells, tx, ty, tz, tall) == 1:
                _plan(arrays, i, tx + 0.5, float(ty), tz + 0.5, pace)
                return


@kernel_njit
def _steer(arrays: Arrays, i: int) -> tuple[float, bool]:
    """Follow the way: how strongly to push, and whether to jump."""
    c = arrays.creatures
    cf, ci = c.cf, c.ci
    kind = ci[i, CI_KIND]
    while True:
        step, steps = ci[i, CI_STEP], ci[i, CI_STEPS]
        if step < steps:
            tx = c.paths[i, step, 0] + 0.5
            ty = float(c.paths[i, step, 1])
            tz = c.paths[i, step, 2] + 0.5
        else:
            tx, ty, tz = cf[i, CF_GOAL_X], cf[i, CF_GOAL_Y], cf[i, CF_GOAL_Z]
        dx, dy, dz = tx - cf[i, CF_X], ty - cf[i, CF_Y], tz - cf[i, CF_Z]
        flat = dx * dx + dz * dz
        near = 0.5 if step < steps else 0.35
        if flat > near * near or abs(dy) > 1.0:
            break
        if step >= steps:
            ci[i, CI_WALKS] = 0
            return 0.0, False
        ci[i, CI_STEP] = step + 1
        cf[i, CF_NEAREST] = 1e9
    if flat < cf[i, CF_NEAREST] - 0.01:
        cf[i, CF_NEAREST] = flat
        ci[i, CI_STUCK] = 0
    else:
        ci[i, CI_STUCK] += 1
        if ci[i, CI_STUCK] > 40:
            ci[i, CI_WALKS] = 0
            return 0.0, False
    if flat > 1e-4:
        cf[i, CF_YAW] = math.atan2(-dx, dz)
    jump = False
    if ci[i, CI_ON_GROUND]:
        jump = (dy > 0.6 and flat < max(1.0, c.kinds[kind, KD_WIDTH]) + 0.7) or (
            ci[i, CI_BLOCKED] != 0 and dy > -0.5 and kind != SPIDER
        )
    elif ci[i, CI_IN_WATER]:
        jump = dy > 0.1
    return c.kinds[kind, KD_SPEED] * cf[i, CF_PACE], jump


@kernel_njit
def _far(arrays: Arrays, i: int, p: int) -> float:
    """Squared distance from feet to feet."""
    cf, pf = arrays.creatures.cf, arrays.pf
    dx, dy, dz = pf[p, PF_X] - cf[i, CF_X], pf[p, PF_Y] - cf[i, CF_Y], pf[p, PF_Z] - cf[i, CF_Z]
    return dx * dx + dy * dy + dz * dz


@kernel_njit
def _sees_player(arrays: Arrays, i: int, p: int) -> bool:
    """Whether a creature sees a player's eyes."""
    c, pf = arrays.creatures, arrays.pf
    eye = c.cf[i, CF_Y] + c.kinds[c.ci[i, CI_KIND], KD_EYE]
    return sees(
        arrays.cells, arrays.shapes, c.cf[i, CF_X], eye, c.cf[i, CF_Z],
        pf[p, PF_X], pf[p, PF_Y] + eye_of(arrays.pi, p), pf[p, PF_Z],
    )  # fmt: skip


@kernel_njit
def _light(arrays: Arrays, i: int) -> int:
    """The light at a creature's eyes."""
    c = arrays.creatures
    y = math.floor(c.cf[i, CF_Y] + c.kinds[c.ci[i, CI_KIND], KD_EYE])
    return light_level_at(arrays, math.floor(c.cf[i, CF_X]), y, math.floor(c.cf[i, CF_Z]))


@kernel_njit
def _look_for_prey(arrays: Arrays, i: int) -> None:
    """Take the nearest player in sight as prey."""
    c, pi = arrays.creatures, arrays.pi
    reach = c.kinds[c.ci[i, CI_KIND], KD_SIGHT]
    found, best = -1, reach * reach
    for p in range(arrays.pf.shape[0]):
        if pi[p, PI_ONLINE] and pi[p, PI_ALIVE]:
            far = _far(arrays, i, p)
            hides = _SNEAKER * _SNEAKER if pi[p, PI_SNEAK] else 1.0
            if far < best and far < hides * reach * reach:
                found, best = p, far
    if found < 0:
        return
    if c.ci[i, CI_KIND] == SPIDER and _light(arrays, i) >= _BRIGHT:
        return
    if _sees_player(arrays, i, found):
        c.ci[i, CI_TARGET] = found + 1
        c.ci[i, CI_UNSEEN] = 0
        c.ci[i, CI_SEEING] = 1
        c.ci[i, CI_REPLAN] = 0


@kernel_njit
def _keep_prey(arrays: Arrays, i: int) -> int:
    """The player that is hunted, -1 if it is lost."""
    c, pi = arrays.creatures, arrays.pi
    ci = c.ci
    kind = ci[i, CI_KIND]
    p = ci[i, CI_TARGET] - 1
    lost = p >= arrays.pf.shape[0] or not pi[p, PI_ONLINE] or not pi[p, PI_ALIVE]
    if not lost:
        reach = c.kinds[kind, KD_SIGHT]
        lost = _far(arrays, i, p) > reach * reach
    if not lost and (arrays.clock[CK_AGE] + ci[i, CI_ID]) % 5 == 0:
        ci[i, CI_SEEING] = _sees_player(arrays, i, p)
        ci[i, CI_UNSEEN] = 0 if ci[i, CI_SEEING] else ci[i, CI_UNSEEN] + 5
        lost = ci[i, CI_UNSEEN] > _GIVE_UP and kind != ENDERMAN
        if kind == SPIDER and roll(arrays.dice, 20) == 0 and not ci[i, CI_ANGRY]:
            lost = lost or _light(arrays, i) >= _BRIGHT
    if lost:
        ci[i, CI_TARGET] = 0
        ci[i, CI_ANGRY] = 0
        ci[i, CI_WALKS] = 0
        ci[i, CI_FUSE] = 0
        return -1
    return p


@kernel_njit
def _chase(arrays: Arrays, i: int, p: int) -> None:
    """Plan the way to a player anew from time to time, more seldom when it is far or cannot be reached."""
    c, pf = arrays.creatures, arrays.pf
    if c.ci[i, CI_REPLAN] > 0:
        c.ci[i, CI_REPLAN] -= 1
        return
    arrives = _plan(arrays, i, pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z], c.kinds[c.ci[i, CI_KIND], KD_HASTE])
    far = _far(arrays, i, p)
    c.ci[i, CI_REPLAN] = (
        4 + roll(arrays.dice, 7) + (10 if far > 1024.0 else 5 if far > 256.0 else 0) + (0 if arrives else 20)
    )


@kernel_njit
def _strike(arrays: Arrays, i: int, p: int) -> None:
    """Hit a player if it is within reach."""
    c, pf = arrays.creatures, arrays.pf
    cf, ci = c.cf, c.ci
    kind = ci[i, CI_KIND]
    wide = c.kinds[kind, KD_WIDTH] / 2 + _REACH + PLAYER_WIDTH / 2
    if ci[i, CI_COOLDOWN] > 0 or not ci[i, CI_SEEING]:
        return
    if abs(pf[p, PF_X] - cf[i, CF_X]) > wide or abs(pf[p, PF_Z] - cf[i, CF_Z]) > wide:
        return
    if pf[p, PF_Y] > cf[i, CF_Y] + c.kinds[kind, KD_HEIGHT] or pf[p, PF_Y] + height_of(arrays.pi, p) < cf[i, CF_Y]:
        return
    ci[i, CI_COOLDOWN] = 20
    deal(arrays, p, c.kinds[kind, KD_DAMAGE], MOB, cf[i, CF_X], cf[i, CF_Z])


@kernel_njit
def _shoot(arrays: Arrays, i: int, p: int) -> None:
    """Loose an arrow at a player."""
    c, pf = arrays.creatures, arrays.pf
    n = c.head[HD_SHOTS]
    if n == MAX_SHOTS:
        return
    difficulty = arrays.clock[CK_DIFFICULTY]
    x, y, z = c.cf[i, CF_X], c.cf[i, CF_Y] + c.kinds[SKELETON, KD_EYE] - 0.1, c.cf[i, CF_Z]
    dx, dy, dz = pf[p, PF_X] - x, pf[p, PF_Y] + height_of(arrays.pi, p) / 3 - y, pf[p, PF_Z] - z
    dy += math.sqrt(dx * dx + dz * dz) * 0.2
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    spread = 0.0172275 * (14 - 4 * difficulty)
    shot = c.shots_f[n]
    shot[0], shot[1], shot[2] = x, y, z
    shot[3] = (dx / length + spread * (unit(arrays.dice) - unit(arrays.dice))) * 1.6
    shot[4] = (dy / length + spread * (unit(arrays.dice) - unit(arrays.dice))) * 1.6
    shot[5] = (dz / length + spread * (unit(arrays.dice) - unit(arrays.dice))) * 1.6
    shot[6] = 2.0 + 0.11 * difficulty + 0.57425 * (unit(arrays.dice) - unit(arrays.dice))
    c.shots_i[n, 0], c.shots_i[n, 1] = arrays.clock[CK_NEXT_ID], c.ci[i, CI_ID]
    c.shots_i[n, 2], c.shots_i[n, 3] = SKELETON, 0
    arrays.clock[CK_NEXT_ID] += 1
    c.head[HD_SHOTS] = n + 1


@kernel_njit
def _face(arrays: Arrays, i: int, p: int) -> None:
    """Turn to a player."""
    cf, pf = arrays.creatures.cf, arrays.pf
    cf[i, CF_YAW] = math.atan2(cf[i, CF_X] - pf[p, PF_X], pf[p, PF_Z] - cf[i, CF_Z])


@kernel_njit
def _hunt(arrays: Arrays, i: int, p: int) -> bool:
    """A monster deals with its prey; whether it holds still for it."""
    c = arrays.creatures
    cf, ci = c.cf, c.ci
    kind = ci[i, CI_KIND]
    far = _far(arrays, i, p)
    if kind == SKELETON:
        if far <= _SHOT_RANGE and ci[i, CI_SEEING]:
            _face(arrays, i, p)
            ci[i, CI_FUSE] += 1  # draws its bow
            if ci[i, CI_FUSE] >= _DRAW and ci[i, CI_COOLDOWN] == 0:
                ci[i, CI_FUSE] = 0
                ci[i, CI_COOLDOWN] = 20 if arrays.clock[CK_DIFFICULTY] == 3 else 40
                _shoot(arrays, i, p)
            ci[i, CI_WALKS] = 0
            return True
        ci[i, CI_FUSE] = 0
        _chase(arrays, i, p)
        return False
    if kind == CREEPER:
        if ci[i, CI_FUSE] > 0 and (far > _SWELL_FAR or not ci[i, CI_SEEING]):
            ci[i, CI_FUSE] -= 1
        elif ci[i, CI_FUSE] > 0 or (far < _SWELL_NEAR and ci[i, CI_SEEING]):
            ci[i, CI_FUSE] += 1
            ci[i, CI_WALKS] = 0
            if ci[i, CI_FUSE] >= _FUSE:
                tell(arrays.events, arrays.told, EV_BLAST, p, ci[i, CI_ID])
            return True
        _chase(arrays, i, p)
        return False
    if kind == SPIDER and ci[i, CI_ON_GROUND] and 4.0 <= far <= 16.0 and roll(arrays.dice, 10) == 0:
        dx, dz = arrays.pf[p, PF_X] - cf[i, CF_X], arrays.pf[p, PF_Z] - cf[i, CF_Z]
        length = math.sqrt(dx * dx + dz * dz)
        if length > 1e-3:
            cf[i, CF_VX] = dx / length * 0.4 + cf[i, CF_VX] * 0.2
            cf[i, CF_VZ] = dz / length * 0.4 + cf[i, CF_VZ] * 0.2
            cf[i, CF_VY] = 0.4
            ci[i, CI_ON_GROUND] = 0
    if kind == ENDERMAN and far > 256.0:
        ci[i, CI_UNSEEN] += 1
        if ci[i, CI_UNSEEN] >= 30:
            ci[i, CI_UNSEEN] = 0
            teleport_near(arrays, i, p)
    _chase(arrays, i, p)
    _strike(arrays, i, p)
    return False


@kernel_njit
def think(arrays: Arrays, i: int) -> tuple[float, bool]:
    """What a creature does in this tick: how strongly it pushes forward, and whether it jumps."""
    c = arrays.creatures
    ci = c.ci
    kind = ci[i, CI_KIND]
    if ci[i, CI_COOLDOWN] > 0:
        ci[i, CI_COOLDOWN] -= 1
    still = False
    p = -1
    if kind >= FIRST_MONSTER:
        if ci[i, CI_TARGET] > 0:
            p = _keep_prey(arrays, i)
        elif kind == ENDERMAN:
            startle(arrays, i)
        elif (arrays.clock[CK_AGE] + ci[i, CI_ID]) % 10 == 0:
            _look_for_prey(arrays, i)
        if p >= 0:
            still = _hunt(arrays, i, p)
    elif ci[i, CI_PANIC] > 0:
        ci[i, CI_PANIC] -= 1
        if not ci[i, CI_WALKS]:
            _stroll(arrays, i, 5, c.kinds[kind, KD_HASTE])
    if p < 0 and not ci[i, CI_WALKS] and roll(arrays.dice, _STROLLS) == 0:
        _stroll(arrays, i, 10, c.kinds[kind, KD_STROLL])
    push, jump = 0.0, False
    if ci[i, CI_WALKS] and not still:
        push, jump = _steer(arrays, i)
    afloat = ci[i, CI_IN_WATER] or ci[i, CI_IN_LAVA]
    if afloat and kind not in (ZOMBIE, SKELETON) and unit(arrays.dice) < 0.8:
        jump = True  # the undead of these kinds sink
    return push, jump
