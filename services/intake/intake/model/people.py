"""Whom intake registers: who they are, their legal status, and under which numbers they stand in the registers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict, NotFound, Refused
from contracts.intake import PersonRegistered, RegisterEntered
from contracts.vocabulary import LegalStatus, MaritalStatus, RegisterBook, Sex
from lokal import parse_nik
from pydantic import BaseModel
from sqlalchemy import Index, text
from sqlmodel import Field

from intake.model.days import DatesOutOfOrder, must_have_come
from intake.model.table import Table


class PersonNotHere(NotFound):
    """No such person at this site."""

    detail = "Orang ini tidak terdaftar di rutan ini. Periksa kembali pencarian Anda."


class PersonIdTaken(Conflict):
    """The id is another person's."""

    detail = "Nomor isian ini sudah dipakai untuk orang lain. Mulai isian baru."


class PersonNotInside(Conflict):
    """Whoever has left cannot leave again."""

    detail = "Orang ini sudah tercatat bebas. Periksa tanggal bebasnya."


class BirthYearDisagrees(Conflict):
    """Two answers to one question."""

    detail = "Tahun lahir tidak sama dengan tanggal lahir. Periksa keduanya, atau isi tanggal lahir saja."


class StatusAndBookDisagree(Conflict):
    """Register A is for a case that runs, register B for a sentence."""

    detail = "Status hukum tidak cocok dengan buku register: A untuk tahanan, B untuk narapidana. Periksa keduanya."


class NumberAndBookDisagree(Conflict):
    """The number names one register and the entry another."""

    detail = "Nomor register menyebut buku yang lain dari buku yang dipilih. Periksa keduanya."


class RegisterNumberTaken(Conflict):
    """Somebody else stands under this number."""

    detail = "Nomor ini sudah dipakai orang lain dalam buku register yang sama. Periksa nomornya di buku."


class RegisterEntryIdTaken(Conflict):
    """The id is another entry's."""

    detail = "Nomor isian ini sudah dipakai untuk catatan register lain. Mulai isian baru."


class MergedIntoAnother(Conflict):
    """Nothing is written to an entry that another one speaks for."""

    detail = "Entri ini sudah digabung ke entri lain dari orang yang sama. Bukalah entri itu dan catat di sana."

    def __init__(self, kept: UUID) -> None:
        super().__init__()
        self.more = {"kept": str(kept)}


class ChangedMeanwhile(Conflict):
    """Somebody else corrected it after this officer had read it: both versions are shown, neither is lost."""

    detail = "Identitas ini sudah diubah petugas lain sejak Anda membukanya. Bandingkan kedua isian lalu kirim lagi."

    def __init__(self, version: int, fields: Mapping[str, Any]) -> None:
        super().__init__()
        self.more = {"version": version, "fields": fields}


class RecordRestricted(Refused):
    """Only the head and the privacy officer read it, and whoever says why it cannot wait."""

    detail = (
        "Data orang ini dibatasi. Mintalah Kepala Rutan atau pejabat pelindungan data; dalam keadaan darurat, "
        "buka dengan menyebut alasannya."
    )


class IdentifierKind(StrEnum):
    """Where a number comes from that tells who somebody is."""

    NIK = "nik"
    PASSPORT = "passport"
    KITAS = "kitas"
    KITAP = "kitap"
    KK = "kk"
    BPJS = "bpjs"
    SIM = "sim"
    OTHER = "other"


class Identifier(BaseModel):
    """One number that tells who somebody is."""

    kind: IdentifierKind
    value: str

    def key(self) -> str:
        """The same for every way of writing it: papers put spaces, dots and hyphens where they like."""
        return re.sub(r"[\W_]", "", self.value).upper()


def nik_is_plausible(nik: str) -> bool:
    """Whether sixteen digits can be a NIK by their structure. It is never more than that.

    The region is not looked at: it is where somebody was first registered, its codes change when provinces are split,
    and 99 is the province of made-up people. Birth date and address are never filled or checked from it.
    """
    day = date(2026, 1, 1)  # only for the century, which no structure depends on
    return not {issue.code for issue in parse_nik(nik, reference_date=day).errors} & {"format", "birth_date", "serial"}


class Identity(BaseModel):
    """Who somebody is. It exists outside the vault only while it is shown or changed."""

    name: str
    aliases: list[str] = []
    nik: str | None = None
    identifiers: list[Identifier] = []
    birth_place: str | None = None
    birth_date: date | None = None
    nationality: str | None = None
    """ISO 3166-1, two letters."""
    address: str | None = None
    religion: str | None = None
    language: str | None = None
    disability: str | None = None
    interpreter: str | None = None
    """What is needed so that the person understands and is understood."""

    def numbers(self) -> list[Identifier]:
        """Every number that tells who this is, the NIK among them."""
        nik = [Identifier(kind=IdentifierKind.NIK, value=self.nik)] if self.nik else []
        return nik + self.identifiers

    def beside(self, stored: "Identity") -> dict[str, dict[str, Any]]:
        """Field by field where two versions differ, as documents."""
        mine, theirs = self.model_dump(mode="json"), stored.model_dump(mode="json")
        return {name: {"sent": mine[name], "stored": theirs[name]} for name in mine if mine[name] != theirs[name]}


_BOOKS = {book.value.replace("_", "").upper(): book for book in RegisterBook}
_NUMBER = re.compile(
    r"(?:(?P<book>[AB][. ]*[IV]{1,3}[. ]*[AB]?)[. -]+)?(?P<sequence>\d{1,6}) ?/ ?(?P<year>(?:19|20)\d\d)", re.I
)


@dataclass(frozen=True)
class RegisterNumber:
    """A number in a register. No format is prescribed: what does not parse is as good a number, as it is written."""

    written: str
    book: RegisterBook | None = None
    sequence: int | None = None
    year: int | None = None

    @classmethod
    def read(cls, written: str, book: RegisterBook | None = None) -> "RegisterNumber":
        """What `written` says: `B.I 123/2026` is number 123 of 2026 in B.I. Raises NumberAndBookDisagree."""
        found = _NUMBER.fullmatch(" ".join(written.split()))
        named = _BOOKS.get(re.sub(r"[. ]", "", found["book"]).upper()) if found and found["book"] else None
        if found is None or (found["book"] and named is None):
            return cls(written, book)
        if book and named and book != named:
            raise NumberAndBookDisagree
        return cls(written, book or named, int(found["sequence"]), int(found["year"]))

    def key(self) -> str:
        """The same for every way of writing the same number within one book."""
        if self.sequence is not None:
            return f"{self.sequence}/{self.year}"
        return " ".join(self.written.split()).upper()


def is_child(status: LegalStatus) -> bool:
    """Said by hand and by nothing else: no register tells somebody's age."""
    return status == LegalStatus.ANAK_BINAAN


def status_in(book: RegisterBook) -> LegalStatus:
    """The legal status that a register stands for."""
    return LegalStatus.TAHANAN if book.value.startswith("a_") else LegalStatus.NARAPIDANA


class Person(Table, table=True):
    """Somebody who was taken in: an opaque id, what statistics need, and an identity that only the vault can open."""

    id: UUID = Field(primary_key=True)
    site: str
    identity: bytes | None = None
    """Sealed `Identity`; null once the person was erased."""
    identity_version: int = 1
    birth_year: int | None = None
    sex: Sex = choice(Sex)
    legal_status: LegalStatus = choice(LegalStatus)
    marital_status: MaritalStatus | None = choice(MaritalStatus, nullable=True, default=None)
    prior_convictions: int | None = None
    worked_before: bool | None = None
    inside: bool = True
    registered_at: datetime = moment()
    registered_by: UUID
    merged_into: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    """The entry of the same person that speaks for this one."""
    restricted_at: datetime | None = moment(nullable=True, default=None)
    restricted_by: UUID | None = None

    def register(self) -> PersonRegistered:
        """The first entry. Legal duty: it asks for no consent."""
        return PersonRegistered(
            site=self.site,
            occurred_at=self.registered_at,
            person=self.id,
            legal_status=self.legal_status,
            sex=self.sex,
            birth_year=self.birth_year,
            marital_status=self.marital_status,
            prior_convictions=self.prior_convictions,
            worked_before=self.worked_before,
        )

    def strip(self) -> None:
        """Leaves an opaque id, and what counts of people need that nobody can be known by."""
        for name, column in type(self).__table__.columns.items():  # type: ignore[attr-defined]
            # That two entries were one person says nothing of who that was, and counts must not count them twice.
            if column.nullable and name != "merged_into":
                setattr(self, name, None)
        # The day and the minute would find the line in the paper register again.
        self.registered_at = self.registered_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def same_as(self, other: "Person") -> bool:
        """Whether two entries say the same of the same person, identity aside: a repeated request, not a second one."""
        said = {"id", "site", "birth_year", "sex", "legal_status", "marital_status", "prior_convictions"}
        return self.model_dump(include=said | {"worked_before"}) == other.model_dump(include=said | {"worked_before"})

    def born(self, identity: Identity, at: datetime) -> None:
        """Takes the year of birth from the date that was said. Never from a NIK, which may have it wrong."""
        if identity.birth_date is None:
            return
        must_have_come(identity.birth_date, at)
        if self.birth_year not in (None, identity.birth_date.year):
            raise BirthYearDisagrees
        self.birth_year = identity.birth_date.year

    def correct(self, stored: Identity, sent: Identity, seen: int, at: datetime) -> None:
        """Another identity in place of the one the officer saw. Raises ChangedMeanwhile, and changes nothing then."""
        if seen != self.identity_version:
            raise ChangedMeanwhile(self.identity_version, sent.beside(stored))
        if sent.birth_date != stored.birth_date:
            self.birth_year = None
            self.born(sent, at)
        self.identity_version += 1

    def move_on(
        self, entry: "RegisterEntry", before: "RegisterEntry | None", child: bool | None, at: datetime
    ) -> RegisterEntered:
        """The case moved on: another register, and with a sentence another status. `child` says whether it is anak."""
        assert entry.book and entry.from_on
        if not self.inside:
            raise PersonNotInside
        must_have_come(entry.from_on, at)
        if before:
            if any(day and entry.from_on < day for day in (before.from_on, before.closed_on)):
                raise DatesOutOfOrder
            before.closed_on = before.closed_on or entry.from_on
        child = is_child(self.legal_status) if child is None else child
        self.legal_status = LegalStatus.ANAK_BINAAN if child else status_in(entry.book)
        return RegisterEntered(
            site=self.site,
            occurred_at=at,
            person=self.id,
            legal_status=self.legal_status,
            book=entry.book,
            since=entry.from_on,
        )

    def restrict(self, restricted: bool, *, by: UUID, at: datetime) -> None:
        """Closes the record to ordinary looks, or opens it again."""
        if restricted != (self.restricted_at is not None):
            self.restricted_at, self.restricted_by = (at, by) if restricted else (None, None)


class RegisterEntry(Table, table=True):
    """One number that somebody had in a register. A new one never overwrites the one before."""

    __tablename__ = "register_entry"
    __table_args__ = (
        # Where the book is not known, nothing can be said of whether the number is taken: null is no book.
        Index("register_entry_open", "site", "book", "blind", unique=True, postgresql_where=text("closed_on is null")),
    )

    id: UUID = Field(primary_key=True)
    site: str
    """Whose register: of another site, if the person came from there."""
    person: UUID = Field(foreign_key="person.id", index=True)
    book: RegisterBook | None = choice(RegisterBook, nullable=True, default=None)
    number: bytes
    """The number as it was written, sealed."""
    blind: bytes = Field(index=True)
    """The same number for search, whichever way it is written: of `RegisterNumber.key`."""
    from_on: date | None = None
    closed_on: date | None = None
    """When the next number took its place, or the person left."""
    entered_at: datetime = moment()
    entered_by: UUID


class IdentifierIndex(Table, table=True):
    """By what numbers somebody can be found. The numbers themselves stand in the sealed identity alone."""

    __tablename__ = "identifier"

    person: UUID = Field(foreign_key="person.id", primary_key=True)
    kind: IdentifierKind = choice(IdentifierKind, primary_key=True)
    blind: bytes = Field(primary_key=True, index=True)


class IdentityCorrection(Table, table=True):
    """What an identity was before it was corrected: a register is struck through, never rubbed out."""

    __tablename__ = "identity_correction"

    person: UUID = Field(foreign_key="person.id", primary_key=True)
    version: int = Field(primary_key=True)
    """The one that was replaced."""
    before: bytes = Field(sa_column_kwargs={"info": {"place": "person.identity"}})
    """Sealed `Identity`, as it stood with the person."""
    corrected_at: datetime = moment()
    corrected_by: UUID
