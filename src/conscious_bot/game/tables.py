"""The facts of one Minecraft version, from minecraft-data: blocks, items, recipes, foods, drops, creatures.

`Tables.builtin()` is 1.20.4, packed with this package by `tools/make_tables.py`; a connected server's
version is built from the same raw form by `Tables.from_minecraft_data`. Nothing in this room is guessed:
what minecraft-data lacks (smelting, fuel, odds of random drops) stands in TOML files beside the package
data, each entry with its source.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from conscious_bot.game import dig, supplements
from conscious_bot.game.build import Documents, read_documents
from conscious_bot.game.facts import Block, Drop, EntityKind, Food, Item, Recipe, Smelting
from conscious_bot.game.supplements import DropRule

__all__ = ["Block", "Drop", "EntityKind", "Food", "Item", "Recipe", "Smelting", "Tables"]

_UNLOADED = 0xFFFF
"""The state id of a cell whose chunk is not loaded; `world.region.UNKNOWN`."""


class Tables:
    """The facts of one version, indexed for use. Immutable after construction."""

    version: str
    blocks: Mapping[str, Block]
    items: Mapping[str, Item]
    recipes: Mapping[str, tuple[Recipe, ...]]
    """Recipes by result; in minecraft-data's order."""
    smelting: Mapping[str, Smelting]
    """Furnace recipes by input."""
    fuel: Mapping[str, int]
    """Burning time of one item, in ticks."""
    foods: Mapping[str, Food]
    entities: Mapping[str, EntityKind]
    """By today's name, whatever the version calls them."""
    creature_drops: Mapping[str, tuple[Drop, ...]]
    """What a creature drops when a player kills it, without enchantments; only creatures with a sourced entry."""

    def __init__(self, documents: Documents) -> None:
        """Index what was read; use `builtin` or `from_minecraft_data`."""
        self.version = documents.version
        self.blocks = documents.blocks
        self.items = documents.items
        self.recipes = documents.recipes
        self.foods = documents.foods
        self.entities = documents.entities
        self.smelting = supplements.smelting(self.items.keys())
        self.fuel = supplements.fuel(self.items.keys())
        drops = supplements.creature_drops(self.items.keys())
        self.creature_drops = {name: drops[name] for name in self.entities if name in drops}
        self._documents = documents
        self._speeds: dict[str, dict[str, float]] = {
            m: dig.speeds_of(m, documents.speeds) for m in sorted({b.material for b in self.blocks.values()})
        }
        self._rules: dict[str, tuple[DropRule, ...]] = {}
        by_state: list[Block | None] = [None] * (1 + max(b.max_state for b in self.blocks.values()))
        for block in self.blocks.values():
            by_state[block.min_state : block.max_state + 1] = [block] * (block.max_state + 1 - block.min_state)
        self._by_state = by_state

    @classmethod
    def builtin(cls) -> Tables:
        """1.20.4, as packed; loaded once per process."""
        return _builtin()

    @classmethod
    def from_minecraft_data(cls, raw: Mapping[str, Any]) -> Tables:
        """The tables of a connected server's version, from minecraft-data's own documents.

        Keys of `raw`: version, blocks, blockCollisionShapes, items, recipes, foods, materials, blockLoot,
        entityLoot, entities (the last three may be missing for old versions). Lists may also come as objects
        by name. Raises UserError that names the document and what is wrong in it.
        """
        return cls(read_documents(raw))

    @property
    def state_count(self) -> int:
        """One more than the largest state id."""
        return len(self._by_state)

    def block_of(self, state: int) -> Block:
        """The kind of block a state belongs to. KeyError if the version has no such state."""
        block = self._by_state[state] if 0 <= state < len(self._by_state) else None
        if block is None:
            raise KeyError(f"{self.version} has no block state {state}")
        return block

    def name_of(self, state: int) -> str:
        """The name of the state's block; `unknown` for region.UNKNOWN."""
        return "unknown" if state == _UNLOADED else self.block_of(state).name

    def properties_of(self, state: int) -> dict[str, str]:
        """The state's properties (facing, half, age ...), as strings."""
        block = self.block_of(state)
        rest = state - block.min_state
        found: list[tuple[str, str]] = []
        for name, values in reversed(block.properties):
            rest, index = divmod(rest, len(values))
            found.append((name, values[index]))
        return dict(reversed(found))

    def state_of(self, name: str, **properties: str) -> int:
        """The state of a block with these properties, others as in its default state.

        KeyError if the version has no such block or property, ValueError if the property has no such value.
        """
        block = self.blocks[name]
        chosen = self.properties_of(block.default_state)
        for key, value in properties.items():
            if key not in chosen:
                raise KeyError(f"{name} has no property {key!r}")
            chosen[key] = value
        offset = 0
        for key, values in block.properties:
            if chosen[key] not in values:
                raise ValueError(f"{name}: {key} is one of {', '.join(values)}, not {chosen[key]!r}")
            offset = offset * len(values) + values.index(chosen[key])
        return block.min_state + offset

    def dig_ticks(self, state: int, tool: str | None, *, on_ground: bool = True, in_water: bool = False) -> int | None:
        """Ticks a survival player needs to break the block with this item in hand; None if it never breaks.

        The game's rule: damage per tick = tool speed / hardness / (30 if it can be harvested, else 100),
        a fifth in water, a fifth off the ground; instant (0) if it is 1 or more, else ticks = ceil(1 / damage).
        """
        block = self.block_of(state)
        speed = self._speeds[block.material].get(tool, 1.0) if tool else 1.0
        return dig.dig_ticks(block, tool, speed, on_ground=on_ground, in_water=in_water)

    def can_harvest(self, state: int, tool: str | None) -> bool:
        """Whether breaking it with this item in hand gives its drops."""
        return dig.can_harvest(self.block_of(state), tool)

    def drops_of(self, state: int, tool: str | None) -> tuple[Drop, ...]:
        """What breaking it with this item gives (no enchantments); empty if the tool gets nothing."""
        block = self.block_of(state)
        if not block.diggable or not dig.can_harvest(block, tool):
            return ()
        properties = self.properties_of(state)
        if "metadata" in properties:  # up to 1.12 a crop's metadata is its age (Minecraft Wiki: Cocoa, "Data values")
            age = int(properties["metadata"])
            properties["age"] = str(age >> 2 if block.name == "cocoa" else age)
        drops: list[Drop] = []
        for rule in self._rules_of(block):
            if rule.shears is not None and rule.shears != (tool == "shears"):
                continue
            if any(properties.get(key, value) != value for key, value in rule.when):
                continue
            drop = rule.drop
            if rule.count_property in properties:
                times = int(properties[rule.count_property])
                drop = Drop(drop.item, drop.low * times, drop.high * times, drop.chance)
            drops.append(drop)
        return tuple(drops)

    def _rules_of(self, block: Block) -> tuple[DropRule, ...]:
        known = self._rules.get(block.name)
        if known is None:
            known = supplements.drop_rules(block.name, self.items.keys(), self.blocks.keys())
            if known is None:
                known = self._plain_rules(block)
            self._rules[block.name] = known
        return known

    def _plain_rules(self, block: Block) -> tuple[DropRule, ...]:
        """minecraft-data's list; it gives a slab's and a candle's count for the fullest state."""
        shape = dict(block.properties)
        loot = self._documents.loot.get(block.name, ())
        if not self._documents.has_loot:
            later = _builtin()._documents.loot.get(block.name)  # the nearest version that tells
            if later is not None and (not later or any(raw.item in self.items for raw in later)):
                loot = later
        rules: list[DropRule] = []
        for raw in loot:
            if raw.item not in self.items:
                continue
            drop = Drop(raw.item, raw.low, raw.high, 1.0)
            if raw.low == raw.high == 2 and "double" in shape.get("type", ()):
                rules.append(DropRule(drop, (("type", "double"),), None, None))
                rules += [DropRule(Drop(raw.item, 1, 1, 1.0), (("type", t),), None, None) for t in ("top", "bottom")]
            else:
                rules.append(DropRule(drop, (), None, None))
        return tuple(rules)

    def best_tool(self, state: int, available: Mapping[str, int]) -> str | None:
        """The available item that breaks the block fastest and gets its drops; None for the bare hand.

        Among equals the hand comes first, then the tool that wears least valuable: the name that sorts first.
        None also where no available tool gets the drops.
        """
        block = self.block_of(state)
        best, best_time = None, self.dig_ticks(state, None) if dig.can_harvest(block, None) else None
        for tool in sorted(self._speeds[block.material].keys() | block.harvest_tools):
            if available.get(tool, 0) > 0 and dig.can_harvest(block, tool):
                time = self.dig_ticks(state, tool)
                if time is not None and (best_time is None or time < best_time):
                    best, best_time = tool, time
        return best

    def sources_of(self, item: str) -> tuple[str, ...]:
        """The blocks that can drop the item, without enchantments; the natural ones first."""
        return self._sources.get(item, ())

    @cached_property
    def _sources(self) -> dict[str, tuple[str, ...]]:
        natural = supplements.natural_blocks()
        found: dict[str, list[str]] = {}
        for name, block in self.blocks.items():
            if block.diggable:
                for item in sorted({r.drop.item for r in self._rules_of(block) if r.drop.chance > 0}):
                    found.setdefault(item, []).append(name)
        return {i: tuple(sorted(names, key=lambda n: (n not in natural, n))) for i, names in found.items()}

    @cached_property
    def collision_boxes(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Collision shapes for kernels: `offsets[state] .. offsets[state + 1]` index rows
        (x0, y0, z0, x1, y1, z1), in the block's own coordinates; no rows for what one walks through."""
        boxes = self._documents.boxes
        shape_of = np.zeros(self.state_count, dtype=np.int64)
        for name, block in self.blocks.items():
            shape = self._documents.shapes[name]
            count = block.max_state + 1 - block.min_state
            states = [shape] * count if isinstance(shape, int) else shape
            # Up to 1.12 some blocks list fewer shapes than metadata values; the last one stands for the rest.
            states = (states + [states[-1]] * count)[:count]
            shape_of[block.min_state : block.max_state + 1] = states
        ids = sorted(int(k) for k in boxes)
        rows = {i: boxes[str(i)] for i in ids}
        lengths = np.zeros(ids[-1] + 1, dtype=np.int64)
        for i in ids:
            lengths[i] = len(rows[i])
        offsets = np.zeros(self.state_count + 1, dtype=np.int32)
        np.cumsum(lengths[shape_of], out=offsets[1:])
        flat = [box for shape in shape_of.tolist() for box in rows[shape]]
        found = np.array(flat, dtype=np.float32).reshape(-1, 6)
        offsets.flags.writeable = found.flags.writeable = False
        return offsets, found


@cache
def _builtin() -> Tables:
    packed = (files("conscious_bot.game") / "data" / "1.20.4.json.gz").read_bytes()
    return Tables.from_minecraft_data(json.loads(gzip.decompress(packed)))
