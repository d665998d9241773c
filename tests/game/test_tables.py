"""Facts of 1.20.4 against numbers of the Minecraft Wiki, typed here from its pages."""

from __future__ import annotations

import pytest

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Drop, Tables

T = Tables.builtin()


@pytest.mark.parametrize(
    ("block", "tool", "seconds"),
    [  # Minecraft Wiki: Breaking, "Blocks by hardness"
        ("stone", None, 7.5),
        ("stone", "wooden_pickaxe", 1.15),
        ("stone", "stone_pickaxe", 0.6),
        ("stone", "iron_pickaxe", 0.4),
        ("stone", "diamond_pickaxe", 0.3),
        ("stone", "golden_pickaxe", 0.2),
        ("oak_log", None, 3.0),
        ("oak_log", "wooden_axe", 1.5),
        ("dirt", None, 0.75),
        ("dirt", "wooden_shovel", 0.4),
        ("obsidian", "diamond_pickaxe", 9.4),
        ("obsidian", None, 250.0),
        ("diamond_ore", "wooden_pickaxe", 7.5),
        ("diamond_ore", "iron_pickaxe", 0.75),
        ("iron_ore", "stone_pickaxe", 1.15),
        ("coal_ore", "wooden_pickaxe", 2.25),
        ("cobweb", None, 20.0),
        ("white_wool", "shears", 0.25),
        ("oak_leaves", None, 0.3),
        ("short_grass", None, 0.0),
        ("torch", None, 0.0),
    ],
)
def test_a_block_takes_as_long_to_break_as_in_the_game(block: str, tool: str | None, seconds: float) -> None:
    assert T.dig_ticks(T.state_of(block), tool) == round(seconds * 20)


def test_digging_is_five_times_slower_in_water_and_in_the_air() -> None:
    stone = T.state_of("stone")
    assert T.dig_ticks(stone, "wooden_pickaxe", in_water=True) == 113
    assert T.dig_ticks(stone, None, on_ground=False, in_water=True) == 150 * 25


@pytest.mark.parametrize("block", ["bedrock", "water", "lava", "air", "bubble_column", "end_portal_frame"])
def test_what_cannot_be_broken_never_breaks(block: str) -> None:
    assert T.dig_ticks(T.state_of(block), "diamond_pickaxe") is None
    assert T.drops_of(T.state_of(block), "diamond_pickaxe") == ()


def test_ore_gives_nothing_to_a_tool_that_is_too_weak() -> None:
    iron = T.state_of("iron_ore")
    assert not T.can_harvest(iron, None)
    assert not T.can_harvest(iron, "wooden_pickaxe")
    assert T.drops_of(iron, "wooden_pickaxe") == ()
    assert T.drops_of(iron, "stone_pickaxe") == (Drop("raw_iron", 1, 1, 1.0),)


def test_drops_follow_chance_state_and_shears() -> None:
    assert {d.item: d.chance for d in T.drops_of(T.state_of("gravel"), None)} == {"gravel": 0.9, "flint": 0.1}
    assert {d.item for d in T.drops_of(T.state_of("oak_leaves"), None)} == {"oak_sapling", "stick", "apple"}
    assert [d.item for d in T.drops_of(T.state_of("oak_leaves"), "shears")] == ["oak_leaves"]
    assert [d.item for d in T.drops_of(T.state_of("wheat", age="3"), None)] == ["wheat_seeds"]
    assert {d.item for d in T.drops_of(T.state_of("wheat", age="7"), None)} == {"wheat", "wheat_seeds"}
    assert T.drops_of(T.state_of("redstone_ore"), "iron_pickaxe") == (Drop("redstone", 4, 5, 1.0),)
    assert T.drops_of(T.state_of("oak_slab", type="double"), None) == (Drop("oak_slab", 2, 2, 1.0),)
    assert T.drops_of(T.state_of("oak_slab", type="top"), None) == (Drop("oak_slab", 1, 1, 1.0),)
    assert T.drops_of(T.state_of("snow", layers="5"), "iron_shovel") == (Drop("snowball", 5, 5, 1.0),)
    assert T.drops_of(T.state_of("glass"), None) == ()
    assert [d.item for d in T.drops_of(T.state_of("stone"), "wooden_pickaxe")] == ["cobblestone"]


def test_the_best_tool_is_the_fastest_that_gets_the_drops() -> None:
    stone, log, iron = T.state_of("stone"), T.state_of("oak_log"), T.state_of("iron_ore")
    assert T.best_tool(stone, {"wooden_pickaxe": 1, "stone_pickaxe": 1, "stick": 3}) == "stone_pickaxe"
    assert T.best_tool(log, {"wooden_pickaxe": 1}) is None
    assert T.best_tool(iron, {"golden_pickaxe": 1, "stone_pickaxe": 1}) == "stone_pickaxe"
    assert T.best_tool(iron, {"golden_pickaxe": 1}) is None
    assert T.best_tool(stone, {"iron_pickaxe": 0}) is None


def test_sources_name_natural_blocks_first() -> None:
    assert T.sources_of("cobblestone")[0] == "stone"
    assert T.sources_of("oak_log") == ("oak_log",)
    assert T.sources_of("wheat_seeds")[0] in {"fern", "short_grass"}
    assert T.sources_of("nether_star") == ()


def test_every_state_of_every_block_reads_back_from_its_properties() -> None:
    for block in list(T.blocks.values())[::17]:
        for state in range(block.min_state, block.max_state + 1, 7):
            assert T.block_of(state) is block
            assert T.state_of(block.name, **T.properties_of(state)) == state


def test_unknown_states_blocks_and_properties_are_errors_that_name_them() -> None:
    assert T.name_of(0xFFFF) == "unknown"
    with pytest.raises(KeyError, match="30000"):
        T.block_of(30000)
    with pytest.raises(KeyError, match="no property 'colour'"):
        T.state_of("oak_stairs", colour="red")
    with pytest.raises(ValueError, match="facing is one of north, south, west, east, not 'up'"):
        T.state_of("oak_stairs", facing="up")


def test_items_know_what_placing_them_puts_down() -> None:
    placed = {"wheat_seeds": "wheat", "redstone": "redstone_wire", "stick": None, "torch": "torch", "wheat": None}
    assert {item: T.items[item].block for item in placed} == placed
    assert T.items["wooden_pickaxe"].durability == 59
    assert T.items["ender_pearl"].stack_size == 16


def test_recipes_tell_cells_counts_remains_and_whether_a_table_is_needed() -> None:
    pickaxe = T.recipes["wooden_pickaxe"][0]
    assert pickaxe.shape == (("oak_planks",) * 3, (None, "stick", None), (None, "stick", None))
    assert pickaxe.ingredients == (("oak_planks", 3), ("stick", 2))
    assert pickaxe.needs_table
    assert not T.recipes["stick"][0].needs_table
    assert not T.recipes["crafting_table"][0].needs_table
    assert T.recipes["bread"][0].needs_table
    assert T.recipes["cake"][0].remains == (("bucket", 3),)
    assert T.recipes["honey_block"][0].remains == (("glass_bottle", 4),)


def test_smelting_and_fuel_have_the_wikis_numbers() -> None:
    assert (T.smelting["raw_iron"].result, T.smelting["raw_iron"].ticks) == ("iron_ingot", 200)
    assert T.smelting["oak_log"].result == "charcoal"
    assert {
        i: T.fuel.get(i) for i in ("coal", "oak_planks", "stick", "lava_bucket", "crimson_planks", "white_wool")
    } == {
        "coal": 1600,
        "oak_planks": 300,
        "stick": 100,
        "lava_bucket": 20000,
        "crimson_planks": None,
        "white_wool": 100,
    }


def test_collision_boxes_of_a_state_are_its_own() -> None:
    offsets, boxes = T.collision_boxes

    def of(state: int) -> list[list[float]]:
        return boxes[offsets[state] : offsets[state + 1]].tolist()

    assert of(T.state_of("stone")) == [[0, 0, 0, 1, 1, 1]]
    assert of(T.state_of("air")) == []
    assert of(T.state_of("oak_slab", type="bottom")) == [[0, 0, 0, 1, 0.5, 1]]
    assert max(row[4] for row in of(T.state_of("oak_fence"))) == 1.5
    assert len(offsets) == T.state_count + 1


def test_loading_takes_less_than_a_third_of_a_second() -> None:
    import gzip
    import json
    import time
    from importlib.resources import files

    packed = files("conscious_bot.game") / "data" / "1.20.4.json.gz"
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        Tables.from_minecraft_data(json.loads(gzip.decompress(packed.read_bytes())))
        times.append(time.process_time() - start)
    assert min(times) < 0.3


@pytest.mark.parametrize(
    ("damage", "named"),
    [({"items": None}, "items"), ({"recipes": {"1": [{}]}}, "recipes"), ({"blocks": [{"id": 1}]}, "blocks")],
)
def test_a_broken_document_is_named(damage: dict[str, object], named: str) -> None:
    raw: dict[str, object] = {"version": "x", "items": [], "blocks": [], "recipes": {}, "foods": []}
    with pytest.raises(UserError, match=f"'{named}'"):
        Tables.from_minecraft_data(raw | damage)
