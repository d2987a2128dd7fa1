"""What was erased, who looked, and what a reader parked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Applies it."""
    op.create_index("outbox_event", "outbox", ["event_id"], unique=False)
    op.create_table("forgotten", sa.Column("subject", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("subject"))
    op.add_column(
        "receipt", sa.Column("parked", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False)
    )
    op.create_table(
        "read_log",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_read_log_subject", "read_log", ["subject"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_read_log_subject", table_name="read_log")
    op.drop_table("read_log")
    op.drop_column("receipt", "parked")
    op.drop_table("forgotten")
    op.drop_index("outbox_event", table_name="outbox")
