"""Eating: what wastes least, never what harms, and not without hunger."""

from __future__ import annotations

import asyncio

import pytest

from conscious_bot.game.tables import Tables
from conscious_bot.simulation import state as columns
from conscious_bot.world.food import food_to_eat
from conscious_bot.world.state import Inventory, ItemStack

TABLES = Tables.builtin()


def code(result) -> str:
    assert result.error is not None, result
    return str(result.error.code)


def hungry(s, food: int) -> None:
    """Set the food level, which no command of the game does."""
    player = s.body.player()
    s.world.arrays.pi[player.index, columns.PI_FOOD] = food


def choice(food: int, *items: str) -> str | None:
    slots = [ItemStack(item, 1) for item in items]
    return food_to_eat(Inventory((*slots, *([None] * (36 - len(slots))))), food, TABLES)


@pytest.mark.requirement("LEAF-07")
def test_eating_takes_one_of_the_food_and_fills_the_bar(stage) -> None:
    async def script(s):
        await s.give("cooked_beef", 2)
        hungry(s, 10)
        return await s.run("consume_food")

    result = stage.play(script)
    assert result.ok, result
    assert result.observables["difference"]["inventory"] == {"cooked_beef": -1}
    assert result.observables["output"] == {"item": "cooked_beef", "food": 18, "foodBefore": 10}


@pytest.mark.requirement("LEAF-05")
def test_without_food_without_hunger_and_with_no_food_at_all_nothing_is_touched(stage) -> None:
    async def script(s):
        hungry(s, 10)
        none = await s.run("consume_food")
        await s.give("pufferfish", 1)
        await s.give("stone", 1)
        harmful = await s.run("consume_food")
        unknown = await s.run("consume_food", item="bread")
        stone = await s.run("consume_food", item="stone")
        await s.give("bread", 1)
        hungry(s, 20)
        full = await s.run("consume_food")
        return none, harmful, unknown, stone, full

    results = stage.play(script)
    assert [code(r) for r in results] == [
        "inventory.missing",
        "inventory.missing",
        "inventory.missing",
        "use.notFood",
        "use.notHungry",
    ]
    assert all(r.observables["commands"] == 0 for r in results)
    assert stage.carried("bread") == 1


@pytest.mark.requirement("LEAF-07")
def test_a_meal_cut_short_leaves_the_food_whole(stage) -> None:
    async def script(s):
        await s.give("bread", 1)
        hungry(s, 10)
        job = asyncio.ensure_future(s.run("consume_food"))
        await asyncio.sleep(0.8)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert s.carried("bread") == 1
        await asyncio.sleep(2)
        assert s.carried("bread") == 1

    stage.play(script)


def test_the_food_that_wastes_least_is_chosen_and_what_harms_is_not() -> None:
    assert choice(17, "cooked_beef", "melon_slice", "bread") == "melon_slice"
    assert choice(10, "cooked_beef", "apple") == "cooked_beef"
    assert choice(10, "golden_apple", "rotten_flesh", "apple") == "apple"
    assert choice(10, "rotten_flesh", "chicken") in {"rotten_flesh", "chicken"}
    assert choice(10, "spider_eye", "pufferfish", "poisonous_potato", "stick") is None
