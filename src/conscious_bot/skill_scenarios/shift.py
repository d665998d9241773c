"""A night's shift in the mine: in to the face, mine a load, carry it out, and again; and what it was like.

The crew has three skills: a way in, the work, and a refuge after a failure. Each run is an option through the
runtime. What differs between two shifts from the same night is the way in, and what comes of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import BlockPos, Event, IdSource, Wire
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.leaves.lighting import light_at
from conscious_bot.leaves.runner import LeafRunner
from conscious_bot.leaves.threats import threats_around
from conscious_bot.runtime.options import OptionResult, OptionRunner
from conscious_bot.simulation.body import SimulatedBody
from conscious_bot.simulation.loop import run_virtual
from conscious_bot.simulation.world import SimulatedWorld
from conscious_bot.skill_scenarios.mine import Mine

__all__ = ["Crew", "ShiftReport", "WayRun", "work_shift"]

_SETTLES_S = 1.0
_SHIFT_S = 300.0
_LOADS, _LOAD = 3, 4
"""So many times the corridor is walked in and out, with so much raw iron each time."""
_ENCOUNTER = 10.0
"""Blocks: a hostile this near, with sight of the bot or a way to it, is an encounter (seed 001: "within 10m")."""
_LOOKS_EVERY_S = 1.0
_PAUSE_S = 1.0  # between a failure and what is done about it
_WAITS_S = 10.0
"""So long it stays where it is if there was no refuge to be had: what failed a second ago fails again."""


@dataclass(frozen=True, slots=True)
class Crew:
    """The skills of a shift. `way_in` takes `end`, as the documents' torch corridor does; `walk` brings the ore out."""

    way_in: CompiledOption
    walk: CompiledOption
    work: CompiledOption
    refuge: CompiledOption


class WayRun(Wire):
    """One run of the way in, for whoever keeps its statistics."""

    result: OptionResult
    died: bool


class ShiftReport(Wire):
    """One shift. Light is the mean over the corridor's cells and the shift's moments; times are virtual seconds."""

    died: bool
    encounters: dict[str, int]
    light: float
    mined: int
    seconds: float
    leaves: int
    failures: dict[str, int]
    ways: tuple[WayRun, ...] = ()

    @property
    def hostiles(self) -> int:
        """How many hostiles were met."""
        return sum(self.encounters.values())

    @property
    def failed(self) -> int:
        """How many leaves failed."""
        return sum(self.failures.values())


def work_shift(world: SimulatedWorld, mine: Mine, crew: Crew, catalogue: LeafCatalogue) -> ShiftReport:
    """Work one shift in a night's world, to its end or the bot's."""
    gc.collect()  # a world and its bodies know each other; left to itself the collector lets them pile up
    shift = _Shift(mine, crew, SimulatedBody(world), catalogue)
    return run_virtual(shift.play(), world)


class _LoopClock:
    def now(self) -> float:
        """The virtual loop's time."""
        return asyncio.get_running_loop().time()


def _unrecorded(_event: Event) -> None:
    """A shift's actions are in its report; there is no journal they belong to."""


@dataclass(slots=True)
class _Shift:
    mine: Mine
    crew: Crew
    body: SimulatedBody
    catalogue: LeafCatalogue
    clock: _LoopClock = field(default_factory=_LoopClock)
    leaves: int = 0
    failures: Counter[str] = field(default_factory=Counter[str])
    met: dict[int, str] = field(default_factory=dict[int, str])
    light: list[float] = field(default_factory=list[float])
    ways: list[WayRun] = field(default_factory=list[WayRun])

    async def play(self) -> ShiftReport:
        await self.body.open()
        await asyncio.sleep(_SETTLES_S)
        began = self.clock.now()
        crew = self.crew
        granted = crew.way_in.permissions | crew.walk.permissions | crew.work.permissions | crew.refuge.permissions
        ids = IdSource(f"{self.mine.seed}/{crew.way_in.document_hash}")
        runner = LeafRunner(self.body, self.catalogue, self.clock, ids, granted=granted, record=_unrecorded)
        watching = asyncio.ensure_future(self._watch())
        try:
            await self._work(OptionRunner(self.body, runner, self.clock), began + _SHIFT_S)
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            runner.close()
        report = ShiftReport(
            died=not self._alive,
            encounters=dict(sorted(Counter(self.met.values()).items())),
            light=fmean(self.light),
            mined=self._ore,
            seconds=round(self.clock.now() - began, 3),
            leaves=self.leaves,
            failures=dict(sorted(self.failures.items())),
            ways=tuple(self.ways),
        )
        await self.body.close()
        return report

    @property
    def _alive(self) -> bool:
        return self.body.state().alive

    @property
    def _ore(self) -> int:
        return self.body.state().inventory.count("raw_iron")

    async def _work(self, options: OptionRunner, end: float) -> None:
        for load in range(1, _LOADS + 1):
            wanted = load * _LOAD
            if not await self._until_done(options, self.crew.way_in, _to(self.mine.face), end):
                return
            while self._ore < wanted:  # ore by ore: a guard that fails the work costs one of them
                if not await self._until_done(options, self.crew.work, {"count": self._ore + 1}, end):
                    return
            if not await self._until_done(options, self.crew.walk, _to(self.mine.entrance), end):
                return

    async def _until_done(
        self, options: OptionRunner, option: CompiledOption, args: Mapping[str, Any], end: float
    ) -> bool:
        """Run it, and after a failure again from a refuge, while the bot lives and the shift lasts."""
        while self._alive and self.clock.now() < end:
            result = await self._run(options, option, args, end)
            if option is self.crew.way_in:
                self.ways.append(WayRun(result=result, died=not self._alive))
            if result.ok:
                return True
            await asyncio.sleep(_PAUSE_S)
            if self._alive and self.clock.now() < end:
                refuge = await self._run(options, self.crew.refuge, {}, end)
                if not refuge.ok:
                    await asyncio.sleep(min(_WAITS_S, max(0.0, end - self.clock.now())))
        return False

    async def _run(
        self, options: OptionRunner, option: CompiledOption, args: Mapping[str, Any], end: float
    ) -> OptionResult:
        result = await options.run(option, args, lambda _tick: None, limit_s=end - self.clock.now())
        self.leaves += len(result.leaves)
        for leaf in result.leaves:
            error = None if leaf.result is None else leaf.result.error
            if error is not None:
                self.failures[f"{leaf.name} {error.code}"] += 1
        return result

    async def _watch(self) -> None:
        """Look at the corridor and for hostiles, again and again."""
        while self._alive:
            found = await light_at(self.body, self.mine.corridor)
            self.light.append(fmean(found.values()))
            for threat in await threats_around(self.body, _ENCOUNTER):
                if threat.present:
                    self.met[threat.view.id] = threat.view.kind
            await asyncio.sleep(_LOOKS_EVERY_S)


def _to(cell: BlockPos) -> dict[str, Any]:
    return {"end": dict(zip("xyz", cell, strict=True))}
