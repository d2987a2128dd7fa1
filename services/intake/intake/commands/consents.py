"""Asking for consent, and taking it back."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.identity import Actor
from chassis.outbox import publish
from contracts.vocabulary import Purpose
from sqlmodel import Session

from intake.commands.people import person_of
from intake.model.consents import Consent, ConsentNotGiven
from intake.queries import consents as queries
from intake.queries.people import entries_of


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
    person_of(session, person_id)
    consent = queries.last_given(session, person_id, purpose, recipient)
    if consent is None:
        raise ConsentNotGiven
    publish(session, consent.withdraw(by=by.id, at=at))
    # What stood at an entry of the same person that was merged into this one ends with it.
    for entry in entries_of(session, person_id)[1:]:
        other = queries.last_given(session, entry, purpose, recipient)
        if other and other.withdrawn_at is None:
            publish(session, other.withdraw(by=by.id, at=at))
    return consent


def _answer(
    session: Session, person_id: UUID, purpose: Purpose, recipient: str | None, *, text: str, by: Actor, at: datetime
) -> tuple[Consent, Consent | None]:
    person = person_of(session, person_id)
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
