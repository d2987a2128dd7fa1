"""The history of the console's own tables."""

from chassis.migrate import run
from console.model import Table

run(Table.metadata, version_table="version")
