"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import consents, family, family_needs, guarantors, levies, people, visits
from intake.model.table import Table

__all__ = ["Table", "consents", "family", "family_needs", "guarantors", "levies", "people", "visits"]
