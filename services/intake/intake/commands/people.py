"""Entering somebody in the register, letting them go, and taking them in again."""

from datetime import date, datetime
from uuid import UUID, uuid4

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.intake import ReentryReason
from contracts.vocabulary import ReleaseMode
from sqlmodel import Session

from intake.model.people import (
    Identity,
    Person,
    PersonIdTaken,
    PersonNotHere,
    PersonNotReleased,
    RegisterEntry,
    Release,
    ReleaseIdTaken,
)
from intake.queries import people as queries
from intake.queries.people import IDENTITY, NUMBER


def register_person(session: Session, person: Person, identity: Identity, number: str) -> Person:
    """Enters a person in the register. The same entry again changes nothing."""
    in_turn(session, person.id)
    if known := session.get(Person, person.id):
        if not known.same_as(person) or _told(session, known) != (identity, number):
            raise PersonIdTaken
        return known
    person.identity = seal_identity(session, person.id, identity)
    session.add(person)
    session.flush()
    session.add(
        RegisterEntry(
            id=uuid4(),
            site=person.site,
            person=person.id,
            number=vault_of(session).seal(person.id, NUMBER, number.encode()),
            blind=vault_of(session).blind(NUMBER, number),
            entered_at=person.registered_at,
            entered_by=person.registered_by,
        )
    )
    publish(session, person.register())
    return person


def _told(session: Session, known: Person) -> tuple[Identity, str]:
    return queries.identity_of(session, known), queries.numbers_of(session, known.id)[0]


def seal_identity(session: Session, person_id: UUID, identity: Identity) -> bytes:
    """An identity as it is kept."""
    return vault_of(session).seal(person_id, IDENTITY, identity.model_dump_json(exclude_defaults=True).encode())


def release_person(
    session: Session, person_id: UUID, release_id: UUID, on: date, mode: ReleaseMode, *, by: Actor, at: datetime
) -> Release:
    """Ends a stay. The same release again changes nothing."""
    person = person_of(session, person_id)
    if known := session.get(Release, release_id):
        if (known.person, known.released_on, known.mode) != (person_id, on, mode):
            raise ReleaseIdTaken
        return known
    release = person.release(release_id, on, mode, by=by.id, at=at)
    session.add(release)
    publish(session, release.told())
    return release


def reenter_person(
    session: Session, person_id: UUID, on: date, reason: ReentryReason, *, by: Actor, at: datetime
) -> Release:
    """Takes somebody in again who had left."""
    person = person_of(session, person_id)
    release = queries.open_release(session, person_id)
    if person.inside or release is None:
        raise PersonNotReleased
    publish(session, release.reenter(person, on, reason, by=by.id, at=at))
    return release


def person_of(session: Session, person_id: UUID) -> Person:
    """The person, locked until the commit."""
    # Locked: two answers of one person are taken one after the other, so epochs cannot collide.
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.identity is None:
        raise PersonNotHere
    return person
