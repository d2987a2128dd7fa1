"""Registers with their history, stays, detention, duplicates and transfers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

moment = sa.DateTime(timezone=True)
choice = sa.String(length=40)


def upgrade() -> None:
    """Applies it."""
    op.add_column("person", sa.Column("identity_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("person", sa.Column("merged_into", sa.Uuid(), sa.ForeignKey("person.id"), nullable=True))
    op.add_column("person", sa.Column("restricted_at", moment, nullable=True))
    op.add_column("person", sa.Column("restricted_by", sa.Uuid(), nullable=True))
    op.create_index("ix_person_merged_into", "person", ["merged_into"])
    _registers()
    _identities()
    _stays()
    _detention()
    _duplicates()
    _transfers()


def _registers() -> None:
    op.add_column("register_entry", sa.Column("book", choice, nullable=True))
    op.add_column("register_entry", sa.Column("from_on", sa.Date(), nullable=True))
    op.add_column("register_entry", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_index(
        "register_entry_open",
        "register_entry",
        ["site", "book", "blind"],
        unique=True,
        postgresql_where=sa.text("closed_on is null"),
    )


def _identities() -> None:
    op.create_table(
        "identifier",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", choice, nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("person", "kind", "blind"),
    )
    op.create_index("ix_identifier_blind", "identifier", ["blind"])
    op.create_table(
        "identity_correction",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("corrected_at", moment, nullable=False),
        sa.Column("corrected_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("person", "version"),
    )


def _stays() -> None:
    op.create_table(
        "stay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("how", choice, nullable=False),
        sa.Column("admitted_on", sa.Date(), nullable=True),
        sa.Column("admitted_at", moment, nullable=False),
        sa.Column("admitted_by", sa.Uuid(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stay_person", "stay", ["person"])
    op.create_index("stay_open", "stay", ["person"], unique=True, postgresql_where=sa.text("ended_on is null"))
    op.add_column("release", sa.Column("stay", sa.Uuid(), nullable=True))
    # One stay for each release that is known, begun by the return before it, and one for whoever is inside.
    op.execute(
        """
        update release set stay = gen_random_uuid();
        insert into stay (id, site, person, how, admitted_on, admitted_at, admitted_by, ended_on)
        select r.stay, r.site, r.person,
               case when lag(r.id) over before is null then 'new' else 'reentry' end,
               lag(r.reentered_on) over before,
               coalesce(lag(r.released_at) over before, p.registered_at),
               coalesce(lag(r.reentered_by) over before, p.registered_by),
               r.released_on
        from release r join person p on p.id = r.person
        window before as (partition by r.person order by r.released_at, r.released_on, r.id);
        insert into stay (id, site, person, how, admitted_on, admitted_at, admitted_by, ended_on)
        select distinct on (p.id) gen_random_uuid(), p.site, p.id,
               case when r.id is null then 'new' else 'reentry' end,
               r.reentered_on, coalesce(r.released_at, p.registered_at), coalesce(r.reentered_by, p.registered_by), null
        from person p left join release r on r.person = p.id
        where p.inside
        order by p.id, r.released_at desc nulls last, r.released_on desc;
        """
    )
    op.alter_column("release", "stay", nullable=False)
    op.create_foreign_key("release_stay_fkey", "release", "stay", ["stay"], ["id"])
    op.create_unique_constraint("release_stay_key", "release", ["stay"])


def _detention() -> None:
    op.create_table(
        "detention_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("stay", sa.Uuid(), nullable=False),
        sa.Column("book", choice, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("extends", sa.Uuid(), nullable=True),
        sa.Column("entered_at", moment, nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("annulled_at", moment, nullable=True),
        sa.Column("annulled_by", sa.Uuid(), nullable=True),
        sa.Column("said_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.ForeignKeyConstraint(["stay"], ["stay.id"]),
        sa.ForeignKeyConstraint(["extends"], ["detention_period.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_detention_period_person", "detention_period", ["person"])


def _duplicates() -> None:
    op.create_table(
        "merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kept", sa.Uuid(), nullable=False),
        sa.Column("merged_at", moment, nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=False),
        sa.Column("unmerged_at", moment, nullable=True),
        sa.Column("unmerged_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.ForeignKeyConstraint(["kept"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_merge_person", "merge", ["person"])
    op.create_index("ix_merge_kept", "merge", ["kept"])


def _transfers() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("to_site", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("offered_at", moment, nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("arrived", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transfer_person", "transfer", ["person"])
    op.create_index("transfer_open", "transfer", ["person"], unique=True, postgresql_where=sa.text("closed_at is null"))
    op.create_table(
        "arrival",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("from_site", sa.String(), nullable=False),
        sa.Column("accepted_at", moment, nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_arrival_person", "arrival", ["person"])


def downgrade() -> None:
    """Takes it back."""
    op.drop_constraint("release_stay_key", "release")
    op.drop_constraint("release_stay_fkey", "release")
    op.drop_column("release", "stay")
    for table in ("arrival", "transfer", "merge", "detention_period", "stay", "identity_correction", "identifier"):
        op.drop_table(table)
    op.drop_index("register_entry_open", "register_entry")
    for column in ("closed_on", "from_on", "book"):
        op.drop_column("register_entry", column)
    op.drop_index("ix_person_merged_into", "person")
    for column in ("restricted_by", "restricted_at", "merged_into", "identity_version"):
        op.drop_column("person", column)
