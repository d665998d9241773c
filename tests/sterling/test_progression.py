"""Plans for items, replayed by a checker of its own that knows the tables and nothing of the planner."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.sterling import progression_rules

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.sterling.progression import ProgressionAnswer, plan, solve_craft

T = Tables.builtin()
pytestmark = pytest.mark.requirement("STER-07")


def replay(answer: ProgressionAnswer, inventory: Mapping[str, int], stations: set[str]) -> Counter[str]:
    return progression_rules.replay(answer, inventory, stations, T)


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


def test_tasks_of_the_technology_tree_are_planned_or_refused_with_what_is_missing() -> None:
    tasks = json.loads((Path(__file__).parent.parent / "data/techtree/tasks.json").read_text())
    for task in random.Random(2).sample(tasks, 60):
        answer = solve_craft({**task, "surroundings": "any"}, T)
        assert answer["status"] in ("solved", "impossible"), task
        assert answer["steps"] or answer["missing"] or task["inventory"].get(task["target"], 0) >= task["quantity"]
        if answer["status"] == "solved":
            again = plan(task["target"], task["quantity"], task["inventory"], "any", T)
            assert replay(again, task["inventory"], set())[task["target"]] >= task["quantity"]


def test_an_item_of_another_version_is_what_is_missing_and_the_list_goes_on() -> None:
    answer = solve_craft({"id": "z", "target": "stone_fence", "surroundings": "any"}, T)
    assert (answer["status"], answer["missing"]) == ("impossible", ["stone_fence"])


def test_nuggets_are_not_made_of_tools_unless_the_tools_are_there() -> None:
    fresh = plan("gold_nugget", 9, {}, "any", T)
    assert not any(step.item.startswith("golden_") for step in fresh.steps)
    worn = plan("gold_nugget", 1, {"golden_sword": 1, "coal": 1, "furnace": 1}, "none", T)
    assert [(s.action, s.item) for s in worn.steps] == [("place", "furnace"), ("smelt", "gold_nugget")]


@pytest.mark.parametrize("quantity", [0, -1, 10**7, 10**400, 2.0, True])
def test_a_quantity_that_cannot_be_meant_is_refused(quantity: object) -> None:
    with pytest.raises(UserError, match="quantity must be a whole number from 1"):
        solve_craft({"target": "stick", "quantity": quantity, "surroundings": "any"}, T)


def test_a_huge_quantity_ends_in_time_with_the_best_plan_so_far() -> None:
    answer = solve_craft({"target": "iron_pickaxe", "quantity": 5000, "surroundings": "any"}, T)
    assert answer["status"] in ("solved", "budget")
    assert answer["steps"][-1]["count"] == 5000


def test_materials_that_do_not_suffice_for_a_tool_do_not_make_it_the_tool_to_work_with():
    # A pickaxe of iron would be had for nothing if two nuggets were enough; it cannot mine the iron it is made of.
    inventory = {"iron_nugget": 2, "stick": 3, "birch_planks": 3}
    answer = plan("diamond_pickaxe", 1, inventory, "any", T, limit=300)
    assert replay(answer, inventory, set())["diamond_pickaxe"] == 1


def test_a_search_that_ends_at_its_limit_has_a_plan_also_where_what_is_held_is_too_little():
    inventory = {"birch_log": 5, "stone_pickaxe": 1, "iron_pickaxe": 1, "crafting_table": 1, "oak_slab": 30, "stick": 1}
    around = ["iron_ore", "stone", "oak_log", "cobblestone", "deepslate", "dirt", "gravel"]
    answer = plan("bucket", 16, inventory, around, T, stations=["furnace"], limit=100)
    assert replay(answer, inventory, {"furnace"})["bucket"] >= 16
