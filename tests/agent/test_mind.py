"""The assembled agent in the built-in world, asked things while it lives."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conscious_bot import agent
from conscious_bot.cognition.goals import Goal
from conscious_bot.contracts import Event, EventType, UserError
from conscious_bot.memory.journal import Journal
from conscious_bot.settings import RunSettings


def live(
    tmp_path: Path, script: Callable[[agent.Agent, agent.World], Awaitable[Any]], *, preset: str = "flat"
) -> list[Event]:
    """Assemble an agent, let it live while the script talks to it; the journal's events."""
    settings = RunSettings(seed=4, speed=None, data=tmp_path, dashboard=False)
    with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
        world = agent.open_world(settings, journal, preset=preset)

        async def main() -> None:
            async with agent.assemble(settings, journal, world) as living:
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


def goals(events: list[Event], kind: EventType = EventType.GOAL_SELECTED) -> list[str]:
    return [event.data["goal"] for event in events if event.type is kind]


@pytest.mark.requirement("MIND-04", "PBI-09")
def test_a_wish_comes_before_needs_and_the_bot_goes_back_to_them_afterwards(tmp_path: Path):
    async def script(living: agent.Agent, _world: agent.World) -> None:
        await until(lambda: living.mind.goal is not None)
        x, y, z = (await living.body.observe()).block
        assert "taking it up" in living.mind.suggest(f"go {x + 12} {y} {z}", "a friend")
        await until(lambda: living.mind.goal is not None and living.mind.goal.source == "user")
        await until(lambda: living.mind.goal is not None and living.mind.goal.source == "system")
        here = (await living.body.observe()).block
        assert abs(here[0] - (x + 12)) <= 1

    events = live(tmp_path, script)
    assert [g.split()[0] for g in goals(events)][:3] == ["get", "go", "get"]
    (signal,) = [event for event in events if event.type is EventType.SIGNAL]
    assert signal.data["accepted"] is True


@pytest.mark.requirement("MIND-04", "PLAN-10")
def test_a_wish_that_cannot_be_read_is_refused_with_a_reason_and_both_are_recorded(tmp_path: Path):
    async def script(living: agent.Agent, _world: agent.World) -> None:
        with pytest.raises(UserError, match="no 'burn'"):
            living.mind.suggest("burn down the village", "a stranger")

    events = live(tmp_path, script)
    (signal,) = [event for event in events if event.type is EventType.SIGNAL]
    assert signal.data["accepted"] is False
    assert "burn" in signal.data["text"]
    assert signal.data["reason"]


@pytest.mark.requirement("PLAN-10")
def test_stop_makes_it_stand_still_until_it_is_asked_for_something(tmp_path: Path):
    async def script(living: agent.Agent, _world: agent.World) -> None:
        mind = living.mind
        await until(lambda: mind.goal is not None)
        mind.suggest("stop", "a friend")
        await until(lambda: mind.goal is None)
        before = await living.body.observe()
        await asyncio.sleep(30)
        after = await living.body.observe()
        assert (before.position, after.moving) == (after.position, False)
        x, y, z = after.block
        mind.suggest(f"go {x} {y} {z + 5}", "a friend")
        await until(lambda: mind.goal is not None and mind.goal.source == "user")

    live(tmp_path, script)


@pytest.mark.requirement("SRV-01", "PBI-02")
def test_steps_that_are_ordered_run_as_they_stand_and_unknown_verbs_are_refused_before(tmp_path: Path):
    async def script(living: agent.Agent, _world: agent.World) -> None:
        with pytest.raises(UserError, match="no verb 'fly'"):
            living.mind.order([("fly", {})], "an operator")
        with pytest.raises(UserError, match="/ms"):
            living.mind.order([("wait", {"ms": -1})], "an operator")
        with pytest.raises(UserError, match="needs recipe"):
            living.mind.order([("craft", {"quantity": 2})], "an operator")
        # The document's spellings are put into the leaves' own.
        plan = living.mind.order([("chat", {"text": "hello"}), ("wait", {"ms": 50})], "an operator")

        def ended() -> list[bool]:
            events = [event for _, event in living.journal.events(types=(EventType.STEP_ENDED,))]
            return [event.data["result"]["ok"] for event in events if event.provenance.plan_id == plan]

        await until(lambda: len(ended()) == 2)
        assert ended() == [True, True]

    live(tmp_path, script)


@pytest.mark.requirement("MIND-05", "PBI-07")
@pytest.mark.slow
def test_what_cannot_be_had_is_left_alone_and_there_is_always_another_goal(tmp_path: Path):
    """A flat world has no trees: the wooden pickaxe is looked for, given up, and exploring goes on."""

    async def script(living: agent.Agent, _world: agent.World) -> None:
        def given_up() -> bool:
            ended = [event.data for _, event in living.journal.events(types=(EventType.GOAL_ENDED,))]
            return any((one["goal"], one["outcome"]) == ("get 1 wooden_pickaxe", "failed") for one in ended)

        async with asyncio.timeout(2400):
            while not given_up():  # noqa: ASYNC110 (virtual time costs nothing)
                await asyncio.sleep(10)
        await asyncio.sleep(60)
        assert living.mind.goal is not None

    events = live(tmp_path, script)
    ended = [event.data for event in events if event.type is EventType.GOAL_ENDED]
    assert {"get 1 wooden_pickaxe"} <= {data["goal"] for data in ended if data["outcome"] == "failed"}
    assert all(data["error"]["detail"] for data in ended if data["outcome"] == "failed")
    started = [event.provenance.step_id for event in events if event.type is EventType.STEP_STARTED]
    over = [event.provenance.step_id for event in events if event.type is EventType.STEP_ENDED]
    assert sorted(started) == sorted(over)


@pytest.mark.requirement("MEM-03")
def test_every_step_links_intent_plan_step_capability_action_and_effect(tmp_path: Path):
    settings = RunSettings(seed=4, speed=None, data=tmp_path, dashboard=False)
    with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
        world = agent.open_world(settings, journal)

        async def main() -> None:
            async with agent.assemble(settings, journal, world) as living:
                end = await living.mind.live(Goal("get 1 oak_log", "user", "a test", 1.0))
                assert end.outcome == "reached"

        with asyncio.Runner(loop_factory=world.new_loop) as runner:
            runner.run(main())
        steps = [e.provenance for _, e in journal.events(types=(EventType.STEP_ENDED,))]
        assert steps
        for step in steps:
            assert step.intent_id
            assert step.plan_id
            assert step.capability
            chain = journal.provenance(step.step_id or "")
            assert chain is not None
            assert chain.intent is not None
            assert chain.plan is not None
            assert chain.actions
            assert chain.actions[-1].effects


@pytest.mark.requirement("PLAN-09")
def test_what_only_creatures_yield_is_hunted(tmp_path: Path):
    async def script(living: agent.Agent, world: agent.World) -> None:
        x, y, z = (await living.body.observe()).block
        for k in range(3):
            await world.operator.command(f"summon sheep {x + 6 + 2 * k} {y} {z + 3}")
        living.mind.suggest("get 2 white_wool", "a friend")
        await until(lambda: living.mind.goal is not None and living.mind.goal.source == "user")
        await until(lambda: living.mind.goal is None or living.mind.goal.source != "user", 300)
        assert (await living.body.observe()).inventory.count("white_wool") >= 2

    ends = [event.data for event in live(tmp_path, script) if event.type is EventType.GOAL_ENDED]
    assert {"goal": "get 2 white_wool", "outcome": "reached"} in ends
