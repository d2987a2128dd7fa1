"""Writing down who is outside, and what each of them answered."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.vocabulary import Answer
from sqlmodel import Session

from intake.commands.people import person_of
from intake.commands.rights import follow_guarantor
from intake.model.family import (
    Contact,
    ContactAnswer,
    ContactChangedMeanwhile,
    ContactHasNotAgreed,
    ContactWish,
    Details,
    Entry,
    last_answer,
)
from intake.model.table import EntryIdTaken
from intake.queries import family as queries
from intake.queries import guarantors
from intake.queries.family import CONTACT, entry_of

E = TypeVar("E", bound=Entry)


def add_contact(session: Session, contact: Contact, details: Details) -> Contact:
    """Adds somebody outside. The same entry again changes nothing."""
    person_of(session, contact.person)
    if known := known_as(session, contact):
        if queries.details_of(session, known) != details:
            raise EntryIdTaken
        return known
    contact.said = _sealed(session, contact.person, details)
    session.add(contact)
    publish(session, contact.added())
    return contact


def change_contact(session: Session, person_id: UUID, contact_id: UUID, details: Details, seen: Details) -> Contact:
    """Puts new details in the place of those that were seen. The same again changes nothing."""
    person_of(session, person_id)
    contact = entry_of(session, Contact, person_id, contact_id)
    if (stored := queries.details_of(session, contact)) == details:
        return contact
    if stored != seen:
        raise ContactChangedMeanwhile
    contact.said = _sealed(session, contact.person, details)
    return contact


def answer_for_contact(session: Session, answer: ContactAnswer) -> ContactAnswer:
    """Records what a contact said when asked for one thing. The same entry again changes nothing."""
    person_of(session, answer.person)
    entry_of(session, Contact, answer.person, answer.contact)
    if known := known_as(session, answer):
        return known
    answer.enter(last_answer(queries.answers_of(session, answer.contact), answer.contact, answer.wish))
    session.add(answer)
    if answer.answer is Answer.NO:
        _stand_down(session, answer.contact, answer.wish, by=answer.entered_by, at=answer.entered_at)
    return answer


def withdraw_for_contact(
    session: Session, person_id: UUID, contact_id: UUID, wish: ContactWish, *, by: Actor, at: datetime
) -> ContactAnswer:
    """A contact takes back what they agreed to."""
    person_of(session, person_id)
    entry_of(session, Contact, person_id, contact_id)
    last = last_answer(queries.answers_of(session, contact_id), contact_id, wish)
    if last is None:
        raise ContactHasNotAgreed
    last.withdraw(by=by.id, at=at)
    _stand_down(session, contact_id, wish, by=by.id, at=at)
    return last


def known_as(session: Session, entry: E) -> E | None:
    """The entry that is known under this id. Raises EntryIdTaken when it says something else."""
    known = session.get(type(entry), entry.id)
    if known is not None and not known.same_as(entry):
        raise EntryIdTaken
    return known


def _stand_down(session: Session, contact_id: UUID, wish: ContactWish, *, by: UUID, at: datetime) -> None:
    # Whoever no longer agrees to be a guarantor is none.
    if wish is ContactWish.GUARANTOR and (guarantee := guarantors.open_guarantee(session, contact_id)):
        guarantee.withdraw(by=by, at=at)
        follow_guarantor(session, contact_id, by=by, at=at)


def _sealed(session: Session, person_id: UUID, details: Details) -> bytes:
    return vault_of(session).seal(person_id, CONTACT, details.model_dump_json(exclude_defaults=True).encode())
