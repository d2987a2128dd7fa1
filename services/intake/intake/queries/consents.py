"""Looking up what people agreed to."""

from uuid import UUID

from contracts.vocabulary import Purpose
from sqlmodel import Session, col, select

from intake.model.consents import Consent


def last_given(session: Session, person_id: UUID, purpose: Purpose, recipient: str | None) -> Consent | None:
    """The latest time the person agreed to this, whether or not they took it back since."""
    query = (
        select(Consent)
        .where(Consent.person == person_id, Consent.purpose == purpose, col(Consent.given))
        .where(Consent.recipient == recipient if recipient else col(Consent.recipient).is_(None))
        .order_by(col(Consent.epoch).desc())
        .limit(1)
    )
    return session.exec(query).first()


def standing(session: Session, person_id: UUID) -> list[Consent]:
    """What the person agreed to and did not take back."""
    return [c for c in consents_of(session, person_id) if c.given and c.withdrawn_at is None]


def consents_of(session: Session, person_id: UUID) -> list[Consent]:
    """Every answer of a person, oldest first."""
    return list(session.exec(select(Consent).where(Consent.person == person_id).order_by(col(Consent.answered_at))))
