"""The kernels that find an order of building, by taking the finished building down.

A block may be taken down if, with it gone, it could be put back: from a cell to stand in that is joined to the
outside both with it and without it, within reach, with a clear line to a face to put it against; and if nothing
that stands would lose its hold. What is taken down last is placed first. `construction.py` drives this.

Arrays as in `kernels_stance.py`.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import heapq

import numpy as np

from conscious_bot.sterling._jit import kernel
from conscious_bot.sterling.kernels_stance import joined, sees_face, side_step, spread, stands, touches

__all__ = [
    "BAR", "CLEAN", "FLOOR", "FULL", "GONE", "NO_HOLD", "NO_STAND", "OPAQUE", "SEVERS", "SOLID", "SUPPORT",
    "TAKEN", "add", "depths", "dismantle", "mark_goals",
]  # fmt: skip

SOLID, FLOOR, OPAQUE, SUPPORT, FULL, BAR, TAKEN = 1, 2, 4, 8, 16, 32, 64
"""A cell's flags: no body fits in, carries feet, stops a look, can be built against, is a whole cube, is never
entered nor changed (liquid, what hurts, not loaded), holds something. 0 is a free cell."""

CLEAN, GONE = 0, 2
_WAITING = 1
"""A piece's state: looked at in vain, in the heap, taken down."""
NO_HOLD, NO_STAND, SEVERS = 1, 2, 3
"""Why a piece stays: others hang on it, no place to put it from, it would cut off cells one stands in."""


@kernel
def _holds(flags, owner, pieces, u, side, at):
    """Whether the neighbour `at` on that side can hold piece u. Pieces: columns cell, other, flags, sides from which
    it may be held (bits), 1 if a whole cube has to hold it for good, direction to look in, 1 if scaffold, key."""
    if pieces[u, 3] >> side & 1 == 0 or flags[at] & 8 == 0:
        return False
    if pieces[u, 4] == 0:
        return True
    v = owner[at]
    return flags[at] & 16 != 0 and not (v >= 0 and pieces[v, 6] != 0)


@kernel
def _loosens(flags, owner, pieces, depth, u, strides):
    """Whether something that stands would hang on nothing without piece u: each keeps a neighbour closer to the
    ground."""
    for half in range(2):
        cell = pieces[u, half]
        if cell < 0:
            continue
        for side in range(6):
            at = cell + side_step(side, strides)
            v = owner[at]
            if v < 0 or v == u or at != pieces[v, 0] or depth[v] <= depth[u]:
                continue
            back = side ^ 1
            if not _holds(flags, owner, pieces, v, back, cell):
                continue
            other = False
            for way in range(6):
                near = at + side_step(way, strides)
                if near == cell or not _holds(flags, owner, pieces, v, way, near):
                    continue
                w = owner[near]
                # v itself is no shallower than v, so only u has to be left out by name.
                if w < 0 or (w != u and depth[w] < depth[v]):
                    other = True
                    break
            if not other:
                return True
    return False


@kernel
def depths(flags, owner, pieces, depth, states, strides):
    """For each piece how many pieces carry it down to what stands anyway; -1 for what hangs in the air."""
    count = len(pieces)
    queue = np.empty(count, np.int64)
    head, tail = 0, 0
    for u in range(count):
        depth[u] = -1
        if states[u] == 2:
            continue
        for side in range(6):
            at = pieces[u, 0] + side_step(side, strides)
            if owner[at] < 0 and _holds(flags, owner, pieces, u, side, at):
                depth[u] = 1
                queue[tail] = u
                tail += 1
                break
    while head < tail:
        u = queue[head]
        head += 1
        for half in range(2):
            cell = pieces[u, half]
            if cell < 0:
                continue
            for side in range(6):
                at = cell + side_step(side, strides)
                v = owner[at]
                if v >= 0 and depth[v] < 0 and at == pieces[v, 0] and _holds(flags, owner, pieces, v, side ^ 1, cell):
                    depth[v] = depth[u] + 1
                    queue[tail] = v
                    tail += 1


@kernel
def _looks_right(strides, feet, against, facing):
    """Whether one at `feet` who looks at the middle of a block looks in that direction (1 -x, 2 +x, 3 -z, 4 +z)."""
    if facing == 0:
        return True
    sx, sy = strides[0], strides[1]
    dx = against // sx - feet // sx
    dz = against % sy - feet % sy
    if facing <= 2:
        return abs(dx) > abs(dz) and (dx > 0) == (facing == 2)
    return abs(dz) > abs(dx) and (dz > 0) == (facing == 4)


@kernel
def _placer(flags, owner, reached, pieces, u, last, offsets, strides):
    """Where to stand to place piece u (its cells are clear), and on which side of its cell the neighbour to place
    it against lies; (-1, -1) if there is no such place."""
    sy = strides[1]
    cell, other = pieces[u, 0], pieces[u, 1]
    held = np.zeros(6, np.bool_)
    some = False
    for side in range(6):
        at = cell + side_step(side, strides)
        v = owner[at]
        held[side] = v != u and _holds(flags, owner, pieces, u, side, at)
        some = some or held[side]
    if not some:
        return np.int64(-1), np.int64(-1)
    # What stands on the floor or hangs on a wall is put on the floor where that can be seen from anywhere.
    rounds = 2 if pieces[u, 4] != 0 and held[0] else 1
    each = len(offsets) + 1
    for i in range(rounds * each):
        floor_only = rounds == 2 and i < each
        feet = last if i % each == 0 else cell + offsets[i % each - 1]
        if feet < 0 or reached[feet] == 0 or feet == cell + sy or not stands(flags, feet, sy):
            continue
        if feet in (cell, cell - sy):
            continue  # some servers put nothing into the body's own cells, not even a torch
        if other >= 0 and (feet == other or feet + sy == other or feet == other + sy):
            continue
        for side in range(1 if floor_only else 6):
            if (
                held[side]
                and _looks_right(strides, feet, cell + side_step(side, strides), pieces[u, 5])
                and sees_face(flags, strides, feet, cell, side)
            ):
                return feet, np.int64(side)
    return np.int64(-1), np.int64(-1)


@kernel
def _still_joined(flags, reached, lost, strides):
    """Whether the neighbours of a cell that is no longer stood in are joined with each other near it."""
    sx, sy = strides[0], strides[1]
    seen = np.zeros((5, 7, 5), np.bool_)
    stack = np.empty(175, np.int64)
    x, y, z = lost // sx, lost % sx // sy, lost % sy
    first = np.int64(-1)
    for side in range(4):
        ahead = side_step(side + 2, strides)
        for rise in range(-1, 2):
            to = lost + ahead + rise * sy
            if reached[to] != 0 and stands(flags, to, sy):
                first = to
    if first < 0:
        return True
    top = 1
    stack[0] = first
    seen[first // sx - x + 2, first % sx // sy - y + 3, first % sy - z + 2] = True
    while top > 0:
        top -= 1
        at = stack[top]
        for side in range(4):
            ahead = side_step(side + 2, strides)
            for rise in range(-1, 2):
                to = at + ahead + rise * sy
                i, j, k = to // sx - x + 2, to % sx // sy - y + 3, to % sy - z + 2
                if i < 0 or i > 4 or j < 0 or j > 6 or k < 0 or k > 4 or seen[i, j, k]:
                    continue
                if stands(flags, to, sy) and joined(flags, at, to, rise, sy):
                    seen[i, j, k] = True
                    stack[top] = to
                    top += 1
    for side in range(4):
        ahead = side_step(side + 2, strides)
        for rise in range(-1, 2):
            to = lost + ahead + rise * sy
            if reached[to] == 0 or not stands(flags, to, sy):
                continue
            if not seen[to // sx - x + 2, to % sx // sy - y + 3, to % sy - z + 2]:
                return False
    return True


@kernel
def _wake(owner, states, pieces, heap, at, offsets):
    """Look again at the pieces around a cell."""
    for i in range(len(offsets)):
        to = at - offsets[i]
        if to < 0 or to >= len(owner):
            continue
        v = owner[to]
        if v >= 0 and states[v] == 0:
            states[v] = 1
            heapq.heappush(heap, (pieces[v, 7], np.int64(v)))


@kernel
def _open(flags, owner, reached, pieces, states, heap, at, offsets, strides, stack, fresh):
    """A cell is free now: no floor for the cell above, new ones to stand in, and pieces to look at again."""
    sy = strides[1]
    owner[at] = -1
    if reached[at + sy] != 0 and not stands(flags, at + sy, sy):
        reached[at + sy] = 0
    top = 0
    for dx in range(-1, 2):
        for dz in range(-1, 2):
            for dy in range(-3, 3):
                near = at + dx * strides[0] + dz + dy * sy
                if reached[near] != 0:
                    stack[top] = near
                    top += 1
    count = spread(flags, reached, stack, top, fresh, strides)
    for i in range(count):
        _wake(owner, states, pieces, heap, fresh[i], offsets)
    _wake(owner, states, pieces, heap, at, offsets)


@kernel
def dismantle(
    flags,
    owner,
    reached,
    pieces,
    depth,
    states,
    why,
    seed,
    last,
    forced,
    offsets,
    strides,
    stack,
    fresh,
    events,
):
    """Take down what can be, the pieces with the lowest key first.

    `forced` is a piece to begin with, even if that cuts off cells one stands in (-1: none). `events` gets rows
    (piece, feet, side). Returns (number of events, the cell stood in last).
    """
    sy = strides[1]
    heap = [(np.int64(-1), np.int64(-1))]
    heapq.heappop(heap)
    if forced >= 0:
        heapq.heappush(heap, (np.int64(-1), np.int64(forced)))
        states[forced] = 1
    else:
        for u in range(len(pieces)):
            if states[u] == 1:
                heapq.heappush(heap, (pieces[u, 7], np.int64(u)))
    done = 0
    while len(heap) > 0:
        _, u = heapq.heappop(heap)
        if states[u] != 1:
            continue
        states[u] = 0
        if depth[u] < 0 or _loosens(flags, owner, pieces, depth, u, strides):
            why[u] = 1
            continue
        cell, other = pieces[u, 0], pieces[u, 1]
        flags[cell] = 0
        if other >= 0:
            flags[other] = 0
        feet, side = _placer(flags, owner, reached, pieces, u, last, offsets, strides)
        severs = False
        if feet >= 0:
            for half in range(2):
                lost = pieces[u, half] + sy
                if pieces[u, half] < 0 or reached[lost] == 0 or stands(flags, lost, sy):
                    continue
                if lost == seed or (u != forced and not _still_joined(flags, reached, lost, strides)):
                    severs = True
        if feet >= 0 and not severs and u == forced:
            # Here reached is taken anew: the way to the place must still lead there.
            anew = np.zeros_like(reached)
            anew[seed] = 1
            stack[0] = seed
            spread(flags, anew, stack, 1, fresh, strides)
            if anew[feet] == 0:
                severs = True
            else:
                reached[:] = anew
        if feet < 0 or severs:
            why[u] = 3 if severs else 2
            flags[cell] = pieces[u, 2]
            if other >= 0:
                flags[other] = pieces[u, 2]
            continue
        states[u] = 2
        last = feet
        events[done, 0], events[done, 1], events[done, 2] = u, feet, side
        done += 1
        for half in range(2):
            if pieces[u, half] >= 0:
                _open(flags, owner, reached, pieces, states, heap, pieces[u, half], offsets, strides, stack, fresh)
    return done, last


@kernel
def add(flags, owner, reached, pieces, u, seed, offsets, strides, stack, fresh):
    """Put scaffold piece u up, as it is before it is dug away: from where to dig it, or -1 if that cannot be done.

    `reached` is taken anew.
    """
    sy = strides[1]
    cell = pieces[u, 0]
    if flags[cell] != 0 or cell == seed or cell == seed + sy:
        return np.int64(-1)
    flags[cell] = pieces[u, 2]
    anew = np.zeros_like(reached)
    anew[seed] = 1
    stack[0] = seed
    spread(flags, anew, stack, 1, fresh, strides)
    for i in range(len(offsets)):
        feet = cell + offsets[i]
        if feet < 0 or reached[feet] == 0 or anew[feet] == 0 or feet == cell + sy:
            continue
        if touches(flags, strides, feet, cell):
            reached[:] = anew
            owner[cell] = u
            return feet
    flags[cell] = 0
    return np.int64(-1)


@kernel
def mark_goals(flags, owner, pieces, depth, states, key_end, goals, offsets, strides):
    """Count for each cell how many of the pieces that stand and may go could be placed from it, if one could stand
    there. Only pieces whose key lies below `key_end`. Returns how many were counted in all.
    """
    sy = strides[1]
    marked = 0
    for u in range(len(pieces)):
        if states[u] == 2 or pieces[u, 7] >= key_end or depth[u] < 0:
            continue
        if _loosens(flags, owner, pieces, depth, u, strides):
            continue
        cell, other = pieces[u, 0], pieces[u, 1]
        flags[cell] = 0
        if other >= 0:
            flags[other] = 0
        for i in range(len(offsets)):
            feet = cell + offsets[i]
            if feet < 0 or feet == cell + sy or feet == cell or feet + sy == cell:
                continue
            if feet == other or feet + sy == other or (other >= 0 and feet == other + sy):
                continue
            if flags[feet] & 33 != 0 or flags[feet + sy] & 33 != 0 or flags[feet - sy] & 32 != 0:
                continue
            for side in range(6):
                at = cell + side_step(side, strides)
                if (
                    owner[at] != u
                    and _holds(flags, owner, pieces, u, side, at)
                    and _looks_right(strides, feet, at, pieces[u, 5])
                    and sees_face(flags, strides, feet, cell, side)
                ):
                    goals[feet] += 1
                    marked += 1
                    break
        flags[cell] = pieces[u, 2]
        if other >= 0:
            flags[other] = pieces[u, 2]
    return marked
