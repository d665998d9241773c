"""The numba kernels of the search core. Flat arrays in, flat arrays out; no objects, no clock, no lock.

The open list is a ring of buckets, one per cost unit, last in first out. Its entries stand one after the other
in a pool; each edge makes one at most, so as many places as there are edges suffice. A node is two words of one
cache line: `key` is the search's number above the cost so far, so that what an older search left compares as
dearer than everything and nothing has to be cleared; the other holds the edge that led there above the packed
coordinates. `kernels_graph.py` says what rows and chains are.

They call nothing in other files: numba's cache does not notice a change in another file.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import numpy as np

from conscious_bot.sterling._jit import kernel

__all__ = [
    "INFINITE",
    "NO_NODE",
    "descend_field",
    "estimate",
    "fill_state",
    "find_way",
    "reverse_rows",
    "spread",
    "steepest_rise",
]

INFINITE = 1 << 30
"""The cost of what was not reached."""
NO_NODE = -2
"""What `find_way` returns for the node if it was to begin in a cell of no rest."""

_CLOSED = 1 << 31
_FAR = 1 << 29  # a bound of more says that no way leads to the goal
_ACTIVE = 4  # so many rows of landmarks bound one search: more cost more than they save


@kernel
def estimate(x, y, z, x0, x1, y0, y1, z0, z1, level, up, down, diagonal):
    """The least cost in open space from a cell to a box.

    Without a diagonal (0) it is the documents' coupled-move formula, tolerance taken off: a move up or down
    covers a cell to the side too, and where the box leaves the height open, going down as far as it allows is
    cheapest. With a diagonal it is the dearest of three bounds: the way aside by straight and diagonal cells,
    the height to gain, the height to lose.
    """
    a = max(x0 - x, 0, x - x1)
    b = max(z0 - z, 0, z - z1)
    if diagonal > 0:
        aside = level * abs(a - b) + diagonal * min(a, b)
        return max(aside, up * (y0 - y), down * (y - y1))
    d = a + b
    # one of rise and drop is 0; no branches, for what they would guess is random
    rise = max(y0 - y, 0)
    drop = max(min(d, y - y0), y - y1, 0)
    return up * rise + down * drop + level * max(d - rise - drop, 0)


@kernel
def fill_state(place, state, begin, end, shift_x, shift_y):
    """Nodes as no search has seen them, with their coordinates packed into the low half of the second word."""
    for n in range(begin, end):
        state[n, 0] = np.int64(1) << 62
        state[n, 1] = (np.int64(place[n, 0]) << shift_x) | (np.int64(place[n, 1]) << shift_y) | np.int64(place[n, 2])


@kernel
def _search(row, edge, seed, bounded, marks, target, column, accept, x0, x1, y0, y1, z0, z1, level, up, down, diagonal,
            shift_x, shift_y, mask_y, mask_z, weight, limit, epoch, state, heads, pool):  # fmt: skip
    """A* from the seeds to a node inside the box (and set in `accept`, unless that is empty).

    f = g + weight * h, h the estimate or what rows `column` of the landmarks say, whichever is more. With
    weight 1 the result is optimal (h is consistent). Returns (node or -1, g, expansions, last f, 1 if the limit
    ended it).
    """
    ring = np.uint64(heads.shape[0] - 1)
    heads[:] = -1
    # flat, so that finding an item is a shift and not a product
    nodes, edges, rows, entries = state.ravel(), edge.ravel(), row.ravel(), pool.ravel()
    one, two = np.uint64(1), np.uint64(2)
    base = np.int64(epoch) << 32
    low = (np.int64(1) << 32) - 1
    used, waiting = 0, 0
    now = np.int64(INFINITE)
    anywhere = accept.shape[0] == 0
    m0, m1, m2, m3 = marks[column[0]], marks[column[1]], marks[column[2]], marks[column[3]]
    t0, t1, t2, t3 = target[column[0]], target[column[1]], target[column[2]], target[column[3]]
    for k in range(seed.shape[0]):
        n = np.uint64(seed[k, 0])
        key = base + seed[k, 1]
        if nodes[two * n] <= key:
            continue
        w = nodes[two * n + one] & low
        nodes[two * n] = key
        nodes[two * n + one] = (np.int64(-1 - k) << 32) | w
        h = estimate(
            w >> shift_x, (w >> shift_y) & mask_y, w & mask_z, x0, x1, y0, y1, z0, z1, level, up, down, diagonal
        )
        if bounded:
            h = max(h, m0[n] + t0, m1[n] + t1, m2[n] + t2, m3[n] + t3)
            if h >= _FAR:
                continue
        f = seed[k, 1] + weight * h
        slot = np.uint64(f) & ring
        entries[2 * used] = heads[slot]
        entries[2 * used + 1] = seed[k, 0]
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
        n = np.uint64(entries[two * taken + one])
        heads[slot] = entries[two * taken]
        waiting -= 1
        while True:  # as long as a step leads on without a rise of f, the open list is not asked
            key = nodes[two * n]
            g = key - base
            if g < 0:
                break
            w = nodes[two * n + one] & low
            x, y, z = w >> shift_x, (w >> shift_y) & mask_y, w & mask_z
            if x0 <= x <= x1 and z0 <= z <= z1 and y0 <= y <= y1 and (anywhere or accept[n]):
                return np.int64(n), g, expansions, now, 0
            if expansions >= limit or g >= INFINITE:  # dearer than can be counted
                return -1, np.int64(INFINITE), expansions, now, 1
            nodes[two * n] = key - _CLOSED
            expansions += 1
            hand = np.int64(-1)
            for e in range(np.uint64(rows[two * n]), np.uint64(rows[two * n + one])):
                m = np.uint64(edges[two * e])
                new = key + edges[two * e + one]
                # closed nodes stay closed: their keys are less
                if nodes[two * m] <= new:
                    continue
                w = nodes[two * m + one] & low
                nodes[two * m] = new
                nodes[two * m + one] = (np.int64(e) << 32) | w
                h = estimate(
                    w >> shift_x, (w >> shift_y) & mask_y, w & mask_z,
                    x0, x1, y0, y1, z0, z1, level, up, down, diagonal,
                )  # fmt: skip
                if bounded:
                    h = max(h, m0[m] + t0, m1[m] + t1, m2[m] + t2, m3[m] + t3)
                    if h >= _FAR:
                        continue
                f = max(new - base + weight * h, now)  # less only with weight above 1, where h is not consistent
                put = np.int64(m)
                if f == now:
                    put, hand = hand, put
                    if put < 0:
                        continue
                at = np.uint64(f) & ring
                place = np.uint64(used)
                entries[two * place] = heads[at]
                entries[two * place + one] = put
                heads[at] = used
                used += 1
                waiting += 1
            if hand < 0:
                break
            n = np.uint64(hand)
    return -1, np.int64(INFINITE), expansions, now, 0


@kernel
def _reach(label, lead, links, seed, reached, epoch):
    """Mark the parts to which the seeds lead with the number of the search: `reached` holds rows of (number, next).

    The second word strings those together that are still to be looked at.
    """
    waiting = np.int64(-1)
    for k in range(seed.shape[0]):
        part = label[seed[k, 0]]
        if reached[part, 0] != epoch:
            reached[part, 0] = epoch
            reached[part, 1] = waiting
            waiting = np.int64(part)
    while waiting >= 0:
        at = lead[waiting]
        waiting = np.int64(reached[waiting, 1])
        while at >= 0:
            part = links[at, 0]
            if reached[part, 0] != epoch:
                reached[part, 0] = epoch
                reached[part, 1] = waiting
                waiting = np.int64(part)
            at = links[at, 1]


@kernel
def _choose(marks, target, n, least, column):
    """The rows that bound the way from a node to the target best; False if none says more than the least."""
    for k in range(_ACTIVE):
        best, bound = np.int64(-1), least if k == 0 else np.int64(0)
        for c in range(marks.shape[0] - marks.shape[0] % 2):
            if marks[c, n] + target[c] > bound:
                fresh = True
                for j in range(k):
                    fresh = fresh and column[j] != c
                if fresh:
                    best, bound = c, marks[c, n] + target[c]
        if best < 0:
            if k == 0:
                return False
            best = column[0]
        column[k] = best
    return True


@kernel
def find_way(row, edge, came, first, after, label, lead, links, marks, setup, seed, accept, x, y, z,
             x0, x1, y0, y1, z0, z1, weight, limit, epoch, state, heads, pool, trail, reached):  # fmt: skip
    """Search, and write the way found into `trail`, rows of (x, y, z, step).

    It begins at the seeds, rows of (node, cost), or, without any, at the node of (x, y, z). The box (inside the
    grid) is first narrowed to the goals to which the seeds' parts lead; with `accept` empty every node in it is a
    goal, else it holds those marked there. `setup` is (dz, shift of x, shift of y, mask of y, mask of z, level, up,
    down, diagonal).
    `marks` holds two rows for each landmark, less what it costs from there to each node and what it costs from
    each node to there; a single row says that there are none.

    Returns (node, g, expansions, last f, stopped, length of the way, its seed); the first four are -1, INFINITE,
    0, -1 if no goal is linked to any seed, and the node is NO_NODE if there is none to begin at.
    """
    nothing = np.int64(INFINITE)
    dz, shift_x, shift_y, mask_y, mask_z = setup[0], setup[1], setup[2], setup[3], setup[4]
    low = (np.int64(1) << 32) - 1
    if seed.shape[0] == 0:
        n = first[x * dz + z]
        while n >= 0 and ((state[n, 1] & low) >> shift_y) & mask_y != y:
            n = after[n]
        if n < 0:
            return NO_NODE, nothing, 0, np.int64(-1), 0, 0, 0
        seed = np.zeros((1, 2), np.int32)
        seed[0, 0] = n
    target = np.zeros(marks.shape[0], np.int64)
    for c in range(0, marks.shape[0] - 1, 2):
        target[c], target[c + 1] = INFINITE, -INFINITE
    a0, a1, b0, b1, c0, c1 = 1 << 20, -1, 1 << 20, -1, 1 << 20, -1
    own = label[seed[0, 0]]
    known = False
    for cx in range(x0, x1 + 1):
        for cz in range(z0, z1 + 1):
            n = first[cx * dz + cz]
            while n >= 0:
                cy = ((state[n, 1] & low) >> shift_y) & mask_y
                if y0 <= cy <= y1 and (accept.shape[0] == 0 or accept[n]):
                    linked = label[n] == own
                    if not linked:
                        if not known:
                            _reach(label, lead, links, seed, reached, epoch)
                            known = True
                        linked = reached[label[n], 0] == epoch
                    if linked:
                        a0, a1 = min(a0, cx), max(a1, cx)
                        b0, b1 = min(b0, cy), max(b1, cy)
                        c0, c1 = min(c0, cz), max(c1, cz)
                        for c in range(0, marks.shape[0] - 1, 2):
                            target[c] = min(target[c], -np.int64(marks[c, n]))
                            target[c + 1] = max(target[c + 1], np.int64(marks[c + 1, n]))
                n = after[n]
    if a1 < 0:
        return -1, nothing, 0, np.int64(-1), 0, 0, 0
    for c in range(0, marks.shape[0] - 1, 2):
        # what a landmark cannot reach, or what cannot reach it, it says nothing about
        target[c] = target[c] if target[c] < INFINITE else -2 * INFINITE
        target[c + 1] = -target[c + 1] if 0 <= target[c + 1] < INFINITE else -2 * INFINITE
    column = np.zeros(_ACTIVE, np.int64)
    w = state[seed[0, 0], 1] & low
    open_space = np.int64(
        estimate(
            w >> shift_x, (w >> shift_y) & mask_y, w & mask_z, a0, a1, b0, b1, c0, c1,
            setup[5], setup[6], setup[7], setup[8],
        )
    )  # fmt: skip
    # where they say hardly more than the estimate, as on flat ground, they are not worth the reading
    bounded = _choose(marks, target, seed[0, 0], open_space + open_space // 16, column)
    node, g, expansions, last, stopped = _search(
        row, edge, seed, bounded, marks, target, column, accept, a0, a1, b0, b1, c0, c1,
        setup[5], setup[6], setup[7], setup[8], shift_x, shift_y, mask_y, mask_z,
        weight, limit, epoch, state, heads, pool,
    )  # fmt: skip
    if node < 0:
        return node, g, expansions, last, stopped, 0, 0
    length = 0
    n = node
    while state[n, 1] >= 0:
        n = np.int64(came[state[n, 1] >> 32, 0])
        length += 1
    begin = -1 - (state[n, 1] >> 32)
    n = node
    for k in range(length - 1, -1, -1):
        e, w = state[n, 1] >> 32, state[n, 1] & low
        trail[k, 0] = w >> shift_x
        trail[k, 1] = (w >> shift_y) & mask_y
        trail[k, 2] = w & mask_z
        trail[k, 3] = came[e, 1]
        n = np.int64(came[e, 0])
    return node, g, expansions, last, stopped, length, begin


@kernel
def spread(row, edge, seed, limit, heads, pool, cost):
    """Dijkstra from the seeds, rows of (node, cost), over everything: `cost` is filled, INFINITE where it leads not.

    What the limit of expansions leaves unsettled counts as not reached.
    """
    ring = np.uint64(heads.shape[0] - 1)
    heads[:] = -1
    edges, rows, entries = edge.ravel(), row.ravel(), pool.ravel()
    one, two = np.uint64(1), np.uint64(2)
    cost[:] = INFINITE
    used, waiting = 0, 0
    now = np.int64(INFINITE)
    for k in range(seed.shape[0]):
        if cost[seed[k, 0]] <= seed[k, 1]:
            continue
        cost[seed[k, 0]] = seed[k, 1]
        slot = np.uint64(seed[k, 1]) & ring
        entries[2 * used] = heads[slot]
        entries[2 * used + 1] = seed[k, 0]
        heads[slot] = used
        used += 1
        waiting += 1
        now = min(now, np.int64(seed[k, 1]))
    expansions = 0
    while waiting > 0:
        slot = np.uint64(now) & ring
        entry = heads[slot]
        if entry < 0:
            now += 1
            continue
        taken = np.uint64(entry)
        n = np.uint64(entries[two * taken + one])
        heads[slot] = entries[two * taken]
        waiting -= 1
        if cost[n] < now:
            continue
        if expansions >= limit or now >= INFINITE:
            for m in range(cost.shape[0]):
                if cost[m] > now:
                    cost[m] = INFINITE
            return
        expansions += 1
        for e in range(np.uint64(rows[two * n]), np.uint64(rows[two * n + one])):
            m = np.uint64(edges[two * e])
            new = now + edges[two * e + one]
            if cost[m] <= new:
                continue
            cost[m] = new
            at = np.uint64(new) & ring
            place = np.uint64(used)
            entries[two * place] = heads[at]
            entries[two * place + one] = m
            heads[at] = used
            used += 1
            waiting += 1


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
def steepest_rise(row, edge, less, toward):
    """By how much f can grow along an edge at most, if these two rows of a landmark bound the way."""
    most = np.int64(0)
    for n in range(row.shape[0]):
        for e in range(row[n, 0], row[n, 1]):
            m = edge[e, 0]
            if less[n] > -INFINITE:
                most = max(most, edge[e, 1] + np.int64(less[m]) - less[n])
            if toward[m] < INFINITE:
                most = max(most, edge[e, 1] + np.int64(toward[m]) - toward[n])
    return most


@kernel
def descend_field(row, edge, came, place, cost, node, trail):
    """From a node to a goal by the costs towards it, always along an edge that is worth its price.

    `trail` is filled as by `find_way`. Returns the length of the way and the node where it ends.
    """
    count = 0
    while cost[node] > 0:
        for e in range(row[node, 0], row[node, 1]):
            m = edge[e, 0]
            if cost[m] + edge[e, 1] == cost[node]:
                for axis in range(3):
                    trail[count, axis] = place[m, axis]
                trail[count, 3] = came[e, 1]
                count += 1
                node = m
                break
    return count, node
