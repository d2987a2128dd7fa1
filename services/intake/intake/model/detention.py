"""Detention: until when somebody may be held without a sentence, and by whose authority."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict, NotFound
from contracts.intake import DetentionExpiryNeared
from contracts.vocabulary import RegisterBook
from sqlmodel import Field

from intake.model.days import DatesOutOfOrder, today
from intake.model.table import Table

NOTICES = (3, 10)
"""Days before the end at which the authority is reminded (surat pemberitahuan H-10 and H-3)."""


class DetentionPeriodNotHere(NotFound):
    """No such period of this person."""

    detail = "Masa penahanan ini tidak tercatat untuk orang ini. Periksa kembali daftarnya."


class DetentionPeriodIdTaken(Conflict):
    """The id is another period's."""

    detail = "Nomor isian ini sudah dipakai untuk masa penahanan lain. Mulai isian baru."


class NotADetainingAuthority(Conflict):
    """Register B is for a sentence, which is no detention."""

    detail = "Masa penahanan hanya dicatat untuk register A.I sampai A.V. Pilih otoritas yang menahan."


class DetentionPeriodsOverlap(Conflict):
    """Nobody is held twice at once."""

    detail = "Masa ini bertumpang tindih dengan masa penahanan lain orang ini. Periksa tanggal pada surat penahanannya."


class NotAnExtension(Conflict):
    """An extension begins where the last period ends."""

    detail = "Perpanjangan harus mulai sehari sesudah masa terakhir berakhir. Periksa tanggal pada surat perpanjangan."


class DetentionPeriod(Table, table=True):
    """One period of detention under one authority. A mistake is annulled and entered anew, never overwritten."""

    __tablename__ = "detention_period"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    stay: UUID = Field(foreign_key="stay.id")
    book: RegisterBook = choice(RegisterBook)
    from_on: date
    until_on: date
    """The last day."""
    extends: UUID | None = Field(default=None, foreign_key="detention_period.id")
    entered_at: datetime = moment()
    entered_by: UUID
    annulled_at: datetime | None = moment(nullable=True, default=None)
    annulled_by: UUID | None = None
    said_days: int | None = None
    """The nearest notice that was said of this period."""

    def fits(self, others: Iterable["DetentionPeriod"]) -> None:
        """Whether it can stand beside the periods of the same stay."""
        if not self.book.value.startswith("a_"):
            raise NotADetainingAuthority
        if self.until_on < self.from_on:
            raise DatesOutOfOrder
        standing = [other for other in others if other.annulled_at is None]
        if any(self.from_on <= other.until_on and other.from_on <= self.until_on for other in standing):
            raise DetentionPeriodsOverlap
        if self.extends is not None:
            last = max(standing, key=lambda other: other.until_on, default=None)
            if last is None or last.id != self.extends or self.from_on != last.until_on + timedelta(days=1):
                raise NotAnExtension

    def annul(self, *, by: UUID, at: datetime) -> None:
        """It was entered by mistake."""
        if self.annulled_at is None:
            self.annulled_at, self.annulled_by = at, by

    def days_left(self, day: date) -> int:
        """Days until the last one; below zero the person is free by law (bebas demi hukum)."""
        return (self.until_on - day).days

    def near(self, person: UUID, at: datetime) -> DetentionExpiryNeared | None:
        """What is due to be said of its end now, if it has not been said. `person` is who is asked for it."""
        left = self.days_left(today(at))
        notice = next((days for days in NOTICES if 0 <= left <= days), None)
        if notice is None or (self.said_days is not None and self.said_days <= notice):
            return None
        self.said_days = notice
        return DetentionExpiryNeared(
            site=self.site, occurred_at=at, person=person, expires_on=self.until_on, days=notice
        )
