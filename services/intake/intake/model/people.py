"""Whom intake registers, when they leave and whether they come back."""

from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict, NotFound
from contracts.intake import PersonReentered, PersonRegistered, PersonReleased, ReentryReason
from contracts.vocabulary import LegalStatus, MaritalStatus, ReleaseMode, Sex
from pydantic import BaseModel
from sqlmodel import Field

from intake.model.table import Table


class PersonNotHere(NotFound):
    """No such person at this site."""

    detail = "Orang ini tidak terdaftar di rutan ini. Periksa kembali pencarian Anda."


class PersonIdTaken(Conflict):
    """The id is another person's."""

    detail = "Nomor isian ini sudah dipakai untuk orang lain. Mulai isian baru."


class ReleaseIdTaken(Conflict):
    """The id is another person's release."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class PersonNotInside(Conflict):
    """Whoever has left cannot leave again."""

    detail = "Orang ini sudah tercatat bebas. Periksa tanggal bebasnya."


class PersonNotReleased(Conflict):
    """Only somebody who has left can come back."""

    detail = "Orang ini belum tercatat bebas, jadi tidak dapat dicatat masuk kembali."


class DatesOutOfOrder(Conflict):
    """Back before leaving."""

    detail = "Tanggal masuk kembali lebih awal dari tanggal bebas. Periksa kedua tanggal itu."


class DayNotCome(Conflict):
    """What has not happened is not recorded."""

    detail = "Tanggal ini belum tiba. Catat pada harinya, atau periksa tanggalnya."


def _must_have_come(on: date, at: datetime) -> None:
    # A day is allowed for, since the date is the site's and the clock is UTC.
    if on > (at + timedelta(days=1)).date():
        raise DayNotCome


class Identity(BaseModel):
    """Who somebody is. It exists outside the vault only while it is shown or changed."""

    name: str
    nik: str | None = None


class Person(Table, table=True):
    """Somebody who was taken in: an opaque id, what statistics need, and an identity that only the vault can open."""

    id: UUID = Field(primary_key=True)
    site: str
    identity: bytes | None = None
    """Sealed `Identity`; null once the person was erased."""
    birth_year: int | None = None
    sex: Sex = choice(Sex)
    legal_status: LegalStatus = choice(LegalStatus)
    marital_status: MaritalStatus | None = choice(MaritalStatus, nullable=True, default=None)
    prior_convictions: int | None = None
    worked_before: bool | None = None
    inside: bool = True
    registered_at: datetime = moment()
    registered_by: UUID

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
            if column.nullable:
                setattr(self, name, None)
        # The day and the minute would find the line in the paper register again.
        self.registered_at = self.registered_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def same_as(self, other: "Person") -> bool:
        """Whether two entries say the same of the same person, identity aside: a repeated request, not a second one."""
        apart = {"identity", "inside", "registered_at", "registered_by"}
        return self.model_dump(exclude=apart) == other.model_dump(exclude=apart)

    def release(self, release_id: UUID, on: date, mode: ReleaseMode, *, by: UUID, at: datetime) -> "Release":
        """The end of a stay."""
        if not self.inside:
            raise PersonNotInside
        _must_have_come(on, at)
        self.inside = False
        return Release(
            id=release_id, site=self.site, person=self.id, released_on=on, mode=mode, released_at=at, released_by=by
        )


class RegisterEntry(Table, table=True):
    """One number that somebody had in a register. A new one never overwrites the one before."""

    __tablename__ = "register_entry"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    number: bytes
    """The number as it was written, sealed."""
    blind: bytes = Field(index=True)
    """The same number for search."""
    entered_at: datetime = moment()
    entered_by: UUID


class Release(Table, table=True):
    """One end of a stay, and the return after it if there was one."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    released_on: date
    mode: ReleaseMode = choice(ReleaseMode)
    released_at: datetime = moment()
    released_by: UUID
    reentered_on: date | None = None
    reentry_reason: ReentryReason | None = choice(ReentryReason, nullable=True, default=None)
    reentered_by: UUID | None = None

    def told(self) -> PersonReleased:
        """The fact of this release."""
        return PersonReleased(
            site=self.site,
            occurred_at=self.released_at,
            person=self.person,
            release_id=self.id,
            released_on=self.released_on,
            mode=self.mode,
        )

    def reenter(self, person: Person, on: date, reason: ReentryReason, *, by: UUID, at: datetime) -> PersonReentered:
        """The person of this release was taken in again."""
        if on < self.released_on:
            raise DatesOutOfOrder
        _must_have_come(on, at)
        person.inside = True
        self.reentered_on, self.reentry_reason, self.reentered_by = on, reason, by
        return PersonReentered(
            site=self.site, occurred_at=at, person=self.person, release_id=self.id, reentered_on=on, reason=reason
        )
