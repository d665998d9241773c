import copy
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain import Fixture, SurroundingsTerrain, shipped_fixtures
from conscious_bot.simulation.terrain.corridors import corridor
from conscious_bot.simulation.voxels import AIR, VoxelStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import UNKNOWN, Box, VoxelRegion

TABLES = Tables.builtin()

GOOD = {
    "format": 1,
    "name": "pen",
    "terrain": {"preset": "flat"},
    "blocks": [
        {"box": [[-20, -60, -20], [20, -58, 20]], "block": "stone"},
        {"box": [[-19, -60, -19], [19, -58, 19]], "block": "air"},
        {"box": [[3, -60, 3], [3, -60, 3]], "block": "furnace", "properties": {"facing": "east", "lit": "true"}},
    ],
    "bot": {"position": [0.5, -60, 0.5], "inventory": [{"item": "torch", "count": 64, "slot": 3}]},
    "entities": [{"kind": "zombie", "position": [5, -60, 5], "noAI": True}],
    "time": 18000,
    "gamerules": {"doDaylightCycle": False, "randomTickSpeed": 100},
}


def changed(path, value):
    document = copy.deepcopy(GOOD)
    where = document
    for key in path[:-1]:
        where = where[key]
    where[path[-1]] = value
    return document


def test_the_shipped_corridor_is_dark_rock_with_twelve_blocks_to_its_end():
    for name in ("corridor_12_blocks", "fixtures/corridor_12_blocks.json"):
        fixture = Fixture.shipped(name, TABLES)
    assert fixture.time == 18000
    x, y, z = (int(c // 1) for c in fixture.bot.position)
    assert (x, y, z) == (88, 12, -35)
    goods = {stack.item: stack.count for stack in fixture.bot.inventory}
    assert goods["torch"] >= 3
    assert goods["dirt"] >= 4
    store = VoxelStore(fixture.make(TABLES))
    store.ensure_around(x >> 4, z >> 4, 3)
    for cell in range(80, 111):
        assert store.get((cell, 12, -35)) == store.get((cell, 13, -35)) == AIR
        for dy, dz in [(-1, 0), (2, 0), (0, 1), (0, -1), (1, 1), (1, -1)]:
            assert TABLES.name_of(store.get((cell, 12 + dy, -35 + dz))) == "stone"
    for end in (79, 111):
        assert TABLES.name_of(store.get((end, 12, -35))) == "stone"


def test_every_shipped_fixture_can_be_read_and_is_named_as_its_file():
    assert shipped_fixtures()
    for name in shipped_fixtures():
        assert Fixture.shipped(name, TABLES).name == name


@pytest.mark.parametrize("cells", [5, 12, 23, 40])
def test_corridors_of_every_length_are_dark_and_give_what_it_takes(cells):
    fixture = Fixture.shipped(f"fixtures/corridor_{cells}_blocks.json", TABLES)
    world = SimulatedWorld.from_fixture(fixture, TABLES)
    x, y, z = (int(c // 1) for c in fixture.bot.position)
    assert (100 - x, y, z) == (cells, 12, -35)
    world.add_player("Bot")
    for cell in range(x - 8, 111):
        assert world.voxels.get((cell, 12, -35)) == world.voxels.get((cell, 13, -35)) == AIR
        assert max(world.light_at((cell, 12, -35))) == 0
    assert {s.item for s in fixture.bot.inventory} == {"torch", "dirt", "stone_shovel"}
    world.run(200)
    assert not world.herd.views()


def test_the_shipped_corridor_belongs_to_the_family():
    shipped, made = Fixture.shipped("corridor_12_blocks", TABLES), Fixture.of(corridor(12), TABLES)
    for part in ("name", "bot", "entities", "visitors", "time", "gamerules"):
        assert getattr(shipped, part) == getattr(made, part)


@pytest.mark.parametrize("cells", [5, 20, 40])
@pytest.mark.parametrize("fate", ["dies", "leaves"])
def test_the_zombie_of_a_corridor_comes_to_the_bots_wall_and_is_dealt_with_while_one_waits(cells, fate):
    world = SimulatedWorld.from_fixture(Fixture.shipped(f"corridor_{cells}_blocks_hostile_{fate}", TABLES), TABLES)
    bot = world.add_player("Bot")
    # The bot goes on until the zombie is near, and then behind a wall.
    start = 100 - cells
    far = []
    walled = None
    for tick in range(0, 900, 5):
        world.run(5)
        zombie = next((view for view in world.herd.views()), None)
        here = world.position_of(bot)[0]
        far.append(999.0 if zombie is None else zombie.position[0] - here)
        if walled is None and far[-1] > 7 and here < 99:
            world.teleport(bot, (min(here + 0.6, 99.5), 12.0, -34.5))
        elif walled is None:
            walled = tick
            for dy in (0, 1):
                world.set_block((int(here) + 2, 12 + dy, -35), TABLES.state_of("dirt"))
    assert walled is not None
    assert world.health_of(bot)[0] == 20
    assert start - 1 < world.position_of(bot)[0]
    until = [walled + 5 * i for i, gap in enumerate(far[walled // 5 :]) if gap > 14]
    assert until
    assert until[0] - walled < 400, "within the 20 s that one waits behind a wall"
    assert far[-1] > 14
    assert all(not lines for lines in world.visitors.trouble().values()), world.visitors.trouble()


def test_the_zombie_that_stays_stands_at_the_end():
    world = SimulatedWorld.from_fixture(Fixture.shipped("corridor_9_blocks_hostile_stays", TABLES), TABLES)
    world.add_player("Bot")
    world.run(800)
    assert [view.position for view in world.herd.views()] == [(100.5, 12.0, -34.5)]


def test_later_boxes_replace_earlier_ones_over_the_preset():
    fixture = Fixture.read(json.dumps(GOOD), TABLES)
    store = VoxelStore(fixture.make(TABLES))
    store.ensure_around(0, 0, 2)
    assert TABLES.name_of(store.get((-20, -59, 7))) == "stone"
    assert store.get((-19, -59, 7)) == AIR
    assert TABLES.name_of(store.get((0, -61, 0))) == "grass_block"
    assert TABLES.properties_of(store.get((3, -60, 3))) == {"facing": "east", "lit": "true"}
    assert fixture.entities[0].no_ai
    assert fixture.gamerules == {"doDaylightCycle": False, "randomTickSpeed": 100}
    assert Fixture.of(fixture.wire(), TABLES) == fixture


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["format"], 2, "format: "),
        (["name"], "../x", "name: "),
        (["surprise"], 1, "surprise: Extra"),
        (["terrain", "preset"], "moon", r"terrain\.preset: .*'empty'"),
        (["blocks", 1, "block"], "marzipan", r"blocks\[1\]\.block: 1\.20\.4 has no block 'marzipan'"),
        (["blocks", 0, "box"], [[0, 0, 0], [1, 400, 1]], r"blocks\[0\]\.box\[1\]: 1 400 1 lies outside"),
        (["blocks", 0, "box"], [[0, 0, 0], [1, -1, 1]], r"blocks\[0\]\.box: y runs from 0 down to -1"),
        (["blocks", 0, "box"], [[0, 0, 0], [1, 0.5, 1]], r"blocks\[0\]\.box\[1\]\[1\]: "),
        (["blocks", 0, "box"], [[0, 0, 0]], r"blocks\[0\]\.box"),
        (["blocks", 2, "properties"], {"facing": "up"}, r"blocks\[2\]\.properties\.facing: 'up' is none of north"),
        (["blocks", 2, "properties"], {"age": "1"}, r"blocks\[2\]\.properties: furnace has no property 'age'"),
        (["bot", "position"], [0, 1e9, 0], r"bot\.position: .* lies outside"),
        (["bot", "position"], [0, float("nan"), 0], r"bot\.position\[1\]: "),
        (["bot", "health"], 0, r"bot\.health: "),
        (["bot", "inventory", 0, "item"], "marzipan", r"bot\.inventory\[0\]\.item: 1\.20\.4 has no item"),
        (["bot", "inventory", 0, "count"], 65, r"bot\.inventory\[0\]\.count: torch stacks to 64"),
        (["bot", "inventory", 0, "wear"], 1, r"bot\.inventory\[0\]\.wear: "),
        (["bot", "inventory", 0, "slot"], 36, r"bot\.inventory\[0\]\.slot: "),
        (["entities", 0, "kind"], "unicorn", r"entities\[0\]\.kind: 1\.20\.4 has no 'unicorn'"),
        (["entities", 0, "position"], [0, 0, 99999], r"entities\[0\]\.position: "),
        (["time"], 24000, "time: "),
        (["gamerules"], {"doDaylightCycle": "no"}, "gamerules.doDaylightCycle"),
    ],
)
def test_what_is_wrong_in_a_fixture_is_refused_by_place_and_reason(path, value, message):
    with pytest.raises(UserError, match=message):
        Fixture.of(changed(path, value), TABLES)


def test_two_stacks_in_one_slot_are_refused():
    stack = {"item": "torch", "count": 1, "slot": 3}
    with pytest.raises(UserError, match=r"bot\.inventory\[1\]\.slot: slot 3 is taken"):
        Fixture.of(changed(["bot", "inventory"], [stack, stack]), TABLES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        b"\xff\xfe\x00",
        '{"format": 1, "format": 1}',
        " " * (5 << 20),
        '{"format": 1}',
    ],
)
def test_what_is_no_fixture_at_all_is_refused_in_one_line(text):
    with pytest.raises(UserError) as caught:
        Fixture.read(text, TABLES)
    assert "\n" not in caught.value.problem


def test_an_unknown_fixture_is_refused_with_those_there_are_and_paths_are_none():
    for name in ("nowhere", "../../etc/passwd", "fixtures/../corridor_12_blocks.json"):
        with pytest.raises(UserError) as caught:
            Fixture.shipped(name, TABLES)
        assert "corridor_12_blocks" in caught.value.remedy


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_damage_to_a_fixture_is_refused_in_words_or_read_as_a_fixture(data):
    text = json.dumps(GOOD)
    start = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 6))
    patch = data.draw(st.text(st.sampled_from('{}[]",:0123456789eE-.ntfx\\u\0'), max_size=6))
    try:
        fixture = Fixture.read(text[:start] + patch + text[start + length :], TABLES)
    except UserError as error:
        assert error.problem  # noqa: PT017 - either outcome is fine
    else:
        assert fixture.make(TABLES).fill(0, 0, np.zeros((384, 16, 16), np.uint16)) <= 384


def test_a_scan_becomes_a_world_in_a_shell_that_cannot_be_broken():
    rng = np.random.default_rng(3)
    blocks = rng.integers(0, 200, (40, 20, 33)).astype(np.uint16)
    blocks[5, 5, 5] = UNKNOWN
    region = VoxelRegion((-11, 60, 7), blocks)
    store = VoxelStore(SurroundingsTerrain(region, TABLES))
    store.ensure_around(0, 0, 4)
    barrier = TABLES.blocks["barrier"].default_state
    expected = np.where(blocks == UNKNOWN, barrier, blocks)
    assert (store.scan(region.box).blocks == expected).all()
    for pos in [(-12, 70, 10), (29, 70, 10), (0, 70, 6), (0, 70, 40), (0, 59, 10), (-6, 65, 12)]:
        assert store.get(pos) == barrier
    for pos in [(0, 80, 10), (40, 70, 10), (0, 58, 10)]:
        assert store.get(pos) == AIR


def test_a_scan_that_reaches_beyond_the_world_is_cut_and_foreign_states_are_refused():
    high = VoxelRegion((0, 310, 0), np.ones((4, 20, 4), np.uint16))
    low = VoxelRegion((0, -70, 0), np.ones((4, 20, 4), np.uint16))
    for region, inside in [(high, (1, 319, 1)), (low, (1, -64, 1))]:
        store = VoxelStore(SurroundingsTerrain(region, TABLES))
        store.ensure_loaded(0, 0)
        assert store.get(inside) == 1
    with pytest.raises(ValueError, match="65000"):
        SurroundingsTerrain(VoxelRegion((0, 0, 0), np.full((1, 1, 1), 65000, np.uint16)), TABLES)
    store = VoxelStore(SurroundingsTerrain(VoxelRegion((0, 0, 0), np.ones((2, 2, 2), np.uint16)), TABLES))
    store.ensure_loaded(0, 0)
    assert store.scan(Box((0, 0, 0), (1, 1, 1))).blocks.all()
