"""Looking up who stands surety."""

from uuid import UUID

from sqlmodel import Session, col, select

from intake.model.guarantors import Guarantee


def open_guarantee(session: Session, contact_id: UUID) -> Guarantee | None:
    """What a contact has not taken back, confirmed or not."""
    query = select(Guarantee).where(Guarantee.contact == contact_id, col(Guarantee.withdrawn_at).is_(None))
    return session.exec(query).first()


def has_guarantor(session: Session, person_id: UUID) -> bool:
    """Whether somebody stands surety for this person now: the letter is here, and the village head signed it."""
    query = (
        select(Guarantee.id)
        .where(Guarantee.person == person_id)
        .where(col(Guarantee.confirmed_at).is_not(None), col(Guarantee.withdrawn_at).is_(None))
        .limit(1)
    )
    return session.exec(query).first() is not None
