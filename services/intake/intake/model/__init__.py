"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from intake.model import breaches, consents, erasures, people
from intake.model.table import Table

__all__ = ["Table", "breaches", "consents", "erasures", "people"]
