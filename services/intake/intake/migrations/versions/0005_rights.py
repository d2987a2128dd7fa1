"""Sentences, proposals and sittings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "sitting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "court_sentence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("detained_since", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("life", sa.Boolean(), nullable=False),
        sa.Column("death", sa.Boolean(), nullable=False),
        sa.Column("subsidiary_months", sa.Integer(), nullable=False),
        sa.Column("subsidiary_days", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.LargeBinary(), nullable=False),
        sa.Column("corrects", sa.Uuid(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_court_sentence_person"), "court_sentence", ["person"], unique=False)
    op.create_table(
        "discipline_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("annulled_on", sa.Date(), nullable=True),
        sa.Column("annulled_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_discipline_entry_person"), "discipline_entry", ["person"], unique=False)
    op.create_table(
        "fact_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_fact_answer_person"), "fact_answer", ["person"], unique=False)
    op.create_table(
        "granted_remission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("right", sa.String(length=40), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("decree", sa.LargeBinary(), nullable=False),
        sa.Column("corrects", sa.Uuid(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_granted_remission_person"), "granted_remission", ["person"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("right", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("wanted_by_person_on", sa.Date(), nullable=True),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("litmas_requested_on", sa.Date(), nullable=True),
        sa.Column("litmas_received_on", sa.Date(), nullable=True),
        sa.Column("litmas_advice", sa.String(length=40), nullable=True),
        sa.Column("litmas_number", sa.LargeBinary(), nullable=True),
        sa.Column("guarantor", sa.Uuid(), nullable=True),
        sa.Column("village_statement_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("completed_by", sa.Uuid(), nullable=True),
        sa.Column("advised_on", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decree", sa.LargeBinary(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revocation", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_proposal_person"), "proposal", ["person"], unique=False)
    op.create_index(
        "proposal_open",
        "proposal",
        ["person", "right"],
        unique=True,
        postgresql_where=sa.text("state in ('proposed', 'complete', 'advised', 'sent')"),
    )
    op.create_table(
        "risk_level",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_risk_level_person"), "risk_level", ["person"], unique=False)
    op.create_table(
        "proposal_document",
        sa.Column("proposal", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal"],
            ["proposal.id"],
        ),
        sa.PrimaryKeyConstraint("proposal", "code"),
    )
    op.create_table(
        "sitting_item",
        sa.Column("sitting", sa.Uuid(), nullable=False),
        sa.Column("proposal", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("advice", sa.String(length=40), nullable=True),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("minutes", sa.LargeBinary(), nullable=True),
        sa.Column("advised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("advised_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal"],
            ["proposal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["sitting"],
            ["sitting.id"],
        ),
        sa.PrimaryKeyConstraint("sitting", "proposal"),
    )
    op.create_index(op.f("ix_sitting_item_proposal"), "sitting_item", ["proposal"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index(op.f("ix_sitting_item_proposal"), table_name="sitting_item")
    op.drop_table("sitting_item")
    op.drop_table("proposal_document")
    op.drop_index(op.f("ix_risk_level_person"), table_name="risk_level")
    op.drop_table("risk_level")
    op.drop_index(
        "proposal_open",
        table_name="proposal",
        postgresql_where=sa.text("state in ('proposed', 'complete', 'advised', 'sent')"),
    )
    op.drop_index(op.f("ix_proposal_person"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_index(op.f("ix_granted_remission_person"), table_name="granted_remission")
    op.drop_table("granted_remission")
    op.drop_index(op.f("ix_fact_answer_person"), table_name="fact_answer")
    op.drop_table("fact_answer")
    op.drop_index(op.f("ix_discipline_entry_person"), table_name="discipline_entry")
    op.drop_table("discipline_entry")
    op.drop_index(op.f("ix_court_sentence_person"), table_name="court_sentence")
    op.drop_table("court_sentence")
    op.drop_table("sitting")
