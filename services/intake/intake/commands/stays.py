"""Letting people go, and taking them in again."""

from datetime import date, datetime
from uuid import UUID, uuid4

from chassis.identity import Actor
from chassis.outbox import publish
from contracts.intake import ReentryReason
from contracts.vocabulary import ReleaseMode
from sqlmodel import Session

from intake.commands.people import person_of
from intake.model.people import Person, PersonNotInside
from intake.model.stays import PersonNotReleased, Release, ReleaseIdTaken
from intake.model.transfers import TransferStillOpen
from intake.queries import people as register
from intake.queries import stays as queries


def release_person(
    session: Session, person_id: UUID, release_id: UUID, on: date, mode: ReleaseMode, *, by: Actor, at: datetime
) -> Release:
    """Ends a stay. The same release again changes nothing."""
    person = person_of(session, person_id)
    if known := session.get(Release, release_id):
        if (known.person, known.released_on, known.mode) != (person_id, on, mode):
            raise ReleaseIdTaken
        return known
    if queries.open_transfer(session, person_id):
        raise TransferStillOpen
    return end_stay(session, person, release_id, on, mode, by=by, at=at)


def end_stay(
    session: Session, person: Person, release_id: UUID, on: date, mode: ReleaseMode, *, by: Actor, at: datetime
) -> Release:
    """Ends the open stay, and with it what stood in the registers."""
    stay = queries.open_stay(session, person.id)
    if stay is None:
        raise PersonNotInside
    release = stay.release(person, release_id, on, mode, by=by.id, at=at)
    if (entry := register.latest_entry(session, person.id)) and entry.closed_on is None:
        entry.closed_on = on
    session.add(release)
    publish(session, release.told())
    return release


def reenter_person(
    session: Session, person_id: UUID, on: date, reason: ReentryReason, *, by: Actor, at: datetime
) -> Release:
    """Takes somebody in again who had left: another stay, the one before is kept. The same again changes nothing."""
    person = person_of(session, person_id)
    release = queries.latest_release(session, person_id)
    if release is None:
        raise PersonNotReleased
    if person.inside and (release.reentered_on, release.reentry_reason) == (on, reason):
        return release
    stay, told = release.reenter(person, uuid4(), on, reason, by=by.id, at=at)
    session.add(stay)
    publish(session, told)
    return release
