"""Identity moves into the vault."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Applies it. Identities in plain text cannot be carried over from here, where there is no key: it refuses."""
    if op.get_bind().execute(sa.text("select exists (select from person)")).scalar():
        raise RuntimeError("this register was kept before identities were sealed: begin with a new data folder")
    op.drop_column("person", "name")
    op.drop_column("person", "register_number")
    op.drop_column("person", "nik")
    op.add_column("person", sa.Column("identity", sa.LargeBinary(), nullable=True))
    op.create_table(
        "register_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_register_entry_person", "register_entry", ["person"], unique=False)
    op.create_index("ix_register_entry_blind", "register_entry", ["blind"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_register_entry_blind", table_name="register_entry")
    op.drop_index("ix_register_entry_person", table_name="register_entry")
    op.drop_table("register_entry")
    op.drop_column("person", "identity")
    op.add_column("person", sa.Column("nik", sa.String(), nullable=True))
    op.add_column("person", sa.Column("register_number", sa.String(), nullable=False))
    op.add_column("person", sa.Column("name", sa.String(), nullable=False))
