"""The blocks of a simulated world: columns, laid out for numba kernels, which forks share until they are written.

A column is 16 by 16 cells wide and 384 high (world y -64 to 319). It has a slot, and is an array of
state ids indexed `[y + 64, z & 15, x & 15]`, x fastest, so that all cells of one height lie together and
the empty sky over a column is one tail of zeros that is never touched, copied or even backed by memory.
Where it lies says `sharing`; whoever writes cells past `put_state` calls `own_states` first.

`slots[(x >> 4) + HALF, (z >> 4) + HALF]` is the slot of a column. Slot 0 stands for every column that is
not loaded and holds `UNKNOWN` throughout, so a kernel reads without asking first. The world ends at
`HALF` columns to each side: beyond, cells are `UNKNOWN` and are never written. Above and below the
height of the world there is air (state 0), which cannot be written either.

Every write, from Python or from a kernel, is logged in order, and marks its section as modified (differs
from what the generator makes) and as unsaved. Arrays of a store may be replaced when it grows: kernels
take `store.cells` afresh for each call.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
import numpy.typing as npt

from conscious_bot.contracts import BlockPos
from conscious_bot.simulation.bundles import Bundle, array_at, kernel_njit
from conscious_bot.simulation.sharing import HELD, PLACE, SharedColumns, untouched
from conscious_bot.world.region import UNKNOWN, Box, VoxelRegion

__all__ = [
    "AIR",
    "HALF",
    "HEIGHT",
    "MAX_Y",
    "MIN_Y",
    "SECTIONS",
    "Cells",
    "ColumnGenerator",
    "ColumnKey",
    "OutsideError",
    "SectionData",
    "VoxelStore",
    "get_state",
    "own_states",
    "put_state",
    "states_at",
]

AIR = 0
"""The state id of air, in every version since 1.13."""
MIN_Y = -64
"""The lowest cell of the world."""
HEIGHT = 384
"""Cells from bottom to top."""
MAX_Y = MIN_Y + HEIGHT - 1
"""The highest cell of the world."""
SECTIONS = HEIGHT // 16
"""Sections of 16 by 16 by 16 cells in a column; section 0 is the lowest."""
HALF = 512
"""The world reaches from column -HALF to column HALF - 1 on both axes."""

_UNKNOWN = UNKNOWN
_MODIFIED = 1
_UNSAVED = 2
_FIRST_CAPACITY = 128
_FIRST_LOG = 1 << 14
_NOWHERE = np.full((HEIGHT, 16, 16), UNKNOWN, np.uint16)
"""What every column that is not loaded holds."""

States = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

ColumnKey = tuple[int, int]
"""A column: (cx, cz), 16 cells each."""
SectionData = dict[int, bytes]
"""Sections of one column by their number: zlib over 4,096 little-endian uint16, order (y, z, x)."""


class OutsideError(ValueError):
    """A write outside the world, above or below it, or in a column that is not loaded. Nothing was changed."""


class ColumnGenerator(Protocol):
    """What makes columns. The same column must come out the same, whatever was made before."""

    def fill(self, cx: int, cz: int, out: npt.NDArray[np.uint16]) -> int:
        """Write the column's states into `out`, which is all air, shape (384, 16, 16), index (y + 64, z, x).

        Returns how many layers from the bottom may hold something else than air.
        """
        ...


@dataclass(frozen=True, eq=False)
class Cells(Bundle):
    """The arrays of a store, for kernels. Valid until the store next loads a column or grows its log."""

    columns: Annotated[npt.NDArray[np.int64], (-1, 2)]
    """Where each slot's column lies, as in `sharing`; `states_at(columns[slot, HELD])` is the array."""
    slots: Annotated[npt.NDArray[np.int32], (2 * HALF, 2 * HALF)]
    """Slots, [cx + HALF, cz + HALF]; 0 for a column that is not loaded."""
    top: Annotated[npt.NDArray[np.int32], (-1,)]
    """Per slot, how many layers from the bottom may hold something else than air."""
    flags: Annotated[npt.NDArray[np.uint8], (-1, SECTIONS)]
    """[slot, section]: 1 differs from the generator, 2 not saved yet."""
    log: Annotated[npt.NDArray[np.int32], (-1, 5)]
    """Rows (x, y, z, state before, state after), oldest first."""
    logged: Annotated[npt.NDArray[np.int64], (2,)]
    """[rows in the log, writes refused because it was full]."""


states_at = array_at(np.uint16, (HEIGHT, 16, 16))
"""For kernels: the column at an address, states by [y + 64, z & 15, x & 15]."""


@kernel_njit
def own_states(cells: Cells, slot: int) -> None:
    """Let a slot's column be this world's alone, so that it can be written."""
    held, place = cells.columns[slot, HELD], cells.columns[slot, PLACE]
    if held == place:
        return
    old, new = states_at(held), states_at(place)
    for layer in range(cells.top[slot]):
        for z in range(16):
            for x in range(16):
                new[layer, z, x] = old[layer, z, x]
    cells.columns[slot, HELD] = place


@kernel_njit
def get_state(cells: Cells, x: int, y: int, z: int) -> np.uint16:
    """The state at a cell: `UNKNOWN` if its column is not loaded or outside the world, air above and below."""
    cx = (x >> 4) + HALF
    cz = (z >> 4) + HALF
    if cx < 0 or cx >= 2 * HALF or cz < 0 or cz >= 2 * HALF:
        return np.uint16(_UNKNOWN)
    slot = cells.slots[cx, cz]
    layer = y - MIN_Y
    if layer < 0 or layer >= HEIGHT:
        return np.uint16(AIR) if slot > 0 else np.uint16(_UNKNOWN)
    return states_at(cells.columns[slot, HELD])[layer, z & 15, x & 15]


@kernel_njit
def put_state(cells: Cells, x: int, y: int, z: int, state: int) -> bool:
    """Write a cell from a kernel; whether it is so now.

    False, and nothing changed, outside the world or in a column that is not loaded, and when the log is
    full (`VoxelStore.reserve` before the kernel makes room; `VoxelStore.drain` raises if it was not enough).
    """
    cx = (x >> 4) + HALF
    cz = (z >> 4) + HALF
    layer = y - MIN_Y
    if cx < 0 or cx >= 2 * HALF or cz < 0 or cz >= 2 * HALF or layer < 0 or layer >= HEIGHT:
        return False
    slot = cells.slots[cx, cz]
    if slot == 0:
        return False
    before = states_at(cells.columns[slot, HELD])[layer, z & 15, x & 15]
    if before == state:
        return True
    row = cells.logged[0]
    if row >= cells.log.shape[0]:
        cells.logged[1] += 1
        return False
    cells.log[row, 0] = x
    cells.log[row, 1] = y
    cells.log[row, 2] = z
    cells.log[row, 3] = before
    cells.log[row, 4] = state
    cells.logged[0] = row + 1
    own_states(cells, slot)
    states_at(cells.columns[slot, PLACE])[layer, z & 15, x & 15] = state
    cells.flags[slot, layer >> 4] |= _MODIFIED | _UNSAVED
    if state != AIR and layer >= cells.top[slot]:
        cells.top[slot] = layer + 1
    return True


@kernel_njit
def _scan(cells: Cells, x0: int, y0: int, z0: int, out: States) -> None:
    """Copy a box into `out`, [x, y, z]; column by column, for the sake of the cache."""
    dx, dy, dz = out.shape
    for cx in range(x0 >> 4, ((x0 + dx - 1) >> 4) + 1):
        low_x = max(cx << 4, x0)
        high_x = min((cx << 4) + 16, x0 + dx)
        for cz in range(z0 >> 4, ((z0 + dz - 1) >> 4) + 1):
            low_z = max(cz << 4, z0)
            high_z = min((cz << 4) + 16, z0 + dz)
            inside = -HALF <= cx < HALF and -HALF <= cz < HALF
            slot = cells.slots[cx + HALF, cz + HALF] if inside else 0
            states = states_at(cells.columns[slot, HELD])
            for j in range(dy):
                layer = y0 + j - MIN_Y
                if slot == 0 or layer < 0 or layer >= HEIGHT:
                    value = np.uint16(AIR) if slot > 0 else np.uint16(_UNKNOWN)
                    for x in range(low_x, high_x):
                        for z in range(low_z, high_z):
                            out[x - x0, j, z - z0] = value
                else:
                    for x in range(low_x, high_x):
                        for z in range(low_z, high_z):
                            out[x - x0, j, z - z0] = states[layer, z & 15, x & 15]


@kernel_njit
def _sift_up(heap: Longs, count: int) -> None:
    """Restore a max-heap after its last element was added."""
    child = count - 1
    while child > 0:
        parent = (child - 1) >> 1
        if heap[parent] >= heap[child]:
            break
        heap[parent], heap[child] = heap[child], heap[parent]
        child = parent


@kernel_njit
def _sift_down(heap: Longs, count: int) -> None:
    """Restore a max-heap after its first element was replaced."""
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= count:
            break
        if child + 1 < count and heap[child + 1] > heap[child]:
            child += 1
        if heap[parent] >= heap[child]:
            break
        heap[parent], heap[child] = heap[child], heap[parent]
        parent = child


@kernel_njit
def _find(
    cells: Cells,
    mask: npt.NDArray[np.bool_],
    x0: int,
    y0: int,
    z0: int,
    radius: int,
    columns: Longs,
    heap: Longs,
) -> int:
    """Fill `heap` with the nearest hits as keys (squared distance, y, x, z packed), and count them.

    `columns` holds rows (least squared distance, cx, cz), nearest first, so the search ends early.
    """
    limit = heap.shape[0]
    count = 0
    reach = radius * radius
    low_layer = max(y0 - radius - MIN_Y, 0)
    for c in range(columns.shape[0]):
        if count == limit and columns[c, 0] > heap[0] >> 42:
            break
        cx = columns[c, 1]
        cz = columns[c, 2]
        slot = cells.slots[cx + HALF, cz + HALF]
        if slot == 0:
            continue
        states = states_at(cells.columns[slot, HELD])
        for layer in range(low_layer, min(y0 + radius - MIN_Y + 1, cells.top[slot])):
            dy = layer + MIN_Y - y0
            if count == limit and columns[c, 0] + dy * dy > heap[0] >> 42:
                continue
            for z in range(16):
                dz = (cz << 4) + z - z0
                flat = dy * dy + dz * dz
                if flat > reach:
                    continue
                for x in range(16):
                    if not mask[states[layer, z, x]]:
                        continue
                    dx = (cx << 4) + x - x0
                    far = flat + dx * dx
                    if far > reach:
                        continue
                    key = (np.int64(far) << 42) | (layer << 32) | ((dx + 32768) << 16) | (dz + 32768)
                    if count < limit:
                        heap[count] = key
                        count += 1
                        _sift_up(heap, count)
                    elif key < heap[0]:
                        heap[0] = key
                        _sift_down(heap, count)
    return count


class VoxelStore:
    """The blocks of one world. Not for several threads at once."""

    def __init__(self, generator: ColumnGenerator) -> None:
        self._generator = generator
        self._columns = SharedColumns((HEIGHT, 16, 16), np.uint16, _FIRST_CAPACITY)
        self._columns.hold(0, _NOWHERE)
        self._cells = Cells(
            columns=self._columns.table,
            slots=untouched((2 * HALF, 2 * HALF), np.int32),
            top=np.zeros(_FIRST_CAPACITY, np.int32),
            flags=np.zeros((_FIRST_CAPACITY, SECTIONS), np.uint8),
            log=untouched((_FIRST_LOG, 5), np.int32),
            logged=np.zeros(2, np.int64),
        )
        self._slots: dict[ColumnKey, int] = {}
        self._free: list[int] = []
        self._used = 1
        self._kept: dict[ColumnKey, SectionData] = {}
        self._unsaved_kept: dict[ColumnKey, set[int]] = {}
        self.loads = 0
        """How many columns were loaded or unloaded so far: it changes as `columns` does."""

    @property
    def cells(self) -> Cells:
        """The arrays, for kernels. Take them afresh after anything that loads columns."""
        return self._cells

    @property
    def capacity(self) -> int:
        """For how many slots there is room."""
        return len(self._columns.table)

    def states_of(self, cx: int, cz: int) -> npt.NDArray[np.uint16]:
        """The states of a loaded column as it is now, [y + 64, z & 15, x & 15]; not to be written."""
        return self._columns[self._slots[cx, cz]]

    # Columns

    def columns(self) -> list[ColumnKey]:
        """The loaded columns, sorted."""
        return sorted(self._slots)

    def slots(self) -> list[tuple[int, int, int]]:
        """The loaded columns and their slots (cx, cz, slot), sorted."""
        return [(cx, cz, slot) for (cx, cz), slot in sorted(self._slots.items())]

    def height(self, cx: int, cz: int) -> int:
        """The layers of a loaded column, from the bottom, that have ever held something since it was loaded."""
        return int(self._cells.top[self._slots[cx, cz]])

    def raise_height(self, cx: int, cz: int, height: int) -> None:
        """Let a loaded column be one that has held something up to this layer."""
        slot = self._slots[cx, cz]
        self._cells.top[slot] = max(height, int(self._cells.top[slot]))

    def is_loaded(self, cx: int, cz: int) -> bool:
        """Whether the column is loaded."""
        return (cx, cz) in self._slots

    @staticmethod
    def inside(cx: int, cz: int) -> bool:
        """Whether the column belongs to the world at all."""
        return -HALF <= cx < HALF and -HALF <= cz < HALF

    def ensure_loaded(self, cx: int, cz: int) -> bool:
        """Load a column: as generated, with all changes made to it before. Whether it was loaded just now.

        Raises OutsideError for a column beyond the end of the world.
        """
        if (cx, cz) in self._slots:
            return False
        if not self.inside(cx, cz):
            raise OutsideError(f"column {cx}, {cz} lies beyond the end of the world ({HALF} columns to each side)")
        slot = self._free.pop() if self._free else self._used
        if slot == self._used:
            if slot == self.capacity:
                self._grow()
            self._used += 1
        cells = self._cells
        cells.top[slot] = self._generator.fill(cx, cz, self._columns.own(slot, 0))
        cells.flags[slot] = 0
        for section, packed in sorted(self._kept.pop((cx, cz), {}).items()):
            self._put_section(slot, section, packed)
        unsaved = self._unsaved_kept.pop((cx, cz), set())
        for section in sorted(unsaved):
            cells.flags[slot, section] |= _UNSAVED
        self._slots[cx, cz] = slot
        self.loads += 1
        cells.slots[cx + HALF, cz + HALF] = slot
        return True

    def ensure_around(self, cx: int, cz: int, radius: int) -> list[ColumnKey]:
        """Load the square of columns around one, as far as the world goes; those that are new, sorted."""
        wanted = ((x, z) for x in range(cx - radius, cx + radius + 1) for z in range(cz - radius, cz + radius + 1))
        return [key for key in wanted if self.inside(*key) and self.ensure_loaded(*key)]

    def unload(self, cx: int, cz: int) -> None:
        """Forget a column but for its changes, which are kept compressed. Nothing happens if it is not loaded."""
        slot = self._slots.pop((cx, cz), None)
        if slot is None:
            return
        self.loads += 1
        cells = self._cells
        changed = self._pack(slot, _MODIFIED)
        if changed:
            self._kept[cx, cz] = changed
        unsaved = {s for s in changed if cells.flags[slot, s] & _UNSAVED}
        if unsaved:
            self._unsaved_kept[cx, cz] = unsaved
        cells.slots[cx + HALF, cz + HALF] = 0
        self._columns.clear(slot, int(cells.top[slot]))
        cells.top[slot] = 0
        cells.flags[slot] = 0
        self._free.append(slot)

    def _grow(self) -> None:
        """Double the slots. The new half is memory only once it is written."""
        old = self._cells
        capacity = 2 * self.capacity
        self._columns.grow(capacity)
        top = np.zeros(capacity, np.int32)
        flags = np.zeros((capacity, SECTIONS), np.uint8)
        top[: self._used] = old.top[: self._used]
        flags[: self._used] = old.flags[: self._used]
        self._cells = old.replace(columns=self._columns.table, top=top, flags=flags)

    # Cells

    def get(self, pos: BlockPos) -> int:
        """The state at a cell; `UNKNOWN` where nothing is loaded, air above and below the world."""
        return int(get_state(self._cells, *pos))

    def set(self, pos: BlockPos, state: int) -> int:
        """Change a cell and log it; the state it had. Raises OutsideError where nothing can be written."""
        x, y, z = pos
        if (x >> 4, z >> 4) not in self._slots or not MIN_Y <= y <= MAX_Y:
            raise OutsideError(f"no block can be set at {x} {y} {z}: not loaded, or outside the world")
        if not 0 <= state < UNKNOWN:
            raise ValueError(f"no such block state: {state}")
        before = self.get(pos)
        self.reserve(1)
        put_state(self._cells, x, y, z, state)
        return before

    def reserve(self, writes: int) -> None:
        """Make room in the log for so many more writes. Take `cells` afresh afterwards."""
        old = self._cells
        used = old.logged.item(0)
        size = old.log.shape[0]
        if used + writes <= size:
            return
        while size < used + writes:
            size *= 2
        log = np.zeros((size, 5), np.int32)
        log[:used] = old.log[:used]
        self._cells = old.replace(log=log)

    def drain(self) -> npt.NDArray[np.int32]:
        """The writes since the last call, in order: rows (x, y, z, state before, state after). Empties the log.

        Raises RuntimeError if a kernel wrote more than was reserved for it.
        """
        cells = self._cells
        used, refused = cells.logged.tolist()
        cells.logged[:] = 0
        if refused:
            raise RuntimeError(f"{refused} block changes had no room in the log of {cells.log.shape[0]}")
        return cells.log[:used].copy()

    def scan(self, box: Box) -> VoxelRegion:
        """The blocks of a box; `UNKNOWN` where nothing is loaded, air above and below the world."""
        out = np.empty(box.size, np.uint16)
        _scan(self._cells, *box.low, out)
        return VoxelRegion(box.low, out)

    def find(self, mask: npt.NDArray[np.bool_], center: BlockPos, radius: int, limit: int) -> list[BlockPos]:
        """Loaded cells whose state is marked in `mask` (65,536 entries) within `radius` (straight distance).

        Nearest first, ties by (y, x, z), at most `limit` of them. `radius` is at most 512.
        """
        if mask.shape != (1 << 16,):
            raise ValueError(f"a mask of states has 65536 entries, not {mask.shape}")
        if not 0 <= radius <= 512:  # the bits of the search key
            raise ValueError(f"the radius of a search lies between 0 and 512, not {radius}")
        if limit <= 0:
            return []
        x, y, z = center
        near: list[tuple[int, int, int]] = []
        for cx, cz in self._slots:
            dx = max((cx << 4) - x, x - (cx << 4) - 15, 0)
            dz = max((cz << 4) - z, z - (cz << 4) - 15, 0)
            if dx * dx + dz * dz <= radius * radius:
                near.append((dx * dx + dz * dz, cx, cz))
        if not near:
            return []
        columns = np.array(sorted(near), np.int64)
        heap = np.empty(min(limit, 1 << 20), np.int64)
        cells = self._cells
        count: int = _find(cells, mask, x, y, z, radius, columns, heap)
        keys = np.sort(heap[:count])
        xs = ((keys >> 16) & 0xFFFF) - 32768 + x
        ys = ((keys >> 32) & 0x3FF) + MIN_Y
        zs = (keys & 0xFFFF) - 32768 + z
        return list(zip(xs.tolist(), ys.tolist(), zs.tolist(), strict=True))

    # Copies, saves

    def fork(self) -> VoxelStore:
        """An independent copy of all loaded columns and kept changes, with an empty log.

        The columns are shared until one of the two writes to them.
        """
        twin = VoxelStore.__new__(VoxelStore)
        old = self._cells
        tops = old.top.tolist()
        twin._columns = self._columns.fork({0: HEIGHT, **{slot: tops[slot] for slot in self._slots.values()}})
        index = untouched((2 * HALF, 2 * HALF), np.int32)
        if self._slots:
            xs, zs = np.array(list(self._slots)).T
            index[xs + HALF, zs + HALF] = list(self._slots.values())
        log = untouched((_FIRST_LOG, 5), np.int32)
        twin._generator = self._generator
        twin._cells = Cells(
            twin._columns.table, index, old.top.copy(), old.flags.copy(), log, np.zeros(2, np.int64)
        )  # fmt: skip
        twin._slots = dict(self._slots)
        twin._free = list(self._free)
        twin._used = self._used
        twin.loads = self.loads
        twin._kept = {key: dict(sections) for key, sections in self._kept.items()}
        twin._unsaved_kept = {key: set(sections) for key, sections in self._unsaved_kept.items()}
        return twin

    def export_changes(self, *, unsaved_only: bool = False) -> dict[ColumnKey, SectionData]:
        """The sections that differ from what the generator makes, loaded or not, by column, sorted."""
        wanted = _UNSAVED if unsaved_only else _MODIFIED
        found: dict[ColumnKey, SectionData] = {}
        for key in sorted({*self._slots, *self._kept}):
            slot = self._slots.get(key)
            if slot is not None:
                sections = self._pack(slot, wanted)
            elif unsaved_only:
                unsaved = self._unsaved_kept.get(key, set())
                sections = {s: self._kept[key][s] for s in sorted(unsaved)}
            else:
                sections = dict(sorted(self._kept[key].items()))
            if sections:
                found[key] = sections
        return found

    def mark_saved(self) -> None:
        """Take note that everything changed so far is on disk."""
        self._cells.flags[:] &= 0xFF ^ _UNSAVED
        self._unsaved_kept.clear()

    def import_changes(self, changes: Mapping[ColumnKey, Mapping[int, bytes]]) -> None:
        """Take sections over from a save, in a store that has loaded nothing yet.

        All are read before any is taken; what is damaged is refused with a ValueError that names column
        and section.
        """
        if self._slots or self._kept:
            raise ValueError("changes can be taken over only before the world is loaded")
        for (cx, cz), sections in changes.items():
            if not self.inside(cx, cz):
                raise ValueError(f"column {cx}, {cz} lies beyond the end of the world")
            for section, packed in sections.items():
                if not 0 <= section < SECTIONS:
                    raise ValueError(f"column {cx}, {cz} has no section {section}")
                try:
                    unpacked = _unpack(packed)
                except ValueError as error:
                    raise ValueError(f"column {cx}, {cz}, section {section}: {error}") from error
                if (unpacked == UNKNOWN).any():
                    raise ValueError(f"column {cx}, {cz}, section {section}: it has unknown cells")
        self._kept = {key: dict(sections) for key, sections in changes.items() if sections}

    def _pack(self, slot: int, flag: int) -> SectionData:
        """The sections of a slot with this flag, compressed."""
        return dict(self._packed(slot, flag))

    def _packed(self, slot: int, flag: int) -> Iterator[tuple[int, bytes]]:
        for section in np.flatnonzero(self._cells.flags[slot] & flag).tolist():
            cells = self._columns[slot][section * 16 : section * 16 + 16]
            yield section, zlib.compress(cells.astype("<u2").tobytes(), 1)

    def _put_section(self, slot: int, section: int, packed: bytes) -> None:
        """Overwrite a section with a kept one."""
        cells = self._cells
        unpacked = _unpack(packed)
        self._columns.own(slot, int(cells.top[slot]))[section * 16 : section * 16 + 16] = unpacked
        cells.flags[slot, section] |= _MODIFIED
        filled = np.flatnonzero(unpacked.any(axis=(1, 2)))
        if filled.size:
            cells.top[slot] = max(int(cells.top[slot]), section * 16 + int(filled[-1]) + 1)


def _unpack(packed: bytes) -> npt.NDArray[np.uint16]:
    """One section from its compressed form. ValueError if it is not one."""
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, 8193)  # one more, to notice what is too long
    except zlib.error as error:
        raise ValueError(f"damaged ({error})") from error
    if len(raw) != 8192 or not unpacker.eof or unpacker.unused_data:
        raise ValueError("not the size of a section")
    return np.frombuffer(raw, "<u2").astype(np.uint16).reshape(16, 16, 16)
