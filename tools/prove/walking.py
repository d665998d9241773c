"""Random walks: the bot arrives at random reachable goals, unhurt, with blocks changed on the way.

Each seed is a world of its own, with water, cliffs and trees. A goal is a cell on dry land under the sky, 20 to 60
blocks from the bot, to which a way leads; which cells these are is found by the solver's goal field over everything
loaded. `--caves` takes cells in the dark as well, where monsters wait by day too. From where there are no goals, a hole
that one only falls into, the bot is put back where it first stood.
In a third of the walks somebody closes the way while the bot is on it: a wall across a cell that lies ahead.
By day every walk has to arrive, unhurt by falls, lava and water; by night, with the monsters that have gathered
and no weapon, 95 of 100 have to arrive alive. Each walk begins healthy and fed. `--server` does the same on a
protocol server, which has neither night nor creatures.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conscious_bot.body.mineflayer import Address, MineflayerBody, ServerOptions
from conscious_bot.body.port import Body, BodyEvent, BodyEventKind
from conscious_bot.contracts import BlockPos, Event, IdSource, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.navigation import moves_of
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.sterling.units import WALK_SECONDS
from conscious_bot.world.daylight import SAFE_LIGHT
from conscious_bot.world.grid import AIR
from conscious_bot.world.occupancy import classify
from conscious_bot.world.region import Box

__all__ = ["Trial", "main", "walks"]

WALKS = 100
_WORLDS = 10
NEAREST, FARTHEST = 20, 60
_CHANGED = 1 / 3
_ALIVE_BY_NIGHT = 0.95
_DAY, _NIGHT = 1000, 14000
_OTHERS = frozenset({"creature", "projectile", "explosion"})
"""Causes of harm that come from creatures; a walk has itself to blame for all others."""
_RADIUS, _RISE = 66, 40
Command = Callable[[str], Awaitable[None]]


@dataclass
class Trial:
    """One walk: where to, whether it arrived, and what it took."""

    seed: int
    goal: BlockPos
    arrived: bool
    error: str
    damage: float
    causes: list[str]
    seconds: float
    ideal: float
    """Seconds of the cheapest way's declared cost at walking speed, hazard penalties left out."""
    replans: int
    why: list[str] = field(default_factory=list[str])
    changed: int = 0

    @property
    def blame(self) -> bool:
        """Whether it was hurt by anything that is no creature's doing."""
        return bool(set(self.causes) - _OTHERS)


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


async def walks(
    body: Body, command: Command, seed: int, count: int, time: int = _DAY, *, caves: bool = False
) -> list[Trial]:
    """So many walks one after the other, each from where the last one ended and at that time of day."""
    events: list[Event] = []
    runner = LeafRunner(
        body, default_catalogue(), _LoopClock(), IdSource("walk"),
        granted=frozenset(Permission), record=events.append, seed=seed,
    )  # fmt: skip
    rng = random.Random(seed)
    await asyncio.sleep(1.0)
    home = (await body.observe()).block
    return [await _walk(body, runner, command, rng, seed, time, home, caves=caves) for _ in range(count)]


async def _goal(body: Body, rng: random.Random, *, caves: bool) -> tuple[BlockPos, float] | None:
    """A random reachable cell on dry land, and the ideal seconds to it; None if no way on foot leads so far."""
    here = (await body.observe()).block
    low = (here[0] - _RADIUS, max(-64, here[1] - _RISE), here[2] - _RADIUS)
    high = (here[0] + _RADIUS, min(319, here[1] + _RISE), here[2] + _RADIUS)
    region = await body.scan(Box(low, high), light=not caves)
    shaded = np.zeros(region.blocks.shape, np.bool_) if region.sky_light is None else region.sky_light < SAFE_LIGHT
    grid = classify(region, body.tables)
    moves = moves_of(body.follows)
    navigator = Navigator(grid, moves=moves)
    start = navigator.snap(here)
    if start is None:
        raise RuntimeError(f"the body stands nowhere: {here}")
    cells = [
        cell
        for cell, _ in navigator.field(start)
        if NEAREST <= max(abs(cell[0] - start[0]), abs(cell[2] - start[2])) <= FARTHEST
        and grid.class_at(cell) == AIR
        and not shaded[cell[0] - low[0], cell[1] - low[1], cell[2] - low[2]]
        and grid.floor_at((cell[0], cell[1] - 1, cell[2]))
    ]
    if not cells:
        return None
    goal = rng.choice(sorted(cells))
    way = navigator.solve(start, goal, tolerance_xz=0, max_nodes=4_000_000)
    costs = {step.op: step.cost for step in moves.steps}
    return goal, sum(costs[p.op] for p in way.primitives) / 5 * WALK_SECONDS


async def _walk(
    body: Body,
    runner: LeafRunner,
    command: Command,
    rng: random.Random,
    seed: int,
    time: int,
    home: BlockPos,
    *,
    caves: bool,
) -> Trial:
    chosen = await _goal(body, rng, caves=caves)
    if chosen is None:  # the last goal lay in a hole that one only falls into
        await command(f"tp {body.name} {home[0]} {home[1]} {home[2]}")
        await asyncio.sleep(1.0)
        chosen = await _goal(body, rng, caves=caves)
    if chosen is None:
        raise RuntimeError(f"no goal can be reached from {home}")
    goal, ideal = chosen
    await command(f"time set {time}")
    await command(f"effect give {body.name} instant_health 1 4")
    await command(f"effect give {body.name} saturation 1 20")
    before = await body.observe()
    causes: list[str] = []
    done = asyncio.Event()
    unsubscribe = body.subscribe(lambda event: _hear(event, causes))
    began = asyncio.get_running_loop().time()
    meddling = asyncio.ensure_future(_meddle(body, command, rng, goal, done)) if rng.random() < _CHANGED else None
    result = await runner.run("sterling_navigate", {"goal": list(goal), "toleranceXZ": 0})
    seconds = asyncio.get_running_loop().time() - began
    done.set()
    changed = 0 if meddling is None else await meddling
    unsubscribe()
    after = await body.observe()
    output: dict[str, Any] = result.observables.get("output", {})
    if not after.alive:
        await runner.run("respawn", {})
    return Trial(
        seed=seed,
        goal=goal,
        arrived=result.ok and after.alive and after.block == goal,
        error="" if result.error is None else str(result.error.detail),
        damage=max(0.0, before.health - after.health),
        causes=causes,
        seconds=seconds,
        ideal=ideal,
        replans=int(output.get("replanCount", 0)),
        why=list(output.get("why", [])),
        changed=changed,
    )


def _hear(event: BodyEvent, causes: list[str]) -> None:
    if event.kind is BodyEventKind.HURT:
        causes.append(str(event.data.get("cause")))


async def _meddle(body: Body, command: Command, rng: random.Random, goal: BlockPos, done: asyncio.Event) -> int:
    """Put a wall across the straight way to the goal, a few cells ahead of the walking bot; how many blocks."""
    try:
        await asyncio.wait_for(done.wait(), rng.uniform(1.0, 4.0))
    except TimeoutError:
        x, y, z = (await body.observe()).block
        dx, dz = goal[0] - x, goal[2] - z
        if max(abs(dx), abs(dz)) < 8:
            return 0
        ahead = rng.randint(3, 5)
        placed = 0
        for aside in (-1, 0, 1):
            if abs(dx) > abs(dz):
                at = (x + (ahead if dx > 0 else -ahead), z + aside)
            else:
                at = (x + aside, z + (ahead if dz > 0 else -ahead))
            for height in (0, 1, 2):
                await command(f"setblock {at[0]} {y + height} {at[1]} cobblestone")
                placed += 1
        return placed
    return 0


def simulated(seed: int, count: int, time: int = _DAY, *, caves: bool = False) -> list[Trial]:
    """Walks in a generated world of the built-in simulation."""
    world = SimulatedWorld.create(seed, Tables.builtin(), "default", view=6)
    body = SimulatedBody(world)
    operator = SimulatedOperator(world)

    async def run() -> list[Trial]:
        await body.open()
        return await walks(body, operator.command, seed, count, time, caves=caves)

    return run_virtual(run(), world)


async def served(count: int) -> list[Trial]:
    """Walks on a protocol server of their own, by mineflayer."""
    # The tests' own server: only this proof needs it, and pytest with it.
    from tests.protocol_server.harness import ProtocolServer  # noqa: PLC0415

    server = await ProtocolServer.start()
    body = MineflayerBody(ServerOptions(Address("127.0.0.1", server.port), username="Walker", version="1.20.4"))

    async def command(text: str) -> None:
        words = text.split()
        if words[0] == "setblock":
            await server.do("setblock", pos=[int(word) for word in words[1:4]], block=words[4])
        # It has neither creatures nor darkness, so the time of day makes no difference there.

    try:
        await body.open()
        try:
            return await walks(body, command, 1, count)
        finally:
            await body.close()
    finally:
        await server.stop()


def told(trials: list[Trial], least: float = 1.0) -> bool:
    """Print what came out; whether so many (as a share) arrived alive, and, if that is all, unhurt by the terrain.

    (Who is struck by a creature falls where the blow throws it.)
    """
    for trial in trials:
        if not trial.arrived or trial.blame:
            ended = trial.error or "arrived"
            hurt = ", ".join(f"{count} {cause}" for cause, count in sorted(Counter(trial.causes).items()))
            print(f"  seed {trial.seed} to {trial.goal}: {ended}; hurt {trial.damage:.1f} ({hurt or 'by nothing'})")
            for why in trial.why:
                print(f"    {why}")
    arrived, unhurt = sum(t.arrived for t in trials), sum(not t.blame for t in trials)
    changed, attacked = sum(t.changed > 0 for t in trials), sum(bool(_OTHERS & set(t.causes)) for t in trials)
    print(f"arrived alive {arrived} of {len(trials)}; unhurt by the terrain {unhurt}; attacked by creatures {attacked}")
    ratios = sorted(t.seconds / max(t.ideal, 1.0) for t in trials if t.arrived)
    replans = [t.replans for t in trials]
    if ratios:
        middle, mean = statistics.median(ratios), statistics.mean(ratios)
        print(f"time against ideal walking time: median {middle:.2f}, mean {mean:.2f}, worst {ratios[-1]:.2f}")
    print(f"blocks changed in {changed} walks; plans made again: {sum(replans)} in {sum(r > 0 for r in replans)} walks")
    return arrived >= least * len(trials) and (least < 1 or unhurt == len(trials))


def _over(seeds: Iterable[int], count: int, time: int, least: float, *, caves: bool) -> bool:
    trials: list[Trial] = []
    print("by day:" if time == _DAY else "by night:")
    for seed in seeds:
        mine = simulated(seed, count, time, caves=caves)
        print(f"  seed {seed}: {sum(t.arrived for t in mine)} of {len(mine)} arrived alive", flush=True)
        trials += mine
    return told(trials, least)


def main(first: int = 1, *, caves: bool = False) -> bool:
    """100 walks over ten worlds by day, and as many by night; True if enough arrived."""
    seeds = range(first, first + _WORLDS)
    by_day = _over(seeds, WALKS // _WORLDS, _DAY, 1.0, caves=caves)
    return _over(seeds, WALKS // _WORLDS, _NIGHT, _ALIVE_BY_NIGHT, caves=caves) and by_day


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first of the ten worlds")
    parser.add_argument("--seed", type=int, help="one world only")
    parser.add_argument("--walks", type=int, default=10)
    parser.add_argument("--night", action="store_true", help="with --seed: by night")
    parser.add_argument("--caves", action="store_true", help="goals in the dark as well")
    parser.add_argument("--server", action="store_true", help="on a protocol server")
    chosen = parser.parse_args()
    if chosen.server:
        sys.exit(0 if told(asyncio.run(served(chosen.walks))) else 1)
    if chosen.seed is not None:
        at, least = (_NIGHT, _ALIVE_BY_NIGHT) if chosen.night else (_DAY, 1.0)
        held = _over([chosen.seed], chosen.walks, at, least, caves=chosen.caves)
        sys.exit(0 if held else 1)
    sys.exit(0 if main(chosen.first, caves=chosen.caves) else 1)
