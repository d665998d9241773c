"""Keeping nature's arrays in step with the store, and taking its scheduled ticks out and in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conscious_bot.simulation.nature.layout import C_TICKS, MARKS, Nature
from conscious_bot.simulation.nature.schedule import pop, push
from conscious_bot.simulation.nature.ticks import count_growing
from conscious_bot.simulation.sharing import untouched
from conscious_bot.simulation.voxels import HALF, MAX_Y, MIN_Y, VoxelStore

__all__ = ["fork_nature", "schedule", "scheduled", "with_columns", "with_room"]

ScheduledTick = tuple[int, int, int, int, int]
"""Due age, x, y, z, purpose."""


def with_columns(nature: Nature, store: VoxelStore) -> Nature:
    """Nature for the columns that are loaded now; those that are new are counted."""
    missing = store.capacity - len(nature.growing)
    if missing > 0:
        nature = nature.replace(
            growing=np.pad(nature.growing, ((0, missing), (0, 0))), lively=np.pad(nature.lively, (0, missing))
        )
    known = {*map(tuple, nature.columns.tolist())}
    rows = store.slots()
    for row in rows:
        if row not in known:
            count_growing(store.cells, nature, row[2])
    return nature.replace(columns=np.array(rows, np.int64).reshape(-1, 3))


def with_room(nature: Nature, changes: int) -> Nature:
    """Nature with room for the ticks that so many changes of blocks ask for (at most 14 each)."""
    wanted = int(nature.counts[C_TICKS]) + 14 * changes
    size = len(nature.heap)
    if wanted <= size:
        return nature
    while size < wanted:
        size *= 2
    heap = np.zeros((size, 2), np.int64)
    heap[: len(nature.heap)] = nature.heap
    return nature.replace(heap=heap)


def scheduled(nature: Nature) -> list[ScheduledTick]:
    """All scheduled ticks in their order."""
    twin = fork_nature(nature)
    found: list[ScheduledTick] = []
    while twin.counts[C_TICKS]:
        due = int(twin.heap[0, 0]) >> 28
        x, y, z, purpose = pop(twin)
        found.append((due, int(x), int(y), int(z), int(purpose)))
    return found


def schedule(nature: Nature, ticks: Sequence[Sequence[int]], now: int) -> None:
    """Take scheduled ticks over in their order. ValueError names one that cannot be."""
    if len(ticks) > len(nature.heap):
        raise ValueError(f"{len(ticks)} scheduled ticks are too many")
    edge = HALF * 16
    for due, x, y, z, purpose in ticks:
        inside = -edge <= x < edge and MIN_Y <= y <= MAX_Y and -edge <= z < edge
        if not inside or purpose not in (0, 1) or not 0 <= due < now + (1 << 20):
            raise ValueError(f"no tick can be scheduled for age {due} at {x} {y} {z} for {purpose}")
        push(nature, due, x, y, z, purpose)


def fork_nature(nature: Nature) -> Nature:
    """An independent copy; rules are shared."""
    n = int(nature.counts[C_TICKS])
    heap = untouched(nature.heap.shape, np.int64)
    heap[:n] = nature.heap[:n]
    marks = untouched((MARKS, 2), np.int64)
    if n:
        marks[:] = nature.marks
    return nature.replace(
        heap=heap,
        counts=nature.counts.copy(),
        marks=marks,
        drops=untouched(nature.drops.shape, np.int64),
        columns=nature.columns.copy(),
        growing=nature.growing.copy(),
        lively=nature.lively.copy(),
        seen=nature.seen.copy(),
        queue=nature.queue.copy(),
        ways=nature.ways.copy(),
    )
