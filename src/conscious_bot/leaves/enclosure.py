"""Whether a room is closed: a flood of air from inside that must not get out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conscious_bot.contracts import BlockPos
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.expectations import Condition
from conscious_bot.leaves.hands import OFFSETS, beside
from conscious_bot.leaves.observation import Observation
from conscious_bot.world.region import UNKNOWN

__all__ = ["LARGEST_ROOM", "Enclosed", "closes", "room_of"]

LARGEST_ROOM = 512
"""A space of more cells than this is no room."""


def closes(tables: Tables, state: int) -> bool:
    """Whether nobody gets through a block: it has a collision box, and is no door, gate or trapdoor that is open."""
    offsets, _ = tables.collision_boxes
    if offsets[state + 1] == offsets[state]:
        return False
    if tables.name_of(state).endswith(("_door", "_trapdoor", "_fence_gate")):
        return tables.properties_of(state).get("open") != "true"
    return True


def room_of(start: BlockPos, block: Callable[[BlockPos], int], tables: Tables) -> frozenset[BlockPos] | None:
    """The open cells joined to one, side by side; None if the flood gets to what is not known, or has no end."""
    found, waiting = {start}, [start]
    while waiting:
        cell = waiting.pop()
        for face in OFFSETS:
            to = beside(cell, face)
            if to in found:
                continue
            state = block(to)
            if state == UNKNOWN or len(found) > LARGEST_ROOM:
                return None
            if not closes(tables, state):
                found.add(to)
                waiting.append(to)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Enclosed(Condition):
    """No air joins a cell with what lies beyond `cells`, which are the room and what surrounds it."""

    inside: BlockPos
    around: tuple[BlockPos, ...]

    @classmethod
    def within(cls, inside: BlockPos, room: frozenset[BlockPos]) -> Enclosed:
        """For a room of these cells."""
        walls = {beside(cell, face) for cell in room for face in OFFSETS}
        return cls(inside, tuple(sorted(room | walls)))

    @property
    def cells(self) -> tuple[BlockPos, ...]:
        """The room and its walls."""
        return self.around

    def holds(self, seen: Observation, tables: Tables) -> bool | None:
        """See the base."""
        states = {cell: seen.blocks.get(cell, UNKNOWN) for cell in self.around}
        if UNKNOWN in states.values():
            return None
        return room_of(self.inside, lambda cell: states.get(cell, UNKNOWN), tables) is not None

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": "enclosed", "inside": list(self.inside), "cells": len(self.around)}
