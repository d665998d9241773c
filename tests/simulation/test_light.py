import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscious_bot.game.tables import Tables
from conscious_bot.simulation.light import LightField
from conscious_bot.simulation.light_rules import light_rules
from conscious_bot.simulation.terrain import Fixture, make_terrain
from conscious_bot.simulation.voxels import VoxelStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.region import Box

TABLES = Tables.builtin()
RULES = light_rules(TABLES)
AIR, STONE, TORCH = 0, TABLES.state_of("stone"), TABLES.state_of("torch")
BLOCKS = [
    AIR,
    STONE,
    TORCH,
    TABLES.state_of("glowstone"),
    TABLES.state_of("glass"),
    TABLES.state_of("water"),
    TABLES.state_of("oak_leaves"),
    TABLES.state_of("lava"),
    TABLES.state_of("oak_slab", type="bottom"),
    TABLES.state_of("oak_slab", type="top"),
    TABLES.state_of("oak_stairs", facing="east"),
    TABLES.state_of("magma_block"),
    TABLES.state_of("redstone_torch", lit="false"),
]


class Rock:
    """Rock from y 60 to 75, hollow between 62 and 72 in every second column, with air above and below."""

    def fill(self, cx, cz, out):
        out[60 + 64 : 76 + 64] = STONE
        if (cx + cz) % 2 == 0:
            out[62 + 64 : 73 + 64, 2:14, 0:16] = AIR
        return 76 + 64


def lit(generator, radius=1):
    store = VoxelStore(generator)
    store.ensure_around(0, 0, radius)
    field = LightField(store, RULES)
    field.ensure([(0, 0)])
    return store, field


def assert_as_from_scratch(store, field):
    fresh = LightField(store, RULES)
    for cx, cz in reversed(field.columns()):
        fresh._light((cx, cz))
    for cx, cz in field.columns():
        wrong = np.argwhere(field.light_of(cx, cz) != fresh.light_of(cx, cz))
        assert not len(wrong), f"column {cx}, {cz}: {len(wrong)} cells, the first (y, z, x) {wrong[0].tolist()}"


def state(name, **properties):
    return int(RULES[TABLES.state_of(name, **properties)])


# Minecraft Wiki, "Light": levels that blocks give; "Opacity": what they take.
@pytest.mark.parametrize(
    ("name", "properties", "gives"),
    [
        ("torch", {}, 14),
        ("lava", {}, 15),
        ("furnace", {"lit": "true"}, 13),
        ("furnace", {"lit": "false"}, 0),
        ("redstone_ore", {"lit": "true"}, 9),
        ("redstone_torch", {"lit": "false"}, 0),
        ("campfire", {"lit": "true"}, 15),
        ("campfire", {"lit": "false"}, 0),
        ("candle", {"candles": "4", "lit": "true"}, 12),
        ("sea_pickle", {"pickles": "4", "waterlogged": "true"}, 15),
        ("sea_pickle", {"pickles": "4", "waterlogged": "false"}, 0),
        ("respawn_anchor", {"charges": "2"}, 7),
        ("cave_vines", {"berries": "true"}, 14),
        ("light", {"level": "5"}, 5),
        ("lantern", {}, 15),
        ("magma_block", {}, 3),
    ],
)
def test_blocks_give_the_light_of_their_state(name, properties, gives):
    assert state(name, **properties) >> 4 & 15 == gives


@pytest.mark.parametrize(
    ("name", "properties", "takes", "sides"),
    [
        ("stone", {}, 15, 0),
        ("glass", {}, 0, 0),
        ("water", {}, 1, 0),
        ("oak_leaves", {}, 1, 0),
        ("tinted_glass", {}, 15, 0),
        ("oak_slab", {"type": "double"}, 15, 0),
        ("oak_slab", {"type": "bottom"}, 0, 0b000100),
        ("oak_slab", {"type": "top"}, 0, 0b001000),
        ("oak_slab", {"type": "top", "waterlogged": "true"}, 1, 0b001000),
        ("oak_stairs", {"facing": "east", "half": "bottom", "shape": "straight"}, 0, 0b000110),
        ("farmland", {}, 0, 0b000100),
    ],
)
def test_blocks_take_light_by_their_state_and_at_the_sides_they_fill(name, properties, takes, sides):
    rule = state(name, **properties)
    assert rule & 15 == takes
    assert rule >> 8 == sides


def test_a_torch_in_the_dark_lights_by_steps_of_one_around_corners():
    store, field = lit(Fixture.shipped("corridor_12_blocks", TABLES).make(TABLES), 0)
    store.ensure_around(5, -3, 2)
    field.ensure([(5, -3)])
    assert all(field.block((x, 12, -35)) == field.sky((x, 12, -35)) == 0 for x in range(80, 111))
    store.set((88, 12, -35), TORCH)
    assert field.update(store.drain()) == 1
    for x in range(80, 111):
        assert field.block((x, 12, -35)) == max(14 - abs(x - 88), 0)
        assert field.block((x, 13, -35)) == max(13 - abs(x - 88), 0)
    assert field.block((88, 11, -35)) == 0
    store.set((88, 12, -35), AIR)
    field.update(store.drain())
    assert all(field.block((x, 12, -35)) == 0 for x in range(80, 111))


def test_the_sky_falls_unweakened_through_clear_cells_and_spreads_by_steps():
    store, field = lit(Rock())
    assert field.sky((8, 76, 8)) == 15
    assert field.sky((8, 70, 8)) == 0
    for y in (73, 74, 75):
        store.set((8, y, 8), AIR)
    field.update(store.drain())
    assert [field.sky((8, y, 8)) for y in (75, 73, 62)] == [15, 15, 15]
    assert field.sky((11, 65, 8)) == 12
    assert field.sky((15, 62, 8)) == 8
    store.set((8, 75, 8), TABLES.state_of("glass"))
    field.update(store.drain())
    assert field.sky((8, 62, 8)) == 15
    store.set((8, 75, 8), TABLES.state_of("water"))
    field.update(store.drain())
    assert [field.sky((8, y, 8)) for y in (75, 74, 73, 62)] == [14, 13, 12, 1]
    store.set((8, 75, 8), TABLES.state_of("oak_slab", type="bottom"))
    field.update(store.drain())
    assert [field.sky((8, y, 8)) for y in (75, 74)] == [15, 0]


def test_outside_the_lit_columns_it_is_dark_and_above_the_world_there_is_sky():
    _, field = lit(Rock())
    assert field.sky((0, 320, 0)) == 15
    assert field.sky((0, -65, 0)) == field.block((0, 320, 0)) == 0
    assert field.sky((100, 100, 100)) == field.sky((99999, 100, 0)) == 0


edits = st.lists(
    st.tuples(st.integers(-16, 31), st.integers(58, 80), st.integers(-16, 31), st.sampled_from(BLOCKS)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=30, deadline=None)
@given(batches=st.lists(edits, min_size=1, max_size=3))
def test_light_after_any_changes_equals_light_computed_afresh(batches):
    store, field = lit(Rock())
    for batch in batches:
        for x, y, z, block in batch:
            store.set((x, y, z), block)
        field.update(store.drain())
        assert_as_from_scratch(store, field)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_light_of_a_natural_world_stays_right_through_digging_building_and_unloading(seed):
    rng = random.Random(seed)
    store, field = lit(make_terrain("default", seed % 7, TABLES))
    for round_number in range(3):
        for _ in range(60):
            x, z = rng.randint(-16, 31), rng.randint(-16, 31)
            top = next((y for y in range(110, -64, -1) if store.get((x, y, z)) not in (AIR, 0xFFFF)), 60)
            if store.is_loaded(x >> 4, z >> 4):
                store.set((x, top - rng.randint(-2, 6), z), rng.choice(BLOCKS))
        field.update(store.drain())
        if round_number == 1:
            gone = (rng.randint(-1, 1), rng.randint(-1, 1))
            field.leave(*gone)
            store.unload(*gone)
        assert_as_from_scratch(store, field)
    store.ensure_around(0, 0, 1)
    field.ensure([(0, 0)])
    assert_as_from_scratch(store, field)


def test_light_does_not_depend_on_the_order_in_which_columns_are_lit():
    store = VoxelStore(make_terrain("default", 4, TABLES))
    store.ensure_around(0, 0, 1)
    first, second = LightField(store, RULES), LightField(store, RULES)
    first.ensure([(0, 0)])
    for key in [(1, 1), (-1, 0), (0, 0), (0, 1), (-1, -1), (1, 0), (0, -1), (1, -1), (-1, 1)]:
        second._light(key)
    box = Box((-16, -64, -16), (31, 319, 31))
    for a, b in zip(first.scan_lit(box), second.scan_lit(box), strict=True):
        assert (a == b).all()


def test_a_fork_keeps_its_own_light_and_grows_on_its_own():
    store, field = lit(Rock())
    other = store.fork()
    twin = field.fork(other)
    other.set((8, 70, 8), TORCH)
    twin.update(other.drain())
    assert twin.block((8, 70, 8)) == 14
    assert field.block((8, 70, 8)) == 0
    assert_as_from_scratch(other, twin)
    other.ensure_around(0, 0, 8)
    twin.ensure((x, z) for x in range(-7, 8) for z in range(-7, 8))
    assert len(twin.columns()) == 17 * 17
    assert twin.block((8, 70, 8)) == 14
    assert field.columns() == [(x, z) for x in (-1, 0, 1) for z in (-1, 0, 1)]


def test_at_the_top_and_the_bottom_of_the_world_light_stays_right():
    store, field = lit(Rock(), 1)
    for y, block in [
        (319, STONE),
        (319, TORCH),
        (318, STONE),
        (319, BLOCKS[5]),
        (-64, TORCH),
        (-64, STONE),
        (319, AIR),
    ]:
        store.set((0, y, 0), block)
        field.update(store.drain())
        assert_as_from_scratch(store, field)


def test_a_worlds_light_follows_every_change_and_every_column_that_goes(tables):
    world = SimulatedWorld.create(3, tables, "flat", view=2)
    player = world.add_player("Bot")
    x, y, z = world.spawn
    assert world.light_at((x, y, z)) == (0, 15, 15)
    dice = random.Random(3)
    for step in range(60):
        pos = (x + dice.randint(-20, 20), y + dice.randint(-3, 4), z + dice.randint(-20, 20))
        if world.voxels.get(pos) < 65535:
            world.set_block(pos, dice.choice(BLOCKS))
        if step % 7 == 0:
            world.run(1)
        if step % 20 == 19:
            world.teleport(player, (x + 40.5 * (step // 20), y + 3.0, z + 0.5))
            world.light_at(pos)
    world.sync_light()
    assert world.light.columns()
    assert_as_from_scratch(world.voxels, world.light)


def test_a_body_sees_both_layers_of_light_if_it_asks(new_stage):
    stage = new_stage(view=2)
    x, y, z = stage.world.spawn

    async def script(_hands):
        stage.world.set_block((x + 2, y, z), stage.world.tables.state_of("torch"))
        return await stage.body.scan(Box.around((x, y, z), 4, 1, 2), light=True)

    region = stage.play(script)
    assert region.block_light is not None
    assert region.sky_light is not None
    assert region.block_light[6, 1, 4] == 14
    assert region.block_light[4, 1, 4] == 12
    assert region.sky_light[4, 1, 4] == 15


# Minecraft Wiki, "Light", "Bed": the light of the open sky at these times.
@pytest.mark.parametrize(("time", "level"), [(6000, 15), (12540, 12), (12541, 11), (13188, 7), (18000, 4), (23460, 12)])
def test_night_darkens_what_the_sky_gives(tables, time, level):
    world = SimulatedWorld.create(3, tables, "flat", view=1)
    world.add_player("Bot")
    world.time_of_day = time
    assert world.light_at(world.spawn) == (0, 15, level)
