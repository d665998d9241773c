"""What can be eaten or drunk, how long that takes and what it does besides feeding. Pure tables.

Sources, Minecraft Wiki: "Food" (eating takes 1.61 s: 32 ticks; dried kelp half of it), "Honey Bottle" (40 ticks),
"Milk Bucket", and the foods' own pages for effects and their odds. What the world lacks (nausea, blindness,
jump boost, weakness, the chorus fruit's teleport) is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from conscious_bot.game.tables import Tables
from conscious_bot.simulation.state import (
    EFFECT_ABSORPTION,
    EFFECT_FIRE_RESISTANCE,
    EFFECT_HUNGER,
    EFFECT_POISON,
    EFFECT_REGENERATION,
    EFFECT_RESISTANCE,
)

__all__ = ["Effect", "Meal", "meal_of"]

_USUAL_TICKS = 32
_TICKS = {"dried_kelp": 16, "honey_bottle": 40}
_ALWAYS = frozenset({"golden_apple", "enchanted_golden_apple", "honey_bottle", "suspicious_stew"})
_LEFT = {
    "mushroom_stew": "bowl", "rabbit_stew": "bowl", "beetroot_soup": "bowl", "suspicious_stew": "bowl",
    "honey_bottle": "glass_bottle", "milk_bucket": "bucket",
}  # fmt: skip
_WITHOUT = frozenset({"chorus_fruit"})  # eating it teleports, which this world does not do


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect (EFFECT_*) of a level from 0 on, for so many ticks, with a chance."""

    kind: int
    level: int
    ticks: int
    chance: float = 1.0


_EFFECTS: dict[str, tuple[Effect, ...]] = {
    "golden_apple": (Effect(EFFECT_REGENERATION, 1, 100), Effect(EFFECT_ABSORPTION, 0, 2400)),
    "enchanted_golden_apple": (
        Effect(EFFECT_REGENERATION, 1, 400),
        Effect(EFFECT_RESISTANCE, 0, 6000),
        Effect(EFFECT_FIRE_RESISTANCE, 0, 6000),
        Effect(EFFECT_ABSORPTION, 3, 2400),
    ),
    "rotten_flesh": (Effect(EFFECT_HUNGER, 0, 600, 0.8),),
    "chicken": (Effect(EFFECT_HUNGER, 0, 600, 0.3),),
    "spider_eye": (Effect(EFFECT_POISON, 0, 100),),
    "poisonous_potato": (Effect(EFFECT_POISON, 0, 100, 0.6),),
    "pufferfish": (Effect(EFFECT_HUNGER, 2, 300), Effect(EFFECT_POISON, 1, 1200)),
}


@dataclass(frozen=True, slots=True)
class Meal:
    """What eating one item does: `cures` names effects that end, `left` is the item that stays."""

    ticks: int
    food: int
    saturation: float
    always: bool
    left: str | None
    effects: tuple[Effect, ...]
    cures: tuple[int, ...] | None
    """None: all of them."""


def meal_of(tables: Tables, item: str) -> Meal | None:
    """What eating or drinking this item does; None for what is no food here."""
    if item == "milk_bucket":
        return Meal(_USUAL_TICKS, 0, 0.0, always=True, left="bucket", effects=(), cures=None)
    food = tables.foods.get(item)
    if food is None or item in _WITHOUT:
        return None
    cures = (EFFECT_POISON,) if item == "honey_bottle" else ()
    return Meal(
        _TICKS.get(item, _USUAL_TICKS),
        food.food,
        food.saturation,
        always=item in _ALWAYS,
        left=_LEFT.get(item),
        effects=_EFFECTS.get(item, ()),
        cures=cures,
    )
