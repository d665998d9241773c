"""A sample of Plancraft's problems; plans are replayed by a checker that knows only the recipe file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conscious_bot.contracts import UserError
from conscious_bot.sterling.progression import ProgressionAnswer, plan_over
from conscious_bot.sterling.progression_book import RecipeBook

DATA = Path(__file__).resolve().parents[1] / "data/plancraft"
RECIPES: dict[str, Any] = json.loads((DATA / "recipes.json").read_text(encoding="utf-8"))
PROBLEMS: list[dict[str, Any]] = json.loads((DATA / "problems.json").read_text(encoding="utf-8"))
BOOK = RecipeBook.from_recipe_file(RECIPES)
pytestmark = pytest.mark.requirement("STER-07")


def items_of(slot: Any) -> set[str]:
    """The items that fit a slot, tags followed."""
    if isinstance(slot, list):
        return set().union(*map(items_of, slot))
    if isinstance(slot, dict):
        return items_of("#" + slot["tag"]) if "tag" in slot else {slot["item"]}
    if slot.startswith("#"):
        return items_of(RECIPES["tags"][slot[1:].removeprefix("minecraft:")]["values"])
    return {slot}


def slots_of(recipe: dict[str, Any]) -> list[set[str]]:
    if "pattern" in recipe:
        return [items_of(recipe["key"][c]) for row in recipe["pattern"] for c in row if c != " "]
    return [items_of(slot) for slot in recipe.get("ingredients", [recipe.get("ingredient")])]


def fits(slots: list[set[str]], items: list[str]) -> bool:
    """Whether the items can be laid into the slots, one each."""
    if len(slots) != len(items):
        return False
    owner: dict[int, int] = {}

    def lay(slot: int, tried: set[int]) -> bool:
        for i, item in enumerate(items):
            if "minecraft:" + item in slots[slot] and i not in tried:
                tried.add(i)
                if i not in owner or lay(owner[i], tried):
                    owner[i] = slot
                    return True
        return False

    return all(lay(slot, set()) for slot in range(len(slots)))


def replay(answer: ProgressionAnswer, inventory: dict[str, int]) -> Counter[str]:
    have = Counter(inventory)
    for step in answer.steps:
        each: list[str] = []
        for item, n in step.inputs:
            assert n % step.uses == 0
            each += [item] * (n // step.uses)
        counts = set()
        for recipe in RECIPES["recipes"].values():
            result = recipe["result"]
            name, count = (result, 1) if isinstance(result, str) else (result["item"], result.get("count", 1))
            smelts = recipe["type"] == "minecraft:smelting"
            if name == "minecraft:" + step.item and smelts == (step.action == "smelt") and fits(slots_of(recipe), each):
                counts.add(count)
        assert len(counts) == 1, f"no recipe or several for {step}"
        for item, n in step.inputs:
            assert have[item] >= n, f"{step}: only {have[item]} of {item}"
            have[item] -= n
        assert step.count == counts.pop() * step.uses
        have[step.item] += step.count
    return have


@pytest.mark.parametrize("problem", PROBLEMS, ids=[p["id"] for p in PROBLEMS])
def test_a_problem_is_solved_at_the_optimal_length_or_refused(problem: dict[str, Any]) -> None:
    answer = plan_over(BOOK, problem["target"], 1, problem["inventory"])
    if problem["impossible"]:
        assert answer.status == "impossible"
        assert answer.missing
    else:
        assert answer.status == "solved"
        assert answer.length == problem["optimal_path_length"]
        assert replay(answer, problem["inventory"])[problem["target"]] >= 1


def test_a_recipe_that_cannot_be_read_is_named() -> None:
    with pytest.raises(UserError, match="'bad'"):
        RecipeBook.from_recipe_file({"recipes": {"bad": {"type": "minecraft:crafting_shaped", "pattern": ["#"]}}})
    with pytest.raises(UserError, match=r"no item fits|KeyError"):
        RecipeBook.from_recipe_file(
            {"recipes": {"x": {"type": "minecraft:smelting", "ingredient": {"tag": "nothing"}, "result": "y"}}}
        )


def test_a_tag_that_contains_itself_is_an_error_and_not_a_loop() -> None:
    tags = {"a": {"values": ["#minecraft:a"]}}
    recipe = {"type": "minecraft:smelting", "ingredient": {"tag": "minecraft:a"}, "result": "minecraft:y"}
    with pytest.raises(UserError, match="contains itself"):
        RecipeBook.from_recipe_file({"recipes": {"x": recipe}, "tags": tags})
