"""Moving a creature's body by the game's numbers. Kernels.

Sources: Minecraft Wiki, "Entity" (motion), "Chicken" (slow fall), "Spider" (climbing). A mob's keys are
as strong as its speed, so its acceleration goes with the square of its speed attribute.
"""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures.layout import (
    CF_FALL,
    CF_VX,
    CF_VY,
    CF_VZ,
    CF_X,
    CF_Y,
    CF_YAW,
    CF_Z,
    CI_BLOCKED,
    CI_ID,
    CI_IN_LAVA,
    CI_IN_WATER,
    CI_KIND,
    CI_ON_GROUND,
    KD_DRAG,
    KD_HEIGHT,
    KD_WIDTH,
    SPIDER,
    CreatureArrays,
    Floats,
)
from conscious_bot.simulation.facts import Shapes
from conscious_bot.simulation.immersion import immerse
from conscious_bot.simulation.physics import move_box
from conscious_bot.simulation.voxels import Cells, get_state

__all__ = ["move_creature", "shove"]

_GRAVITY = 0.08
_JUMP = 0.42
_STILL = 0.003  # blocks a tick below which the game takes a speed for none


@kernel_njit
def _accelerate(cf: Floats, i: int, push: float, factor: float) -> None:
    """Let a creature's legs push it forward."""
    if push > 0.0:
        a = min(push * 0.98, 1.0) * factor
        cf[i, CF_VX] -= math.sin(cf[i, CF_YAW]) * a
        cf[i, CF_VZ] += math.cos(cf[i, CF_YAW]) * a


@kernel_njit
def shove(cf: Floats, i: int, strength: float, dx: float, dz: float) -> None:
    """Knock a creature back, away from where the blow came from: (dx, dz) points at the attacker."""
    length = math.sqrt(dx * dx + dz * dz)
    if length < 1e-4:
        return
    cf[i, CF_VX] = cf[i, CF_VX] / 2 - dx / length * strength
    cf[i, CF_VZ] = cf[i, CF_VZ] / 2 - dz / length * strength
    cf[i, CF_VY] = min(0.4, cf[i, CF_VY] / 2 + strength)


@kernel_njit
def move_creature(
    cells: Cells, shapes: Shapes, scratch: Floats, c: CreatureArrays, i: int, push: float, jump: bool, age: int
) -> float:
    """One tick of movement: `push` is its speed now, 0 for standing. How far it fell if it landed, else 0.

    One that stands still is looked at every fourth tick, as dropped items are.
    """
    cf, ci = c.cf, c.ci
    if (
        ci[i, CI_ON_GROUND]
        and push == 0.0
        and not jump
        and abs(cf[i, CF_VX]) < _STILL
        and abs(cf[i, CF_VZ]) < _STILL
        and cf[i, CF_VY] <= 0.0
        and (age + ci[i, CI_ID]) & 3
    ):
        return 0.0
    kind = ci[i, CI_KIND]
    x, y, z = cf[i, CF_X], cf[i, CF_Y], cf[i, CF_Z]
    water, lava = immerse(cells, shapes, cf, i, c.kinds[kind, KD_WIDTH] / 2, c.kinds[kind, KD_HEIGHT], player=False)
    for v in (CF_VX, CF_VY, CF_VZ):
        if abs(cf[i, v]) < _STILL:
            cf[i, v] = 0.0
    ci[i, CI_IN_WATER] = water > 0.0
    ci[i, CI_IN_LAVA] = lava > 0.0
    deep = max(water, lava)
    if deep > 0.4 and (jump or not ci[i, CI_ON_GROUND] or deep > 0.8):
        cf[i, CF_VY] += 0.04
    elif jump and ci[i, CI_ON_GROUND]:
        cf[i, CF_VY] = _JUMP
    friction = 0.91
    if deep > 0.0:
        _accelerate(cf, i, push, 0.02)
    elif ci[i, CI_ON_GROUND]:
        below = get_state(cells, math.floor(x), math.floor(y - 0.5000001), math.floor(z))
        slip = shapes.slip[below]
        friction = slip * 0.91
        _accelerate(cf, i, push, push * (0.21600002 / (slip * slip * slip)))
    else:
        _accelerate(cf, i, push, 0.02)
    size = c.sizes[kind, 1 if ci[i, CI_ON_GROUND] else 0]
    aside, stands, up = move_box(cells, shapes, scratch, cf, i, size[0], size[1], size[2])
    ci[i, CI_BLOCKED] = aside
    ci[i, CI_ON_GROUND] = stands
    if up < 0.0 and not stands:
        cf[i, CF_FALL] -= up
    if kind == SPIDER and ci[i, CI_BLOCKED] and push > 0.0:
        cf[i, CF_VY] = 0.2
        cf[i, CF_FALL] = 0.0
    if deep > 0.0:
        drag = 0.8 if water > 0.0 else 0.5
        cf[i, CF_VX] *= drag
        cf[i, CF_VZ] *= drag
        cf[i, CF_VY] = cf[i, CF_VY] * drag - (_GRAVITY / 16 if water > 0.0 else _GRAVITY / 4)
        cf[i, CF_FALL] = 0.0
        if ci[i, CI_BLOCKED] and push > 0.0:
            cf[i, CF_VY] = 0.3  # up the bank
    else:
        cf[i, CF_VX] *= friction
        cf[i, CF_VZ] *= friction
        cf[i, CF_VY] = (cf[i, CF_VY] - _GRAVITY) * 0.98
        if cf[i, CF_VY] < 0.0 and not ci[i, CI_ON_GROUND]:
            cf[i, CF_VY] *= c.kinds[kind, KD_DRAG]
    fallen = 0.0
    if ci[i, CI_ON_GROUND]:
        fallen = cf[i, CF_FALL]
        cf[i, CF_FALL] = 0.0
    return fallen
