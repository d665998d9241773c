"""Reasons as plain sentences: things counted as people count them."""

from __future__ import annotations

import re

from conscious_bot.planning.goals import Collect, Eat, Explore, Navigate, Requirement, Stop

__all__ = ["counted", "in_words", "number_of", "plain"]

# Only what is counted by the piece has a plural: 3 oak logs, but 3 cobblestone and 3 coal. The page's own
# sentences (dashboard/web/js/words.js) follow the same rule.
_PIECE = re.compile(
    r"(log|stick|torch|table|furnace|chest|pickaxe|axe|sword|shovel|hoe|ingot|nugget|door|bed|boat|ladder|bucket|bow|arrow"
    r"|shield|apple|sapling|bone|block|helmet|boot|bottle|campfire|slab|fence|gate|trapdoor|bowl|lantern)$"
)


def plain(name: str) -> str:
    """`stone_pickaxe` as "stone pickaxe"."""
    return name.replace("_", " ")


def counted(count: int, item: str) -> str:
    """A number of an item: "an oak log", "3 oak logs", "3 cobblestone"."""
    name = plain(item)
    if not _PIECE.search(name):
        return f"{count} {name}"
    if count == 1:
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
    return f"{count} {name}{'es' if name.endswith(('ch', 'sh', 's', 'x')) else 's'}"


def number_of(count: int, word: str) -> str:
    """A number of something with a regular plural: "1 step", "3 steps"."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def in_words(requirement: Requirement) -> str:
    """A requirement as a phrase: "get 16 oak logs"."""
    match requirement:
        case Collect(item, count):
            return f"get {counted(count, item)}"
        case Navigate((x, y, z)):
            return f"go to {x} {y} {z}"
        case Eat():
            return "eat its fill"
        case Explore():
            return "see new country"
        case Stop():
            return "stand still"
