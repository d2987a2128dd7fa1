"""Consent: what a person agreed to, declined or took back."""

from datetime import datetime
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict
from contracts.intake import ConsentDeclined, ConsentGiven, ConsentWithdrawn
from contracts.vocabulary import Purpose
from sqlmodel import Field

from intake.model.table import Table


class ConsentAlreadyGiven(Conflict):
    """It stands."""

    detail = "Persetujuan ini sudah diberikan dan masih berlaku. Tidak ada yang perlu dilakukan."


class ConsentNotGiven(Conflict):
    """There is nothing to withdraw."""

    detail = "Persetujuan ini belum pernah diberikan, jadi tidak ada yang ditarik."


class ConsentAlreadyWithdrawn(Conflict):
    """Once is enough."""

    detail = "Persetujuan ini sudah ditarik. Tidak ada yang perlu dilakukan."


class RecipientMismatch(Conflict):
    """Sharing names one partner; every other purpose names none."""

    detail = "Persetujuan berbagi data harus menyebut satu mitra, dan hanya persetujuan itu. Pilih mitranya."


class Consent(Table, table=True):
    """One answer to one question: given, or declined, which is as good an answer. No row overwrites another."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    purpose: Purpose = choice(Purpose)
    recipient: str | None = None
    given: bool
    epoch: int
    """How often this consent had been given, this time included."""
    text_version: str
    """Which wording the person was shown (UU 27/2022 Ps. 24: consent must be provable)."""
    answered_at: datetime = moment()
    answered_by: UUID
    withdrawn_at: datetime | None = moment(nullable=True, default=None)
    withdrawn_by: UUID | None = None

    def give(self, last: "Consent | None") -> ConsentGiven:
        """The person agreed. `last` is the latest time they did, if ever."""
        self._fits()
        if last and last.withdrawn_at is None:
            raise ConsentAlreadyGiven
        self.given, self.epoch = True, last.epoch + 1 if last else 1
        return ConsentGiven(
            site=self.site,
            occurred_at=self.answered_at,
            person=self.person,
            purpose=self.purpose,
            recipient=self.recipient,
            consent_epoch=self.epoch,
        )

    def decline(self, last: "Consent | None") -> ConsentDeclined:
        """The person said no to being asked. It ends nothing: taking back what stands is `withdraw`."""
        self._fits()
        if last and last.withdrawn_at is None:
            raise ConsentAlreadyGiven
        self.given, self.epoch = False, last.epoch if last else 0
        return ConsentDeclined(
            site=self.site,
            occurred_at=self.answered_at,
            person=self.person,
            purpose=self.purpose,
            recipient=self.recipient,
        )

    def withdraw(self, *, by: UUID, at: datetime) -> ConsentWithdrawn:
        """The person took it back: one step, no reason asked."""
        if self.withdrawn_at is not None:
            raise ConsentAlreadyWithdrawn
        self.withdrawn_at, self.withdrawn_by = at, by
        return ConsentWithdrawn(
            site=self.site,
            occurred_at=at,
            person=self.person,
            purpose=self.purpose,
            recipient=self.recipient,
            consent_epoch=self.epoch,
        )

    def _fits(self) -> None:
        if (self.purpose is Purpose.PARTNER_SHARING) != (self.recipient is not None):
            raise RecipientMismatch
