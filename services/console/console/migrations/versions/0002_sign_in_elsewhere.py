"""Signing in with a provider: who somebody is there, and who was sent there."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Applies it."""
    op.add_column("account", sa.Column("subject", sa.String(), nullable=True))
    op.create_table(
        "authorization_request",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("authorization_request")
    op.drop_column("account", "subject")
