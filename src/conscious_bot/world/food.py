"""Which of the carried food to eat: pure, for whoever eats and whoever wonders whether there is anything to eat.

Source of what food does besides feeding: Minecraft Wiki, page "Food", and the foods' own pages.
"""

from __future__ import annotations

from conscious_bot.game.tables import Tables
from conscious_bot.world.state import Inventory

__all__ = ["ALWAYS_EDIBLE", "FULL", "food_to_eat"]

FULL = 20
"""The food level of a full bar."""

ALWAYS_EDIBLE = frozenset({"golden_apple", "enchanted_golden_apple", "honey_bottle", "suspicious_stew", "chorus_fruit"})
"""What can be eaten or drunk with a full bar."""

# Poison, a teleport, or nobody knows what: never of one's own choice.
_SHUNNED = frozenset({"pufferfish", "poisonous_potato", "spider_eye", "suspicious_stew", "chorus_fruit"})
# These may cause hunger, but feed more than they take: if there is nothing else.
_LAST = frozenset({"rotten_flesh", "chicken"})
_PRECIOUS = frozenset({"golden_apple", "enchanted_golden_apple", "golden_carrot"})


def food_to_eat(inventory: Inventory, food: int, tables: Tables) -> str | None:
    """The item in the slots to eat at this food level: the one that wastes least, and of those the most filling.

    Precious food comes after plain food, what may cause hunger last; what harms is never chosen. None: nothing
    that is fit to eat.
    """
    lack = max(0, FULL - food)
    found: list[tuple[int, float, float, str]] = []
    for item in sorted({stack.item for stack in inventory.slots if stack is not None}):
        meal = tables.foods.get(item)
        if meal is None or meal.food <= 0 or item in _SHUNNED:
            continue
        rank = 2 if item in _LAST else 1 if item in _PRECIOUS else 0
        found.append((rank, max(0, meal.food - lack), -meal.food, item))
    return min(found)[-1] if found else None
