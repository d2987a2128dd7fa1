"""Who has left."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Applies it."""
    op.create_table("departed", sa.Column("person", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("person"))


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("departed")
