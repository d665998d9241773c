"""The tables of the store, the same on SQLite and PostgreSQL.

`event` is append-only and holds each event as RFC 8785 canonical JSON; the columns beside it are what
queries look for. Wall-clock times stand in `event_wall`, outside the journal's hash. Several bots may
share one PostgreSQL: each writes a `stream` of its own. `world_section` and `world_state` belong to
the built-in world, which writes them in the transaction of the event that caused the change.

The registry's tables are shared by all streams. `capability_change`, `capability_audit`,
`capability_run` and `capability_task` only ever grow; of a `capability` only `status` changes, and
`spec` is emptied when a retired version is garbage-collected.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

__all__ = [
    "HEAD",
    "capability",
    "capability_audit",
    "capability_change",
    "capability_run",
    "capability_task",
    "event",
    "event_wall",
    "leaf_proposal",
    "metadata",
    "state",
    "trusted_key",
    "world_section",
    "world_state",
]

HEAD = "0002"
"""The newest revision in `migrations/versions`; a store that has it needs no migration."""

metadata = MetaData()

event = Table(
    "event",
    metadata,
    Column("stream", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("intent_id", Text),
    Column("plan_id", Text),
    Column("step_id", Text),
    Column("capability", Text),
    Column("action_id", Text),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("stream", "sequence", name="pk_event"),
    Index("ix_event_type", "stream", "type", "sequence"),
    Index("ix_event_intent", "stream", "intent_id", "sequence"),
    Index("ix_event_step", "stream", "step_id", "sequence"),
)

event_wall = Table(
    "event_wall",
    metadata,
    Column("stream", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("wall", Double, nullable=False),  # seconds since 1970 UTC
    PrimaryKeyConstraint("stream", "sequence", name="pk_event_wall"),
)

state = Table(
    "state",
    metadata,
    Column("stream", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("stream", "key", name="pk_state"),
)

world_section = Table(
    "world_section",
    metadata,
    Column("cx", Integer, nullable=False),
    Column("sy", Integer, nullable=False),
    Column("cz", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("cx", "sy", "cz", name="pk_world_section"),
)

world_state = Table(
    "world_state",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id", name="pk_world_state"),
)

capability = Table(
    "capability",
    metadata,
    Column("id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("record", Text, nullable=False),  # everything but status and spec
    Column("spec", Text),
    PrimaryKeyConstraint("id", name="pk_capability"),
)

capability_change = Table(
    "capability_change",
    metadata,
    Column("sequence", Integer, nullable=False, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("sequence", name="pk_capability_change"),
    Index("ix_capability_change", "id", "sequence"),
)

capability_audit = Table(
    "capability_audit",
    metadata,
    Column("sequence", Integer, nullable=False, autoincrement=True),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("sequence", name="pk_capability_audit"),
    Index("ix_capability_audit", "subject", "sequence"),
)

capability_run = Table(
    "capability_run",
    metadata,
    Column("sequence", Integer, nullable=False, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("sequence", name="pk_capability_run"),
    Index("ix_capability_run", "id", "sequence"),
)

capability_task = Table(
    "capability_task",
    metadata,
    Column("sequence", Integer, nullable=False, autoincrement=True),
    Column("task", Text, nullable=False),
    Column("ok", Integer, nullable=False),
    Column("used", Text, nullable=False),  # the ids that were run for it, as a JSON list
    PrimaryKeyConstraint("sequence", name="pk_capability_task"),
    Index("ix_capability_task", "task", "sequence"),
)

leaf_proposal = Table(
    "leaf_proposal",
    metadata,
    Column("id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_leaf_proposal"),
)

trusted_key = Table(
    "trusted_key",
    metadata,
    Column("id", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_trusted_key"),
)
