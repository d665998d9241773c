"""What the words of set-up commands mean: numbers, durations, coordinates, blocks. Pure."""

from __future__ import annotations

import re

from conscious_bot.contracts import Position
from conscious_bot.game.tables import Tables

__all__ = ["RefusedError", "arguments", "coordinates", "duration", "integer", "item_of", "state_of"]

_FAR = 3.0e7
_UNITS = {"t": 1, "s": 20, "d": 24000}
_BLOCK = re.compile(r"(?:minecraft:)?([a-z0-9_]+)(?:\[([a-z0-9_=,]*)\])?")
_COORDINATE = re.compile(r"-?[0-9]{1,9}(\.[0-9]{0,12})?")


class RefusedError(Exception):
    """A command that cannot be read or done."""


def arguments(words: list[str], low: int, high: int) -> None:
    """Refuse more or fewer words than a command takes."""
    if not low <= len(words) <= high:
        wanted = str(low) if low == high else f"{low} to {high}"
        raise RefusedError(f"{len(words)} arguments where {wanted} are needed")


def integer(word: str, low: int, high: int) -> int:
    """A whole number within bounds."""
    if not re.fullmatch(r"-?[0-9]{1,10}", word):
        raise RefusedError(f"{word!r} is no whole number")
    value = int(word)
    if not low <= value <= high:
        raise RefusedError(f"{value} does not lie between {low} and {high}")
    return value


def duration(word: str) -> int:
    """Ticks, or a number with t, s or d for ticks, seconds or days."""
    unit = _UNITS.get(word[-1:])
    return integer(word[:-1] if unit else word, 0, 2**31 - 1) * (unit or 1)


def coordinates(words: list[str], origin: Position | None, *, centered: bool) -> Position:
    """Three coordinates, `~` ones relative to `origin`; whole x and z mean the middle of a block if `centered`."""
    found: list[float] = []
    for axis, word in enumerate(words):
        relative = word.startswith("~")
        number = word[1:] if relative else word
        if not _COORDINATE.fullmatch(number) and not (relative and not number):
            raise RefusedError(f"{word!r} is no coordinate")
        value = float(number) if number else 0.0
        if relative:
            if origin is None:
                raise RefusedError(f"{word!r} is relative, and nobody is here")
            value += origin[axis]
        elif centered and axis != 1 and "." not in number:
            value += 0.5
        if abs(value) > _FAR:
            raise RefusedError(f"{word!r} is too far away")
        found.append(value)
    return found[0], found[1], found[2]


def item_of(word: str, tables: Tables) -> str:
    """An item's name."""
    name = word.removeprefix("minecraft:")
    if name not in tables.items:
        raise RefusedError(f"this version has no item {word!r}")
    return name


def state_of(word: str, tables: Tables) -> int:
    """A block's state: `furnace`, `minecraft:wheat[age=7]`."""
    match = _BLOCK.fullmatch(word)
    block = tables.blocks.get(match[1]) if match else None
    if match is None or block is None:
        raise RefusedError(f"this version has no block {word!r}")
    known = dict(block.properties)
    wanted: dict[str, str] = {}
    for part in (match[2] or "").split(",") if match[2] else []:
        key, _, value = part.partition("=")
        if value not in known.get(key, ()):
            raise RefusedError(f"{block.name} has no state {part!r}")
        wanted[key] = value
    return tables.state_of(block.name, **wanted)
