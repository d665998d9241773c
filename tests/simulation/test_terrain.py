import random
from collections import deque

import numpy as np
import pytest

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.terrain import PRESETS, FlatTerrain, make_terrain, spawn_point
from conscious_bot.simulation.terrain.presets import seed_bits
from conscious_bot.simulation.terrain.shape import BIOMES, SEA, SIDE, lay_out, ravine_depth
from conscious_bot.simulation.voxels import AIR, HEIGHT, MIN_Y, VoxelStore
from conscious_bot.world.region import Box

SIDES = ((1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1))


@pytest.fixture(scope="module")
def tables():
    return Tables.builtin()


@pytest.fixture(scope="module")
def lands(tables):
    """Worlds of some seeds, each with 11 by 11 columns: (block names by state, blocks [x, y, z], lowest x and z)."""
    found = []
    for seed, (cx, cz) in [(1, (0, 0)), (2, (30, -20)), (-3, (-200, 90)), (4, (60, 60))]:
        store = VoxelStore(make_terrain("default", seed, tables))
        store.ensure_around(cx, cz, 5)
        low = ((cx - 5) * 16, MIN_Y, (cz - 5) * 16)
        high = ((cx + 6) * 16 - 1, 150, (cz + 6) * 16 - 1)
        found.append(store.scan(Box(low, high)).blocks)
    return found


def column(terrain, cx, cz):
    out = np.zeros((HEIGHT, 16, 16), np.uint16)
    top = terrain.fill(cx, cz, out)
    return out, top


def mask_of(tables, *names):
    mask = np.zeros(1 << 16, np.bool_)
    for name in names:
        block = tables.blocks[name]
        mask[block.min_state : block.max_state + 1] = True
    return mask


def test_a_column_is_the_same_whatever_was_made_before_it(tables):
    places = [(x, z) for x in range(-3, 3) for z in range(7, 12)]
    first = make_terrain("default", 12, tables)
    made = {place: column(first, *place) for place in places}
    shuffled = random.Random(5).sample(places, len(places))
    second = make_terrain("default", 12, tables)
    for place in shuffled:
        blocks, top = column(second, *place)
        assert top == made[place][1]
        assert (blocks == made[place][0]).all()


def test_seeds_that_follow_each_other_make_different_worlds(tables):
    columns = [column(make_terrain("default", seed, tables), 0, 0)[0] for seed in (0, 1, 2, -1, 2**63, 10**30)]
    for i, a in enumerate(columns):
        for b in columns[i + 1 :]:
            assert (a != b).mean() > 0.01


def test_nothing_stands_above_the_height_that_a_column_declares(tables):
    for seed in range(4):
        terrain = make_terrain("default", seed, tables)
        for place in [(0, 0), (5, 5), (-40, 3), (100, 100)]:
            blocks, top = column(terrain, *place)
            assert not blocks[top:].any()
            assert blocks[:1].all()


def test_the_bottom_is_bedrock_and_thins_out_within_five_layers(lands, tables):
    bedrock = mask_of(tables, "bedrock")
    for blocks in lands:
        share = bedrock[blocks].mean(axis=(0, 2))
        assert share[0] == 1.0
        assert all(share[i] > share[i + 1] for i in range(5))
        assert share[5:].sum() == 0.0


def test_leaves_know_their_distance_to_the_nearest_log_also_over_borders_of_columns(lands, tables):
    checked = 0
    for blocks in lands:
        kinds = {state: tables.name_of(state) for state in np.unique(blocks).tolist()}
        logs = np.isin(blocks, [s for s, name in kinds.items() if name.endswith("_log")])
        leaves = np.isin(blocks, [s for s, name in kinds.items() if name.endswith("_leaves")])
        steps = np.full(blocks.shape, 7)
        queue = deque()
        for pos in np.argwhere(logs).tolist():
            steps[*pos] = 0
            queue.append(pos)
        while queue:
            x, y, z = queue.popleft()
            for dx, dy, dz in (*SIDES, (0, 1, 0), (0, -1, 0)):
                a, b, c = x + dx, y + dy, z + dz
                inside = 0 <= a < blocks.shape[0] and 0 <= b < blocks.shape[1] and 0 <= c < blocks.shape[2]
                if inside and leaves[a, b, c] and steps[a, b, c] > steps[x, y, z] + 1:
                    steps[a, b, c] = steps[x, y, z] + 1
                    queue.append([a, b, c])
        for x, y, z in np.argwhere(leaves[16:-16, :, 16:-16]).tolist():
            properties = tables.properties_of(int(blocks[x + 16, y, z + 16]))
            assert properties["distance"] == str(steps[x + 16, y, z + 16])
            assert properties["distance"] != "7", "it would wither"
            assert properties["persistent"] == "false"
            checked += 1
    assert checked > 5000


def test_every_trunk_stands_on_dirt(lands, tables):
    logs = mask_of(tables, "oak_log", "birch_log", "spruce_log")
    dirt = mask_of(tables, "dirt")
    for blocks in lands:
        feet = logs[blocks[:, 1:]] & ~logs[blocks[:, :-1]]
        assert dirt[blocks[:, :-1][feet]].all()
        heights = (logs[blocks].sum(axis=1))[logs[blocks].any(axis=1)]
        assert set(heights.tolist()) <= set(range(4, 10))


def test_no_water_or_lava_hangs_in_the_air(lands, tables):
    fluid = mask_of(tables, "water", "lava")
    open_cell = mask_of(tables, "air", "short_grass", "poppy", "dandelion", "fern", "dead_bush")
    seen = 0
    for blocks in lands:
        wet = fluid[blocks]
        free = open_cell[blocks]
        seen += int(wet.sum())
        assert not (wet[:, 1:] & free[:, :-1]).any()
        assert not (wet[1:] & free[:-1]).any()
        assert not (wet[:-1] & free[1:]).any()
        assert not (wet[:, :, 1:] & free[:, :, :-1]).any()
        assert not (wet[:, :, :-1] & free[:, :, 1:]).any()
    assert seen > 1000


# Minecraft Wiki, "Ore": where each ore is found at all, and where it is most common.
ORES = {
    "coal": (0, 192),
    "iron": (-64, 320),
    "copper": (-16, 112),
    "gold": (-64, 32),
    "redstone": (-64, 15),
    "lapis": (-64, 64),
    "diamond": (-64, 16),
}


@pytest.mark.parametrize("ore", sorted(ORES))
def test_ores_lie_at_the_depths_of_the_game(ore, lands, tables):
    low, high = ORES[ore]
    plain = mask_of(tables, f"{ore}_ore")
    deep = mask_of(tables, f"deepslate_{ore}_ore")
    total = 0
    for blocks in lands:
        heights = np.flatnonzero((plain | deep)[blocks].any(axis=(0, 2))) + MIN_Y
        total += int((plain | deep)[blocks].sum())
        assert heights.min() >= low - 3  # a vein's own size
        assert heights.max() <= high + 3
        # Granite and its like reach a little below y 0, tuff a little above, with the ore of their kind in them.
        assert not plain[blocks[:, : -12 - MIN_Y]].any(), "stone ore in the depth"
        assert not deep[blocks[:, 20 - MIN_Y :]].any(), "deepslate ore above the deepslate"
    assert total > 300


def test_plants_stand_where_they_can(lands, tables):
    grass = mask_of(tables, "grass_block", "dirt", "podzol")
    sand = mask_of(tables, "sand")
    water = mask_of(tables, "water")
    flowers = ("poppy", "dandelion", "oxeye_daisy", "cornflower", "red_mushroom", "brown_mushroom")
    herbs = mask_of(tables, "short_grass", "fern", *flowers)
    cactus = mask_of(tables, "cactus")
    cane = mask_of(tables, "sugar_cane")
    for blocks in lands:
        assert grass[blocks[:, :-1][herbs[blocks[:, 1:]]]].all()
        below = blocks[:, :-1][cactus[blocks[:, 1:]]]
        assert (sand | cactus)[below].all()
        for x, y, z in np.argwhere(cactus[blocks[1:-1, :, 1:-1]]).tolist():
            assert all(blocks[x + 1 + dx, y, z + 1 + dz] == AIR for dx, _, dz in SIDES)
        for x, y, z in np.argwhere(cane[blocks[1:-1, :, 1:-1]]).tolist():
            under = blocks[x + 1, y - 1, z + 1]
            wet = any(water[blocks[x + 1 + dx, y - 1, z + 1 + dz]] for dx, _, dz in SIDES)
            assert cane[under] or ((grass | sand)[under] and wet)


def test_the_default_world_has_all_its_biomes_and_hills_about_the_sea(tables):
    terrain = make_terrain("default", 3, tables)
    places = [(x, z) for x in range(-1500, 1500, 60) for z in range(-1500, 1500, 60)]
    assert {terrain.biome(x, z) for x, z in places} == set(BIOMES)
    heights = [terrain.height(x, z) for x, z in places]
    assert 0.03 < np.mean([h < 62 for h in heights]) < 0.5
    assert 80 < max(heights) < 130
    assert min(heights) > 20


def test_there_are_caves_and_lava_in_the_depth(lands, tables):
    lava = mask_of(tables, "lava")
    for blocks in lands:
        hollow = (blocks == AIR).mean(axis=(0, 2))
        assert 0.005 < hollow[-50 - MIN_Y : 40 - MIN_Y].mean() < 0.2
        deep = np.flatnonzero(lava[blocks].any(axis=(0, 2)))
        assert deep.min() + MIN_Y < -50


def test_there_are_ponds_above_the_sea_pools_of_lava_and_ravines(tables):
    terrain = make_terrain("default", 3, tables)
    ponds = pools = 0
    size = (SIDE, SIDE)
    heights, levels = np.zeros(size, np.int32), np.zeros(size, np.int32)
    fluids, biomes, ground = (np.zeros(size, np.uint8) for _ in range(3))
    for cx in range(-40, 40):
        for cz in range(-40, 40):
            lay_out(seed_bits(3), cx, cz, heights, levels, fluids, biomes, ground)
            wet = levels > heights
            ponds += bool((wet & (fluids == 1) & (levels > SEA)).any())
            pools += bool((wet & (fluids == 2)).any())
    assert ponds > 20
    assert pools > 3
    deep = [(x, z) for x in range(-640, 640, 4) for z in range(-640, 640, 4) if ravine_depth(seed_bits(3), x, z) > 15]
    assert deep
    open_sky = 0
    for x, z in deep[:40]:
        blocks, _ = column(terrain, x >> 4, z >> 4)
        ground_here = terrain.height(x, z) - MIN_Y
        open_sky += blocks[ground_here - 8 : ground_here + 1, z & 15, x & 15].tolist() == [AIR] * 9
    assert open_sky > 10, "a ravine is open to the sky"


@pytest.mark.slow
def test_the_world_begins_on_dry_grass_near_trees_and_bare_stone_for_many_seeds(tables):
    logs = mask_of(tables, "oak_log", "birch_log", "spruce_log")
    stone = mask_of(tables, "stone")
    solid = ~mask_of(tables, "air", "short_grass", "fern", "poppy", "dandelion", "water", "lava")
    for seed in range(0, 50, 2):
        terrain = make_terrain("default", seed, tables)
        store = VoxelStore(terrain)
        x, y, z = spawn = spawn_point(store, terrain, tables)
        assert tables.name_of(store.get((x, y - 1, z))) == "grass_block"
        assert y > 62
        assert abs(x) <= 90
        assert abs(z) <= 90
        assert not solid[store.scan(Box(spawn, (x, y + 1, z))).blocks].any()
        trees = {(a, c) for a, _, c in store.find(logs, spawn, 48, 400)}
        assert len(trees) >= 4
        bare = [(a, b, c) for a, b, c in store.find(stone, spawn, 48, 300_000) if store.get((a, b + 1, c)) == AIR]
        assert bare
        assert spawn_point(store, terrain, tables) == spawn


def test_the_flat_world_is_the_games_classic_one(tables):
    terrain = make_terrain("flat", 0, tables)
    store = VoxelStore(terrain)
    assert spawn_point(store, terrain, tables) == (0, -60, 0)
    names = [tables.name_of(store.get((7, y, 9))) for y in range(-64, -59)]
    assert names == ["bedrock", "dirt", "dirt", "grass_block", "air"]
    assert terrain.biome(5, 5) == "plains"


def test_a_flat_world_may_have_other_layers_and_refuses_what_does_not_fit(tables):
    terrain = FlatTerrain(tables, layers=[("stone", 3), ("sand", 1)], bottom=60)
    blocks, top = column(terrain, 0, 0)
    assert top == 63 - MIN_Y + 1
    assert tables.name_of(int(blocks[63 - MIN_Y, 0, 0])) == "sand"
    assert not blocks[: 60 - MIN_Y].any()
    for layers, bottom in [([("stone", 400)], -64), ([("stone", 1)], -65), ([("stone", 0)], 0), ([("marzipan", 1)], 0)]:
        with pytest.raises(ValueError, match=r"stone|marzipan|layers"):
            FlatTerrain(tables, layers=layers, bottom=bottom)


def test_the_void_has_one_platform(tables):
    terrain = make_terrain("void", 0, tables)
    store = VoxelStore(terrain)
    store.ensure_around(0, 0, 3)
    assert spawn_point(store, terrain, tables) == (0, 64, 0)
    blocks = store.scan(Box((-48, -64, -48), (63, 319, 63))).blocks
    assert (blocks != AIR).sum() == 33 * 33
    assert tables.name_of(store.get((16, 63, -16))) == "stone"
    assert store.get((17, 63, 0)) == AIR


def test_an_unknown_preset_is_refused_with_those_there_are(tables):
    with pytest.raises(UserError, match="moon") as caught:
        make_terrain("moon", 0, tables)
    assert all(name in caught.value.remedy for name in PRESETS)
