"""The history of programs's own tables."""

from chassis.migrate import run
from programs.model import Table

run(Table.metadata, version_table="version")
