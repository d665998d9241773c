"""Golden values of movement. Expected numbers come from the Minecraft Wiki pages named at each test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from conscious_bot.body.port import Hands
from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.simulation import state as s
from conscious_bot.world.state import ItemStack

Way = Callable[[BlockPos, int], list[Primitive]]


def _row(stage):
    return stage.world.arrays.pf[0], stage.world.arrays.pi[0]


def _steady_speed(stage, *, sprint: bool, jump: bool = False) -> float:
    """Blocks a second on a long straight, keys held by hand."""

    async def script(_: Hands) -> float:
        await asyncio.sleep(1)
        pf, pi = _row(stage)
        pf[s.PF_YAW], pf[s.PF_FORWARD], pi[s.PI_SPRINT], pi[s.PI_JUMP] = 0.0, 1.0, int(sprint), int(jump)
        await asyncio.sleep(3)
        start = stage.world.position_of(stage.world.players[0])[2]
        await asyncio.sleep(12)
        return (stage.world.position_of(stage.world.players[0])[2] - start) / 12

    return stage.play(script)


@pytest.mark.requirement("WORLD-02")
def test_walking_covers_4_317_blocks_a_second(stage) -> None:
    """Minecraft Wiki, "Walking"."""
    assert _steady_speed(stage, sprint=False) == pytest.approx(4.317, abs=0.001)


def test_sprinting_covers_5_612_blocks_a_second(stage) -> None:
    """Minecraft Wiki, "Sprinting"."""
    assert _steady_speed(stage, sprint=True) == pytest.approx(5.612, abs=0.001)


def test_sprinting_and_jumping_covers_about_7_1_blocks_a_second(stage) -> None:
    """Minecraft Wiki, "Sprinting": 7.127 blocks a second when jumping as well."""
    assert _steady_speed(stage, sprint=True, jump=True) == pytest.approx(7.127, rel=0.02)


def test_a_jump_is_1_2522_blocks_high_and_takes_12_ticks(stage) -> None:
    """Minecraft Wiki, "Jumping"."""

    async def script(_: Hands) -> tuple[float, int]:
        await asyncio.sleep(1)
        pf, pi = _row(stage)
        pi[s.PI_JUMP] = 1
        heights = []
        stage.world.run(1)
        pi[s.PI_JUMP] = 0
        heights.append(pf[s.PF_Y] - stage.floor)
        while not pi[s.PI_ON_GROUND]:
            stage.world.run(1)
            heights.append(pf[s.PF_Y] - stage.floor)
        return max(heights), len(heights)

    height, ticks = stage.play(script)
    assert height == pytest.approx(1.2522, abs=0.0001)
    assert ticks == 12


@pytest.mark.parametrize(("blocks", "damage"), [(3, 0), (4, 1), (5, 2), (10, 7), (22, 19)])
def test_a_fall_hurts_one_for_every_block_beyond_three(stage, blocks: int, damage: int) -> None:
    """Minecraft Wiki, "Damage", fall damage."""

    async def script(_: Hands) -> None:
        x, _, z = stage.world.position_of(stage.world.players[0])
        await stage.operator.command(f"tp Bot {x} {stage.floor + blocks} {z}")
        await asyncio.sleep(5)

    stage.play(script)
    lowest = min([event.data["health"] for event in stage.events if event.kind == "health"], default=20)
    assert lowest == 20 - damage
    assert ("hurt" in stage.kinds()) == (damage > 0)


def test_a_deadly_fall_drops_everything_and_one_comes_back_at_the_spawn(stage) -> None:
    async def script(hands: Hands) -> None:
        await stage.operator.command("give Bot cobblestone 70")
        await stage.operator.command(f"tp Bot 30 {stage.floor + 30} 30")
        await asyncio.sleep(5)
        assert not stage.body.state().alive
        assert stage.body.state().inventory.counts() == {}
        assert sorted(stack.count for _, stack, _, _ in stage.world.items()) == [6, 64]
        await hands.respawn()

    stage.play(script)
    state = stage.body.state()
    assert state.alive
    assert state.health == 20
    assert state.position[0] == stage.world.spawn[0] + 0.5
    assert [k for k in stage.kinds() if k in ("died", "respawned")] == ["died", "respawned"]


@pytest.mark.requirement("WORLD-02")
def test_a_straight_way_is_walked_at_full_speed_with_progress_for_each_cell(stage, straight: Way) -> None:
    async def script(hands: Hands) -> tuple[object, float]:
        await asyncio.sleep(1)
        started = asyncio.get_running_loop().time()
        result = await hands.follow(straight(stage.feet(), 40))
        return result, asyncio.get_running_loop().time() - started

    result, seconds = stage.play(script)
    assert (result.ended, result.done) == ("arrived", 40)
    assert 40 / seconds > 4.0
    assert [e.data["done"] for e in stage.events if e.kind.value == "progress"] == list(range(1, 41))
    x, _, z = result.position
    assert x % 1 == pytest.approx(0.5, abs=0.2)
    assert z % 1 == pytest.approx(0.5, abs=0.2)


def test_corners_steps_up_and_steps_down_are_walked_without_a_stop(stage) -> None:
    async def script(hands: Hands) -> object:
        x, y, z = stage.feet()
        await stage.operator.command(f"fill {x + 1} {y} {z + 1} {x + 1} {y} {z + 1} stone")
        await stage.operator.command(f"fill {x + 2} {y} {z + 1} {x + 2} {y + 1} {z + 1} stone")
        way = [
            Primitive(op="walk_S", to=(x, y, z + 1)),
            Primitive(op="jump_up_E", to=(x + 1, y + 1, z + 1)),
            Primitive(op="jump_up_E", to=(x + 2, y + 2, z + 1)),
            Primitive(op="descend_E", to=(x + 3, y, z + 1)),
            Primitive(op="walk_N", to=(x + 3, y, z)),
        ]
        return await hands.follow(way)

    result = stage.play(script)
    assert (result.ended, result.done) == ("arrived", 5)
    assert stage.body.state().health == 20


def test_a_wall_put_in_the_way_is_reported_as_blocked(stage, straight: Way) -> None:
    async def script(hands: Hands) -> object:
        x, y, z = stage.feet()
        walk = asyncio.create_task(hands.follow(straight((x, y, z), 10)))
        await asyncio.sleep(0.5)
        await stage.operator.command(f"fill {x + 6} {y} {z} {x + 6} {y + 1} {z} stone")
        return await walk

    result = stage.play(script)
    assert result.ended == "blocked"
    assert result.done == 5


def test_a_cell_that_lost_its_floor_is_reported_as_blocked_before_the_body_falls(stage, straight: Way) -> None:
    async def script(hands: Hands) -> object:
        x, y, z = stage.feet()
        await stage.operator.command(f"fill {x + 4} -64 {z} {x + 4} {y - 1} {z} air")
        return await hands.follow(straight((x, y, z), 10))

    result = stage.play(script)
    assert (result.ended, result.done) == ("blocked", 3)
    assert result.position[1] == stage.floor


def test_a_way_that_begins_elsewhere_is_reported_as_deviated(stage, straight: Way) -> None:
    async def script(hands: Hands) -> object:
        x, y, z = stage.feet()
        return await hands.follow(straight((x + 5, y, z), 3))

    assert stage.play(script).ended == "deviated"


def test_a_body_that_makes_no_headway_is_stuck_after_three_seconds(stage) -> None:
    async def script(hands: Hands) -> tuple[object, float]:
        x, y, z = stage.feet()
        await asyncio.sleep(1)
        # A step that is too high for a jump, given as a plain walk: the body can only push against it.
        await stage.operator.command(f"fill {x + 1} {y} {z - 1} {x + 1} {y + 1} {z + 1} stone")
        started = asyncio.get_running_loop().time()
        result = await hands.follow([Primitive(op="jump_up_E", to=(x + 1, y + 2, z))])
        return result, asyncio.get_running_loop().time() - started

    result, seconds = stage.play(script)
    assert (result.ended, result.done) == ("stuck", 0)
    assert 3.0 <= seconds < 5.0


def test_a_cancelled_walk_glides_out_and_stop_returns_when_the_body_stands(stage, straight: Way) -> None:
    async def script(hands: Hands) -> None:
        walk = asyncio.create_task(hands.follow(straight(stage.feet(), 30)))
        await asyncio.sleep(2.02)
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        await stage.body.stop()
        state = stage.body.state()
        assert state.velocity == (0.0, 0.0, 0.0)
        assert not state.moving
        await asyncio.sleep(1)
        assert stage.body.state().position == state.position

    stage.play(script)


def test_stopping_twice_at_once_ends_both(stage, straight: Way) -> None:
    async def script(hands: Hands) -> None:
        walk = asyncio.create_task(hands.follow(straight(stage.feet(), 30)))
        await asyncio.sleep(1)
        await asyncio.gather(stage.body.stop(), stage.body.stop(), walk, return_exceptions=True)
        assert stage.body.state().velocity == (0.0, 0.0, 0.0)

    stage.play(script)


def test_a_body_in_deep_water_swims_to_the_bank_on_its_way(stage) -> None:
    async def script(hands: Hands) -> object:
        x, y, z = stage.feet()
        await stage.operator.command(f"fill {x + 2} {y - 3} {z - 1} {x + 5} {y - 1} {z + 1} water")
        way = [Primitive(op="walk_E", to=(x + 1, y, z))]
        way += [Primitive(op="swim_E", to=(x + i, y - 1, z)) for i in range(2, 6)]
        way += [Primitive(op="jump_up_E", to=(x + 6, y, z)), Primitive(op="walk_E", to=(x + 7, y, z))]
        return await hands.follow(way)

    result = stage.play(script)
    assert (result.ended, result.done) == ("arrived", 7)


def test_items_within_a_block_are_picked_up_after_their_delay(stage) -> None:
    """Minecraft Wiki, "Item (entity)": 10 ticks after they fell, within 1 block of the player's box."""

    async def script(_: Hands) -> int:
        await asyncio.sleep(1)
        x, y, z = stage.world.position_of(stage.world.players[0])
        stage.world.drop(ItemStack("stick", 3), (x + 1.2, y, z))
        stage.world.drop(ItemStack("coal", 1), (x + 1.6, y, z))
        before = stage.world.age
        taken = asyncio.Event()
        stage.body.subscribe(lambda event: taken.set() if event.kind.value == "inventory" else None)
        await taken.wait()
        ticks = stage.world.age - before
        await asyncio.sleep(2)
        return ticks

    assert stage.play(script) == 10
    assert stage.body.state().inventory.counts() == {"stick": 3}


def test_dropped_items_are_gone_after_6000_ticks(stage) -> None:
    """Minecraft Wiki, "Item (entity)": five minutes."""

    async def script(_: Hands) -> tuple[int, int]:
        x, y, z = stage.world.position_of(stage.world.players[0])
        stage.world.drop(ItemStack("stick", 3), (x + 6, y, z))
        await asyncio.sleep(299.9)
        before = len(stage.world.items())
        await asyncio.sleep(0.2)
        return before, len(stage.world.items())

    assert stage.play(script) == (1, 0)


def test_dropped_items_fall_and_come_to_rest_on_the_ground(stage) -> None:
    stage.play(lambda _: asyncio.sleep(0))
    stage.world.drop(ItemStack("dirt", 1), (20.5, stage.floor + 3.0, 20.5), (0.1, 0.2, 0.0))
    stage.world.run(100)
    ((_, _, position, velocity),) = stage.world.items()
    assert position[1] == pytest.approx(stage.floor, abs=0.01)
    assert abs(velocity[0]) < 0.01
