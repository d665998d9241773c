"""A saved world goes on exactly like one that was never saved, and a damaged save is refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert, select, update

from conscious_bot.body.port import Hands
from conscious_bot.contracts import ActionFailed, Primitive, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.memory.schema import metadata, world_section, world_state
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ItemStack


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


def first_half(world: SimulatedWorld) -> None:
    async def main() -> None:
        body, operator = SimulatedBody(world), SimulatedOperator(world)
        await body.open()
        hands = body.claim_hands()
        await operator.command("give Bot stone_pickaxe")
        await operator.command("give Bot oak_planks 12")
        await operator.command("time set 12000")
        x, y, z = body.state().block
        await operator.command(f"fill {x + 1} {y} {z - 1} {x + 1} {y + 1} {z - 1} stone")
        await hands.equip("stone_pickaxe", "hand")
        await hands.dig((x + 1, y, z - 1))
        with contextlib.suppress(ActionFailed):
            await hands.dig((x, y - 1, z + 2))
        world.players[0].inventory.add(ItemStack("wooden_axe", 1, 17))
        await hands.toss("oak_planks", 5)
        await operator.command(f"tp Bot {x + 40} {y + 6} {z}")
        await asyncio.sleep(0.3)  # saved in the middle of a fall

    run_virtual(main(), world)


def second_half(world: SimulatedWorld) -> list[str]:
    async def main() -> list[str]:
        hashes: list[str] = []
        body = SimulatedBody(world)
        await body.open()
        hands = body.claim_hands()
        await asyncio.sleep(2)
        for _ in range(6):
            x, y, z = body.state().block
            hashes.append(world.state_hash())
            await hands.follow([Primitive(op="walk_W", to=(x - i, y, z)) for i in range(1, 7)])
            x, y, z = body.state().block
            with contextlib.suppress(ActionFailed):  # on rough ground there may be nothing to dig there
                await hands.dig((x, y - 1, z + 1))
            await asyncio.sleep(1)
        return [*hashes, world.state_hash()]

    return run_virtual(main(), world)


@pytest.mark.requirement("WORLD-02")
@pytest.mark.parametrize("preset", ["flat", "default"])
def test_saved_loaded_and_run_on_equals_run_on(tables: Tables, connection: Connection, preset: str) -> None:
    never = SimulatedWorld.create(5, tables, preset, view=2)
    first_half(never)
    saved = SimulatedWorld.create(5, tables, preset, view=2)
    first_half(saved)
    WorldStore(saved).write(connection)
    loaded = WorldStore.load(connection, tables)
    assert loaded is not None
    assert loaded.state_hash() == never.state_hash()
    assert loaded.voxels.columns() == never.voxels.columns()
    assert second_half(loaded) == second_half(never)


def test_only_what_changed_is_written_again(stage, connection: Connection) -> None:
    store = WorldStore(stage.world)
    stage.play(lambda _: stage.operator.command(f"setblock 3 {stage.floor} 3 stone"))
    store.write(connection)
    connection.execute(update(world_section).values(data=b"mark"))
    stage.play(lambda _: stage.operator.command(f"setblock 30 {stage.floor} 3 stone"))
    store.write(connection)
    rows = connection.execute(select(world_section)).all()
    assert sorted((row.cx, row.cz, row.data == b"mark") for row in rows) == [(0, 0, True), (1, 0, False)]


def test_a_loaded_world_is_at_rest(stage, connection: Connection, straight: Callable[..., Any], tables: Tables) -> None:
    async def script(hands: Hands) -> None:
        walk = asyncio.create_task(hands.follow(straight(stage.feet(), 30)))
        await asyncio.sleep(2)
        WorldStore(stage.world).write(connection)
        walk.cancel()

    stage.play(script)
    loaded = WorldStore.load(connection, tables)
    assert loaded is not None
    before = loaded.position_of(loaded.players[0])
    loaded.run(40)
    after = loaded.position_of(loaded.players[0])
    assert after[0] - before[0] < 0.5  # it glides out, but walks no more
    assert not loaded.pending()


def test_no_save_is_no_world(connection: Connection, tables: Tables) -> None:
    assert WorldStore.load(connection, tables) is None


def _document(connection: Connection) -> dict[str, Any]:
    data = connection.execute(select(world_state.c.data)).scalar_one()
    return json.loads(zlib.decompress(data))


def _replace(connection: Connection, data: bytes) -> None:
    connection.execute(update(world_state).values(data=data))


def _damage(change: Callable[[dict[str, Any]], object]) -> Callable[[Connection], None]:
    def apply(connection: Connection) -> None:
        document = _document(connection)
        change(document)
        _replace(connection, zlib.compress(json.dumps(document).encode()))

    return apply


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda c: _replace(c, b"not zlib"), "state is damaged"),
        (lambda c: _replace(c, zlib.compress(b"{}" * 100)[:-3]), "state is damaged"),
        (lambda c: _replace(c, zlib.compress(b"[1, 2]")), "no document"),
        (_damage(lambda d: d.update(format=99)), "format 99"),
        (_damage(lambda d: d.update(version="1.8")), "version '1.8'"),
        (_damage(lambda d: d.pop("clock")), "clock"),
        (_damage(lambda d: d.update(preset="moon")), "moon"),
        (_damage(lambda d: d.update(columns=[[0, 9999, 9]])), "beyond the end"),
        (_damage(lambda d: d["players"][0].update(f=[1, 2])), "shape"),
        (_damage(lambda d: d["players"][0]["f"].__setitem__(0, float("nan"))), "shape|number|nan"),
        (_damage(lambda d: d["players"][0]["slots"].__setitem__(0, ["dirt", 65, 0])), "65 dirt"),
        (_damage(lambda d: d["players"][0]["slots"].__setitem__(0, ["gold_dust", 1, 0])), "gold_dust"),
        (_damage(lambda d: d["items"]["i"].append([1] * 9)), "shape|homogeneous"),
        (
            _damage(lambda d: d["players"][0]["f"].__setitem__(1, 1e300)),
            r"players\[0\]\.f\[1\] is 1e\+300",
        ),
        (
            _damage(lambda d: d["players"][0]["i"].__setitem__(12, 77)),
            r"players\[0\]\.i\[12\] is 77",
        ),
        (_damage(lambda d: d["clock"].__setitem__(1, -5)), r"clock\[1\] is -5"),
        (_damage(lambda d: d.update(ticks=[[0.5, 1, 1, 1, 1]])), "ticks: float64"),
        (_damage(lambda d: d.update(view=900)), "view is 900"),
        (_damage(lambda d: d.update(visitors=[{"visit": {"name": "x"}}])), "visitors|visitor"),
        (lambda c: c.execute(insert(world_section), [{"cx": 7, "sy": 3, "cz": 7, "data": b"x"}]), "7, 7, section 3"),
        (lambda c: c.execute(insert(world_section), [{"cx": 7, "sy": 77, "cz": 7, "data": b"x"}]), "section 77"),
    ],
)
def test_a_damaged_save_is_refused_with_place_and_reason(
    stage, connection: Connection, tables: Tables, damage: Callable[[Connection], None], said: str
) -> None:
    stage.play(lambda _: stage.operator.command(f"setblock 3 {stage.floor} 3 stone"))
    stage.world.drop(ItemStack("dirt", 1), (20.0, -40.0, 20.0))
    WorldStore(stage.world).write(connection)
    damage(connection)
    with pytest.raises(UserError, match=said) as refused:
        WorldStore.load(connection, tables)
    assert refused.value.remedy
