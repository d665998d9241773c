"""The journal, its small projections, and the built-in world's saves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table. The revision spells them out: later changes of the schema module must not alter it."""
    op.create_table(
        "event",
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("intent_id", sa.Text),
        sa.Column("plan_id", sa.Text),
        sa.Column("step_id", sa.Text),
        sa.Column("capability", sa.Text),
        sa.Column("action_id", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("stream", "sequence", name="pk_event"),
    )
    op.create_index("ix_event_type", "event", ["stream", "type", "sequence"])
    op.create_index("ix_event_intent", "event", ["stream", "intent_id", "sequence"])
    op.create_index("ix_event_step", "event", ["stream", "step_id", "sequence"])
    op.create_table(
        "event_wall",
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("wall", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("stream", "sequence", name="pk_event_wall"),
    )
    op.create_table(
        "state",
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("stream", "key", name="pk_state"),
    )
    op.create_table(
        "world_section",
        sa.Column("cx", sa.Integer, nullable=False),
        sa.Column("sy", sa.Integer, nullable=False),
        sa.Column("cz", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("cx", "sy", "cz", name="pk_world_section"),
    )
    op.create_table(
        "world_state",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_world_state"),
    )


def downgrade() -> None:
    """Drop every table."""
    for table in ("world_state", "world_section", "state", "event_wall", "event"):
        op.drop_table(table)
