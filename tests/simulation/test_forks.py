import random

import numpy as np
import pytest

from conscious_bot.contracts import UserError
from conscious_bot.simulation.forks import from_scan
from conscious_bot.simulation.terrain import Fixture
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box


def busy(tables, seed=4):
    """A world in which much goes on: water, sand, crops, creatures, items."""
    world = SimulatedWorld.create(seed, tables, "default", view=2)
    world.add_player("Bot")
    world.time_of_day = 13000
    x, y, z = world.spawn
    world.set_block((x + 2, y + 6, z), tables.state_of("water"))
    world.set_block((x - 3, y + 9, z), tables.state_of("sand"))
    world.set_block((x, y + 7, z + 3), tables.state_of("lava"))
    world.herd.summon("zombie", (x + 6.5, float(y + 1), z + 4.5))
    world.run(25)
    return world


@pytest.mark.requirement("WORLD-05")
def test_a_fork_goes_on_as_its_world_does(tables):
    world = busy(tables)
    fork = world.fork()
    assert fork.state_hash() == world.state_hash()
    hashes = []
    for each in (world, fork):
        own = []
        for _ in range(5):
            each.run(60)
            own.append(each.state_hash())
        hashes.append(own)
    assert hashes[0] == hashes[1]


@pytest.mark.requirement("WORLD-05")
def test_what_happens_in_a_fork_stays_there(tables):
    world = busy(tables)
    before = world.state_hash()
    fork = world.fork()
    dice = random.Random(1)
    x, y, z = world.spawn
    for _ in range(40):
        pos = (x + dice.randint(-8, 8), y + dice.randint(-2, 6), z + dice.randint(-8, 8))
        fork.set_block(pos, tables.state_of("water"))
    fork.run(200)
    fork.players[0].inventory.take_all()
    assert world.state_hash() == before
    assert fork.state_hash() != before


@pytest.mark.requirement("WORLD-05")
def test_live_surroundings_load_into_a_world_with_entities_and_inventory(new_stage, tables):
    stage = new_stage(view=2)
    x, y, z = stage.world.spawn

    async def script(_hands):
        await stage.operator.command("give Bot torch 12")
        await stage.operator.command(f"setblock {x + 2} {y} {z} stone")
        stage.world.herd.summon("cow", (x + 3.5, float(y), z + 0.5), no_ai=True)
        region = await stage.body.scan(Box.around((x, y, z), 8, 4, 6))
        return region, await stage.body.observe(), await stage.body.entities(10.0)

    region, body, entities = stage.play(script)
    world, left_out = from_scan(region, tables, body, entities, seed=3)
    assert not left_out
    player = world.add_player("Bot")
    assert world.position_of(player) == body.position
    assert player.inventory.count("torch") == 12
    assert np.array_equal(world.voxels.scan(region.box).blocks, region.blocks)
    assert [view.kind for view in world.herd.views()] == ["cow"]
    world.run(50)


def test_a_fixture_makes_the_whole_world(tables):
    world = SimulatedWorld.from_fixture(Fixture.shipped("corridor_12_blocks", tables), tables)
    player = world.add_player("Bot")
    assert world.position_of(player) == (88.5, 12.0, -34.5)
    assert player.inventory.count("torch") == 16
    assert world.time_of_day == 18000
    assert world.rules["doMobSpawning"] is False
    assert world.light_at((95, 12, -35)) == (0, 0, 0)


def test_a_fixture_with_a_creature_or_rule_this_world_lacks_is_refused(tables):
    fixture = Fixture.shipped("corridor_12_blocks", tables)
    with pytest.raises(UserError, match=r"gamerules: .*'noSuchRule'"):
        SimulatedWorld.from_fixture(fixture.model_copy(update={"gamerules": {"noSuchRule": True}}), tables)
