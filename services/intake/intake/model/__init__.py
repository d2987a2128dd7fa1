"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import (
    breaches,
    consents,
    detention,
    duplicates,
    effects,
    erasures,
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
    "breaches",
    "consents",
    "detention",
    "duplicates",
    "effects",
    "erasures",
    "people",
    "rights",
    "sentences",
    "sittings",
    "stays",
    "texts",
    "transfers",
]
