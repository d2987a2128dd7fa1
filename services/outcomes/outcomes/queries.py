"""What outcomes can be asked."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from outcomes.model import FollowUp, FollowUpNotHere, Release, State

AT_ONCE = 100


def open_release(session: Session, person: UUID) -> Release | None:
    """The latest release of somebody who has not come back."""
    query = select(Release).where(Release.person == person, col(Release.reentered_on).is_(None))
    return session.exec(query.order_by(col(Release.released_on).desc()).limit(1).with_for_update()).first()


def scheduled_of(session: Session, person: UUID) -> list[FollowUp]:
    """What is still to be asked of a person."""
    query = select(FollowUp).where(FollowUp.person == person, FollowUp.state == State.SCHEDULED)
    return list(session.exec(query.with_for_update()).all())


def due(session: Session, on: date) -> list[FollowUp]:
    """What is due on a day or overdue, the oldest first."""
    query = select(FollowUp).where(FollowUp.state == State.SCHEDULED, FollowUp.due_on <= on)
    return list(session.exec(query.order_by(col(FollowUp.due_on)).limit(500)).all())


def follow_up(session: Session, follow_up_id: UUID) -> FollowUp:
    """One follow-up. Raises FollowUpNotHere."""
    found = session.get(FollowUp, follow_up_id)
    if found is None:
        raise FollowUpNotHere
    return found


def follow_ups_of(session: Session, person: UUID) -> Sequence[FollowUp]:
    """Every time that somebody is asked, the newest release first, then by day."""
    query = select(FollowUp).join(Release).where(FollowUp.person == person)
    order = (col(Release.released_on).desc(), col(FollowUp.due_on), col(FollowUp.id))
    return session.exec(query.order_by(*order).limit(AT_ONCE)).all()


def releases_of(session: Session, person: UUID) -> Sequence[Release]:
    """Every time that somebody left, the newest first."""
    query = select(Release).where(Release.person == person)
    return session.exec(query.order_by(col(Release.released_on).desc(), col(Release.id)).limit(AT_ONCE)).all()
