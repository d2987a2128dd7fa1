"""What outcomes can be asked."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from outcomes.model import FollowUp, Release, State


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
