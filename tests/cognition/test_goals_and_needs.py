from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conscious_bot.cognition.goals import Goal, Suppression, choose_goal
from conscious_bot.cognition.needs import Need, needs_of
from conscious_bot.game.tables import Tables
from conscious_bot.world.region import VoxelRegion
from conscious_bot.world.snapshot import Snapshot
from conscious_bot.world.state import BodyState, EntityView, Inventory, ItemStack

TABLES = Tables.builtin()


def snapshot(
    *items: tuple[str, int], health: float = 20.0, food: int = 20, blocks: str = "air", hostiles: int = 0
) -> Snapshot:
    slots = [ItemStack(item, count) for item, count in items]
    inventory = Inventory((*slots, *([None] * (36 - len(slots)))))
    state = BodyState(
        position=(0.5, 64.0, 0.5), yaw=0, pitch=0, velocity=(0, 0, 0), on_ground=True, in_water=False, in_lava=False,
        health=health, food=food, saturation=5, air=300, alive=True, game_mode="survival", dimension="overworld",
        selected=0, inventory=inventory, time_of_day=0, age=0, raining=False, moving=False,
    )  # fmt: skip
    region = VoxelRegion((0, 60, 0), np.full((4, 4, 4), TABLES.state_of(blocks), dtype=np.uint16))
    entities = tuple(EntityView(i, "zombie", (3.0, 64.0, 0.5)) for i in range(hostiles))
    return Snapshot(0.0, state, region, entities, TABLES)


@pytest.mark.requirement("MIND-03")
def test_with_nothing_the_first_need_is_a_wooden_pickaxe_and_it_says_why():
    first = needs_of(snapshot())[0]
    assert (first.kind, first.goal) == ("tools", "get 1 wooden_pickaxe")
    assert "no wooden pickaxe" in first.reason


@pytest.mark.requirement("MIND-03")
def test_tools_are_wanted_in_the_order_in_which_they_pay_off():
    assert needs_of(snapshot(("wooden_pickaxe", 1)))[0].goal == "get 1 stone_pickaxe"
    tools = [("stone_pickaxe", 1), ("stone_axe", 1), ("stone_sword", 1)]
    assert "get 1 stone_shovel" in [need.goal for need in needs_of(snapshot(*tools))]


@pytest.mark.requirement("MIND-03")
def test_wood_is_asked_for_as_the_kind_that_stands_at_hand():
    wood = next(need for need in needs_of(snapshot(blocks="birch_log")) if need.kind == "wood")
    assert wood.goal == "get 16 birch_log"


@pytest.mark.requirement("MIND-02")
def test_wounds_and_hostiles_raise_safety_and_hunger_raises_food():
    calm = {need.kind: need.level for need in needs_of(snapshot())}
    tense = {need.kind: need.level for need in needs_of(snapshot(health=8, food=6, hostiles=2))}
    assert (calm["safety"], calm["food"]) == (0, 0)
    assert tense["safety"] == pytest.approx(0.6)
    assert tense["food"] == pytest.approx(0.7)


@pytest.mark.requirement("MIND-05")
def test_there_always_is_a_goal_people_first_then_the_interrupted_then_needs_then_exploring():
    asked = Goal("get 1 stick", "user", "asked", 1.0)
    kept = Goal("get 2 stick", "memory", "interrupted", 0.5)
    needs = (Need("tools", 0.7, "none", "get 1 wooden_pickaxe"),)
    assert choose_goal([asked], kept, needs, {}) is asked
    assert choose_goal([], kept, needs, {}) is kept
    assert choose_goal([], None, needs, {}).text == "get 1 wooden_pickaxe"
    assert choose_goal([], None, needs, {"get 1 wooden_pickaxe": 99.0}).text == "explore"
    assert choose_goal([], None, (), {}).text == "explore"


def test_a_goal_that_keeps_failing_alike_is_left_alone_for_a_while():
    breaker = Suppression()
    assert not breaker.failed("get 1 x", "sense.notFound", 0.0)
    assert not breaker.failed("get 1 x", "path.stuck", 1.0)
    assert not breaker.failed("get 1 x", "sense.notFound", 2.0)
    assert breaker.failed("get 1 x", "sense.notFound", 3.0)
    assert "get 1 x" in breaker.active(602.0)
    assert not breaker.active(604.0)


def test_failures_long_apart_do_not_count_together():
    breaker = Suppression()
    assert not any(breaker.failed("g", "c", at) for at in (0.0, 301.0, 602.0, 903.0))


@pytest.mark.requirement("MIND-03")
def test_hunger_becomes_a_goal_when_there_is_something_fit_to_eat():
    def food(*items: tuple[str, int], level: int) -> Need:
        return next(need for need in needs_of(snapshot(*items, food=level)) if need.kind == "food")

    assert food(("bread", 1), level=14).goal == "eat"
    assert needs_of(snapshot(("bread", 1), food=14))[0].kind == "food"
    assert food(("bread", 1), level=15).goal is None
    assert food(("pufferfish", 1), level=4).goal != "eat"


@pytest.mark.requirement("MIND-03", "PLAN-09")
@pytest.mark.parametrize(("food", "meal"), [(12, "cooked_mutton"), (5, "mutton")])
def test_hunger_with_nothing_to_eat_is_for_the_nearest_animals_meat_raw_if_there_is_no_time(food: int, meal: str):
    seen = snapshot(food=food)
    herd = (EntityView(1, "cow", (9.0, 64.0, 0.5)), EntityView(2, "sheep", (4.0, 64.0, 0.5)))
    hungry = next(n for n in needs_of(replace(seen, entities=herd)) if n.kind == "food")
    assert hungry.goal == f"get 3 {meal}"
    alone = next(n for n in needs_of(replace(seen, entities=())) if n.kind == "food")
    assert alone.goal == "explore"
