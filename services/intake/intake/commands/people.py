"""Entering somebody in the register, letting them go, and taking them in again."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from contracts.intake import ReentryReason
from contracts.vocabulary import ReleaseMode
from sqlmodel import Session

from intake.model.people import Person, PersonIdTaken, PersonNotHere, PersonNotReleased, Release, ReleaseIdTaken
from intake.queries import people as queries


def register_person(session: Session, person: Person) -> Person:
    """Enters a person in the register. The same entry again changes nothing."""
    in_turn(session, person.id)
    if known := session.get(Person, person.id):
        if not known.same_as(person):
            raise PersonIdTaken
        return known
    session.add(person)
    publish(session, person.register())
    return person


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
    if person is None:
        raise PersonNotHere
    return person
