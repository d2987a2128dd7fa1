"""Looking up who is to meet whom, and what stands against it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from chassis.readlog import Look
from contracts.vocabulary import Purpose
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from intake.model.consents import Consent
from intake.model.family import Contact, ContactAnswer, Entry
from intake.model.people import Person
from intake.model.visits import Circle, ContactRestriction, Hindrance, Visit
from intake.queries.family import details_of_all
from intake.queries.people import READS_RESTRICTED, identities_of

E = TypeVar("E", bound=Entry)
_SPEAKS = func.coalesce(col(Person.merged_into), col(Person.id))


@dataclass(frozen=True)
class Due:
    """A visit as the desk needs it."""

    visit: Visit
    person: UUID
    """The entry that speaks for whom it is about."""
    person_name: str
    contact_name: str
    hindrance: Hindrance | None


def circle_of(session: Session, person_id: UUID) -> Circle:
    """A person and those outside, as it stands."""
    return circles_of(session, {person_id})[person_id]


def circles_of(session: Session, people: Collection[UUID]) -> dict[UUID, Circle]:
    """The same for many, each with what stands at any entry of theirs; the one that speaks for them says yes or no."""
    spoken_for = select(_SPEAKS).where(col(Person.id).in_(people))
    kept: dict[UUID, UUID] = dict(session.execute(select(Person.id, _SPEAKS).where(_SPEAKS.in_(spoken_for))).all())
    agreed = set(
        session.exec(
            select(Consent.person)
            .where(col(Consent.person).in_(kept.values()), Consent.purpose == Purpose.FAMILY_CONTACT)
            .where(col(Consent.given), col(Consent.ended_at).is_(None))
        )
    )
    answers = _by_person(kept, session.exec(select(ContactAnswer).where(col(ContactAnswer.person).in_(kept))))
    bars = _by_person(kept, session.exec(select(ContactRestriction).where(col(ContactRestriction.person).in_(kept))))
    return {person: Circle(kept[person] in agreed, answers[kept[person]], bars[kept[person]]) for person in people}


def visits_on(session: Session, on: date, look: Look) -> list[Due]:
    """Who is to meet whom on a day, and what stands against it by now. Nobody who was erased or may not be shown."""
    entry = aliased(Person)
    query = (
        select(Visit, Contact, Person)
        .join(Contact, col(Contact.id) == col(Visit.contact))
        .join(entry, col(entry.id) == col(Visit.person))
        .join(Person, col(Person.id) == func.coalesce(entry.merged_into, entry.id))
        .where(Visit.planned_on == on, col(Person.identity).is_not(None))
        .order_by(col(Visit.channel), col(Visit.entered_at), col(Visit.id))
    )
    if not look.by.roles & READS_RESTRICTED:
        query = query.where(col(Person.restricted_at).is_(None))
    rows = list(session.exec(query))
    circles = circles_of(session, {person.id for _, _, person in rows})
    names = {person.id: identity.name for person, identity in identities_of(session, [person for *_, person in rows])}
    details = details_of_all(session, [contact for _, contact, _ in rows])
    return [
        Due(
            visit,
            person.id,
            names[person.id],
            said.name,
            circles[person.id].hindrance(visit.contact, visit.channel, visit.planned_on),
        )
        for (visit, _, person), said in zip(rows, details, strict=True)
        if person.id in names and said is not None
    ]


def unrecorded_on(session: Session, on: date) -> int:
    """How many meetings of a day nobody has said of whether they took place."""
    query = select(func.count()).where(Visit.planned_on == on, col(Visit.kept).is_(None))
    return session.exec(query).one()


def _by_person(kept: Mapping[UUID, UUID], entries: Iterable[E]) -> dict[UUID, list[E]]:
    found: dict[UUID, list[E]] = defaultdict(list)
    for entry in entries:
        found[kept[entry.person]].append(entry)
    return found
