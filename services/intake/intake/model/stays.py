"""Stays: when somebody came in, how, when they left and whether they came back."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict
from contracts.intake import PersonReentered, PersonReleased, ReentryReason
from contracts.vocabulary import ReleaseMode
from sqlalchemy import Index, text
from sqlmodel import Field

from intake.model.days import DatesOutOfOrder, DayNotCome, must_have_come, today
from intake.model.people import Person, PersonNotInside
from intake.model.table import Table

__all__ = ["DatesOutOfOrder", "DayNotCome", "today"]


class ReleaseIdTaken(Conflict):
    """The id is another person's release."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class PersonNotReleased(Conflict):
    """Only somebody who has left can come back."""

    detail = "Orang ini belum tercatat bebas, jadi tidak dapat dicatat masuk kembali."


class ReleaseBeforeAdmission(Conflict):
    """Nobody leaves before they came."""

    detail = "Tanggal bebas lebih awal dari tanggal masuk. Periksa kedua tanggal itu."


class Admission(StrEnum):
    """How a stay began."""

    NEW = "new"
    TRANSFER = "transfer"
    REENTRY = "reentry"


class Stay(Table, table=True):
    """One time inside, from coming in to leaving. Coming back is another one."""

    __table_args__ = (Index("stay_open", "person", unique=True, postgresql_where=text("ended_on is null")),)

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    how: Admission = choice(Admission)
    admitted_on: date | None = None
    """Null where nobody said: the day of registration is not the day of coming in."""
    admitted_at: datetime = moment()
    admitted_by: UUID
    ended_on: date | None = None

    def release(
        self, person: Person, release_id: UUID, on: date, mode: ReleaseMode, *, by: UUID, at: datetime
    ) -> "Release":
        """The end of this stay."""
        if not person.inside or self.ended_on is not None:
            raise PersonNotInside
        if self.admitted_on and on < self.admitted_on:
            raise ReleaseBeforeAdmission
        must_have_come(on, at)
        self.ended_on, person.inside = on, False
        return Release(
            id=release_id,
            site=self.site,
            person=self.person,
            stay=self.id,
            released_on=on,
            mode=mode,
            released_at=at,
            released_by=by,
        )


class Release(Table, table=True):
    """One end of a stay, and the return after it if there was one."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    stay: UUID = Field(foreign_key="stay.id", unique=True)
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

    def reenter(
        self, person: Person, stay_id: UUID, on: date, reason: ReentryReason, *, by: UUID, at: datetime
    ) -> tuple[Stay, PersonReentered]:
        """The person of this release was taken in again: another stay, and this one is kept as it was."""
        if person.inside or self.reentered_on is not None:
            raise PersonNotReleased
        if on < self.released_on:
            raise DatesOutOfOrder
        must_have_come(on, at)
        person.inside = True
        self.reentered_on, self.reentry_reason, self.reentered_by = on, reason, by
        stay = Stay(
            id=stay_id,
            site=self.site,
            person=self.person,
            how=Admission.REENTRY,
            admitted_on=on,
            admitted_at=at,
            admitted_by=by,
        )
        told = PersonReentered(
            site=self.site, occurred_at=at, person=self.person, release_id=self.id, reentered_on=on, reason=reason
        )
        return stay, told
