"""The numba kernels of the search core. Flat arrays in, flat arrays out; no objects, no clock, no lock.

A graph is compact: only cells in which a body can rest are nodes, ordered by column (x, z) and height, so a
node is found from its cell by a short scan of its column. Edges stand in rows (`row[n] .. row[n + 1]`).
The open list is a ring of buckets, one per cost unit, last in first out; an entry is the number of the
edge that made it, so one link per edge is all it needs, and that same number remembers the parent.

All of them in one file: numba's cache does not notice a change in another file.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import numpy as np

from conscious_bot.sterling._jit import kernel

__all__ = [
    "INFINITE",
    "PAD_SIDE",
    "PAD_UP",
    "build_edges",
    "derive_flags",
    "estimate",
    "fill_nodes",
    "fill_places",
    "find_node",
    "find_way",
    "label_components",
    "mark_cliffs",
    "mark_deep",
    "mark_layer",
    "mark_nodes",
    "mark_touching",
    "search",
    "steps_from",
]

PAD_SIDE = 1
"""Cells of nothing around the grid to each side."""
PAD_UP = 4
"""Cells of nothing above and below it."""
INFINITE = 1 << 30
"""The cost of what was not reached."""

_NODE = 128
_FREE = 1
_FLOOR = 2
_SWIM = 8
_LAVA = 32


@kernel
def derive_flags(blocks, standable, has_standable, table, flags):
    """Bits of every cell into the padded layer."""
    dx, dy, dz = blocks.shape
    for x in range(dx):
        for y in range(dy):
            for z in range(dz):
                bits = table[blocks[x, y, z]]
                if has_standable and not standable[x, y, z]:
                    bits &= ~np.uint8(_FLOOR)
                flags[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE] = bits


@kernel
def mark_nodes(flags, dx, dy, dz, rests, column):
    """Set NODE where a body can rest; count nodes by column into `column[1 + x * dz + z]`. Returns all.

    `rests` holds rows of bits of which one must be set below, at the feet, at the head (0: whatever).
    """
    total = 0
    for x in range(dx):
        for y in range(dy):
            for z in range(dz):
                below = flags[x + PAD_SIDE, y + PAD_UP - 1, z + PAD_SIDE]
                feet = flags[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE]
                head = flags[x + PAD_SIDE, y + PAD_UP + 1, z + PAD_SIDE]
                for k in range(rests.shape[0]):
                    if (
                        (feet & rests[k, 1] or rests[k, 1] == 0)
                        and (head & rests[k, 2] or rests[k, 2] == 0)
                        and (below & rests[k, 0] or rests[k, 0] == 0)
                    ):
                        flags[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE] = feet | _NODE
                        column[1 + x * dz + z] += 1
                        total += 1
                        break
    return total


@kernel
def fill_nodes(flags, dx, dy, dz, column, place):
    """Turn counts into starts of columns and write each node's place: rows of (x, y, z)."""
    for c in range(dx * dz):
        column[c + 1] += column[c]
    used = np.zeros(dz, np.int32)
    for x in range(dx):
        used[:] = 0
        for y in range(dy):
            for z in range(dz):
                if flags[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE] & _NODE:
                    n = column[x * dz + z] + used[z]
                    used[z] += 1
                    place[n, 0] = x
                    place[n, 1] = y
                    place[n, 2] = z


@kernel
def find_node(column, place, dz, x, y, z):
    """The node of a cell inside the grid, or -1."""
    c = x * dz + z
    for n in range(column[c], column[c + 1]):
        if place[n, 1] == y:
            return n
    return -1


@kernel
def _step_allowed(flat, at, step, need_row, need_at, need_bits):
    """Whether the cells that a step passes are what it needs."""
    for k in range(need_row[step], need_row[step + 1]):
        bits = flat[at + need_at[k]]
        if bits & need_bits[k, 0] != need_bits[k, 0]:
            return False
        if need_bits[k, 1] != 0 and bits & need_bits[k, 1] == 0:
            return False
        if bits & need_bits[k, 2] != 0:
            return False
    return True


@kernel
def steps_from(flags, shape, column, place, x, y, z, offset, need_row, need_at, need_bits, nodes, steps):
    """Every step that leads from a cell to a node; returns how many were written."""
    dx, dy, dz = shape
    flat = flags.ravel()
    sy = flags.shape[2]
    sx = flags.shape[1] * sy
    at = (x + PAD_SIDE) * sx + (y + PAD_UP) * sy + z + PAD_SIDE
    found = 0
    for s in range(offset.shape[0]):
        tx, ty, tz = x + offset[s, 0], y + offset[s, 1], z + offset[s, 2]
        if tx < 0 or ty < 0 or tz < 0 or tx >= dx or ty >= dy or tz >= dz:
            continue
        if not flat[at + offset[s, 0] * sx + offset[s, 1] * sy + offset[s, 2]] & _NODE:
            continue
        if not _step_allowed(flat, at, s, need_row, need_at, need_bits):
            continue
        nodes[found] = find_node(column, place, dz, tx, ty, tz)
        steps[found] = s
        found += 1
    return found


@kernel
def build_edges(flags, shape, column, place, offset, need_row, need_at, need_bits, row):
    """Rows of edges for every node; returns (targets, steps). `row` is filled."""
    count = place.shape[0]
    most = offset.shape[0]
    capacity = 4 * count + most
    target = np.empty(capacity, np.int32)
    step = np.empty(capacity, np.uint8)
    nodes = np.empty(most, np.int32)
    steps = np.empty(most, np.uint8)
    used = 0
    row[0] = 0
    for n in range(count):
        found = steps_from(
            flags, shape, column, place, place[n, 0], place[n, 1], place[n, 2],
            offset, need_row, need_at, need_bits, nodes, steps,
        )  # fmt: skip
        if used + found > capacity:
            capacity = 2 * capacity + most
            larger = np.empty(capacity, np.int32)
            larger[:used] = target[:used]
            target = larger
            larger_step = np.empty(capacity, np.uint8)
            larger_step[:used] = step[:used]
            step = larger_step
        for k in range(found):
            target[used + k] = nodes[k]
            step[used + k] = steps[k]
        used += found
        row[n + 1] = used
    return target[:used].copy(), step[:used].copy()


@kernel
def _root(up, n):
    while up[n] != n:
        up[n] = up[up[n]]
        n = up[n]
    return n


@kernel
def label_components(row, target, label):
    """A label for each node: equal where a chain of edges, in whatever direction, links them."""
    count = label.shape[0]
    for n in range(count):
        label[n] = n
    for n in range(count):
        a = _root(label, n)
        for e in range(row[n], row[n + 1]):
            b = _root(label, target[e])
            if a < b:
                label[b] = a
            elif b < a:
                label[a] = b
                a = b
    for n in range(count):
        label[n] = _root(label, n)


@kernel
def mark_touching(flags, place, around, bits, amount, enter):
    """Add `amount` once to every node one of whose cells `around` has one of the bits."""
    for n in range(place.shape[0]):
        x, y, z = place[n, 0] + PAD_SIDE, place[n, 1] + PAD_UP, place[n, 2] + PAD_SIDE
        for k in range(around.shape[0]):
            if flags[x + around[k, 0], y + around[k, 1], z + around[k, 2]] & bits:
                enter[n] += amount
                break


@kernel
def mark_deep(flags, place, around, bits, amount, enter):
    """Add `amount` once to every node around which one of the bits stands in a cell and the one under it."""
    for n in range(place.shape[0]):
        x, y, z = place[n, 0] + PAD_SIDE, place[n, 1] + PAD_UP, place[n, 2] + PAD_SIDE
        for k in range(around.shape[0]):
            cx, cy, cz = x + around[k, 0], y + around[k, 1], z + around[k, 2]
            if flags[cx, cy, cz] & flags[cx, cy - 1, cz] & bits:
                enter[n] += amount
                break


@kernel
def mark_layer(layer, place, amount, enter):
    """Add `amount` to every node whose own cell is set in the layer."""
    for n in range(place.shape[0]):
        if layer[place[n, 0], place[n, 1], place[n, 2]]:
            enter[n] += amount


@kernel
def mark_cliffs(flags, place, lethal, unseen, amount, enter):
    """Add `amount` once to every node beside which a lethal fall begins.

    That is one of `lethal` blocks that does not end in water, one that ends in lava, or one of at least
    `unseen` blocks whose end lies below the grid.
    """
    for n in range(place.shape[0]):
        hit = False
        for k in range(4):
            x = place[n, 0] + PAD_SIDE + (k == 0) - (k == 1)
            z = place[n, 2] + PAD_SIDE + (k == 2) - (k == 3)
            y = place[n, 1] + PAD_UP
            if not flags[x, y, z] & flags[x, y + 1, z] & _FREE:
                continue
            fall = 0
            while flags[x, y - 1 - fall, z] & _FREE:  # it ends at the latest below the grid
                fall += 1
            end = flags[x, y - 1 - fall, z]
            if (fall > 0 and end & _LAVA) or (fall >= unseen and end == 0) or (fall >= lethal and not end & _SWIM):
                hit = True
                break
        if hit:
            enter[n] += amount


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
    if y < box[2]:
        rise = box[2] - y
        return up * rise + level * max(d - rise, 0)
    drop = max(min(d, y - box[2]), y - box[3])
    return down * drop + level * max(d - drop, 0)


@kernel
def fill_places(place, state):
    """What a search needs of each node in one cache line: best, parent, x and z, height and epoch."""
    for n in range(place.shape[0]):
        state[n, 2] = (np.int32(place[n, 0]) << 16) | np.int32(place[n, 2])
        state[n, 3] = np.int32(place[n, 1])


@kernel
def search(row, target, price, seed, seed_cost, box, rates, accept, weight, limit, epoch, state, heads, link):
    """A* from the seeds to a node inside `box` (and set in `accept`, unless that is empty).

    f = g + weight * h. With weight 1 the result is optimal (h is consistent); with weight 0 and an
    unreachable box it is Dijkstra over everything. `state` holds four numbers a node: 2 * g + closed, the
    edge that reached it (or -1 - k for seed k), x and z, and `epoch` above the height if this search has
    seen the node; so nothing has to be cleared between searches. Returns (node or -1, g, expansions, last
    f, 1 if the limit ended it).
    """
    ring = np.uint64(heads.shape[0] - 1)
    heads[:] = -1
    edges = target.shape[0]
    waiting = 0
    now = np.int64(INFINITE)
    for k in range(seed.shape[0]):
        n = seed[k]
        if (state[n, 3] >> 16) == epoch and 2 * seed_cost[k] >= state[n, 0]:
            continue
        y = state[n, 3] & 0xFFFF
        state[n, 0] = 2 * seed_cost[k]
        state[n, 1] = -1 - k
        state[n, 3] = (epoch << 16) | y
        f = np.int64(seed_cost[k])
        if weight > 0:
            f += weight * estimate(state[n, 2] >> 16, y, state[n, 2] & 0xFFFF, box, rates)
        slot = np.uint64(f) & ring
        link[edges + k] = heads[slot]
        heads[slot] = edges + k
        waiting += 1
        now = min(now, f)
    expansions = 0
    while waiting > 0:
        slot = np.uint64(now) & ring
        entry = heads[slot]
        if entry < 0:
            now += 1
            continue
        heads[slot] = link[entry]
        waiting -= 1
        n = np.uint64(target[entry] if entry < edges else seed[entry - edges])
        best = state[n, 0]
        if best & 1:
            continue
        x, y, z = state[n, 2] >> 16, state[n, 3] & 0xFFFF, state[n, 2] & 0xFFFF
        inside = box[0] <= x <= box[1] and box[2] <= y <= box[3] and box[4] <= z <= box[5]
        if inside and (accept.shape[0] == 0 or accept[n]):
            return np.int64(n), np.int64(best >> 1), expansions, now, 0
        if expansions >= limit:
            return -1, INFINITE, expansions, now, 1
        state[n, 0] = best | 1
        expansions += 1
        g = best >> 1
        for e in range(np.uint64(row[n]), np.uint64(row[n + np.uint64(1)])):
            m = np.uint64(target[e])
            new = g + price[e]
            last = state[m, 3]
            # closed nodes stay closed: each edge is an entry at most once
            if (last >> 16) == epoch and (state[m, 0] & 1 or 2 * new >= state[m, 0]):
                continue
            y = last & 0xFFFF
            state[m, 0] = 2 * new
            state[m, 1] = e
            state[m, 3] = (epoch << 16) | y
            f = np.int64(new)
            if weight > 0:
                f += weight * estimate(state[m, 2] >> 16, y, state[m, 2] & 0xFFFF, box, rates)
                f = max(f, now)  # it is less only with weight above 1, where h is not consistent
            slot = np.uint64(f) & ring
            link[e] = heads[slot]
            heads[slot] = e
            waiting += 1
    return -1, INFINITE, expansions, now, 0


@kernel
def find_way(row, target, price, step, place, column, label, dz, seed, seed_cost, box, rates, accept, weight, limit,
             epoch, state, heads, link, path, path_step, path_cell):  # fmt: skip
    """Search, and trace the way found. `box` (inside the grid) is first narrowed to the goals in reach.

    With `accept` empty every node in the box is a goal; else the box holds the goals marked there. Returns
    what `search` does and (length of the way, number of its seed); the first four results are -1, INFINITE,
    0, -1 if no goal is linked to any seed.
    """
    x0, x1, y0, y1, z0, z1 = 1 << 20, -1, 1 << 20, -1, 1 << 20, -1
    for x in range(box[0], box[1] + 1):
        for z in range(box[4], box[5] + 1):
            c = x * dz + z
            for n in range(column[c], column[c + 1]):
                y = place[n, 1]
                if box[2] <= y <= box[3] and (accept.shape[0] == 0 or accept[n]):
                    linked = False
                    for k in range(seed.shape[0]):
                        linked = linked or label[n] == label[seed[k]]
                    if linked:
                        x0, x1 = min(x0, x), max(x1, x)
                        y0, y1 = min(y0, y), max(y1, y)
                        z0, z1 = min(z0, z), max(z1, z)
    if x1 < 0:
        return -1, INFINITE, 0, -1, 0, 0, 0
    box[0], box[1], box[2], box[3], box[4], box[5] = x0, x1, y0, y1, z0, z1
    node, g, expansions, last, stopped = search(
        row, target, price, seed, seed_cost, box, rates, accept, weight, limit, epoch, state, heads, link
    )
    if node < 0:
        return node, g, expansions, last, stopped, 0, 0
    count = 0
    n = node
    while state[n, 1] >= 0:
        edge = state[n, 1]
        path[count] = edge
        count += 1
        low, high = 0, row.shape[0] - 1  # the node whose row holds the edge
        while high - low > 1:
            middle = (low + high) // 2
            if row[middle] <= edge:
                low = middle
            else:
                high = middle
        n = low
    for k in range(count):
        edge = path[count - 1 - k]
        path_step[k] = step[edge]
        for axis in range(3):
            path_cell[k, axis] = place[target[edge], axis]
    return node, g, expansions, last, stopped, count, -1 - state[n, 1]
