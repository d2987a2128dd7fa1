"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "fact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("placement", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("said", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("consent_epoch", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_fact_placement"), "fact", ["placement"], unique=False)
    op.create_index(op.f("ix_fact_site"), "fact", ["site"], unique=False)
    op.create_table(
        "lease",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site"),
    )
    op.create_table(
        "partner",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("pseudonym_key", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "share",
        sa.Column("placement", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("placement"),
    )
    op.create_index(op.f("ix_share_partner"), "share", ["partner"], unique=False)
    op.create_index(op.f("ix_share_person"), "share", ["person"], unique=False)
    op.create_index(op.f("ix_share_site"), "share", ["site"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index(op.f("ix_share_site"), table_name="share")
    op.drop_index(op.f("ix_share_person"), table_name="share")
    op.drop_index(op.f("ix_share_partner"), table_name="share")
    op.drop_table("share")
    op.drop_table("partner")
    op.drop_table("lease")
    op.drop_index(op.f("ix_fact_site"), table_name="fact")
    op.drop_index(op.f("ix_fact_placement"), table_name="fact")
    op.drop_table("fact")
