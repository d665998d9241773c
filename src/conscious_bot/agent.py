"""Where an agent is assembled: world, body, journal, leaves, mind, service. Nothing is decided here.

The agent's loop runs bot and body alone. The service runs on a loop of its own in another thread and
sees what the agent publishes; its wishes come back as calls onto the agent's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from conscious_bot.body.mineflayer import MineflayerBody, MineflayerOperator, ServerOptions
from conscious_bot.body.port import Body, Operator
from conscious_bot.cognition.goals import Goal
from conscious_bot.cognition.mind import GoalEnd, Mind
from conscious_bot.contracts import BlockPos, Event, EventType, IdSource, Permission
from conscious_bot.execution.executor import Executor
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.live_options import LiveOptions
from conscious_bot.memory.journal import Journal
from conscious_bot.memory.ways import load_ways, save_ways
from conscious_bot.narration import sentence
from conscious_bot.planning.goals import parse_goal
from conscious_bot.planning.planner import Planner
from conscious_bot.publish import Publisher
from conscious_bot.registry.builtin import builtin_verbs
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.principals import Policy
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.service.app import ServiceSettings
from conscious_bot.service.hub import Hub
from conscious_bot.service.server import Server
from conscious_bot.settings import RunSettings, read_tokens
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import VirtualLoop
from conscious_bot.simulation.recording import Recorder
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.terrain import Visit
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.testing.recorded_leaves import RecordedRunner, claim_file

__all__ = ["Agent", "LoopClock", "World", "assemble", "open_world", "run"]

GRANTED = frozenset(Permission)
"""What the bot's own plans may do. Principals from outside get less; that is the registry's business."""

_OWN_BLOCKS = "own_blocks"
"""Where the journal keeps the cells that the bot has filled: those it may dig again."""


class LoopClock:
    """The run's time: the loop's clock, counted from the journal's beginning."""

    def __init__(self, began_before: float = 0.0) -> None:
        self._zero = asyncio.get_running_loop().time() - began_before

    def now(self) -> float:
        """Seconds since the run began, over all its starts."""
        return asyncio.get_running_loop().time() - self._zero


@dataclass(frozen=True, slots=True)
class World:
    """A world that was opened: its body, how to set it up, and the loop it wants to be run on."""

    body: Body
    operator: Operator
    new_loop: Callable[[], asyncio.AbstractEventLoop]
    invite: Callable[[Visit], None] | None = None
    """Let a scripted player come; None where only real ones do."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An assembled agent."""

    body: Body
    mind: Mind
    journal: Journal
    record: Callable[..., None]


def open_world(settings: RunSettings, journal: Journal, *, preset: str = "default") -> World:
    """The world the settings name. The built-in one is loaded from the journal, or made anew."""
    if settings.server is not None:
        options = ServerOptions(
            settings.server,
            username=settings.username,
            auth=settings.auth,
            version=settings.mc_version,
        )
        on_server = MineflayerBody(options, say=_say)
        return World(on_server, MineflayerOperator(on_server), asyncio.new_event_loop)
    tables = Tables.builtin()
    world = journal.read(lambda connection: WorldStore.load(connection, tables))
    if world is None:
        world = SimulatedWorld.create(settings.seed, tables, preset)
        world.difficulty = settings.difficulty
    journal.register(WorldStore(world))
    body = SimulatedBody(world, settings.username)
    return World(body, SimulatedOperator(world), lambda: VirtualLoop(world, settings.speed), world.visitors.invite)


@asynccontextmanager
async def assemble(
    settings: RunSettings,
    journal: Journal,
    world: World,
    hub: Hub | None = None,
    tell: Callable[[str], None] | None = None,
    desk: CapabilityDesk | None = None,
) -> AsyncGenerator[Agent]:
    """Enter the world and put the agent together; leaves the world at the end. `tell` hears the run in sentences.

    The agent uses the options that are active on the `desk`; without one it has its leaves alone.
    """
    body = world.body
    starts, began_before = _history(journal)
    clock = LoopClock(began_before)
    # Ids go on without repeating because every start has a seed of its own.
    ids = IdSource(f"{settings.seed}/{starts}")

    ways = load_ways(journal)
    own: set[BlockPos] = {(x, y, z) for x, y, z in journal.get(_OWN_BLOCKS) or ()}
    kept = set(own)

    def record(event: Event, *, state: dict[str, Any] | None = None) -> None:
        nonlocal kept
        # Both go with the event of the action that taught or built it.
        save_ways(journal, ways)
        if event.type is EventType.ACTION_ENDED and own != kept:
            kept = set(own)
            journal.put(_OWN_BLOCKS, sorted(own))
        sequence = journal.append(event, state=state)
        if hub is not None:
            hub.publish_event(sequence, event)
        if tell is not None and (line := sentence(event)) is not None:
            tell(line)

    await body.open()
    recorder = None if settings.record is None else Recorder(body, settings.record)
    try:
        catalogue = default_catalogue()
        if recorder is None:
            runner = LeafRunner(
                body, catalogue, clock, ids=ids, granted=GRANTED, record=record, seed=settings.seed, ways=ways, own=own
            )
        else:
            runner = RecordedRunner(
                recorder, catalogue, clock, ids, granted=GRANTED, record=record, seed=settings.seed, ways=ways, own=own
            )
            body = recorder.aside
        executor = Executor(body, builtin_verbs(catalogue.specs()), runner, clock, ids, record)
        mind = Mind(body, journal, executor, Planner(executor.verbs, ids), clock, ids, record)
        kind = EventType.RUN_STARTED if starts == 0 else EventType.RUN_RESUMED
        record(Event(type=kind, at=clock.now(), data={"seed": settings.seed, "version": body.tables.version}))
        _close_interrupted(journal, clock, record)
        try:
            with contextlib.ExitStack() as following:
                if desk is not None:
                    executor.ledger = options = LiveOptions(desk, executor.verbs, catalogue, clock, record)
                    following.enter_context(options.followed(asyncio.get_running_loop()))
                yield Agent(body, mind, journal, record)
        finally:
            record(Event(type=EventType.RUN_ENDED, at=clock.now()))
            runner.close()
    finally:
        if recorder is not None:
            recorder.close()
        await world.body.close()


def _history(journal: Journal) -> tuple[int, float]:
    """How often the run was started before, and the time of its last event."""
    starts = sum(1 for _ in journal.events(types=(EventType.RUN_STARTED, EventType.RUN_RESUMED)))
    last = journal.append()
    return starts, next((event.at for _, event in journal.events(after=last - 1)), 0.0)


def _close_interrupted(journal: Journal, clock: LoopClock, record: Callable[..., None]) -> None:
    """Steps and actions that a crash cut off get their end: nobody knows what came of them."""
    for start, end in (
        (EventType.STEP_STARTED, EventType.STEP_ENDED),
        (EventType.ACTION_STARTED, EventType.ACTION_ENDED),
    ):
        open_: dict[str | None, Event] = {}
        for _, event in journal.events(types=(start, end)):
            key = event.provenance.step_id if start is EventType.STEP_STARTED else event.provenance.action_id
            if event.type is start:
                open_[key] = event
            else:
                open_.pop(key, None)
        for event in open_.values():
            data = {"interrupted": True, "verdict": "inconclusive"}
            record(Event(type=end, at=clock.now(), data=data, provenance=event.provenance))


def run(settings: RunSettings, sandbox: Sandbox) -> int:
    """Run the bot as the settings say, with the sandbox for its service; returns the exit status."""
    began = time.monotonic()
    if settings.goal is not None and settings.server is None:
        parse_goal(settings.goal, Tables.builtin())  # what cannot be read is said before anything starts
    if settings.record is not None:
        claim_file(settings.record)
    with contextlib.ExitStack() as stack:
        journal = stack.enter_context(Journal.open(settings.home / "journal.sqlite"))
        desk = stack.enter_context(
            open_desk(settings.data, sandbox=sandbox, policy=Policy(live_share=settings.live_share))
        )
        hub = stack.enter_context(_service(settings, desk)) if settings.dashboard else None
        world = open_world(settings, journal)
        with asyncio.Runner(loop_factory=world.new_loop) as runner:
            try:
                end = runner.run(_live(settings, journal, world, hub, desk, began))
            except (KeyboardInterrupt, asyncio.CancelledError):  # SIGINT, SIGTERM
                _say("stopped; start again to go on where it stopped")
                return 0
    if end is None:
        return 0
    if end.outcome == "reached":
        _say(f"reached: {end.goal.text}")
        return 0
    why = f"{end.error.code}: {end.error.detail}" if end.error else "the time is over"
    _say(f"given up: {end.goal.text} ({why})")
    return 1


async def _live(
    settings: RunSettings, journal: Journal, world: World, hub: Hub | None, desk: CapabilityDesk, began: float
) -> GoalEnd | None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine of a runner is a task
    with contextlib.suppress(NotImplementedError):  # Windows knows no SIGTERM; the journal bears a hard end too
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with assemble(settings, journal, world, hub, _say, desk) as agent:
        goal = None
        if settings.goal is not None:
            text = str(parse_goal(settings.goal, agent.body.tables))
            goal = Goal(text, "user", "asked for on the command line", 1.0)
        async with _published(settings, agent, hub):
            gc.freeze()  # tables, kernels and the world stay: the collector need not stop the bot to look at them again
            _say(f"alive after {time.monotonic() - began:.1f} s")
            try:
                async with asyncio.timeout(settings.duration_s):
                    return await agent.mind.live(goal)
            except TimeoutError:
                if goal is None:
                    return None
                return GoalEnd(goal, "failed", None)


@asynccontextmanager
async def _published(settings: RunSettings, agent: Agent, hub: Hub | None) -> AsyncGenerator[None]:
    """Show the agent to the service while inside, and let the service ask things of it."""
    if hub is None:
        yield
        return
    publisher = Publisher(agent.body, agent.mind, hub, settings)
    loop = asyncio.get_running_loop()
    hub.bind(loop, publisher.handle)
    outsider = loop.outsider() if isinstance(loop, VirtualLoop) else contextlib.nullcontext()
    with outsider:
        task = asyncio.create_task(publisher.publish())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            hub.unbind()


@contextmanager
def _service(settings: RunSettings, desk: CapabilityDesk) -> Generator[Hub]:
    hub = Hub()
    principals = read_tokens(settings.data / "tokens.toml")
    server = Server(hub, ServiceSettings(port=settings.port, principals=principals), desk)
    server.start()
    _say(f"dashboard at {server.url}")
    try:
        yield hub
    finally:
        server.stop()


def _say(text: str) -> None:
    print(text, flush=True)
