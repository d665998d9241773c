"""A flat world with one bot, and how to let it act on virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from conscious_bot.body.port import Body, BodyEvent, Hands
from conscious_bot.contracts import BlockPos, Primitive
from conscious_bot.game.tables import Tables
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import VirtualLoop, run_virtual
from conscious_bot.simulation.world import SimulatedWorld


@dataclass
class Stage:
    """A world with a bot in it. `floor` is the y of the cell the bot's feet are in on flat ground."""

    world: SimulatedWorld
    body: SimulatedBody
    operator: SimulatedOperator
    events: list[BodyEvent] = field(default_factory=list)
    hands: Hands | None = None

    @property
    def floor(self) -> int:
        return self.world.spawn[1]

    def play(self, script: Callable[[Hands], Awaitable[Any]]) -> Any:
        """Run a script with the bot's hands on a virtual loop."""

        async def main() -> Any:
            await self.body.open()
            if self.hands is None:
                self.hands = self.body.claim_hands()
                self.body.subscribe(self.events.append)
            return await script(self.hands)

        return run_virtual(main(), self.world)

    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events]

    def feet(self) -> BlockPos:
        return self.body.state().block


@pytest.fixture(scope="session")
def tables() -> Tables:
    return Tables.builtin()


def make_stage(tables: Tables, seed: int = 1, preset: str = "flat", **options: Any) -> Stage:
    world = SimulatedWorld.create(seed, tables, preset, **options)
    body = SimulatedBody(world)
    typed: Body = body
    assert typed is body
    return Stage(world, body, SimulatedOperator(world))


@pytest.fixture
def stage(tables: Tables) -> Stage:
    return make_stage(tables, view=2)


@pytest.fixture
def new_stage(tables: Tables) -> Callable[..., Stage]:
    return lambda seed=1, preset="flat", **options: make_stage(tables, seed, preset, **options)


@pytest.fixture
def straight() -> Callable[[BlockPos, int], list[Primitive]]:
    def way(start: BlockPos, cells: int) -> list[Primitive]:
        x, y, z = start
        return [Primitive(op="walk_E", to=(x + i, y, z)) for i in range(1, cells + 1)]

    return way


__all__ = ["Stage", "VirtualLoop"]
