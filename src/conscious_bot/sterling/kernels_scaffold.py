"""The kernels that find a way up: steps of scaffold to where the building goes on, with as few blocks as possible.

Arrays as in `kernels_stance.py`, flags as in `kernels_construction.py`.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import heapq

import numpy as np

from conscious_bot.sterling._jit import kernel
from conscious_bot.sterling.kernels_stance import joined, sees_face, side_step, spread, stands

__all__ = ["pool_goals", "scaffold_way"]

_HIGHEST_COLUMN = 64
_LOOK_BACK = 128
_MOVE, _BLOCK = 1, 24
"""What a step and a block of scaffold count for in the search for a way up."""


@kernel
def _column(flags, free, feet, to, strides):
    """How many blocks of scaffold carry a step onto `to`: 0 where a floor is, -1 where it cannot be made."""
    sy = strides[1]
    at = to - sy
    if flags[at] & 2 != 0:
        return 0
    for count in range(1, _HIGHEST_COLUMN + 1):
        if flags[at] != 0 or free[at] == 0 or at == feet or at == feet + sy:
            return -1
        for side in range(6):
            if side == 1 or (side > 1 and count > 1):
                continue  # never from above; what lies lower stands on the ground
            near = at + side_step(side, strides)
            if flags[near] & 8 != 0 and (count > 1 or sees_face(flags, strides, feet, at, side)):
                return count
        at -= sy
    return -1


@kernel
def _crosses(came, under, at, to, blocks, strides):
    """Whether a step onto `to` with so many blocks under it gets in the way of the steps that led to `at`, or they
    in its way: in a column, three cells above each step stay free to stand and to jump in."""
    sy = strides[1]
    here = at
    for _ in range(_LOOK_BACK):
        apart = to - here
        # In the same column cells differ by whole multiples of sy, less than a slab of sx.
        if apart % sy == 0 and abs(apart) < strides[0]:
            rise = apart // sy
            foot = under[here]
            # Blocks of the new step: rise - blocks to rise - 1 above `here`; its body: rise to rise + 2.
            if blocks > 0 and rise - blocks <= 2 and rise - 1 >= 0:
                return True
            if foot > 0 and rise <= -1 and rise + 2 >= -foot:
                return True
        if came[here] < 0:
            return False
        here = came[here]
    return False


@kernel
def pool_goals(flags, reached, goals, strides, stack, fresh):
    """Where one could walk about once one is there, each goal counts for all of them."""
    sy = strides[1]
    seen = reached.copy()
    for start in range(len(flags)):
        if goals[start] == 0 or seen[start] != 0 or not stands(flags, start, sy):
            continue
        seen[start] = 1
        stack[0] = start
        count = spread(flags, seen, stack, 1, fresh, strides)
        total = goals[start]
        for i in range(count):
            total += goals[fresh[i]]
        goals[start] = total
        for i in range(count):
            if goals[fresh[i]] != 0:
                goals[fresh[i]] = total


@kernel
def scaffold_way(flags, reached, goals, free, strides):
    """The way from where one can stand to a goal that takes the fewest blocks of scaffold for what the goal counts.

    `free` are the cells that may take one. Returns (goal or -1, from which cell each was entered, blocks under it).
    """
    sy = strides[1]
    size = len(flags)
    best = np.full(size, 1 << 30, np.int64)
    came = np.full(size, -1, np.int64)
    under = np.zeros(size, np.int64)
    most = np.int64(0)
    for at in range(size):
        if reached[at] == 0:
            most = max(most, np.int64(goals[at]))
    chosen, score = np.int64(-1), 1e30
    heap = [(np.int64(-1), np.int64(-1))]
    heapq.heappop(heap)
    for at in range(size):
        if reached[at] != 0:
            best[at] = 0
            heapq.heappush(heap, (np.int64(0), np.int64(at)))
    while len(heap) > 0:
        cost, at = heapq.heappop(heap)
        if cost > best[at]:
            continue
        if cost >= score * most:
            break
        if goals[at] != 0 and reached[at] == 0 and cost / goals[at] < score:
            chosen, score = at, cost / goals[at]
        for side in range(4):
            ahead = side_step(side + 2, strides)
            for rise in range(-1, 2):
                to = at + ahead + rise * sy
                if reached[to] != 0 or flags[to] & 33 != 0 or flags[to + sy] & 33 != 0:
                    continue
                if not joined(flags, at, to, rise, sy):
                    continue
                blocks = _column(flags, free, at, to, strides)
                if blocks < 0 or _crosses(came, under, at, to, blocks, strides):
                    continue
                price = cost + _MOVE + blocks * _BLOCK
                if price < best[to]:
                    best[to] = price
                    came[to] = at
                    under[to] = blocks
                    heapq.heappush(heap, (np.int64(price), np.int64(to)))
    return chosen, came, under
