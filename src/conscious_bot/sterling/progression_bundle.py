"""Solve bundles of craft problems: the problem with what it was posed over, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conscious_bot.game.tables import Tables
from conscious_bot.sterling.bundle import SolveBundle
from conscious_bot.sterling.errors import SolverInputError
from conscious_bot.sterling.progression import solve_craft
from conscious_bot.sterling.progression_book import RecipeBook

__all__ = ["CRAFT_SOLVER_ID", "craft_bundle"]

CRAFT_SOLVER_ID = "minecraft.progression"
CRAFT_SOLVER_VERSION = 2
"""Counts up when the same question may get another answer."""


def craft_bundle(asked: Mapping[str, Any], tables: Tables, book: RecipeBook | None = None) -> SolveBundle:
    """Answer `{problem, recipes?}`, where `recipes` is a recipe document to use instead of the version's tables.

    The bundle's `result` is the answer of `solve craft`, less `ms`. `book` is what was read from `recipes`, if
    somebody has read it already.
    """
    problem, recipes = asked.get("problem"), asked.get("recipes")
    if not isinstance(problem, Mapping) or not (recipes is None or isinstance(recipes, Mapping)):
        raise SolverInputError("craft bundle: its input is {problem, recipes?}")
    if book is None and recipes is not None:
        book = RecipeBook.from_recipe_file(recipes)
    over: dict[str, Any] = {"version": tables.version} if recipes is None else {"recipes": dict(recipes)}
    result = solve_craft(problem, tables, book)
    return SolveBundle(
        solver_id=CRAFT_SOLVER_ID,
        solver_version=CRAFT_SOLVER_VERSION,
        input={"problem": dict(problem), **over},
        policy_id="expected seconds of play" if recipes is None else "uses",
        nodes=0,
        rationale={"why": _WHY[result["status"]]},
        result=result,
    )


_WHY = {
    "solved": "no plan with these recipes costs less",
    "impossible": "what is named as missing has no source here",
    "budget": "the search ended at its limit; the steps are the best plan so far",
}
