"""Set-up commands do what the game's do, or say what they cannot and change nothing."""

from __future__ import annotations

import asyncio

import pytest

from conscious_bot.contracts import UserError
from conscious_bot.simulation import state


def run(stage, *commands: str) -> None:
    async def script(_: object) -> None:
        for command in commands:
            await stage.operator.command(command)

    stage.play(script)


def test_give_and_clear(stage) -> None:
    run(
        stage,
        "/give Bot minecraft:coal 8",
        "give @p oak_log",
        "give Bot dirt 100",
        "clear Bot dirt 30",
        "clear @a coal",
    )
    assert stage.body.state().inventory.counts() == {"oak_log": 1, "dirt": 70}
    run(stage, "clear Bot")
    assert stage.body.state().inventory.counts() == {}


def test_what_finds_no_room_lies_at_the_players_feet(stage) -> None:
    run(stage, f"give Bot dirt {36 * 64 + 10}")
    assert [stack.count for _, stack, _, _ in stage.world.items()] == [10]


def test_tp_goes_to_the_middle_of_a_block_or_relative(stage) -> None:
    run(stage, "tp Bot 20 -40 7", "tp Bot ~1 ~-2.5 ~")
    x, y, z = stage.world.position_of(stage.world.players[0])
    assert (x, y, z) == (21.5, -42.5, 7.5)


def test_setblock_and_fill_with_states(stage) -> None:
    y = stage.floor
    run(stage, f"setblock 1 {y} 1 furnace[facing=east,lit=true]", f"fill 5 {y + 1} 3 3 {y} 4 minecraft:stone")
    state = stage.world.voxels.get((1, y, 1))
    assert stage.world.tables.properties_of(state) == {"facing": "east", "lit": "true"}
    stone = stage.world.tables.state_of("stone")
    assert all(stage.world.voxels.get((i, j, k)) == stone for i in (3, 4, 5) for j in (y, y + 1) for k in (3, 4))


def test_time(stage) -> None:
    run(stage, "time set night")
    assert stage.world.time_of_day == 13000
    run(stage, "time add 11500", "time set 1d")
    assert stage.world.time_of_day == pytest.approx(0, abs=5)
    run(stage, "time set 23990", "time add 5s")
    assert stage.world.time_of_day == pytest.approx(90, abs=5)


def test_fill_knows_the_games_ways(stage) -> None:
    y, world = stage.floor, stage.world
    name = world.tables.name_of
    run(
        stage,
        f"fill 0 {y} 0 4 {y + 4} 4 stone hollow",
        f"fill 0 {y} 0 0 {y} 4 dirt replace minecraft:stone",
        f"fill 1 {y + 1} 1 1 {y + 1} 3 oak_planks keep",
        f"fill 0 {y} 0 4 {y + 4} 4 glass outline",
        f"setblock 1 {y + 1} 1 dirt keep",
    )
    assert name(world.voxels.get((0, y, 2))) == name(world.voxels.get((4, y + 4, 4))) == "glass"
    assert name(world.voxels.get((1, y + 1, 2))) == name(world.voxels.get((1, y + 1, 1))) == "oak_planks"
    assert name(world.voxels.get((2, y + 2, 2))) == "air"
    run(stage, f"fill 0 {y} 0 4 {y + 4} 4 dirt replace glass")
    assert name(world.voxels.get((0, y, 2))) == "dirt"
    assert name(world.voxels.get((1, y + 1, 2))) == "oak_planks"


def test_the_set_ups_of_the_documents_run_as_they_stand(stage) -> None:
    x, y, z = stage.world.spawn
    run(
        stage,
        "execute at Bot run summon cow ~5 ~ ~ {NoAI:1b}",
        "execute at Bot run summon zombie ~3 ~ ~ {NoAI:0b}",
        "give Bot stone_axe 1",
        "tp Bot ~ -60 ~",
        "setblock ~5 ~ ~ minecraft:iron_ore",
        "setblock ~5 ~1 ~ minecraft:iron_ore",
        "setblock ~5 ~-1 ~ minecraft:iron_ore",
        "setblock ~2 ~-1 ~2 minecraft:water",
        "setblock ~1 ~-1 ~ minecraft:farmland[moisture=7]",
        "setblock ~2 ~1 ~ minecraft:wheat[age=7]",
        "give Bot red_bed 1",
        "time set 11000",
    )
    world = stage.world
    assert sorted(view.kind for view in world.herd.views()) == ["cow", "zombie"]
    assert {world.tables.name_of(world.voxels.get((x + 5, y + dy, z))) for dy in (-1, 0, 1)} == {"iron_ore"}
    assert world.tables.name_of(world.voxels.get((x + 2, y - 1, z + 2))) == "water"
    assert stage.body.state().inventory.counts() == {"stone_axe": 1, "red_bed": 1}


def test_execute_runs_elsewhere_and_as_others(stage) -> None:
    x, y, z = stage.world.spawn
    ada = stage.world.add_player("Ada")
    stage.world.teleport(ada, (x + 6.5, float(y), z + 0.5))
    run(
        stage,
        "execute as Ada at @s run setblock ~ ~3 ~ stone",
        "execute positioned 5 -50 5 run setblock ~1 ~ ~ dirt",
        "execute as Ada run give @s torch 3",
        "execute at @a run setblock ~ ~5 ~ glass",
        "execute at Ada run execute positioned ~ ~1 ~ run setblock ~ ~7 ~ glass",
        "spawnpoint Ada 3 -60 3",
        "tp Bot Ada",
    )
    name, get = stage.world.tables.name_of, stage.world.voxels.get
    assert name(get((x + 6, y + 3, z))) == "stone"
    assert name(get((6, -50, 5))) == "dirt"
    assert ada.inventory.count("torch") == 3
    assert {name(get((x + dx, y + 5, z))) for dx in (0, 6)} == {name(get((x + 6, y + 8, z)))} == {"glass"}
    assert ada.spawn == (3.5, -60.0, 3.5)
    assert stage.world.position_of(stage.world.players[0])[0] == x + 6.5


def test_effects_work(stage) -> None:
    async def script(hands) -> list[float]:
        world, run = stage.world, stage.operator.command
        pf = world.arrays.pf[0]
        paces: list[float] = []
        for effect in (None, "speed", "slowness"):
            await run("effect clear Bot")
            await run("tp Bot 0 -60 0")
            if effect:
                await run(f"effect give Bot minecraft:{effect} 60 1 true")
            await asyncio.sleep(1)
            pf = world.arrays.pf[0]
            pf[state.PF_YAW], pf[state.PF_FORWARD] = 0.0, 1.0
            await asyncio.sleep(2)
            before = world.position_of(world.players[0])[2]
            await asyncio.sleep(2)
            paces.append((world.position_of(world.players[0])[2] - before) / 2)
            world.arrays.pf[0][state.PF_FORWARD] = 0.0
        await run("effect give Bot poison 10")
        await asyncio.sleep(3)
        assert stage.body.state().health < 20
        await run("effect clear Bot poison")
        await run("effect give Bot instant_health")
        await run("effect give Bot regeneration infinite 3")
        await asyncio.sleep(5)
        assert stage.body.state().health == 20
        await run("effect give Bot hunger 30 200")
        await asyncio.sleep(5)
        assert stage.body.state().food < 20
        return paces

    usual, fast, slow = stage.play(script)
    assert usual == pytest.approx(4.317, abs=0.01)
    assert fast == pytest.approx(4.317 * 1.4, rel=0.01)
    assert slow == pytest.approx(4.317 * 0.7, rel=0.01)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "empty"),
        ("dance Bot", "no command 'dance'"),
        ("give", "0 arguments"),
        ("give Nobody coal", "no player 'Nobody'"),
        ("give Bot gold_dust", "no item 'gold_dust'"),
        ("give Bot coal 0", "between 1 and"),
        ("give Bot coal many", "no whole number"),
        ("give Bot coal 99999999999999999999", "no whole number"),
        ("give Bot coal 6401", "between 1 and 6400"),
        ("setblock 1 2 coal_ore", "3 arguments"),
        ("setblock 1 999 1 stone", "y = 999"),
        ("setblock 90000 5 1 stone", "not loaded"),
        ("setblock 1 5 nan stone", "no coordinate"),
        ("setblock 1 5 1 unobtainium", "no block"),
        ("setblock 1 5 1 furnace[facing=sideways]", "no state 'facing=sideways'"),
        ("setblock 1 5 1 stone[", "no block"),
        ("fill 0 0 0 31 31 32 stone", "more than 32768"),
        ("fill 0 0 0 300 0 0 stone", "not loaded"),
        ("tp Bot 1 2", "3 arguments"),
        ("tp Bot 1e9 2 3", "no coordinate"),
        ("tp Bot 900000000 2 3", "too far"),
        ("tp Bot 20000 2 3", "outside the world"),
        ("time set teatime", "no whole number"),
        ("time sub 5", "neither set nor add"),
        ("effect give Bot night_vision", "no effect 'night_vision'"),
        ("effect give Bot speed 0", "between 1 and"),
        ("effect give Bot speed 10 256", "between 0 and 255"),
        ("fill 0 0 0 1 1 1 stone destroy", "'destroy' is none of replace"),
        ("fill 0 0 0 1 1 1 stone keep dirt", "'dirt' has no meaning after keep"),
        ("setblock 1 5 1 stone destroy", "'destroy' is none of"),
        ("gamerule randomTickSpeed true", "whole number"),
        ("gamerule doDaylightCycle 3", "true or false"),
        ("gamerule noSuchRule true", "no game rule 'noSuchRule'"),
        ("weather hail", "neither clear, rain nor thunder"),
        ("summon wither ~ ~ ~", "no creature 'wither'"),
        ("summon cow ~ ~ ~ {Age:x}", "no tag"),
        ("summon cow ~ ~", "a kind and a place"),
        ("kill @e[type=ghast]", "no creature 'ghast'"),
        ("execute at Bot", "cannot be executed"),
        ("execute at Nobody run time set day", "no player 'Nobody'"),
        ("execute in the_end run time set day", "cannot be executed"),
        ("execute at @a run fill ~ 0 ~ ~ 400 ~ stone", "y = 400"),
        ("difficulty brutal", "none of peaceful"),
        ("gamemode creative", "survival only"),
        ("give Bot dirt{Damage:3}", "does not last"),
        ("give Bot " + "x" * 5000, "longer than"),
    ],
)
def test_what_cannot_be_read_or_done_is_refused_and_changes_nothing(stage, command: str, said: str) -> None:
    async def script(_: object) -> None:
        before = stage.world.state_hash()
        with pytest.raises(UserError, match=said) as refused:
            await stage.operator.command(command)
        assert refused.value.remedy
        assert stage.world.state_hash() == before

    stage.play(script)
