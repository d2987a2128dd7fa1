"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import consents, people, rights, sentences, sittings
from intake.model.table import Table

__all__ = ["Table", "consents", "people", "rights", "sentences", "sittings"]
