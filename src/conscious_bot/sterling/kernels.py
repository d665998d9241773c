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

from conscious_bot.sterling._jit import array_at, kernel

__all__ = [
    "ARRAYS",
    "BUDGET",
    "HASTY",
    "INFINITE",
    "NO_NODE",
    "SOLVED",
    "UNREACHABLE",
    "descend_field",
    "estimate",
    "find_way",
    "reverse_rows",
    "spread",
    "steepest_rise",
]

INFINITE = 1 << 30
"""The cost of what was not reached."""
SOLVED, HASTY, BUDGET, UNREACHABLE, NO_NODE = range(5)
"""How a question ends."""
ARRAYS = (
    "row", "edge", "came", "first", "after", "label", "lead", "links", "place",
    "state", "heads", "pool", "trail", "reached", "marks",
)  # fmt: skip
"""What lies on the desk of a search, a row of (address of its data, length) each. Two rows of the search's own follow:

how many nodes there are and in how many of them `state` is filled; the number of the last search, and whether steps
have gone that the parts still count with.
"""

_CLOSED = 1 << 31
_FAR = 1 << 29  # a bound of more says that no way leads to the goal
_HASTE = 2  # the weight of the estimate in the second, hasty search
_TRIAL = 8192  # expansions after which a search that may be in vain asks whether it is
_EPOCHS = 1 << 29
(_ROW, _EDGE, _CAME, _FIRST, _AFTER, _LABEL, _LEAD, _LINKS, _PLACE,
 _STATE, _HEADS, _POOL, _TRAIL, _REACHED, _MARKS, _NODES, _EPOCH) = range(len(ARRAYS) + 2)  # fmt: skip
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
def _fill_state(place, state, begin, end, shift_x, shift_y):
    """Nodes as no search has seen them, with their coordinates packed into the low half of the second word."""
    for n in range(begin, end):
        state[n, 0] = np.int64(1) << 62
        state[n, 1] = (np.int64(place[n, 0]) << shift_x) | (np.int64(place[n, 1]) << shift_y) | np.int64(place[n, 2])


@kernel
def _search(row, edge, seed, bounded, marks, target, column, accept, x0, x1, y0, y1, z0, z1, level, up, down, diagonal,
            shift_x, shift_y, mask_y, mask_z, weight, limit, epoch,
            state, heads, pool, used, waiting, now):  # fmt: skip
    """A* from the seeds to a node inside the box (and set in `accept`, unless that is empty).

    f = g + weight * h, h the estimate or what rows `column` of the landmarks say, whichever is more. With
    weight 1 the result is optimal (h is consistent). Returns (node or -1, g, expansions, 1 if the limit ended it,
    entries used, entries waiting, last f); handed in again, the last three let it go on where the limit ended it
    (0 used: it begins).
    """
    ring = np.uint64(heads.shape[0] - 1)
    # flat, so that finding an item is a shift and not a product
    nodes, edges, rows, entries = state.ravel(), edge.ravel(), row.ravel(), pool.ravel()
    one, two = np.uint64(1), np.uint64(2)
    base = np.int64(epoch) << 32
    low = (np.int64(1) << 32) - 1
    seeds = 0
    if used == 0:
        heads[:] = -1
        seeds, now = seed.shape[0], np.int64(INFINITE)
    anywhere = accept.shape[0] == 0
    m0, m1, m2, m3 = marks[column[0]], marks[column[1]], marks[column[2]], marks[column[3]]
    t0, t1, t2, t3 = target[0], target[1], target[2], target[3]
    for k in range(seeds):
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
                return np.int64(n), g, expansions, 0, used, waiting, now
            if expansions >= limit or g >= INFINITE:  # dearer than can be counted
                at = np.uint64(now) & ring
                place = np.uint64(used)
                entries[two * place] = heads[at]
                entries[two * place + one] = np.int64(n)
                heads[at] = used
                return -1, np.int64(INFINITE), expansions, 1, used + 1, waiting + 1, now
            nodes[two * n] = key - _CLOSED
            expansions += 1
            hand, far = np.int64(-1), np.int64(0)
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
                all_say = np.int64(0)
                if bounded:
                    h0, h1, h2, h3 = m0[m] + t0, m1[m] + t1, m2[m] + t2, m3[m] + t3
                    h = max(h, h0, h1, h2, h3)
                    if h >= _FAR:
                        continue
                    all_say = h0 + h1 + h2 + h3
                f = max(new - base + weight * h, now)  # less only with weight above 1, where h is not consistent
                put = np.int64(m)
                if f == now:
                    if hand < 0 or all_say <= far:  # of equals the one that is nearer by all landmarks together
                        put, hand, far = hand, put, all_say
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
    return -1, np.int64(INFINITE), expansions, 0, used, waiting, now


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
def _leads(row, edge, state, seed, accept, box, setup, reached, epoch):
    """Whether the seeds lead to a goal in the box; `reached` gets the search's number where they lead to."""
    shift_x, shift_y, mask_y, mask_z = setup[3], setup[4], setup[5], setup[6]
    low = (np.int64(1) << 32) - 1
    x0, x1, y0, y1, z0, z1 = box
    waiting = np.int64(-1)
    for k in range(seed.shape[0]):
        n = np.int64(seed[k, 0])
        if reached[n, 0] != epoch:
            reached[n, 0], reached[n, 1] = epoch, waiting
            waiting = n
    while waiting >= 0:
        n = waiting
        waiting = np.int64(reached[n, 1])
        w = state[n, 1] & low
        x, y, z = w >> shift_x, (w >> shift_y) & mask_y, w & mask_z
        if x0 <= x <= x1 and z0 <= z <= z1 and y0 <= y <= y1 and (accept.shape[0] == 0 or accept[n]):
            return True
        for e in range(row[n, 0], row[n, 1]):
            m = np.int64(edge[e, 0])
            if reached[m, 0] != epoch:
                reached[m, 0], reached[m, 1] = epoch, waiting
                waiting = m
    return False


@kernel
def _choose(marks, start, goal, least, column):
    """The rows that bound the way between two nodes best, two of each kind; False if none says more than the least."""
    most, first = least, np.int64(-1)
    for k in range(_ACTIVE):
        column[k] = -1
        best = np.int64(0)
        for c in range(k % 2, marks.shape[0], 2):
            there = np.int64(marks[c, goal])
            bound = marks[c, start] - there
            if abs(there) < INFINITE and bound > best and (k < 2 or column[k - 2] != c):
                best, column[k] = bound, c
        if best > most:
            most, first = best, column[k]
    for k in range(_ACTIVE):
        column[k] = column[k] if column[k] >= 0 else first
    return first >= 0


@kernel
def _goals(first, after, state, label, lead, links, seed, accept, box, setup, reached, epoch):
    """The least box around the goals in a box to which the seeds lead; and a goal, or -1 if there is none.

    Each goal becomes known by its part: it is the first seed's, or `reached` has the search's number.
    """
    dz, shift_y, mask_y = setup[2], setup[4], setup[5]
    x0, x1, y0, y1, z0, z1 = box
    a0, a1, b0, b1, c0, c1 = 1 << 20, -1, 1 << 20, -1, 1 << 20, -1
    own = label[seed[0, 0]]
    known = False
    some = np.int64(-1)
    for x in range(x0, x1 + 1):
        for z in range(z0, z1 + 1):
            n = np.int64(first[x * dz + z])
            while n >= 0:
                y = (state[n, 1] >> shift_y) & mask_y
                if y0 <= y <= y1 and (accept.shape[0] == 0 or accept[n]):
                    if label[n] != own and not known:
                        _reach(label, lead, links, seed, reached, epoch)
                        known = True
                    if label[n] == own or reached[label[n], 0] == epoch:
                        a0, a1, b0, b1, c0, c1 = min(a0, x), max(a1, x), min(b0, y), max(b1, y), min(c0, z), max(c1, z)
                        some = n
                n = np.int64(after[n])
    return (a0, a1, b0, b1, c0, c1), some


@kernel
def _aim(first, after, state, label, own, accept, box, setup, reached, epoch, marks, column, target):
    """What the chosen rows say of the goals: the least way from a landmark to any, the longest from any to one."""
    dz, shift_y, mask_y = setup[2], setup[4], setup[5]
    x0, x1, y0, y1, z0, z1 = box
    target[:] = INFINITE
    for x in range(x0, x1 + 1):
        for z in range(z0, z1 + 1):
            n = np.int64(first[x * dz + z])
            while n >= 0:
                y = (state[n, 1] >> shift_y) & mask_y
                linked = label[n] == own or reached[label[n], 0] == epoch
                if linked and y0 <= y <= y1 and (accept.shape[0] == 0 or accept[n]):
                    for k in range(_ACTIVE):
                        there = -np.int64(marks[column[k], n])
                        target[k] = min(target[k], there if there > -INFINITE else -2 * INFINITE)
                n = np.int64(after[n])
    for k in range(_ACTIVE):  # what a landmark cannot reach, it says nothing about
        target[k] = target[k] if target[k] < INFINITE else -2 * INFINITE


@kernel
def _trace(came, state, node, setup, trail):
    """Write the way that led to a node; its length and its seed."""
    shift_x, shift_y, mask_y, mask_z = setup[3], setup[4], setup[5], setup[6]
    low = (np.int64(1) << 32) - 1
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
    return length, begin


@kernel
def find_way(desk, setup, seed, accept, x, y, z, x0, x1, y0, y1, z0, z1, limit):
    """Search, and write the way found into the trail, rows of (x, y, z, step).

    It begins at the seeds, rows of (node, cost), or, without any, at the node of (x, y, z). The box (cut to the
    grid) is first narrowed to the goals to which the seeds' parts lead; with `accept` empty every node in it is a
    goal, else it holds those marked there. If the limit of expansions ends the exact search, a hasty one follows,
    with as many. If steps have gone that the parts count with, a search that does not soon arrive is preceded by
    looking whether the seeds lead to a goal at all; if not, `reached` holds the last search's number where they lead.

    `desk` says where everything lies (see `ARRAYS`): one argument, for every array handed over takes time. `setup`
    is (dx, dy, dz, shift of x, shift of y, mask of y, mask of z, level, up, down, diagonal). The landmarks' rows are
    two for each, less what it costs from there to each node and what it costs from each node to there; a single row
    says that there are none.

    Returns (outcome, g, expansions, what a way costs at least, length of the way, its seed, node); the outcome is
    SOLVED, HASTY (a way that need not be the cheapest), BUDGET (none found within the limit), UNREACHABLE, or
    NO_NODE if there is none to begin at.
    """
    nodes = desk[_NODES, 0]
    dx, dy, dz, shift_x, shift_y, mask_y, mask_z = setup[0], setup[1], setup[2], setup[3], setup[4], setup[5], setup[6]
    level, up, down, diagonal = setup[7], setup[8], setup[9], setup[10]
    row = array_at(desk[_ROW, 0], (desk[_ROW, 1], 2), np.int32)
    edge = array_at(desk[_EDGE, 0], (desk[_EDGE, 1], 2), np.int32)
    came = array_at(desk[_CAME, 0], (desk[_CAME, 1], 2), np.int32)
    first = array_at(desk[_FIRST, 0], (desk[_FIRST, 1], 1), np.int32).ravel()
    after = array_at(desk[_AFTER, 0], (desk[_AFTER, 1], 1), np.int32).ravel()
    label = array_at(desk[_LABEL, 0], (desk[_LABEL, 1], 1), np.int32).ravel()
    lead = array_at(desk[_LEAD, 0], (desk[_LEAD, 1], 1), np.int32).ravel()
    links = array_at(desk[_LINKS, 0], (desk[_LINKS, 1], 2), np.int32)
    place = array_at(desk[_PLACE, 0], (desk[_PLACE, 1], 3), np.int16)
    state = array_at(desk[_STATE, 0], (desk[_STATE, 1], 2), np.int64)
    heads = array_at(desk[_HEADS, 0], (desk[_HEADS, 1], 1), np.int32).ravel()
    pool = array_at(desk[_POOL, 0], (desk[_POOL, 1], 2), np.int32)
    trail = array_at(desk[_TRAIL, 0], (desk[_TRAIL, 1], 4), np.int16)
    reached = array_at(desk[_REACHED, 0], (desk[_REACHED, 1], 2), np.int32)
    marks = array_at(desk[_MARKS, 0], (desk[_MARKS, 1], nodes), np.int32)
    nothing = np.int64(INFINITE)
    if desk[_EPOCH, 0] <= 4:  # numbers of searches fall; when they are used up, everything is as at first
        desk[_EPOCH, 0], desk[_NODES, 1] = _EPOCHS, 0
        reached[:] = 0
    if desk[_NODES, 1] < nodes:
        _fill_state(place, state, desk[_NODES, 1], nodes, shift_x, shift_y)
        desk[_NODES, 1] = nodes
    epoch = desk[_EPOCH, 0] - 1
    desk[_EPOCH, 0] = epoch
    if seed.shape[0] == 0:
        n = first[x * dz + z]
        while n >= 0 and (state[n, 1] >> shift_y) & mask_y != y:
            n = after[n]
        if n < 0:
            return NO_NODE, nothing, 0, nothing, 0, 0, np.int64(-1)
        seed = np.zeros((1, 2), np.int32)
        seed[0, 0] = n
    box = max(x0, 0), min(x1, dx - 1), max(y0, 0), min(y1, dy - 1), max(z0, 0), min(z1, dz - 1)
    box, goal = _goals(first, after, state, label, lead, links, seed, accept, box, setup, reached, epoch)
    if goal < 0:
        return UNREACHABLE, nothing, 0, nothing, 0, 0, goal
    x0, x1, y0, y1, z0, z1 = box
    column, target = np.zeros(_ACTIVE, np.int64), np.zeros(_ACTIVE, np.int64)
    bounded = False
    if marks.shape[0] > 1:
        n = seed[0, 0]
        w = state[n, 1] & ((np.int64(1) << 32) - 1)
        least = np.int64(
            estimate(
                w >> shift_x, (w >> shift_y) & mask_y, w & mask_z, x0, x1, y0, y1, z0, z1, level, up, down, diagonal
            )
        )
        bounded = _choose(marks, n, goal, least, column)
        if bounded:
            _aim(first, after, state, label, label[n], accept, box, setup, reached, epoch, marks, column, target)
    doubtful = desk[_EPOCH, 1] != 0
    expansions, bound, weight = 0, nothing, 1
    used, waiting, last = 0, 0, nothing
    left = min(_TRIAL, limit) if doubtful else limit
    while True:
        node, g, count, stopped, used, waiting, last = _search(
            row, edge, seed, bounded, marks, target, column, accept, x0, x1, y0, y1, z0, z1,
            level, up, down, diagonal, shift_x, shift_y, mask_y, mask_z, weight, left, epoch,
            state, heads, pool, used, waiting, last,
        )  # fmt: skip
        expansions += count
        if weight == 1:
            bound = g if node >= 0 else last
        if doubtful and node < 0:
            doubtful, left = False, limit - expansions
            desk[_EPOCH, 0] = epoch - 1
            if not _leads(row, edge, state, seed, accept, box, setup, reached, epoch - 1):
                return UNREACHABLE, nothing, expansions, nothing, 0, 0, node
        elif stopped and weight < _HASTE:
            weight, left, used, waiting = _HASTE, limit, 0, 0
            epoch = desk[_EPOCH, 0] - 1
            desk[_EPOCH, 0] = epoch
        else:
            break
    if node < 0:
        return BUDGET if stopped else UNREACHABLE, g, expansions, bound, 0, 0, node
    length, begin = _trace(came, state, node, setup, trail)
    return SOLVED if weight == 1 else HASTY, g, expansions, bound, length, begin, node


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

    `trail` is filled as by `find_way`. Returns the length of the way.
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
    return count
