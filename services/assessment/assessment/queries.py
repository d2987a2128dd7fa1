"""What assessment can be asked."""

from uuid import UUID

from sqlmodel import Session, col, select

from assessment.model import NeedsAssessment


def latest_of(session: Session, person: UUID) -> NeedsAssessment | None:
    """A person's latest assessment."""
    query = select(NeedsAssessment).where(NeedsAssessment.person == person)
    return session.exec(query.order_by(col(NeedsAssessment.completed_at).desc()).limit(1)).first()
