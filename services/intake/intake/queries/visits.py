"""Looking up who is to meet whom, and what stands against it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from chassis.readlog import Look
from chassis.vault import vault_of
from contracts.vocabulary import Purpose
from sqlalchemy import bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from intake.model.consents import Consent
from intake.model.family import Contact, ContactAnswer, Details, Entry
from intake.model.people import Identity, Person
from intake.model.visits import Circle, ContactRestriction, Hindrance, Visit
from intake.queries.family import CONTACT
from intake.queries.people import IDENTITY, READS_RESTRICTED

E = TypeVar("E", bound=Entry)
_SPEAKS = func.coalesce(col(Person.merged_into), col(Person.id))
# Built once: building one takes as long as asking it.
_people: Any = bindparam("people", expanding=True)
_AGREED = exists().where(
    col(Consent.person) == _SPEAKS,
    col(Consent.purpose) == Purpose.FAMILY_CONTACT,
    col(Consent.given),
    col(Consent.ended_at).is_(None),
)
_ENTRIES = select(Person.id, _SPEAKS, _AGREED).where(_SPEAKS.in_(select(_SPEAKS).where(col(Person.id).in_(_people))))
"""Every entry of some people, which one speaks for it, and whether that one agreed to contact."""
_ANSWERS = select(ContactAnswer).where(col(ContactAnswer.person).in_(_people))
_BARS = select(ContactRestriction).where(col(ContactRestriction.person).in_(_people))


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
    entries = session.exec(_ENTRIES, params={"people": list(people)}).all()
    kept = {entry: speaks for entry, speaks, _ in entries}
    agreed = {speaks for _, speaks, agreed in entries if agreed}
    answers = _by_person(kept, session.exec(_ANSWERS, params={"people": list(kept)}))
    bars = _by_person(kept, session.exec(_BARS, params={"people": list(kept)}))
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
    who = [(person.id, IDENTITY, person.identity) for *_, person in rows if person.identity is not None]
    whom = [(contact.person, CONTACT, contact.said) for _, contact, _ in rows]
    opened = vault_of(session).open_all([*who, *whom])
    return [
        Due(
            visit,
            person.id,
            Identity.model_validate_json(identity).name,
            Details.model_validate_json(details).name,
            circles[person.id].hindrance(visit.contact, visit.channel, visit.planned_on),
        )
        for (visit, _, person), identity, details in zip(rows, opened[: len(rows)], opened[len(rows) :], strict=True)
        if identity is not None and details is not None
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
