"""Merged entries, transfers, integration rights, levies, breaches and read logs in the national view."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

AS_OF = ("status_as_of", "merged_as_of")


def upgrade() -> None:
    """Applies it. `jembatan rebuild` fills what is new from the log."""
    for column in AS_OF:
        op.add_column("person", sa.Column(column, sa.BigInteger(), nullable=True), schema="view")
    op.add_column("person", sa.Column("merged_into", sa.Uuid(), nullable=True), schema="view")
    op.create_table(
        "transfer",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("transfer", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("to_site", sa.String(), nullable=True),
        sa.Column("arrived", sa.Boolean(), nullable=True),
        sa.Column("from_site", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("site", "transfer"),
        schema="view",
    )
    op.create_table(
        "proposal",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("proposal", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("asked_for", sa.String(), nullable=True),
        sa.Column("advice", sa.String(), nullable=True),
        sa.Column("advice_as_of", sa.BigInteger(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("site", "proposal"),
        schema="view",
    )
    op.create_table(
        "levy",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("levy", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("site", "levy"),
        schema="view",
    )
    op.create_table(
        "breach",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("breach", sa.Uuid(), nullable=False),
        sa.Column("discovered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "breach"),
        schema="view",
    )
    op.create_table(
        "read_log",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("looks", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site"),
        schema="view",
    )


def downgrade() -> None:
    """Takes it back."""
    for table in ("read_log", "breach", "levy", "proposal", "transfer"):
        op.drop_table(table, schema="view")
    op.drop_column("person", "merged_into", schema="view")
    for column in reversed(AS_OF):
        op.drop_column("person", column, schema="view")
