"""The assembled agent among creatures: it stays alive, says why, and goes on with what it was about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conscious_bot import agent
from conscious_bot.contracts import Event, EventType
from conscious_bot.memory.journal import Journal
from conscious_bot.settings import RunSettings


def live(tmp_path: Path, script: Callable[[agent.Agent, agent.World], Awaitable[Any]]) -> list[Event]:
    """Let an agent live in a flat world on normal difficulty, where only summoned creatures come."""
    settings = RunSettings(seed=4, speed=None, data=tmp_path, dashboard=False, difficulty="normal")
    with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
        world = agent.open_world(settings, journal, preset="flat")

        async def main() -> None:
            async with agent.assemble(settings, journal, world) as living:
                await world.operator.command("gamerule doMobSpawning false")
                task = asyncio.ensure_future(living.mind.live())
                try:
                    await script(living, world)
                finally:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

        with asyncio.Runner(loop_factory=world.new_loop) as runner:
            runner.run(main())
        return [event for _, event in journal.events()]


async def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (virtual time costs nothing)
            await asyncio.sleep(0.05)


def reflexes(events: list[Event]) -> list[Event]:
    return [e for e in events if e.type is EventType.PLAN_GENERATED and e.data["planner"] == "reflex"]


def ended(living: agent.Agent, goal: str) -> str | None:
    """How a goal ended that was not set aside; None while it goes on."""
    ends = living.journal.events(types=(EventType.GOAL_ENDED,))
    return next(
        (e.data["outcome"] for _, e in ends if e.data["goal"] == goal and e.data["outcome"] != "preempted"), None
    )


async def digging(living: agent.Agent, count: int) -> str:
    """Have it dig for a while; the goal."""
    goal = f"get {count} dirt"
    living.mind.suggest(goal, "a friend")
    await until(lambda: living.mind.goal is not None and living.mind.goal.source == "user")
    await asyncio.sleep(2)
    return goal


@pytest.mark.requirement("PBI-09", "MIND-07")
def test_a_zombie_upon_it_is_fought_first_and_the_work_goes_on_afterwards(tmp_path: Path):
    async def script(living: agent.Agent, world: agent.World) -> None:
        await world.operator.command("time set night")
        await world.operator.command(f"give {living.body.name} iron_sword")
        goal = await digging(living, 30)
        x, y, z = (await living.body.observe()).block
        await world.operator.command(f"summon zombie {x + 4} {y + 2} {z + 2}")
        await until(lambda: living.mind.reflexes.reacting)
        living.mind.suggest("explore", "a friend")  # waits until the fight is over
        await until(lambda: ended(living, goal) is not None, 300)
        assert ended(living, goal) == "reached"
        assert not [e for e in await living.body.entities(32) if e.kind == "zombie"]
        assert living.mind.deaths == 0

    events = live(tmp_path, script)
    first = reflexes(events)[0]
    fights = [e.data for e in events if e.type is EventType.STEP_ENDED and e.data["type"] == "attack_entity"]
    assert fights[-1]["result"]["ok"]
    assert "step.cancelled" not in [(f["result"].get("error") or {}).get("code") for f in fights]
    assert [step["type"] for step in first.data["steps"]] == ["attack_entity"]
    assert "zombie" in first.data["rationale"]


@pytest.mark.requirement("PBI-09", "MIND-07")
def test_who_cannot_fight_walls_itself_in_and_comes_out_when_they_are_gone(tmp_path: Path):
    async def script(living: agent.Agent, world: agent.World) -> None:
        await world.operator.command("time set night")
        await world.operator.command(f"give {living.body.name} dirt 32")
        goal = await digging(living, 60)
        x, y, z = (await living.body.observe()).block
        await world.operator.command(f"summon zombie {x + 6} {y + 2} {z + 1}")

        def waited() -> bool:
            ends = living.journal.events(types=(EventType.STEP_ENDED,))
            return any(e.data["type"] == "wait" for _, e in ends)

        await until(waited, 300)  # behind its wall
        assert (await living.body.observe()).alive
        await world.operator.command("kill @e[type=zombie]")
        await until(lambda: ended(living, goal) is not None, 300)
        assert ended(living, goal) == "reached"
        assert living.mind.deaths == 0

    assert "retreat_and_block" in {step["type"] for e in reflexes(live(tmp_path, script)) for step in e.data["steps"]}


@pytest.mark.requirement("MIND-06")
def test_the_night_is_slept_through_where_a_bed_is_carried(tmp_path: Path):
    async def script(living: agent.Agent, world: agent.World) -> None:
        await world.operator.command(f"give {living.body.name} white_bed")
        await until(lambda: living.mind.goal is not None)
        await world.operator.command("time set 13500")
        async with asyncio.timeout(120):
            while (await living.body.observe()).time_of_day >= 13500:  # noqa: ASYNC110 (as above)
                await asyncio.sleep(0.5)
        await asyncio.sleep(5)
        assert (await living.body.observe()).inventory.count("white_bed") == 1

    assert [step["type"] for e in reflexes(live(tmp_path, script)) for step in e.data["steps"]] == ["sleep"]


@pytest.mark.requirement("PBI-11")
def test_where_nothing_more_fits_in_room_is_made_and_the_goal_goes_on(tmp_path: Path):
    async def script(living: agent.Agent, world: agent.World) -> None:
        for goods in ("cobblestone 2304", "oak_log 1"):
            await world.operator.command(f"give {living.body.name} {goods}")
        living.mind.suggest("get 3 dirt", "a friend")
        await until(lambda: living.mind.goal is not None and living.mind.goal.source == "user")
        await until(lambda: living.mind.goal is None or living.mind.goal.source != "user", 300)
        assert (await living.body.observe()).inventory.count("dirt") >= 3

    events = live(tmp_path, script)
    assert {"goal": "get 3 dirt", "outcome": "reached"} in [e.data for e in events if e.type is EventType.GOAL_ENDED]
    assert "repair" in {e.data["planner"] for e in events if e.type is EventType.PLAN_GENERATED}


@pytest.mark.requirement("MIND-05")
def test_who_sits_in_a_hole_digs_itself_out_and_goes_on(tmp_path: Path):
    async def script(living: agent.Agent, world: agent.World) -> None:
        x, y, z = (await living.body.observe()).block
        await world.operator.command(f"fill {x} {y - 3} {z} {x} {y - 1} {z} air")
        await world.operator.command(f"tp {living.body.name} {x} {y - 3} {z}")
        living.mind.suggest("explore", "a friend")
        await until(lambda: living.mind.goal is not None and living.mind.goal.source == "user")
        await until(lambda: living.mind.goal is None or living.mind.goal.source != "user", 300)
        here = (await living.body.observe()).block
        assert here[1] >= y - 1
        assert max(abs(here[0] - x), abs(here[2] - z)) >= 6

    live(tmp_path, script)
