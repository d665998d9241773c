"""What a leaf has at hand during one run."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from conscious_bot.body.port import BodyEvent, Senses
from conscious_bot.contracts import BlockPos, Clock, Permission
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.activity import Activity
from conscious_bot.leaves.expectations import Expectation
from conscious_bot.leaves.hands import EditPolicy, LeasedHands
from conscious_bot.leaves.run_state import RunState
from conscious_bot.sterling.learning import PathMemory
from conscious_bot.world.region import Box, VoxelRegion
from conscious_bot.world.state import BodyState, EntityView

__all__ = ["BeforeLook", "LeafContext", "SensesView"]

BeforeLook = Callable[[Sequence[Expectation]], Awaitable[None]]
"""Notes what expectations speak of, before anything is done about it."""


class SensesView:
    """The senses of a body and nothing else of it: no hands, no stop."""

    __slots__ = ("_body",)

    def __init__(self, body: Senses) -> None:
        self._body = body

    @property
    def tables(self) -> Tables:
        """The facts of the version this world runs."""
        return self._body.tables

    @property
    def name(self) -> str:
        """The bot's player name."""
        return self._body.name

    @property
    def follows(self) -> frozenset[str]:
        """The kinds of moves that the body can follow."""
        return self._body.follows

    async def observe(self) -> BodyState:
        """The body's state now."""
        return await self._body.observe()

    async def scan(self, box: Box, *, light: bool = False) -> VoxelRegion:
        """The blocks of a box."""
        return await self._body.scan(box, light=light)

    async def find_blocks(self, names: Sequence[str], radius: int, limit: int) -> list[BlockPos]:
        """Loaded blocks of these names, nearest first."""
        return await self._body.find_blocks(names, radius, limit)

    async def entities(self, radius: float) -> list[EntityView]:
        """Creatures, players and dropped items, nearest first."""
        return await self._body.entities(radius)

    def subscribe(self, listener: Callable[[BodyEvent], None]) -> Callable[[], None]:
        """Hear every event from now on."""
        return self._body.subscribe(listener)


@dataclass(frozen=True)
class LeafContext:
    """One run's view of the world: senses, leased hands, time, seeded chance, and a line to its watchers.

    `permissions` are the leaf's own; `policy` says which blocks may be changed; `seed` is the run's chance;
    `ways` is what walking has taught, and learns from this run;
    `run` is what the tree that the leaf belongs to keeps from leaf to leaf; `look` has the runner note things.
    """

    senses: Senses
    hands: LeasedHands
    clock: Clock
    seed: str
    activity: Activity
    policy: EditPolicy
    permissions: frozenset[Permission]
    ways: PathMemory
    run: RunState
    look: BeforeLook

    @property
    def own_blocks(self) -> frozenset[BlockPos]:
        """Cells that the bot's own hands have filled and not emptied again."""
        return frozenset(self.hands.own)

    @cached_property
    def rng(self) -> random.Random:
        """Seeded chance of this run."""
        return random.Random(self.seed)

    @property
    def tables(self) -> Tables:
        """The facts of the version this world runs."""
        return self.senses.tables

    def may_edit(self, pos: BlockPos) -> bool:
        """Whether this cell may be dug or built over."""
        return self.policy.may_edit(pos)

    def progress(self, text: str, fraction: float | None = None) -> None:
        """Tell the watchers that the run goes on, and how far it is (0 to 1)."""
        self.activity.report(self.clock.now(), text, fraction)

    def declare_wait(self, seconds: float, reason: str) -> None:
        """Tell the watchers that nothing will be heard for so long, and why that is right."""
        self.activity.declare_wait(self.clock.now(), seconds, reason)

    async def sleep(self, seconds: float, reason: str) -> None:
        """Do nothing for so long; a declared wait."""
        self.declare_wait(seconds, reason)
        await asyncio.sleep(seconds)
        self.activity.end_wait(self.clock.now())

    async def watch(self, cells: Iterable[BlockPos]) -> None:
        """Have the runner note these blocks as they are now, to compare with afterwards."""
        await self.hands.watch(cells)

    async def watch_for(self, *expectations: Expectation) -> None:
        """Have the runner note whatever these expectations speak of, as it is now."""
        await self.look(expectations)
