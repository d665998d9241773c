"""Memory that a world and its forks share until one of them writes to it.

The cells of a store lie in columns, each a C array of one shape. A world has a *room* of its own with a place for
every slot, untouched memory at first. `table[slot]` says where the slot's column is now and where its place is:

- Where both are the same the column is the world's alone, and is written in place.
- Where they differ others may read it too. Before the first write the column is copied to its place, from where
  it goes on (`own` kernels of who writes).

A fork copies the table and gives both sides new rooms: what both hold then lies in rooms that nobody writes any
more, so either may go on in a thread of its own. A room lives as long as someone's table points into it.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["HELD", "PLACE", "SharedColumns", "untouched"]

HELD, PLACE = 0, 1
"""Columns of the table: the address of a slot's cells, and of its place in the world's own room."""
_MOST_ROOMS = 16
"""A world that holds columns in more rooms of the past than this copies them all together."""


def untouched(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """An array of zeros that costs nothing until it is touched, page by page; large ones only."""
    kind = np.dtype(dtype)
    size = prod(shape) * kind.itemsize
    return np.frombuffer(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), kind).reshape(shape)


class SharedColumns:
    """The columns of one store, by slot. Kernels take `table`, which stays the same array until it grows."""

    def __init__(self, shape: tuple[int, ...], dtype: npt.DTypeLike, slots: int) -> None:
        self._shape, self._dtype = shape, np.dtype(dtype)
        self._stride = prod(shape) * self._dtype.itemsize
        self.table = np.zeros((0, 2), np.int64)
        self._own: list[npt.NDArray[Any]] = []
        self._shared: list[npt.NDArray[Any]] = []
        self.grow(slots)

    def grow(self, slots: int) -> None:
        """Have places for so many slots. Nothing moves but the table."""
        more = slots - len(self.table)
        places = np.repeat(self._new_room(more)[:, None], 2, axis=1)
        self.table = np.concatenate([self.table, places])

    def _new_room(self, slots: int) -> npt.NDArray[np.int64]:
        """A room more of the world's own; the addresses of its places."""
        room = untouched((slots, *self._shape), self._dtype)
        self._own.append(room)
        return room.ctypes.data + self._stride * np.arange(slots)

    def __getitem__(self, slot: int) -> npt.NDArray[Any]:
        """A slot's column as it is now. Not to be written, or kept beyond the next write or fork."""
        return self._at(self.table.item(slot, HELD))

    def _at(self, address: int) -> npt.NDArray[Any]:
        for room in (*self._own, *self._shared):
            place, rest = divmod(address - room.ctypes.data, self._stride)
            if rest == 0 and 0 <= place < len(room):
                return room[place]
        raise RuntimeError(f"no column lies at address {address}")

    def own(self, slot: int, height: int) -> npt.NDArray[Any]:
        """A slot's column, the world's alone, to be written; what it holds from `height` on is zero."""
        held, place = self.table[slot].tolist()
        mine = self._at(place)
        if held != place:
            mine[:height] = self._at(held)[:height]
            self.table[slot, HELD] = place
        return mine

    def clear(self, slot: int, height: int) -> None:
        """Make a slot's column zero; it is so from `height` on."""
        held, place = self.table[slot].tolist()
        if held == place:
            self._at(place)[:height] = 0
        self.table[slot, HELD] = place

    def hold(self, slot: int, column: npt.NDArray[Any]) -> None:
        """Let a slot have a column that is never written, whoever else has it."""
        self._shared.append(column[None])
        self.table[slot, HELD] = column.ctypes.data

    def fork(self, heights: Mapping[int, int]) -> SharedColumns:
        """A second one that holds the same columns in these slots, up to their heights, and zeros in all others."""
        slots = np.fromiter(heights, np.int64, len(heights))
        self._freeze(slots, heights)
        twin = SharedColumns.__new__(SharedColumns)
        twin._shape, twin._dtype, twin._stride = self._shape, self._dtype, self._stride
        twin._own, twin._shared = [], list(self._shared)
        places = twin._new_room(len(self.table))
        twin.table = np.repeat(places[:, None], 2, axis=1)
        twin.table[slots, HELD] = self.table[slots, HELD]
        return twin

    def _freeze(self, slots: npt.NDArray[np.int64], heights: Mapping[int, int]) -> None:
        """Let nothing that these slots hold lie where this world writes."""
        held = self.table[slots, HELD]
        if not (held == self.table[slots, PLACE]).any():
            return  # nothing was written since the last time
        past = [room for room in (*self._shared, *self._own) if self._points_into(room, held)]
        if len(past) > _MOST_ROOMS:
            for slot, height in heights.items():
                self.own(slot, height)
            held, past = self.table[slots, HELD], self._own
        self._own, self._shared = [], past
        places = self._new_room(len(self.table))
        self.table[:] = places[:, None]
        self.table[slots, HELD] = held

    @staticmethod
    def _points_into(room: npt.NDArray[Any], held: npt.NDArray[np.int64]) -> bool:
        start = room.ctypes.data
        return bool(((held >= start) & (held < start + room.nbytes)).any())
