"""The numba kernels of the search core. Flat arrays in, flat arrays out; no objects, no clock, no lock.

The open list is a ring of buckets, one per cost unit, last in first out. Its entries live in a pool whose
places are used again as soon as they are free, so that it stays small and close. `kernels_graph.py` says what
rows and chains are.

They call nothing in other files: numba's cache does not notice a change in another file.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import numpy as np

from conscious_bot.sterling._jit import kernel

__all__ = ["INFINITE", "costs_of", "descend_field", "estimate", "fill_places", "find_way", "reverse_rows", "search"]

INFINITE = 1 << 30
"""The cost of what was not reached."""


@kernel
def estimate(x, y, z, box, rates):
    """The least cost in open space from a cell to a box (x0, x1, y0, y1, z0, z1).

    `rates` are level, up, down, diagonal. Without a diagonal (0) it is the documents' coupled-move formula,
    tolerance taken off: a move up or down covers a cell to the side too, and where the box leaves the height
    open, going down as far as it allows is cheapest. With a diagonal it is the dearest of three bounds: the
    way aside by straight and diagonal cells, the height to gain, the height to lose.
    """
    a = max(box[0] - x, 0, x - box[1])
    b = max(box[4] - z, 0, z - box[5])
    level, up, down, diagonal = rates[0], rates[1], rates[2], rates[3]
    if diagonal > 0:
        aside = level * abs(a - b) + diagonal * min(a, b)
        return max(aside, up * (box[2] - y), down * (y - box[3]))
    d = a + b
    # one of rise and drop is 0; no branches, for what they would guess is random
    rise = max(box[2] - y, 0)
    drop = max(min(d, y - box[2]), y - box[3], 0)
    return up * rise + down * drop + level * max(d - rise - drop, 0)


@kernel
def fill_places(place, state, begin, end):
    """What a search needs of each node in one cache line: best, parent, x and z, height and epoch."""
    for n in range(begin, end):
        state[n, 2] = (np.int32(place[n, 0]) << 16) | np.int32(place[n, 2])
        state[n, 3] = np.int32(place[n, 1])


@kernel
def search(row, edge, seed, seed_cost, box, rates, accept, weight, limit, epoch, state, heads, pool):
    """A* from the seeds to a node inside `box` (and set in `accept`, unless that is empty).

    f = g + weight * h. With weight 1 the result is optimal (h is consistent); with weight 0 and an
    unreachable box it is Dijkstra over everything. `state` holds four numbers a node: g (-1 - g once it is
    closed), the edge that reached it (or -1 - k for seed k), x and z, and `epoch` above the height if this
    search has seen the node; so nothing has to be cleared between searches. `pool` holds (next, node).
    Returns (node or -1, g, expansions, last f, 1 if the limit ended it).
    """
    ring = np.uint64(heads.shape[0] - 1)
    heads[:] = -1
    used, free, waiting = 0, -1, 0
    now = np.int64(INFINITE)
    anywhere = accept.shape[0] == 0
    x0, x1, y0, y1, z0, z1 = box[0], box[1], box[2], box[3], box[4], box[5]
    for k in range(seed.shape[0]):
        n = seed[k]
        last = state[n, 3]
        if (last >> 16) == epoch and seed_cost[k] >= state[n, 0]:
            continue
        y = last & 0xFFFF
        state[n, 0] = seed_cost[k]
        state[n, 1] = -1 - k
        state[n, 3] = (epoch << 16) | y
        f = np.int64(seed_cost[k])
        if weight > 0:
            f += weight * estimate(state[n, 2] >> 16, y, state[n, 2] & 0xFFFF, box, rates)
        slot = np.uint64(f) & ring
        pool[used, 0] = heads[slot]
        pool[used, 1] = n
        heads[slot] = used
        used += 1
        waiting += 1
        now = min(now, f)
    expansions = 0
    while waiting > 0:
        slot = np.uint64(now) & ring
        entry = heads[slot]
        if entry < 0:
            now += 1
            continue
        taken = np.uint64(entry)
        heads[slot] = pool[taken, 0]
        n = np.uint64(pool[taken, 1])
        pool[taken, 0] = free
        free = entry
        waiting -= 1
        g = state[n, 0]
        if g < 0:
            continue
        x, y, z = state[n, 2] >> 16, state[n, 3] & 0xFFFF, state[n, 2] & 0xFFFF
        if x0 <= x <= x1 and z0 <= z <= z1 and y0 <= y <= y1 and (anywhere or accept[n]):
            return np.int64(n), np.int64(g), expansions, now, 0
        if expansions >= limit or g >= INFINITE:  # dearer than can be counted
            return -1, INFINITE, expansions, now, 1
        state[n, 0] = -1 - g
        expansions += 1
        for e in range(np.uint64(row[n, 0]), np.uint64(row[n, 1])):
            m = np.uint64(edge[e, 0])
            new = g + edge[e, 1]
            last = state[m, 3]
            # closed nodes stay closed (they are negative): each edge makes an entry at most once
            if (last >> 16) == epoch and state[m, 0] <= new:
                continue
            y = last & 0xFFFF
            state[m, 0] = new
            state[m, 1] = e
            state[m, 3] = (epoch << 16) | y
            f = np.int64(new)
            if weight > 0:
                f += weight * estimate(state[m, 2] >> 16, y, state[m, 2] & 0xFFFF, box, rates)
                f = max(f, now)  # it is less only with weight above 1, where h is not consistent
            at = np.uint64(f) & ring
            if free >= 0:
                made = free
                free = pool[np.uint64(made), 0]
            else:
                made = used
                used += 1
            pool[np.uint64(made), 0] = heads[at]
            pool[np.uint64(made), 1] = m
            heads[at] = made
            waiting += 1
    return -1, INFINITE, expansions, now, 0


@kernel
def costs_of(state, epoch, cost):
    """What the search of this epoch found for each node: g, or INFINITE."""
    for n in range(cost.shape[0]):
        g = state[n, 0]
        cost[n] = INFINITE if (state[n, 3] >> 16) != epoch else g if g >= 0 else -1 - g


@kernel
def _root(up, n):
    while up[n] != n:
        n = up[n]
    return n


@kernel
def find_way(row, edge, origin, step, place, first, after, label, dz, seed, seed_cost, box, rates, accept, weight,
             limit, epoch, state, heads, pool, path, path_step, path_cell):  # fmt: skip
    """Search, and trace the way found. `box` (inside the grid) is first narrowed to the goals in reach.

    With `accept` empty every node in the box is a goal; else the box holds the goals marked there. Returns
    what `search` does and (length of the way, number of its seed); the first four results are -1, INFINITE,
    0, -1 if no goal is linked to any seed.
    """
    x0, x1, y0, y1, z0, z1 = 1 << 20, -1, 1 << 20, -1, 1 << 20, -1
    for x in range(box[0], box[1] + 1):
        for z in range(box[4], box[5] + 1):
            n = first[x * dz + z]
            while n >= 0:
                y = place[n, 1]
                if box[2] <= y <= box[3] and (accept.shape[0] == 0 or accept[n]):
                    linked = False
                    own = _root(label, n)
                    for k in range(seed.shape[0]):
                        linked = linked or own == _root(label, seed[k])
                    if linked:
                        x0, x1 = min(x0, x), max(x1, x)
                        y0, y1 = min(y0, y), max(y1, y)
                        z0, z1 = min(z0, z), max(z1, z)
                n = after[n]
    if x1 < 0:
        return -1, INFINITE, 0, -1, 0, 0, 0
    box[0], box[1], box[2], box[3], box[4], box[5] = x0, x1, y0, y1, z0, z1
    node, g, expansions, last, stopped = search(
        row, edge, seed, seed_cost, box, rates, accept, weight, limit, epoch, state, heads, pool
    )
    if node < 0:
        return node, g, expansions, last, stopped, 0, 0
    count = 0
    n = node
    while state[n, 1] >= 0:
        path[count] = state[n, 1]
        n = origin[state[n, 1]]
        count += 1
    for k in range(count):
        e = path[count - 1 - k]
        path_step[k] = step[e]
        for axis in range(3):
            path_cell[k, axis] = place[edge[e, 0], axis]
    return node, g, expansions, last, stopped, count, -1 - state[n, 1]


@kernel
def reverse_rows(row, edge, back_row):
    """The edges turned round, with their prices; `back_row` is filled."""
    count = row.shape[0]
    back_row[:] = 0
    total = 0
    for n in range(count):
        for e in range(row[n, 0], row[n, 1]):
            back_row[edge[e, 0], 1] += 1
            total += 1
    at = 0
    for n in range(count):
        length = back_row[n, 1]
        back_row[n, 0] = at
        back_row[n, 1] = at
        at += length
    back = np.empty((total, 2), np.int32)
    for n in range(count):
        for e in range(row[n, 0], row[n, 1]):
            k = back_row[edge[e, 0], 1]
            back[k, 0] = n
            back[k, 1] = edge[e, 1]
            back_row[edge[e, 0], 1] = k + 1
    return back


@kernel
def descend_field(row, edge, step, place, cost, node, path_step, path_cell):
    """From a node to a goal by the costs towards it, always along an edge that is worth its price.

    Returns the length of the way and the node where it ends.
    """
    count = 0
    while cost[node] > 0:
        for e in range(row[node, 0], row[node, 1]):
            m = edge[e, 0]
            if cost[m] + edge[e, 1] == cost[node]:
                path_step[count] = step[e]
                for axis in range(3):
                    path_cell[count, axis] = place[m, axis]
                count += 1
                node = m
                break
    return count, node
