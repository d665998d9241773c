"""Set-up commands do what the game's do, or say what they cannot and change nothing."""

from __future__ import annotations

import pytest

from conscious_bot.contracts import UserError


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
