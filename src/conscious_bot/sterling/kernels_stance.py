"""Kernels for one who builds: where one can stand, how far one gets from there, what one reaches and sees.

Arrays are flat over a box of cells, index (x * ny + y) * nz + z, with `PAD` cells around it that bar everything.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import numpy as np

from conscious_bot.sterling._jit import kernel

__all__ = ["PAD", "joined", "sees_face", "side_step", "spread", "stands", "touches"]

PAD = 3
"""Cells around the box."""

_EYE = 1.62
_REACH2 = 4.4 * 4.4
"""The square of how far one reaches (4.5), less a tenth, since a body never stands quite in the middle."""


@kernel
def stands(flags, at, sy):
    body = 33  # SOLID | BAR
    return flags[at] & body == 0 and flags[at + sy] & body == 0 and flags[at - sy] & 2 != 0


@kernel
def joined(flags, a, b, rise, sy):
    """Whether one gets from a cell to stand in to a neighbouring one that lies `rise` higher: room to step or jump."""
    if rise > 0:
        return flags[a + 2 * sy] & 33 == 0
    if rise < 0:
        return flags[b + 2 * sy] & 33 == 0
    return True


@kernel
def spread(flags, reached, stack, top, fresh, strides):
    """Flood `reached` from the `top` cells on the stack; `fresh` gets the new ones. Returns their number."""
    sx, sy = strides[0], strides[1]
    count = 0
    while top > 0:
        top -= 1
        at = stack[top]
        for side in range(4):
            ahead = sx if side == 0 else -sx if side == 1 else 1 if side == 2 else -1
            for rise in range(-1, 2):
                to = at + ahead + rise * sy
                if reached[to] == 0 and stands(flags, to, sy) and joined(flags, at, to, rise, sy):
                    reached[to] = 1
                    stack[top] = to
                    top += 1
                    fresh[count] = to
                    count += 1
    return count


@kernel
def _gap2(ex, ey, ez, x, y, z):
    """The square of the distance from a point to the nearest point of a block."""
    dx = max(x - ex, 0.0, ex - x - 1.0)
    dy = max(y - ey, 0.0, ey - y - 1.0)
    dz = max(z - ez, 0.0, ez - z - 1.0)
    return dx * dx + dy * dy + dz * dz


@kernel
def _clear(flags, strides, ex, ey, ez, px, py, pz, target):
    """Whether nothing opaque stands between the eye and a point of the target block, which itself does not count."""
    sx, sy = strides[0], strides[1]
    cx, cy, cz = int(np.floor(ex)), int(np.floor(ey)), int(np.floor(ez))
    rx, ry, rz = px - ex, py - ey, pz - ez
    huge = 1e30
    stepx = 1 if rx > 0 else -1
    stepy = 1 if ry > 0 else -1
    stepz = 1 if rz > 0 else -1
    dx = abs(1.0 / rx) if rx != 0.0 else huge
    dy = abs(1.0 / ry) if ry != 0.0 else huge
    dz = abs(1.0 / rz) if rz != 0.0 else huge
    ax = (cx + (1 if stepx > 0 else 0) - ex) / rx if rx != 0.0 else huge
    ay = (cy + (1 if stepy > 0 else 0) - ey) / ry if ry != 0.0 else huge
    az = (cz + (1 if stepz > 0 else 0) - ez) / rz if rz != 0.0 else huge
    for _ in range(32):
        at = cx * sx + cy * sy + cz
        if at == target:
            return True
        if flags[at] & 4 != 0:
            return False
        if ax <= ay and ax <= az:
            if ax > 1.0:
                return True
            cx += stepx
            ax += dx
        elif ay <= az:
            if ay > 1.0:
                return True
            cy += stepy
            ay += dy
        else:
            if az > 1.0:
                return True
            cz += stepz
            az += dz
    return False


@kernel
def side_step(side, strides):
    """The step to the neighbour on a side: 0 below, 1 above, 2 -x, 3 +x, 4 -z, 5 +z."""
    if side == 0:
        return -strides[1]
    if side == 1:
        return strides[1]
    if side == 2:
        return -strides[0]
    if side == 3:
        return strides[0]
    return np.int64(-1) if side == 4 else np.int64(1)


@kernel
def sees_face(flags, strides, feet, cell, side):
    """Whether one who stands at `feet` reaches, and sees the middle of, the face of the neighbour of `cell` on that
    side, the face that borders on the cell."""
    sx, sy = strides[0], strides[1]
    fx, fy, fz = feet // sx, feet % sx // sy, feet % sy
    x, y, z = cell // sx, cell % sx // sy, cell % sy
    ex, ey, ez = fx + 0.5, fy + _EYE, fz + 0.5
    px, py, pz = x + 0.5, y + 0.5, z + 0.5
    nx, ny, nz = x, y, z
    # The point lies a thousandth inside the neighbour's block, so that the look ends there.
    if side == 0:
        facing, py, ny = ey - y, y - 0.001, y - 1
    elif side == 1:
        facing, py, ny = y + 1 - ey, y + 1.001, y + 1
    elif side == 2:
        facing, px, nx = ex - x, x - 0.001, x - 1
    elif side == 3:
        facing, px, nx = x + 1 - ex, x + 1.001, x + 1
    elif side == 4:
        facing, pz, nz = ez - z, z - 0.001, z - 1
    else:
        facing, pz, nz = z + 1 - ez, z + 1.001, z + 1
    if facing <= 1e-9:
        return False
    if _gap2(ex, ey, ez, x, y, z) > _REACH2 or _gap2(ex, ey, ez, nx, ny, nz) > _REACH2:
        return False
    return _clear(flags, strides, ex, ey, ez, px, py, pz, nx * sx + ny * sy + nz)


@kernel
def touches(flags, strides, feet, cell):
    """Whether one who stands at `feet` reaches a block and sees the middle of one of its faces."""
    sx, sy = strides[0], strides[1]
    x, y, z = cell // sx, cell % sx // sy, cell % sy
    ex, ey, ez = feet // sx + 0.5, feet % sx // sy + _EYE, feet % sy + 0.5
    if _gap2(ex, ey, ez, x, y, z) > _REACH2:
        return False
    for side in range(6):
        at = cell + side_step(side, strides)
        if flags[at] & 4 != 0:
            continue
        px, py, pz = x + 0.5, y + 0.5, z + 0.5
        if side == 0:
            facing, py = y - ey, y + 0.001
        elif side == 1:
            facing, py = ey - y - 1, y + 0.999
        elif side == 2:
            facing, px = x - ex, x + 0.001
        elif side == 3:
            facing, px = ex - x - 1, x + 0.999
        elif side == 4:
            facing, pz = z - ez, z + 0.001
        else:
            facing, pz = ez - z - 1, z + 0.999
        if facing > 1e-9 and _clear(flags, strides, ex, ey, ez, px, py, pz, cell):
            return True
    return False
