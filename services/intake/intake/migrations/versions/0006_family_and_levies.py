"""A person's family and community, and reports of levies."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "levy_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "levy_report_anonymous", "levy_report", ["reported_at"], unique=False, postgresql_where=sa.text("anonymous")
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contact_person", "contact", ["person"], unique=False)
    op.create_table(
        "contact_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=False),
        sa.Column("wish", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["contact"], ["contact.id"]),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contact_answer_contact", "contact_answer", ["contact"], unique=False)
    op.create_index("ix_contact_answer_person", "contact_answer", ["person"], unique=False)
    op.create_table(
        "contact_restriction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["contact"], ["contact.id"]),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contact_restriction_contact", "contact_restriction", ["contact"], unique=False)
    op.create_index("ix_contact_restriction_person", "contact_restriction", ["person"], unique=False)
    op.create_table(
        "family_need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["contact"], ["contact.id"]),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_family_need_contact", "family_need", ["contact"], unique=False)
    op.create_index("ix_family_need_person", "family_need", ["person"], unique=False)
    op.create_table(
        "guarantee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=False),
        sa.Column("letter_received_on", sa.Date(), nullable=True),
        sa.Column("countersigned_on", sa.Date(), nullable=True),
        sa.Column("countersigned_by", sa.String(length=40), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["contact"], ["contact.id"]),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "guarantee_standing", "guarantee", ["contact"], unique=True, postgresql_where=sa.text("withdrawn_at is null")
    )
    op.create_index("ix_guarantee_contact", "guarantee", ["contact"], unique=False)
    op.create_index("ix_guarantee_person", "guarantee", ["person"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kept", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["contact"], ["contact.id"]),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visit_contact", "visit", ["contact"], unique=False)
    op.create_index("ix_visit_person", "visit", ["person"], unique=False)
    op.create_index("ix_visit_planned_on", "visit", ["planned_on"], unique=False)
    op.create_table(
        "family_referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("need", sa.Uuid(), nullable=False),
        sa.Column("partner", sa.String(), nullable=True),
        sa.Column("office", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["need"], ["family_need.id"]),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_family_referral_need", "family_referral", ["need"], unique=False)
    op.create_index("ix_family_referral_person", "family_referral", ["person"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_family_referral_person", table_name="family_referral")
    op.drop_index("ix_family_referral_need", table_name="family_referral")
    op.drop_table("family_referral")
    op.drop_index("ix_visit_planned_on", table_name="visit")
    op.drop_index("ix_visit_person", table_name="visit")
    op.drop_index("ix_visit_contact", table_name="visit")
    op.drop_table("visit")
    op.drop_index("ix_guarantee_person", table_name="guarantee")
    op.drop_index("ix_guarantee_contact", table_name="guarantee")
    op.drop_index("guarantee_standing", table_name="guarantee")
    op.drop_table("guarantee")
    op.drop_index("ix_family_need_person", table_name="family_need")
    op.drop_index("ix_family_need_contact", table_name="family_need")
    op.drop_table("family_need")
    op.drop_index("ix_contact_restriction_person", table_name="contact_restriction")
    op.drop_index("ix_contact_restriction_contact", table_name="contact_restriction")
    op.drop_table("contact_restriction")
    op.drop_index("ix_contact_answer_person", table_name="contact_answer")
    op.drop_index("ix_contact_answer_contact", table_name="contact_answer")
    op.drop_table("contact_answer")
    op.drop_index("ix_contact_person", table_name="contact")
    op.drop_table("contact")
    op.drop_index("levy_report_anonymous", table_name="levy_report")
    op.drop_table("levy_report")
