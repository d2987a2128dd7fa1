"""Those outside who matter to a person, and what each of them agreed to."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict, NotFound
from chassis.forms import Form, Line, Text
from contracts.intake import ContactAdded, FamilyRelation
from contracts.vocabulary import Answer
from lokal import parse_phone
from pydantic import AfterValidator
from sqlmodel import Field

from intake.model.days import must_have_come, today
from intake.model.table import Table


class ContactChangedMeanwhile(Conflict):
    """Somebody else changed the details after this officer had read them: neither version is lost."""

    detail = "Keterangan kontak ini sudah diubah petugas lain sejak Anda membukanya. Muat ulang, lalu ubah lagi."


class EntryNotHere(NotFound):
    """No such entry of this person."""

    detail = "Isian ini tidak ada pada orang ini. Periksa kembali pilihan Anda."


class ContactHasNotAgreed(Conflict):
    """Somebody outside is asked as well, and unknown is not yes."""

    detail = "Kontak ini belum menyetujui hal ini, atau sudah menariknya. Tanyakan dahulu kepada yang bersangkutan."


class NewerAnswerKnown(Conflict):
    """An older sheet does not undo what was said since."""

    detail = "Sudah ada jawaban yang lebih baru dari kontak ini. Periksa tanggalnya, atau tanyakan kembali."


class ContactWish(StrEnum):
    """What somebody outside may agree to, each on its own."""

    VISITS = "visits"
    LETTERS = "letters"
    PHONE = "phone"
    GUARANTOR = "guarantor"
    AFTER_RELEASE = "after_release"
    """Being reached after the release."""


_ABROAD = re.compile(r"\+(?!62)[1-9][0-9 ().-]{6,20}")


def _phone(typed: str) -> str:
    # Checked only: it is kept as typed. Many families work abroad, and their numbers are no mistakes.
    if not parse_phone(typed).valid and not _ABROAD.fullmatch(typed):
        raise ValueError("not a telephone number")
    return typed


class Details(Form):
    """Who a contact is. It exists outside the vault only while it is shown or changed."""

    name: Line
    phone: Annotated[Line, AfterValidator(_phone)] | None = None
    address: Line | None = None
    notes: Text | None = None


class Entry(Table):
    """What staff enter about a person's family, under an id that the client chose."""

    apart: ClassVar[frozenset[str]] = frozenset()
    """What is not part of the entry: it comes later, or differs each time that it is sealed."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    entered_at: datetime = moment()
    entered_by: UUID

    def same_as(self, other: Self) -> bool:
        """Whether two entries say the same: a repeated request, not a second entry."""
        aside = self.apart | {"entered_at", "entered_by"}
        return self.model_dump(exclude=set(aside)) == other.model_dump(exclude=set(aside))


class Contact(Entry, table=True):
    """Somebody outside, or an institution. Sealed under the person's key: their erasure takes the contact along."""

    __table_args__ = ({"info": {"by_consent": True}},)
    apart = frozenset({"said"})

    relation: FamilyRelation = choice(FamilyRelation)
    said: bytes
    """Sealed `Details`."""

    def added(self) -> ContactAdded:
        """Somebody outside is known."""
        return ContactAdded(
            site=self.site,
            occurred_at=self.entered_at,
            person=self.person,
            contact_id=self.id,
            relation=self.relation,
        )


class ContactAnswer(Entry, table=True):
    """What a contact answered when asked for one thing. No row overwrites another."""

    __table_args__ = ({"info": {"by_consent": True, "withheld": True}},)
    __tablename__ = "contact_answer"
    apart = frozenset({"withdrawn_at", "withdrawn_by"})

    contact: UUID = Field(foreign_key="contact.id", index=True)
    wish: ContactWish = choice(ContactWish)
    answer: Answer = choice(Answer)
    asked_on: date
    withdrawn_at: datetime | None = moment(nullable=True, default=None)
    withdrawn_by: UUID | None = None

    @property
    def stands(self) -> bool:
        """Whether this answer lets anything be planned."""
        return self.answer is Answer.YES and self.withdrawn_at is None

    def enter(self, last: "ContactAnswer | None") -> None:
        """The answer is the latest. `last` is the one before it, if any."""
        must_have_come(self.asked_on, self.entered_at)
        if last is None:
            return
        known_on = today(last.withdrawn_at) if last.withdrawn_at else last.asked_on
        if self.asked_on < max(known_on, last.asked_on):
            raise NewerAnswerKnown

    def withdraw(self, *, by: UUID, at: datetime) -> None:
        """The contact took it back: one step, no reason asked, and once more changes nothing."""
        if self.answer is not Answer.YES:
            raise ContactHasNotAgreed
        if self.withdrawn_at is None:
            self.withdrawn_at, self.withdrawn_by = at, by


def last_answer(answers: Iterable[ContactAnswer], contact: UUID, wish: ContactWish) -> ContactAnswer | None:
    """The latest that this contact said to one question."""
    said = [answer for answer in answers if (answer.contact, answer.wish) == (contact, wish)]
    return max(said, key=lambda answer: (answer.asked_on, answer.entered_at), default=None)


def must_agree(answers: Iterable[ContactAnswer], contact: UUID, wish: ContactWish) -> None:
    """Raises ContactHasNotAgreed unless the contact's latest answer is yes: not asked, unknown and no are not."""
    last = last_answer(answers, contact, wish)
    if last is None or not last.stands:
        raise ContactHasNotAgreed
