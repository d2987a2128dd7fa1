"""Looking up who stands surety."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from intake.model.guarantors import Guarantee


def open_guarantee(session: Session, contact_id: UUID) -> Guarantee | None:
    """What a contact has not taken back, confirmed or not."""
    query = select(Guarantee).where(Guarantee.contact == contact_id, col(Guarantee.withdrawn_at).is_(None))
    return session.exec(query).first()


def stands_since(session: Session, contact_id: UUID) -> date | None:
    """Since when a contact stands surety: the letter is here, and the village head signed it."""
    guarantee = open_guarantee(session, contact_id)
    return guarantee.stands_since if guarantee else None
