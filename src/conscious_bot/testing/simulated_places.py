"""Benches of the leaf kit in the simulated world: one flat world after another."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from conscious_bot.contracts import IdSource, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.leaves.contract import Leaf
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.testing.leaf_kit import Bench, Case, Kit, LeafCases, Row

__all__ = ["SimulatedPlaces"]

_T = TypeVar("_T")


class _LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


def _contents(world: SimulatedWorld) -> Counter[str]:
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

    def __init__(self, seed: int = 1, leaves: Iterable[Leaf] = ()) -> None:
        """`leaves` are tried beside the shipped ones."""
        self._rng = random.Random(seed)
        self._catalogue = default_catalogue()
        for leaf in leaves:
            self._catalogue.register(leaf)
        self._tables = Tables.builtin()
        self._worlds = _Worlds(self._new_world())
        self._kit = Kit(self._place, catalogue=self._catalogue, seed=seed)

    def _new_world(self) -> SimulatedWorld:
        world = SimulatedWorld.create(self._rng.randrange(1 << 30), self._tables, "flat", view=2)
        world.rules["doMobSpawning"] = False
        return world

    def check(self, cases: LeafCases, *, cancels: int = 1) -> list[Row]:
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
            self._catalogue,
            _LoopClock(),
            IdSource("kit"),
            granted=frozenset(Permission),
            record=lambda _event: None,
            seed=self._rng.randrange(1 << 30),
        )

        operator = SimulatedOperator(world)

        async def inside() -> Counter[str]:
            return _contents(world)

        bench = Bench(body, operator, runner, body.close, origin=body.state().block, inside=inside)
        try:
            yield bench
        finally:
            await bench.close()
            runner.close()
            await body.close()
