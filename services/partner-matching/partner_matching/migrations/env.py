"""The history of partner_matching's own tables."""

from chassis.migrate import run
from partner_matching.model import Table

run(Table.metadata, version_table="version")
