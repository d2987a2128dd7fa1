"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "event_log",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("site", "service", "epoch", "number"),
        postgresql_partition_by="hash (site)",
    )
    for part in range(16):
        op.execute(
            f"create table event_log_{part} partition of event_log for values with (modulus 16, remainder {part})"
        )
    op.create_index("event_log_place", "event_log", ["place"])
    op.create_table(
        "epoch",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "service", "epoch"),
    )
    op.create_table(
        "heard",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "service"),
    )
    op.execute("create schema view")
    op.create_table(
        "consent",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "person", "purpose", "recipient"),
        schema="view",
    )
    op.create_table(
        "enrolment",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("site", "enrolment"),
        schema="view",
    )
    op.create_index(op.f("ix_view_enrolment_programme"), "enrolment", ["programme"], unique=False, schema="view")
    op.create_table(
        "follow_up",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("follow_up", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=True),
        sa.Column("cancelled_as_of", sa.BigInteger(), nullable=True),
        sa.Column("employed", sa.String(), nullable=True),
        sa.Column("housed", sa.String(), nullable=True),
        sa.Column("answered_as_of", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site", "follow_up"),
        schema="view",
    )
    op.create_table(
        "person",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("legal_status", sa.String(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("marital_status", sa.String(), nullable=True),
        sa.Column("prior_convictions", sa.Integer(), nullable=True),
        sa.Column("worked_before", sa.Boolean(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "person"),
        schema="view",
    )
    op.create_table(
        "placement",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("placement", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("day_30", sa.String(), nullable=True),
        sa.Column("day_30_as_of", sa.BigInteger(), nullable=True),
        sa.Column("day_90", sa.String(), nullable=True),
        sa.Column("day_90_as_of", sa.BigInteger(), nullable=True),
        sa.Column("day_180", sa.String(), nullable=True),
        sa.Column("day_180_as_of", sa.BigInteger(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("site", "placement"),
        schema="view",
    )
    op.create_table(
        "release",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("release", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("reentered_on", sa.Date(), nullable=True),
        sa.Column("reentry_reason", sa.String(), nullable=True),
        sa.Column("observed_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("site", "release"),
        schema="view",
    )
    op.create_index(op.f("ix_view_release_person"), "release", ["person"], unique=False, schema="view")


def downgrade() -> None:
    """Takes it back."""
    op.execute("drop schema view cascade")
    op.drop_table("heard")
    op.drop_table("epoch")
    op.drop_table("event_log")
