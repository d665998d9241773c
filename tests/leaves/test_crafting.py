"""Crafting, workstations, tools: transactions that are verified by the counts."""

from __future__ import annotations

import asyncio
import random

import pytest


def code(result) -> str:
    assert result.error is not None, result
    return str(result.error.code)


@pytest.mark.requirement("LEAF-07", "LEAF-10")
def test_crafting_grows_the_inventory_by_what_it_says(stage) -> None:
    async def script(s):
        await s.give("oak_log", 3)
        return await s.run("craft_recipe", recipe="oak_planks", qty=9)

    result = stage.play(script)
    assert result.ok
    assert result.observables["difference"]["inventory"] == {"oak_log": -3, "oak_planks": 12}
    assert result.observables["output"]["made"] == 12


@pytest.mark.requirement("LEAF-10")
def test_variants_of_a_recipe_are_used_together(stage) -> None:
    async def script(s):
        await s.give("oak_planks", 2)
        await s.give("birch_planks", 2)
        return await s.run("craft_recipe", recipe="stick", qty=8)

    result = stage.play(script)
    assert result.ok, result
    assert stage.carried("stick") == 8


@pytest.mark.requirement("LEAF-07", "LEAF-05")
def test_full_pockets_are_found_before_anything_is_touched(stage) -> None:
    async def script(s):
        await s.give("cobblestone", 64 * 35)
        await s.give("oak_planks", 64)
        full = await s.run("craft_recipe", recipe="stick")
        return full, await s.run("craft_recipe", recipe="stick", qty=4 * 32)

    one, all_of_them = stage.play(script)
    assert code(one) == "inventory.full"
    assert one.observables["commands"] == 0
    assert code(all_of_them) == "inventory.full"  # two stacks come of the one that goes


@pytest.mark.requirement("LEAF-07")
def test_what_the_inputs_leave_behind_is_room_enough(stage) -> None:
    async def script(s):
        await s.give("cobblestone", 64 * 35)
        await s.give("oak_planks", 2)
        return await s.run("craft_recipe", recipe="stick")

    assert stage.play(script).ok
    assert stage.carried("stick") == 4


@pytest.mark.requirement("LEAF-07", "LEAF-05")
def test_missing_input_is_found_before_anything_is_touched(stage) -> None:
    async def script(s):
        await s.give("oak_planks", 2)
        await s.give("stick", 2)
        return await s.run("craft_recipe", recipe="wooden_pickaxe")

    result = stage.play(script)
    assert code(result) == "craft.missingInput"
    assert "1 oak_planks" in result.error.detail
    assert result.observables["commands"] == 0
    assert stage.carried("oak_planks") == 2


@pytest.mark.requirement("LEAF-05")
def test_what_has_no_recipe_and_what_lacks_a_table_have_codes_of_their_own(stage) -> None:
    async def script(s):
        await s.give("oak_planks", 3)
        await s.give("stick", 2)
        return await s.run("craft_recipe", recipe="bedrock"), await s.run("craft_recipe", recipe="wooden_pickaxe")

    none, bare = stage.play(script)
    assert code(none) == "craft.noRecipe"
    assert code(bare) == "craft.noWorkstation"


@pytest.mark.requirement("LEAF-10")
def test_a_table_is_placed_once_and_used_again(stage) -> None:
    async def script(s):
        await s.give("crafting_table", 2)
        await s.give("oak_planks", 3)
        await s.give("stick", 2)
        first = await s.run("place_workstation", kind="crafting_table")
        again = await s.run("place_workstation", kind="crafting_table")
        made = await s.run("craft_recipe", recipe="wooden_pickaxe")
        return first, again, made

    first, again, made = stage.play(script)
    assert first.ok
    assert first.changed
    assert first.observables["output"]["reused"] is False
    assert again.ok
    assert not again.changed
    assert again.observables["output"] == {**first.observables["output"], "reused": True}
    assert made.ok, made
    assert stage.carried("crafting_table") == 1
    assert stage.carried("wooden_pickaxe") == 1


@pytest.mark.requirement("LEAF-10")
def test_a_table_nearby_is_walked_to(stage) -> None:
    async def script(s):
        await s.give("crafting_table")
        await s.set(s.at(6, 0, 0), "crafting_table")
        near = await s.run("place_workstation", kind="crafting_table")
        await s.run("move_to", pos=list(s.at(-20, 0, 0)))
        await s.operator.command("clear Bot crafting_table")
        return near, await s.run("place_workstation", kind="crafting_table")

    near, far = stage.play(script)
    assert near.ok
    assert near.observables["output"]["reused"] is True
    assert far.ok, far
    assert far.observables["output"] == near.observables["output"]


@pytest.mark.requirement("LEAF-10")
def test_in_a_tunnel_the_table_goes_into_a_niche_and_leaves_the_way_free(stage) -> None:
    async def script(s):
        x, y, z = s.feet
        await s.fill((x - 4, y - 1, z - 4), (x + 4, y + 4, z + 4), "stone")
        await s.fill((x - 3, y, z), (x + 3, y + 1, z), "air")
        await s.give("crafting_table")
        await s.give("wooden_pickaxe")
        await asyncio.sleep(0.5)
        return (x, y, z), await s.run("place_workstation", kind="crafting_table")

    (x, y, z), result = stage.play(script)
    assert result.ok, result
    for dx in range(-3, 4):
        assert stage.block((x + dx, y, z)) == "air"
        assert stage.block((x + dx, y + 1, z)) == "air"


@pytest.mark.requirement("LEAF-05")
def test_without_a_table_there_is_none_to_place(stage) -> None:
    result = stage.play(lambda s: s.run("place_workstation", kind="furnace"))
    assert code(result) == "inventory.missing"


@pytest.mark.requirement("LEAF-11")
def test_equip_tool_takes_the_best_of_a_kind_or_the_one_named(stage) -> None:
    async def script(s):
        await s.give("wooden_pickaxe")
        await s.give("stone_pickaxe")
        best = await s.run("equip_tool", kind="pickaxe")
        named = await s.run("equip_tool", item="wooden_pickaxe")
        again = await s.run("equip_tool", item="wooden_pickaxe")
        missing = await s.run("equip_tool", kind="pickaxe", minTier="iron")
        unknown = await s.run("equip_tool", item="nonsense")
        return best, named, again, missing, unknown

    best, named, again, missing, unknown = stage.play(script)
    assert best.observables["output"] == {"equipped": "stone_pickaxe"}
    assert named.ok
    assert named.changed
    assert again.ok
    assert not again.changed
    assert code(missing) == "inventory.missing"
    assert code(unknown) == "step.badArgs"
    assert stage.body.state().held.item == "wooden_pickaxe"


@pytest.mark.requirement("LEAF-07")
def test_crafting_cancelled_at_any_moment_neither_loses_nor_makes_an_item(stage) -> None:
    async def script(s):
        rng = random.Random(11)
        await s.give("oak_log", 40)
        for _ in range(20):
            job = asyncio.ensure_future(s.run("craft_recipe", recipe="oak_planks", qty=8))
            await asyncio.sleep(rng.uniform(0, 0.2))
            if job.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await job
            assert s.still()
            assert s.carried("oak_log") * 4 + s.carried("oak_planks") == 160

    stage.play(script)
