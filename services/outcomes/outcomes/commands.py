"""What outcomes does."""

from datetime import date, datetime
from uuid import UUID

from chassis import gate
from chassis.identity import Actor
from chassis.outbox import publish
from contracts.intake import PersonReentered, PersonReleased
from contracts.vocabulary import Answer, Purpose
from sqlmodel import Session

from outcomes import queries
from outcomes.model import FollowUp, FollowUpCancelledAlready, FollowUpNotHere, Found, Release, ReleaseNotHere, State


def note_release(session: Session, told: PersonReleased) -> None:
    """Somebody left: their follow-ups are scheduled if they agreed to them."""
    release = Release(
        id=told.release_id, site=told.site, person=told.person, released_on=told.released_on, mode=told.mode
    )
    session.add(release)
    session.flush()
    _schedule(session, release, told.occurred_at)


def schedule_follow_ups(session: Session, person: UUID, at: datetime) -> None:
    """Somebody who has left agreed to be asked."""
    if release := queries.open_release(session, person):
        _schedule(session, release, at)


def cancel_follow_ups(session: Session, person: UUID, at: datetime) -> None:
    """Nobody asks this person any more."""
    for follow_up in queries.scheduled_of(session, person):
        publish(session, follow_up.cancel(at))


def record_reentry(session: Session, told: PersonReentered) -> None:
    """Somebody who had left is back."""
    release = session.get(Release, told.release_id, with_for_update=True)
    if release is None:
        raise ReleaseNotHere
    publish(session, release.reenter(told.reentered_on, told.occurred_at))
    cancel_follow_ups(session, told.person, told.occurred_at)


def answer_follow_up(
    session: Session,
    follow_up_id: UUID,
    employed: Answer,
    housed: Answer,
    seen: Found | None = None,
    *,
    on: date,
    by: Actor,
    at: datetime,
) -> FollowUp:
    """Records what a follow-up found."""
    follow_up = session.get(FollowUp, follow_up_id)
    if follow_up is None:
        raise FollowUpNotHere
    # The gate before the row, as a withdrawal locks them, or the two would wait for each other.
    if gate.standing_epoch(session, follow_up.person, Purpose.FOLLOW_UP) is None:
        raise FollowUpCancelledAlready
    session.refresh(follow_up, with_for_update=True)
    if event := follow_up.answer(employed, housed, seen, on=on, by=by.id, at=at):
        publish(session, event)
    return follow_up


def end_observation(session: Session, release_id: UUID, until: date, at: datetime) -> Release:
    """Records until when it is known whether somebody re-entered."""
    release = session.get(Release, release_id, with_for_update=True)
    if release is None:
        raise ReleaseNotHere
    if event := release.observe(until, at):
        publish(session, event)
    return release


def _schedule(session: Session, release: Release, at: datetime) -> None:
    consented = gate.standing_epoch(session, release.person, Purpose.FOLLOW_UP) is not None
    for follow_up in release.schedule(consented=consented, at=at):
        known = session.get(FollowUp, follow_up.id)
        if known is None:
            session.add(follow_up)
            publish(session, follow_up.told())
        elif known.state is State.CANCELLED:
            publish(session, known.reschedule(at))
