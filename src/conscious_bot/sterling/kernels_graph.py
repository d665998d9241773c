"""The kernels that make a graph of a grid and keep it in step with changed blocks.

A graph is compact: only cells in which a body can rest are nodes. The nodes of a column (x, z) form a chain
(`first[column]`, then `after[node]`), so a node is found from its cell by a short walk. Edges stand in rows
(`row[n, 0] .. row[n, 1]`); `room[n]` is how many its row has space for. A row that outgrows its room moves to
the end of the edges, where there is some to spare; a node that is no more keeps its number and an empty row.

They call nothing in other files: numba's cache does not notice a change in another file.
"""


# pyright: basic, reportIndexIssue=false, reportOptionalSubscript=false
# (numba infers the types; written out they would be `Any` on every line)

from __future__ import annotations

import numpy as np

from conscious_bot.sterling._jit import kernel

__all__ = [
    "PAD_SIDE",
    "PAD_UP",
    "build_rows",
    "chain_nodes",
    "collect_columns",
    "collect_origins",
    "derive_flags",
    "enclosed",
    "find_node",
    "fit_rows",
    "join_parts",
    "mark_cliffs",
    "mark_deep",
    "mark_layer",
    "mark_nodes",
    "mark_touching",
    "refresh_rests",
    "steps_from",
]

PAD_SIDE = 1
"""Cells of nothing around the grid to each side."""
PAD_UP = 4
"""Cells of nothing above and below it."""

_TILE = 8  # columns
_NODE = 128
_FREE = 1
_FLOOR = 2
_SWIM = 8
_LAVA = 32


@kernel
def derive_flags(blocks, standable, has_standable, table, flags):
    """Bits of every cell into the padded layer."""
    dx, dy, dz = blocks.shape
    no_floor = np.uint8(255 - _FLOOR)
    for x in range(dx):
        for y in range(dy):
            kinds, bits = blocks[x, y], flags[x + PAD_SIDE, y + PAD_UP, PAD_SIDE : PAD_SIDE + dz]
            for z in range(dz):
                bits[z] = table[kinds[z]]
            if has_standable:
                floors = standable[x, y]
                for z in range(dz):
                    bits[z] &= np.uint8(255) if floors[z] else no_floor


@kernel
def mark_nodes(flags, dx, dy, dz, rests):
    """Set NODE where a body can rest; returns how many there are.

    `rests` holds rows of bits of which one must be set below, at the feet, at the head (0: whatever).
    """
    total = 0
    most = np.uint8(255)
    for x in range(PAD_SIDE, dx + PAD_SIDE):
        for y in range(PAD_UP, dy + PAD_UP):
            below = flags[x, y - 1, PAD_SIDE : PAD_SIDE + dz]
            feet = flags[x, y, PAD_SIDE : PAD_SIDE + dz]
            head = flags[x, y + 1, PAD_SIDE : PAD_SIDE + dz]
            for k in range(rests.shape[0]):  # without branches, so that many cells are done at once
                a, b, c = rests[k, 0], rests[k, 1], rests[k, 2]
                any_a = most if a == 0 else np.uint8(0)
                any_b = most if b == 0 else np.uint8(0)
                any_c = most if c == 0 else np.uint8(0)
                for z in range(dz):
                    low = np.uint8(((below[z] & a) | any_a) != 0)
                    mid = np.uint8(((feet[z] & b) | any_b) != 0)
                    top = np.uint8(((head[z] & c) | any_c) != 0)
                    feet[z] |= np.uint8((low & mid & top) << 7)
            count = np.int64(0)
            for z in range(dz):
                count += feet[z] >> 7
            total += count
    return total


@kernel
def chain_nodes(flags, dx, dy, dz, place, first, after):
    """Number the nodes by tile, column, height, so that what is near is near in memory; write each one's place,

    rows of (x, y, z), and the chains.
    """
    n = 0
    for tx in range(0, dx, _TILE):
        for tz in range(0, dz, _TILE):
            for x in range(tx, min(dx, tx + _TILE)):
                for z in range(tz, min(dz, tz + _TILE)):
                    c = x * dz + z
                    first[c] = -1
                    for y in range(dy):
                        if flags[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE] & _NODE:
                            place[n, 0] = x
                            place[n, 1] = y
                            place[n, 2] = z
                            after[n] = -1
                            if first[c] < 0:
                                first[c] = n
                            else:
                                after[n - 1] = n
                            n += 1


@kernel
def find_node(first, after, place, dz, x, y, z):
    """The node of a cell inside the grid, or -1."""
    n = first[x * dz + z]
    while n >= 0 and place[n, 1] != y:
        n = after[n]
    return n


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
def steps_from(flags, shape, first, after, place, x, y, z, offset, need_row, need_at, need_bits, nodes, steps):
    """Every step that leads from a cell to a node; returns how many were written.

    `offset` holds rows of x, y, z, and how far that is in the flags; the last row holds the farthest along each.
    """
    dx, dy, dz = shape
    flat = flags.ravel()
    sy = flags.shape[2]
    sx = flags.shape[1] * sy
    at = np.int64((x + PAD_SIDE) * sx + (y + PAD_UP) * sy + z + PAD_SIDE)
    count = offset.shape[0] - 1
    rx, ry, rz = offset[count, 0], offset[count, 1], offset[count, 2]
    amid = rx <= x < dx - rx and ry <= y < dy - ry and rz <= z < dz - rz
    found = 0
    for s in range(count):
        tx, ty, tz = x + offset[s, 0], y + offset[s, 1], z + offset[s, 2]
        if not amid and (tx < 0 or ty < 0 or tz < 0 or tx >= dx or ty >= dy or tz >= dz):
            continue
        if not flat[at + offset[s, 3]] & _NODE:
            continue
        if not _step_allowed(flat, at, s, need_row, need_at, need_bits):
            continue
        nodes[found] = find_node(first, after, place, dz, tx, ty, tz)
        steps[found] = s
        found += 1
    return found


@kernel
def build_rows(flags, shape, first, after, place, offset, need_row, need_at, need_bits, cost, enter, row, room):
    """Rows of edges for every node; returns (edges, where they came from, how many), with some space to spare.

    An edge is (target, price): the step's cost and what entering the target costs on top; where it came from is
    (origin, step). `row` and `room` are filled.
    """
    count = enter.shape[0]
    most = offset.shape[0] - 1
    capacity = 4 * count + most
    edge = np.empty((capacity, 2), np.int32)
    came = np.empty((capacity, 2), np.int32)
    nodes = np.empty(most, np.int32)
    steps = np.empty(most, np.uint8)
    used = 0
    for n in range(count):
        found = steps_from(
            flags, shape, first, after, place, place[n, 0], place[n, 1], place[n, 2],
            offset, need_row, need_at, need_bits, nodes, steps,
        )  # fmt: skip
        if used + found > capacity:
            capacity = 2 * capacity + most
            edge, came = _longer(edge, used, capacity), _longer(came, used, capacity)
        for k in range(found):
            edge[used + k, 0] = nodes[k]
            edge[used + k, 1] = cost[steps[k]] + enter[nodes[k]]
            came[used + k, 0] = n
            came[used + k, 1] = steps[k]
        row[n, 0] = used
        used += found
        row[n, 1] = used
        room[n] = found
    capacity = used + used // 8 + 64 * most
    return _longer(edge, used, capacity), _longer(came, used, capacity), used


@kernel
def _longer(pairs, used, capacity):
    """A copy with space for so many."""
    longer = np.empty((capacity, 2), np.int32)
    longer[:used] = pairs[:used]
    return longer


@kernel
def refresh_rests(flags, shape, rests, cells, place, first, after, row, room, used, changed):
    """Look again whether a body can rest in these cells. Returns (numbers used, cells that changed).

    New nodes get numbers from `used` on; the numbers are -1 if they do not suffice. `changed` takes the
    cells that became or ceased to be nodes.
    """
    dy, dz = shape[1], shape[2]
    count = 0
    for i in range(cells.shape[0]):
        x, y, z = cells[i, 0], cells[i, 1], cells[i, 2]
        if y < 0 or y >= dy:
            continue
        below = flags[x + PAD_SIDE, y + PAD_UP - 1, z + PAD_SIDE]
        feet = flags[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE]
        head = flags[x + PAD_SIDE, y + PAD_UP + 1, z + PAD_SIDE]
        rest = False
        for k in range(rests.shape[0]):
            rest = rest or (
                (feet & rests[k, 1] != 0 or rests[k, 1] == 0)
                and (head & rests[k, 2] != 0 or rests[k, 2] == 0)
                and (below & rests[k, 0] != 0 or rests[k, 0] == 0)
            )
        if rest == (feet & _NODE != 0):
            continue
        flags[x + PAD_SIDE, y + PAD_UP, z + PAD_SIDE] = feet ^ np.uint8(_NODE)
        changed[count, 0] = x
        changed[count, 1] = y
        changed[count, 2] = z
        count += 1
        c = x * dz + z
        if rest:
            if used >= place.shape[0]:
                return -1, count
            place[used, 0] = x
            place[used, 1] = y
            place[used, 2] = z
            after[used] = first[c]
            first[c] = used
            row[used, 0] = 0
            row[used, 1] = 0
            room[used] = 0
            used += 1
        else:
            n = find_node(first, after, place, dz, x, y, z)
            if first[c] == n:
                first[c] = after[n]
            else:
                m = first[c]
                while after[m] != n:
                    m = after[m]
                after[m] = after[n]
            after[n] = -1
            row[n, 1] = row[n, 0]
    return used, count


@kernel
def collect_origins(cells, offsets, shape, first, after, place, seen, stamp, found, count):
    """Add the nodes that stand at a cell minus an offset to `found`, each once; returns how many there are."""
    dx, dy, dz = shape
    for i in range(cells.shape[0]):
        for k in range(offsets.shape[0]):
            x, y, z = cells[i, 0] - offsets[k, 0], cells[i, 1] - offsets[k, 1], cells[i, 2] - offsets[k, 2]
            if x < 0 or y < 0 or z < 0 or x >= dx or y >= dy or z >= dz:
                continue
            n = find_node(first, after, place, dz, x, y, z)
            if n >= 0 and seen[n] != stamp:
                seen[n] = stamp
                found[count] = n
                count += 1
    return count


@kernel
def collect_columns(cells, shape, first, after, seen, stamp, found):
    """The nodes of the columns of some cells and of the eight around each; returns how many there are."""
    dx, dz = shape[0], shape[2]
    count = 0
    for i in range(cells.shape[0]):
        for x in range(max(0, cells[i, 0] - 1), min(dx, cells[i, 0] + 2)):
            for z in range(max(0, cells[i, 2] - 1), min(dz, cells[i, 2] + 2)):
                n = first[x * dz + z]
                while n >= 0:
                    if seen[n] != stamp:
                        seen[n] = stamp
                        found[count] = n
                        count += 1
                    n = after[n]
    return count


@kernel
def fit_rows(flags, shape, first, after, place, which, offset, need_row, need_at, need_bits, cost, enter, row, room,
             edge, came, used, label, lead, links, linked):  # fmt: skip
    """Write the rows of some nodes anew. Returns how many edges and links are in use, -1 if there is no space left.

    Steps between parts become links of them; that some are gone is for the caller to remember.
    """
    most = offset.shape[0] - 1
    nodes = np.empty(most, np.int32)
    steps = np.empty(most, np.uint8)
    for i in range(which.shape[0]):
        n = which[i]
        found = steps_from(
            flags, shape, first, after, place, place[n, 0], place[n, 1], place[n, 2],
            offset, need_row, need_at, need_bits, nodes, steps,
        )  # fmt: skip
        if found > room[n]:
            if used + found > edge.shape[0]:
                return -1, linked
            row[n, 0] = used
            room[n] = found
            used += found
        begin = row[n, 0]
        row[n, 1] = begin + found
        for k in range(found):
            m = nodes[k]
            edge[begin + k, 0] = m
            edge[begin + k, 1] = cost[steps[k]] + enter[m]
            came[begin + k, 0] = n
            came[begin + k, 1] = steps[k]
            if linked == links.shape[0]:
                return -1, linked
            linked = _link(label, lead, links, linked, n, m)
    return used, linked


@kernel
def _root(up, n):
    while up[n] != n:
        up[n] = up[up[n]]
        n = up[n]
    return n


@kernel
def join_parts(row, edge, fresh, label, lead, links, linked):
    """Which nodes lead to each other, and which of these parts lead to which.

    Where a step leads there and one back, two nodes are of one part: `label` gives it the number of one of its
    nodes. Steps that lead one way only are links between parts: `lead[part]` is a part's first, `links` holds rows
    of (part it leads to, next link or -1). Only `fresh` nodes are looked at, which must be all of their parts; what
    is known of the others stays. Returns the links, with some space to spare, and how many there are.
    """
    count = row.shape[0]
    for n in range(count):
        if fresh[n]:
            label[n] = n
            lead[n] = -1
            continue
        before, at = np.int64(-1), np.int64(lead[n])
        while at >= 0:  # where it led to parts that are found anew, the steps below tell
            after = np.int64(links[at, 1])
            if not fresh[links[at, 0]]:
                before = at
            elif before < 0:
                lead[n] = after
            else:
                links[before, 1] = after
            at = after
    for n in range(count):
        if not fresh[n]:
            continue
        a = _root(label, n)
        for e in range(row[n, 0], row[n, 1]):
            m = edge[e, 0]
            if m < n or not fresh[m]:
                continue
            b = _root(label, m)
            if a == b:
                continue
            back = False
            for k in range(row[m, 0], row[m, 1]):
                back = back or edge[k, 0] == n
            if back:
                label[max(a, b)] = min(a, b)
                a = min(a, b)
    for n in range(count):
        if fresh[n]:
            label[n] = _root(label, n)
    for n in range(count):
        for e in range(row[n, 0], row[n, 1]):
            m = edge[e, 0]
            if fresh[n] or fresh[m]:
                if linked == links.shape[0]:
                    links = _longer(links, linked, linked + linked // 8 + 4096)
                linked = _link(label, lead, links, linked, n, m)
    if linked + 2048 > links.shape[0]:
        links = _longer(links, linked, linked + linked // 8 + 4096)
    return links, linked


@kernel
def _link(label, lead, links, used, n, m):
    """Note that the part of one node leads to that of another; how many links there are then."""
    a, b = label[n], label[m]
    if a == b or (lead[a] >= 0 and links[lead[a], 0] == b):
        return used
    links[used, 0] = b
    links[used, 1] = lead[a]
    lead[a] = used
    return used + 1


@kernel
def enclosed(row, edge, first, after, place, shape, arrivals, low, high, accept, vain, start, limit):
    """Whether fewer nodes than the limit lead to the goals, and the start is none of them.

    Goals as in `find_way`; `arrivals` are the offsets of all steps. `vain` (or nothing) marks what a search that did
    not arrive could reach: from in there nothing else is reached.
    """
    dx, dy, dz = shape
    seen = np.zeros(row.shape[0], np.bool_)
    found = np.empty(limit, np.int32)
    count = 0
    outside = vain.shape[0] > 0 and vain[start]
    for x in range(low[0], high[0] + 1):
        for z in range(low[2], high[2] + 1):
            n = first[x * dz + z]
            while n >= 0:
                if low[1] <= place[n, 1] <= high[1] and (accept.shape[0] == 0 or accept[n]):
                    if n == start or count == limit:
                        return False
                    outside = outside and not vain[n]
                    seen[n] = True
                    found[count] = n
                    count += 1
                n = after[n]
    if outside:
        return True
    done = 0
    while done < count:
        m = found[done]
        done += 1
        for k in range(arrivals.shape[0]):
            x, y, z = place[m, 0] - arrivals[k, 0], place[m, 1] - arrivals[k, 1], place[m, 2] - arrivals[k, 2]
            if x < 0 or y < 0 or z < 0 or x >= dx or y >= dy or z >= dz:
                continue
            n = find_node(first, after, place, dz, x, y, z)
            if n < 0 or seen[n]:
                continue
            for e in range(row[n, 0], row[n, 1]):
                if edge[e, 0] == m:
                    if n == start or count == limit:
                        return False
                    seen[n] = True
                    found[count] = n
                    count += 1
                    break
    return True


@kernel
def mark_touching(flags, place, around, bits, amount, enter):
    """Add `amount` once to every node one of whose cells `around` has one of the bits."""
    flat = flags.ravel()
    sy = flags.shape[2]
    sx = flags.shape[1] * sy
    ways = around[:, 0] * sx + around[:, 1] * sy + around[:, 2]
    for n in range(place.shape[0]):
        at = np.int64((place[n, 0] + PAD_SIDE) * sx + (place[n, 1] + PAD_UP) * sy + place[n, 2] + PAD_SIDE)
        seen = np.uint8(0)
        for k in range(ways.shape[0]):
            seen |= flat[at + ways[k]]
        if seen & bits:
            enter[n] += amount


@kernel
def mark_deep(flags, place, around, bits, amount, enter):
    """Add `amount` once to every node around which one of the bits stands in a cell and the one under it."""
    flat = flags.ravel()
    sy = flags.shape[2]
    sx = flags.shape[1] * sy
    ways = around[:, 0] * sx + around[:, 1] * sy + around[:, 2]
    for n in range(place.shape[0]):
        at = np.int64((place[n, 0] + PAD_SIDE) * sx + (place[n, 1] + PAD_UP) * sy + place[n, 2] + PAD_SIDE)
        seen = np.uint8(0)
        for k in range(ways.shape[0]):
            seen |= flat[at + ways[k]] & flat[at + ways[k] - sy]
        if seen & bits:
            enter[n] += amount


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
