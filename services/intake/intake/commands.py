"""What intake does: each function is one thing that staff can do, with its fact and its event in one transaction."""

from datetime import date, datetime
from uuid import UUID, uuid4

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from contracts.intake import ReentryReason
from contracts.vocabulary import Purpose, ReleaseMode
from sqlmodel import Session

from intake import queries
from intake.model import (
    Consent,
    ConsentNotGiven,
    Person,
    PersonIdTaken,
    PersonNotHere,
    PersonNotReleased,
    Release,
    ReleaseIdTaken,
)


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


def give_consent(
    session: Session, person_id: UUID, purpose: Purpose, recipient: str | None, *, text: str, by: Actor, at: datetime
) -> Consent:
    """Records that the person agreed to one purpose."""
    answer, last = _answer(session, person_id, purpose, recipient, text=text, by=by, at=at)
    publish(session, answer.give(last))
    session.add(answer)
    return answer


def decline_consent(
    session: Session, person_id: UUID, purpose: Purpose, recipient: str | None, *, text: str, by: Actor, at: datetime
) -> Consent:
    """Records that the person was asked and said no."""
    answer, last = _answer(session, person_id, purpose, recipient, text=text, by=by, at=at)
    publish(session, answer.decline(last))
    session.add(answer)
    return answer


def withdraw_consent(
    session: Session, person_id: UUID, purpose: Purpose, recipient: str | None, *, by: Actor, at: datetime
) -> Consent:
    """Takes a consent back."""
    _person(session, person_id)
    consent = queries.last_given(session, person_id, purpose, recipient)
    if consent is None:
        raise ConsentNotGiven
    publish(session, consent.withdraw(by=by.id, at=at))
    return consent


def release_person(
    session: Session, person_id: UUID, release_id: UUID, on: date, mode: ReleaseMode, *, by: Actor, at: datetime
) -> Release:
    """Ends a stay. The same release again changes nothing."""
    person = _person(session, person_id)
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
    person = _person(session, person_id)
    release = queries.open_release(session, person_id)
    if person.inside or release is None:
        raise PersonNotReleased
    publish(session, release.reenter(person, on, reason, by=by.id, at=at))
    return release


def _person(session: Session, person_id: UUID) -> Person:
    # Locked: two answers of one person are taken one after the other, so epochs cannot collide.
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise PersonNotHere
    return person


def _answer(
    session: Session, person_id: UUID, purpose: Purpose, recipient: str | None, *, text: str, by: Actor, at: datetime
) -> tuple[Consent, Consent | None]:
    person = _person(session, person_id)
    answer = Consent(
        id=uuid4(),
        site=person.site,
        person=person_id,
        purpose=purpose,
        recipient=recipient,
        given=False,
        epoch=0,
        text_version=text,
        answered_at=at,
        answered_by=by.id,
    )
    return answer, queries.last_given(session, person_id, purpose, recipient)
