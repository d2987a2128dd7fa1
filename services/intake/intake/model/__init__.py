"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import consents, effects, people, texts
from intake.model.table import Table

__all__ = ["Table", "consents", "effects", "people", "texts"]
