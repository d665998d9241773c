"""Water and lava around a body: how deep it stands in them, and where they carry it. Kernels.

Sources: Minecraft Wiki, "Water", section "Current" (the sum of the flows to and from the four neighbours; players
and mobs are carried at 1.39 m/s), "Fluid" (levels and heights); the game's `Entity` for how strongly: 0.014 a tick
in water, 0.0023333 in the overworld's lava, all of it only for who is 0.4 deep in.
"""

from __future__ import annotations

import math

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.facts import FALLING, LAVA, LEVEL, SOLID, WATER, Shapes
from conscious_bot.simulation.harm import SUFFOCATES
from conscious_bot.simulation.state import PF_VX, PF_VY, PF_VZ, PF_X, PF_Y, PF_Z, Floats
from conscious_bot.simulation.voxels import Cells, get_state

__all__ = ["immerse"]

_WATER_PUSH = 0.014
_LAVA_PUSH = 0.0023333333333333335
_LEAST_PUSH = 0.0045  # so that a body at rest is not taken for one that stands still
_STILL = 0.003
_SHALLOW = 0.4
_MARGIN = 0.001
_FULL = 8 / 9  # the height of a source's surface
_DX = np.array([-1, 1, 0, 0])
_DZ = np.array([0, 0, -1, 1])


@kernel_njit
def _height(shapes: Shapes, state: int, kind: int) -> float:
    """How high a fluid of this kind stands in a cell of its own accord; 0 where there is none."""
    return (shapes.fluid[state] & LEVEL) / 9.0 if shapes.flags[state] & kind else 0.0


@kernel_njit
def _flow(cells: Cells, shapes: Shapes, x: int, y: int, z: int, kind: int) -> tuple[float, float, float]:
    """The direction of the current in a cell of this fluid: a unit vector, or all 0 where it stands."""
    own = _height(shapes, get_state(cells, x, y, z), kind)
    fx, fy, fz = 0.0, 0.0, 0.0
    walled = False
    for d in range(4):
        a, c = x + _DX[d], z + _DZ[d]
        state = get_state(cells, a, y, c)
        flags = shapes.flags[state]
        above = get_state(cells, a, y + 1, c)
        walled = walled or bool((shapes.harm[state] | shapes.harm[above]) & SUFFOCATES)
        falls = 0.0
        if flags & kind:
            falls = own - _height(shapes, state, kind)
        elif not flags & (SOLID | WATER | LAVA):
            beneath = _height(shapes, get_state(cells, a, y - 1, c), kind)
            if beneath > 0.0:
                falls = own - (beneath - _FULL)
        fx += _DX[d] * falls
        fz += _DZ[d] * falls
    if walled and shapes.fluid[get_state(cells, x, y, z)] & FALLING:
        length = math.sqrt(fx * fx + fz * fz)
        if length > 0.0:
            fx /= length
            fz /= length
        fy = -6.0
    length = math.sqrt(fx * fx + fy * fy + fz * fz)
    if length < 1e-4:
        return 0.0, 0.0, 0.0
    return fx / length, fy / length, fz / length


@kernel_njit
def _push(bodies: Floats, i: int, fx: float, fy: float, fz: float, strength: float) -> None:
    """Add a current's push to a body's velocity."""
    fx, fy, fz = fx * strength, fy * strength, fz * strength
    length = math.sqrt(fx * fx + fy * fy + fz * fz)
    if length == 0.0:
        return
    if abs(bodies[i, PF_VX]) < _STILL and abs(bodies[i, PF_VZ]) < _STILL and length < _LEAST_PUSH:
        fx, fy, fz = fx / length * _LEAST_PUSH, fy / length * _LEAST_PUSH, fz / length * _LEAST_PUSH
    bodies[i, PF_VX] += fx
    bodies[i, PF_VY] += fy
    bodies[i, PF_VZ] += fz


@kernel_njit
def _immerse_in(
    cells: Cells, shapes: Shapes, bodies: Floats, i: int, half: float, height: float, kind: int, player: bool
) -> float:
    """As `immerse`, in one kind of fluid."""
    x, y, z = bodies[i, PF_X], bodies[i, PF_Y], bodies[i, PF_Z]
    deep = 0.0
    fx, fy, fz = 0.0, 0.0, 0.0
    count = 0
    for bx in range(math.floor(x - half + _MARGIN), math.floor(x + half - _MARGIN) + 1):
        for by in range(math.floor(y + _MARGIN), math.floor(y + height - _MARGIN) + 1):
            for bz in range(math.floor(z - half + _MARGIN), math.floor(z + half - _MARGIN) + 1):
                state = get_state(cells, bx, by, bz)
                if not shapes.flags[state] & kind:
                    continue
                full = shapes.flags[get_state(cells, bx, by + 1, bz)] & kind
                above_feet = by + (1.0 if full else _height(shapes, state, kind)) - y
                if above_feet < _MARGIN:
                    continue
                deep = max(deep, above_feet)
                part = deep if deep < _SHALLOW else 1.0
                flow = _flow(cells, shapes, bx, by, bz, kind)
                fx += flow[0] * part
                fy += flow[1] * part
                fz += flow[2] * part
                count += 1
    if count > 0:
        length = math.sqrt(fx * fx + fy * fy + fz * fz)
        if length > 0.0:
            each = 1.0 / count if player else 1.0 / length  # all but players are carried with full strength
            _push(bodies, i, fx * each, fy * each, fz * each, _WATER_PUSH if kind == WATER else _LAVA_PUSH)
    return deep


@kernel_njit
def immerse(
    cells: Cells, shapes: Shapes, bodies: Floats, i: int, half: float, height: float, player: bool
) -> tuple[float, float]:
    """How high water and lava stand above the feet of a box, 0 for what does not touch it; their currents push it.

    The first six columns of `bodies` are position and velocity, as in `state`.
    """
    x, y, z = bodies[i, PF_X], bodies[i, PF_Y], bodies[i, PF_Z]
    found = 0
    for by in range(math.floor(y + _MARGIN), math.floor(y + height - _MARGIN) + 1):
        for bx in range(math.floor(x - half + _MARGIN), math.floor(x + half - _MARGIN) + 1):
            for bz in range(math.floor(z - half + _MARGIN), math.floor(z + half - _MARGIN) + 1):
                found |= int(shapes.flags[get_state(cells, bx, by, bz)])
    water = lava = 0.0
    # The kinds as numbers: a plain constant would compile the callee once more for each.
    if found & WATER:
        water = _immerse_in(cells, shapes, bodies, i, half, height, int(np.int64(WATER)), player)
    if found & LAVA:
        lava = _immerse_in(cells, shapes, bodies, i, half, height, int(np.int64(LAVA)), player)
    return water, lava
