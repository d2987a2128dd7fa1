"""Guarantors: who stands surety for a person, by a letter that the village head countersigned."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict
from contracts.intake import GuarantorConfirmed
from sqlalchemy import Index, text
from sqlmodel import Field

from intake.model.days import must_have_come
from intake.model.family import Entry


class GuarantorAlreadyNamed(Conflict):
    """This contact stands already."""

    detail = "Kontak ini sudah dicatat sebagai penjamin. Lanjutkan pada catatan yang ada."


class GuarantorWithdrew(Conflict):
    """Nothing is added to what was taken back."""

    detail = "Penjamin ini sudah mengundurkan diri. Catat penjamin baru bila yang bersangkutan bersedia lagi."


class GuarantorStepTaken(Conflict):
    """The letter or the countersignature is there, of another day."""

    detail = "Langkah ini sudah dicatat dengan isian lain. Periksa surat jaminannya."


class VillageHead(StrEnum):
    """Who countersigns a surety's letter."""

    LURAH = "lurah"
    KADES = "kades"


class Guarantee(Entry, table=True):
    """One contact, of the family or an institution, who is to stand surety."""

    __table_args__ = (
        Index("guarantee_standing", "contact", unique=True, postgresql_where=text("withdrawn_at is null")),
    )
    apart = frozenset(
        {"letter_received_on", "countersigned_on", "countersigned_by", "confirmed_at", "withdrawn_at", "withdrawn_by"}
    )

    contact: UUID = Field(foreign_key="contact.id", index=True)
    letter_received_on: date | None = None
    countersigned_on: date | None = None
    countersigned_by: VillageHead | None = choice(VillageHead, nullable=True, default=None)
    confirmed_at: datetime | None = moment(nullable=True, default=None)
    withdrawn_at: datetime | None = moment(nullable=True, default=None)
    withdrawn_by: UUID | None = None

    def receive_letter(self, on: date, *, at: datetime) -> GuarantorConfirmed | None:
        """The surety's letter is here."""
        if self._taken(self.letter_received_on, on, on, at):
            return None
        self.letter_received_on = on
        return self._confirmed(at)

    def countersign(self, on: date, head: VillageHead, *, at: datetime) -> GuarantorConfirmed | None:
        """The village head knows of it and signed."""
        known = (self.countersigned_on, self.countersigned_by) if self.countersigned_on else None
        if self._taken(known, (on, head), on, at):
            return None
        self.countersigned_on, self.countersigned_by = on, head
        return self._confirmed(at)

    def withdraw(self, *, by: UUID, at: datetime) -> None:
        """The surety took it back: no reason asked, and once more changes nothing."""
        if self.withdrawn_at is None:
            self.withdrawn_at, self.withdrawn_by = at, by

    @property
    def stands(self) -> bool:
        """Whether somebody stands surety now."""
        return self.confirmed_at is not None and self.withdrawn_at is None

    @property
    def stands_since(self) -> date | None:
        """The day on which the last of the two papers was there; None while nobody stands surety."""
        days = (self.letter_received_on, self.countersigned_on)
        return max(filter(None, days)) if self.stands else None

    def _taken(self, known: object, said: object, on: date, at: datetime) -> bool:
        if known == said:
            return True
        if self.withdrawn_at is not None:
            raise GuarantorWithdrew
        if known is not None:
            raise GuarantorStepTaken
        must_have_come(on, at)
        return False

    def _confirmed(self, at: datetime) -> GuarantorConfirmed | None:
        if self.letter_received_on is None or self.countersigned_on is None or self.confirmed_at is not None:
            return None
        self.confirmed_at = at
        return GuarantorConfirmed(site=self.site, occurred_at=at, person=self.person, contact_id=self.contact)
