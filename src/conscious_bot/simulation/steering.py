"""Keeping a body on its planned way: each tick, which keys to press and where to look. A kernel only.

It steers by where the body would come to rest if the keys were let go now, so it runs through straight
lines at full speed, slows for corners and ends within about a tenth of a block of the last cell's centre.
A cell counts as reached when the feet are in it and the body is far enough inside to go on to the next
cell without catching on a corner.
"""

from __future__ import annotations

import math

from numba import njit

from conscious_bot.simulation.facts import CLIMBABLE, LAVA, SOLID, WATER, Shapes
from conscious_bot.simulation.state import (
    PF_BEST,
    PF_FORWARD,
    PF_STRAFE,
    PF_VX,
    PF_VY,
    PF_VZ,
    PF_X,
    PF_Y,
    PF_YAW,
    PF_Z,
    PI_IN_LAVA,
    PI_IN_WATER,
    PI_JUMP,
    PI_ON_GROUND,
    PI_SPRINT,
    PI_STEP,
    PI_STEPS,
    PI_STUCK,
    WALK_ARRIVED,
    WALK_BLOCKED,
    WALK_DEVIATED,
    WALK_STUCK,
    Floats,
    Ints,
)
from conscious_bot.simulation.voxels import Cells, get_state

__all__ = ["release", "standing", "steer"]

_STEP_UP = 0.6
_GLIDE_GROUND = 1 / (1 - 0.6 * 0.91)  # blocks a body glides on per unit of speed: the sum of its friction
_GLIDE_AIR = 4.0  # in the air it would glide on for longer than it stays up, so only some ticks count
_GLIDE_FLUID = 1 / (1 - 0.8)
_NEAR = 0.11  # half of what one tick's push moves a standing body
_INSIDE = 0.2  # so far from a cell's middle a body still fits into the cell with its whole width
_ON_CELL = 0.4  # for a cell passed in a straight line, along the way
_DEVIATED = 2.0
_STUCK_TICKS = 60
_HEADWAY = 0.05


@njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def release(pf: Floats, pi: Ints, p: int) -> None:
    """Let go of all keys."""
    pf[p, PF_FORWARD] = 0.0
    pf[p, PF_STRAFE] = 0.0
    pi[p, PI_JUMP] = 0
    pi[p, PI_SPRINT] = 0


@njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def standing(cells: Cells, shapes: Shapes, x: int, y: int, z: int) -> bool:
    """Whether a body can be in a cell: room for feet and head, and something below to stand or swim on."""
    pool, index = cells.pool, cells.slots
    feet = get_state(pool, index, x, y, z)
    head = get_state(pool, index, x, y + 1, z)
    below = get_state(pool, index, x, y - 1, z)
    if shapes.flags[feet] & SOLID and shapes.top[feet] > _STEP_UP:
        return False
    lift = shapes.top[feet] if shapes.flags[feet] & SOLID else 0.0
    if shapes.flags[head] & SOLID and shapes.bottom[head] < 0.8 + lift:
        return False
    fluid = WATER | LAVA | CLIMBABLE
    return bool((shapes.flags[feet] & (SOLID | fluid)) or (shapes.flags[below] & (SOLID | fluid)))


@njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _reached(pf: Floats, pi: Ints, p: int, path: Ints, i: int, last: int, glide: float) -> bool:
    """Whether the body may go on from cell `i` of its way."""
    x, y, z = pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z]
    cx, cy, cz = path[i, 0], path[i, 1], path[i, 2]
    if math.floor(x) != cx or math.floor(z) != cz:
        return False
    if not (pi[p, PI_ON_GROUND] or pi[p, PI_IN_WATER] or pi[p, PI_IN_LAVA]):
        return False
    if math.floor(y + 1e-6) != cy and not (pi[p, PI_IN_WATER] and abs(y - cy) < 1.0):
        return False
    off_x, off_z = x - (cx + 0.5), z - (cz + 0.5)
    if i == last:
        rest_x, rest_z = off_x + pf[p, PF_VX] * glide, off_z + pf[p, PF_VZ] * glide
        slow = abs(pf[p, PF_VX]) < 0.003 and abs(pf[p, PF_VZ]) < 0.003
        return slow and abs(rest_x) <= _INSIDE and abs(rest_z) <= _INSIDE
    go_x, go_z = path[i + 1, 0] - cx, path[i + 1, 2] - cz
    limit_x = _INSIDE if go_x == 0 else _ON_CELL
    limit_z = _INSIDE if go_z == 0 else _ON_CELL
    if go_x == 0 and abs(off_x + pf[p, PF_VX] * glide) > _INSIDE:
        return False
    if go_z == 0 and abs(off_z + pf[p, PF_VZ] * glide) > _INSIDE:
        return False
    return abs(off_x) <= limit_x and abs(off_z) <= limit_z


@njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def steer(cells: Cells, shapes: Shapes, pf: Floats, pi: Ints, p: int, path: Ints) -> tuple[int, int]:
    """Set a player's keys for this tick. Returns (cell reached or -1, WALK_* or -1)."""
    last = pi[p, PI_STEPS]
    i = pi[p, PI_STEP]
    swimming = bool(pi[p, PI_IN_WATER] or pi[p, PI_IN_LAVA])
    glide = _GLIDE_FLUID if swimming else (_GLIDE_GROUND if pi[p, PI_ON_GROUND] else _GLIDE_AIR)
    reached = -1
    if _reached(pf, pi, p, path, i, last, glide):
        reached = i
        pf[p, PF_BEST] = 1e9
        pi[p, PI_STUCK] = 0
        if i == last:
            release(pf, pi, p)
            return reached, WALK_ARRIVED
        i += 1
        pi[p, PI_STEP] = i
    cx, cy, cz = path[i, 0], path[i, 1], path[i, 2]
    before_y = path[i - 1, 1]
    off_x, off_y, off_z = cx + 0.5 - pf[p, PF_X], cy - pf[p, PF_Y], cz + 0.5 - pf[p, PF_Z]
    drop = max(before_y - cy, 0)
    if max(abs(off_x), abs(off_z)) > _DEVIATED or off_y > _DEVIATED or -off_y > _DEVIATED + drop:
        release(pf, pi, p)
        return reached, WALK_DEVIATED
    if not standing(cells, shapes, cx, cy, cz):
        release(pf, pi, p)
        return reached, WALK_BLOCKED
    far = math.sqrt(off_x * off_x + off_y * off_y + off_z * off_z)
    if far < pf[p, PF_BEST] - _HEADWAY:
        pf[p, PF_BEST] = far
        pi[p, PI_STUCK] = 0
    else:
        pi[p, PI_STUCK] += 1
        if pi[p, PI_STUCK] >= _STUCK_TICKS:
            release(pf, pi, p)
            return reached, WALK_STUCK
    rest_x = off_x - pf[p, PF_VX] * glide
    rest_z = off_z - pf[p, PF_VZ] * glide
    far = math.sqrt(rest_x * rest_x + rest_z * rest_z)
    if far > _NEAR:
        pf[p, PF_YAW] = math.atan2(-rest_x, rest_z)
        pf[p, PF_FORWARD] = 1.0
    else:
        pf[p, PF_FORWARD] = 0.0
    # Upwards: jump from the cell before, once the whole body is on the line to the next one.
    jump = False
    if swimming:
        jump = off_y > -0.2 or pf[p, PF_VY] < -0.1
    elif off_y > _STEP_UP and pi[p, PI_ON_GROUND]:
        go_x, go_z = cx - path[i - 1, 0], cz - path[i - 1, 2]
        in_line = (go_x != 0 or abs(off_x) <= _INSIDE) and (go_z != 0 or abs(off_z) <= _INSIDE)
        jump = in_line and max(abs(off_x), abs(off_z)) < 1.4
    pi[p, PI_JUMP] = 1 if jump else 0
    return reached, -1
