"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import consents, detention, duplicates, imports, people, reconciliations, stays, transfers
from intake.model.table import Table

__all__ = [
    "Table",
    "consents",
    "detention",
    "duplicates",
    "imports",
    "people",
    "reconciliations",
    "stays",
    "transfers",
]
