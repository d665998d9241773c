"""Opening a store: its address, its engine, its tables, and one clear line when it cannot be used."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from conscious_bot.contracts import ConsciousBotError, UserError
from conscious_bot.memory.schema import HEAD

__all__ = ["JournalError", "WriterLock", "address", "open_engine", "prepare_file", "storage_errors"]

IMMEDIATE = "conscious_bot_immediate"
"""The execution option with which the writer takes SQLite's write lock when its transaction begins."""
_MAGIC = b"SQLite format 3\x00"


class JournalError(ConsciousBotError):
    """The journal was used wrongly, or its store failed while the bot ran. Seen by whoever runs the bot."""


def address(where: str | Path) -> URL:
    """The store's URL; anything without `://` is the path of an SQLite file."""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(Path(where).absolute()))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise UserError(
            f"{where!r} is no address of a journal ({error})",
            "give the path of a file or a URL like postgresql+psycopg://user@host/database",
        ) from error
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UserError("a journal in memory would be lost", "give the path of a file")
    return url


def open_engine(url: URL, *, readonly: bool) -> Engine:
    """An engine whose store exists, answers and has the tables this version knows.

    Raises `UserError` naming the store and the remedy: unwritable or missing directory, damaged file,
    a file that is no journal, a schema that is newer than this program.
    """
    name = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        name = str(url.database)
    try:
        engine = create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as error:
        raise UserError(
            f"no driver for the journal at {name} ({error})",
            "install the extra that brings it: pip install 'conscious-bot[fleet]' for PostgreSQL",
        ) from error
    if url.get_backend_name() == "sqlite":
        _speak_sqlite(engine, readonly=readonly)
    try:
        with storage_errors(name), engine.connect() as connection:
            _bring_up_to_date(connection, name, readonly=readonly)
    except BaseException:
        engine.dispose()
        raise
    return engine


def prepare_file(path: Path, *, readonly: bool) -> None:
    """Make the directory of an SQLite journal; `UserError` if the file cannot be there."""
    if path.is_dir():
        raise UserError(f"the journal {path} is a directory", "give the path of a file in it")
    if not path.exists():
        if readonly:
            raise UserError(f"there is no journal at {path}", "check the path, or run the bot once with --data")
    elif _is_something_else(path):
        # SQLite takes a file of a few bytes for an empty database and overwrites it.
        raise _damaged(str(path), "it does not begin as a database does")
    if readonly:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"the directory {path.parent} cannot be created ({error.strerror})",
            "choose another with --data, or make it writable",
        ) from error
    writable = os.access(path.parent, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.W_OK))
    if not writable:
        raise UserError(
            f"the journal {path} cannot be written", "choose another directory with --data, or make it writable"
        )


def _is_something_else(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except OSError as error:
        raise UserError(
            f"the journal {path} cannot be read ({error.strerror})",
            "choose another directory with --data, or make it readable",
        ) from error
    return start not in (b"", _MAGIC)


def _damaged(name: str, reason: str) -> UserError:
    return UserError(
        f"the journal {name} is damaged ({reason})", "restore it from a copy, or move it away and start anew"
    )


def _speak_sqlite(engine: Engine, *, readonly: bool) -> None:
    def connected(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling is switched off: every transaction begins where we say so.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 10000")
        if readonly:
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    def begins(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(IMMEDIATE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begins)


def _bring_up_to_date(connection: Connection, name: str, *, readonly: bool) -> None:
    tables = set(inspect(connection).get_table_names())
    revision = None
    if "alembic_version" in tables:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    elif "event" in tables or (tables and connection.dialect.name == "sqlite"):
        raise UserError(f"{name} is a database of something else", "give the path of a new file, or of a journal")
    connection.rollback()
    if revision == HEAD:
        return
    if readonly:
        raise UserError(f"the journal {name} has another version's tables", "open it with the bot once, then read it")
    _migrate(connection, name, revision)


def _migrate(connection: Connection, name: str, revision: str | None) -> None:
    # Alembic is imported only where it has something to do: that saves a quarter of a second on every other start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", (Path(__file__).parent / "migrations").as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise UserError(
            f"the journal {name} was written by a newer version (its tables are {revision}, known are up to {HEAD})",
            "update conscious-bot, or choose another directory with --data",
        )
    config.attributes["connection"] = connection.execution_options(**{IMMEDIATE: True})
    with connection.begin():
        command.upgrade(config, "head")


@contextmanager
def storage_errors(name: str) -> Generator[None]:
    """Turns the database's own exceptions into one line that says what is wrong with which store."""
    try:
        yield
    except DBAPIError as error:
        raise _explained(name, error.orig, str(error.orig)) from error
    except SQLAlchemyError as error:
        raise JournalError(f"the journal {name} failed: {error}") from error


def _explained(name: str, cause: object, message: str) -> ConsciousBotError:
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return _damaged(name, message)
        if code == sqlite3.SQLITE_FULL:
            return UserError(f"no space is left for the journal {name}", "free some disk space and start again")
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
            return UserError(
                f"the journal {name} cannot be read or written ({message})",
                "choose another directory with --data, or make it writable",
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return UserError(f"another program holds the journal {name}", "end it, or choose another --data")
        return JournalError(f"the journal {name} failed: {message}")
    return UserError(f"the store {name} did not answer ({message.strip()})", "check its address and that it runs")


class WriterLock:
    """One writer per SQLite journal: a locked file beside it, which the system frees when the process ends."""

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(journal.name + ".lock")
        self._file: IO[bytes] | None = None
        try:
            file = self._path.open("ab")
        except OSError as error:
            raise UserError(
                f"the journal {journal} cannot be written ({error.strerror})",
                "choose another directory with --data, or make it writable",
            ) from error
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise UserError(
                f"another bot is writing the journal {journal}", "end it, or choose another directory with --data"
            ) from error
        self._file = file

    def release(self) -> None:
        """Let another writer in."""
        if self._file is not None:
            self._file.close()
            self._file = None


if os.name == "nt":  # pragma: no cover

    def _lock(file: IO[bytes]) -> None:
        import msvcrt  # noqa: PLC0415  # exists on Windows only

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType]
else:

    def _lock(file: IO[bytes]) -> None:
        import fcntl  # noqa: PLC0415  # does not exist on Windows

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
