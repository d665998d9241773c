"""How fast the simulated world runs: `python -m benchmarks.simulation --json`.

Each figure is ticks a second on one core and its ratio to real time (20 ticks a second), with view 4, that
is 9 by 9 columns, unless it says otherwise. `creatures` is the issue's figure: 20 creatures by day, half of
them monsters, with a body that walks, digs and places by scripted calls; natural spawning is off so that
there are 20. `night` has spawning. `growth` is a world at rest by loaded columns. Memory is what one world
adds to this process.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
from time import perf_counter
from typing import Any

from conscious_bot.contracts import Primitive
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.world.state import ItemStack

_REAL_TIME = 20
_KINDS = ("cow", "pig", "sheep", "chicken", "cow", "zombie", "skeleton", "spider", "creeper", "enderman")


def _world(preset: str = "flat", view: int = 4, *, spawning: bool = False) -> SimulatedWorld:
    world = SimulatedWorld.create(1, Tables.builtin(), preset, view=view)
    world.rules["doMobSpawning"] = spawning
    return world


def _figure(ticks: int, seconds: float, **more: Any) -> dict[str, Any]:
    pace = ticks / seconds
    return {"ticksPerSecond": pace, "timesRealTime": pace / _REAL_TIME, **more}


def _run(world: SimulatedWorld, ticks: int) -> dict[str, Any]:
    """A world at its own pace, after a moment to settle."""
    world.run(40)
    began = perf_counter()
    world.run(ticks)
    return _figure(ticks, perf_counter() - began, creatures=len(world.herd))


def _empty(ticks: int, view: int = 4) -> dict[str, Any]:
    world = _world(view=view)
    world.add_player("Bot")
    return _run(world, ticks) | {"columns": len(world.voxels.columns())}


def _with_creatures(rounds: int) -> dict[str, Any]:
    """20 creatures around a body that walks to and fro, digs and places, by calls of its port."""
    world = _world()
    world.rules["doDaylightCycle"] = False
    world.time_of_day = 6000
    body = SimulatedBody(world)
    seconds = 0.0
    ticks = 0

    async def script() -> None:
        nonlocal seconds, ticks
        await body.open()
        hands = body.claim_hands()
        x, y, z = world.spawn
        for k in range(20):
            dx, dz = 20 + 3 * (k % 5), 3 * (k // 5) - 6
            world.herd.summon(_KINDS[k % len(_KINDS)], (x + dx + 0.5, float(y), z + dz + 0.5), kept=True)
        player = world.players[0]
        player.inventory.add(ItemStack("dirt", 64))
        await hands.equip("dirt", "hand")
        began, age = perf_counter(), world.age
        for _ in range(rounds):
            if not world.is_alive(player):
                break
            here = body.state().block
            there = [Primitive(op="walk_E", to=(here[0] + k, here[1], here[2])) for k in range(1, 5)]
            await hands.follow(there)
            here = body.state().block
            back = [Primitive(op="walk_W", to=(here[0] - k, here[1], here[2])) for k in range(1, 5)]
            await hands.follow(back)
            here = body.state().block
            await hands.place((here[0], here[1] - 1, here[2] + 2), "up")
            await hands.dig((here[0], here[1], here[2] + 2))
            player.inventory.add(ItemStack("dirt", 1))
        seconds, ticks = perf_counter() - began, world.age - age

    run_virtual(script(), world)
    return _figure(ticks, seconds, creatures=len(world.herd), ticks=ticks)


def _night(ticks: int) -> dict[str, Any]:
    world = _world(spawning=True)
    world.rules["doDaylightCycle"] = False
    world.time_of_day = 18000
    player = world.add_player("Bot")
    world.teleport(player, (0.5, 200.0, 0.5))
    world.set_block((0, 199, 0), world.tables.state_of("stone"))
    return _run(world, ticks)


def _memory() -> dict[str, Any]:
    """Resident memory that one default world of 9 by 9 columns adds, at its peak."""
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    world = _world("default")
    world.add_player("Bot")
    world.run(400)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"worldMegabytes": (after - before) / 1024, "processMegabytes": after / 1024}


def main() -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document (the only form there is)")
    parser.add_argument("--ticks", type=int, default=20_000, help="ticks of each figure")
    ticks = parser.parse_args().ticks
    memory = _memory()
    figures = {
        "goal": {"ticksPerSecond": 20_000, "with": "20 creatures, scripted Body calls, 9 by 9 columns"},
        "empty": _empty(ticks),
        "creatures": _with_creatures(max(ticks // 100, 10)),
        "night": _night(ticks),
        "growth": {f"{2 * view + 1}x{2 * view + 1}": _empty(ticks, view) for view in (2, 4, 6)},
        "memory": memory,
    }
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
