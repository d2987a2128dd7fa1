"""Looking up people and their stays."""

from uuid import UUID

from sqlmodel import Session, col, select

from intake.model.people import Release


def open_release(session: Session, person_id: UUID) -> Release | None:
    """The release of somebody who has not come back."""
    query = select(Release).where(Release.person == person_id, col(Release.reentered_on).is_(None)).limit(1)
    return session.exec(query).first()
