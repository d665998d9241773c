"""How fast the simulated world runs: `python -m benchmarks.simulation --json`.

A figure is ticks per second of processor time of this process (`ticksPerSecond`), which one core runs alone,
its ratio to real time (20 ticks a second), and ticks per second on the wall's clock, which others who use the
machine lower (`wallTicksPerSecond`). Worlds have view 4, that is 9 by 9 columns, unless it says otherwise.

- `creatures`: 20 creatures by night, half of them monsters, in a cage of iron bars, and a body that walks, digs
  and places by calls of its port. Zombies see it and look for a way. Natural spawning is off so that there are 20.
- `hunted`: 20 zombies, skeletons and spiders in the open, all after the body, which stands still and suffers
  their blows, but no harm (Resistance).
- `empty`: a body that stands in a world without creatures; `night`: with spawning, the body high above.
- `light`: ten lamps in a roofed hall set or taken in every tick. `flood`: nine springs above rough ground that
  open and dry up.
- `brain`: the assembled agent pursues a goal in the default world, with its journal, planner and solver.
- `growth`: `empty` by loaded columns.
- `fork`: milliseconds of processor time of a fork of a running default world, of a fork and its first 20 ticks, and
  of a plain copy of all columns in the same process, which a fork would be if it shared nothing; the best of 30 each.
- `memory`: what one default world adds to this process at its peak.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conscious_bot.agent import World, assemble
from conscious_bot.body.port import BodyEvent, BodyEventKind
from conscious_bot.cognition.goals import Goal
from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.game.tables import Tables
from conscious_bot.memory.journal import Journal
from conscious_bot.settings import RunSettings
from conscious_bot.simulation import life
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import VirtualLoop, run_virtual
from conscious_bot.simulation.state import EFFECT_RESISTANCE
from conscious_bot.simulation.store import WorldStore
from conscious_bot.simulation.warm import warm_world
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ItemStack

_REAL_TIME = 20
_MIDNIGHT = 18000
_MIXED = ("cow", "pig", "sheep", "chicken", "cow", "zombie", "skeleton", "spider", "creeper", "enderman")
_HUNTERS = ("zombie", "skeleton", "spider")
_GOAL = "get 1 stone_pickaxe"


class _Watch:
    """How many ticks a world ran, and in what time."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._began = (world.age, time.process_time(), time.perf_counter())
        self.figure: dict[str, Any] = {}

    def stop(self) -> None:
        ticks = self._world.age - self._began[0]
        pace = ticks / (time.process_time() - self._began[1])
        self.figure = {
            "ticksPerSecond": pace,
            "timesRealTime": pace / _REAL_TIME,
            "wallTicksPerSecond": ticks / (time.perf_counter() - self._began[2]),
            "ticks": ticks,
        }


@contextmanager
def _measured(world: SimulatedWorld) -> Generator[_Watch]:
    gc.collect()
    watch = _Watch(world)
    yield watch
    watch.stop()


def _world(preset: str = "flat", view: int = 4, *, spawning: bool = False, night: bool = False) -> SimulatedWorld:
    world = SimulatedWorld.create(1, Tables.builtin(), preset, view=view)
    world.rules["doMobSpawning"] = spawning
    if night:
        world.rules["doDaylightCycle"] = False
        world.time_of_day = _MIDNIGHT
    return world


def _cage(world: SimulatedWorld, corner: BlockPos) -> None:
    """17 by 17 cells behind iron bars, three high, under glass."""
    x, y, z = corner
    along = world.tables.state_of("iron_bars", east="true", west="true")
    across = world.tables.state_of("iron_bars", north="true", south="true")
    for a in range(17):
        for height in range(3):
            for b in (0, 16):
                world.set_block((x + a, y + height, z + b), along)
                world.set_block((x + b, y + height, z + a), across)
        for b in range(17):
            world.set_block((x + a, y + 3, z + b), world.tables.state_of("glass"))


def _harmless(world: SimulatedWorld) -> None:
    """Nothing takes health from the first player any more."""
    life.add_effect(world, world.players[0], EFFECT_RESISTANCE, 4, 1 << 40)


def _run(world: SimulatedWorld, ticks: int, each: Callable[[int], None] | None = None) -> dict[str, Any]:
    """A world at its own pace, after a moment to settle; `each` does something to it before every tick."""
    world.run(40)
    with _measured(world) as watch:
        if each is None:
            world.run(ticks)
        else:
            for tick in range(ticks):
                each(tick)
                world.run(1)
    return {**watch.figure, "creatures": len(world.herd)}


def _empty(ticks: int, view: int = 4) -> dict[str, Any]:
    world = _world(view=view)
    world.add_player("Bot")
    return _run(world, ticks) | {"columns": len(world.voxels.columns())}


def _with_creatures(rounds: int) -> dict[str, Any]:
    world = _world(night=True)
    body = SimulatedBody(world)
    x, y, z = world.spawn

    async def script() -> dict[str, Any]:
        await body.open()
        hands = body.claim_hands()
        _cage(world, (x + 21, y, z - 9))
        for k in range(20):
            dx, dz = 23 + 3 * (k % 5), 3 * (k // 5) - 6
            world.herd.summon(_MIXED[k % len(_MIXED)], (x + dx + 0.5, float(y), z + dz + 0.5), kept=True)
        inventory = world.players[0].inventory
        inventory.add(ItemStack("dirt", 64))
        await hands.equip("dirt", "hand")
        with _measured(world) as watch:
            for _ in range(rounds):
                for direction, op in ((1, "walk_E"), (-1, "walk_W")):
                    a, b, c = body.state().block
                    await hands.follow([Primitive(op=op, to=(a + direction * k, b, c)) for k in range(1, 5)])
                a, b, c = body.state().block
                await hands.place((a, b - 1, c + 2), "up")
                await hands.dig((a, b, c + 2))
                inventory.add(ItemStack("dirt", 1))
        return {**watch.figure, "creatures": len(world.herd), "bodyCalls": 4 * rounds}

    return run_virtual(script(), world)


def _hunted(ticks: int) -> dict[str, Any]:
    world = _world(night=True)
    world.add_player("Bot")
    _harmless(world)
    x, y, z = world.spawn
    for k in range(20):
        world.herd.summon(_HUNTERS[k % len(_HUNTERS)], (x + 10.5 + k % 4, float(y), z + 2.0 * (k // 4) - 4), kept=True)
    return _run(world, ticks)


def _night(ticks: int) -> dict[str, Any]:
    world = _world(spawning=True, night=True)
    player = world.add_player("Bot")
    world.teleport(player, (0.5, -30.0, 0.5))
    world.set_block((0, -31, 0), world.tables.state_of("stone"))
    return _run(world, ticks)


def _light(ticks: int) -> dict[str, Any]:
    """Glowstone in and out of a hall without windows, so that every edit floods it with light or darkness."""
    world = _world()
    world.add_player("Bot")
    x, y, z = world.spawn
    stone, glow = world.tables.state_of("stone"), world.tables.state_of("glowstone")
    for a in range(-16, 17):
        for c in range(-16, 17):
            world.set_block((x + a, y + 6, z + c), stone)
    world.light_at(world.spawn)
    spots = [(x + 6 * (k % 5) - 12, y + 3, z + 6 * (k // 5) - 12) for k in range(25)]

    def edit(tick: int) -> None:
        for k in range(10):
            spot = spots[(10 * tick + k) % len(spots)]
            world.set_block(spot, 0 if world.voxels.get(spot) == glow else glow)

    return _run(world, ticks, edit) | {"editsPerTick": 10}


def _flood(ticks: int) -> dict[str, Any]:
    """Springs open and dry up again, so that water is always on its way."""
    world = _world()
    player = world.add_player("Bot")
    x, y, z = world.spawn
    stone, water = world.tables.state_of("stone"), world.tables.state_of("water")
    for a in range(-24, 25):
        for c in range(-24, 25):
            if (3 * a + 5 * c) % 7 == 0:
                world.set_block((x + a, y, z + c), stone)
    springs = [(x + 14 * a, y + 4, z + 14 * c) for a in (-1, 0, 1) for c in (-1, 0, 1)]
    changes: list[BodyEvent] = []
    player.listeners.append(changes.append)

    def turn(tick: int) -> None:
        if tick % 60 == 0:
            for spring in springs:
                world.set_block(spring, water if tick % 120 == 0 else 0)

    return _run(world, ticks, turn) | {"blockChanges": sum(1 for event in changes if event.kind is BodyEventKind.BLOCK)}


def _brain() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, Journal.open(Path(folder) / "journal.sqlite") as journal:
        settings = RunSettings(speed=None, dashboard=False)
        world = _world("default", spawning=True)
        world.difficulty = settings.difficulty
        journal.register(WorldStore(world))
        body = SimulatedBody(world, settings.username)
        opened = World(body, SimulatedOperator(world), lambda: VirtualLoop(world))

        async def live() -> dict[str, Any]:
            async with assemble(settings, journal, opened) as agent:
                with _measured(world) as watch:
                    end = await agent.mind.live(Goal(_GOAL, "user", "the benchmark asks for it", 1.0))
            return {**watch.figure, "goal": _GOAL, "outcome": end.outcome}

        with asyncio.Runner(loop_factory=opened.new_loop) as runner:
            return runner.run(live())


def _fork(times: int = 30) -> dict[str, Any]:
    world = _world("default", spawning=True)
    world.add_player("Bot")
    world.run(400)
    columns = world.voxels.columns()
    tops = {key: world.voxels.height(*key) for key in columns}

    def best(act: Callable[[], object]) -> float:
        took: list[float] = []
        for _ in range(times):
            world.run(1)  # so that there is something new to share
            began = time.process_time()
            act()
            took.append(time.process_time() - began)
        return 1000 * min(took)

    def copy() -> list[Any]:
        return [
            (world.voxels.states_of(*key)[:top].copy(), world.light.light_of(*key)[:top].copy())
            for key, top in tops.items()
        ]

    world.light.ensure(columns)
    forked, copied = best(world.fork), best(copy)
    return {
        "forkMs": forked,
        "forkAnd20TicksMs": best(lambda: world.fork().run(20)),
        "copyOfColumnsMs": copied,
        "copyPerFork": copied / forked,
        "columns": len(columns),
    }


def _memory() -> dict[str, Any]:
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    world = _world("default")
    world.add_player("Bot")
    world.run(400)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "worldMegabytes": (after - before) / 1024,
        "processMegabytes": after / 1024,
        "columns": len(world.voxels.columns()),
        "limitMegabytes": 400,
    }


def main() -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document (the only form there is)")
    parser.add_argument("--ticks", type=int, default=20_000, help="ticks of each figure")
    ticks = parser.parse_args().ticks
    memory = _memory()
    warm_world()  # so that all kernels are there before anything is measured
    _with_creatures(5)
    figures = {
        "goal": {"ticksPerSecond": 20_000, "with": "20 creatures, scripted Body calls, 9 by 9 columns, one core"},
        "creatures": _with_creatures(max(ticks // 80, 10)),
        "hunted": _hunted(ticks),
        "empty": _empty(ticks),
        "night": _night(ticks),
        "light": _light(max(ticks // 20, 200)),
        "flood": _flood(max(ticks // 5, 400)),
        "brain": _brain(),
        "growth": {f"{2 * view + 1}x{2 * view + 1}": _empty(ticks, view) for view in (2, 4, 6, 8)},
        "fork": _fork(),
        "memory": memory,
        "loadAverage": os.getloadavg()[0],
    }
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
