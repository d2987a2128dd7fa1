"""Looking up what people agreed to."""

from datetime import date
from uuid import UUID

from chassis.vault import Shredded, vault_of
from contracts.vocabulary import Purpose
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from intake.model.consents import Consent, ConsentEnd, Others
from intake.model.people import Person, PersonNotHere

OTHERS = "consent.others"
"""The place that sealed values are bound to."""
EXPIRE_AT_ONCE_MAX = 500


def last_given(session: Session, person_id: UUID, purpose: Purpose, recipient: str | None) -> Consent | None:
    """The latest time the person agreed to this, whether or not it has ended since."""
    query = _answers(person_id, purpose, recipient).where(col(Consent.given)).order_by(col(Consent.epoch).desc())
    return session.exec(query.limit(1).execution_options(populate_existing=True)).first()


def last_ended(session: Session, person_id: UUID, purpose: Purpose, recipient: str | None) -> Consent | None:
    """The latest time that this was taken back or ran out, whether or not the person agreed again since."""
    query = _answers(person_id, purpose, recipient).where(
        col(Consent.end).in_([ConsentEnd.WITHDRAWN, ConsentEnd.EXPIRED])
    )
    return session.exec(query.order_by(col(Consent.epoch).desc()).limit(1)).first()


def last_said_no_on(session: Session, person_id: UUID, purpose: Purpose, recipient: str | None) -> date | None:
    """The latest day on which the person declined this or took it back."""
    days = (answer.said_no_on for answer in session.exec(_answers(person_id, purpose, recipient)))
    return max((day for day in days if day), default=None)


def _answers(person_id: UUID, purpose: Purpose, recipient: str | None) -> SelectOfScalar[Consent]:
    to = Consent.recipient == recipient if recipient else col(Consent.recipient).is_(None)
    return select(Consent).where(Consent.person == person_id, Consent.purpose == purpose, to)


def consents_of(session: Session, person_id: UUID) -> list[Consent]:
    """Every answer of a person, oldest first."""
    return list(session.exec(select(Consent).where(Consent.person == person_id).order_by(col(Consent.answered_at))))


def others_of(session: Session, consent: Consent) -> Others:
    """Who else was there when the answer was given. Raises PersonNotHere once the person was erased."""
    if consent.others is None:
        return Others()
    try:
        return Others.model_validate_json(vault_of(session).open(consent.person, OTHERS, consent.others))
    except Shredded:
        raise PersonNotHere from None


def form_entered(session: Session, form_number: str) -> bool:
    """Whether an answer on this sheet is known."""
    return session.exec(select(Consent.id).where(Consent.form_number == form_number)).first() is not None


def expiring(session: Session, until: date) -> list[Consent]:
    """What stands and runs out up to a day, the next to run out first."""
    query = select(Consent).where(col(Consent.given), col(Consent.ended_at).is_(None), col(Consent.expires_on) <= until)
    return list(session.exec(query.order_by(col(Consent.expires_on), col(Consent.id))))


def people_with_lapsed(session: Session, before: date) -> list[UUID]:
    """Whose consents ran out before a day, locked until the commit; who is busy now is left for the next time."""
    lapsed = select(Consent.person).where(
        col(Consent.given), col(Consent.ended_at).is_(None), col(Consent.expires_on) < before
    )
    query = select(Person.id).where(col(Person.id).in_(lapsed)).order_by(col(Person.id)).limit(EXPIRE_AT_ONCE_MAX)
    return list(session.exec(query.with_for_update(skip_locked=True)))


def standing(session: Session, person_id: UUID) -> list[Consent]:
    """What a person agreed to and has not ended, lapsed or not."""
    query = select(Consent).where(Consent.person == person_id, col(Consent.given), col(Consent.ended_at).is_(None))
    return list(session.exec(query.execution_options(populate_existing=True)))


def by_end_event(session: Session, events: list[UUID]) -> list[Consent]:
    """The consents whose ends these events said."""
    return list(session.exec(select(Consent).where(col(Consent.end_event).in_(events))))
