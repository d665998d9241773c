"""A simulated world with a bot and its leaf runner, and how to let it act on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from conscious_bot.contracts import ActionResult, BlockPos, Event, IdSource, LeafRunOptions, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.leaves.hands import EditPolicy
from conscious_bot.leaves.run_state import RunState
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.commands import SimulatedOperator
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld


class LoopClock:
    """The run's time: the loop's."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass
class Stage:
    """A world with a bot, an operator, and (while `play` runs) a leaf runner."""

    world: SimulatedWorld
    body: SimulatedBody
    operator: SimulatedOperator
    catalogue: LeafCatalogue = field(default_factory=default_catalogue)
    granted: frozenset[Permission] = frozenset(Permission)
    policy: EditPolicy | None = None
    events: list[Event] = field(default_factory=list)
    runner: LeafRunner | None = None

    def play(self, script: Callable[[Stage], Awaitable[Any]]) -> Any:
        """Open the body, put a runner on it, run the script on a virtual loop."""

        async def main() -> Any:
            await self.body.open()
            await asyncio.sleep(1)
            if self.runner is None:
                self.runner = LeafRunner(
                    self.body,
                    self.catalogue,
                    LoopClock(),
                    IdSource("test"),
                    granted=self.granted,
                    record=self.events.append,
                    seed=1,
                    policy=self.policy,
                )
            return await script(self)

        return run_virtual(main(), self.world)

    @property
    def feet(self) -> BlockPos:
        return self.body.state().block

    def at(self, dx: int, dy: int, dz: int) -> BlockPos:
        """A cell relative to the bot's feet."""
        x, y, z = self.feet
        return x + dx, y + dy, z + dz

    def block(self, pos: BlockPos) -> str:
        return self.world.tables.name_of(self.world.voxels.get(pos))

    def carried(self, item: str) -> int:
        return self.body.state().inventory.count(item)

    async def set(self, pos: BlockPos, block: str) -> None:
        await self.operator.command(f"setblock {pos[0]} {pos[1]} {pos[2]} {block}")

    async def fill(self, low: BlockPos, high: BlockPos, block: str) -> None:
        await self.operator.command(f"fill {' '.join(map(str, (*low, *high)))} {block}")

    async def give(self, item: str, count: int = 1) -> None:
        await self.operator.command(f"give Bot {item} {count}")

    async def run(
        self,
        name: str,
        *,
        key: str | None = None,
        timeout_ms: int | None = None,
        state: RunState | None = None,
        **args: Any,
    ) -> ActionResult:
        assert self.runner is not None
        options = LeafRunOptions(idempotency_key=key, timeout_ms=timeout_ms)
        return await self.runner.run(name, args, options=options, state=state)

    def still(self) -> bool:
        """Whether the body rests, or only a current carries it."""
        state = self.body.state()
        rests = abs(state.velocity[0]) + abs(state.velocity[2]) < 1e-3
        return not state.moving and (rests or state.in_water or state.in_lava)


@pytest.fixture(scope="session")
def tables() -> Tables:
    return Tables.builtin()


def make_stage(tables: Tables, seed: int = 1, preset: str = "flat", view: int = 3) -> Stage:
    world = SimulatedWorld.create(seed, tables, preset, view=view)
    return Stage(world, SimulatedBody(world), SimulatedOperator(world))


@pytest.fixture
def stage(tables: Tables) -> Stage:
    return make_stage(tables)


@pytest.fixture
def new_stage(tables: Tables) -> Callable[..., Stage]:
    return lambda seed=1, preset="flat", view=3: make_stage(tables, seed, preset, view)


def code(result: ActionResult) -> str:
    """The code of a failed result."""
    assert result.error is not None, result
    return str(result.error.code)


def shown(result: ActionResult) -> ActionResult:
    """A result that has to be ok; says why if it is not."""
    assert result.ok, result
    return result
