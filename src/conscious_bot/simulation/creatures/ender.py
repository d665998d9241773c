"""Endermen: provoked by a look, gone in a blink. Kernels. Source: Minecraft Wiki, "Enderman"."""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures.chance import roll, unit
from conscious_bot.simulation.creatures.layout import (
    CF_FALL,
    CF_VX,
    CF_VY,
    CF_VZ,
    CF_X,
    CF_Y,
    CF_Z,
    CI_ANGRY,
    CI_FUSE,
    CI_ID,
    CI_REPLAN,
    CI_SEEING,
    CI_TARGET,
    CI_UNSEEN,
    CI_WALKS,
    ENDERMAN,
    KD_CELLS,
    KD_EYE,
    KD_SIGHT,
)
from conscious_bot.simulation.creatures.paths import sees, stands
from conscious_bot.simulation.physics import eye_of
from conscious_bot.simulation.state import (
    CK_AGE,
    PF_PITCH,
    PF_X,
    PF_Y,
    PF_YAW,
    PF_Z,
    PI_ALIVE,
    PI_ONLINE,
    Arrays,
)

__all__ = ["startle", "teleport", "teleport_near"]

_STARE = 5  # ticks from the look to the anger


@kernel_njit
def _stared_at(arrays: Arrays, i: int, p: int) -> bool:
    """Whether a player looks an enderman in the eyes."""
    c, pf = arrays.creatures, arrays.pf
    dx = c.cf[i, CF_X] - pf[p, PF_X]
    dy = c.cf[i, CF_Y] + c.kinds[ENDERMAN, KD_EYE] - (pf[p, PF_Y] + eye_of(arrays.pi, p))
    dz = c.cf[i, CF_Z] - pf[p, PF_Z]
    far = math.sqrt(dx * dx + dy * dy + dz * dz)
    if far < 1e-6 or far > c.kinds[ENDERMAN, KD_SIGHT]:
        return False
    flat = math.cos(pf[p, PF_PITCH])
    gaze = -math.sin(pf[p, PF_YAW]) * flat * dx + math.sin(pf[p, PF_PITCH]) * dy + math.cos(pf[p, PF_YAW]) * flat * dz
    if gaze / far <= 1.0 - 0.025 / far:
        return False
    return sees(
        arrays.cells, arrays.shapes, pf[p, PF_X], pf[p, PF_Y] + eye_of(arrays.pi, p), pf[p, PF_Z],
        c.cf[i, CF_X], c.cf[i, CF_Y] + c.kinds[ENDERMAN, KD_EYE], c.cf[i, CF_Z],
    )  # fmt: skip


@kernel_njit
def startle(arrays: Arrays, i: int) -> None:
    """A calm enderman becomes angry at a player who goes on looking at it."""
    ci = arrays.creatures.ci
    if (arrays.clock[CK_AGE] + ci[i, CI_ID]) & 1 and ci[i, CI_FUSE] == 0:
        return
    for p in range(arrays.pf.shape[0]):
        if arrays.pi[p, PI_ONLINE] and arrays.pi[p, PI_ALIVE] and _stared_at(arrays, i, p):
            ci[i, CI_FUSE] += 1
            ci[i, CI_WALKS] = 0
            if ci[i, CI_FUSE] >= _STARE:
                ci[i, CI_FUSE] = 0
                ci[i, CI_TARGET], ci[i, CI_ANGRY] = p + 1, 1
                ci[i, CI_SEEING], ci[i, CI_UNSEEN], ci[i, CI_REPLAN] = 1, 0, 0
            return
    ci[i, CI_FUSE] = 0


@kernel_njit
def _appear(arrays: Arrays, i: int, x: int, y: int, z: int) -> bool:
    """Come down at the first firm ground at or below a cell; whether there is any with room and no water."""
    c = arrays.creatures
    for down in range(64):
        found = stands(c, arrays.cells, x, y - down, z, int(c.kinds[ENDERMAN, KD_CELLS]))
        if found == 1:
            c.cf[i, CF_X], c.cf[i, CF_Y], c.cf[i, CF_Z] = x + 0.5, float(y - down), z + 0.5
            c.cf[i, CF_VX], c.cf[i, CF_VY], c.cf[i, CF_VZ], c.cf[i, CF_FALL] = 0.0, 0.0, 0.0, 0.0
            c.ci[i, CI_WALKS] = 0
            c.ci[i, CI_REPLAN] = 0
            return True
        if found == 2:
            return False
    return False


@kernel_njit
def teleport(arrays: Arrays, i: int) -> bool:
    """Vanish to some place within 32 blocks; whether one was found at the first try."""
    c = arrays.creatures
    x = math.floor(c.cf[i, CF_X] + (unit(arrays.dice) - 0.5) * 64.0)
    y = math.floor(c.cf[i, CF_Y]) + roll(arrays.dice, 64) - 32
    z = math.floor(c.cf[i, CF_Z] + (unit(arrays.dice) - 0.5) * 64.0)
    return _appear(arrays, i, x, y, z)


@kernel_njit
def teleport_near(arrays: Arrays, i: int, p: int) -> bool:
    """Vanish towards a player, 16 blocks closer, give or take 4."""
    c, pf = arrays.creatures, arrays.pf
    dx, dz = pf[p, PF_X] - c.cf[i, CF_X], pf[p, PF_Z] - c.cf[i, CF_Z]
    dy = pf[p, PF_Y] - c.cf[i, CF_Y]
    far = math.sqrt(dx * dx + dy * dy + dz * dz)
    if far < 1e-6:
        return False
    x = c.cf[i, CF_X] + (unit(arrays.dice) - 0.5) * 8.0 + dx / far * 16.0
    y = c.cf[i, CF_Y] + roll(arrays.dice, 16) - 8 + dy / far * 16.0
    z = c.cf[i, CF_Z] + (unit(arrays.dice) - 0.5) * 8.0 + dz / far * 16.0
    return _appear(arrays, i, math.floor(x), math.floor(y), math.floor(z))
