"""Live episodes: the version of an option that is in use, and in its turn the one that wants to replace it.

Forks show what a candidate does to a copy of the world, live episodes what it does to the world itself. They are off
until the policy allows a share. The version in use goes first; a candidate's episode is compared with the
incumbent's before it, so both saw about the same times, and neither chooses its moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conscious_bot.behavior import CompiledOption, LeafIndex, compile_option
from conscious_bot.body.port import Body, BodyEvent, BodyEventKind
from conscious_bot.contracts import (
    CapabilityRun,
    CapabilityStatus,
    ExecErrorCode,
    OptionDocument,
    RegistryRecord,
    RunMode,
    StatusChange,
)
from conscious_bot.leaves.run_state import RunState
from conscious_bot.registry.governor import Governor
from conscious_bot.registry.principals import Policy
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.runtime.driver import TickRecord
from conscious_bot.runtime.options import OptionResult, OptionRunner

__all__ = ["Episode", "LiveEpisodes"]


@dataclass(frozen=True, slots=True)
class Episode:
    """One live run: the exact version that had its turn, what came of it, and what the evidence did."""

    capability: str
    result: OptionResult
    change: StatusChange | None


@dataclass(slots=True)
class _Turns:
    """Of one candidate: how many episodes both had, and the incumbent's that waits for its counterpart."""

    incumbent: int = 0
    candidate: int = 0
    waiting: CapabilityRun | None = None


class LiveEpisodes:
    """Runs options on the live body by name, and keeps each run as evidence. `cap_s` is the policy's time limit."""

    def __init__(
        self,
        governor: Governor,
        leaves: LeafIndex,
        policy: Policy,
        body: Body,
        options: OptionRunner,
        *,
        cap_s: float,
    ) -> None:
        self._governor = governor
        self._leaves = leaves
        self._policy = policy
        self._body = body
        self._options = options
        self._cap_s = cap_s
        self._turns: dict[str, _Turns] = {}
        self._compiled: dict[str, CompiledOption] = {}

    def choose(self, name: str) -> RegistryRecord:
        """Whose turn it is. Refuses a name of which no version is active: what is in shadow alone is never chosen."""
        incumbent = self._governor.registry.resolve(name)
        if incumbent is None:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, f"no version of {name} is active")
        candidate = self._candidate(incumbent)
        if candidate is None:
            return incumbent
        turns = self._turns.setdefault(candidate.id, _Turns())
        allowed = self._policy.live_share * (turns.incumbent + turns.candidate + 1)
        return candidate if turns.waiting is not None and turns.candidate + 1 <= allowed else incumbent

    async def run(
        self,
        name: str,
        args: Mapping[str, Any],
        on_tick: Callable[[TickRecord], None],
        *,
        start: str,
        state: RunState | None = None,
    ) -> Episode:
        """One episode. `start` names the situation it begins in. Raises the registry's refusal, or CancelledError
        when the body stands still; an episode that was cancelled is no evidence."""
        registry = self._governor.registry
        incumbent = registry.resolve(name)
        record = registry.admit_run(self.choose(name).id)
        died = False

        def hear(event: BodyEvent) -> None:
            nonlocal died
            died = died or event.kind is BodyEventKind.DIED

        unsubscribe = self._body.subscribe(hear)
        try:
            result = await self._options.run(self._option(record), args, on_tick, state=state)
        finally:
            unsubscribe()
        run = CapabilityRun(
            id=record.id,
            mode=RunMode.LIVE,
            ok=result.ok,
            start=start,
            seconds=result.ended_at - result.started_at,
            error=result.error,
            violation=result.violation,
            died=died,
            at=registry.wall(),
        )
        run = self._counted(run, incumbent)
        # The registry's disk is not the bot's loop's business.
        return Episode(record.id, result, await asyncio.to_thread(self._governor.note, run))

    def _candidate(self, incumbent: RegistryRecord) -> RegistryRecord | None:
        """The newest version in shadow that the sandbox has passed, where the policy lets one run live."""
        if not self._policy.live_share:
            return None
        for record in self._governor.registry.versions(incumbent.name):
            if record.status is CapabilityStatus.SHADOW and self._governor.tried(record.id):
                return record
        return None

    def _counted(self, run: CapabilityRun, incumbent: RegistryRecord | None) -> CapabilityRun:
        """Count the episode; a candidate's with what the incumbent's before it came to."""
        if incumbent is None:
            return run
        if run.id == incumbent.id:
            candidate = self._candidate(incumbent)
            if candidate is not None:
                turns = self._turns.setdefault(candidate.id, _Turns())
                turns.incumbent += 1
                turns.waiting = run
            return run
        turns = self._turns[run.id]
        theirs, turns.waiting = turns.waiting, None
        turns.candidate += 1
        if theirs is None:
            return run
        return run.model_copy(
            update={
                "incumbent": theirs.id,
                "incumbent_ok": theirs.ok,
                "incumbent_died": theirs.died,
                "better": _quicker(run, theirs),
            }
        )

    def _option(self, record: RegistryRecord) -> CompiledOption:
        found = self._compiled.get(record.id)
        if found is None:
            document = OptionDocument.model_validate(record.spec)
            found = self._compiled[record.id] = compile_option(document, self._leaves, cap_s=self._cap_s)
        return found


def _quicker(mine: CapabilityRun, theirs: CapabilityRun) -> int:
    if not (mine.ok and theirs.ok):
        return 0
    return (mine.seconds < theirs.seconds) - (mine.seconds > theirs.seconds)
