"""The book of acts of a Minecraft version: its recipes, furnaces, and what the surroundings give.

Workstations are goods of their own (`@crafting_table`: one stands within reach) that placing the item
gives; furnace heat is a good in ticks, one for each thing smelted. Costs are expected seconds of play:
breaking times by the version's tables, finding and walking by `effort.toml`.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from conscious_bot.game import supplements
from conscious_bot.game.tables import Drop, Tables
from conscious_bot.sterling.progression_book import HEAT, Act, RecipeBook, group_name

__all__ = ["WORKSTATIONS", "game_book"]

WORKSTATIONS = {"crafting_table": "@crafting_table", "furnace": "@furnace"}

_FUELS = ("coal", "charcoal", "coal_block", "dried_kelp_block", "blaze_rod")
"""Items that are there to be burned, besides logs and planks. Nobody wants his tools and boats burned."""

_FILLED = {  # Minecraft Wiki: Bucket; Glass Bottle
    "water_bucket": ("bucket", "water"),
    "lava_bucket": ("bucket", "lava"),
    "milk_bucket": ("bucket", "cow"),
    "powder_snow_bucket": ("bucket", "powder_snow"),
}
_RIPE = ("age", "berries")
"""Properties whose last or `true` state is the ripe one."""


@lru_cache(maxsize=8)
def game_book(tables: Tables, surroundings: frozenset[str] | None) -> RecipeBook:
    """The book for these surroundings: names of blocks and creatures, or None for whatever the world has."""
    book = _static(tables)
    groups = dict(book.groups)
    acts = [*_mining(tables, surroundings, groups), *_hunting(tables, surroundings)]
    acts += _filling(tables, surroundings)
    producers = dict(book.producers)
    for act in acts:
        producers[act.output] = (*producers.get(act.output, ()), act)
    for name in groups.keys() - book.groups.keys():
        producers[name] = tuple(Act("choose", name, 1, ((m, 1),), cost=0.0) for m in groups[name])
    return RecipeBook(producers, groups)


@cache
def _effort() -> Mapping[str, Any]:
    return tomllib.loads((files("conscious_bot.sterling") / "effort.toml").read_text(encoding="utf-8"))


def _seconds(table: Mapping[str, float], name: str) -> float:
    if name in table:
        return float(table[name])
    for pattern, seconds in table.items():
        if pattern.startswith("*") and fnmatch.fnmatchcase(name, pattern):
            return float(seconds)
    return float(table["default"])


def _is_fuel(item: str) -> bool:
    wood = item in {"log", "planks"} or item.endswith(("_log", "_planks"))
    return item in _FUELS or (wood and not item.startswith("stripped_"))


@lru_cache(maxsize=8)
def _static(tables: Tables) -> RecipeBook:
    """Crafting, smelting, fuel and placing: the same everywhere in a version."""
    effort = _effort()["act"]
    acts: list[Act] = []
    for recipes in tables.recipes.values():
        for recipe in recipes:
            needs = (WORKSTATIONS["crafting_table"],) if recipe.needs_table else ()
            acts.append(
                Act(
                    "craft",
                    recipe.result,
                    recipe.count,
                    recipe.ingredients,
                    needs,
                    effort["craft"],
                    recipe.remains,
                    recipe=recipe,
                )
            )
    for smelting in tables.smelting.values():
        inputs = ((smelting.input, 1), (HEAT + smelting.result, smelting.ticks))
        acts.append(Act("smelt", smelting.result, 1, inputs, (WORKSTATIONS["furnace"],), smelting.ticks / 20))
    fuels = [(item, ticks) for item, ticks in tables.fuel.items() if _is_fuel(item)]
    for result in sorted({s.result for s in tables.smelting.values()}):
        acts += [Act("burn", HEAT + result, ticks, ((item, 1),), (), effort["burn"]) for item, ticks in fuels]
    for item, station in WORKSTATIONS.items():
        if item in tables.items:
            acts.append(Act("place", station, 1, ((item, 1),), (), effort["place"]))
    return RecipeBook.of(acts, {})


def _dimension_seconds(where: str | None) -> float:
    return float(_effort()["dimension"].get(where, 0))


def _mining(tables: Tables, surroundings: frozenset[str] | None, groups: dict[str, tuple[str, ...]]) -> list[Act]:
    natural = supplements.natural_blocks()
    names = sorted(natural) if surroundings is None else sorted(surroundings)
    acts: list[Act] = []
    for name in names:
        block = tables.blocks.get(name)
        if block is None or not block.diggable:
            continue
        state = _ripe(tables, name)
        tools = sorted(block.harvest_tools & tables.items.keys())
        needs: tuple[str, ...] = ()
        if len(tools) == 1:
            needs = (tools[0],)
        elif tools:
            group = group_name(tools, tools=True)
            groups[group] = tuple(tools)
            needs = (group,)
        # The slowest tool that does it; whoever has a better one is done sooner.
        ticks = max(tables.dig_ticks(state, tool) or 0 for tool in (tools or [None]))
        away = _dimension_seconds(natural.get(name)) if surroundings is None else 0.0
        seconds = _seconds(_effort()["block"], name) + away + ticks / 20
        plain = tables.drops_of(state, tools[0] if tools else None)
        acts += _acts_of("mine", name, plain, needs, seconds)
        if "shears" in tables.items and not tools:
            by_shears = [d for d in tables.drops_of(state, "shears") if d.item not in {p.item for p in plain}]
            acts += _acts_of("mine", name, tuple(by_shears), ("shears",), seconds)
    return acts


def _ripe(tables: Tables, name: str) -> int:
    """The state that gives most: crops ripe, berries on the vine, snow as it lies."""
    chosen: dict[str, str] = {}
    for key, values in tables.blocks[name].properties:
        if key in _RIPE:
            chosen[key] = "true" if "true" in values else values[-1]
    return tables.state_of(name, **chosen)


def _acts_of(kind: Any, source: str, drops: tuple[Drop, ...], needs: tuple[str, ...], seconds: float) -> list[Act]:
    """One act for each thing that may drop; what always drops with it is a by-product."""
    expected: dict[str, float] = {}
    for drop in drops:
        expected[drop.item] = expected.get(drop.item, 0.0) + drop.chance * (drop.low + drop.high) / 2
    sure = {d.item: d.low for d in drops if d.chance >= 1 and d.low > 0}
    return [
        Act(
            kind,
            item,
            count,
            (),
            needs,
            seconds,
            tuple((other, n) for other, n in sorted(sure.items()) if other != item),
            source,
        )
        for item, count in sorted(expected.items())
        if count > 0
    ]


def _hunting(tables: Tables, surroundings: frozenset[str] | None) -> list[Act]:
    homes = supplements.creature_homes()
    acts: list[Act] = []
    for name, drops in sorted(tables.creature_drops.items()):
        today = supplements.creature_name(name)
        if surroundings is None or name in surroundings or today in surroundings:
            away = _dimension_seconds(homes[today]) if surroundings is None else 0.0
            acts += _acts_of("hunt", name, drops, (), _seconds(_effort()["creature"], today) + away)
    return acts


def _filling(tables: Tables, surroundings: frozenset[str] | None) -> list[Act]:
    return [
        Act("fill", item, 1, ((empty, 1),), (), _effort()["act"]["fill"] + 15, source=source)
        for item, (empty, source) in sorted(_FILLED.items())
        if item in tables.items and empty in tables.items and (surroundings is None or source in surroundings)
    ]
