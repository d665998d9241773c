"""What the documents about worlds have in common: stacks, places, and how they are checked."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ConfigDict, Field, StrictInt

from conscious_bot.contracts import BlockPos, Position, UserError, Wire
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.voxels import HALF, MAX_Y, MIN_Y

__all__ = ["REMEDY", "FixtureStack", "Part", "check_cell", "check_position", "check_stacks", "place_of"]

REMEDY = "correct it at that place"
_EDGE = HALF * 16
_SLOTS = 36


class Part(Wire):
    """A part of a document: camelCase, nothing unknown, only finite numbers."""

    model_config = ConfigDict(allow_inf_nan=False)


class FixtureStack(Part):
    """Items of one kind; `slot` (0-35) where it matters where they are, `wear` the durability used up."""

    item: str
    count: StrictInt = Field(default=1, ge=1)
    slot: StrictInt | None = Field(default=None, ge=0, le=35)
    wear: StrictInt = Field(default=0, ge=0)


def check_cell(pos: BlockPos, place: str) -> None:
    """UserError if a cell lies outside the world; `place` is where in the document it stands."""
    x, y, z = pos
    if not (-_EDGE <= x < _EDGE and MIN_Y <= y <= MAX_Y and -_EDGE <= z < _EDGE):
        raise UserError(f"{place}: {x} {y} {z} lies outside the world", REMEDY)


def check_position(position: Position, place: str) -> None:
    """UserError if a point lies outside the world."""
    x, y, z = position
    if not (-_EDGE <= x < _EDGE and MIN_Y <= y <= MAX_Y + 1 and -_EDGE <= z < _EDGE):
        raise UserError(f"{place}: {x} {y} {z} lies outside the world", REMEDY)


def check_stacks(stacks: Sequence[FixtureStack], place: str, tables: Tables) -> None:
    """UserError if an inventory cannot be these stacks."""
    slots: set[int] = set()
    for i, stack in enumerate(stacks):
        kind = tables.items.get(stack.item)
        if kind is None:
            raise UserError(f"{place}[{i}].item: {tables.version} has no item {stack.item!r}", REMEDY)
        if stack.count > kind.stack_size:
            raise UserError(f"{place}[{i}].count: {stack.item} stacks to {kind.stack_size}", REMEDY)
        if stack.wear and stack.wear >= (kind.durability or 0):
            raise UserError(f"{place}[{i}].wear: {stack.item} would be broken or never wears", REMEDY)
        if stack.slot in slots:
            raise UserError(f"{place}[{i}].slot: slot {stack.slot} is taken", REMEDY)
        if stack.slot is not None:
            slots.add(stack.slot)
    if len(stacks) > _SLOTS:
        raise UserError(f"{place}: there are {_SLOTS} slots", REMEDY)


def place_of(where: tuple[int | str, ...]) -> str:
    """A place in the document, as one would write it in code."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".") or "the whole document"
