"""Block light and sky light of a simulated world, kept right through every change.

A cell's block light is what it gives itself or the best of its six neighbours less what the cell takes
away, at least 1 (Minecraft Wiki, "Light"). Sky light comes from above the world at 15, falls straight down
through clear cells without loss, and otherwise spreads alike. Both are the one greatest solution of these
rules over the lit columns, so a kept-up field equals one computed afresh, in whatever order things happened.

Light is stored as one byte per cell, block light in the low half and 15 less the sky light in the high
half: the open sky is all zeros and needs no memory. Columns are lit when someone asks (`ensure`), and
columns that are not lit give and take nothing. The field follows its store: hand it every row of
`VoxelStore.drain`, and tell it before a column is unloaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos
from conscious_bot.simulation.bundles import Bundle, array_at, kernel_njit
from conscious_bot.simulation.light_rules import EMIT_SHIFT, FACE_SHIFT
from conscious_bot.simulation.sharing import HELD, PLACE, SharedColumns, untouched
from conscious_bot.simulation.voxels import HALF, HEIGHT, MAX_Y, MIN_Y, Cells, ColumnKey, VoxelStore, states_at
from conscious_bot.world.region import Box

__all__ = ["LightCells", "LightField", "block_light", "follow_changes", "ready_light", "sky_light"]

Bytes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]

_DARK = 0xF0
_BLOCK, _SKY = 0, 1
"""The kinds of light."""
_AWAY = 1 << 13
"""Added to x and z in queues, to keep them positive."""

_DX = np.array([-1, 1, 0, 0, 0, 0])
_DY = np.array([0, 0, -1, 1, 0, 0])
_DZ = np.array([0, 0, 0, 0, -1, 1])
_DOWN = 2


@dataclass(frozen=True, eq=False)
class LightCells(Bundle):
    """The arrays of a field, for kernels. Valid until the next column is lit."""

    columns: Annotated[npt.NDArray[np.int64], (-1, 2)]
    """Where the light of each slot's column lies, as in `sharing`; slots as in the store."""
    slots: Annotated[npt.NDArray[np.int32], (2 * HALF, 2 * HALF)]
    """Slots of lit columns, [cx + HALF, cz + HALF]; 0 for what is not lit."""
    reach: Annotated[npt.NDArray[np.int32], (-1,)]
    """Per slot, how many layers from the bottom may hold something else than open sky."""
    rules: Annotated[npt.NDArray[np.uint16], (1 << 16,)]
    """By state; see `light_rules`."""


_light_at = array_at(np.uint8, (HEIGHT, 16, 16))
"""For kernels: the light at an address, [y + 64, z & 15, x & 15]."""


@kernel_njit
def _own_light(cells: LightCells, slot: int) -> None:
    """Let the light of a slot's column be this field's alone, so that it can be written."""
    held, place = cells.columns[slot, HELD], cells.columns[slot, PLACE]
    if held == place:
        return
    old, new = _light_at(held), _light_at(place)
    for layer in range(cells.reach[slot]):
        for z in range(16):
            for x in range(16):
                new[layer, z, x] = old[layer, z, x]
    cells.columns[slot, HELD] = place


@kernel_njit
def block_light(cells: LightCells, x: int, y: int, z: int) -> int:
    """Block light at a cell; 0 where nothing is lit."""
    slot = _slot(cells, x, z)
    if slot == 0 or y < MIN_Y or y > MAX_Y:
        return 0
    return _light_at(cells.columns[slot, HELD])[y - MIN_Y, z & 15, x & 15] & 15


@kernel_njit
def sky_light(cells: LightCells, x: int, y: int, z: int) -> int:
    """Sky light at a cell by day; 0 where nothing is lit and below the world, 15 above it."""
    slot = _slot(cells, x, z)
    if slot == 0 or y < MIN_Y:
        return 0
    return 15 if y > MAX_Y else 15 - (_light_at(cells.columns[slot, HELD])[y - MIN_Y, z & 15, x & 15] >> 4)


@kernel_njit
def _slot(cells: LightCells, x: int, z: int) -> int:
    """The slot of a cell's column, 0 if that is not lit."""
    cx = (x >> 4) + HALF
    cz = (z >> 4) + HALF
    if cx < 0 or cx >= 2 * HALF or cz < 0 or cz >= 2 * HALF:
        return 0
    return int(cells.slots[cx, cz])


@kernel_njit
def _level(cells: LightCells, slot: int, layer: int, z: int, x: int, kind: int) -> int:
    """The light of one kind in a cell of a lit column."""
    packed = int(_light_at(cells.columns[slot, HELD])[layer, z & 15, x & 15])
    return 15 - (packed >> 4) if kind == _SKY else packed & 15


@kernel_njit
def _store(cells: LightCells, slot: int, layer: int, z: int, x: int, kind: int, level: int) -> None:
    _own_light(cells, slot)
    light = _light_at(cells.columns[slot, PLACE])
    packed = int(light[layer, z & 15, x & 15])
    packed = (packed & 0x0F) | (15 - level) << 4 if kind == _SKY else (packed & 0xF0) | level
    light[layer, z & 15, x & 15] = packed
    if layer >= cells.reach[slot]:
        cells.reach[slot] = layer + 1


@kernel_njit
def _rule(store: Cells, cells: LightCells, slot: int, layer: int, z: int, x: int) -> int:
    """What the block in a cell does to light."""
    return int(cells.rules[states_at(store.columns[slot, HELD])[layer, z & 15, x & 15]])


@kernel_njit
def _own(rule: int, layer: int, kind: int) -> int:
    """What a cell has without neighbours: what it gives, or what falls in from above the world."""
    if kind == _SKY:
        if layer < HEIGHT - 1 or (rule >> FACE_SHIFT) & 8:
            return 0
        taken = rule & 15
        return 15 if taken == 0 else max(15 - taken, 0)
    return (rule >> EMIT_SHIFT) & 15


# Queues of cells, each packed into a number with a light level. Place 0 counts the entries behind it.


@kernel_njit(makes_arrays=True)
def _queue() -> Longs:
    queue = np.empty(1024, np.int64)
    queue[0] = 0
    return queue


@kernel_njit(makes_arrays=True)
def _push(queue: Longs, x: int, layer: int, z: int, level: int) -> Longs:
    """The queue with one more entry, a longer copy if it was full."""
    count = queue[0] + 1
    if count == queue.shape[0]:
        longer = np.empty(2 * count, np.int64)
        longer[:count] = queue
        queue = longer
    queue[0] = count
    queue[count] = (x + _AWAY) << 36 | (z + _AWAY) << 16 | layer << 4 | level
    return queue


@kernel_njit
def _unpack(entry: int) -> tuple[int, int, int, int]:
    """x, layer, z and level of an entry."""
    return (entry >> 36) - _AWAY, (entry >> 4) & 0xFFF, ((entry >> 16) & 0xFFFFF) - _AWAY, entry & 15


@kernel_njit(makes_arrays=True)
def _spread(store: Cells, cells: LightCells, kind: int, queue: Longs) -> None:
    """Let light flow on from the queued cells until nothing grows any more."""
    head = 0
    while head < queue[0]:
        head += 1
        x, layer, z, _ = _unpack(queue[head])
        slot = _slot(cells, x, z)
        if slot == 0:
            continue
        rule = _rule(store, cells, slot, layer, z, x)
        level = _level(cells, slot, layer, z, x, kind)
        own = _own(rule, layer, kind)
        if own > level:
            level = own
            _store(cells, slot, layer, z, x, kind, level)
        if level <= 1:
            continue
        for d in range(6):
            a, there, c = x + _DX[d], layer + _DY[d], z + _DZ[d]
            near = _slot(cells, a, c)
            if near == 0 or there < 0 or there >= HEIGHT:
                continue
            has = _level(cells, near, there, c, a, kind)
            if has >= level:
                continue
            other = _rule(store, cells, near, there, c, a)
            taken = other & 15
            flows = level if kind == _SKY and d == _DOWN and level == 15 and taken == 0 else level - max(taken, 1)
            if flows <= has or ((rule >> FACE_SHIFT) >> d) & 1 or ((other >> FACE_SHIFT) >> (d ^ 1)) & 1:
                continue
            _store(cells, near, there, c, a, kind, flows)
            queue = _push(queue, a, there, c, 0)


@kernel_njit(makes_arrays=True)
def _darken(store: Cells, cells: LightCells, kind: int, gone: Longs, again: Longs) -> Longs:
    """Take away all light that may have come from the removed cells; the queue of cells to spread from again."""
    head = 0
    while head < gone[0]:
        head += 1
        x, layer, z, level = _unpack(gone[head])
        for d in range(6):
            a, there, c = x + _DX[d], layer + _DY[d], z + _DZ[d]
            near = _slot(cells, a, c)
            if near == 0 or there < 0 or there >= HEIGHT:
                continue
            has = _level(cells, near, there, c, a, kind)
            if has == 0:
                continue
            taken_away = has < level or (kind == _SKY and d == _DOWN and level == 15)
            if taken_away:
                _store(cells, near, there, c, a, kind, 0)
                gone = _push(gone, a, there, c, has)
            # What was brighter lights again, and what has light of its own.
            if not taken_away or _own(_rule(store, cells, near, there, c, a), there, kind) > 0:
                again = _push(again, a, there, c, 0)
    return again


@kernel_njit(makes_arrays=True)
def _update(store: Cells, cells: LightCells, rows: npt.NDArray[np.int32], kind: int) -> int:
    """Follow the changes of blocks; how many of them mattered."""
    mattered = 0
    gone, again = _queue(), _queue()
    for i in range(rows.shape[0]):
        x, layer, z = int(rows[i, 0]), int(rows[i, 1]) - MIN_Y, int(rows[i, 2])
        slot = _slot(cells, x, z)
        if slot == 0:
            continue
        before = int(cells.rules[rows[i, 3]])
        after = _rule(store, cells, slot, layer, z, x)
        if before == after:
            continue
        mattered += 1
        level = _level(cells, slot, layer, z, x, kind)
        worse = after & 15 > before & 15 or ((after & ~before) >> FACE_SHIFT) != 0
        if level > 0 and (worse or _own(after, layer, kind) < _own(before, layer, kind)):
            _store(cells, slot, layer, z, x, kind, 0)
            gone = _push(gone, x, layer, z, level)
        again = _push(again, x, layer, z, 0)
        for d in range(6):
            there = layer + _DY[d]
            if 0 <= there < HEIGHT:
                again = _push(again, x + _DX[d], there, z + _DZ[d], 0)
    if mattered:
        again = _darken(store, cells, kind, gone, again)
        _spread(store, cells, kind, again)
    return mattered


@kernel_njit(makes_arrays=True)
def _fall(store: Cells, cells: LightCells, slot: int, top: int, cx: int, cz: int) -> Longs:
    """Let the sky's light fall straight down into a column; a queue of its cells that give light themselves."""
    queue = _queue()
    _own_light(cells, slot)
    light = _light_at(cells.columns[slot, PLACE])
    for z in range(16):
        for x in range(16):
            level = 15
            above = 0
            for layer in range(top - 1, -1, -1):
                rule = _rule(store, cells, slot, layer, z, x)
                taken = rule & 15
                if level > 0:
                    if ((above >> FACE_SHIFT) >> _DOWN) & 1 or ((rule >> FACE_SHIFT) >> (_DOWN ^ 1)) & 1:
                        level = 0
                    elif level < 15 or taken > 0:
                        level = max(level - max(taken, 1), 0)
                above = rule
                light[layer, z, x] = (15 - level) << 4
                if (rule >> EMIT_SHIFT) & 15:
                    queue = _push(queue, cx * 16 + x, layer, cz * 16 + z, 0)
    return queue


@kernel_njit
def _height_around(cells: LightCells, cx: int, cz: int) -> int:
    """Layers up to which a column or one beside it holds something else than open sky, and one more."""
    high = 0
    for a in range(cx - 1, cx + 2):
        for c in range(cz - 1, cz + 2):
            slot = _slot(cells, a * 16, c * 16)
            if slot > 0:
                high = max(high, int(cells.reach[slot]))
    return min(high + 1, HEIGHT)


@kernel_njit(makes_arrays=True)
def _light_column(store: Cells, cells: LightCells, slot: int, cx: int, cz: int) -> None:
    """Light a column that was dark so far, and let light flow in and out over its borders."""
    top = int(store.top[slot])
    cells.slots[cx + HALF, cz + HALF] = slot
    block = _fall(store, cells, slot, top, cx, cz)
    cells.reach[slot] = max(cells.reach[slot], top)
    sky = _queue()
    light = _light_at(cells.columns[slot, HELD])
    # What is brighter than a neighbour by more than a step has to spread. Straight down is done already.
    for layer in range(top):
        plane = light[layer]
        for j in range(16):
            for i in range(16):
                least = (int(plane[j, i]) >> 4) + 2  # in the inverted form
                if least <= 14 and (
                    (i > 0 and plane[j, i - 1] >> 4 >= least)
                    or (i < 15 and plane[j, i + 1] >> 4 >= least)
                    or (j > 0 and plane[j - 1, i] >> 4 >= least)
                    or (j < 15 and plane[j + 1, i] >> 4 >= least)
                ):
                    sky = _push(sky, cx * 16 + i, layer, cz * 16 + j, 0)
    for d in (0, 1, 4, 5):
        near = _slot(cells, (cx + _DX[d]) * 16, (cz + _DZ[d]) * 16)
        if near == 0:
            continue
        beside = _light_at(cells.columns[near, HELD])
        for layer in range(min(max(top, int(cells.reach[near])) + 1, HEIGHT)):
            for k in range(16):
                # The two cells that face each other over this border.
                i = k if _DX[d] == 0 else 15 * (_DX[d] > 0)
                j = k if _DZ[d] == 0 else 15 * (_DZ[d] > 0)
                x, z = cx * 16 + i, cz * 16 + j
                here = int(light[layer, j, i]) >> 4
                packed = int(beside[layer, (j + _DZ[d]) & 15, (i + _DX[d]) & 15])
                if packed & 15 > 1:
                    block = _push(block, x + _DX[d], layer, z + _DZ[d], 0)
                if packed >> 4 > here + 1:
                    sky = _push(sky, x, layer, z, 0)
                elif packed >> 4 < here - 1:
                    sky = _push(sky, x + _DX[d], layer, z + _DZ[d], 0)
    for kind in (_BLOCK, _SKY):
        _spread(store, cells, kind, sky if kind == _SKY else block)


@kernel_njit(makes_arrays=True)
def _leave_column(store: Cells, cells: LightCells, cx: int, cz: int) -> None:
    """Take the light of a column out of its neighbours; it is lit no longer, but its slot still holds its light."""
    slot = _slot(cells, cx * 16, cz * 16)
    cells.slots[cx + HALF, cz + HALF] = 0
    high = max(_height_around(cells, cx, cz), int(cells.reach[slot]))
    for kind in (_BLOCK, _SKY):
        gone = _queue()
        for layer in range(high):
            for j in range(16):
                for i in range(16):
                    if i not in (0, 15) and j not in (0, 15):
                        continue
                    level = _level(cells, slot, layer, j, i, kind)
                    if level > 1:
                        gone = _push(gone, cx * 16 + i, layer, cz * 16 + j, level)
        _spread(store, cells, kind, _darken(store, cells, kind, gone, _queue()))


@kernel_njit
def _scan(cells: LightCells, x0: int, y0: int, z0: int, block: Bytes, sky: Bytes) -> None:
    """Copy a box of light, column by column."""
    dx, dy, dz = block.shape
    for cx in range(x0 >> 4, ((x0 + dx - 1) >> 4) + 1):
        low_x = max(cx << 4, x0)
        high_x = min((cx << 4) + 16, x0 + dx)
        for cz in range(z0 >> 4, ((z0 + dz - 1) >> 4) + 1):
            low_z = max(cz << 4, z0)
            high_z = min((cz << 4) + 16, z0 + dz)
            slot = _slot(cells, cx << 4, cz << 4)
            light = _light_at(cells.columns[slot, HELD])
            for j in range(dy):
                layer = y0 + j - MIN_Y
                outside = 15 if slot > 0 and layer >= HEIGHT else 0
                for x in range(low_x, high_x):
                    for z in range(low_z, high_z):
                        if slot == 0 or layer < 0 or layer >= HEIGHT:
                            block[x - x0, j, z - z0] = 0
                            sky[x - x0, j, z - z0] = outside
                        else:
                            packed = light[layer, z & 15, x & 15]
                            block[x - x0, j, z - z0] = packed & 15
                            sky[x - x0, j, z - z0] = 15 - (packed >> 4)


@kernel_njit(makes_arrays=True)
def ready_light(store: Cells, cells: LightCells, x: int, z: int) -> None:
    """Light the column of a cell and the eight around it, as far as they are loaded and not lit yet."""
    cx, cz = x >> 4, z >> 4
    for a in range(max(cx - 1, -HALF), min(cx + 2, HALF)):
        for c in range(max(cz - 1, -HALF), min(cz + 2, HALF)):
            slot = store.slots[a + HALF, c + HALF]
            if slot > 0 and cells.slots[a + HALF, c + HALF] == 0:
                _light_column(store, cells, int(slot), a, c)


@kernel_njit(makes_arrays=True)
def follow_changes(store: Cells, cells: LightCells, log: npt.NDArray[np.int32], low: int, high: int) -> int:
    """Follow the changes of blocks in these rows of a store's log; how many mattered for light."""
    mattered = 0
    if low < high:
        for kind in (_BLOCK, _SKY):
            mattered = _update(store, cells, log[low:high], kind)
            if mattered == 0:
                break
    return mattered


class LightField:
    """The light of one store."""

    def __init__(self, store: VoxelStore, rules: npt.NDArray[np.uint16]) -> None:
        """`rules` come from `light_rules(tables)`; forks may share them."""
        self._store = store
        self._columns = SharedColumns((HEIGHT, 16, 16), np.uint8, store.capacity)
        self._cells = LightCells(
            columns=self._columns.table,
            slots=untouched((2 * HALF, 2 * HALF), np.int32),
            reach=np.zeros(store.capacity, np.int32),
            rules=rules,
        )

    @property
    def cells(self) -> LightCells:
        """The arrays, for kernels. Take them afresh after anything that loads or lights columns."""
        if self._store.capacity > len(self._columns.table):
            self._grow(self._store.capacity)
        return self._cells

    def columns(self) -> list[ColumnKey]:
        """The lit columns, sorted."""
        slots = self._cells.slots
        return [(cx, cz) for cx, cz in self._store.columns() if slots[cx + HALF, cz + HALF]]

    def ensure(self, columns: Iterable[ColumnKey]) -> None:
        """Light these columns and the eight around each, as far as they are loaded.

        Light reaches 15 cells, so inside the columns asked for it is right if those around are loaded.
        """
        cells, store = self.cells, self._store.cells
        for cx, cz in sorted(set(columns)):
            ready_light(store, cells, cx * 16, cz * 16)

    def _light(self, key: ColumnKey) -> None:
        """Light one column only."""
        (cx, cz), store = key, self._store.cells
        _light_column(store, self.cells, int(store.slots[cx + HALF, cz + HALF]), cx, cz)

    def leave(self, cx: int, cz: int) -> None:
        """Forget a column's light, and what it gave to others. Call it before the store unloads the column."""
        cells = self.cells
        slot = int(cells.slots[cx + HALF, cz + HALF])
        if slot == 0:
            return
        _leave_column(self._store.cells, cells, cx, cz)
        self._columns.clear(slot, int(cells.reach[slot]))
        cells.reach[slot] = 0

    def update(self, rows: npt.NDArray[np.int32]) -> int:
        """Follow changes of blocks, rows as `VoxelStore.drain` gives them; how many of them mattered for light."""
        return int(follow_changes(self._store.cells, self.cells, rows, 0, len(rows)))

    def block(self, pos: BlockPos) -> int:
        """Block light at a cell; 0 where nothing is lit."""
        return int(block_light(self._cells, *pos))

    def sky(self, pos: BlockPos) -> int:
        """Sky light at a cell as by day; 0 where nothing is lit."""
        return int(sky_light(self._cells, *pos))

    def scan(self, box: Box) -> tuple[Bytes, Bytes]:
        """Block light and sky light of a box, [x, y, z]; lights the loaded columns it touches."""
        (x0, _, z0), (x1, _, z1) = box.low, box.high
        self.ensure((cx, cz) for cx in range(x0 >> 4, (x1 >> 4) + 1) for cz in range(z0 >> 4, (z1 >> 4) + 1))
        return self.scan_lit(box)

    def scan_lit(self, box: Box) -> tuple[Bytes, Bytes]:
        """Like `scan`, but lights nothing: what is not lit is dark."""
        block = np.empty(box.size, np.uint8)
        sky = np.empty(box.size, np.uint8)
        _scan(self._cells, *box.low, block, sky)
        return block, sky

    def fork(self, store: VoxelStore) -> LightField:
        """The light of a fork of the store, independent of this one; shared until one of the two writes."""
        old = self.cells
        lit = self.columns()
        twin = LightField.__new__(LightField)
        twin._store = store
        slots = untouched((2 * HALF, 2 * HALF), np.int32)
        xs, zs = np.array(lit, np.int64).reshape(-1, 2).T + HALF
        slots[xs, zs] = held = old.slots[xs, zs]
        twin._columns = self._columns.fork(dict(zip(held.tolist(), old.reach[held].tolist(), strict=True)))
        twin._cells = LightCells(twin._columns.table, slots, old.reach.copy(), old.rules)
        return twin

    def light_of(self, cx: int, cz: int) -> Bytes:
        """The light of a lit column as it is now, packed, [y + 64, z & 15, x & 15]; not to be written."""
        return self._columns[int(self._cells.slots[cx + HALF, cz + HALF])]

    def _grow(self, capacity: int) -> None:
        old = self._cells
        self._columns.grow(capacity)
        reach = np.zeros(capacity, np.int32)
        reach[: len(old.reach)] = old.reach
        self._cells = old.replace(columns=self._columns.table, reach=reach)
