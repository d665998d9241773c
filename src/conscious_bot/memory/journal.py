"""The journal: the append-only record of a bot's life, and the transaction that everything durable shares.

One call of `append` is one transaction. It holds the events, the small projections (`put`), and what
every registered participant has to save (the built-in world's changed sections, for one), so that
after kill -9 all of them agree. An append that has returned survives the process; with `synced=True`
it survives the machine's power cord as well.

The order of events is part of the record, the wall's time is not: `hash` is equal for equal runs.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Connection, Engine, Table, delete, func, insert, or_, select

from conscious_bot.contracts import Event, EventType, Provenance
from conscious_bot.contracts.canonical import CanonicalError, canonical_json
from conscious_bot.memory import schema
from conscious_bot.memory.provenance import StepChain, chain_of
from conscious_bot.memory.store import (
    IMMEDIATE,
    JournalError,
    WriterLock,
    address,
    open_engine,
    prepare_file,
    storage_errors,
)

__all__ = ["Journal", "JournalError", "Participant"]

_T = TypeVar("_T")
_PAGE = 1000


class Participant(Protocol):
    """Something whose changes are saved together with the events that caused them."""

    def write(self, connection: Connection) -> None:
        """Write what has changed since the last call. Neither commit nor keep the connection.

        If the transaction fails afterwards the journal takes no more writes, so what was handed over
        here may be forgotten at once.
        """
        ...


class Journal:
    """One bot's record. Written from one thread at a time; read from any, also from other processes."""

    def __init__(self, engine: Engine, name: str, stream: str, lock: WriterLock | None, *, readonly: bool) -> None:
        self._engine = engine
        self._name = name
        self._stream = stream
        self._lock = lock
        self._readonly = readonly
        self._participants: list[Participant] = []
        self._pending: dict[str, str] = {}
        self._guard = threading.RLock()
        self._broken: str | None = None
        self._sqlite = engine.dialect.name == "sqlite"
        self._insert_event = _Insert(schema.event, engine)
        self._insert_wall = _Insert(schema.event_wall, engine)
        with storage_errors(name):
            self._writer = engine.connect().execution_options(**{IMMEDIATE: not readonly})
            self._last = self._read_last(self._writer)
            self._writer.rollback()

    @classmethod
    def open(cls, where: str | Path, *, stream: str = "main", readonly: bool = False) -> Journal:
        """Open or create the journal at a path (SQLite) or URL, bringing its tables up to date.

        `readonly` is for looking at a journal that a running bot writes. `stream` keeps apart the bots
        that share a PostgreSQL. Raises `UserError` for a directory that cannot be written, a damaged
        or foreign file, tables of a newer version, or a second writer.
        """
        url = address(where)
        lock = None
        if url.get_backend_name() == "sqlite":
            path = Path(str(url.database))
            prepare_file(path, readonly=readonly)
            lock = None if readonly else WriterLock(path)
        try:
            engine = open_engine(url, readonly=readonly)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        name = str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
        try:
            return cls(engine, name, stream, lock, readonly=readonly)
        except BaseException:
            engine.dispose()
            if lock is not None:
                lock.release()
            raise

    # ------------------------------------------------------------------ writing

    def register(self, participant: Participant) -> None:
        """From now on `participant.write` is called in every transaction, in the order of registration."""
        self._participants.append(participant)

    def append(self, *events: Event, state: Mapping[str, Any] | None = None, synced: bool = False) -> int:
        """Record events, projections and participants' changes in one transaction.

        Returns the sequence number of the last event in the journal (0 if it is empty). With `synced`
        the disk has it before the call returns. Raises `JournalError` for data that is not JSON
        (nothing is written then), `UserError` where the disk or file fails; after a transaction that
        failed half-way the journal takes no more writes.
        """
        bodies = [self._body(event) for event in events]
        values = {key: _canonical(value, f"the value of {key!r}") for key, value in (state or {}).items()}
        with self._guard:
            self._refuse_if_closed()
            self._pending.update(values)
            rows = [
                (self._stream, number, event.type.value, *_ids(event.provenance), body)
                for number, (event, body) in enumerate(zip(events, bodies, strict=True), start=self._last + 1)
            ]
            try:
                self._transaction(rows, synced=synced)
            except BaseException as error:
                self._broken = f"a transaction failed ({error})"
                raise
            self._last += len(rows)
            self._pending.clear()
            return self._last

    def commit(self, *, synced: bool = False) -> None:
        """A transaction with participants and pending projections only."""
        self.append(synced=synced)

    def put(self, key: str, value: Any) -> None:
        """Set a small projection; it is written with the next transaction, and `get` sees it at once."""
        with self._guard:
            self._pending[key] = _canonical(value, f"the value of {key!r}")

    def _transaction(self, rows: list[tuple[Any, ...]], *, synced: bool) -> None:
        with storage_errors(self._name):
            if synced and self._sqlite:
                self._pragma("FULL")
            try:
                with self._writer.begin():
                    if rows:
                        wall = time.time()  # beside the record, never in it
                        self._insert_event(self._writer, rows)
                        self._insert_wall(self._writer, [(self._stream, row[1], wall) for row in rows])
                    self._write_state()
                    for participant in self._participants:
                        participant.write(self._writer)
            finally:
                if synced and self._sqlite:
                    self._pragma("NORMAL")

    def _write_state(self) -> None:
        if not self._pending:
            return
        keys = sorted(self._pending)
        table = schema.state
        self._writer.execute(delete(table).where(table.c.stream == self._stream, table.c.key.in_(keys)))
        self._writer.execute(
            insert(table), [{"stream": self._stream, "key": key, "value": self._pending[key]} for key in keys]
        )

    def _pragma(self, level: str) -> None:
        # SQLite takes this outside of transactions only, so it goes to the driver's connection itself.
        cursor = self._writer.connection.cursor()
        cursor.execute(f"PRAGMA synchronous = {level}")
        cursor.close()

    def _body(self, event: Event) -> str:
        document: dict[str, Any] = {"at": event.at, "data": event.data, "type": event.type.value}
        provenance = event.provenance.wire()
        if provenance:
            document["provenance"] = provenance
        return _canonical(document, f"an event of type {event.type.value}")

    def _refuse_if_closed(self) -> None:
        if self._readonly:
            raise JournalError(f"the journal {self._name} was opened for reading only")
        if self._broken is not None:
            raise JournalError(f"the journal {self._name} takes no more writes: {self._broken}")

    # ------------------------------------------------------------------ reading

    @property
    def last(self) -> int:
        """The sequence number of the last event, 0 if there is none."""
        if self._readonly:
            return self.read(self._read_last)
        return self._last

    def read(self, fn: Callable[[Connection], _T]) -> _T:
        """Call `fn` with a connection of its own in one read transaction, and give back its answer."""
        with storage_errors(self._name), self._engine.connect() as connection, connection.begin():
            return fn(connection)

    def events(
        self, after: int = 0, types: Collection[EventType] | None = None, limit: int | None = None
    ) -> Iterator[tuple[int, Event]]:
        """The events behind `after` in order, with their sequence numbers; of these `types` only, at most `limit`.

        Reads page by page, so that a slow reader never holds back the writer.
        """
        for sequence, body in self._bodies(after, types, limit):
            yield sequence, Event.model_validate_json(body)

    def get(self, key: str) -> Any:
        """The projection's value, None if it was never set."""
        with self._guard:
            if key in self._pending:
                return json.loads(self._pending[key])
        table = schema.state
        query = select(table.c.value).where(table.c.stream == self._stream, table.c.key == key)
        value = self.read(lambda connection: connection.execute(query).scalar())
        return None if value is None else json.loads(value)

    def hash(self) -> str:
        """sha256 over the RFC 8785 form of the list of all events, wall times left out."""
        digest = hashlib.sha256(b"[")
        for number, (_, body) in enumerate(self._bodies(0, None, None)):
            digest.update(b"," + body.encode() if number else body.encode())
        digest.update(b"]")
        return digest.hexdigest()

    def provenance(self, step_id: str) -> StepChain | None:
        """The chain behind a step, from intent to effects; None if no event names the step."""
        table = schema.event
        mine = table.c.stream == self._stream
        own = self._select(mine & (table.c.step_id == step_id))
        if not own:
            return None
        intents = sorted({e.provenance.intent_id for e in own if e.provenance.intent_id is not None})
        plans = sorted({e.provenance.plan_id for e in own if e.provenance.plan_id is not None})
        ancestors = self._select(
            mine
            & or_(
                (table.c.type == EventType.INTENT.value) & table.c.intent_id.in_(intents),
                (table.c.type == EventType.PLAN_GENERATED.value) & table.c.plan_id.in_(plans),
            )
        )
        return chain_of(step_id, own, ancestors)

    def steps(self, intent_id: str | None = None) -> list[str]:
        """The ids of all steps that were started, in order; of this intent only if one is given."""
        table = schema.event
        query = (
            select(table.c.step_id)
            .where(table.c.stream == self._stream, table.c.type == EventType.STEP_STARTED.value)
            .order_by(table.c.sequence)
        )
        if intent_id is not None:
            query = query.where(table.c.intent_id == intent_id)
        rows = self.read(lambda connection: connection.execute(query).scalars().all())
        return list(dict.fromkeys(row for row in rows if row is not None))

    def runs(self) -> list[Event]:
        """When the bot started, was resumed and ended, in order."""
        kinds = (EventType.RUN_STARTED, EventType.RUN_RESUMED, EventType.RUN_ENDED)
        return [event for _, event in self.events(types=kinds)]

    def wall(self, sequence: int) -> float | None:
        """When this event was written, in seconds since 1970 UTC; None if there is no such event."""
        table = schema.event_wall
        query = select(table.c.wall).where(table.c.stream == self._stream, table.c.sequence == sequence)
        return self.read(lambda connection: connection.execute(query).scalar())

    def export(self, path: Path) -> int:
        """Write all events as JSON lines (`sequence` and the canonical event); returns how many."""
        count = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for sequence, body in self._bodies(0, None, None):
                file.write(f'{{"sequence":{sequence},"event":{body}}}\n')
                count += 1
        return count

    def _bodies(self, after: int, types: Collection[EventType] | None, limit: int | None) -> Iterator[tuple[int, str]]:
        table = schema.event
        query = select(table.c.sequence, table.c.body).where(table.c.stream == self._stream).order_by(table.c.sequence)
        if types is not None:
            query = query.where(table.c.type.in_(sorted(kind.value for kind in types)))
        left = limit
        while left is None or left > 0:
            size = _PAGE if left is None else min(_PAGE, left)
            page_query = query.where(table.c.sequence > after).limit(size)
            page = self.read(lambda connection, q=page_query: [(row[0], row[1]) for row in connection.execute(q)])
            yield from page
            if len(page) < size:
                return
            after = page[-1][0]
            left = None if left is None else left - size

    def _select(self, where: Any) -> list[Event]:
        table = schema.event
        query = select(table.c.body).where(where).order_by(table.c.sequence)
        rows = self.read(lambda connection: connection.execute(query).scalars().all())
        return [Event.model_validate_json(row) for row in rows]

    def _read_last(self, connection: Connection) -> int:
        table = schema.event
        query = select(func.max(table.c.sequence)).where(table.c.stream == self._stream)
        return connection.execute(query).scalar() or 0

    # ------------------------------------------------------------------ the end

    def close(self) -> None:
        """Free the store. What `put` left pending is written first. Closing twice is harmless."""
        with self._guard:
            if self._writer.closed:
                return
            try:
                if self._pending and self._broken is None and not self._readonly:
                    self.commit()
            finally:
                self._writer.close()
                self._engine.dispose()
                self._broken = self._broken or "it is closed"
                if self._lock is not None:
                    self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Insert:
    """An insert whose SQL is compiled once: half of an append's time would go into compiling it anew."""

    def __init__(self, table: Table, engine: Engine) -> None:
        compiled = insert(table).compile(dialect=engine.dialect)
        self._sql = str(compiled)
        self._names = tuple(column.name for column in table.columns)
        self._positional = compiled.positional

    def __call__(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """Insert rows whose values stand in the order of the table's columns."""
        if self._positional:
            connection.exec_driver_sql(self._sql, rows)
        else:
            connection.exec_driver_sql(self._sql, [dict(zip(self._names, row, strict=True)) for row in rows])


def _ids(provenance: Provenance) -> tuple[str | None, ...]:
    """In the order of the table's columns."""
    return (
        provenance.intent_id,
        provenance.plan_id,
        provenance.step_id,
        provenance.capability,
        provenance.action_id,
    )


def _canonical(value: Any, what: str) -> str:
    try:
        return canonical_json(value)
    except CanonicalError as error:
        raise JournalError(f"{what} holds what JSON cannot carry: {error}") from error
