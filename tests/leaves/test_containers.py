"""Chests, pockets, and what is thrown away."""

from __future__ import annotations

import asyncio

import pytest
from tests.leaves.conftest import code, shown

from conscious_bot.leaves.containers import surplus
from conscious_bot.leaves.run_state import RunState
from conscious_bot.world.state import Inventory, ItemStack


@pytest.mark.requirement("LEAF-11")
def test_items_go_into_a_chest_and_come_out_again(stage) -> None:
    async def script(s):
        chest = s.at(6, 0, 2)
        await s.set(chest, "chest")
        await s.give("dirt", 40)
        run = RunState()
        opened = await s.run("open_container", pos=list(chest), state=run)
        into = await s.run("transfer_items", item="dirt", count=30, direction="deposit", state=run)
        looked = await s.run("open_container", pos=list(chest), state=run)
        out = await s.run("transfer_items", item="dirt", direction="withdraw", state=run)
        empty = await s.run("transfer_items", item="dirt", direction="withdraw", state=run)
        closed = await s.run("close_container", state=run)
        return (
            opened,
            into,
            looked,
            out,
            empty,
            closed,
            await s.run("transfer_items", item="dirt", direction="deposit", state=run),
        )

    opened, into, looked, out, empty, closed, forgot = stage.play(script)
    assert shown(opened).observables["output"]["contents"] == {}
    assert opened.observables["output"]["freeSlots"] == 27
    assert shown(into).observables["difference"]["inventory"] == {"dirt": -30}
    assert shown(looked).observables["output"]["contents"] == {"dirt": 30}
    assert shown(out).observables["difference"]["inventory"] == {"dirt": 30}
    assert code(empty) == "container.missing"
    assert shown(closed).changed is False
    assert code(forgot) == "effects_unmet.precond_missing"
    assert stage.body.state().window is None
    assert stage.carried("dirt") == 40


@pytest.mark.requirement("LEAF-11", "LEAF-05")
def test_containers_fail_with_the_right_code(stage) -> None:
    async def script(s):
        chest, far = s.at(2, 0, 0), s.at(3, 0, 3)
        await s.set(chest, "chest")
        await s.set((chest[0], chest[1] + 1, chest[2]), "stone")
        none = await s.run("open_container", pos=list(far))
        blocked = await s.run("open_container", pos=list(chest))
        lacking = await s.run("transfer_items", pos=list(chest), item="dirt", count=2, direction="deposit")
        unknown = await s.run("transfer_items", pos=list(chest), item="nonsense", direction="deposit")
        return none, blocked, lacking, unknown

    none, blocked, lacking, unknown = stage.play(script)
    assert code(none) == "container.none"
    assert code(blocked) == "container.blocked"
    assert code(lacking) == "inventory.missing"
    assert code(unknown) == "step.badArgs"


@pytest.mark.requirement("LEAF-11")
def test_a_furnace_takes_fuel_in_its_own_slot(stage) -> None:
    async def script(s):
        furnace = s.at(2, 0, 0)
        await s.set(furnace, "furnace")
        await s.give("coal", 4)
        put = await s.run("transfer_items", pos=list(furnace), item="coal", direction="deposit", part="fuel")
        return put, await s.run("transfer_items", pos=list(furnace), item="coal", direction="withdraw", part="fuel")

    put, back = stage.play(script)
    assert shown(put).observables["output"]["parts"] == {"fuel": ["coal", 4]}
    assert shown(back).observables["output"]["moved"] == 4


@pytest.mark.requirement("LEAF-09")
def test_what_is_tossed_lies_about_afterwards(stage) -> None:
    async def script(s):
        await s.give("stick", 10)
        result = await s.run("toss", item="stick", count=4)
        lying = sum(e.stack.count for e in await s.body.entities(10) if e.stack)
        return result, lying, await s.run("toss", item="stick", count=40)

    result, lying, too_many = stage.play(script)
    assert shown(result).changed
    assert lying == 4
    assert stage.carried("stick") == 6
    assert code(too_many) == "inventory.missing"


@pytest.mark.requirement("LEAF-11")
def test_room_is_made_by_putting_away_what_can_be_spared(stage) -> None:
    async def script(s):
        enough = await s.run("manage_inventory", freeSlots=4)
        chest = s.at(2, 0, 0)
        await s.set(chest, "chest")
        await s.give("cobblestone", 64 * 24)
        await s.give("iron_pickaxe")
        await s.give("wooden_pickaxe")
        stored = await s.run("manage_inventory", freeSlots=20, pos=list(chest))
        await s.give("oak_log", 64 * 40)
        return enough, stored, await s.run("manage_inventory", freeSlots=4)

    enough, stored, full = stage.play(script)
    assert shown(enough).changed is False
    assert shown(stored).observables["output"]["removed"]["wooden_pickaxe"] == 1
    assert stored.observables["output"]["freeSlots"] >= 20
    assert code(full) == "inventory.full"


def test_the_best_tool_and_a_stack_of_each_block_are_never_surplus(tables) -> None:
    stacks = [ItemStack("dirt", 64), ItemStack("dirt", 3), ItemStack("iron_axe", 1), ItemStack("stone_axe", 1)]
    inventory = Inventory((*stacks, *[None] * 32))
    assert surplus(inventory, tables) == {"dirt": 3, "stone_axe": 1}


@pytest.mark.requirement("LEAF-06")
def test_a_transfer_that_is_cancelled_leaves_no_window_open_and_loses_nothing(stage) -> None:
    async def script(s):
        chest = s.at(4, 0, 0)
        await s.set(chest, "chest")
        await s.give("dirt", 40)
        totals = []
        for step in range(24):
            direction = "deposit" if s.carried("dirt") >= 20 else "withdraw"
            job = asyncio.ensure_future(
                s.run("transfer_items", pos=list(chest), item="dirt", count=20, direction=direction)
            )
            await asyncio.sleep(0.05 * (step % 8))
            if job.cancel():
                await asyncio.gather(job, return_exceptions=True)
            assert s.body.state().window is None
            inside = await s.run("open_container", pos=list(chest))
            totals.append(s.carried("dirt") + shown(inside).observables["output"]["contents"].get("dirt", 0))
        return totals

    assert set(stage.play(script)) == {40}
