"""Who is here."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "resident",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_index(op.f("ix_resident_merged_into"), "resident", ["merged_into"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index(op.f("ix_resident_merged_into"), table_name="resident")
    op.drop_table("resident")
