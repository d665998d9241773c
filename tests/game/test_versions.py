"""Tables of other versions from the real package, and the packed file against its script."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from conscious_bot.game.tables import Tables
from conscious_bot.world.creatures import is_creature, is_hostile

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(
        not (ROOT / "body-driver/node_modules/minecraft-data").exists(),
        reason="body-driver/node_modules is not installed (npm ci in body-driver)",
    ),
]


@cache
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "tools/make_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_tables"] = module
    spec.loader.exec_module(module)
    return module


@cache
def tables(version: str) -> Tables:
    return Tables.from_minecraft_data(tool().documents(version))


def test_making_the_packed_tables_again_gives_the_same_bytes() -> None:
    packed = ROOT / "src/conscious_bot/game/data/1.20.4.json.gz"
    assert tool().pack(tool().documents("1.20.4"), "1.20.4") == packed.read_bytes()
    assert packed.stat().st_size < 1_000_000


@pytest.mark.parametrize("version", ["1.8.8", "1.12.2", "1.13.2", "1.16.5", "1.17.1", "1.20.4", "1.21.11"])
def test_creatures_have_todays_names_and_their_temper_in_every_version(version: str) -> None:
    t = tables(version)
    for kind in ("creeper", "zombie", "cave_spider", "magma_cube", "zombified_piglin"):
        assert is_hostile(t, kind) == (kind != "zombified_piglin" or version != "1.16.5"), kind
        assert is_creature(t, kind)
    for kind in ("cow", "iron_golem", "snow_golem"):
        assert not is_hostile(t, kind)
        assert is_creature(t, kind)
    assert not is_creature(t, "arrow")
    assert "leather" in {drop.item for drop in t.creature_drops["cow"]}


VERSIONS = ["1.8.8", "1.12.2", "1.13.2", "1.16.5", "1.20.4", "1.21.11", "26.1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_first_tools_work_alike_in_every_version(version: str) -> None:
    t = tables(version)
    log, planks = ("log", "planks") if version in {"1.8.8", "1.12.2"} else ("oak_log", "oak_planks")
    assert t.dig_ticks(t.state_of(log), None) == 60
    assert t.dig_ticks(t.state_of("stone"), "wooden_pickaxe") == 23
    assert [d.item for d in t.drops_of(t.state_of("stone"), "wooden_pickaxe")] == ["cobblestone"]
    assert t.drops_of(t.state_of("stone"), None) == ()
    assert [r.count for r in t.recipes[planks] if dict(r.ingredients) == {log: 1}] == [4]
    assert any(dict(r.ingredients) == {planks: 3, "stick": 2} for r in t.recipes["wooden_pickaxe"])
    assert t.smelting[log].result == ("coal" if log == "log" else "charcoal")
    assert t.fuel[planks] == 300


@pytest.mark.parametrize("version", VERSIONS)
def test_every_state_has_a_block_properties_drops_and_boxes(version: str) -> None:
    t = tables(version)
    offsets, boxes = t.collision_boxes
    assert offsets[-1] == len(boxes)
    for block in t.blocks.values():
        for state in {block.min_state, block.default_state, block.max_state}:
            assert t.state_of(block.name, **t.properties_of(state)) == state
            t.drops_of(state, "diamond_pickaxe")


def test_before_flattening_a_state_is_id_and_metadata() -> None:
    t = tables("1.8.8")
    assert t.properties_of((59 << 4) | 7) == {"metadata": "7"}
    assert {d.item for d in t.drops_of((59 << 4) | 7, None)} == {"wheat", "wheat_seeds"}
    assert {d.item for d in t.drops_of((59 << 4) | 3, None)} == {"wheat_seeds"}
    assert [d.item for d in t.drops_of(t.state_of("grass"), None)] == ["dirt"]


def test_recipes_that_speak_of_items_a_version_lacks_are_left_out() -> None:
    old = tables("1.11.2")
    assert {"stick", "crafting_table", "furnace"} <= old.recipes.keys()
    assert all(name in old.items for rows in old.recipes.values() for r in rows for name, _ in r.ingredients)
