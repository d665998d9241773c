"""Run by Alembic: applies the revisions over the connection that the journal hands in."""

from __future__ import annotations

from alembic import context

from conscious_bot.memory.schema import metadata

_connection = context.config.attributes["connection"]
context.configure(connection=_connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
