"""What the leaf runner adds to a call, and how soon a leaf's first command goes out: `python -m benchmarks.runner`.

`added` compares the same leaf called through the runner and called bare, on the simulated body, in one
run: schema, permissions, locks, limits, records, and the runner's own looks at the world before and after; it is
processor time, as whatever else runs on the machine is not the runner's.
`firstCommand` is wall time from the call of `run` to the first command to the body. `server` is wall time on the
tests' protocol server on this machine: until a sensing leaf has answered, until the server hears of a dig or a click.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter, thread_time
from typing import Any, cast

from conscious_bot.body.port import Hands
from conscious_bot.contracts import Event, IdSource, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.activity import Activity
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.leaves.context import LeafContext, SensesView
from conscious_bot.leaves.contract import Leaf
from conscious_bot.leaves.expectations import Expectation
from conscious_bot.leaves.hands import LeasedHands, UnrestrictedEdits
from conscious_bot.leaves.interaction import DigBlock, PlaceBlock
from conscious_bot.leaves.inventory import EquipTool
from conscious_bot.leaves.movement import MoveTo
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.leaves.sensing import GetBlockAt
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.sterling.learning import PathMemory

from ._leaves_on_server import measure_on_server


class _WallClock:
    """Real seconds: what is measured here is the machine's time."""

    def now(self) -> float:
        return perf_counter()


def _unlimited(leaf: Leaf) -> Leaf:
    """The same leaf without a rate limit, so that it can be called without pause."""
    spec = leaf.spec.model_copy(update={"rate_limit_per_min": 10**9})
    return type(type(leaf).__name__, (type(leaf),), {"spec": spec})()


def _figures(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "meanMs": 1000 * sum(ordered) / len(ordered),
        "p50Ms": 1000 * ordered[len(ordered) // 2],
        "p95Ms": 1000 * ordered[int(0.95 * (len(ordered) - 1))],
    }


class _Bench:
    def __init__(self, calls: int) -> None:
        self.calls = calls
        tables = Tables.builtin()
        self.world = SimulatedWorld.create(1, tables, "flat", view=2)
        self.body = SimulatedBody(self.world)
        self.operator = SimulatedOperator(self.world)
        kinds = (GetBlockAt(), EquipTool(), DigBlock(), PlaceBlock(), MoveTo())
        self.leaves = {leaf.spec.name: _unlimited(leaf) for leaf in kinds}
        catalogue = LeafCatalogue()
        for leaf in self.leaves.values():
            catalogue.register(leaf)
        events: deque[Event] = deque(maxlen=1000)
        self.runner = LeafRunner(
            self.body, catalogue, _WallClock(), IdSource("bench"), granted=frozenset(Permission), record=events.append
        )

    async def added(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        """Through the runner and bare, turn by turn; the difference of the two means is what the runner adds."""
        leaf = self.leaves[name]
        through: list[float] = []
        bare: list[float] = []
        for i in range(self.calls + 100):
            began = thread_time()
            result = await self.runner.run(name, args)
            between = thread_time()
            context = self.context(leaf)
            ready = thread_time()
            await leaf.run(context, args)
            ended = thread_time()
            if not result.ok:
                raise RuntimeError(f"{name} failed in the benchmark: {result}")
            if i >= 100:
                through.append(between - began)
                bare.append(ended - ready)
        added = [a - b for a, b in zip(through, bare, strict=True)]
        return {"added": _figures(added), "through": _figures(through), "bare": _figures(bare)}

    def context(self, leaf: Leaf) -> LeafContext:
        """A context for a bare call; its hands are the runner's own, which these calls do not use."""
        activity = Activity("bare", leaf.spec.id, 0.0)
        senses = SensesView(self.body)
        hands = LeasedHands(
            cast("Hands", _NoHands()),
            senses,
            permissions=frozenset(),
            policy=UnrestrictedEdits(),
            clock=_WallClock(),
            activity=activity,
            run=RunState(),
        )

        async def look(_expect: Sequence[Expectation]) -> None:
            """Nobody compares in a bare call."""

        return LeafContext(
            senses=senses,
            hands=hands,
            clock=_WallClock(),
            seed="bench",
            activity=activity,
            policy=UnrestrictedEdits(),
            permissions=leaf.spec.permissions,
            ways=PathMemory(),
            run=RunState(),
            look=look,
        )

    async def first_command(self, name: str, count: int, prepare: Callable[[int], Any]) -> dict[str, float]:
        """Real time from `run` to the first command."""
        waits: list[float] = []
        for i in range(count + 3):
            args = await prepare(i)
            result = await self.runner.run(name, args)
            if not result.ok:
                raise RuntimeError(f"{name} failed in the benchmark: {result}")
            if i >= 3:
                waits.append(result.observables["firstCommandAt"] - result.started_at)
        return _figures(waits)

    async def measure(self) -> dict[str, Any]:
        await self.body.open()
        await asyncio.sleep(1)
        x, y, z = self.body.state().block
        await self.operator.command("give Bot wooden_pickaxe")
        await self.operator.command("give Bot dirt 64")

        async def stone(i: int) -> dict[str, Any]:
            await self.operator.command(f"setblock {x + 2} {y} {z} stone")
            return {"pos": [x + 2, y, z]}

        async def spot(i: int) -> dict[str, Any]:
            await self.operator.command(f"setblock {x} {y} {z + 2} air")
            await self.operator.command("give Bot dirt 1")
            return {"item": "dirt", "pos": [x, y, z + 2]}

        async def cell(i: int) -> dict[str, Any]:
            return {"pos": [x - 6 * (i % 2), y, z]}

        gc.collect()
        gc.freeze()  # as a bot does that has started
        sensing = await self.added("get_block_at", {"pos": [x, y - 1, z]})
        await self.runner.run("equip_tool", {"item": "wooden_pickaxe"})
        acting = await self.added("equip_tool", {"item": "wooden_pickaxe"})
        first = {
            "dig_block": await self.first_command("dig_block", 50, stone),
            "place_block": await self.first_command("place_block", 50, spot),
            "move_to": await self.first_command("move_to", 50, cell),
        }
        return {"calls": self.calls, "sensing": sensing, "acting": acting, "firstCommand": first}


class _NoHands:
    """Hands of a bare call that has nothing to do: any use is an error of the benchmark."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"a bare call wanted to {name}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--calls", type=int, default=2000, help="calls measured of each kind")
    parser.add_argument("--server-calls", type=int, default=100, help="calls of each leaf on the server")
    options = parser.parse_args()
    bench = _Bench(options.calls)
    figures = run_virtual(bench.measure(), bench.world)
    served = asyncio.run(measure_on_server(options.server_calls, _unlimited))
    figures["server"] = {name: _figures(seconds) for name, seconds in served.items()}
    figures["loadAverage"] = os.getloadavg()[0]
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
