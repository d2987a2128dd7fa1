"""The tables that are intake's own."""

from chassis.errors import Conflict
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Table(SQLModel, registry=registry()):
    """Intake's own tables."""


class EntryChangedMeanwhile(Conflict):
    """Somebody else changed it after this officer had read it: neither version is lost."""

    detail = "Catatan ini sudah diubah petugas lain sejak Anda membukanya. Bandingkan keduanya, lalu simpan lagi."


class EntryIdTaken(Conflict):
    """The id is another entry's."""

    detail = "Nomor isian ini sudah dipakai untuk isian lain. Mulai isian baru."
