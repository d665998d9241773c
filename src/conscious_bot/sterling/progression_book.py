"""What can be done to obtain things, as acts over goods: the input of the progression search.

A good is an item by name, or something that starts with a mark:

`#...`  any of several items (a tag, or a list of alternatives); its acts choose a member and cost nothing
`#~...` any of several tools; they are needed and not used up
`@...`  what is no item: `@crafting_table` (one stands within reach), `@furnace`, `@heat:...` (furnace ticks)

An act turns inputs into `yields` of its output. `needs` are goods that must be there and are not used up
(tools, workstations). Costs are expected seconds of play, or 1 per use where only steps count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conscious_bot.contracts import UserError
from conscious_bot.game.facts import Recipe

__all__ = ["HEAT", "TOOLS", "Act", "ActKind", "RecipeBook", "group_name", "is_group", "is_item"]

ActKind = Literal["mine", "craft", "smelt", "hunt", "place", "fill", "burn", "choose"]
"""burn and choose are inner acts: they never become steps."""

HEAT = "@heat:"
"""Followed by what is smelted: a furnace does not keep its fire from one batch to the next."""
TOOLS = "#~"


@dataclass(frozen=True, slots=True)
class Act:
    """One way to obtain a good. `source` is the block or creature that a mine, hunt or fill act needs."""

    kind: ActKind
    output: str
    yields: float
    inputs: tuple[tuple[str, int], ...] = ()
    needs: tuple[str, ...] = ()
    cost: float = 1.0
    extras: tuple[tuple[str, int], ...] = ()
    source: str | None = None
    recipe: Recipe | None = None

    def uses_for(self, count: float) -> int:
        """How often it must be done for so many of its output."""
        return max(1, math.ceil(count / self.yields - 1e-9))


def group_name(members: Iterable[str], *, tools: bool = False) -> str:
    """The good that stands for any of these items."""
    return (TOOLS if tools else "#") + "|".join(sorted(members))


def is_group(good: str) -> bool:
    """Whether the good stands for several items."""
    return good.startswith("#")


def is_item(good: str) -> bool:
    """Whether the good is an item of the inventory."""
    return not good.startswith(("#", "@"))


@dataclass(frozen=True, eq=False)
class RecipeBook:
    """Acts by output, and the groups that they speak of. Immutable; build it once and keep it."""

    producers: Mapping[str, tuple[Act, ...]]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @classmethod
    def of(cls, acts: Iterable[Act], groups: Mapping[str, tuple[str, ...]]) -> RecipeBook:
        """Index the acts; each group gets an act per member that chooses it."""
        producers: dict[str, list[Act]] = {}
        for act in acts:
            producers.setdefault(act.output, []).append(act)
        for name, members in groups.items():
            producers[name] = [Act("choose", name, 1, ((m, 1),), cost=0.0) for m in members]
        return cls({good: tuple(found) for good, found in producers.items()}, dict(groups))

    @classmethod
    def from_recipe_file(cls, document: Mapping[str, Any]) -> RecipeBook:
        """The book of a file of the game's own recipe documents: `recipes` by name and `tags` by name.

        Shaped, shapeless and smelting recipes count, each use costs 1; no workstations, no fuel. Raises
        UserError that names the recipe that cannot be read.
        """
        tags = _Tags(document.get("tags", {}))
        acts: list[Act] = []
        name = "recipes"
        try:
            for key, row in document["recipes"].items():
                name = key
                act = _file_act(row, tags)
                if act is not None:
                    acts.append(act)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(
                f"recipe {name!r} cannot be read: {type(error).__name__}: {error}",
                "recipes follow the game's own format: type, pattern and key or ingredients, result",
            ) from error
        return cls.of(acts, tags.groups)


class _Tags:
    """Resolves tags and alternatives to goods, and remembers the groups that were asked for."""

    def __init__(self, tags: Mapping[str, Any]) -> None:
        self._tags = tags
        self.groups: dict[str, tuple[str, ...]] = {}

    def good(self, ingredient: Any) -> str:
        members = sorted(set(self._members(ingredient)))
        if not members:
            raise ValueError(f"no item fits {ingredient!r}")
        if len(members) == 1:
            return members[0]
        name = group_name(members)
        self.groups[name] = tuple(members)
        return name

    def _members(self, ingredient: Any) -> list[str]:
        if isinstance(ingredient, str):
            return self._tag(_plain(ingredient[1:])) if ingredient.startswith("#") else [_plain(ingredient)]
        if isinstance(ingredient, Sequence):
            return [member for part in ingredient for member in self._members(part)]
        if "tag" in ingredient:
            return self._tag(_plain(ingredient["tag"]))
        return [_plain(ingredient["item"])]

    def _tag(self, name: str, above: tuple[str, ...] = ()) -> list[str]:
        if name in above:
            raise ValueError(f"tag {name} contains itself")
        found: list[str] = []
        for value in self._tags[name]["values"]:
            found += self._tag(_plain(value[1:]), (*above, name)) if value.startswith("#") else [_plain(value)]
        return found


def _plain(name: str) -> str:
    return name.removeprefix("minecraft:")


def _file_act(row: Mapping[str, Any], tags: _Tags) -> Act | None:
    kind = _plain(row["type"])
    counts: dict[str, int] = {}
    if kind == "crafting_shaped":
        cells = [tags.good(row["key"][c]) for line in row["pattern"] for c in line if c != " "]
    elif kind == "crafting_shapeless":
        cells = [tags.good(part) for part in row["ingredients"]]
    elif kind == "smelting":
        cells = [tags.good(row["ingredient"])]
    else:
        return None
    for good in cells:
        counts[good] = counts.get(good, 0) + 1
    result = row["result"]
    output, yields = (result, 1) if isinstance(result, str) else (result["item"], int(result.get("count", 1)))
    step: ActKind = "smelt" if kind == "smelting" else "craft"
    return Act(step, _plain(output), yields, tuple(sorted(counts.items())))
