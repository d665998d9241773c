"""What older versions call the things that probes and cases name as today.

Up to 1.12 one name stood for all woods and colours, told apart by metadata; the plain one of each is what these
names give. Raw metals are ore items up to 1.16 (Minecraft Wiki, "Java Edition 1.13/Flattening", "Raw Iron").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conscious_bot.game.tables import Tables

__all__ = ["in_command", "in_version", "named"]

_OLDER = {
    "grass_block": "grass",
    "oak_log": "log",
    "oak_planks": "planks",
    "oak_door": "wooden_door",
    "bricks": "brick_block",
    "dirt_path": "grass_path",
    "raw_iron": "iron_ore",
    "red_bed": "bed",
}
_OLDER_CREATURES = {"zombie": "Zombie", "cow": "Cow", "pig": "Pig", "creeper": "Creeper", "item": "Item"}
"""As commands name them up to 1.10; the bot itself has today's names for creatures in every version."""


def named(tables: Tables, name: str) -> str:
    """The version's name of an item or block; today's where neither is known to it."""
    older = _OLDER.get(name, name)

    def known(word: str) -> bool:
        return word in tables.items or word in tables.blocks

    return older if known(older) and not known(name) else name


def in_command(tables: Tables, text: str) -> str:
    """The same operator's command with every name as the version has it."""
    creatures = _OLDER_CREATURES if tuple(map(int, tables.version.split(".")[:2])) < (1, 11) else {}

    def older(found: re.Match[str]) -> str:
        return creatures.get(found[0]) or named(tables, found[0])

    return re.sub(r"(?<![\w:])[a-z]+(_[a-z]+)*(?![\w:])", older, text)


def in_version(tables: Tables, value: Any) -> Any:
    """The same arguments or weights with every name as the version has it."""
    if isinstance(value, str):
        return named(tables, value)
    if isinstance(value, Mapping):
        return {in_version(tables, key): in_version(tables, part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [in_version(tables, part) for part in value]
    return value
