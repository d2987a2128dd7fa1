"""The rules of intake, one module per noun. Pure: no session, clock or network."""

from importlib import import_module
from pkgutil import iter_modules

from intake.model.table import Table

# Whoever asks for the tables is to see them all, those of a noun that nobody imported yet included.
for _noun in iter_modules(__path__, f"{__name__}."):
    import_module(_noun.name)

__all__ = ["Table"]
