"""What was read out and who was there, how long a consent holds, how it ended, and the proof that this took effect."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Applies it. Consents that stand already were given without an end, and keep none."""
    op.alter_column("consent", "withdrawn_at", new_column_name="ended_at")
    op.alter_column("consent", "withdrawn_by", new_column_name="ended_by")
    op.add_column("consent", sa.Column("language", sa.String(length=40), nullable=False, server_default="id"))
    op.add_column("consent", sa.Column("understands", sa.String(length=40), nullable=False, server_default="unknown"))
    op.alter_column("consent", "language", server_default=None)
    op.alter_column("consent", "understands", server_default=None)
    op.add_column("consent", sa.Column("others", sa.LargeBinary(), nullable=True))
    op.add_column("consent", sa.Column("signed_on", sa.Date(), nullable=True))
    op.add_column("consent", sa.Column("form_number", sa.String(), nullable=True))
    op.add_column("consent", sa.Column("decline_reason", sa.String(length=40), nullable=True))
    op.add_column("consent", sa.Column("expires_on", sa.Date(), nullable=True))
    op.add_column("consent", sa.Column("end", sa.String(length=40), nullable=True))
    op.add_column("consent", sa.Column("end_event", sa.Uuid(), nullable=True))
    op.execute("update consent set \"end\" = 'withdrawn' where ended_at is not null")
    op.create_unique_constraint("consent_form_number_key", "consent", ["form_number"])
    key = ["person", "purpose", "recipient"]
    standing = sa.text("given and ended_at is null")
    for name, columns, rows in (
        ("consent_standing", key, standing),
        ("consent_epoch", [*key, "epoch"], sa.text("given")),
    ):
        op.create_index(
            name, "consent", columns, unique=True, postgresql_where=rows, postgresql_nulls_not_distinct=True
        )
    op.create_index("consent_expiring", "consent", ["expires_on"], unique=False, postgresql_where=standing)
    op.create_table(
        "followed_event",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("ix_followed_event_due_at", "followed_event", ["due_at"], unique=False)
    op.create_table(
        "effect",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["followed_event.event_id"]),
        sa.PrimaryKeyConstraint("event_id", "reader"),
    )


def downgrade() -> None:
    """Takes it back: however a consent ended, before it was known as withdrawn."""
    op.drop_table("effect")
    op.drop_index("ix_followed_event_due_at", table_name="followed_event")
    op.drop_table("followed_event")
    for name in ("consent_expiring", "consent_epoch", "consent_standing"):
        op.drop_index(name, table_name="consent")
    op.drop_constraint("consent_form_number_key", "consent", type_="unique")
    for name in (
        *("end_event", "end", "expires_on", "decline_reason", "form_number"),
        *("signed_on", "others", "understands", "language"),
    ):
        op.drop_column("consent", name)
    op.alter_column("consent", "ended_by", new_column_name="withdrawn_by")
    op.alter_column("consent", "ended_at", new_column_name="withdrawn_at")
