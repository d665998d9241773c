"""Visitors do what their scripts say, by the rules of every player, and belong to the world."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine

from conscious_bot.body.port import Hands
from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.memory.schema import metadata
from conscious_bot.simulation import state as s
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.terrain import Fixture, Visit
from conscious_bot.simulation.world import SimulatedWorld

FLOOR = -60


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


def document(visitors: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "visit",
        "terrain": {"preset": "flat"},
        "bot": {"position": [0.5, FLOOR, 0.5]},
        "gamerules": {"doMobSpawning": False},
        "visitors": visitors,
        **more,
    }


def world_with(tables: Tables, *visitors: dict[str, Any], **more: Any) -> SimulatedWorld:
    world = SimulatedWorld.from_fixture(Fixture.of(document(list(visitors), **more), tables), tables, view=2)
    world.add_player("Bot")
    return world


ADA: dict[str, Any] = {
    "name": "Ada",
    "position": [4, FLOOR, 0],
    "after": 1,
    "inventory": [{"item": "dirt", "count": 8}, {"item": "bread", "count": 3}],
    "script": [
        {"do": "say", "text": "hello"},
        {"do": "walk", "to": [10, FLOOR, 3]},
        {"do": "place", "item": "dirt", "at": [11, FLOOR, 3]},
        {"do": "dig", "at": "~ ~-1 ~1"},
        {"do": "walk", "to": "~-3 ~ ~2"},
        {"do": "toss", "item": "bread", "count": 2},
        {"do": "wait", "seconds": 1.5},
        {"do": "say", "text": "done"},
    ],
}


@pytest.mark.requirement("WORLD-02")
def test_a_visitor_walks_places_digs_tosses_and_talks_as_its_script_says(tables: Tables) -> None:
    world = world_with(tables, ADA)
    said: list[str] = []
    world.players[0].listeners.append(
        lambda event: said.append(event.data["text"]) if event.kind.value == "chat" else None
    )
    world.run(15)
    assert len(world.players) == 1, "it comes after a second"
    world.run(600)
    ada = world.players[1]
    assert world.visitors.trouble() == {"Ada": []}
    assert said == ["hello", "done"]
    x, y, z = world.position_of(ada)
    assert (int(x), int(y // 1), int(z)) == (7, FLOOR, 5)
    assert tables.name_of(world.voxels.get((11, FLOOR, 3))) == "dirt"
    assert world.voxels.get((10, FLOOR - 1, 4)) == 0
    assert ada.inventory.count("bread") == 1
    lying = {stack.item: stack.count for _, stack, _, _ in world.items()}
    assert lying.get("bread") == 2
    dirt = ada.inventory.count("dirt") + lying.get("dirt", 0)
    assert dirt == 8, "one placed, one dug"


@pytest.mark.requirement("WORLD-02")
def test_a_body_sees_and_hears_a_visitor_who_comes_to_hit_it(new_stage: Any, tables: Tables) -> None:
    stage = new_stage(view=2)
    visit = Visit.model_validate(
        {
            "name": "Rob",
            "position": "~6 ~ ~",
            "script": [
                {"do": "say", "text": "your bread!"},
                {"do": "hit", "target": "Bot", "times": 2},
                {"do": "leave"},
            ],
        }
    )

    async def script(_: Hands) -> tuple[list[Any], list[Any]]:
        stage.world.visitors.invite(visit)
        await asyncio.sleep(0.5)
        seen = [e for e in await stage.body.entities(16) if e.kind == "player"]
        await asyncio.sleep(10)
        return seen, await stage.body.entities(64)

    seen, after = stage.play(script)
    assert [(e.name, e.kind) for e in seen] == [("Rob", "player")]
    assert [event.data for event in stage.events if event.kind.value == "chat"] == [
        {"sender": "Rob", "text": "your bread!"}
    ]
    assert stage.kinds().count("hurt") == 2
    assert not after, "it left"


@pytest.mark.requirement("WORLD-02")
def test_what_a_visitor_throws_to_a_body_is_picked_up(new_stage: Any) -> None:
    stage = new_stage(view=2)
    script = [{"do": "toss", "item": "bread", "count": 2, "to": "Bot"}]
    visit = {"name": "Ada", "position": "~3 ~ ~1", "inventory": [{"item": "bread", "count": 3}], "script": script}

    async def wait(_: Hands) -> int:
        stage.world.visitors.invite(Visit.model_validate(visit))
        await asyncio.sleep(5)
        return (await stage.body.observe()).inventory.counts().get("bread", 0)

    assert stage.play(wait) == 2


@pytest.mark.requirement("WORLD-02")
def test_a_visitor_strikes_a_creature_dead(tables: Tables) -> None:
    rob = {
        "name": "Rob",
        "position": [3, FLOOR, 3],
        "inventory": [{"item": "diamond_sword"}],
        "script": [{"do": "hold", "item": "diamond_sword"}, {"do": "hit", "target": "cow", "times": 2}],
    }
    world = world_with(tables, rob, entities=[{"kind": "cow", "position": [8.5, FLOOR, 3.5], "noAI": True}])
    world.run(200)
    assert not world.herd.views()
    assert world.visitors.trouble() == {"Rob": []}


def test_what_a_visitor_cannot_do_is_noted_and_the_rest_goes_on(tables: Tables) -> None:
    rob = {
        "name": "Rob",
        "position": [3, FLOOR, 3],
        "script": [
            {"do": "hold", "item": "torch"},
            {"do": "dig", "at": [3, FLOOR - 1, 30]},
            {"do": "place", "item": "dirt", "at": "~1 ~ ~"},
            {"do": "hit", "target": "zombie"},
            {"do": "walk", "to": [900, FLOOR, 3]},
            {"do": "walk", "to": [6, FLOOR + 7, 3]},
            {"do": "toss", "item": "dirt"},
            {"do": "say", "text": "well"},
        ],
    }
    world = world_with(tables, rob)
    said: list[str] = []
    world.players[0].listeners.append(lambda event: said.append(event.data.get("text", "")))
    world.run(300)
    trouble = world.visitors.trouble()["Rob"]
    assert [line.split(":")[0] for line in trouble] == [f"script[{i}]" for i in range(7)]
    assert "well" in said


BUSY = ADA | {"repeat": True, "inventory": [{"item": "dirt", "count": 64}, {"item": "bread", "count": 64}]}


@pytest.mark.requirement("WORLD-05")
@pytest.mark.parametrize("ticks", [10, 37, 45, 61, 83, 120])
def test_a_fork_and_a_save_go_on_with_a_visitor_in_the_middle_of_its_doings(
    tables: Tables, connection: Connection, ticks: int
) -> None:
    world = world_with(tables, BUSY)
    world.run(ticks)
    fork = world.fork()
    WorldStore(world).write(connection)
    loaded = WorldStore.load(connection, tables)
    assert loaded is not None
    loaded.add_player("Bot")
    assert fork.state_hash() == world.state_hash() == loaded.state_hash()
    for _ in range(12):
        for each in (world, fork, loaded):
            each.run(25)
        assert fork.state_hash() == world.state_hash() == loaded.state_hash()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a b"}, r"visitors\[0\]\.name"),
        ({"name": "Bot"}, "a player of this name"),
        ({"position": "~ x ~"}, r"visitors\[0\]\.position"),
        ({"position": [0, 999, 0]}, r"visitors\[0\]\.position: 0 999 0 lies outside"),
        ({"script": [{"do": "fly"}]}, r"visitors\[0\]\.script\[0\]"),
        ({"script": [{"do": "walk", "to": [0, -99, 0]}]}, r"visitors\[0\]\.script\[0\]: 0 -99 0 lies outside"),
        ({"script": [{"do": "say", "text": "/op Rob"}]}, r"script\[0\]\.say\.text"),
        ({"script": [{"do": "hold", "item": "marzipan"}]}, r"script\[0\]\.item: 1\.20\.4 has no item"),
        ({"script": [{"do": "place", "item": "bread", "at": "~ ~ ~"}]}, r"script\[0\]\.item: bread is no block"),
        ({"inventory": [{"item": "dirt", "count": 65}]}, r"visitors\[0\]\.inventory\[0\]\.count"),
    ],
)
def test_a_visitor_that_cannot_be_is_refused_by_place_and_reason(
    tables: Tables, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        world_with(tables, ADA | change)


@pytest.mark.requirement("WORLD-02")
def test_a_visitor_sneaks_where_its_script_says_so_and_to_put_something_on_a_chest(tables: Tables) -> None:
    """Minecraft Wiki, "Sneaking": 1.295 m/s."""
    script = [
        {"do": "walk", "to": [8, FLOOR, 0], "sneak": True},
        {"do": "place", "item": "chest", "at": [9, FLOOR, 0]},
        {"do": "place", "item": "dirt", "at": [9, FLOOR + 1, 0]},
        {"do": "walk", "to": [4, FLOOR, 0]},
    ]
    things = [{"item": "dirt", "count": 1}, {"item": "chest", "count": 1}]
    world = world_with(tables, ADA | {"after": 0, "inventory": things, "script": script})
    world.run(10)
    row = world.arrays.pi[1]
    postures: list[tuple[int, int]] = []
    began, start = world.age, world.position_of(world.players[1])[0]
    while world.position_of(world.players[1])[0] < 8:
        world.run(1)
        postures.append((int(row[s.PI_CROUCHED]), int(row[s.PI_ACTION])))
    assert (8 - start) / ((world.age - began) / 20) == pytest.approx(1.295, rel=0.1)
    assert all(crouched for crouched, action in postures if action == s.ACT_FOLLOW)
    world.run(60)
    assert world.visitors.trouble() == {"Ada": []}
    assert world.tables.name_of(world.voxels.get((9, FLOOR + 1, 0))) == "dirt"
    world.run(60)
    assert not row[s.PI_SNEAK]
    assert world.position_of(world.players[1])[0] == pytest.approx(4.5, abs=0.2)
