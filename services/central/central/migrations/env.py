"""The history of central's own tables."""

from central.model import Table
from chassis.migrate import run

run(Table.metadata, version_table="version")
