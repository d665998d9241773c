"""Currents carry whoever floats in them. Sources stand with the tests."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conscious_bot.body.port import Hands
from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.game.tables import Tables
from conscious_bot.simulation import state as s
from conscious_bot.simulation.creatures.layout import CF_X, CF_Z
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ItemStack


def canal(world: SimulatedWorld, fluid: str = "water", deep: int = 1) -> BlockPos:
    """A walled canal along +x, seven blocks of flow behind a source; the cell of the source."""
    x, y, z = world.spawn[0], world.spawn[1] + 1, world.spawn[2]
    stone = world.tables.state_of("stone")
    world.teleport(world.players[0], (x + 0.5, float(y - 1), z + 8.5))
    for k in range(-1, 12):
        for side in (-1, 0, 1):
            for dy in range(-1, deep + 1):
                inside = side == 0 and dy >= 0 and 0 <= k < 11
                world.set_block((x + k, y + dy, z + side), 0 if inside else stone)
    for dy in range(deep):
        world.set_block((x, y + dy, z), world.tables.state_of(fluid))
    world.run(400 if fluid == "lava" else 60)
    return x, y, z


@pytest.fixture
def world(tables: Tables) -> SimulatedWorld:
    made = SimulatedWorld.create(1, tables, "flat", view=2)
    made.rules["doMobSpawning"] = False
    made.add_player("Bot")
    made.run(2)
    return made


def put(world: SimulatedWorld, place: tuple[float, float, float]) -> None:
    world.teleport(world.players[0], place)
    world.run(1)


@pytest.mark.requirement("WORLD-02")
def test_water_carries_a_player_at_1_39_blocks_a_second(world: SimulatedWorld) -> None:
    """Minecraft Wiki, "Water", section "Current": about 1.39 m/s, 25 blocks in 18 seconds."""
    x, y, z = canal(world)
    put(world, (x + 1.5, float(y), z + 0.5))
    pf = world.arrays.pf[0]
    world.run(20)
    start = float(pf[s.PF_X])
    world.run(20)
    assert float(pf[s.PF_X]) - start == pytest.approx(25 / 18, rel=0.03)


def test_still_water_carries_nobody(world: SimulatedWorld) -> None:
    x, y, z = canal(world)
    for k in range(11):
        world.set_block((x + k, y, z), world.tables.state_of("water"))
    world.run(20)
    world.drop(ItemStack("oak_log", 1), (x + 5.5, y + 0.5, z + 0.5), (0.0, 0.0, 0.0), delay=32767)
    put(world, (x + 2.5, float(y), z + 0.5))
    world.run(100)
    assert world.arrays.pf[0, s.PF_X] == x + 2.5
    ((_, _, position, _),) = world.items()
    assert position[0] == pytest.approx(x + 5.5, abs=0.01)


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize(("fluid", "push", "drag"), [("water", 0.014, 0.8), ("lava", 0.0045, 0.5)])
def test_the_first_push_of_water_is_0_014_and_of_lava_the_least_of_0_0045(
    world: SimulatedWorld, fluid: str, push: float, drag: float
) -> None:
    """The game's `Entity`: 0.014 a tick in water; 0.0023333 in lava, but whoever is at rest is given 0.0045."""
    x, y, z = canal(world, fluid)
    for k in (1, 2, 3):  # deep enough that nothing of the push is lost in the shallows
        world.voxels.set((x + k, y, z), world.tables.state_of(fluid, level=str(k)))
    world.teleport(world.players[0], (x + 2.5, float(y), z + 0.5))
    world.run(1)
    pf = world.arrays.pf[0]
    assert pf[s.PF_X] - x - 2.5 == pytest.approx(push, abs=1e-9)
    assert pf[s.PF_VX] == pytest.approx(push * drag, abs=1e-9)
    assert pf[s.PF_Z] == z + 0.5


@pytest.mark.requirement("WORLD-02")
def test_water_carries_items_and_creatures_to_its_end(world: SimulatedWorld) -> None:
    """Minecraft Wiki, "Water", section "Current": the current pushes entities."""
    x, y, z = canal(world)
    world.drop(ItemStack("oak_log", 1), (x + 1.5, y + 0.3, z + 0.5), (0.0, 0.0, 0.0), delay=32767)
    chicken = world.herd.summon("chicken", (x + 1.5, float(y), z + 0.5), kept=True)
    ((_, _, before, _),) = world.items()
    world.run(200)
    ((_, _, after, _),) = world.items()
    assert after[0] - before[0] > 5
    assert after[2] == pytest.approx(z + 0.5, abs=0.5)
    row = world.herd.row(chicken)
    assert row is not None
    assert world.herd.arrays.cf[row, CF_X] > x + 2.5 or world.herd.arrays.cf[row, CF_Z] != z + 0.5


def test_a_creature_that_does_nothing_is_carried(world: SimulatedWorld) -> None:
    x, y, z = canal(world)
    cow = world.herd.summon("cow", (x + 1.6, float(y), z + 0.5), kept=True)
    row = world.herd.row(cow)
    assert row is not None
    furthest = 0.0
    for _ in range(160):
        world.run(1)
        furthest = max(furthest, float(world.herd.arrays.cf[row, CF_X]))
    assert furthest > x + 4


def test_a_waterfall_draws_down(world: SimulatedWorld) -> None:
    """Minecraft Wiki, "Water", section "Current": falling water along a wall pulls downwards."""
    x, y, z = world.spawn
    stone = world.tables.state_of("stone")
    for dy in range(12):
        for dx, dz in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            world.set_block((x + dx, y + dy, z + dz), stone)
    world.set_block((x, y + 11, z), world.tables.state_of("water"))
    world.run(120)
    pf = world.arrays.pf[0]
    put(world, (x + 0.5, y + 8.0, z + 0.5))
    world.run(15)
    sunk_in_a_fall = y + 8.0 - float(pf[s.PF_Y])
    for dy in range(12):
        world.set_block((x, y + dy, z), world.tables.state_of("water"))
    world.run(20)
    put(world, (x + 0.5, y + 8.0, z + 0.5))
    world.run(15)
    assert sunk_in_a_fall > y + 8.0 - float(pf[s.PF_Y]) + 0.5


def test_a_body_walks_against_a_current_and_arrives_in_it(stage: Any) -> None:
    async def script(hands: Hands) -> Any:
        world = stage.world
        x, y, z = canal(world)
        await stage.operator.command(f"tp Bot {x + 6} {y} {z}")
        await stage.body.pause(5)
        here = stage.feet()
        assert stage.body.state().in_water
        return await hands.follow([Primitive(op="walk_W", to=(k, y, z)) for k in range(here[0] - 1, x + 1, -1)])

    result = stage.play(script)
    assert result.ended == "arrived"


def test_stop_returns_while_a_current_carries_the_body(stage: Any) -> None:
    async def script(_: Hands) -> float:
        world = stage.world
        x, y, z = canal(world)
        await stage.operator.command(f"tp Bot {x + 1} {y} {z}")
        began = asyncio.get_running_loop().time()
        await stage.body.stop()
        return asyncio.get_running_loop().time() - began

    assert stage.play(script) < 5
