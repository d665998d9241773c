"""The registry of capabilities: records, history, refusals, runs, proposals, keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GROWING = {
    "capability_change": ("id", ()),
    "capability_audit": ("subject", ()),
    "capability_run": ("id", (("at", sa.Double),)),
    "capability_task": ("task", (("ok", sa.Integer), ("used", sa.Text))),
}


def upgrade() -> None:
    """Create the registry's tables."""
    op.create_table(
        "capability",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("spec", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_capability"),
    )
    for table, (key, columns) in _GROWING.items():
        op.create_table(
            table,
            sa.Column("sequence", sa.Integer, nullable=False, autoincrement=True),
            sa.Column(key, sa.Text, nullable=False),
            *(sa.Column(name, kind, nullable=False) for name, kind in columns),
            *([] if table == "capability_task" else [sa.Column("body", sa.Text, nullable=False)]),
            sa.PrimaryKeyConstraint("sequence", name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}", table, [key, "sequence"])
    op.create_table(
        "leaf_proposal",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leaf_proposal"),
    )
    op.create_table(
        "trusted_key",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trusted_key"),
    )


def downgrade() -> None:
    """Drop the registry's tables."""
    for table in ("trusted_key", "leaf_proposal", *reversed(_GROWING), "capability"):
        op.drop_table(table)
