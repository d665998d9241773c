"""The kinds of facts that the tables hold, as plain values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

__all__ = ["OVERGROWN", "WHOLE_ONCE", "Block", "Drop", "EntityKind", "Food", "Item", "Recipe", "Smelting"]

OVERGROWN = frozenset({"dirt", "grass_block", "mycelium"})
"""Earth that turns into each other by itself: grass spreads, and dies in the dark (Minecraft Wiki, "Grass Block")."""

WHOLE_ONCE = {"grass": "tallgrass", "snow": "snow_layer"}
"""Names that were whole blocks' up to 1.12, each with what was called by the other name then."""


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
        return tuple(sorted(Counter(cell for row in self.shape for cell in row if cell is not None).items()))

    @property
    def needs_table(self) -> bool:
        """Whether it does not fit a 2 by 2 grid."""
        if self.shapeless:
            return sum(map(len, self.shape)) > 4
        return len(self.shape) > 2 or max(map(len, self.shape)) > 2


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
    """A kind of creature or thing, by today's name. `category` is minecraft-data's `type` (hostile, animal, ...)."""

    name: str
    id: int
    width: float
    height: float
    category: str
