"""What the village head signed is recorded once, with the guarantor."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Applies it: the day stays in the checklist of each proposal."""
    op.drop_column("proposal", "village_statement_on")


def downgrade() -> None:
    """Takes it back."""
    op.add_column("proposal", sa.Column("village_statement_on", sa.Date(), nullable=True))
