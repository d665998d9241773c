"""What the registry decides counts in a living agent from that moment, and what the agent runs is evidence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conscious_bot import agent
from conscious_bot.contracts import CapabilityAct, CapabilityStatus, Event, EventType, RunMode, UserError
from conscious_bot.memory.journal import Journal
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.service import Hub
from conscious_bot.settings import RunSettings

ID = "opt.carry_a_torch@1.0.0"
OPTION = {
    "id": "opt.carry_a_torch",
    "version": "1.0.0",
    "argsSchema": {"type": "object", "properties": {"ms": {"type": "integer", "default": 200}}},
    "post": ["has(item:torch)>=1"],
    "tree": {"type": "Leaf", "name": "wait", "args": {"ms": "$ms"}},
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[CapabilityDesk]:
    with open_desk(tmp_path) as opened:
        opened.pipeline.register(OPTION, Principal("owner", Role.OPERATOR))
        yield opened


def live(
    tmp_path: Path,
    desk: CapabilityDesk,
    script: Callable[[agent.Agent, agent.World], Awaitable[Any]],
    hub: Hub | None = None,
) -> list[Event]:
    """Let an agent with this desk live while the script talks to it; the journal's events."""
    settings = RunSettings(seed=4, speed=None, data=tmp_path, dashboard=False)
    with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
        world = agent.open_world(settings, journal, preset="flat")

        async def main() -> None:
            async with agent.assemble(settings, journal, world, hub, desk=desk) as living:
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


async def order(living: agent.Agent) -> dict[str, Any]:
    """Have the option run once; what its step came to."""
    plan = living.mind.order([(ID, {})], "test")

    def ended() -> list[Event]:
        found = living.journal.events(types=(EventType.STEP_ENDED,))
        return [event for _, event in found if event.provenance.plan_id == plan]

    await until(lambda: bool(ended()))
    return ended()[0].data["result"]


def move(desk: CapabilityDesk, act: CapabilityAct) -> Awaitable[Any]:
    """As the service does it: on another thread."""
    return asyncio.to_thread(desk.registry.move, ID, act, "test", "for a test")


@pytest.mark.requirement("GOV-05", "GOV-07")
def test_an_option_may_be_used_from_its_promotion_on_and_not_a_moment_after_it_was_taken_back(
    tmp_path: Path, desk: CapabilityDesk
) -> None:
    hub = Hub()

    async def script(living: agent.Agent, world: agent.World) -> None:
        verbs = living.mind.executor.verbs
        await until(lambda: living.mind.goal is not None)
        with pytest.raises(UserError, match="no verb"):
            living.mind.order([(ID, {})], "test")
        heard: list[bool] = []
        forget = desk.registry.subscribe(lambda record, _: heard.append(record.id in verbs))
        await move(desk, CapabilityAct.PROMOTE)
        assert heard == [True], "the table knows it before the call returns"
        await world.operator.command("give Sterling torch 1")
        result = await order(living)
        assert (result["ok"], result.get("error")) == (True, None)
        await move(desk, CapabilityAct.RETIRE)
        assert heard == [True, False]
        forget()
        assert verbs.option(ID) is None
        with pytest.raises(UserError, match="no verb"):
            living.mind.order([(ID, {})], "test")

    events = live(tmp_path, desk, script, hub)
    changes = [event for event in events if event.type is EventType.CAPABILITY_CHANGED]
    assert [(event.data["act"], event.data["after"]) for event in changes] == [
        ("promote", "active"),
        ("retire", "retired"),
    ]
    told = [event for _, event in hub.events_after(0, 1000).events if event.type is EventType.CAPABILITY_CHANGED]
    assert told == changes, "the page hears what the journal keeps"
    began = next(one for one in events if one.type is EventType.STEP_STARTED and one.provenance.capability == ID)
    kinds = {event.type for event in events if event.provenance.step_id == began.provenance.step_id}
    assert {EventType.ACTION_ENDED, EventType.STEP_ENDED} <= kinds, "what its leaves did is traced to the step"


@pytest.mark.requirement("GOV-05", "GOV-15")
def test_live_runs_are_evidence_and_an_option_that_fails_takes_itself_out_of_the_table(
    tmp_path: Path, desk: CapabilityDesk
) -> None:
    async def script(living: agent.Agent, world: agent.World) -> None:
        verbs = living.mind.executor.verbs
        await until(lambda: living.mind.goal is not None)
        await move(desk, CapabilityAct.PROMOTE)
        await world.operator.command("give Sterling torch 1")
        for _ in range(3):
            await order(living)
        await world.operator.command("clear Sterling torch")
        for _ in range(20):
            assert (await order(living))["error"]["code"] == "effects_unmet"
            if ID not in verbs:
                break
        assert ID not in verbs

    events = live(tmp_path, desk, script)
    record = desk.registry.require(ID)
    assert record.status is CapabilityStatus.SHADOW
    last = desk.registry.history(ID)[-1]
    assert (last.act, last.by) == (CapabilityAct.REVERT, "gate")
    runs = desk.registry.store.runs(ID)
    assert [run.ok for run in runs[:4]] == [True, True, True, False]
    assert {run.mode for run in runs} == {RunMode.LIVE}
    failed, done = desk.registry.store.reports(ID)
    assert (failed.run.ok, done.run.ok) == (False, True)
    assert [(one.name, one.ok, one.observed) for one in failed.post] == [("has(item:torch)>=1", False, 0)]
    assert [tick.status for tick in done.ticks] == ["running", "success"]
    changed = [event.data["act"] for event in events if event.type is EventType.CAPABILITY_CHANGED]
    assert changed == ["promote", "revert"]


@pytest.mark.requirement("GOV-02")
def test_a_new_start_has_the_options_that_were_active_and_says_which_it_cannot_use(
    tmp_path: Path, desk: CapabilityDesk
) -> None:
    other = {**OPTION, "id": "opt.of_old_leaves"}
    desk.pipeline.register(other, Principal("owner", Role.OPERATOR))
    desk.registry.move(ID, CapabilityAct.PROMOTE, "test", "for a test")
    old = "opt.of_old_leaves@1.0.0"
    desk.registry.move(old, CapabilityAct.PROMOTE, "test", "for a test")
    record = desk.registry.require(old)
    # As after an update of the package that brought another version of the leaf.
    desk.registry._records[old] = record.model_copy(update={"uses": ("wait@0.9.0",)})  # pyright: ignore[reportPrivateUsage]

    async def script(living: agent.Agent, _world: agent.World) -> None:
        assert ID in living.mind.executor.verbs.names
        assert old not in living.mind.executor.verbs

    events = live(tmp_path, desk, script)
    refused = [event.data for event in events if event.type is EventType.CAPABILITY_REFUSED]
    assert [(one["subject"], one["act"]) for one in refused] == [(old, "use")]
    assert "wait@0.9.0" in refused[0]["error"]["detail"]
