"""Finding ways for creatures: a straight look first, then a bounded search in a window around it. Kernels."""

from __future__ import annotations

import math

import numpy as np

from conscious_bot.simulation.bundles import kernel_njit
from conscious_bot.simulation.creatures.layout import (
    HD_STAMP,
    PATH,
    SIDE,
    TALL,
    W_FLOOR,
    W_FREE,
    W_LOW,
    W_WATER,
    CreatureArrays,
    Longs,
)
from conscious_bot.simulation.facts import SOLID, Shapes
from conscious_bot.simulation.voxels import Cells, get_state

__all__ = ["clear_way", "find_way", "sees", "stands"]

_HALF = SIDE // 2
_DOWN = TALL // 2
_DROP = 3
"""How deep a creature steps down on its way."""
_LIMIT = 400
"""Cells that one search looks at."""
_STRAIGHT, _SLANTED, _UP, _WET = 10, 14, 6, 60

Window = tuple[int, int, int, int]
"""Where a search looks: its stamp, and the lowest cell."""


@kernel_njit
def stands(c: CreatureArrays, cells: Cells, x: int, y: int, z: int, tall: int) -> int:
    """Whether a creature so many cells tall can be in a cell: 0 no, 1 on firm ground, 2 swimming."""
    feet = c.walk[get_state(cells, x, y, z)]
    if feet not in (W_FREE, W_LOW, W_WATER):
        return 0
    for k in range(1, tall):
        head = c.walk[get_state(cells, x, y + k, z)]
        if head not in (W_FREE, W_WATER):
            return 0
    if feet == W_WATER:
        return 2
    if feet == W_LOW:
        return 1
    return 1 if c.walk[get_state(cells, x, y - 1, z)] == W_FLOOR else 0


@kernel_njit
def _headroom(c: CreatureArrays, cells: Cells, x: int, y: int, z: int) -> bool:
    """Whether a cell is free."""
    return c.walk[get_state(cells, x, y, z)] in (W_FREE, W_WATER)


@kernel_njit
def _open_window(c: CreatureArrays, x: int, y: int, z: int) -> Window:
    """A window around a cell, of which nothing is known yet."""
    c.head[HD_STAMP] += 1
    return c.head[HD_STAMP], x - _HALF, y - _DOWN, z - _HALF


@kernel_njit
def _footing(c: CreatureArrays, cells: Cells, window: Window, x: int, y: int, z: int, tall: int) -> int:
    """As `stands`; in the window a cell is looked at once, for a search asks from all sides."""
    stamp = window[0]
    lx, ly, lz = x - window[1], y - window[2], z - window[3]
    if lx < 0 or lx >= SIDE or ly < 0 or ly >= TALL or lz < 0 or lz >= SIDE:
        return stands(c, cells, x, y, z, tall)
    here = (ly * SIDE + lz) * SIDE + lx
    known = c.footing[here]
    if known >> 2 == stamp:
        return known & 3
    found = stands(c, cells, x, y, z, tall)
    c.footing[here] = stamp << 2 | found
    return found


@kernel_njit
def _next_floor(
    c: CreatureArrays, cells: Cells, window: Window, x: int, y: int, z: int, nx: int, nz: int, tall: int
) -> int:
    """The height at which a creature that stands in a cell comes to stand in a neighbouring column; y + 9 if none."""
    if _footing(c, cells, window, nx, y, nz, tall):
        return y
    if _footing(c, cells, window, nx, y + 1, nz, tall) and _headroom(c, cells, x, y + tall, z):
        return y + 1
    for k in range(tall):
        if c.walk[get_state(cells, nx, y + k, nz)] not in (W_FREE, W_WATER):
            return y + 9
    for down in range(1, _DROP + 1):
        if _footing(c, cells, window, nx, y - down, nz, tall):
            return y - down
        if not _headroom(c, cells, nx, y - down, nz):
            return y + 9
    return y + 9


@kernel_njit
def clear_way(
    c: CreatureArrays, cells: Cells, x: float, y: float, z: float, tx: float, ty: float, tz: float, tall: int
) -> bool:
    """Whether walking straight leads there, over firm ground and steps."""
    dx, dz = tx - x, tz - z
    far = math.sqrt(dx * dx + dz * dz)
    cx, cy, cz = math.floor(x), math.floor(y + 0.01), math.floor(z)
    window = _open_window(c, cx, cy, cz)
    if not _footing(c, cells, window, cx, cy, cz, tall):
        return False
    steps = int(far / 0.4) + 1
    for k in range(1, steps + 1):
        nx, nz = math.floor(x + dx * k / steps), math.floor(z + dz * k / steps)
        if nx == cx and nz == cz:
            continue
        if nx != cx and nz != cz:  # over a corner: both sides have to be open
            if not _footing(c, cells, window, nx, cy, cz, tall) or not _footing(c, cells, window, cx, cy, nz, tall):
                return False
        ny = _next_floor(c, cells, window, cx, cy, cz, nx, nz, tall)
        if ny > cy + 1 or _footing(c, cells, window, nx, ny, nz, tall) != 1:
            return False
        cx, cy, cz = nx, ny, nz
    return abs(cy - ty) < 1.6


@kernel_njit
def sees(cells: Cells, shapes: Shapes, x: float, y: float, z: float, tx: float, ty: float, tz: float) -> bool:
    """Whether the line between two points is free of full blocks."""
    dx, dy, dz = tx - x, ty - y, tz - z
    cx, cy, cz = math.floor(x), math.floor(y), math.floor(z)
    ex, ey, ez = math.floor(tx), math.floor(ty), math.floor(tz)
    sx, sy, sz = (1 if dx > 0 else -1), (1 if dy > 0 else -1), (1 if dz > 0 else -1)
    big = 1e30
    ax = abs(1.0 / dx) if dx != 0.0 else big
    ay = abs(1.0 / dy) if dy != 0.0 else big
    az = abs(1.0 / dz) if dz != 0.0 else big
    nx = ((cx + 1 - x) if dx > 0 else (x - cx)) * ax if dx != 0.0 else big
    ny = ((cy + 1 - y) if dy > 0 else (y - cy)) * ay if dy != 0.0 else big
    nz = ((cz + 1 - z) if dz > 0 else (z - cz)) * az if dz != 0.0 else big
    for _ in range(abs(ex - cx) + abs(ey - cy) + abs(ez - cz) + 1):
        state = get_state(cells, cx, cy, cz)
        if shapes.flags[state] & SOLID and shapes.top[state] >= 1.0 and shapes.bottom[state] <= 0.0:
            box = shapes.first[state]
            wide = shapes.boxes[box, 3] - shapes.boxes[box, 0]
            deep = shapes.boxes[box, 5] - shapes.boxes[box, 2]
            if wide >= 1.0 and deep >= 1.0:
                return False
        if cx == ex and cy == ey and cz == ez:
            return True
        if nx <= ny and nx <= nz:
            cx += sx
            nx += ax
        elif ny <= nz:
            cy += sy
            ny += ay
        else:
            cz += sz
            nz += az
    return True


@kernel_njit
def _push(heap: Longs, count: int, entry: int) -> None:
    """Add to a min-heap that holds `count` entries."""
    child = count
    heap[child] = entry
    while child > 0:
        parent = (child - 1) >> 1
        if heap[parent] <= heap[child]:
            break
        heap[parent], heap[child] = heap[child], heap[parent]
        child = parent


@kernel_njit
def _pop(heap: Longs, count: int) -> int:
    """Take the least of a min-heap that holds `count` entries."""
    least = heap[0]
    heap[0] = heap[count - 1]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= count - 1:
            break
        if child + 1 < count - 1 and heap[child + 1] < heap[child]:
            child += 1
        if heap[parent] <= heap[child]:
            break
        heap[parent], heap[child] = heap[child], heap[parent]
        parent = child
    return least


@kernel_njit
def _guess(x: int, y: int, z: int, gx: int, gy: int, gz: int) -> int:
    """At least what the rest of the way costs."""
    dx, dz = abs(gx - x), abs(gz - z)
    return 10 * max(dx, dz) + 4 * min(dx, dz) + (_UP * (gy - y) if gy > y else 0)


@kernel_njit
def find_way(
    c: CreatureArrays, cells: Cells, i: int, sx: int, sy: int, sz: int, gx: int, gy: int, gz: int, tall: int
) -> tuple[int, bool]:
    """Search a way and write it into row `i` of `paths`: (steps, whether it leads to the goal or beside it).

    Where the goal cannot be reached within the window and the limit, the way leads to the place nearest to it.
    """
    marks, heap = c.marks, c.heap
    window = _open_window(c, sx, sy, sz)
    stamp = window[0] & 0x7FFFFFFF
    x0, y0, z0 = window[1], window[2], window[3]
    start = (_DOWN * SIDE + _HALF) * SIDE + _HALF
    marks[start, 0], marks[start, 1], marks[start, 2], marks[start, 3] = stamp, 0, -1, 0
    best, best_far = start, _guess(sx, sy, sz, gx, gy, gz)
    _push(heap, int(np.int64(0)), (best_far << 20) | start)
    count = 1
    looked = 0
    while count > 0 and looked < _LIMIT:
        here = _pop(heap, count) & 0xFFFFF
        count -= 1
        if marks[here, 3]:
            continue
        marks[here, 3] = 1
        looked += 1
        lx, lz, ly = here % SIDE, (here // SIDE) % SIDE, here // (SIDE * SIDE)
        x, y, z = x0 + lx, y0 + ly, z0 + lz
        far = _guess(x, y, z, gx, gy, gz)
        if far < best_far:
            best, best_far = here, far
        if best_far <= _STRAIGHT:
            break
        for d in range(8):
            dx = 1 if d in (0, 4, 5) else -1 if d in (1, 6, 7) else 0
            dz = 1 if d in (2, 4, 6) else -1 if d in (3, 5, 7) else 0
            nx, nz = x + dx, z + dz
            if abs(nx - sx) > _HALF or abs(nz - sz) > _HALF:
                continue
            if dx != 0 and dz != 0:  # level, with both sides open
                open_x = _footing(c, cells, window, nx, y, z, tall) == 1
                if not open_x or _footing(c, cells, window, x, y, nz, tall) != 1:
                    continue
                ny, price = y, _SLANTED
            else:
                ny, price = _next_floor(c, cells, window, x, y, z, nx, nz, tall), _STRAIGHT
                if ny > y + 1 or ny < y0 or ny >= y0 + TALL:
                    continue
            foot = _footing(c, cells, window, nx, ny, nz, tall)
            if foot == 0:
                continue
            if ny > y:
                price += _UP
            if foot == 2:
                price += _WET
            there = ((ny - y0) * SIDE + nz - z0) * SIDE + nx - x0
            cost = marks[here, 1] + price
            if marks[there, 0] == stamp and (marks[there, 3] or marks[there, 1] <= cost):
                continue
            marks[there, 0], marks[there, 1], marks[there, 2], marks[there, 3] = stamp, cost, here, 0
            if count < heap.shape[0]:
                _push(heap, count, ((cost + _guess(nx, ny, nz, gx, gy, gz)) << 20) | there)
                count += 1
    length = 0
    at = best
    while at != start:
        length += 1
        at = marks[at, 2]
    kept = min(length, PATH)
    at = best
    for k in range(length - 1, -1, -1):
        if k < kept:
            c.paths[i, k, 0] = x0 + at % SIDE
            c.paths[i, k, 1] = y0 + at // (SIDE * SIDE)
            c.paths[i, k, 2] = z0 + (at // SIDE) % SIDE
        at = marks[at, 2]
    return kept, best_far <= _STRAIGHT
