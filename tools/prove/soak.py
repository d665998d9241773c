"""The bot lives for hours with random goals while things go wrong around it: the soak.

First two hours of virtual time in the built-in world, on normal difficulty with its nights and creatures; then
thirty minutes of wall time on the protocol server, through a proxy. The real agent lives there as it is. Every 45
to 120 seconds one fault befalls it (see `_soak_faults`), each kind equally often; every 40 seconds or so it is
asked for something. What came of it is read from its own journal.

    make prove ARGS="soak --seed 3 --virtual-hours 2 --server-minutes 30"
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from tests.protocol_server.harness import ProtocolServer

from conscious_bot import agent
from conscious_bot.body.mineflayer import Address, MineflayerBody
from conscious_bot.contracts import ActionFailed, UserError
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.memory.journal import Journal
from conscious_bot.settings import RunSettings
from tools.prove._soak_faults import Scene, ServerScene, befall, faults_of, furnish, restock
from tools.prove._soak_lag import LaggyProxy, Late, lagging
from tools.prove._soak_ledger import Fault, Held, Ledger, Leftovers, megabytes, sample
from tools.prove.leaf_truth import random_args

__all__ = ["SAMPLE", "Soaked", "main", "soak_server", "soak_virtual"]

_GETS = (
    "dirt", "cobblestone", "oak_log", "oak_planks", "stick", "crafting_table", "chest", "furnace", "torch", "oak_door",
    "wooden_pickaxe", "stone_pickaxe", "stone_sword", "stone_axe", "charcoal", "white_wool", "iron_ingot", "bread",
)  # fmt: skip
_PATIENCE_S = 240.0
"""A wish that takes longer is called off with `stop`, as somebody at the page would."""
_BEAR_S = 300.0
_GROWTH = 0.02


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things happen, in seconds of the run's clock, least and most; `sampled` and `told` are fixed."""

    faults: tuple[float, float]
    wishes: tuple[float, float]
    sampled: float
    told: float


_VIRTUAL = Pace(faults=(45, 120), wishes=(10, 60), sampled=60, told=600)
SAMPLE = Pace(faults=(8, 14), wishes=(5, 15), sampled=60, told=600)
"""For a sample of some minutes in which every kind of fault happens."""
_SERVER = Pace(faults=(20, 45), wishes=(5, 30), sampled=15, told=120)


@dataclass(frozen=True, slots=True)
class Soaked:
    """A soak that is over."""

    ledger: Ledger
    held: list[Held]
    journal_hash: str

    @property
    def ok(self) -> bool:
        """Whether everything held."""
        return all(one.ok for one in self.held)

    def lines(self) -> list[str]:
        """The report."""
        verdicts = [f"{'held' if one.ok else 'DID NOT HOLD'}: {one.what} ({one.seen})" for one in self.held]
        return [*self.ledger.lines(), *verdicts]


async def _wish(dice: random.Random, living: agent.Agent, calls: list[float]) -> None:
    """Ask for something by chance, unless something that was asked for is under way."""
    mind, body = living.mind, living.body
    if mind.goal is not None and mind.goal.source == "user":
        calls[0] = calls[0] or mind.clock.now()
        if mind.clock.now() - calls[0] > _PATIENCE_S:
            calls[0] = 0.0
            mind.suggest("stop", "the soak")
            mind.suggest("explore", "the soak")
        return
    calls[0] = 0.0
    try:
        state = await body.observe()
        x, y, z = state.block
        match dice.randrange(10):
            case 0 | 1 | 2 | 3 | 4:
                item = dice.choice(_GETS)
                mind.suggest(f"get {state.inventory.count(item) + dice.randint(1, 4)} {item}", "the soak")
            case 5:
                mind.suggest(
                    f"go {x + dice.randint(-30, 30)} {y + dice.randint(-1, 1)} {z + dice.randint(-30, 30)}", "the soak"
                )
            case 6:
                mind.suggest(dice.choice(("eat", "explore")), "the soak")
            case 7 | 8:
                specs = [spec for spec in mind.executor.runner.catalogue.specs() if spec.name in mind.executor.verbs]
                near = [view.id for view in await body.entities(16)]
                chosen = [dice.choice(specs) for _ in range(dice.randint(1, 2))]
                mind.order([(spec.name, random_args(dice, spec, state.block, near)) for spec in chosen], "the soak")
            case _:
                pass  # left to its own needs
    except (ActionFailed, UserError):
        pass  # not in the world just now, or a wish that is refused: both are answers


async def _every(seconds: Callable[[], float], deed: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        await asyncio.sleep(seconds())
        await deed()


async def _live(
    living: agent.Agent, scene: Scene, ledger: Ledger, dice: random.Random, seconds: float, pace: Pace
) -> None:
    """Let the agent live so long, with everything that befalls it."""
    began, wall = living.mind.clock.now(), time.monotonic()
    deck: list[str] = []
    waiting = [0.0]
    faults = faults_of(scene)

    async def fault() -> None:
        if not deck:
            deck.extend(faults)
            dice.shuffle(deck)
        kind = deck.pop()
        ledger.faults.append(Fault(kind, living.mind.clock.now()))
        await befall(scene, faults[kind], dice)

    async def take_sample() -> None:
        ledger.read()
        now = sample(living.mind.clock.now())
        inner = scene.body if isinstance(scene.body, MineflayerBody) else None
        if inner is not None and inner.driver_pid is not None:
            with contextlib.suppress(ActionFailed):
                load = (await inner.ask("load", seconds=20)).result
                now = replace(
                    now,
                    driver_rss=megabytes(inner.driver_pid),
                    driver_heap=load["heapBytes"] / 1e6,
                    driver_listeners=load["listeners"] + load["watchers"],
                )
        ledger.samples.append(now)

    async def tell() -> None:
        last = ledger.samples[-1] if ledger.samples else sample(living.mind.clock.now())
        goals = sum(ledger.goals.values())
        reached = sum(n for (_, outcome, _), n in ledger.goals.items() if outcome == "reached")
        print(
            f"  {(living.mind.clock.now() - began) / 60:.0f} min ({time.monotonic() - wall:.0f} s): {goals} goals, "
            f"{reached} reached, {len(ledger.faults)} faults, {living.mind.deaths} deaths, "
            f"{sum(ledger.actions.values())} leaves, {len(ledger.unknown)} unknown, {len(ledger.hung)} hung, "
            f"{last.rss:.0f} MB",
            flush=True,
        )

    life = asyncio.create_task(living.mind.live(), name="life")
    events = [
        asyncio.create_task(_every(seconds_, deed))
        for seconds_, deed in (
            (lambda: dice.uniform(*pace.faults), fault),
            (lambda: dice.uniform(*pace.wishes), lambda: _wish(dice, living, waiting)),
            (lambda: pace.wishes[1], lambda: restock(scene)),
            (lambda: pace.sampled, take_sample),
            (lambda: pace.told, tell),
        )
    ]
    try:
        done, _ = await asyncio.wait([life, *events], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # what ended before its time did so by an exception
    finally:
        for task in (life, *events):
            task.cancel()
        await asyncio.gather(life, *events, return_exceptions=True)


async def _soak(
    settings: RunSettings, journal: Journal, world: agent.World, scene: Scene, seconds: float, pace: Pace
) -> Ledger:
    ledger = Ledger.of(journal, default_catalogue())
    dice = random.Random(f"soak {settings.seed}")
    async with agent.assemble(settings, journal, world) as living:
        await furnish(scene)
        await _live(living, scene, ledger, dice, seconds, pace)
    ledger.read()
    ledger.journal_hash = journal.hash()
    return ledger


def _judged(ledger: Ledger, before: Leftovers) -> Soaked:
    held = ledger.verdicts(before, Leftovers.now(), bear_s=_BEAR_S, growth=_GROWTH)
    return Soaked(ledger, held, ledger.journal_hash)


def soak_virtual(seed: int, seconds: float, folder: Path, pace: Pace = _VIRTUAL) -> Soaked:
    """So many virtual seconds in a new built-in world on normal difficulty."""
    settings = RunSettings(seed=seed, speed=None, data=folder, dashboard=False, difficulty="normal")
    with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
        late = Late()
        world = agent.open_world(settings, journal)
        world = replace(world, body=lagging(world.body, late))

        async def live() -> Soaked:
            before = Leftovers.now()
            scene = Scene(world.body, world.operator, late)
            return _judged(await _soak(settings, journal, world, scene, seconds, pace), before)

        with asyncio.Runner(loop_factory=world.new_loop) as runner:
            return runner.run(live())


async def _on_server(seed: int, seconds: float, folder: Path, pace: Pace) -> Soaked:
    before = Leftovers.now()
    late = Late()
    proxy = LaggyProxy(late)
    server = await ProtocolServer.start()
    await proxy.start(server.port)
    address = Address("127.0.0.1", proxy.port)
    settings = RunSettings(
        server=address, username="Soaker", mc_version="1.20.4", seed=seed, data=folder, dashboard=False
    )
    scene: ServerScene | None = None
    try:
        with contextlib.closing(Journal.open(settings.home / "journal.sqlite")) as journal:
            world = agent.open_world(settings, journal)
            scene = ServerScene(world.body, world.operator, late, server, proxy)
            ledger = await _soak(settings, journal, world, scene, seconds, pace)
    finally:
        await proxy.stop()
        await (scene.server if scene is not None else server).stop()
    await asyncio.sleep(0.5)  # transports close a turn or two after they are told to
    return _judged(ledger, before)


def soak_server(seed: int, seconds: float, folder: Path, pace: Pace = _SERVER) -> Soaked:
    """So many seconds of wall time on the protocol server."""
    return asyncio.run(_on_server(seed, seconds, folder, pace))


def main(arguments: Sequence[str] = ()) -> bool:
    """Both soaks, or those that were given time; True if everything held in them."""
    parser = argparse.ArgumentParser(prog="make prove ARGS=soak")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--virtual-hours", type=float, default=2.0)
    parser.add_argument("--server-minutes", type=float, default=30.0)
    parser.add_argument("--keep", type=Path, help="keep the journals in this folder")
    given = parser.parse_args(list(arguments))
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("error"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    held = True
    with contextlib.ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        soaks: list[tuple[str, Callable[[], Soaked]]] = []
        if given.virtual_hours:
            soaks.append(
                (
                    f"{given.virtual_hours:g} hours of virtual time, seed {given.seed}",
                    lambda: soak_virtual(given.seed, given.virtual_hours * 3600, folder),
                )
            )
        if given.server_minutes:
            soaks.append(
                (
                    f"{given.server_minutes:g} minutes on the protocol server, seed {given.seed}",
                    lambda: soak_server(given.seed, given.server_minutes * 60, folder),
                )
            )
        for title, soak in soaks:
            print(title, flush=True)
            soaked = soak()
            print("\n".join(f"  {line}" for line in soaked.lines()), flush=True)
            held = held and soaked.ok
    return held
