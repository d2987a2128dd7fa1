"""Whom a fact is about, and when a reader told how far it is."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Applies it."""
    op.add_column("outbox", sa.Column("person", sa.Uuid(), nullable=True))
    # A partner knows a person by a name of its own, which is no id.
    op.execute(
        "update outbox set person = (convert_from(body, 'UTF8')::jsonb ->> 'person')::uuid where audience <> 'partner'"
    )
    op.create_index(
        "outbox_person", "outbox", ["person", "id"], unique=False, postgresql_where=sa.text("person is not null")
    )
    op.add_column("receipt", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("receipt", "read_at")


def downgrade() -> None:
    """Takes it back."""
    op.add_column(
        "receipt", sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.drop_column("receipt", "told_at")
    op.drop_index("outbox_person", table_name="outbox")
    op.drop_column("outbox", "person")
