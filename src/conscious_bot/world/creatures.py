"""What kinds of creatures there are, from the bot's point of view."""

from __future__ import annotations

from conscious_bot.game.tables import Tables

__all__ = ["is_creature", "is_hostile"]

_HOSTILE_MOBS = frozenset(
    {
        "slime", "magma_cube", "phantom", "ghast", "shulker", "ender_dragon", "drowned", "evoker", "vindicator",
        "illusioner", "hoglin", "zoglin", "piglin", "piglin_brute",
    }
)  # fmt: skip
"""Attack at sight although minecraft-data does not call them hostile in every version (Minecraft Wiki, "Mob")."""

_CREATURES = frozenset({"hostile", "animal", "passive", "mob", "water_creature", "ambient"})


def is_hostile(tables: Tables, kind: str) -> bool:
    """Whether creatures of this kind attack players. False for what the version does not know."""
    known = tables.entities.get(kind)
    return known is not None and (known.category == "hostile" or kind in _HOSTILE_MOBS)


def is_creature(tables: Tables, kind: str) -> bool:
    """Whether it lives and is no player: no item, arrow, boat or armour stand."""
    known = tables.entities.get(kind)
    return known is not None and known.category in _CREATURES
