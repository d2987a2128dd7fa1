"""The history of intake's own tables."""

from chassis.migrate import run
from intake.model import Table

run(Table.metadata, version_table="version")
