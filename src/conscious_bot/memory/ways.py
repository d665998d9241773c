"""What walking has taught, kept in the journal's database: one projection a chunk.

ways = load_ways(journal)       # at the start
ways.walked(...); ways.failed(...)
save_ways(journal, ways)        # what has changed goes into the journal's next transaction
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from conscious_bot.contracts import UserError
from conscious_bot.memory import schema
from conscious_bot.memory.journal import Journal
from conscious_bot.sterling.learning import Chunk, PathMemory

__all__ = ["load_ways", "save_ways"]

_PREFIX = "ways/"


def load_ways(journal: Journal) -> PathMemory:
    """Everything that was learned in earlier runs. Raises UserError if it cannot be read."""

    def keys(connection: Connection) -> list[str]:
        table = schema.state.c
        wanted = select(table.key).where(table.key.startswith(_PREFIX)).distinct().order_by(table.key)
        return list(connection.execute(wanted).scalars())

    memory = PathMemory()
    for key in journal.read(keys):
        kept = journal.get(key)
        if kept is None:  # of another bot that shares the database
            continue
        try:
            cx, cz = map(int, key.removeprefix(_PREFIX).split("/"))
            memory.read([((cx, cz), kept)])
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"what was learned of {key} cannot be read: {error}", "restore the journal") from error
    return memory


def save_ways(journal: Journal, memory: PathMemory) -> None:
    """Hand what has changed to the journal's next transaction."""
    for chunk in sorted(memory.changed):
        journal.put(_key(chunk), memory.to_json(chunk))
    memory.changed.clear()


def _key(chunk: Chunk) -> str:
    return f"{_PREFIX}{chunk[0]}/{chunk[1]}"
