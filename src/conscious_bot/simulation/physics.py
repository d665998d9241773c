"""Movement in the game's own numbers: collision, steps, gravity, friction, water. Kernels only.

Sources, Minecraft Wiki: "Player" (size, eye height), "Walking" and "Sprinting" (4.317 and 5.612 m/s), "Sneaking"
(1.295 m/s, never over an edge, 1.5 blocks high), "Jumping" (1.2522 blocks), "Entity" (motion of entities: gravity,
drag), "Slipperiness", "Damage" (falling, void, lava), "Item (entity)".
"""

from __future__ import annotations

import math

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.facts import CLIMBABLE, SOLID, Shapes
from conscious_bot.simulation.immersion import immerse
from conscious_bot.simulation.state import (
    EFFECT_SLOWNESS,
    EFFECT_SPEED,
    IF_VX,
    IF_VY,
    IF_VZ,
    IF_X,
    IF_Y,
    IF_Z,
    II_ID,
    II_ON_GROUND,
    PF_FALL,
    PF_FORWARD,
    PF_STRAFE,
    PF_VX,
    PF_VY,
    PF_VZ,
    PF_X,
    PF_Y,
    PF_YAW,
    PF_Z,
    PI_COLLIDED,
    PI_CROUCHED,
    PI_EFFECTS,
    PI_IN_LAVA,
    PI_IN_WATER,
    PI_JUMP,
    PI_JUMP_DELAY,
    PI_ON_GROUND,
    PI_SNEAK,
    PI_SPRINT,
    Floats,
    Ints,
)
from conscious_bot.simulation.voxels import Cells, get_state

__all__ = ["EYE", "PLAYER_WIDTH", "eye_of", "height_of", "move_box", "move_item", "move_player"]

PLAYER_WIDTH = 0.6
_HEIGHT, _CROUCHED_HEIGHT = 1.8, 1.5
EYE = 1.62
"""Of a player that stands upright."""
_CROUCHED_EYE = 1.27
_ITEM_SIZE = 0.25
_STEP = 0.6  # how high a player on the ground steps
# Rows of the scratch array: the movement wished for, the box that moves, two outcomes; then the boxes in its way.
_WISH, _BOX, _FIRST, _SECOND, _ROOM = range(5)
_GRAVITY = 0.08
_JUMP = 0.42
_SPEED = 0.1  # the player's movement attribute; sprinting is 30 % faster
_AIR_ACCELERATION = 0.02
_AIR_ACCELERATION_SPRINTING = 0.026
_FLUID_ACCELERATION = 0.02
_SNEAKING = 0.3  # of the keys' strength
_BACK = 0.05  # by which a sneaking player's step over an edge is shortened until it ends before it
_EPSILON = 1e-7
_ITEM_GRAVITY = 0.04
_FLOATS = 0.1  # so deep in a fluid an item rises instead of falling


@kernel_njit
def _collect(
    cells: Cells, shapes: Shapes, scratch: Floats, x0: float, y0: float, z0: float, x1: float, y1: float, z1: float
) -> int:
    """Copy the collision boxes that touch a box into `scratch`, from row `_ROOM` on; the row after the last.

    One layer more is looked at below, for boxes higher than a block (fences).
    """
    n = _ROOM
    for y in range(math.floor(y0 - _EPSILON) - 1, math.floor(y1 + _EPSILON) + 1):
        for x in range(math.floor(x0 - _EPSILON), math.floor(x1 + _EPSILON) + 1):
            for z in range(math.floor(z0 - _EPSILON), math.floor(z1 + _EPSILON) + 1):
                state = get_state(cells, x, y, z)
                if not shapes.flags[state] & SOLID:
                    continue
                first = shapes.first[state]
                for b in range(first, first + shapes.boxed[state]):
                    bx0, by0, bz0 = x + shapes.boxes[b, 0], y + shapes.boxes[b, 1], z + shapes.boxes[b, 2]
                    bx1, by1, bz1 = x + shapes.boxes[b, 3], y + shapes.boxes[b, 4], z + shapes.boxes[b, 5]
                    if bx1 < x0 or bx0 > x1 or by1 < y0 or by0 > y1 or bz1 < z0 or bz0 > z1:
                        continue
                    if n == scratch.shape[0]:
                        return n
                    scratch[n, 0], scratch[n, 1], scratch[n, 2] = bx0, by0, bz0
                    scratch[n, 3], scratch[n, 4], scratch[n, 5] = bx1, by1, bz1
                    n += 1
    return n


@kernel_njit
def _clip(scratch: Floats, n: int, axis: int, box: Floats, d: float) -> float:
    """How far of `d` along an axis a box can move before it touches one of the boxes."""
    if d == 0.0:
        return 0.0
    a = (axis + 1) % 3
    c = (axis + 2) % 3
    for i in range(_ROOM, n):
        if box[a + 3] - _EPSILON <= scratch[i, a] or box[a] + _EPSILON >= scratch[i, a + 3]:
            continue
        if box[c + 3] - _EPSILON <= scratch[i, c] or box[c] + _EPSILON >= scratch[i, c + 3]:
            continue
        if d > 0.0:
            gap = scratch[i, axis] - box[axis + 3]
            if gap >= -_EPSILON and gap < d:
                d = max(gap, 0.0)
        else:
            gap = scratch[i, axis + 3] - box[axis]
            if gap <= _EPSILON and gap > d:
                d = min(gap, 0.0)
    return d


@kernel_njit
def _slide(scratch: Floats, n: int, box: Floats, wish: Floats, out: Floats) -> None:
    """Move a box as far as it goes, y first, then the longer of x and z. `box` moves along."""
    along = 0 if abs(wish[0]) >= abs(wish[2]) else 2
    for turn in range(3):
        axis = 1 if turn == 0 else along if turn == 1 else 2 - along
        out[axis] = _clip(scratch, n, axis, box, wish[axis])
        box[axis] += out[axis]
        box[axis + 3] += out[axis]


@kernel_njit
def _collide(
    cells: Cells, shapes: Shapes, scratch: Floats, x: float, y: float, z: float,
    half: float, height: float, lift: float,
) -> tuple[float, float, float]:  # fmt: skip
    """What becomes of the movement in `scratch`'s row `_WISH`, for a box whose floor has its middle at a place.

    `half` is half its width; it steps up by `lift` if that leads farther.
    """
    wish, box, first, second = scratch[_WISH], scratch[_BOX], scratch[_FIRST], scratch[_SECOND]
    dx, dy, dz = wish[0], wish[1], wish[2]
    n = _collect(
        cells, shapes, scratch,
        x - half + min(dx, 0.0), y + min(dy, 0.0) - lift, z - half + min(dz, 0.0),
        x + half + max(dx, 0.0), y + height + max(dy, 0.0, lift), z + half + max(dz, 0.0),
    )  # fmt: skip
    if n == _ROOM:
        return dx, dy, dz
    for attempt in range(2):
        box[0], box[1], box[2] = x - half, y, z - half
        box[3], box[4], box[5] = x + half, y + height, z + half
        _slide(scratch, n, box, wish, second)
        if attempt == 1:
            break
        first[0], first[1], first[2] = second[0], second[1], second[2]
        if lift == 0.0 or (first[0] == dx and first[2] == dz):
            return first[0], first[1], first[2]
        wish[1] = lift
    if second[0] ** 2 + second[2] ** 2 <= first[0] ** 2 + first[2] ** 2:
        return first[0], first[1], first[2]
    # A plain constant would compile the callee once more, for that constant: so numba sees a number.
    down = _clip(scratch, n, int(np.int64(1)), box, dy - second[1])
    return second[0], second[1] + down, second[2]


@kernel_njit
def move_box(
    cells: Cells, shapes: Shapes, scratch: Floats, bodies: Floats, i: int, half: float, height: float, lift: float
) -> tuple[bool, bool, float]:
    """Move a body by its velocity, and stop it where it runs into something. Players, creatures, items alike.

    The first six columns of `bodies` are position and velocity, as in `state`. Returns whether it ran into
    something sideways, whether it stands on something, and by how much it went up.
    """
    dx, dy, dz = bodies[i, PF_VX], bodies[i, PF_VY], bodies[i, PF_VZ]
    scratch[_WISH, 0], scratch[_WISH, 1], scratch[_WISH, 2] = dx, dy, dz
    out = _collide(
        cells, shapes, scratch, bodies[i, PF_X], bodies[i, PF_Y], bodies[i, PF_Z], half, height, lift
    )  # fmt: skip
    bodies[i, PF_X] += out[0]
    bodies[i, PF_Y] += out[1]
    bodies[i, PF_Z] += out[2]
    hit_x = abs(out[0] - dx) > _EPSILON
    hit_z = abs(out[2] - dz) > _EPSILON
    hit_y = out[1] != dy
    if hit_x:
        bodies[i, PF_VX] = 0.0
    if hit_z:
        bodies[i, PF_VZ] = 0.0
    if hit_y:
        bodies[i, PF_VY] = 0.0
    return hit_x or hit_z, hit_y and dy < 0.0, out[1]


@kernel_njit("float64(int64[:,::1], int64)")
def height_of(pi: Ints, p: int) -> float:
    """How high a player's box is now."""
    return _CROUCHED_HEIGHT if pi[p, PI_CROUCHED] else _HEIGHT


@kernel_njit("float64(int64[:,::1], int64)")
def eye_of(pi: Ints, p: int) -> float:
    """How high a player's eyes are above its feet now."""
    return _CROUCHED_EYE if pi[p, PI_CROUCHED] else EYE


@kernel_njit
def _is_free(cells: Cells, shapes: Shapes, scratch: Floats, x: float, y: float, z: float, height: float) -> bool:
    """Whether a player's box with its feet at a place would run into nothing."""
    half = PLAYER_WIDTH / 2 - _EPSILON
    n = _collect(
        cells, shapes, scratch, x - half, y + _EPSILON, z - half, x + half, y + height - _EPSILON, z + half
    )  # fmt: skip
    return n == _ROOM


@kernel_njit
def _crouch(cells: Cells, shapes: Shapes, scratch: Floats, pf: Floats, pi: Ints, p: int) -> None:
    """Bend down as the sneak key says; who let go of it stands up where there is room."""
    if pi[p, PI_SNEAK]:
        pi[p, PI_CROUCHED] = 1
    elif pi[p, PI_CROUCHED]:
        pi[p, PI_CROUCHED] = not _is_free(cells, shapes, scratch, pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z], _HEIGHT)
    if pi[p, PI_CROUCHED]:
        pi[p, PI_SPRINT] = 0


@kernel_njit
def _shorter(d: float) -> float:
    return 0.0 if abs(d) <= _BACK else d - _BACK if d > 0.0 else d + _BACK


@kernel_njit
def _keep_from_edge(cells: Cells, shapes: Shapes, scratch: Floats, pf: Floats, pi: Ints, p: int) -> None:
    """Shorten a sneaking player's movement so that ground within a step (0.6) stays under its box."""
    x, y, z, high = pf[p, PF_X], pf[p, PF_Y], pf[p, PF_Z], height_of(pi, p)
    below = y + pf[p, PF_FALL] - _STEP
    grounded = pi[p, PI_ON_GROUND] or (
        pf[p, PF_FALL] < _STEP and not _is_free(cells, shapes, scratch, x, below, z, high)
    )
    if pf[p, PF_VY] > 0.0 or not grounded:
        return
    dx, dz = pf[p, PF_VX], pf[p, PF_VZ]
    while dx != 0.0 and _is_free(cells, shapes, scratch, x + dx, y - _STEP, z, high):
        dx = _shorter(dx)
    while dz != 0.0 and _is_free(cells, shapes, scratch, x, y - _STEP, z + dz, high):
        dz = _shorter(dz)
    while dx != 0.0 and dz != 0.0 and _is_free(cells, shapes, scratch, x + dx, y - _STEP, z + dz, high):
        dx, dz = _shorter(dx), _shorter(dz)
    pf[p, PF_VX], pf[p, PF_VZ] = dx, dz


@kernel_njit
def _push(pf: Floats, pi: Ints, p: int, acceleration: float) -> None:
    """Accelerate a player as its keys say."""
    strength = 0.98 * _SNEAKING if pi[p, PI_CROUCHED] else 0.98
    forward = pf[p, PF_FORWARD] * strength
    strafe = pf[p, PF_STRAFE] * strength
    length = forward * forward + strafe * strafe
    if length < _EPSILON:
        return
    if length > 1.0:
        forward /= math.sqrt(length)
        strafe /= math.sqrt(length)
    sin, cos = math.sin(pf[p, PF_YAW]), math.cos(pf[p, PF_YAW])
    pf[p, PF_VX] += (strafe * cos - forward * sin) * acceleration
    pf[p, PF_VZ] += (forward * cos + strafe * sin) * acceleration


@kernel_njit
def _move(cells: Cells, shapes: Shapes, scratch: Floats, pf: Floats, pi: Ints, p: int) -> None:
    """Move a player by its velocity, and keep count of the fall."""
    lift = _STEP if pi[p, PI_ON_GROUND] else 0.0
    vx, vz = pf[p, PF_VX], pf[p, PF_VZ]
    if pi[p, PI_SNEAK]:
        _keep_from_edge(cells, shapes, scratch, pf, pi, p)
    dx, dz = pf[p, PF_VX], pf[p, PF_VZ]
    aside, stands, up = move_box(cells, shapes, scratch, pf, p, PLAYER_WIDTH / 2, height_of(pi, p), lift)
    if pf[p, PF_VX] == dx:  # an edge takes nothing from the speed, only what one runs into does
        pf[p, PF_VX] = vx
    if pf[p, PF_VZ] == dz:
        pf[p, PF_VZ] = vz
    pi[p, PI_COLLIDED] = aside
    pi[p, PI_ON_GROUND] = stands
    if up < 0.0 and not stands:
        pf[p, PF_FALL] -= up


@kernel_njit
def _swim(cells: Cells, shapes: Shapes, scratch: Floats, pf: Floats, pi: Ints, p: int, drag: float) -> None:
    """A tick in water (drag 0.8) or lava (0.5)."""
    y = pf[p, PF_Y]
    _push(pf, pi, p, _FLUID_ACCELERATION)
    _move(cells, shapes, scratch, pf, pi, p)
    pf[p, PF_VX] *= drag
    pf[p, PF_VZ] *= drag
    pf[p, PF_VY] = pf[p, PF_VY] * (0.8 if drag > 0.5 else 0.5) - (_GRAVITY / 16 if drag > 0.5 else _GRAVITY / 4)
    if pi[p, PI_COLLIDED]:
        # Out of the water onto the bank, if there is room 0.6 above where it began.
        half = PLAYER_WIDTH / 2
        x0 = pf[p, PF_X] + pf[p, PF_VX]
        y0 = y + pf[p, PF_VY] + 0.6
        z0 = pf[p, PF_Z] + pf[p, PF_VZ]
        n = _collect(
            cells, shapes, scratch,
            x0 - half + 0.001, y0 + 0.001, z0 - half + 0.001,
            x0 + half - 0.001, y0 + height_of(pi, p) - 0.001, z0 + half - 0.001,
        )  # fmt: skip
        if n == _ROOM:
            pf[p, PF_VY] = 0.3


@kernel_njit("float64(int64[:,::1], int64)")
def _haste(pi: Ints, p: int) -> float:
    """What effects do to the speed on the ground (Minecraft Wiki, "Speed" and "Slowness")."""
    found = 1.0
    if pi[p, PI_EFFECTS + 2 * EFFECT_SPEED] > 0:
        found *= 1.0 + 0.2 * (pi[p, PI_EFFECTS + 2 * EFFECT_SPEED + 1] + 1)
    if pi[p, PI_EFFECTS + 2 * EFFECT_SLOWNESS] > 0:
        found *= max(1.0 - 0.15 * (pi[p, PI_EFFECTS + 2 * EFFECT_SLOWNESS + 1] + 1), 0.0)
    return found


@kernel_njit
def _walk(cells: Cells, shapes: Shapes, scratch: Floats, pf: Floats, pi: Ints, p: int) -> None:
    """A tick on the ground or in the air."""
    x, y, z = math.floor(pf[p, PF_X]), pf[p, PF_Y], math.floor(pf[p, PF_Z])
    climbing = shapes.flags[get_state(cells, x, math.floor(y), z)] & CLIMBABLE
    friction = 0.91
    if pi[p, PI_ON_GROUND]:
        slip = shapes.slip[get_state(cells, x, math.floor(y - 0.5000001), z)]
        friction = slip * 0.91
        speed = _SPEED * (1.3 if pi[p, PI_SPRINT] else 1.0) * _haste(pi, p)
        _push(pf, pi, p, speed * (0.21600002 / (slip * slip * slip)))
    else:
        _push(pf, pi, p, _AIR_ACCELERATION_SPRINTING if pi[p, PI_SPRINT] else _AIR_ACCELERATION)
    if climbing:
        pf[p, PF_FALL] = 0.0
        pf[p, PF_VX] = min(max(pf[p, PF_VX], -0.15), 0.15)
        pf[p, PF_VZ] = min(max(pf[p, PF_VZ], -0.15), 0.15)
        pf[p, PF_VY] = max(pf[p, PF_VY], 0.0 if pi[p, PI_SNEAK] else -0.15)
    _move(cells, shapes, scratch, pf, pi, p)
    if climbing and (pi[p, PI_COLLIDED] or pi[p, PI_JUMP] > 0):
        pf[p, PF_VY] = 0.2
    pf[p, PF_VX] *= friction
    pf[p, PF_VZ] *= friction
    pf[p, PF_VY] = (pf[p, PF_VY] - _GRAVITY) * 0.98


@kernel_njit
def move_player(cells: Cells, shapes: Shapes, scratch: Floats, pf: Floats, pi: Ints, p: int) -> float:
    """One tick of a player's movement; how far it fell if it landed in this tick, else 0."""
    _crouch(cells, shapes, scratch, pf, pi, p)
    water, lava = immerse(cells, shapes, pf, p, PLAYER_WIDTH / 2, height_of(pi, p), player=True)
    for v in (PF_VX, PF_VY, PF_VZ):
        if abs(pf[p, v]) < 0.003:
            pf[p, v] = 0.0
    pi[p, PI_IN_WATER] = water > 0.0
    pi[p, PI_IN_LAVA] = lava > 0.0
    if pi[p, PI_JUMP] > 0:
        depth = max(water, lava)
        if depth > 0.0 and (not pi[p, PI_ON_GROUND] or depth > 0.4):
            pf[p, PF_VY] += 0.04
        elif pi[p, PI_ON_GROUND] and pi[p, PI_JUMP_DELAY] == 0:
            pf[p, PF_VY] = _JUMP
            if pi[p, PI_SPRINT]:
                pf[p, PF_VX] -= math.sin(pf[p, PF_YAW]) * 0.2
                pf[p, PF_VZ] += math.cos(pf[p, PF_YAW]) * 0.2
            pi[p, PI_JUMP_DELAY] = 10
        if pi[p, PI_JUMP_DELAY] > 0:
            pi[p, PI_JUMP_DELAY] -= 1
    else:
        pi[p, PI_JUMP_DELAY] = 0
        if pi[p, PI_SNEAK] and water > 0.0:
            pf[p, PF_VY] -= 0.04  # Minecraft Wiki, "Swimming": sneaking in water sinks faster
    if water > 0.0:
        pf[p, PF_FALL] = 0.0
        _swim(cells, shapes, scratch, pf, pi, p, 0.8)
    elif lava > 0.0:
        pf[p, PF_FALL] *= 0.5
        _swim(cells, shapes, scratch, pf, pi, p, 0.5)
    else:
        _walk(cells, shapes, scratch, pf, pi, p)
    fallen = 0.0
    if pi[p, PI_ON_GROUND]:
        fallen = pf[p, PF_FALL]
        pf[p, PF_FALL] = 0.0
    return fallen


@kernel_njit
def move_item(cells: Cells, shapes: Shapes, scratch: Floats, items_f: Floats, items_i: Ints, i: int, age: int) -> None:
    """One tick of a dropped item's movement. One at rest is looked at every fourth tick, as in the game."""
    half = _ITEM_SIZE / 2
    water, lava = immerse(cells, shapes, items_f, i, half, _ITEM_SIZE, player=False)
    dx, dz = items_f[i, IF_VX], items_f[i, IF_VZ]
    resting = items_i[i, II_ON_GROUND] and dx * dx + dz * dz <= 1e-5
    if resting and (age + items_i[i, II_ID]) % 4 != 0:
        return
    if water > _FLOATS or lava > _FLOATS:
        drag = 0.99 if water > _FLOATS else 0.95
        items_f[i, IF_VX] *= drag
        items_f[i, IF_VZ] *= drag
        if items_f[i, IF_VY] < 0.06:
            items_f[i, IF_VY] += 5e-4
    else:
        items_f[i, IF_VY] -= _ITEM_GRAVITY
    _, stands, _ = move_box(cells, shapes, scratch, items_f, i, half, _ITEM_SIZE, 0.0)
    items_i[i, II_ON_GROUND] = stands
    friction = 0.98
    if items_i[i, II_ON_GROUND]:
        below = get_state(
            cells, math.floor(items_f[i, IF_X]), math.floor(items_f[i, IF_Y] - 0.5000001), math.floor(items_f[i, IF_Z])
        )
        friction *= shapes.slip[below]
    items_f[i, IF_VX] *= friction
    items_f[i, IF_VY] *= 0.98
    items_f[i, IF_VZ] *= friction
    if water > 0.0 or lava > 0.0:  # a current pushes an item twice a tick
        immerse(cells, shapes, items_f, i, half, _ITEM_SIZE, player=False)
