"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import (
    consents,
    detention,
    duplicates,
    effects,
    family,
    family_needs,
    guarantors,
    levies,
    people,
    rights,
    sentences,
    sittings,
    stays,
    texts,
    transfers,
    visits,
)
from intake.model.table import Table

__all__ = [
    "Table",
    "consents",
    "detention",
    "duplicates",
    "effects",
    "family",
    "family_needs",
    "guarantors",
    "levies",
    "people",
    "rights",
    "sentences",
    "sittings",
    "stays",
    "texts",
    "transfers",
    "visits",
]
