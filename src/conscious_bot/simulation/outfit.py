"""What armour is worth, and how much tools wear by what is done with them. Pure tables.

Sources, Minecraft Wiki: "Armor" (defense points, armor toughness), "Durability" and the tools' own pages
("Sword": 2 for a block broken, 1 for a hit; "Axe", "Pickaxe", "Shovel": 1 and 2; "Hoe": 1 and 1; "Shears": 1
for a block broken).
"""

from __future__ import annotations

from collections.abc import Mapping

from conscious_bot.world.state import ItemStack

__all__ = ["armour_of", "dig_wear", "hit_wear"]

_POINTS: dict[str, tuple[int, int, int, int]] = {
    "leather": (1, 3, 2, 1),
    "golden": (2, 5, 3, 1),
    "chainmail": (2, 5, 4, 1),
    "iron": (2, 6, 5, 2),
    "turtle": (2, 0, 0, 0),
    "diamond": (3, 8, 6, 3),
    "netherite": (3, 8, 6, 3),
}
_PIECES = ("helmet", "chestplate", "leggings", "boots")
_TOUGHNESS = {"diamond": 2, "netherite": 3}
_DIG_WEAR = {"sword": 2, "pickaxe": 1, "axe": 1, "shovel": 1, "hoe": 1, "shears": 1, "trident": 2}
_HIT_WEAR = {"sword": 1, "pickaxe": 2, "axe": 2, "shovel": 2, "hoe": 1, "trident": 1}


def armour_of(worn: Mapping[str, ItemStack]) -> tuple[int, int]:
    """Armour points and toughness of everything worn."""
    points = toughness = 0
    for stack in worn.values():
        material, _, piece = stack.item.rpartition("_")
        if material in _POINTS and piece in _PIECES:
            points += _POINTS[material][_PIECES.index(piece)]
            toughness += _TOUGHNESS.get(material, 0)
    return points, toughness


def _kind(item: str) -> str:
    return item.rpartition("_")[2]


def dig_wear(item: str, hardness: float | None) -> int:
    """How much durability breaking one block costs this item; nothing for what breaks at once."""
    if not hardness and item != "shears":
        return 0
    return _DIG_WEAR.get(_kind(item), 0)


def hit_wear(item: str) -> int:
    """How much durability one blow at a creature costs this item."""
    return _HIT_WEAR.get(_kind(item), 0)
