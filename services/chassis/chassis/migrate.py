"""Migrations: the chassis' tables and a service's own, each with its own history, applied by one call."""

from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from sqlalchemy import MetaData, create_engine, pool
from sqlmodel.sql.sqltypes import AutoString

from chassis import gate, inbox, outbox, readlog

chassis_metadata = MetaData()
for _tables in (outbox.metadata, inbox.metadata, gate.metadata, readlog.metadata):
    for _table in _tables.tables.values():
        _table.to_metadata(chassis_metadata)


def upgrade(database_url: str, migrations: Path) -> None:
    """Brings a database to this release: first what every service has, then what is in `migrations`."""
    for folder in (Path(__file__).parent / "migrations", migrations):
        command.upgrade(config(database_url, folder), "head")


def config(database_url: str, folder: Path) -> Config:
    """What Alembic must know of one history."""
    made = Config()
    made.set_main_option("script_location", str(folder))
    # The configuration parser takes a per cent sign, as in an encoded socket path, for its own.
    made.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return made


def run(metadata: MetaData, version_table: str) -> None:
    """What every `env.py` does."""
    url = context.config.get_main_option("sqlalchemy.url")
    assert url
    mine = set(metadata.tables)
    with create_engine(url, poolclass=pool.NullPool, hide_parameters=True).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=version_table,
            # Two histories share a database: neither may drop what belongs to the other.
            include_name=lambda name, kind, _: kind != "table" or name in mine,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()


def _render(kind: str, thing: Any, _: Any) -> str | Literal[False]:
    """Texts and words of an enum are plain strings in a migration: it must still run when the words have grown."""
    if kind == "type" and isinstance(thing, sa.Enum):
        return f"sa.String(length={thing.length})"
    return "sa.String()" if kind == "type" and isinstance(thing, AutoString) else False
