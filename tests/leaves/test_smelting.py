"""Smelting: checked before the furnace is opened, taken out as it comes, and nothing is lost on any way out."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from conscious_bot.game.tables import Tables
from conscious_bot.leaves.smelting import fuel_for
from conscious_bot.simulation.storage import Storage
from conscious_bot.world.state import FurnaceView

TABLES = Tables.builtin()


def code(result) -> str:
    assert result.error is not None, result
    return str(result.error.code)


async def kitchen(s, **items: int):
    """A furnace beside the bot, and these items in its slots."""
    pos = s.at(2, 0, 0)
    await s.set(pos, "furnace")
    for item, count in items.items():
        await s.give(item, count)
    await asyncio.sleep(0.2)
    return pos


def lying(s, pos, item: str) -> int:
    """How many of an item lie in the furnace."""
    furnace = s.world.storage.furnace(pos)
    return sum(stack.count for stack in (furnace.input, furnace.fuel, furnace.output) if stack and stack.item == item)


@pytest.mark.requirement("LEAF-07", "LEAF-10")
def test_raw_iron_becomes_ingots_in_the_game_s_time_with_the_results_in_the_slots(stage) -> None:
    async def script(s):
        await kitchen(s, raw_iron=3, coal=2)
        return await s.run("smelt", input="raw_iron", qty=3)

    result = stage.play(script)
    assert result.ok, result
    assert result.observables["difference"]["inventory"] == {"coal": -1, "iron_ingot": 3, "raw_iron": -3}
    assert result.observables["output"]["fuel"] == {"coal": 1}
    assert 30 <= result.ended_at - result.started_at < 35
    assert stage.body.state().window is None


@pytest.mark.requirement("LEAF-07")
def test_a_flame_that_a_server_tells_of_late_is_waited_for(stage, monkeypatch) -> None:
    shown, since = Storage.view, []

    def late(storage, window):
        """The fuel is taken at once, and for a second nothing is said of the flame."""
        view = shown(storage, window)
        if not isinstance(view, FurnaceView) or (view.fuel is None and not view.burning):
            return view
        since.append(stage.world.now())
        return replace(view, fuel=None, burning=0) if since[-1] - since[0] < 1 else view

    monkeypatch.setattr(Storage, "view", late)

    async def script(s):
        await kitchen(s, raw_iron=1, coal=1)
        return await s.run("smelt", input="raw_iron", qty=1)

    result = stage.play(script)
    assert result.ok, result
    assert result.observables["difference"]["inventory"] == {"coal": -1, "iron_ingot": 1, "raw_iron": -1}


@pytest.mark.requirement("LEAF-07", "LEAF-05")
def test_what_lacks_is_named_before_the_furnace_is_opened(stage) -> None:
    async def script(s):
        await kitchen(s, raw_iron=2, wooden_pickaxe=1)
        few = await s.run("smelt", input="raw_iron", qty=3)
        cold = await s.run("smelt", input="raw_iron", qty=2)
        named = await s.run("smelt", input="raw_iron", fuel="coal", qty=2)
        stone = await s.run("smelt", input="raw_iron", fuel="stone", qty=2)
        nothing = await s.run("smelt", input="coal", qty=1)
        return few, cold, named, stone, nothing

    few, cold, named, stone, nothing = results = stage.play(script)
    assert [code(r) for r in results] == [
        "craft.missingInput",
        "craft.missingInput",
        "craft.missingInput",
        "step.badArgs",
        "craft.noRecipe",
    ]
    assert "1 more raw_iron" in few.error.detail
    assert "fuel for 400 ticks" in cold.error.detail
    assert "1 more coal as fuel" in named.error.detail
    assert all(r.observables["commands"] == 0 for r in (few, cold, named, stone, nothing))
    assert stage.carried("raw_iron") == 2
    assert stage.carried("wooden_pickaxe") == 1


@pytest.mark.requirement("LEAF-05")
def test_without_a_furnace_within_reach_there_is_no_smelting(stage) -> None:
    async def script(s):
        await s.give("raw_iron", 1)
        await s.give("coal", 1)
        return await s.run("smelt", input="raw_iron")

    assert code(stage.play(script)) == "craft.noWorkstation"


@pytest.mark.requirement("LEAF-07")
def test_smelting_cancelled_at_any_moment_leaves_no_window_open_and_loses_nothing(stage) -> None:
    async def script(s):
        rng = random.Random(5)
        pos = await kitchen(s, raw_iron=30, coal=10)
        for _ in range(6):
            # What is in the furnace stays there, and the next run goes on with it.
            wanted = min(4, s.carried("raw_iron"))
            job = asyncio.ensure_future(s.run("smelt", input="raw_iron", qty=wanted))
            await asyncio.sleep(rng.uniform(0, 25))
            assert job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
            assert s.body.state().window is None
            assert s.still()
            iron = sum(s.carried(item) + lying(s, pos, item) for item in ("raw_iron", "iron_ingot"))
            assert iron == 30
        return await s.run("smelt", input="raw_iron", qty=1)

    result = stage.play(script)
    assert result.ok, result


@pytest.mark.requirement("LEAF-07")
def test_what_another_run_left_in_the_furnace_comes_out(stage) -> None:
    async def script(s):
        await kitchen(s, raw_iron=2, sand=4, coal=2)
        job = asyncio.ensure_future(s.run("smelt", input="sand", qty=4))
        await asyncio.sleep(13)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        return await s.run("smelt", input="raw_iron", qty=2)

    result = stage.play(script)
    assert result.ok, result
    assert stage.carried("iron_ingot") == 2
    assert stage.carried("sand") + stage.carried("glass") == 4


def test_the_fuel_is_the_one_that_wastes_least_and_never_a_tool() -> None:
    assert fuel_for(TABLES, 600, {"coal": 3, "oak_planks": 8}) == [("oak_planks", 2)]
    assert fuel_for(TABLES, 1600, {"coal": 3, "oak_planks": 8}) == [("coal", 1)]
    assert fuel_for(TABLES, 400, {"wooden_pickaxe": 9, "bow": 1}) is None
    assert fuel_for(TABLES, 400, {"chest": 9, "stick": 4}) == [("stick", 4)]
    assert fuel_for(TABLES, 2000, {"coal": 1, "stick": 9}) == [("coal", 1), ("stick", 4)]
    assert fuel_for(TABLES, 600, {"stick": 5}) is None
