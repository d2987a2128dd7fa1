"""Consent: what a person agreed to, declined or took back."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from chassis.columns import choice, moment
from chassis.errors import Conflict, NotFound
from chassis.forms import Form, Line
from contracts.intake import ConsentDeclined, ConsentExpired, ConsentGiven, ConsentWithdrawn
from contracts.vocabulary import Answer, LegalStatus, PartnerCode, Purpose
from pydantic import AfterValidator
from pydantic import Field as Asks
from sqlalchemy import Index, text
from sqlmodel import Field

from contracts import Event
from intake.model.days import DayNotCome
from intake.model.people import Person
from intake.model.table import Table
from intake.model.texts import Language, Text, is_form_number

RENEWABLE = timedelta(days=30)
"""This long before its last day a consent may be given again."""
ADULT = 18
STANDING = "given and ended_at is null"
_EASTERN = timedelta(hours=9)
# A day ends first in Papua: a consent never stands longer than the person was told, in whichever zone that was.


class ConsentAlreadyGiven(Conflict):
    """It stands."""

    detail = "Persetujuan ini sudah diberikan dan masih berlaku. Tidak ada yang perlu dilakukan."


class ConsentNotGiven(Conflict):
    """There is nothing to withdraw."""

    detail = "Persetujuan ini belum pernah diberikan, jadi tidak ada yang ditarik."


class ConsentAlreadyWithdrawn(Conflict):
    """Once is enough."""

    detail = "Persetujuan ini sudah ditarik. Tidak ada yang perlu dilakukan."


class ConsentAlreadyExpired(Conflict):
    """It ran out before it could be taken back."""

    detail = "Masa berlaku persetujuan ini sudah habis, jadi tidak ada yang perlu ditarik."


class ConsentNotEnded(NotFound):
    """What has not ended has no proof of its end."""

    detail = "Persetujuan ini tidak pernah ditarik atau habis masa berlakunya, jadi belum ada buktinya."


class ConsentNotHere(NotFound):
    """No such answer of this person."""

    detail = "Jawaban ini tidak ada pada orang ini. Periksa kembali pilihan Anda."


class RecipientMismatch(Conflict):
    """Sharing names one partner; every other purpose names none."""

    detail = "Persetujuan berbagi data harus menyebut satu mitra, dan hanya persetujuan itu. Pilih mitranya."


class WitnessMissing(Conflict):
    """This question is asked in the presence of a third."""

    detail = "Persetujuan ini harus disaksikan. Mintalah seorang saksi hadir, lalu isi namanya."


class GuardianMissing(Conflict):
    """A child, or somebody who does not understand, agrees together with a guardian (UU 27/2022 Ps. 25-26)."""

    detail = (
        "Orang ini belum dewasa atau tidak memahami naskahnya. Persetujuan wali diperlukan: isi nama dan hubungannya."
    )


class CapacityUnknown(Conflict):
    """Whether the person understood must be known here; unknown is not yes."""

    detail = (
        "Untuk persetujuan ini harus dicatat bahwa orang tersebut memahami naskahnya. Pastikan, atau hadirkan walinya."
    )


class SignedBeforeRegistration(Conflict):
    """Nobody is asked here before they are here."""

    detail = "Formulir ditandatangani sebelum orang ini terdaftar. Periksa tanggal pada formulir."


class SaidNoSince(Conflict):
    """What was declined or taken back does not come back by an older sheet."""

    detail = (
        "Pada atau sesudah hari formulir ini ditandatangani, orang ini menolak atau menarik persetujuannya."
        " Tanyakan kembali dengan formulir baru."
    )


class FormTooOld(Conflict):
    """What was signed has run out before it was entered."""

    detail = "Masa berlaku formulir ini sudah habis. Tanyakan kembali dengan formulir baru."


class FormAlreadyEntered(Conflict):
    """One sheet is one answer."""

    detail = "Formulir dengan nomor ini sudah dimasukkan. Periksa nomor pada formulir."


class ConsentEnd(StrEnum):
    """How a consent ended. Each end says one event: a renewal says the consent that takes its place."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RENEWED = "renewed"


class DeclineReason(StrEnum):
    """Why somebody said no, if they like to say. Never asked for, and never in their own words."""

    NOT_NOW = "not_now"
    NO_NEED = "no_need"
    WANTS_ADVICE = "wants_advice"
    NO_TRUST = "no_trust"
    OTHER = "other"


class GuardianRelation(StrEnum):
    """Who the guardian is to the person."""

    PARENT = "parent"
    LEGAL_GUARDIAN = "legal_guardian"
    SPOUSE = "spouse"
    FAMILY = "family"
    INSTITUTION = "institution"


class Guardian(Form):
    """Who agreed together with the person."""

    name: Line
    relation: GuardianRelation


class Others(Form):
    """Who else was there. It exists outside the vault only while it is shown or entered."""

    witness: Line | None = None
    interpreter: Line | None = None
    guardian: Guardian | None = None


def _of_ours(number: str) -> str:
    if not is_form_number(number):
        raise ValueError("not a number of a form")
    return number.replace("-", "")


class OnPaper(Form):
    """The sheet that was signed. A number that was mistyped does not get this far."""

    signed_on: date
    form_number: Annotated[str, AfterValidator(str.upper), AfterValidator(_of_ours)]


class Asked(Others):
    """What was read out to the person and in which language, who was there, and for sharing, with whom."""

    id: UUID = Asks(default_factory=uuid4)
    """The client's own: the same answer sent again is one answer."""
    text_version: Line
    recipient: PartnerCode | None = None
    language: Language = Language.ID
    understands: Answer = Answer.UNKNOWN
    on_paper: OnPaper | None = None

    def others(self) -> Others:
        """Who else was there."""
        return Others(witness=self.witness, interpreter=self.interpreter, guardian=self.guardian)


def must_name_recipient(purpose: Purpose, recipient: str | None) -> None:
    """Raises RecipientMismatch unless sharing, and only sharing, names a partner."""
    if (purpose is Purpose.PARTNER_SHARING) != (recipient is not None):
        raise RecipientMismatch


def may_be_a_child(person: Person, on: date) -> bool:
    """Whether the law protects this person as a child: until the year is over, since the register keeps no birthday."""
    if person.birth_year is None:
        return person.legal_status is LegalStatus.ANAK_BINAAN
    return on.year - person.birth_year <= ADULT


class Consent(Table, table=True):
    """One answer to one question: given, or declined, which is as good an answer. No row overwrites another."""

    # Two that stand, or one epoch twice, is what no gate could mend: the database refuses what the rules overlooked.
    __table_args__ = (
        Index(
            "consent_standing",
            *("person", "purpose", "recipient"),
            unique=True,
            postgresql_where=text(STANDING),
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "consent_epoch",
            *("person", "purpose", "recipient", "epoch"),
            unique=True,
            postgresql_where=text("given"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("consent_expiring", "expires_on", postgresql_where=text(STANDING)),
    )

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
    language: Language = choice(Language, default=Language.ID)
    understands: Answer = choice(Answer, default=Answer.UNKNOWN)
    others: bytes | None = None
    """Sealed `Others`; null when nobody else was there."""
    signed_on: date | None = None
    """The day on the sheet, when it was answered on paper."""
    form_number: str | None = Field(default=None, unique=True)
    decline_reason: DeclineReason | None = choice(DeclineReason, nullable=True, default=None)
    expires_on: date | None = None
    """The last day on which it holds."""
    answered_at: datetime = moment()
    answered_by: UUID
    end: ConsentEnd | None = choice(ConsentEnd, nullable=True, default=None)
    ended_at: datetime | None = moment(nullable=True, default=None)
    ended_by: UUID | None = None
    """Nobody, when it ran out."""
    end_event: UUID | None = None
    """The event that said it: what the proof of its effect is about."""

    def same_as(self, other: "Consent") -> bool:
        """Whether two answers say the same: a repeated request, not a second answer."""
        said = {"person", "purpose", "recipient", "given", "text_version", "language", "understands", "decline_reason"}
        said |= {"signed_on", "form_number"}
        return self.model_dump(include=said) == other.model_dump(include=said)

    @property
    def withdrawn_at(self) -> datetime | None:
        """When the person took it back."""
        return self.ended_at if self.end is ConsentEnd.WITHDRAWN else None

    @property
    def said_no_on(self) -> date | None:
        """The day on which the person said no, or took a yes back."""
        if not self.given:
            return self.signed_on or (self.answered_at + _EASTERN).date()
        return (self.withdrawn_at + _EASTERN).date() if self.withdrawn_at else None

    def has_lapsed(self, at: datetime) -> bool:
        """Whether its last day is over and nobody has said so yet."""
        return self.given and self.ended_at is None and self.expires_on is not None and _over(self.expires_on, at)

    def give(
        self, last: "Consent | None", text: Text, others: Others, person: Person, said_no_on: date | None = None
    ) -> ConsentGiven:
        """The person agreed. `last` is the latest time they did, if ever: it is renewed if it stands and nears its end.

        One that has lapsed must have expired before. `said_no_on` is the latest day on which they declined or withdrew.
        """
        self._may_be_answered(last, text, person)
        self._must_be_able(text, others, child=may_be_a_child(person, self._begins_on))
        self.expires_on = text.expires_on(self._begins_on)
        if _over(self.expires_on, self.answered_at):
            raise FormTooOld
        # Of the same day nobody can tell which came first: then the person's no counts.
        if self.signed_on and said_no_on and self.signed_on <= said_no_on:
            raise SaidNoSince
        if last and last.ended_at is None and last.expires_on and self.expires_on <= last.expires_on:
            raise ConsentAlreadyGiven
        self.given, self.epoch = True, last.epoch + 1 if last else 1
        told = ConsentGiven(occurred_at=self.answered_at, consent_epoch=self.epoch, **self._named())
        if last and last.ended_at is None:
            last._finish(ConsentEnd.RENEWED, told, by=self.answered_by)
        return told

    def decline(self, last: "Consent | None", text: Text, person: Person) -> ConsentDeclined:
        """The person said no to being asked. It ends nothing: taking back what stands is `withdraw`."""
        self._may_be_answered(last, text, person)
        self.given, self.epoch = False, last.epoch if last else 0
        return ConsentDeclined(occurred_at=self.answered_at, **self._named())

    def withdraw(self, *, by: UUID, at: datetime) -> ConsentWithdrawn:
        """The person took it back: one step, no reason asked."""
        if self.ended_at is not None:
            raise ConsentAlreadyExpired if self.end is ConsentEnd.EXPIRED else ConsentAlreadyWithdrawn
        told = ConsentWithdrawn(occurred_at=at, consent_epoch=self.epoch, **self._named())
        self._finish(ConsentEnd.WITHDRAWN, told, by=by)
        return told

    def expire(self, at: datetime) -> ConsentExpired | None:
        """Its last day is over: what a withdrawal stops, this stops. None when it is not, or has ended before."""
        if not self.has_lapsed(at):
            return None
        told = ConsentExpired(occurred_at=at, consent_epoch=self.epoch, **self._named())
        self._finish(ConsentEnd.EXPIRED, told, by=None)
        return told

    @property
    def _begins_on(self) -> date:
        return self.signed_on or self.answered_at.date()

    def _may_be_answered(self, last: "Consent | None", text: Text, person: Person) -> None:
        must_name_recipient(self.purpose, self.recipient)
        text.must_be_in_use(self._begins_on)
        if last and last.ended_at is None and not last._nears_its_end(self.answered_at):
            raise ConsentAlreadyGiven
        if self.signed_on is None:
            return
        # A day is allowed for, since the date is the site's and the clock is UTC.
        if self.signed_on > (self.answered_at + timedelta(days=1)).date():
            raise DayNotCome
        if self.signed_on < person.registered_at.date():
            raise SignedBeforeRegistration

    def _must_be_able(self, text: Text, others: Others, *, child: bool) -> None:
        if text.needs_witness and others.witness is None:
            raise WitnessMissing
        if others.guardian:
            return
        if child or self.understands is Answer.NO:
            raise GuardianMissing
        if text.needs_capacity and self.understands is Answer.UNKNOWN:
            raise CapacityUnknown

    def _nears_its_end(self, at: datetime) -> bool:
        return self.expires_on is not None and at.date() >= self.expires_on - RENEWABLE

    def _finish(self, end: ConsentEnd, told: Event, *, by: UUID | None) -> None:
        assert self.given and self.ended_at is None
        self.end, self.ended_at, self.ended_by, self.end_event = end, told.occurred_at, by, told.event_id

    def _named(self) -> dict[str, Any]:
        return {"site": self.site, "person": self.person, "purpose": self.purpose, "recipient": self.recipient}


def _over(last_day: date, at: datetime) -> bool:
    return (at + _EASTERN).date() > last_day
