"""Drafts a migration: what a service's tables are now against what its history makes of an empty database."""

import tempfile
from pathlib import Path

from alembic import command
from chassis import migrate

from jembatan.node import migrations
from jembatan.servers import Postgres

CHASSIS = "chassis"


def draft(service: str, what: str) -> None:
    """Writes the next migration of `service` (or of `chassis`) into its folder, to be read and mended by hand."""
    folder = Path(migrate.__file__).parent / "migrations" if service == CHASSIS else migrations(service)
    number = f"{len(list((folder / 'versions').glob('*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory(prefix="jembatan-migration-") as scratch:
        postgres = Postgres.start(Path(scratch) / "postgres")
        try:
            postgres.create_database("draft")
            url = postgres.url("draft")
            migrate.upgrade(url, folder)
            command.revision(migrate.config(url, folder), message=what, autogenerate=True, rev_id=number)
        finally:
            postgres.stop()
