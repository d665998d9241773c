"""The registry: which capabilities there are, where each stands, and how it came there.

Everything is in memory for look-ups and in the store for good; it may be used from several threads.
A change is in the store, synced, before
anybody hears of it. Who selects capabilities subscribes, and is called before the change's call returns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable

from conscious_bot.contracts import (
    AuditEntry,
    CapabilityAct,
    CapabilityKind,
    CapabilityRun,
    CapabilityStatus,
    Event,
    EventType,
    ExecErrorCode,
    Provenance,
    RegistryRecord,
    StatusChange,
)
from conscious_bot.registry.lifecycle import BIRTH, IllegalTransitionError, after
from conscious_bot.registry.principals import Principal, Right
from conscious_bot.registry.quotas import Quotas, Window
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.statistics import CapabilityHealth, health
from conscious_bot.registry.store import RegistryStore, emptied
from conscious_bot.registry.versions import SelectorError, best, newest_first, split

__all__ = ["CapabilityRegistry", "Listener"]

Listener = Callable[[RegistryRecord, StatusChange], None]
"""Hears of every capability that was registered or has changed its status."""


class CapabilityRegistry:
    """All capabilities. `clock` is the run's time (events carry it), `wall` seconds since 1970 UTC."""

    def __init__(
        self,
        store: RegistryStore,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        quotas: Quotas | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wall = wall
        self.quotas = quotas or Quotas()
        self._turn = threading.RLock()
        self._records: dict[str, RegistryRecord] = {}
        self._versions: dict[str, list[str]] = {}
        self._active: dict[str, list[str]] = {}
        self._in_shadow = 0
        self._listeners: list[Listener] = []
        self._registrations = Window(self.quotas.registrations_per_min)
        self._executions = Window(self.quotas.executions_per_min)
        for record in store.records():
            self._take(record)

    @property
    def store(self) -> RegistryStore:
        """Its rows."""
        return self._store

    def now(self) -> str:
        """The wall's time as the records write it."""
        return datetime.fromtimestamp(self._wall(), UTC).isoformat(timespec="milliseconds")

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """From now on tell the listener of every change, at once. Returns how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # ------------------------------------------------------------------ looking

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[RegistryRecord]:
        return iter(list(self._records.values()))

    def get(self, capability: str) -> RegistryRecord | None:
        """The record of an exact id."""
        return self._records.get(capability)

    def require(self, capability: str) -> RegistryRecord:
        """The record of an exact id, or the refusal that there is none."""
        record = self._records.get(capability)
        if record is None:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, f"there is no capability {capability!r}")
        return record

    def resolve(self, selector: str) -> RegistryRecord | None:
        """What `name@1.2.3`, `name@^1.2`, `name@~1.2.3` or `name` (the latest) means; None if there is none.

        An exact id finds a record of any status, everything else active ones only. Raises a refusal
        for a text that is no selector. Whoever plans stores the exact id that comes back.
        """
        name, wish = split(selector)
        if wish and wish[0] not in "^~":
            return self._records.get(selector)
        try:
            version = best(self._active.get(name, ()), wish)
        except SelectorError as error:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_FOUND, str(error)) from error
        return None if version is None else self._records[f"{name}@{version}"]

    def versions(self, name: str) -> list[RegistryRecord]:
        """All versions of a name, the highest first."""
        return [self._records[f"{name}@{version}"] for version in newest_first(self._versions.get(name, ()))]

    def history(self, capability: str) -> list[StatusChange]:
        """A capability's life so far."""
        return self._store.history(self.require(capability).id)

    def health(self, capability: str) -> CapabilityHealth:
        """A capability in figures."""
        self.require(capability)
        return health(capability, self._store.runs(capability), self._store.tasks_like(capability), self._wall())

    def figures(self) -> dict[str, CapabilityHealth]:
        """Every capability that ever ran in figures; what its tasks gained by it is left out."""
        now = self._wall()
        return {one: health(one, runs, (), now) for one, runs in self._store.tallies().items()}

    # ------------------------------------------------------------------ changing

    def register(
        self,
        record: RegistryRecord,
        by: Principal,
        evidence: Mapping[str, Any] | None = None,
        also: Iterable[Executable] = (),
    ) -> None:
        """Take up a new capability at the beginning of its life. `also` are rows of the same transaction."""
        with self._turn:
            self._register(record, by, evidence, also)

    def _register(
        self, record: RegistryRecord, by: Principal, evidence: Mapping[str, Any] | None, also: Iterable[Executable]
    ) -> None:
        if record.id in self._records:
            raise RegistryRefusal(ExecErrorCode.VERSION_EXISTS, f"{record.id} is registered; a version never changes")
        if record.status is not BIRTH[record.kind]:
            raise RegistryRefusal(
                ExecErrorCode.REGISTRY_TRANSITION, f"a new {record.kind} is {BIRTH[record.kind]}, not {record.status}"
            )
        change = StatusChange(
            id=record.id,
            act=CapabilityAct.REGISTER,
            before=None,
            after=record.status,
            by=str(by),
            reason="registered",
            evidence=dict(evidence or {}),
            at=record.provenance.created_at,
        )
        self._registrations.note(by.name, self._wall())
        self._store.add(record, change, self._event(change), also)
        self._take(record)
        self._tell(record, change)

    def move(
        self,
        capability: str,
        act: CapabilityAct,
        by: str,
        reason: str,
        evidence: Mapping[str, Any] | None = None,
        also: Iterable[Executable] = (),
    ) -> StatusChange:
        """One step of a life. A step that the table does not have is refused, and nothing happens.

        `also` are rows of the same transaction.
        """
        with self._turn:
            return self._move(capability, act, by, reason, evidence, also)

    def _move(
        self,
        capability: str,
        act: CapabilityAct,
        by: str,
        reason: str,
        evidence: Mapping[str, Any] | None,
        also: Iterable[Executable],
    ) -> StatusChange:
        record = self.require(capability)
        try:
            status = after(record.status, act)
        except IllegalTransitionError as error:
            raise RegistryRefusal(ExecErrorCode.REGISTRY_TRANSITION, f"{capability}: {error}") from error
        name = record.name
        if act is CapabilityAct.PROMOTE and len(self._active.get(name, ())) >= self.quotas.active_versions:
            limit = self.quotas.active_versions
            raise self.over_quota("active versions", name, f"{name} has {limit} active versions already; retire one")
        change = StatusChange(
            id=capability,
            act=act,
            before=record.status,
            after=status,
            by=by,
            reason=reason,
            evidence=dict(evidence or {}),
            at=self.now(),
        )
        moved = record.model_copy(update={"status": status})
        garbage = self._garbage(moved)
        self._store.change(change, self._event(change), (*also, *(emptied(one.id) for one in garbage)))
        self._drop(record)
        self._take(moved)
        for one in garbage:
            self._records[one.id] = self._records[one.id].model_copy(update={"spec": None})
        self._tell(self._records[capability], change)
        return change

    def refuse(self, subject: str, act: str, by: str, refusal: RegistryRefusal) -> RegistryRefusal:
        """Keep an audit entry of a refusal, and give it back to be raised."""
        entry = AuditEntry(subject=subject, act=act, by=by, error=refusal.error, at=self.now())
        data = {"subject": subject, "act": act, "by": by, "error": refusal.error.wire()}
        self._store.audit(entry, Event(type=EventType.CAPABILITY_REFUSED, at=self._clock(), data=data))
        return refusal

    def demand(self, by: Principal, right: Right, subject: str) -> None:
        """Refuse, and keep an audit entry, unless the principal has the right."""
        if not by.may(right):
            detail = f"a {by.role} may not {right}"
            raise self.refuse(subject, right, str(by), RegistryRefusal(ExecErrorCode.REGISTRY_NOT_ALLOWED, detail))

    # ------------------------------------------------------------------ quotas

    def check_registration(self, by: Principal) -> None:
        """The quotas of a new option: registrations a minute of one principal, options in shadow in all."""
        quotas = self.quotas
        if self._registrations.full(by.name, self._wall()):
            limit = quotas.registrations_per_min
            raise self.over_quota("registrations", by.name, f"{by.name} registered {limit} within a minute")
        if self._in_shadow >= quotas.shadow_options:
            detail = f"{quotas.shadow_options} options are in shadow; retire some"
            raise self.over_quota("shadow options", by.name, detail)

    def admit_run(self, capability: str) -> RegistryRecord:
        """Count an execution that is about to begin. Refuses what may not run, or has run too often."""
        with self._turn:
            return self._admit(capability)

    def _admit(self, capability: str) -> RegistryRecord:
        record = self.require(capability)
        if record.status in (CapabilityStatus.RETIRED, CapabilityStatus.REVOKED):
            raise RegistryRefusal(ExecErrorCode.REGISTRY_NOT_ALLOWED, f"{capability} is {record.status}")
        now = self._wall()
        if self._executions.full(capability, now):
            detail = f"{capability} ran {self.quotas.executions_per_min} times within a minute"
            raise self.over_quota("executions", capability, detail)
        self._executions.note(capability, now)
        return record

    def over_quota(self, quota: str, subject: str, detail: str) -> RegistryRefusal:
        """The refusal for a used-up quota, announced as an event."""
        refusal = RegistryRefusal(ExecErrorCode.QUOTA_EXCEEDED, detail)
        data = {"quota": quota, "subject": subject, "detail": detail}
        entry = AuditEntry(subject=subject, act=quota, by=subject, error=refusal.error, at=self.now())
        self._store.audit(entry, Event(type=EventType.QUOTA_EXCEEDED, at=self._clock(), data=data))
        return refusal

    def note_run(self, run: CapabilityRun) -> None:
        """Keep a run's outcome."""
        self.require(run.id)
        self._store.add_run(run)

    def wall(self) -> float:
        """Seconds since 1970 UTC."""
        return self._wall()

    # ------------------------------------------------------------------ inside

    def _event(self, change: StatusChange) -> Event:
        # The wall's time stays out of it, so that equal runs have equal journals.
        data = change.model_copy(update={"evidence": {}}).wire()
        del data["at"], data["evidence"]
        return Event(
            type=EventType.CAPABILITY_CHANGED,
            at=self._clock(),
            data=data,
            provenance=Provenance(capability=change.id),
        )

    def _tell(self, record: RegistryRecord, change: StatusChange) -> None:
        for listener in list(self._listeners):
            listener(record, change)

    def _take(self, record: RegistryRecord) -> None:
        known = self._versions.setdefault(record.name, [])
        if record.id not in self._records:
            known.append(record.version)
        self._records[record.id] = record
        if record.status is CapabilityStatus.ACTIVE:
            self._active.setdefault(record.name, []).append(record.version)
        if record.status is CapabilityStatus.SHADOW and record.kind is CapabilityKind.OPTION:
            self._in_shadow += 1

    def _drop(self, record: RegistryRecord) -> None:
        if record.status is CapabilityStatus.ACTIVE:
            self._active[record.name].remove(record.version)
        if record.status is CapabilityStatus.SHADOW and record.kind is CapabilityKind.OPTION:
            self._in_shadow -= 1

    def _garbage(self, moved: RegistryRecord) -> list[RegistryRecord]:
        """The retired versions of a name whose specs go when it moves: record, hashes, provenance and history stay."""
        if moved.status is not CapabilityStatus.RETIRED:
            return []
        versions = [moved if one.id == moved.id else one for one in self.versions(moved.name)]
        retired = [one for one in versions if one.status is CapabilityStatus.RETIRED]
        return [one for one in retired[self.quotas.retired_kept :] if one.spec is not None]
