"""Plans for items, replayed by a checker of its own that knows the tables and nothing of the planner."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import pytest

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.sterling.progression import ProgressionAnswer, ProgressionStep, plan, solve_craft

T = Tables.builtin()
pytestmark = pytest.mark.requirement("STER-07")


def replay(answer: ProgressionAnswer, inventory: Mapping[str, int], stations: set[str]) -> Counter[str]:
    """Do the steps one after the other by the tables alone; fails where one cannot be done."""
    have: Counter[str] = Counter(inventory)
    placed = set(stations)

    def use_up(items: Mapping[str, int], step: ProgressionStep) -> None:
        for item, n in items.items():
            assert have[item] >= n, f"{step}: has {have[item]} of {item}"
            have[item] -= n

    for step in answer.steps:
        assert step.uses >= 1
        inputs = dict(step.inputs)
        if step.action == "craft":
            assert step.station == "crafting_table" or not _needs_table(step)
            assert step.station is None or step.station in placed, step
            each = {item: n / step.uses for item, n in inputs.items()}
            recipe = next(r for r in T.recipes[step.item] if dict(r.ingredients) == each)
            assert step.recipe == recipe
            use_up(inputs, step)
            have[step.item] += recipe.count * step.uses
            assert step.count == recipe.count * step.uses
            for item, n in recipe.remains:
                have[item] += n * step.uses
        elif step.action == "smelt":
            assert step.station == "furnace" in placed, step
            raw = next(i for i in inputs if i in T.smelting and T.smelting[i].result == step.item)
            fuel = {i: n - (step.uses if i == raw else 0) for i, n in inputs.items()}
            assert inputs[raw] >= step.uses
            assert sum(T.fuel[i] * n for i, n in fuel.items() if n) >= T.smelting[raw].ticks * step.uses, step
            use_up(inputs, step)
            have[step.item] += step.uses
        elif step.action == "place":
            use_up({step.item: 1}, step)
            placed.add(step.item)
        elif step.action == "mine":
            assert step.source is not None
            assert step.tool is None or have[step.tool] >= 1, step
            block = T.blocks[step.source]
            best = max(
                sum(d.chance * (d.low + d.high) / 2 for d in T.drops_of(s, step.tool) if d.item == step.item)
                for s in range(block.min_state, block.max_state + 1)
            )
            assert best > 0, f"{step} gives nothing"
            assert step.count <= math.floor(best * step.uses + 1e-6)
            have[step.item] += step.count
        elif step.action == "hunt":
            assert any(d.item == step.item for d in T.creature_drops[step.source or ""])
            have[step.item] += step.count
        else:
            assert step.action == "fill"
            use_up(inputs, step)
            have[step.item] += step.count
    return have


def _needs_table(step: ProgressionStep) -> bool:
    assert step.recipe is not None
    return step.recipe.needs_table


TOOLS = [
    f"{tier}_{tool}"
    for tier in ("wooden", "stone", "iron", "golden", "diamond")
    for tool in ("pickaxe", "axe", "shovel", "hoe", "sword")
]
OTHERS = [
    "bucket", "shield", "bow", "white_bed", "torch", "bread", "furnace", "chest", "iron_chestplate", "glass",
    "charcoal", "cooked_beef", "brick", "water_bucket", "shears", "rail", "anvil", "clock", "compass", "paper",
    "flint_and_steel", "oak_boat", "birch_planks", "spruce_fence", "red_bed", "sugar", "crossbow", "golden_apple",
]  # fmt: skip


@pytest.mark.parametrize("item", [*TOOLS, *OTHERS])
def test_a_plan_from_nothing_can_be_done_step_by_step(item: str) -> None:
    answer = plan(item, 1, {}, "any", T)
    assert answer.status == "solved", answer
    assert replay(answer, {}, set())[item] >= 1


def test_a_wooden_pickaxe_takes_three_logs_and_no_more() -> None:
    answer = plan("wooden_pickaxe", 1, {}, ["oak_log"], T)
    assert {(s.action, s.item, s.count, s.uses) for s in answer.steps} == {
        ("mine", "oak_log", 3, 3),
        ("craft", "oak_planks", 12, 3),
        ("craft", "crafting_table", 1, 1),
        ("place", "crafting_table", 1, 1),
        ("craft", "stick", 4, 1),
        ("craft", "wooden_pickaxe", 1, 1),
    }
    assert len(answer.steps) == 6


def test_demand_is_net_of_the_inventory_and_of_workstations_in_reach() -> None:
    held = {"oak_planks": 3, "stick": 2}
    answer = plan("wooden_pickaxe", 1, held, "none", T, stations=["crafting_table"])
    assert [(s.action, s.item) for s in answer.steps] == [("craft", "wooden_pickaxe")]
    answer = plan("wooden_pickaxe", 1, {**held, "crafting_table": 1}, "none", T)
    assert [(s.action, s.item) for s in answer.steps] == [("place", "crafting_table"), ("craft", "wooden_pickaxe")]
    assert plan("wooden_pickaxe", 1, {"wooden_pickaxe": 1}, "none", T).steps == ()


def test_the_wood_that_is_there_is_used() -> None:
    answer = plan("stone_pickaxe", 1, {}, ["birch_log", "stone"], T)
    assert answer.status == "solved"
    assert {s.item for s in answer.steps} >= {"birch_log", "birch_planks", "cobblestone"}
    assert plan("stone_pickaxe", 1, {"spruce_log": 3}, ["stone"], T).status == "solved"


def test_a_tool_in_the_inventory_saves_making_one() -> None:
    answer = plan("cobblestone", 5, {"iron_pickaxe": 1}, "any", T)
    assert [(s.action, s.item, s.count, s.tool) for s in answer.steps] == [("mine", "cobblestone", 5, "iron_pickaxe")]


def test_a_diamond_pickaxe_climbs_every_tier_once() -> None:
    answer = plan("diamond_pickaxe", 1, {}, "any", T)
    made = [s.item for s in answer.steps if s.item.endswith("_pickaxe")]
    assert made == ["wooden_pickaxe", "stone_pickaxe", "iron_pickaxe", "diamond_pickaxe"]
    assert len(answer.steps) >= 14
    assert len({(s.action, s.item) for s in answer.steps}) == len(answer.steps)


@pytest.mark.parametrize(
    ("item", "around", "missing"),
    [
        ("wooden_pickaxe", "none", None),
        ("stone_pickaxe", ["oak_log"], "cobblestone"),
        ("nether_star", "any", "nether_star"),
        ("beacon", "any", "nether_star"),
        ("iron_ingot", ["oak_log", "stone"], None),
    ],
)
def test_an_impossible_goal_names_what_is_missing(item: str, around: object, missing: str | None) -> None:
    answer = plan(item, 1, {}, around, T)  # type: ignore[arg-type]
    assert answer.status == "impossible"
    assert answer.steps == ()
    assert answer.missing
    assert missing is None or any(missing in name for name in answer.missing)


def test_too_few_of_something_is_impossible_and_named() -> None:
    answer = plan("oak_boat", 1, {"oak_planks": 4}, "none", T, stations=["crafting_table"])
    assert (answer.status, answer.missing) == ("impossible", ("oak_planks",))


def test_many_of_a_thing_are_planned_exactly() -> None:
    answer = plan("torch", 64, {}, "any", T)
    assert replay(answer, {}, set())["torch"] == 64
    sticks = plan("stick", 5, {}, ["oak_log"], T)
    assert [(s.item, s.uses) for s in sticks.steps] == [("oak_log", 1), ("oak_planks", 1), ("stick", 2)]


def test_questions_without_sense_are_refused_with_a_reason() -> None:
    with pytest.raises(UserError, match="no item 'pickaxe'"):
        plan("pickaxe", 1, {}, "any", T)
    with pytest.raises(UserError, match="0 of stick"):
        plan("stick", 0, {}, "any", T)
    with pytest.raises(UserError, match="surroundings 'all'"):
        plan("stick", 1, {}, "all", T)  # type: ignore[arg-type]


def test_the_wire_form_answers_with_steps_length_and_status() -> None:
    answer = solve_craft({"id": "x", "inventory": {"oak_log": 1}, "target": "stick"}, T)
    assert answer["status"] == "solved"
    assert answer["length"] == 2
    assert [(s["action"], s["item"], s["count"], s["uses"]) for s in answer["steps"]] == [
        ("craft", "oak_planks", 4, 1),
        ("craft", "stick", 4, 1),
    ]
    refused = solve_craft({"id": "y", "inventory": {}, "target": "stick"}, T)
    assert (refused["status"], refused["steps"], refused["length"]) == ("impossible", [], None)
    assert refused["missing"]


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        ({"inventory": {}}, "target"),
        ({"target": "stick", "quantity": "2"}, "quantity"),
        ({"target": "stick", "inventory": [1]}, "inventory"),
        ({"target": "stick", "inventory": {"oak_log": -1}}, "inventory"),
        ({"target": "stick", "surroundings": 5}, "surroundings"),
    ],
)
def test_a_malformed_problem_names_its_field(problem: dict[str, object], field: str) -> None:
    with pytest.raises(UserError, match=field):
        solve_craft(problem, T)
