"""The small grammar in which people and needs state goals without a model.

    get N ITEM          until the bot carries N of the item       get 3 oak_log
    go X Y Z            until it stands within a block of there   go 10 64 -20
    eat                 until the food level is 18 or nothing fit to eat is left
    explore             one stretch into country it has not seen
    stop                drop the current goal and stand still

Words may be separated by any white space; `minecraft:` before an item is allowed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass

from conscious_bot.contracts import BlockPos, UserError
from conscious_bot.game.tables import Tables

__all__ = ["ENOUGH_FOOD", "FORMS", "Collect", "Eat", "Explore", "Navigate", "Requirement", "Stop", "parse_goal"]

FORMS = ("get N ITEM", "go X Y Z", "eat", "explore", "stop")
"""The forms that are understood, for messages and help."""

ENOUGH_FOOD = 18
"""The food level at which `eat` is reached: from here on the body heals by itself (Minecraft Wiki, "Hunger")."""

MAX_COUNT = 36 * 64
"""What 36 slots of 64 can hold."""

MAX_COORDINATE = 29_999_984
"""The game's world border."""


@dataclass(frozen=True, slots=True)
class Collect:
    """Carry at least `count` of an item."""

    item: str
    count: int

    def __str__(self) -> str:
        return f"get {self.count} {self.item}"


@dataclass(frozen=True, slots=True)
class Navigate:
    """Stand at a cell, within a block on each horizontal axis."""

    to: BlockPos

    def __str__(self) -> str:
        return "go {} {} {}".format(*self.to)


@dataclass(frozen=True, slots=True)
class Eat:
    """Be well fed, or have nothing left that is fit to eat."""

    def __str__(self) -> str:
        return "eat"


@dataclass(frozen=True, slots=True)
class Explore:
    """See country that has not been seen."""

    def __str__(self) -> str:
        return "explore"


@dataclass(frozen=True, slots=True)
class Stop:
    """Drop the current goal."""

    def __str__(self) -> str:
        return "stop"


Requirement = Collect | Navigate | Eat | Explore | Stop


def parse_goal(text: str, tables: Tables) -> Requirement:
    """Read a goal. Raises UserError that names what could not be read, with the nearest form or item."""
    words = text.split()
    if not words:
        raise UserError("the goal is empty", f"say one of: {'; '.join(FORMS)}")
    verb, rest = words[0].lower(), words[1:]
    reader = _READERS.get(verb)
    if reader is None:
        near = difflib.get_close_matches(verb, [form.split()[0] for form in FORMS], n=1, cutoff=0.5)
        nearest = [form for form in FORMS if near and form.startswith(near[0])] or list(FORMS)
        raise UserError(f"cannot read the goal {text!r}: it knows no {verb!r}", f"say one of: {'; '.join(nearest)}")
    return reader(text, rest, tables)


def _get(text: str, rest: list[str], tables: Tables) -> Requirement:
    if len(rest) == 1:
        rest = ["1", *rest]
    if len(rest) != 2 or not re.fullmatch(r"\d{1,6}", rest[0]):
        raise UserError(
            f"cannot read the goal {text!r}: a count and an item are wanted", "say for example: get 3 oak_log"
        )
    count, item = int(rest[0]), rest[1].lower().removeprefix("minecraft:")
    if not 1 <= count <= MAX_COUNT:
        raise UserError(f"cannot carry {count} {item}", f"a count from 1 to {MAX_COUNT} fits an inventory")
    if item not in tables.items:
        near = difflib.get_close_matches(item, tables.items, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "use the game's item name, such as oak_log"
        raise UserError(f"Minecraft {tables.version} has no item {item!r}", hint)
    return Collect(item, count)


def _go(text: str, rest: list[str], _tables: Tables) -> Requirement:
    if len(rest) != 3 or not all(re.fullmatch(r"-?\d{1,8}", word) for word in rest):
        raise UserError(
            f"cannot read the goal {text!r}: three whole coordinates are wanted", "say for example: go 10 64 -20"
        )
    x, y, z = (int(word) for word in rest)
    if max(abs(x), abs(z)) > MAX_COORDINATE or not -2048 <= y <= 2047:
        raise UserError(f"{x} {y} {z} lies outside the world", f"x and z reach {MAX_COORDINATE}, y from -2048 to 2047")
    return Navigate((x, y, z))


def _alone(requirement: Requirement) -> Callable[[str, list[str], Tables], Requirement]:
    def read(text: str, rest: list[str], _tables: Tables) -> Requirement:
        if rest:
            raise UserError(f"cannot read the goal {text!r}: nothing follows {requirement}", f"say just: {requirement}")
        return requirement

    return read


_READERS: dict[str, Callable[[str, list[str], Tables], Requirement]] = {
    "get": _get,
    "go": _go,
    "eat": _alone(Eat()),
    "explore": _alone(Explore()),
    "stop": _alone(Stop()),
}
