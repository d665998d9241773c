"""Walling in until the danger is over."""

from __future__ import annotations

import asyncio

import pytest
from tests.leaves.conftest import Stage, code, shown

from conscious_bot.game.tables import Tables
from conscious_bot.leaves.run_state import RunState
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.terrain import Fixture
from conscious_bot.simulation.world import SimulatedWorld


@pytest.fixture
def corridor(tables: Tables) -> Stage:
    world = SimulatedWorld.from_fixture(Fixture.shipped("corridor_12_blocks", tables), tables)
    return Stage(world, SimulatedBody(world), SimulatedOperator(world))


def wall_of(stage: Stage) -> list[str]:
    return [stage.block((88 + dx, 12 + dy, -35)) for dx in (-1, 1) for dy in (0, 1)]


@pytest.mark.requirement("LEAF-09")
def test_it_closes_waits_and_takes_its_blocks_back(corridor) -> None:
    async def script(s):
        await s.operator.command("summon zombie 94.5 12 -34.5 {NoAI:1b}")
        run = RunState()
        task = asyncio.ensure_future(s.run("retreat_and_block", state=run))
        await asyncio.sleep(6)
        closed = wall_of(s), list(run.wall)
        await s.operator.command("kill @e[type=zombie]")
        result = await task
        return closed, result, run

    (blocks, wall), result, run = corridor.play(script)
    assert blocks == ["dirt"] * 4
    assert len(wall) == 4
    assert shown(result).observables["output"]["blocks"] == 4
    assert result.observables["output"]["lost"] == 0
    assert wall_of(corridor) == ["air"] * 4
    assert corridor.carried("dirt") == 16
    assert run.wall == []
    assert result.observables["difference"]["threats"] == {"before": 1, "after": 0}


@pytest.mark.requirement("LEAF-09", "LEAF-05")
def test_a_threat_that_stays_leaves_it_closed_and_a_second_try_goes_on(corridor) -> None:
    async def script(s):
        await s.operator.command("summon zombie 94.5 12 -34.5 {NoAI:1b}")
        run = RunState()
        first = await s.run("retreat_and_block", state=run)
        closed = wall_of(s)
        await s.operator.command("kill @e[type=zombie]")
        return first, closed, await s.run("retreat_and_block", state=run)

    first, closed, second = corridor.play(script)
    assert code(first) == "combat.threatPersists"
    assert closed == ["dirt"] * 4
    assert shown(second)
    assert wall_of(corridor) == ["air"] * 4
    assert corridor.carried("dirt") == 16


@pytest.mark.requirement("LEAF-09", "LEAF-05")
def test_a_hostile_that_comes_back_finds_the_wall_closed_again(corridor) -> None:
    async def script(s):
        await s.operator.command("summon zombie 94.5 12 -34.5 {NoAI:1b}")
        run = RunState()
        task = asyncio.ensure_future(s.run("retreat_and_block", state=run))
        await asyncio.sleep(6)
        await s.operator.command("kill @e[type=zombie]")
        opened = asyncio.Event()
        forget = s.body.subscribe(lambda _event: "air" in wall_of(s) and opened.set())
        await opened.wait()
        forget()
        await s.operator.command("summon zombie 94.5 12 -34.5 {NoAI:1b}")
        first = await task
        closed, carried = wall_of(s), s.carried("dirt")
        await s.operator.command("kill @e[type=zombie]")
        return first, closed, carried, await s.run("retreat_and_block", state=run), run

    first, closed, carried, second, run = corridor.play(script)
    assert code(first) == "combat.threatPersists"
    assert (closed, carried) == (["dirt"] * 4, 12)
    assert shown(second)
    assert wall_of(corridor) == ["air"] * 4
    assert corridor.carried("dirt") == 16
    assert run.wall == []


@pytest.mark.requirement("LEAF-09")
def test_a_wall_that_another_run_left_is_opened_when_nobody_waits_outside(corridor) -> None:
    async def script(s):
        await s.operator.command("summon zombie 94.5 12 -34.5 {NoAI:1b}")
        first = await s.run("retreat_and_block")
        waiting = await s.run("retreat_and_block")
        closed = wall_of(s)
        await s.operator.command("kill @e[type=zombie]")
        return first, waiting, closed, await s.run("retreat_and_block")

    first, waiting, closed, opened = corridor.play(script)
    assert code(first) == code(waiting) == "combat.threatPersists"
    assert closed == ["dirt"] * 4
    assert shown(opened).changed
    assert sorted(wall_of(corridor)) == ["air", "air", "dirt", "dirt"]
    assert corridor.carried("dirt") == 14


@pytest.mark.requirement("LEAF-09", "LEAF-05")
def test_too_few_blocks_are_a_lack_and_nobody_there_is_nothing_to_do(corridor) -> None:
    async def script(s):
        nobody = await s.run("retreat_and_block")
        await s.operator.command("clear Bot dirt")
        await s.give("dirt", 3)
        await s.operator.command("summon zombie 94.5 12 -34.5 {NoAI:1b}")
        return nobody, await s.run("retreat_and_block")

    nobody, few = corridor.play(script)
    assert shown(nobody).changed is False
    assert code(few) == "inventory.missing"
    assert corridor.carried("dirt") == 3


@pytest.mark.requirement("LEAF-09")
def test_with_a_torch_beside_it_goes_back_along_the_lit_way_first(corridor) -> None:
    async def script(s):
        await s.run("place_torch", pos=[87, 12, -35])
        await s.operator.command("summon zombie 93.5 12 -34.5 {NoAI:1b}")
        run = RunState()
        task = asyncio.ensure_future(s.run("retreat_and_block", state=run))
        await asyncio.sleep(8)
        feet, wall = s.feet, list(run.wall)
        await s.operator.command("kill @e[type=zombie]")
        return feet, wall, await task

    feet, wall, result = corridor.play(script)
    assert feet == (87, 12, -35)
    assert len(wall) == 4
    assert shown(result)


@pytest.mark.requirement("LEAF-09")
def test_in_the_open_it_also_closes_the_roof(stage) -> None:
    async def script(s):
        await s.give("dirt", 20)
        await s.operator.command("difficulty easy")
        x, y, z = s.feet
        await s.operator.command(f"summon creeper {x + 6.5} {y} {z + 0.5} {{NoAI:1b}}")
        run = RunState()
        task = asyncio.ensure_future(s.run("retreat_and_block", state=run))
        await asyncio.sleep(6)
        wall = {tuple(b - a for a, b in zip((x, y, z), c, strict=True)) for c in run.wall}
        await s.operator.command("kill @e[type=creeper]")
        return wall, await task

    wall, result = stage.play(script)
    sides = {(1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1), (1, 1, 0), (-1, 1, 0), (0, 1, 1), (0, 1, -1)}
    assert wall == sides | {(0, 2, 0), (1, 2, 0)}
    assert shown(result)
    assert stage.carried("dirt") == 20


@pytest.mark.requirement("LEAF-05", "LEAF-09")
def test_where_nothing_is_open_it_builds_nothing_and_waits_like_behind_a_wall_of_its_own(stage) -> None:
    """A hollow under the ground, closed all around, and a zombie above that might have a way to it."""

    async def script(s):
        x, y, z = s.feet
        await s.operator.command("give Bot dirt 16")
        await s.operator.command(f"fill {x} {y - 3} {z} {x} {y - 2} {z} air")
        await s.operator.command(f"tp Bot {x} {y - 3} {z}")
        await s.operator.command(f"summon zombie {x + 4} {y} {z} {{NoAI:1b}}")
        await asyncio.sleep(0.5)
        return await s.run("retreat_and_block")

    result = stage.play(script)
    assert code(result) == "combat.threatPersists"
    assert result.observables["commands"] == 0
    assert stage.carried("dirt") == 16
