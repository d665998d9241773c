"""What walking teaches stays: a trap that no scan shows is run into once, also over a restart of the agent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conscious_bot import agent
from conscious_bot.contracts import BlockPos
from conscious_bot.memory.journal import Journal
from conscious_bot.memory.ways import load_ways
from conscious_bot.settings import RunSettings

_LENGTH = 14


class _Trap:
    """A cell out of which somebody puts whoever enters it back to where they came from."""

    def __init__(self, world: agent.World, cell: BlockPos, back: BlockPos) -> None:
        self.sprung = 0
        self._world, self._cell, self._back = world, cell, back

    async def watch(self) -> None:
        while True:
            if (await self._world.body.observe()).block == self._cell:
                self.sprung += 1
                x, y, z = self._back
                await self._world.operator.command(f"tp {self._world.body.name} {x + 0.5} {y} {z + 0.5}")
            await asyncio.sleep(0.05)


async def _walks(settings: RunSettings, journal: Journal, world: agent.World, start: BlockPos, count: int) -> list[int]:
    """Walks to the end of a corridor and back; how often the trap in its middle sprang in each pair."""
    x, y, z = start
    sprung: list[int] = []
    async with agent.assemble(settings, journal, world) as live:
        command = world.operator.command
        for _ in range(count):
            await command(f"tp {world.body.name} {x + 0.5} {y} {z + 0.5}")
            await asyncio.sleep(0.5)
            trap = _Trap(world, (x + 7, y, z), (x + 3, y, z))
            watch = asyncio.ensure_future(trap.watch())
            result = await live.mind.executor.runner.run(
                "sterling_navigate", {"goal": [x + _LENGTH, y, z], "toleranceXZ": 0}
            )
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            assert result.ok, result
            output = result.observables["output"]
            if trap.sprung == 0:
                assert output["cost"] > _LENGTH  # not straight on
                assert output["learnedCost"] >= output["cost"]
                assert output["replanCount"] == 0
            else:
                assert output["replanCount"] == trap.sprung
            sprung.append(trap.sprung)
    return sprung


def _life(tmp_path: Path, start: BlockPos | None, count: int) -> tuple[list[int], BlockPos]:
    settings = RunSettings(seed=5, difficulty="peaceful", data=tmp_path, speed=None, dashboard=False)
    with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
        world = agent.open_world(settings, journal, preset="flat")

        async def live() -> tuple[list[int], BlockPos]:
            at = start
            if at is None:
                await world.body.open()
                x, y, z = (await world.body.observe()).block
                # A corridor one wide and a longer one beside it, with walls between and around.
                command = world.operator.command
                await command(f"fill {x - 1} {y} {z - 1} {x + _LENGTH + 1} {y + 3} {z + 4} stone")
                await command(f"fill {x} {y} {z} {x + _LENGTH} {y + 1} {z} air")
                await command(f"fill {x} {y} {z + 3} {x + _LENGTH} {y + 1} {z + 3} air")
                await command(f"fill {x} {y} {z} {x} {y + 1} {z + 3} air")
                await command(f"fill {x + _LENGTH} {y} {z} {x + _LENGTH} {y + 1} {z + 3} air")
                await world.body.close()
                at = (x, y, z)
            return await _walks(settings, journal, world, at, count), at

        with asyncio.Runner(loop_factory=world.new_loop) as runner:
            return runner.run(live())


@pytest.mark.requirement("STER-05")
def test_an_agent_runs_into_a_hidden_trap_once_and_avoids_it_also_after_a_restart(tmp_path: Path) -> None:
    first, start = _life(tmp_path, None, 3)
    assert first == [1, 0, 0]
    again, _ = _life(tmp_path, start, 2)
    assert again == [0, 0]
    with contextlib.closing(Journal.open(next(tmp_path.rglob("journal.sqlite")))) as journal:
        assert load_ways(journal).to_json((start[0] // 16, start[2] // 16))["edges"]


@pytest.mark.requirement("STER-06")
def test_an_agent_digs_what_it_built_itself_also_after_a_restart_and_nothing_that_others_built(tmp_path: Path) -> None:
    settings = RunSettings(seed=6, difficulty="peaceful", data=tmp_path, speed=None, dashboard=False)

    def live(act: Callable[[agent.Agent, agent.World, BlockPos], Awaitable[Any]]) -> Any:
        with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
            world = agent.open_world(settings, journal, preset="flat")

            async def run() -> Any:
                async with agent.assemble(settings, journal, world) as alive:
                    await asyncio.sleep(1)
                    return await act(alive, world, (await world.body.observe()).block)

            with asyncio.Runner(loop_factory=world.new_loop) as runner:
                return runner.run(run())

    async def shut_in(alive: agent.Agent, world: agent.World, at: BlockPos) -> None:
        x, y, z = at
        await world.operator.command(f"fill {x - 1} {y - 1} {z - 1} {x + 1} {y + 2} {z + 1} obsidian")
        await world.operator.command(f"fill {x} {y} {z} {x + 1} {y + 1} {z} air")
        await world.operator.command(f"give {world.body.name} cobblestone 2")
        for height in (0, 1):
            args = {"item": "cobblestone", "pos": [x + 1, y + height, z]}
            result = await alive.mind.executor.runner.run("place_block", args)
            assert result.ok, result

    async def leave(alive: agent.Agent, _world: agent.World, at: BlockPos) -> Any:
        x, y, z = at
        return await alive.mind.executor.runner.run("sterling_navigate", {"goal": [x + 5, y, z], "toleranceXZ": 0})

    async def shut_in_by_others(alive: agent.Agent, world: agent.World, at: BlockPos) -> Any:
        x, y, z = at
        await world.operator.command(f"fill {x - 1} {y - 1} {z - 1} {x + 1} {y + 2} {z + 1} cobblestone")
        await world.operator.command(f"fill {x} {y} {z} {x} {y + 1} {z} air")
        return await leave(alive, world, at)

    live(shut_in)
    result = live(leave)
    assert result.ok, result
    assert result.observables["output"]["made"] >= 3
    result = live(shut_in_by_others)
    assert str(result.error.code) == "path.unreachable"
