"""The facts of one Minecraft version, from minecraft-data: blocks, items, recipes, foods, drops, creatures.

`Tables.builtin()` is 1.20.4, packed with this package by `tools/make_tables.py`; a connected server's
version is built from the same raw form by `Tables.from_minecraft_data`. Nothing in this room is guessed:
what minecraft-data lacks (smelting, fuel, odds of random drops) stands in TOML files beside the package
data, each entry with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Block", "Drop", "EntityKind", "Food", "Item", "Recipe", "Smelting", "Tables"]


@dataclass(frozen=True, slots=True)
class Block:
    """A kind of block. States `min_state` to `max_state` are its variants, `default_state` the usual one.

    `hardness` is None for what cannot be broken. `harvest_tools` names the tools without which it drops
    nothing; empty means anything gets the drop. `material` is minecraft-data's key for tool speeds.
    """

    name: str
    hardness: float | None
    diggable: bool
    material: str
    harvest_tools: frozenset[str]
    min_state: int
    max_state: int
    default_state: int
    properties: tuple[tuple[str, tuple[str, ...]], ...]
    emit_light: int
    filter_light: int
    transparent: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of item. `durability` is None for what does not wear; `block` is what placing it puts down."""

    name: str
    id: int
    stack_size: int
    durability: int | None
    block: str | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One crafting recipe: item names by cell, None for an empty one; a shapeless one is a single row.

    `needs_table` says that it does not fit the player's own 2 by 2 grid. `remains` are items that stay
    behind in the grid (buckets, bottles) and come back to the inventory.
    """

    result: str
    count: int
    shape: tuple[tuple[str | None, ...], ...]
    shapeless: bool
    remains: tuple[tuple[str, int], ...] = ()

    @property
    def ingredients(self) -> tuple[tuple[str, int], ...]:
        """What one use takes: item and count, sorted by name."""
        raise NotImplementedError

    @property
    def needs_table(self) -> bool:
        """Whether it does not fit a 2 by 2 grid."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Smelting:
    """One furnace recipe: `ticks` of burning turn one `input` into one `result`."""

    input: str
    result: str
    ticks: int
    experience: float


@dataclass(frozen=True, slots=True)
class Food:
    """What eating an item gives."""

    name: str
    food: int
    saturation: float


@dataclass(frozen=True, slots=True)
class Drop:
    """A possible drop: with `chance`, between `low` and `high` items."""

    item: str
    low: int
    high: int
    chance: float


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of creature or thing. `category` is minecraft-data's `type` (hostile, animal, passive, ...)."""

    name: str
    id: int
    width: float
    height: float
    category: str


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

    @classmethod
    def builtin(cls) -> Tables:
        """1.20.4, as packed; loaded once per process."""
        raise NotImplementedError

    @classmethod
    def from_minecraft_data(cls, raw: Mapping[str, Any]) -> Tables:
        """The tables of a connected server's version, from minecraft-data's own documents.

        Keys of `raw`: version, blocks, blockCollisionShapes, items, recipes, foods, materials, blockLoot,
        entityLoot, entities (the last three may be missing for old versions). Raises UserError that names
        the document and what is wrong in it.
        """
        raise NotImplementedError

    @property
    def state_count(self) -> int:
        """One more than the largest state id."""
        raise NotImplementedError

    def block_of(self, state: int) -> Block:
        """The kind of block a state belongs to. KeyError if the version has no such state."""
        raise NotImplementedError

    def name_of(self, state: int) -> str:
        """The name of the state's block; `unknown` for region.UNKNOWN."""
        raise NotImplementedError

    def properties_of(self, state: int) -> dict[str, str]:
        """The state's properties (facing, half, age ...), as strings."""
        raise NotImplementedError

    def state_of(self, name: str, **properties: str) -> int:
        """The state of a block with these properties, others as in its default state."""
        raise NotImplementedError

    def dig_ticks(self, state: int, tool: str | None, *, on_ground: bool = True, in_water: bool = False) -> int | None:
        """Ticks a survival player needs to break the block with this item in hand; None if it never breaks.

        The game's rule: damage per tick = tool speed / hardness / (30 if it can be harvested, else 100),
        a fifth in water, a fifth off the ground; instant if it is 1 or more, else ticks = ceil(1 / damage).
        """
        raise NotImplementedError

    def can_harvest(self, state: int, tool: str | None) -> bool:
        """Whether breaking it with this item in hand gives its drops."""
        raise NotImplementedError

    def drops_of(self, state: int, tool: str | None) -> tuple[Drop, ...]:
        """What breaking it with this item gives (no enchantments); empty if the tool gets nothing."""
        raise NotImplementedError

    def best_tool(self, state: int, available: Mapping[str, int]) -> str | None:
        """The available item that breaks the block fastest and gets its drops; None for the bare hand."""
        raise NotImplementedError

    def sources_of(self, item: str) -> tuple[str, ...]:
        """The blocks that can drop the item, without enchantments; the natural ones first."""
        raise NotImplementedError

    @cached_property
    def collision_boxes(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Collision shapes for kernels: `offsets[state] .. offsets[state + 1]` index rows
        (x0, y0, z0, x1, y1, z1), in the block's own coordinates; no rows for what one walks through."""
        raise NotImplementedError
