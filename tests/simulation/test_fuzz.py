"""Damaged saves and arbitrary commands are refused in words, or are worlds that work; nothing else happens.

(Fixtures are damaged in `test_terrain_fixture.py`.)
"""

from __future__ import annotations

import copy
import json
import random
import zlib
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select
from tools.prove._busy import VISIT, busy, live
from tools.prove.simulation import out_of_bounds

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.memory.schema import metadata, world_section, world_state
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.terrain import Visit
from conscious_bot.simulation.world import SimulatedWorld

TABLES = Tables.builtin()
WORDS = (
    "give", "clear", "tp", "summon", "setblock", "fill", "execute", "effect", "weather", "gamerule", "kill", "time",
    "difficulty", "gamemode", "spawnpoint", "at", "as", "positioned", "run", "Bot", "@s", "@a", "@e", "@p", "Nobody",
    "~", "~1", "~-3", "~0.5", "5", "-60", "319", "320", "1e9", "999999999999", "nan", "-0", "stone", "minecraft:water",
    "wheat[age=7]", "wheat[age=9]", "chest", "cow", "zombie", "{NoAI:1b}", "{Health:0}", "{", "add", "set", "day", "3d",
    "rain", "speed", "poison", "instant_damage", "infinite", "true", "false", "randomTickSpeed", "doMobSpawning",
    "keep", "hollow", "replace", "outline", "coal", "iron_sword{Damage:7}", "64", "0", "survival", "hard", "\x00", "é",
)  # fmt: skip
ABSURD: tuple[Any, ...] = (
    None, -1, 0, 1, 7, 10**6, 2**40, -(2**63), 2**70, 1e308, -1e9, 0.5, float("nan"), float("inf"), "", "stone",
    "x" * 99, [], [[]], {}, True,
)  # fmt: skip


@cache
def saved() -> tuple[bytes, list[dict[str, Any]]]:
    """A world in which much has happened, as it is saved."""
    world = SimulatedWorld.create(1, TABLES, "flat", view=1)
    live(world, lambda body, hands, operator: busy(random.Random(4), world, body, hands, operator, 900))
    world.herd.summon("zombie", (4.5, -60.0, 4.5))
    world.set_block((3, -55, 3), TABLES.state_of("water"))
    world.run(3)
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        WorldStore(world).write(connection)
        blob = connection.execute(select(world_state.c.data)).scalar_one()
        rows = [dict(row._mapping) for row in connection.execute(select(world_section))]
    engine.dispose()
    return blob, rows


def load(blob: bytes, rows: list[dict[str, Any]]) -> SimulatedWorld | None:
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            metadata.create_all(connection)
            connection.execute(insert(world_state), [{"id": 1, "data": blob}])
            connection.execute(insert(world_section), rows)
            return WorldStore.load(connection, TABLES)
    finally:
        engine.dispose()


def damaged(document: Any, data: st.DataObject) -> Any:
    """A copy with one thing in it replaced, taken out or doubled."""
    root = copy.deepcopy(document)
    at = root
    while True:
        keys: list[Any] = sorted(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        inner = at[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 9)):
            at = inner
            continue
        match data.draw(st.sampled_from(("replace", "replace", "replace", "remove", "double"))):
            case "remove":
                del at[key]
            case "double" if isinstance(at, list):
                at.insert(key, copy.deepcopy(inner))
            case _:
                at[key] = data.draw(st.sampled_from(ABSURD))
        return root


@pytest.mark.requirement("WORLD-02")
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_save_with_one_thing_changed_is_refused_in_words_or_is_a_world_that_runs(data: st.DataObject) -> None:
    blob, rows = saved()
    document = damaged(json.loads(zlib.decompress(blob)), data)
    try:
        world = load(zlib.compress(json.dumps(document).encode()), rows)
    except UserError as error:
        assert error.problem  # noqa: PT017 - either outcome is fine
        assert error.remedy  # noqa: PT017
        return
    assert world is not None
    world.add_player("Bot")
    world.run(5)
    assert not list(out_of_bounds(world))
    world.state_hash()


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_save_with_damaged_bytes_is_refused_in_words_or_is_a_world_that_runs(data: st.DataObject) -> None:
    blob, rows = saved()
    parts = [blob, *(row["data"] for row in rows)]
    which = data.draw(st.integers(0, len(parts) - 1))
    raw = bytearray(parts[which])
    start = data.draw(st.integers(0, len(raw) - 1))
    raw[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    parts[which] = bytes(raw)
    try:
        world = load(parts[0], [row | {"data": part} for row, part in zip(rows, parts[1:], strict=True)])
    except UserError as error:
        assert error.problem  # noqa: PT017 - either outcome is fine
        return
    assert world is not None
    world.add_player("Bot")
    world.run(3)
    assert not list(out_of_bounds(world))


@pytest.mark.requirement("WORLD-02")
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=9), min_size=30, max_size=30), st.text(max_size=30))
def test_any_words_are_a_command_that_works_or_one_that_is_refused_and_changes_nothing(
    commands: list[list[str]], text: str
) -> None:
    world = SimulatedWorld.create(1, TABLES, "flat", view=1)
    world.add_player("Bot")
    operator = SimulatedOperator(world)

    async def main() -> None:
        for command in [*(" ".join(words) for words in commands), text]:
            before = world.state_hash()
            try:
                await operator.command(command)
            except UserError as error:
                assert error.problem  # noqa: PT017 - either outcome is fine
                assert world.state_hash() == before, command
            assert not list(out_of_bounds(world)), command
        world.run(20)
        assert not list(out_of_bounds(world))

    run_virtual(main(), world)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_visitor_with_one_thing_changed_is_refused_in_words_or_comes(data: st.DataObject) -> None:
    world = SimulatedWorld.create(1, TABLES, "flat", view=1)
    world.add_player("Bot")
    try:
        world.visitors.invite(Visit.read(damaged(VISIT, data)))
    except UserError as error:
        assert error.problem  # noqa: PT017 - either outcome is fine
        return
    world.run(40)
    assert not list(out_of_bounds(world))
