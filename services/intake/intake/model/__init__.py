"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import consents, imports, people
from intake.model.table import Table

__all__ = ["Table", "consents", "imports", "people"]
