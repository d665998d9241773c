"""What a body can do with blocks and items, how long it takes, and how it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from conscious_bot.body.port import Hands
from conscious_bot.contracts import ActionFailed
from conscious_bot.game.tables import Recipe, Tables
from conscious_bot.world.region import UNKNOWN, Box
from conscious_bot.world.state import ItemStack


def recipe(tables: Tables, result: str, **ingredients: int) -> Recipe:
    return next(r for r in tables.recipes[result] if dict(r.ingredients) == ingredients)


async def timed(action: Awaitable[None]) -> int:
    loop = asyncio.get_running_loop()
    started = loop.time()
    await action
    return round((loop.time() - started) * 20)


async def code_of(action: Awaitable[object]) -> str:
    with pytest.raises(ActionFailed) as failed:
        await action
    return str(failed.value.code)


async def settle(stage) -> tuple[int, int, int]:
    await asyncio.sleep(1)
    return stage.feet()


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize(
    ("block", "tool", "ticks"),
    [
        ("dirt", None, 15),
        ("dirt", "wooden_shovel", 8),
        ("oak_log", None, 60),
        ("oak_log", "wooden_axe", 30),
        ("stone", None, 150),
        ("stone", "wooden_pickaxe", 23),
        ("stone", "stone_pickaxe", 12),
        ("iron_ore", "stone_pickaxe", 23),
        ("obsidian", "diamond_pickaxe", 188),
    ],
)
def test_digging_takes_the_games_time(stage, block: str, tool: str | None, ticks: int) -> None:
    """Minecraft Wiki, "Breaking" and the blocks' own pages, seconds times 20."""

    async def script(hands: Hands) -> int:
        x, y, z = await settle(stage)
        await stage.operator.command(f"setblock {x + 2} {y} {z} {block}")
        if tool:
            await stage.operator.command(f"give Bot {tool}")
            await hands.equip(tool, "hand")
        return await timed(hands.dig((x + 2, y, z)))

    assert stage.play(script) == ticks


def test_digging_while_swimming_takes_longer(stage) -> None:
    """Minecraft Wiki, "Breaking": a fifth of the speed in water, a fifth off the ground."""

    async def script(hands: Hands) -> int:
        x, y, z = await settle(stage)
        await stage.operator.command(f"fill {x - 3} {y} {z - 3} {x + 3} {y + 1} {z + 3} water")
        await stage.operator.command(f"setblock {x + 1} {y} {z} dirt")
        await asyncio.sleep(2)
        return await timed(hands.dig((x + 1, y, z)))

    assert stage.play(script) == 75


@pytest.mark.requirement("WORLD-02")
def test_a_block_dug_with_the_right_tool_is_gone_drops_and_wears_the_tool(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = await settle(stage)
        await stage.operator.command(f"fill {x + 1} {y} {z} {x + 2} {y} {z} stone")
        await hands.dig((x + 1, y, z))
        await asyncio.sleep(2)
        assert stage.body.state().inventory.counts() == {}  # a bare hand gets no cobblestone
        await stage.operator.command("give Bot wooden_pickaxe")
        await hands.equip("wooden_pickaxe", "hand")
        await hands.dig((x + 2, y, z))
        await asyncio.sleep(2)
        for pos in ((x + 1, y, z), (x + 2, y, z)):
            assert stage.world.voxels.get(pos) == 0

    stage.play(script)
    assert stage.body.state().held == ItemStack("wooden_pickaxe", 1, 1)
    assert "block" in stage.kinds()


def test_a_tool_breaks_when_it_is_used_up(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = await settle(stage)
        inventory = stage.world.players[0].inventory
        inventory.add(ItemStack("wooden_pickaxe", 1, 58))
        await stage.operator.command(f"setblock {x + 1} {y} {z} stone")
        await hands.dig((x + 1, y, z))

    stage.play(script)
    assert stage.body.state().inventory.count("wooden_pickaxe") == 0


@pytest.mark.requirement("WORLD-02")
def test_a_cancelled_dig_leaves_the_block_and_starts_anew_next_time(stage) -> None:
    async def script(hands: Hands) -> int:
        x, y, z = await settle(stage)
        await stage.operator.command(f"setblock {x + 2} {y} {z} oak_log")
        dig = asyncio.create_task(hands.dig((x + 2, y, z)))
        await asyncio.sleep(2.9)
        dig.cancel()
        await asyncio.gather(dig, return_exceptions=True)
        await stage.body.stop()
        await asyncio.sleep(5)
        assert stage.world.tables.name_of(stage.world.voxels.get((x + 2, y, z))) == "oak_log"
        return await timed(hands.dig((x + 2, y, z)))

    assert stage.play(script) == 60


def test_digging_fails_with_its_codes(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = await settle(stage)
        assert await code_of(hands.dig((x + 3, y + 1, z))) == "dig.blockChanged"  # air
        assert await code_of(hands.dig((x, -64, z))) == "dig.blockChanged"  # bedrock
        await stage.operator.command(f"setblock {x + 6} {y} {z} dirt")
        assert await code_of(hands.dig((x + 6, y, z))) == "dig.outOfReach"
        assert await code_of(hands.dig((x + 6000, y, z))) == "dig.outOfReach"
        await stage.operator.command(f"setblock {x + 2} {y} {z} oak_log")
        dig = asyncio.create_task(hands.dig((x + 2, y, z)))
        await asyncio.sleep(1)
        await stage.operator.command(f"setblock {x + 2} {y} {z} stone")
        assert await code_of(dig) == "dig.blockChanged"
        dig = asyncio.create_task(hands.dig((x + 2, y, z)))
        await asyncio.sleep(1)
        await stage.operator.command(f"tp Bot {x + 20} {y} {z}")
        assert await code_of(dig) == "dig.outOfReach"

    stage.play(script)


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize(
    ("item", "face", "expected"),
    [
        ("oak_log", "up", {"axis": "y"}),
        ("oak_log", "east", {"axis": "x"}),
        ("furnace", "up", {"facing": "west"}),
        ("torch", "up", {}),
        ("torch", "west", {"facing": "west"}),
        ("oak_stairs", "up", {"facing": "east", "half": "bottom"}),
        ("oak_slab", "down", {"type": "top"}),
        ("crafting_table", "west", {}),
    ],
)
def test_a_placed_block_faces_as_in_the_game(stage, item: str, face: str, expected: dict[str, str]) -> None:
    async def script(hands: Hands) -> dict[str, str]:
        x, y, z = await settle(stage)
        against = (x + 3, y + 2, z) if face == "down" else (x + 3, y, z)
        await stage.operator.command("setblock {} {} {} stone".format(*against))
        await stage.operator.command(f"give Bot {item} 2")
        await hands.equip(item, "hand")
        await hands.look_at((x + 10.0, y + 1.62, z + 0.5))
        await hands.place(against, face)
        offset = {"up": (0, 1, 0), "down": (0, -1, 0), "east": (1, 0, 0), "west": (-1, 0, 0)}[face]
        target = tuple(a + o for a, o in zip(against, offset, strict=True))
        state = stage.world.voxels.get(target)
        assert stage.world.tables.name_of(state).removeprefix("wall_") in (item, item)
        assert stage.body.state().inventory.count(item) == 1
        return stage.world.tables.properties_of(state)

    found = stage.play(script)
    assert expected.items() <= found.items()


def test_placing_fails_with_its_codes_and_keeps_the_item(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = await settle(stage)
        assert await code_of(hands.place((x + 1, y - 1, z), "up")) == "inventory.missing"
        await stage.operator.command("give Bot stick")
        await hands.equip("stick", "hand")
        assert await code_of(hands.place((x + 1, y - 1, z), "up")) == "inventory.missing"
        await stage.operator.command("give Bot stone")
        await hands.equip("stone", "hand")
        await stage.operator.command(f"setblock {x} {y + 2} {z} stone")
        assert await code_of(hands.place((x, y - 1, z), "up")) == "place.occupied"  # the body stands there, no room
        await stage.operator.command(f"setblock {x} {y + 2} {z} air")
        assert await code_of(hands.place((x + 2, y + 2, z), "up")) == "place.invalidFace"
        assert await code_of(hands.place((x + 7, y - 1, z), "up")) == "place.outOfReach"
        assert await code_of(hands.place((x + 1, y - 2, z), "up")) == "place.occupied"
        await stage.operator.command("give Bot oak_sapling")
        await stage.operator.command(f"setblock {x + 2} {y - 1} {z} stone")
        await hands.equip("oak_sapling", "hand")
        assert await code_of(hands.place((x + 2, y - 1, z), "up")) == "place.invalidFace"
        await hands.place((x + 1, y - 1, z), "up")

    stage.play(script)
    assert stage.body.state().inventory.counts() == {"stick": 1, "stone": 1}


def test_a_block_for_the_cell_of_the_feet_is_placed_in_a_jump(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = await settle(stage)
        await stage.operator.command("give Bot stone 3")
        for height in range(3):
            await hands.place((x, y - 1 + height, z), "up")
            await asyncio.sleep(0.5)
            assert stage.body.state().block == (x, y + height + 1, z)
        await stage.body.stop()

    stage.play(script)
    assert stage.body.state().inventory.counts() == {}
    assert stage.body.state().health == 20


def test_a_block_is_placed_instead_of_grass_and_into_water(stage) -> None:
    async def script(hands: Hands) -> list[str]:
        x, y, z = await settle(stage)
        grass = "short_grass" if "short_grass" in stage.world.tables.blocks else "grass"
        await stage.operator.command(f"setblock {x + 2} {y} {z} {grass}")
        await stage.operator.command(f"setblock {x} {y} {z + 2} water")
        await stage.operator.command("give Bot stone 2")
        await hands.place((x + 2, y, z), "up")
        await hands.place((x, y - 1, z + 2), "up")
        cells = [(x + 2, y, z), (x, y, z + 2)]
        return [stage.world.tables.name_of(stage.world.voxels.get(cell)) for cell in cells]

    assert stage.play(script) == ["stone", "stone"]


@pytest.mark.requirement("WORLD-02")
def test_crafting_in_the_hand_and_at_a_table_from_a_log_to_a_pickaxe(stage, tables: Tables) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = await settle(stage)
        await stage.operator.command("give Bot oak_log 3")
        await hands.craft(recipe(tables, "oak_planks", oak_log=1), 3, None)
        await hands.craft(recipe(tables, "crafting_table", oak_planks=4), 1, None)
        await hands.craft(recipe(tables, "stick", oak_planks=2), 1, None)
        pickaxe = recipe(tables, "wooden_pickaxe", oak_planks=3, stick=2)
        assert await code_of(hands.craft(pickaxe, 1, None)) == "craft.noWorkstation"
        assert await code_of(hands.craft(pickaxe, 1, (x + 1, y, z))) == "craft.noWorkstation"
        await hands.equip("crafting_table", "hand")
        await hands.place((x + 1, y - 1, z), "up")
        await hands.craft(pickaxe, 2, (x + 1, y, z))
        assert await code_of(hands.craft(pickaxe, 1, (x + 1, y, z))) == "craft.missingInput"

    stage.play(script)
    assert stage.body.state().inventory.counts() == {"wooden_pickaxe": 2}


def test_a_recipe_that_the_version_lacks_is_refused(stage) -> None:
    async def script(hands: Hands) -> str:
        await stage.operator.command("give Bot dirt 9")
        return await code_of(hands.craft(Recipe("diamond", 1, (("dirt",),), shapeless=True), 1, None))

    assert stage.play(script) == "craft.noRecipe"


def test_crafting_without_room_for_the_result_loses_nothing(stage, tables: Tables) -> None:
    async def script(hands: Hands) -> str:
        await stage.operator.command("give Bot oak_log 2")
        await stage.operator.command(f"give Bot dirt {35 * 64}")
        return await code_of(hands.craft(recipe(tables, "oak_planks", oak_log=1), 1, None))

    assert stage.play(script) == "inventory.full"
    assert stage.body.state().inventory.counts() == {"oak_log": 2, "dirt": 35 * 64}


def test_tossed_items_lie_in_the_world_and_are_not_picked_up_at_once(stage) -> None:
    async def script(hands: Hands) -> None:
        await settle(stage)
        await stage.operator.command("give Bot dirt 70")
        await hands.toss("dirt", 66)
        assert await code_of(hands.toss("dirt", 5)) == "inventory.missing"
        assert stage.body.state().inventory.counts() == {"dirt": 4}
        seen = await stage.body.entities(8)
        assert sorted(view.stack.count for view in seen if view.stack) == [2, 64]
        assert [view.kind for view in seen] == ["item", "item"]

    stage.play(script)


def test_equipping_takes_the_least_worn_and_unequipping_frees_the_hand(stage) -> None:
    async def script(hands: Hands) -> None:
        await settle(stage)
        inventory = stage.world.players[0].inventory
        inventory.add(ItemStack("stone_pickaxe", 1, 50))
        inventory.slots[20] = ItemStack("stone_pickaxe", 1, 3)
        await hands.equip("stone_pickaxe", "hand")
        assert stage.body.state().held == ItemStack("stone_pickaxe", 1, 3)
        await hands.unequip()
        assert stage.body.state().held is None
        await stage.operator.command("give Bot iron_helmet")
        await hands.equip("iron_helmet", "head")
        assert stage.body.state().inventory.worn == {"head": ItemStack("iron_helmet", 1)}
        assert await code_of(hands.equip("iron_helmet", "feet")) == "step.badArgs"
        assert await code_of(hands.equip("diamond", "hand")) == "inventory.missing"
        await stage.operator.command(f"give Bot dirt {36 * 64}")
        await hands.equip("stone_pickaxe", "hand")
        assert await code_of(hands.unequip()) == "inventory.full"

    stage.play(script)


def test_the_hands_are_given_out_once(stage) -> None:
    stage.body.claim_hands()
    with pytest.raises(RuntimeError, match="the only door"):
        stage.body.claim_hands()


def test_a_body_does_one_thing_at_a_time(stage) -> None:
    async def script(hands: Hands) -> str:
        x, y, z = await settle(stage)
        dig = asyncio.create_task(hands.dig((x + 1, y - 1, z)))
        await asyncio.sleep(0.1)
        code = await code_of(hands.look_at((0.0, 0.0, 0.0)))
        await dig
        return code

    assert stage.play(script) == "limit.concurrency"


def test_stop_ends_what_another_task_waits_for(stage) -> None:
    async def script(hands: Hands) -> str:
        x, y, z = await settle(stage)
        dig = asyncio.create_task(code_of(hands.dig((x + 1, y - 1, z))))
        await asyncio.sleep(0.1)
        await stage.body.stop()
        return await dig

    assert stage.play(script) == "step.cancelled"


def test_death_ends_what_is_under_way_and_forbids_the_rest(stage) -> None:
    async def script(hands: Hands) -> list[str]:
        x, y, z = await settle(stage)
        await stage.operator.command(f"tp Bot {x} {y + 60} {z}")
        look = asyncio.create_task(code_of(_forever(hands)))
        first = await look
        return [first, await code_of(hands.dig((x, y - 1, z)))]

    async def _forever(hands: Hands) -> None:
        while True:
            await hands.look_at((0.0, 0.0, 0.0))

    assert stage.play(script) == ["body.dead", "body.dead"]


def test_a_closed_body_is_disconnected_and_may_come_back_where_it_left(stage) -> None:
    async def script(hands: Hands) -> None:
        x, y, z = await settle(stage)
        await stage.operator.command(f"tp Bot {x + 5} {y} {z}")
        await stage.body.close()
        await stage.body.close()
        assert await code_of(hands.dig((x, y - 1, z))) == "body.disconnected"
        assert await code_of(stage.body.observe()) == "body.disconnected"
        await stage.body.open()
        assert stage.feet() == (x + 5, y, z)

    stage.play(script)


def test_chat_is_heard_and_a_players_slash_command_is_refused_by_the_server(stage) -> None:
    async def script(hands: Hands) -> None:
        await hands.chat("hello")
        await hands.chat("/give Bot diamond 64")
        await asyncio.sleep(0.1)

    stage.play(script)
    said = [(event.data["sender"], event.data["text"]) for event in stage.events if event.kind.value == "chat"]
    assert said[0] == ("Bot", "hello")
    assert said[1][0] is None
    assert stage.body.state().inventory.counts() == {}


def test_blocks_are_found_nearest_first_and_scans_say_what_is_not_loaded(stage) -> None:
    async def script(_: Hands) -> None:
        x, y, z = await settle(stage)
        for pos in ((x + 3, y, z), (x, y, z - 2), (x, y + 2, z)):
            await stage.operator.command("setblock {} {} {} oak_log".format(*pos))
        assert await stage.body.find_blocks(["oak_log"], 16, 2) == [(x, y, z - 2), (x, y + 2, z)]
        assert await stage.body.find_blocks(["no_such_block"], 16, 2) == []
        region = await stage.body.scan(Box((x, y, z), (x + 300, y, z)))
        assert region.state((x + 3, y, z)) == stage.world.tables.state_of("oak_log")
        assert region.state((x + 300, y, z)) == UNKNOWN
        assert await code_of(stage.body.scan(Box((0, 0, 0), (1000, 63, 100)))) == "sense.apiError"

    stage.play(script)


@pytest.mark.requirement("WORLD-01", "SRV-09")
def test_one_that_is_thrown_out_hears_why_and_comes_back_by_itself_as_on_a_server(stage) -> None:
    async def script(hands: Hands) -> tuple[str, str, str]:
        x, y, z = await settle(stage)
        await stage.operator.command("give Bot bread 3")
        await stage.operator.command(f"setblock {x + 1} {y} {z} obsidian")
        dig = asyncio.ensure_future(hands.dig((x + 1, y, z)))
        await asyncio.sleep(1)
        await stage.operator.command("kick Bot no flying here")
        broken_off = await code_of(dig)
        away = await code_of(stage.body.observe())
        stopping = await code_of(stage.body.stop())
        await asyncio.sleep(2)
        assert (await stage.body.observe()).inventory.count("bread") == 3
        assert (await stage.body.observe()).block == (x, y, z)
        await hands.look_at((x, y + 1.0, z + 5.0))
        return broken_off, away, stopping

    assert stage.play(script) == ("body.disconnected",) * 3
    told = [kind for kind in stage.kinds() if kind in {"kicked", "disconnected", "spawned", "reconnected"}]
    assert told == ["kicked", "disconnected", "spawned", "reconnected"]
    assert next(e.data["reason"] for e in stage.events if e.kind.value == "kicked") == "no flying here"


def test_one_that_was_thrown_out_and_closed_does_not_come_back(stage) -> None:
    async def script(hands: Hands) -> None:
        await settle(stage)
        await stage.operator.command("kick Bot")
        await stage.body.close()
        await asyncio.sleep(5)
        assert await code_of(stage.body.observe()) == "body.disconnected"

    stage.play(script)
