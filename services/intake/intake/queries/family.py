"""Looking up those outside who matter to a person."""

from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from chassis.vault import vault_of
from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from intake.model.family import Contact, ContactAnswer, Details, Entry, EntryNotHere
from intake.model.people import Person
from intake.queries import people

E = TypeVar("E", bound=Entry)
CONTACT = "contact.said"
"""The place that sealed details are bound to."""


def entry_of(session: Session, kind: type[E], person_id: UUID, entry_id: UUID) -> E:
    """One entry about a person, under whichever of their ids. Raises EntryNotHere, also when it is another person's."""
    found = session.get(kind, entry_id)
    if found is None or found.person not in people.entries_of(session, person_id):
        raise EntryNotHere
    return found


def entries_of(session: Session, kind: type[E], person_id: UUID) -> list[E]:
    """Every entry of one kind about a person, oldest first."""
    return list(session.exec(_all(kind), params={"kept": people.kept_of(session, person_id).id}))


@cache
def _all(kind: type[E]) -> Any:
    # Built once for each kind: building one takes as long as asking it.
    kept: Any = bindparam("kept")
    same = select(Person.id).where(or_(col(Person.id) == kept, col(Person.merged_into) == kept))
    return select(kind).where(col(kind.person).in_(same)).order_by(col(kind.entered_at), col(kind.id))


def details_of(session: Session, contact: Contact) -> Details:
    """Who a contact is."""
    [found] = details_of_all(session, [contact])
    if found is None:
        raise EntryNotHere
    return found


def details_of_all(session: Session, contacts: list[Contact]) -> list[Details | None]:
    """The same for many; None for those of a person who was erased."""
    opened = vault_of(session).open_all([(contact.person, CONTACT, contact.said) for contact in contacts])
    return [Details.model_validate_json(said) if said is not None else None for said in opened]


def answers_of(session: Session, contact_id: UUID) -> list[ContactAnswer]:
    """Everything that a contact answered."""
    return list(session.exec(select(ContactAnswer).where(ContactAnswer.contact == contact_id)))
