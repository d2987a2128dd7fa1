"""The history of outcomes's own tables."""

from chassis.migrate import run
from outcomes.model import Table

run(Table.metadata, version_table="version")
