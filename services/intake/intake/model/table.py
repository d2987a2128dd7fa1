"""The tables that are intake's own."""

from chassis.errors import Conflict
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Table(SQLModel, registry=registry()):
    """Intake's own tables."""


class EntryIdTaken(Conflict):
    """The id is another entry's."""

    detail = "Nomor isian ini sudah dipakai untuk isian lain. Mulai isian baru."
