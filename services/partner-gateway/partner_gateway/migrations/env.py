"""The history of partner_gateway's own tables."""

from chassis.migrate import run
from partner_gateway.model import Table

run(Table.metadata, version_table="version")
