"""The history of assessment's own tables."""

from assessment.model import Table
from chassis.migrate import run

run(Table.metadata, version_table="version")
