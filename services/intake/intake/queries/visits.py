"""Looking up who is to meet whom, and what stands against it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from chassis.readlog import Look
from chassis.vault import vault_of
from contracts.vocabulary import Purpose
from sqlmodel import Session, col, select

from intake.model.consents import Consent
from intake.model.family import Contact, ContactAnswer, Entry
from intake.model.people import Identity, Person
from intake.model.visits import Circle, ContactRestriction, Hindrance, Visit
from intake.queries.family import details_of_all
from intake.queries.people import IDENTITY, READS_RESTRICTED

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Due:
    """A visit as the desk needs it."""

    visit: Visit
    person_name: str
    contact_name: str
    hindrance: Hindrance | None


def circle_of(session: Session, person_id: UUID) -> Circle:
    """A person and those outside, as it stands."""
    return circles_of(session, {person_id})[person_id]


def circles_of(session: Session, people: Collection[UUID]) -> dict[UUID, Circle]:
    """The same for many."""
    agreed = set(
        session.exec(
            select(Consent.person)
            .where(col(Consent.person).in_(people), Consent.purpose == Purpose.FAMILY_CONTACT)
            .where(col(Consent.given), col(Consent.ended_at).is_(None))
        )
    )
    answers = _by_person(session.exec(select(ContactAnswer).where(col(ContactAnswer.person).in_(people))))
    bars = _by_person(session.exec(select(ContactRestriction).where(col(ContactRestriction.person).in_(people))))
    return {person: Circle(person in agreed, answers[person], bars[person]) for person in people}


def visits_on(session: Session, on: date, look: Look) -> list[Due]:
    """Who is to meet whom on a day, and what stands against it by now. Nobody who was erased or may not be shown."""
    query = (
        select(Visit, Contact, Person)
        .join(Contact, col(Contact.id) == col(Visit.contact))
        .join(Person, col(Person.id) == col(Visit.person))
        .where(Visit.planned_on == on, col(Person.identity).is_not(None))
        .order_by(col(Visit.channel), col(Visit.entered_at), col(Visit.id))
    )
    if not look.by.roles & READS_RESTRICTED:
        query = query.where(col(Person.restricted_at).is_(None))
    rows = list(session.exec(query))
    circles = circles_of(session, {person.id for _, _, person in rows})
    sealed = [(person.id, person.identity) for _, _, person in rows if person.identity is not None]
    names = vault_of(session).open_all(IDENTITY, sealed)
    details = details_of_all(session, [contact for _, contact, _ in rows])
    return [
        Due(
            visit,
            Identity.model_validate_json(name).name,
            said.name,
            circles[visit.person].hindrance(visit.contact, visit.channel, visit.planned_on),
        )
        for (visit, _, _), name, said in zip(rows, names, details, strict=True)
        if name is not None and said is not None
    ]


def _by_person(entries: Iterable[E]) -> dict[UUID, list[E]]:
    found: dict[UUID, list[E]] = defaultdict(list)
    for entry in entries:
        found[entry.person].append(entry)
    return found
