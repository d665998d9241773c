"""The options that a living agent may use: kept to what the registry says at every moment, and reported back to it.

The registry tells of a change on whatever thread it was asked on, before that call returns. The verb table is
changed right there, so nothing is planned or begun with an option that was taken back a moment ago. The event
for the run's journal is written by the agent's own loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Generator
from contextlib import contextmanager

from conscious_bot.behavior import CompiledOption
from conscious_bot.contracts import (
    CapabilityKind,
    CapabilityStatus,
    Clock,
    Event,
    EventType,
    ExecError,
    ExecErrorCode,
    PlanStep,
    Provenance,
    RegistryRecord,
    RunMode,
    StatusChange,
)
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.registry.desk import CapabilityDesk
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.reports import report_of, run_of
from conscious_bot.registry.verbs import VerbTable
from conscious_bot.runtime.driver import TickRecord
from conscious_bot.runtime.options import OptionResult

__all__ = ["LiveOptions"]


class LiveOptions:
    """One agent's options. It is the executor's ledger: every run of an option is evidence."""

    def __init__(
        self,
        desk: CapabilityDesk,
        verbs: VerbTable,
        catalogue: LeafCatalogue,
        clock: Clock,
        record: Callable[[Event], None],
    ) -> None:
        """`verbs` and `catalogue` are the agent's own: options and leaves from outside come and go in them."""
        self._desk = desk
        self._verbs = verbs
        self._catalogue = catalogue
        self._clock = clock
        self._record = record

    @contextmanager
    def followed(self, loop: asyncio.AbstractEventLoop) -> Generator[None]:
        """While inside, the agent has the active options and the leaves that they use. `loop` is the agent's."""

        def hear(record: RegistryRecord, change: StatusChange) -> None:
            unusable = self._place(record)
            if record.kind is CapabilityKind.LEAF:
                unusable += [one for option in self._options_of(record.id) for one in self._place(option)]
            if loop.is_closed():
                return  # asked for while the agent goes away: the next start places it anew
            loop.call_soon_threadsafe(self._tell, change)
            for capability, error in unusable:
                loop.call_soon_threadsafe(self._complain, capability, error)

        forget = self._desk.registry.subscribe(hear)  # first: what changes while the others are placed is heard
        try:
            records = sorted(self._desk.registry, key=lambda one: one.kind is not CapabilityKind.LEAF)  # leaves first
            for record in records:
                for capability, error in self._place(record):
                    self._complain(capability, error)
            yield
        finally:
            forget()

    def _place(self, record: RegistryRecord) -> list[tuple[str, ExecError]]:
        """Put a capability where it belongs. The reason if it is active and cannot be used all the same."""
        try:
            if record.kind is CapabilityKind.LEAF:
                self._catalogue.withdraw(record.id)
                if record.status is CapabilityStatus.ACTIVE:
                    self._catalogue.register(self._desk.review.load(record.id))
            else:
                self._verbs.withdraw(record.id)
                if record.status is CapabilityStatus.ACTIVE:
                    self._verbs.admit(self._usable(record))
        except RegistryRefusal as refusal:
            return [(record.id, refusal.error)]
        return []

    def _options_of(self, leaf: str) -> list[RegistryRecord]:
        return [one for one in self._desk.registry if one.kind is CapabilityKind.OPTION and leaf in one.uses]

    def _usable(self, record: RegistryRecord) -> CompiledOption:
        """The option, ready to run. Refused if its leaves are no longer those that it was tried with."""
        option = self._desk.pipeline.compiled(record.id)
        if option.leaves != record.uses:
            detail = f"it was tried with {', '.join(record.uses)}; now there are {', '.join(option.leaves)}"
            raise RegistryRefusal(ExecErrorCode.REGISTRY_UNTRUSTED, detail)
        missing = [leaf for leaf in option.leaves if self._catalogue.get(leaf) is None]
        if missing:
            detail = f"{', '.join(missing)} could not be loaded"
            raise RegistryRefusal(ExecErrorCode.REGISTRY_UNTRUSTED, detail)
        return option

    def _complain(self, capability: str, error: ExecError) -> None:
        data = {"subject": capability, "act": "use", "by": "agent", "error": error.wire()}
        provenance = Provenance(capability=capability)
        self._record(Event(type=EventType.CAPABILITY_REFUSED, at=self._clock.now(), data=data, provenance=provenance))

    def _tell(self, change: StatusChange) -> None:
        data = {"id": change.id, "act": change.act, "after": change.after, "by": change.by, "reason": change.reason}
        provenance = Provenance(capability=change.id)
        event = Event(type=EventType.CAPABILITY_CHANGED, at=self._clock.now(), data=data, provenance=provenance)
        self._record(event)

    # ------------------------------------------------------------------ the executor's ledger

    async def begin(self, option: CompiledOption) -> CompiledOption | ExecError:
        """Count a run that is about to begin: of this version, or of its candidate if that has its turn.

        The refusal, if the one whose turn it is may not run, or not so often.
        """
        try:
            return await asyncio.to_thread(self._turn, option)
        except RegistryRefusal as refusal:
            return refusal.error

    def _turn(self, option: CompiledOption) -> CompiledOption:
        record = self._desk.turns.choose(option.document.capability)
        usable = self._usable(record)
        self._desk.registry.admit_run(record.id)
        return usable

    async def ended(
        self, option: CompiledOption, step: PlanStep, result: OptionResult, ticks: list[TickRecord], *, died: bool
    ) -> None:
        """Give the run to the governor; what the evidence then decides has happened before this returns."""
        capability, at = option.document.capability, self._desk.registry.wall()
        run = run_of(capability, RunMode.LIVE, f"step {step.step_id}", result, died=died, at=at)
        run = self._desk.turns.counted(run)
        # An option that was taken back while it ran may now lack room for what its evidence decides. That refusal
        # has its audit entry, and the run is kept: neither is the plan's business.
        with contextlib.suppress(RegistryRefusal):
            await asyncio.to_thread(self._desk.governor.note, run, report_of(run, step.args, result, ticks))
