"""Leaves keep their word: every outcome of every leaf in two worlds, and cancellation at 1,000 random moments.

The worlds are the simulated one and the protocol server of the tests with mineflayer, in real time. After a cancelled
run the body stands still, no window is open, and nothing was lost or made. `LEAVES=dig_block,sleep` asks for some.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from conscious_bot.contracts import IdSource, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.testing import CASES, Bench, Case, Kit, LeafCases, Row, table
from tools.prove._server_places import ServerPlaces

__all__ = ["SimulatedPlaces", "contents", "main"]

CANCELS = 1_000

_T = TypeVar("_T")


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


def contents(world: SimulatedWorld) -> Counter[str]:
    """What lies in the chests and furnaces of a world, read from its own records."""
    document = world.storage.export()
    stacks = [stack for _, slots in document["chests"] for stack in slots]
    stacks += [stack for _, _, *parts in document["furnaces"] for stack in parts[:3]]
    counts: Counter[str] = Counter()
    for stack in stacks:
        if stack is not None:
            counts[stack[0]] += stack[1]
    return counts


class _Worlds:
    """The time of one world after another, as one time that never goes back."""

    def __init__(self, world: SimulatedWorld) -> None:
        self.world = world
        self._before = 0.0

    def enter(self, world: SimulatedWorld) -> None:
        """From now on time passes in this world."""
        self._before = self.now() - world.now()
        self.world = world

    def now(self) -> float:
        return self._before + self.world.now()

    def advance(self, until: float) -> float:
        return self._before + self.world.advance(until - self._before)

    def pending(self) -> bool:
        return self.world.pending()


class SimulatedPlaces:
    """Fresh flat worlds, one for each run."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = random.Random(seed)
        self._tables = Tables.builtin()
        self._worlds = _Worlds(self._new_world())
        self._kit = Kit(self._place, seed=seed)

    def _new_world(self) -> SimulatedWorld:
        world = SimulatedWorld.create(self._rng.randrange(1 << 30), self._tables, "flat", view=2)
        world.rules["doMobSpawning"] = False
        return world

    def check(self, cases: LeafCases, *, cancels: int) -> list[Row]:
        """Every outcome of a leaf."""
        return self._play(self._kit.check(cases, cancels=cancels))

    def cancel(self, leaf: str, case: Case) -> str | None:
        """One cancelled run; what was wrong afterwards."""
        return self._play(self._kit.cancel(leaf, case))

    def _play(self, script: Coroutine[Any, Any, _T]) -> _T:
        return run_virtual(script, self._worlds)

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[Bench]:
        world = self._new_world()
        self._worlds.enter(world)
        body = SimulatedBody(world)
        await body.open()
        await asyncio.sleep(0.5)
        runner = LeafRunner(
            body,
            default_catalogue(),
            _LoopClock(),
            IdSource("kit"),
            granted=frozenset(Permission),
            record=lambda _event: None,
            seed=self._rng.randrange(1 << 30),
        )

        operator = SimulatedOperator(world)

        async def inside() -> Counter[str]:
            return contents(world)

        bench = Bench(body, operator, runner, body.close, origin=body.state().block, inside=inside)
        try:
            yield bench
        finally:
            await bench.close()
            runner.close()
            await body.close()


def _simulated(chosen: Sequence[LeafCases]) -> list[Row]:
    places = SimulatedPlaces()
    return [row for cases in chosen for row in places.check(cases, cancels=2)]


async def _on_server(chosen: Sequence[LeafCases]) -> list[Row]:
    rows: list[Row] = []
    async with ServerPlaces.open() as places:
        kit = Kit(places.place)
        for number, cases in enumerate(chosen, 1):
            found = await kit.check(cases, cancels=2)
            # Real time on a busy machine: what did not come out is tried once more, and has to.
            failed = {row.outcome for row in found if row.status == "FAILED"}
            if failed:
                print(f"  again: {cases.leaf} {', '.join(sorted(failed))}", flush=True)
                again = await kit.check(cases, cancels=2)
                found = again
            rows += found
            print(f"  {number} of {len(chosen)} leaves on the server: {cases.leaf}", flush=True)
    return rows


def _cancelled(chosen: Sequence[LeafCases]) -> list[str]:
    """Cancel runs at random moments in the simulated world; what was wrong afterwards."""
    places = SimulatedPlaces()
    wrong: list[str] = []
    for number in range(CANCELS):
        cases = chosen[number % len(chosen)]
        problem = places.cancel(cases.leaf, cases.success)
        if problem is not None:
            wrong.append(f"{cases.leaf}: {problem}")
            print(f"  {wrong[-1]}", flush=True)
        if (number + 1) % 100 == 0:
            print(f"  {number + 1} of {CANCELS} cancelled", flush=True)
    return wrong


def main() -> bool:
    """The tables of all outcomes, then the cancellations."""
    names = os.environ.get("LEAVES", "")
    chosen = [cases for cases in CASES if not names or cases.leaf in names.split(",")]
    simulated = _simulated(chosen)
    print(table(simulated, "the simulated world"), flush=True)
    served = asyncio.run(_on_server(chosen))
    print(table(served, "the protocol server"), flush=True)
    shown = {(row.leaf, row.outcome) for row in (*simulated, *served) if row.status == "ok"}
    nowhere = sorted({(row.leaf, row.outcome) for row in (*simulated, *served)} - shown)
    print(f"  in no world: {', '.join(f'{leaf} {outcome}' for leaf, outcome in nowhere) or 'none'}", flush=True)
    mutating = {spec.name for spec in default_catalogue().specs() if spec.mutating}
    moving = [cases for cases in chosen if cases.leaf in mutating]
    wrong = _cancelled(moving) if moving else []
    print(
        f"{CANCELS} runs of {len(moving)} mutating leaves cancelled at random moments, {len(wrong)} with a trace left"
    )
    return not wrong and all(row.status != "FAILED" for row in (*simulated, *served))
