"""What minecraft-data lacks, from TOML files beside this module, each with its sources: smelting, fuel, odds of drops.

Names that a version does not have are left out for that version.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from conscious_bot.game.facts import Drop, Smelting

__all__ = [
    "DropRule",
    "creature_drops",
    "creature_homes",
    "creature_name",
    "drop_rules",
    "fuel",
    "natural_blocks",
    "smelting",
]

SMELT_TICKS = 200
"""Every furnace recipe takes 10 seconds (Minecraft Wiki: Smelting)."""


@dataclass(frozen=True, slots=True)
class DropRule:
    """One drop of a block under conditions: block properties, and whether shears are in hand (None: no matter)."""

    drop: Drop
    when: tuple[tuple[str, str], ...]
    shears: bool | None
    count_property: str | None
    """The property whose value multiplies the count (snow layers, candles)."""


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((files("conscious_bot.game") / name).read_text(encoding="utf-8"))


def smelting(items: Collection[str]) -> dict[str, Smelting]:
    """Furnace recipes by input, as far as the version has both items."""
    found: dict[str, Smelting] = {}
    for row in _read("smelting.toml")["recipe"]:
        for source in row["inputs"]:
            if source in items and row["result"] in items:
                found[source] = Smelting(source, row["result"], SMELT_TICKS, float(row["experience"]))
    return found


def fuel(items: Collection[str]) -> dict[str, int]:
    """Burning ticks of one item. A leading `*` in the file stands for any beginning of the name."""
    table = _read("fuel.toml")
    fireproof = tuple(table["not_fuel"])
    found: dict[str, int] = {}
    for item in sorted(items):
        if item.startswith(fireproof):
            continue
        for row in table["fuel"]:
            if any(item == n or (n.startswith("*") and item.endswith(n[1:])) for n in row["items"]):
                found[item] = int(row["ticks"])
                break
    return found


def drop_rules(block: str, items: Collection[str], blocks: Collection[str]) -> tuple[DropRule, ...] | None:
    """The block's own drops where they stand in the file; None if minecraft-data's list is to be used."""
    row = _drop_rows().get(block)
    if row is None or row.get("unless_block") in blocks:
        return None
    rules = tuple(_rule(block, d) for d in row["drops"] if d["item"].replace("$self", block) in items)
    return rules if rules or not row["drops"] else None


@cache
def _drop_rows() -> dict[str, Mapping[str, Any]]:
    return {name: row for row in _read("drops.toml")["block"] for name in row["names"]}


def _rule(block: str, row: Mapping[str, Any]) -> DropRule:
    low = int(row.get("low", 1))
    drop = Drop(row["item"].replace("$self", block), low, int(row.get("high", low)), float(row.get("chance", 1)))
    when = tuple(sorted((str(k), str(v)) for k, v in row.get("when", {}).items()))
    return DropRule(drop, when, row.get("shears"), row.get("count_property"))


def natural_blocks() -> dict[str, str]:
    """The blocks that the world itself generates, and where: overworld, nether, end, or village."""
    table = _read("natural.toml")
    return {name: where for where in ("overworld", "nether", "end", "village") for name in table[where]["blocks"]}


def creature_drops(items: Collection[str]) -> dict[str, tuple[Drop, ...]]:
    """What each creature drops when a player kills it."""
    return {
        name: tuple(_rule(name, d).drop for d in row["drops"] if d["item"] in items)
        for name, row in _read("creatures.toml").items()
    }


def creature_name(entity: str) -> str:
    """Today's name of a creature or thing: up to 1.10 the tables say CaveSpider, and some had other names altogether
    (Minecraft Wiki, "Java Edition data values/Entity IDs")."""
    entity = entity.rstrip("}")  # so some of minecraft-data's tables write iron_golem
    return _RENAMED.get(entity) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", entity).lower()


_RENAMED = {
    "MushroomCow": "mooshroom", "LavaSlime": "magma_cube", "EntityHorse": "horse", "Ozelot": "ocelot",
    "WitherBoss": "wither", "PigZombie": "zombified_piglin", "zombie_pigman": "zombified_piglin",
    "SnowMan": "snow_golem", "snowman": "snow_golem", "VillagerGolem": "iron_golem", "villager_golem": "iron_golem",
}  # fmt: skip


def creature_homes() -> dict[str, str]:
    """The dimension in which each of these creatures lives."""
    return {name: row["where"] for name, row in _read("creatures.toml").items()}
