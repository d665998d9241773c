"""The registry's rows in the journal's store. Each write is one synced transaction, together with its event."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Table, delete, func, insert, select, update

from conscious_bot.contracts import AuditEntry, CapabilityRun, Event, RegistryRecord, StatusChange, Wire
from conscious_bot.contracts.canonical import canonical_json
from conscious_bot.memory import schema
from conscious_bot.memory.journal import Journal
from conscious_bot.registry.reports import RunReport

__all__ = ["RegistryStore", "TaskCount", "body_rows", "emptied", "run_row"]

_W = TypeVar("_W", bound=Wire)
TaskCount = tuple[str, bool, frozenset[str]]
"""A task, whether it succeeded, and which capabilities were run for it."""


class RegistryStore:
    """Reads and writes the registry's tables. What a call has written, survives the machine's power cord."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pending: list[Executable] = []
        self._guard = threading.Lock()
        self._watchers: list[Callable[[], None]] = []
        journal.register(self)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """From now on call `watcher` after every write, on the thread that wrote. Returns how to stop it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def write(self, connection: Connection) -> None:
        """The journal's transaction: everything that waits."""
        with self._guard:
            pending, self._pending = self._pending, []
        for statement in pending:
            connection.execute(statement)

    def _commit(self, *statements: Executable, event: Event | None = None, synced: bool = True) -> None:
        with self._guard:
            self._pending.extend(statements)
        self._journal.append(*(() if event is None else (event,)), synced=synced)
        for watcher in list(self._watchers):
            watcher()

    # ------------------------------------------------------------------ writing

    def add(self, record: RegistryRecord, change: StatusChange, event: Event, also: Iterable[Executable] = ()) -> None:
        """A new capability with the first entry of its history. `also` are rows of the same transaction."""
        head = record.model_copy(update={"spec": None}).wire()
        del head["status"]
        values = {
            "id": record.id,
            "status": record.status.value,
            "record": canonical_json(head),
            "spec": canonical_json(record.spec),
        }
        self._commit(insert(schema.capability).values(values), _change(change), *also, event=event)

    def change(self, change: StatusChange, event: Event, also: Iterable[Executable] = ()) -> None:
        """A step of a capability's life. `also` are rows of the same transaction."""
        table = schema.capability
        moved = update(table).where(table.c.id == change.id).values(status=change.after.value)
        self._commit(moved, _change(change), *also, event=event)

    def audit(self, entry: AuditEntry, event: Event) -> None:
        """A refusal."""
        row = insert(schema.capability_audit).values(subject=entry.subject, body=_text(entry))
        self._commit(row, event=event)

    def add_run(self, run: CapabilityRun) -> None:
        """A run's outcome. Survives the process at once, the power cord with the next synced write."""
        self._commit(run_row(run), synced=False)

    def keep(self, report: RunReport) -> None:
        """Keep a run's report, in the transaction of whatever is written next. Of each outcome only the last stays."""
        self._journal.put(_report_key(report.run.id, ok=report.run.ok), report.wire())

    def add_task(self, task: str, used: frozenset[str], *, ok: bool) -> None:
        """A task's outcome and which capabilities were run for it."""
        row = insert(schema.capability_task).values(task=task, ok=int(ok), used=canonical_json(sorted(used)))
        self._commit(row, synced=False)

    def put(self, table: Table, key: str, body: Wire, **columns: str) -> None:
        """Set a row of a table of bodies by id (proposals, keys)."""
        self._commit(*body_rows(table, key, body, **columns))

    # ------------------------------------------------------------------ reading

    def records(self) -> list[RegistryRecord]:
        """Every record, by id."""
        table = schema.capability
        rows = self._rows(select(table.c.status, table.c.record, table.c.spec).order_by(table.c.id))
        return [
            RegistryRecord.model_validate(
                {**json.loads(head), "status": status, "spec": None if spec is None else json.loads(spec)}
            )
            for status, head, spec in rows
        ]

    def history(self, capability: str) -> list[StatusChange]:
        """A capability's life so far, in order."""
        return self._bodies(schema.capability_change, StatusChange, id=capability)

    def refusals(self, limit: int = 100) -> list[AuditEntry]:
        """The latest refusals, the newest first."""
        table = schema.capability_audit
        rows = self._rows(select(table.c.body).order_by(table.c.sequence.desc()).limit(limit))
        return [AuditEntry.model_validate_json(row[0]) for row in rows]

    def runs(self, capability: str) -> list[CapabilityRun]:
        """A capability's runs, in order."""
        return self._bodies(schema.capability_run, CapabilityRun, id=capability)

    def tallies(self) -> dict[str, list[CapabilityRun]]:
        """Every capability's runs, in order, for those that have any."""
        table = schema.capability_run
        found: dict[str, list[CapabilityRun]] = {}
        for body in self._rows(select(table.c.body).order_by(table.c.sequence)):
            run = CapabilityRun.model_validate_json(body[0])
            found.setdefault(run.id, []).append(run)
        return found

    def reports(self, capability: str) -> list[RunReport]:
        """The capability's last success and last failure with all that is known of them, the latest first."""
        kept = (self._journal.get(_report_key(capability, ok=ok)) for ok in (True, False))
        found = [RunReport.model_validate(body) for body in kept if body is not None]
        return sorted(found, key=lambda report: report.run.at, reverse=True)

    def tasks_like(self, capability: str) -> list[TaskCount]:
        """Every outcome of the kinds of task that the capability was ever run for."""
        table = schema.capability_task
        quoted = f'%"{capability.replace("%", "").replace("_", "|_")}"%'
        kinds = select(table.c.task).where(table.c.used.like(quoted, escape="|")).distinct()
        query = select(table.c.task, table.c.ok, table.c.used).where(table.c.task.in_(kinds)).order_by(table.c.sequence)
        return [(task, bool(ok), frozenset(json.loads(used))) for task, ok, used in self._rows(query)]

    def bodies(self, table: Table, model: type[_W]) -> list[_W]:
        """All rows of a table of bodies, by id."""
        return [model.model_validate_json(row[0]) for row in self._rows(select(table.c.body).order_by(table.c.id))]

    def counts(self) -> dict[str, int]:
        """How many rows each of the registry's growing tables has."""
        growing = (schema.capability, schema.capability_change, schema.capability_audit, schema.capability_run)
        return {table.name: self._rows(select(func.count()).select_from(table))[0][0] for table in growing}

    def _bodies(self, table: Table, model: type[_W], **where: str) -> list[_W]:
        query = select(table.c.body).order_by(table.c.sequence)
        for column, value in where.items():
            query = query.where(table.c[column] == value)
        return [model.model_validate_json(row[0]) for row in self._rows(query)]

    def _rows(self, query: Any) -> deque[Any]:
        read: Callable[[Connection], deque[Any]] = lambda connection: deque(connection.execute(query))  # noqa: E731 - one line says it
        return self._journal.read(read)


def run_row(run: CapabilityRun) -> Executable:
    """The row of a run's outcome."""
    return insert(schema.capability_run).values(id=run.id, at=run.at, body=_text(run))


def body_rows(table: Table, key: str, body: Wire, **columns: str) -> tuple[Executable, Executable]:
    """What sets a row of a table of bodies by id."""
    values = {"id": key, "body": _text(body), **columns}
    return delete(table).where(table.c.id == key), insert(table).values(values)


def emptied(capability: str) -> Executable:
    """What drops the spec of a retired capability; everything else stays."""
    table = schema.capability
    return update(table).where(table.c.id == capability).values(spec=None)


def _change(change: StatusChange) -> Executable:
    return insert(schema.capability_change).values(id=change.id, body=_text(change))


def _report_key(capability: str, *, ok: bool) -> str:
    return f"report/{capability}/{'ok' if ok else 'failed'}"


def _text(body: Wire) -> str:
    return canonical_json(body.wire())
