"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import (
    consents,
    detention,
    duplicates,
    effects,
    people,
    rights,
    sentences,
    sittings,
    stays,
    texts,
    transfers,
)
from intake.model.table import Table

__all__ = [
    "Table",
    "consents",
    "detention",
    "duplicates",
    "effects",
    "people",
    "rights",
    "sentences",
    "sittings",
    "stays",
    "texts",
    "transfers",
]
