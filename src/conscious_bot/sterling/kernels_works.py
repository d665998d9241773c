"""The kernel that finds ways with digging, placing and doors.

Nearly every cell can be made a place of rest, so there is no graph to build: cells are searched where they
are, in padded flat layers. `works.py` says what the steps are; `works_reference.py` is this in plain Python.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import numpy as np

from conscious_bot.sterling._jit import kernel

__all__ = ["search_works"]

_NEVER = 65535
_INFINITE = 1 << 30


@kernel
def _opening(opening, gate, at, axis):
    """The price of passing a cell along an axis (1: x, 2: z, 3: upright, for which there must be no door)."""
    if gate[at] & axis != axis:
        return _NEVER
    return np.int64(opening[at])


@kernel
def _price(opening, gate, floor, place, at, kind, sx, sy, sz, costs):
    """The price of a step from a cell, and how far it leads; 0 if it cannot be taken.

    Kinds: 0-3 level, 4-7 up, 8-11 down, each to +x, -x, +z, -z; 12 straight down, 13 straight up. `costs` are
    walk, jump, descend, drop, pillar, place.
    """
    side = kind & 3
    axis = 1 if side < 2 else 2
    ahead = sx if side == 0 else -sx if side == 1 else sz if side == 2 else -sz
    if kind < 4:
        total = costs[0] + _opening(opening, gate, at + ahead, axis) + _opening(opening, gate, at + ahead + sy, axis)
        if gate[at] & axis == 0 or total >= _NEVER:
            return 0, 0
        if not floor[at + ahead - sy]:
            if costs[5] == 0 or not place[at + ahead - sy]:
                return 0, 0
            total += costs[5]
        return total, ahead
    if gate[at] != 3:
        return 0, 0
    if kind < 8:
        total = (
            costs[1]
            + _opening(opening, gate, at + 2 * sy, 3)
            + _opening(opening, gate, at + ahead + sy, 3)
            + _opening(opening, gate, at + ahead + 2 * sy, 3)
        )
        return (total, ahead + sy) if total < _NEVER and floor[at + ahead] else (0, 0)
    if kind < 12:
        total = (
            costs[2]
            + _opening(opening, gate, at + ahead + sy, 3)
            + _opening(opening, gate, at + ahead, 3)
            + _opening(opening, gate, at + ahead - sy, 3)
        )
        return (total, ahead - sy) if total < _NEVER and floor[at + ahead - 2 * sy] else (0, 0)
    if kind == 12:
        total = costs[3] + _opening(opening, gate, at - sy, 3)
        return (total, -sy) if total < _NEVER and floor[at - sy] and floor[at - 2 * sy] else (0, 0)
    total = costs[4] + costs[5] + _opening(opening, gate, at + 2 * sy, 3)
    if costs[5] == 0 or not (place[at] or 0 < opening[at] < _NEVER):  # free, or dug on the way here
        return 0, 0
    return (total, sy) if total < _NEVER else (0, 0)


@kernel
def _estimate(x, y, z, box, costs):
    """The documents' formula: no step is cheaper, with whatever it digs or places on top."""
    d = max(box[0] - x, 0, x - box[1]) + max(box[4] - z, 0, z - box[5])
    rise = max(box[2] - y, 0)
    drop = max(min(d, y - box[2]), y - box[3], 0)
    return costs[1] * rise + costs[2] * drop + costs[0] * max(d - rise - drop, 0)


@kernel
def search_works(opening, gate, floor, place, enter, strides, start, box, costs, limit, ring_size):
    """A* from a cell to one inside `box` (x0, x1, y0, y1, z0, z1, in padded coordinates).

    Returns (cell or -1, g, expansions, last f, 1 if the limit ended it, the step that reached each cell).
    """
    sx, sy = strides[0], strides[1]
    best = np.full(opening.shape[0], _INFINITE, np.int32)
    came = np.full(opening.shape[0], -1, np.int8)
    heads = np.full(ring_size, -1, np.int32)
    pool = np.empty((1024, 2), np.int32)
    ring = ring_size - 1
    now = np.int64(_estimate(start // sx, start % sx // sy, start % sy, box, costs))
    best[start] = 0
    pool[0, 0] = -1
    pool[0, 1] = start
    heads[now & ring] = 0
    used, free, waiting, expansions = 1, -1, 1, 0
    while waiting > 0:
        entry = heads[now & ring]
        if entry < 0:
            now += 1
            continue
        heads[now & ring] = pool[entry, 0]
        at = pool[entry, 1]
        pool[entry, 0] = free
        free = entry
        waiting -= 1
        g = best[at]
        if g < 0:
            continue
        x, y, z = at // sx, at % sx // sy, at % sy
        if box[0] <= x <= box[1] and box[2] <= y <= box[3] and box[4] <= z <= box[5]:
            return at, np.int64(g), expansions, now, 0, came
        if expansions >= limit or g >= _INFINITE // 2:
            return -1, np.int64(_INFINITE), expansions, now, 1, came
        best[at] = -1 - g
        expansions += 1
        for kind in range(14):
            price, offset = _price(opening, gate, floor, place, at, kind, sx, sy, 1, costs)
            if price == 0:
                continue
            to = at + offset
            new = g + price + enter[to]
            if best[to] <= new:
                continue
            best[to] = new
            came[to] = kind
            f = new + _estimate(to // sx, to % sx // sy, to % sy, box, costs)
            if free >= 0:
                made = free
                free = pool[made, 0]
            else:
                if used == pool.shape[0]:
                    larger = np.empty((2 * used, 2), np.int32)
                    larger[:used] = pool
                    pool = larger
                made = used
                used += 1
            pool[made, 0] = heads[f & ring]
            pool[made, 1] = to
            heads[f & ring] = made
            waiting += 1
    return -1, np.int64(_INFINITE), expansions, now, 0, came
