"""Imports of the ministry's register: what was taken over from a file, and how to take it back."""

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, document, moment
from chassis.errors import Conflict, NotFound
from sqlmodel import Field

from intake.model.register_cells import normal
from intake.model.register_rows import HEADINGS, RegisterField
from intake.model.spreadsheets import FileRefused
from intake.model.table import Table

AT_ONCE = 250
"""Rows that one request takes over: seconds of work. The same request again goes on with the rest."""


class ImportNotHere(NotFound):
    """No such import."""

    detail = "Impor ini tidak ada di rutan ini. Periksa daftar impor."


class ImportIdTaken(Conflict):
    """The id is another file's."""

    detail = "Nomor impor ini sudah dipakai untuk berkas lain. Mulai impor baru."


class ImportUndone(Conflict):
    """What was taken back is not taken over again under the same id."""

    detail = "Impor ini sudah dibatalkan. Untuk memasukkan berkas ini lagi, mulai impor baru."


class HeadingsMissing(FileRefused):
    """A register cannot do without these columns."""

    detail = (
        "Kolom nama, nomor registrasi, jenis kelamin dan register belum semuanya dikenali. "
        "Cocokkan judul kolom berkas ini lebih dahulu."
    )


class MappingAmbiguous(Conflict):
    """Two headings for one field: which of them counts would be chance."""

    detail = "Dua judul kolom dicocokkan ke isian yang sama. Pilih satu, dan abaikan yang lain."


class MappingChangedMeanwhile(Conflict):
    """Another officer was faster: neither version is overwritten."""

    detail = (
        "Pencocokan judul kolom baru saja diubah petugas lain. Bandingkan kedua versi, lalu simpan lagi bila perlu."
    )


class Outcome(StrEnum):
    """What a row did."""

    CREATED = "created"
    CHANGED = "changed"
    MOVED = "moved"
    """The person stands under another number since, and may have been corrected as well."""


class Kept(StrEnum):
    """Why a row could not be undone."""

    MORE_IS_KNOWN = "more_is_known"
    """Something else was recorded of the person: an answer, a stay, another number."""
    CORRECTED_SINCE = "corrected_since"
    """The person is no longer who they were when the row was in."""
    CASE_MOVED = "case_moved"
    """Another register was entered and told, and no register is rubbed out."""


class RegisterMapping(Table, table=True):
    """Which heading of this site's exports means what. An empty meaning is a column that is left out on purpose."""

    __tablename__ = "register_mapping"

    site: str = Field(primary_key=True)
    headings: dict[str, str | None] = document()
    saved_at: datetime = moment()
    saved_by: UUID

    def fields(self) -> dict[str, RegisterField | None]:
        """The mapping as rows are read with."""
        return {heading: RegisterField(field) if field else None for heading, field in self.headings.items()}


class RegisterImport(Table, table=True):
    """One file that was taken over. The file is not kept: only what tells whether it is the same again."""

    __tablename__ = "register_import"

    id: UUID = Field(primary_key=True)
    site: str
    file: bytes
    """Blind."""
    created_count: int = 0
    changed_count: int = 0
    undone_count: int = 0
    kept_count: int = 0
    """Rows that could not be undone, because of what came after them."""
    begun_at: datetime = moment()
    begun_by: UUID
    finished_at: datetime | None = moment(nullable=True, default=None)
    """When every good row was in. Until then the same file again goes on where it stopped."""
    undone_at: datetime | None = moment(nullable=True, default=None)
    undone_by: UUID | None = None

    def must_be_of(self, file: bytes) -> None:
        """The same request again is about the same file."""
        if self.file != file:
            raise ImportIdTaken
        if self.undone_at is not None:
            raise ImportUndone

    def undo(self, *, by: UUID, at: datetime) -> None:
        """From now on it is being taken back."""
        if self.undone_at is None:
            self.undone_at, self.undone_by = at, by

    def took(self, outcome: Outcome) -> None:
        """One more row is in."""
        if outcome is Outcome.CREATED:
            self.created_count += 1
        else:
            self.changed_count += 1


class ImportRow(Table, table=True):
    """What one row did, until it is undone. Who the person was before stands in the corrections of their identity."""

    __tablename__ = "import_row"

    id: UUID = Field(primary_key=True)
    """Also the id of the erasure, when the row is undone: a person entered by mistake is erased like any other."""
    import_id: UUID = Field(foreign_key="register_import.id", index=True)
    person: UUID = Field(index=True)
    outcome: Outcome = choice(Outcome)
    content: bytes = Field(sa_column_kwargs={"info": {"hidden": True}})
    """What the row said, blind: the same row again has no news, also after somebody corrected the person by hand."""
    version: int
    """Of the identity, before the row."""
    after: bytes = Field(sa_column_kwargs={"info": {"hidden": True}})
    """Who the person was when the row was in, blind: if that is not who they are now, somebody has changed it since."""
    kept: Kept | None = choice(Kept, nullable=True, default=None)
    """Set when it could not be undone."""


def mapping_of(headings: dict[str, RegisterField | None]) -> dict[str, str | None]:
    """A mapping as it is kept. Raises MappingAmbiguous."""
    chosen = [field for field in headings.values() if field]
    if len(set(chosen)) != len(chosen):
        raise MappingAmbiguous
    return {normal(heading): field.value if field else None for heading, field in headings.items()}


def suggestions(ignored: Iterable[str], missing: Iterable[RegisterField]) -> dict[str, RegisterField]:
    """For headings that nobody knows, the missing field that they look most like."""
    wanted = {normal(name): field for field in missing for name in HEADINGS[field]}
    found = {}
    for heading in ignored:
        if close := get_close_matches(normal(heading), wanted, n=1, cutoff=0.6):
            found[heading] = wanted[close[0]]
    return found
