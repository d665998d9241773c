"""Keeping a body on its planned way: each tick, which keys to press and where to look. A kernel only.

It steers by where the body would come to rest if the keys were let go now, so it runs through straight
lines at full speed, slows for corners and ends within about a tenth of a block of the last cell's centre.
A cell counts as reached when the feet are in it and the body is far enough inside to go on to the next
cell without catching on a corner.

It sprints where the way goes straight on, level, for at least two cells more, and for the run-up of a jump
over more than one missing block. It sneaks where the way says so, and to dive.
"""

from __future__ import annotations

import math

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.facts import ASIDE, CLIMBABLE, LAVA, SOLID, WATER, Shapes
from conscious_bot.simulation.state import (
    OP_GAP,
    OP_PLAIN,
    OP_SNEAK,
    OP_SWIM,
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
    PI_FOOD,
    PI_IN_LAVA,
    PI_IN_WATER,
    PI_JUMP,
    PI_ON_GROUND,
    PI_SNEAK,
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

__all__ = ["land", "release", "standing", "steer"]

_STEP_UP = 0.6
_GLIDE_GROUND = 1 / (1 - 0.6 * 0.91)  # blocks a body glides on per unit of speed: the sum of its friction
_AIR = 0.91  # what a tick in the air leaves of the speed
_GLIDE_CLIMB = 4.0
_GLIDE_FLUID = 1 / (1 - 0.8)
_NEAR = 0.11  # half of what one tick's push moves a standing body
_INSIDE = 0.2  # so far from a cell's middle a body still fits into the cell with its whole width
_ON_CELL = 0.4  # for a cell passed in a straight line, along the way
_ON_LINE = 0.5  # for a cell passed to begin a diagonal: how far the sum of both offsets may lie off its line
_DEVIATED = 2.0
_SUNK = 6.0  # whoever drops into water sinks before it rises
_STUCK_TICKS = 60
_CAUGHT_TICKS = 8  # without headway downwards, after which it moves aside
_ASIDE = 0.15
_HEADWAY = 0.05
_HUNGRY = 6  # with so little food nobody sprints (Minecraft Wiki, "Sprinting")
_EDGE = 0.78  # a body's middle may be so far beyond its block's middle before it falls
_PUSH_WALK, _PUSH_SPRINT = 0.098, 0.127  # what a tick on the ground adds to the speed
_BEARING = WATER | CLIMBABLE


@kernel_njit
def release(pf: Floats, pi: Ints, p: int) -> None:
    """Let go of all keys."""
    pf[p, PF_FORWARD] = 0.0
    pf[p, PF_STRAFE] = 0.0
    pi[p, PI_JUMP] = 0
    pi[p, PI_SPRINT] = 0
    pi[p, PI_SNEAK] = 0


@kernel_njit
def standing(cells: Cells, shapes: Shapes, x: int, y: int, z: int, in_lava: bool) -> bool:
    """Whether a body can be in a cell: room for feet and head, and something below to stand, swim or climb on.

    Nobody goes into lava, unless to get out of it (`in_lava`).
    """
    feet = get_state(cells, x, y, z)
    head = get_state(cells, x, y + 1, z)
    below = get_state(cells, x, y - 1, z)
    if (shapes.flags[feet] | shapes.flags[head]) & LAVA and not in_lava:
        return False
    lift = 0.0
    if shapes.flags[feet] & SOLID and not shapes.flags[feet] & (CLIMBABLE | ASIDE):  # a ladder's board leaves room
        lift = shapes.top[feet]
        if lift > _STEP_UP:
            return False
    if shapes.flags[head] & SOLID and not shapes.flags[head] & (CLIMBABLE | ASIDE) and shapes.bottom[head] < 0.8 + lift:
        return False
    bearing = _BEARING | LAVA if in_lava else _BEARING
    return bool((shapes.flags[feet] & (SOLID | bearing)) or (shapes.flags[below] & (SOLID | bearing)))


@kernel_njit
def _glide_air(height: float, vy: float) -> float:
    """How far a body in the air glides per unit of speed until it has come down by `height` and stands."""
    left = 1.0
    total = 0.0
    for _ in range(60):
        total += left
        left *= _AIR
        height += vy
        vy = (vy - 0.08) * 0.98
        if height <= 0.0 and vy < 0.0:
            break
    return total + left * _GLIDE_GROUND


@kernel_njit
def _reached(pf: Floats, pi: Ints, p: int, path: Ints, i: int, last: int, glide: float, climbing: bool) -> bool:
    """Whether the body may go on from cell `i` of its way."""
    x, y, z = pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z]
    cx, cy, cz = path[i, 0], path[i, 1], path[i, 2]
    if math.floor(x) != cx or math.floor(z) != cz:
        return False
    swimming = bool(pi[p, PI_IN_WATER] or pi[p, PI_IN_LAVA])
    if not (pi[p, PI_ON_GROUND] or swimming or climbing):
        return False
    if path[i, 3] == OP_SWIM and path[i, 0] == path[i - 1, 0] and path[i, 2] == path[i - 1, 2]:
        if (y < cy - 0.3) if path[i, 1] > path[i - 1, 1] else (y > cy + 0.6):
            return False
    elif math.floor(y + 1e-6) != cy and not (swimming and abs(y - cy) < 1.0):
        return False
    off_x, off_z = x - (cx + 0.5), z - (cz + 0.5)
    rest_x, rest_z = off_x + pf[p, PF_VX] * glide, off_z + pf[p, PF_VZ] * glide
    if i == last:
        # In a current nobody comes to rest.
        slow = swimming or (abs(pf[p, PF_VX]) < 0.003 and abs(pf[p, PF_VZ]) < 0.003)
        return slow and abs(rest_x) <= _INSIDE and abs(rest_z) <= _INSIDE
    go_x, go_z = path[i + 1, 0] - cx, path[i + 1, 2] - cz
    if go_x != 0 and go_z != 0:
        aside = off_x * go_z - off_z * go_x
        aside_at_rest = rest_x * go_z - rest_z * go_x
        inside = abs(off_x) <= _ON_CELL and abs(off_z) <= _ON_CELL
        return inside and abs(aside) <= _ON_LINE and abs(aside_at_rest) <= _ON_LINE
    limit_x = _INSIDE if go_x == 0 else _ON_CELL
    limit_z = _INSIDE if go_z == 0 else _ON_CELL
    if go_x == 0 and abs(rest_x) > _INSIDE:
        return False
    if go_z == 0 and abs(rest_z) > _INSIDE:
        return False
    return abs(off_x) <= limit_x and abs(off_z) <= limit_z


@kernel_njit
def _sprints(pi: Ints, p: int, path: Ints, i: int, last: int) -> bool:
    """Whether the way goes straight on, on foot and level, from the cell before `i` to two cells behind it."""
    if pi[p, PI_FOOD] <= _HUNGRY or i + 2 > last:
        return False
    go_x, go_z = path[i, 0] - path[i - 1, 0], path[i, 2] - path[i - 1, 2]
    for k in range(i, i + 3):
        if path[k, 3] != OP_PLAIN or path[k, 1] != path[k - 1, 1]:
            return False
        if path[k, 0] - path[k - 1, 0] != go_x or path[k, 2] - path[k - 1, 2] != go_z:
            return False
    return True


@kernel_njit
def _off_course(pf: Floats, pi: Ints, p: int, path: Ints, i: int) -> bool:
    """Whether the body is more than 2 blocks off the way to cell `i`: beside, above or below it."""
    drop = max(path[i - 1, 1] - path[i, 1], 0)
    above = pf[p, PF_Y] - path[i, 1]
    if above > _DEVIATED + drop or -above > (_SUNK if pi[p, PI_IN_WATER] else _DEVIATED):
        return True
    for axis in (0, 2):
        low = high = path[i, axis]
        if path[i, 3] == OP_GAP:
            low, high = min(low, path[i - 1, axis]), max(high, path[i - 1, axis])
        at = pf[p, PF_X + axis] - 0.5
        if at < low - _DEVIATED or at > high + _DEVIATED:
            return True
    return False


@kernel_njit
def _leap(pf: Floats, pi: Ints, p: int, path: Ints, i: int) -> bool:
    """The keys for a jump over a gap, while the body is still on the ground before it; whether to jump now.

    It jumps in the last tick before it would run over the edge.
    """
    go_x, go_z = path[i, 0] - path[i - 1, 0], path[i, 2] - path[i - 1, 2]
    width = max(abs(go_x), abs(go_z)) - 1
    sign_x, sign_z = (1 if go_x > 0 else -1 if go_x < 0 else 0), (1 if go_z > 0 else -1 if go_z < 0 else 0)
    ahead = (pf[p, PF_X] - path[i - 1, 0] - 0.5) * sign_x + (pf[p, PF_Z] - path[i - 1, 2] - 0.5) * sign_z
    if ahead > width:
        return False  # on the other side already
    runs = width > 1
    pi[p, PI_SPRINT] = 1 if runs else 0
    push = _PUSH_SPRINT if runs else _PUSH_WALK
    speed = pf[p, PF_VX] * sign_x + pf[p, PF_VZ] * sign_z + push
    return ahead + speed + speed * 0.546 + push > _EDGE


@kernel_njit
def steer(cells: Cells, shapes: Shapes, pf: Floats, pi: Ints, p: int, path: Ints) -> tuple[int, int]:
    """Set a player's keys for this tick. Returns (cell reached or -1, WALK_* or -1)."""
    last = pi[p, PI_STEPS]
    i = pi[p, PI_STEP]
    swimming = bool(pi[p, PI_IN_WATER] or pi[p, PI_IN_LAVA])
    at = get_state(cells, math.floor(pf[p, PF_X]), math.floor(pf[p, PF_Y]), math.floor(pf[p, PF_Z]))
    climbing = bool(shapes.flags[at] & CLIMBABLE) and not swimming
    if swimming:
        glide = _GLIDE_FLUID
    elif pi[p, PI_ON_GROUND]:
        glide = _GLIDE_GROUND
    elif climbing:
        glide = _GLIDE_CLIMB
    else:
        glide = _glide_air(pf[p, PF_Y] - path[i, 1], pf[p, PF_VY])
    reached = -1
    if _reached(pf, pi, p, path, i, last, glide, climbing):
        reached = i
        pf[p, PF_BEST] = 1e9
        pi[p, PI_STUCK] = 0
        if i == last:
            release(pf, pi, p)
            return reached, WALK_ARRIVED
        i += 1
        pi[p, PI_STEP] = i
    cx, cy, cz = path[i, 0], path[i, 1], path[i, 2]
    off_x, off_y, off_z = cx + 0.5 - pf[p, PF_X], cy - pf[p, PF_Y], cz + 0.5 - pf[p, PF_Z]
    if _off_course(pf, pi, p, path, i):
        release(pf, pi, p)
        return reached, WALK_DEVIATED
    if not standing(cells, shapes, cx, cy, cz, bool(pi[p, PI_IN_LAVA])):
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
    go_x, go_z = cx - path[i - 1, 0], cz - path[i - 1, 2]
    rest_x = off_x - pf[p, PF_VX] * glide
    rest_z = off_z - pf[p, PF_VZ] * glide
    if pi[p, PI_ON_GROUND] and off_y < -_STEP_UP and pi[p, PI_STUCK] > _CAUGHT_TICKS:
        # Caught on an edge beside the hole, such as a ladder's: to the one side, then to the other.
        aside = _ASIDE if pi[p, PI_STUCK] < _STUCK_TICKS // 2 else -_ASIDE
        rest_x += aside * go_x
        rest_z += aside * go_z
    far = math.sqrt(rest_x * rest_x + rest_z * rest_z)
    # On a ladder one hangs straight; who leans against it goes up.
    hangs = climbing and off_y < -0.3 and abs(off_x) < _INSIDE and abs(off_z) < _INSIDE
    if far > _NEAR and not hangs:
        pf[p, PF_YAW] = math.atan2(-rest_x, rest_z)
        pf[p, PF_FORWARD] = 1.0
    else:
        pf[p, PF_FORWARD] = 0.0
    pi[p, PI_SPRINT] = 1 if pi[p, PI_ON_GROUND] and _sprints(pi, p, path, i, last) else 0
    # Upwards: jump from the cell before, once the whole body is on the line to the next one.
    jump = 0
    pi[p, PI_SNEAK] = path[i, 3] == OP_SNEAK
    if swimming:
        if path[i, 3] == OP_SWIM and cy < path[i - 1, 1] and go_x == 0 and go_z == 0:
            pi[p, PI_SNEAK] = off_y < -_STEP_UP
        else:
            jump = 1 if off_y > -0.2 or pf[p, PF_VY] < -0.1 else 0
    elif climbing:
        jump = 1 if off_y > 0.0 else 0
    elif pi[p, PI_ON_GROUND] and path[i, 3] == OP_GAP:
        jump = 1 if _leap(pf, pi, p, path, i) else 0
    elif pi[p, PI_ON_GROUND] and off_y > _STEP_UP:
        in_line = (go_x != 0 or abs(off_x) <= _INSIDE) and (go_z != 0 or abs(off_z) <= _INSIDE)
        jump = 1 if in_line and max(abs(off_x), abs(off_z)) < 1.4 else 0
    if path[i, 3] == OP_GAP and not pi[p, PI_ON_GROUND]:
        pi[p, PI_SPRINT] = 1 if max(abs(go_x), abs(go_z)) > 2 else 0
    pi[p, PI_JUMP] = jump
    return reached, -1


@kernel_njit
def land(cells: Cells, shapes: Shapes, pf: Floats, pi: Ints, p: int, path: Ints) -> bool:
    """The keys of a body that was told to stop: a jump or fall on its way is brought to its end, else none.

    Returns whether it still comes down.
    """
    falls = not (pi[p, PI_ON_GROUND] or pi[p, PI_IN_WATER] or pi[p, PI_IN_LAVA]) and pi[p, PI_STEPS] > 0
    if falls and steer(cells, shapes, pf, pi, p, path)[1] < 0:
        return True
    pi[p, PI_STEPS] = 0
    release(pf, pi, p)
    return False
