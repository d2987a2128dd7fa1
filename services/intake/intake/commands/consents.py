"""Asking for consent, and what ends it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.vocabulary import Purpose
from sqlmodel import Session

from intake.commands.effects import follow, prove
from intake.commands.people import person_of
from intake.model.consents import (
    AnswerIdTaken,
    Asked,
    Consent,
    ConsentNotEnded,
    ConsentNotGiven,
    DeclineReason,
    FormAlreadyEntered,
    Others,
    must_name_recipient,
)
from intake.model.effects import EffectUnknown
from intake.model.people import Person, PersonNotHere
from intake.queries import consents as queries
from intake.queries.consents import OTHERS
from intake.queries.effects import Proof
from intake.queries.people import entries_of
from intake.queries.texts import text_of


def give_consent(
    session: Session, person_id: UUID, purpose: Purpose, asked: Asked, *, by: Actor, at: datetime
) -> Consent:
    """Records that the person agreed to one purpose."""
    if known := _known(session, person_id, purpose, asked, given=True):
        return known
    answer, last, person = _answer(session, person_id, purpose, asked, by=by, at=at)
    text = text_of(purpose, asked.text_version)
    if last:
        _expire(session, last, at)
    said_no_on = queries.last_said_no_on(session, person_id, purpose, asked.recipient)
    publish(session, answer.give(last, text, asked.others(), person, said_no_on))
    # What is renewed ends before its successor stands: at no time do two.
    session.flush()
    session.add(answer)
    return answer


def decline_consent(
    session: Session,
    person_id: UUID,
    purpose: Purpose,
    asked: Asked,
    reason: DeclineReason | None = None,
    *,
    by: Actor,
    at: datetime,
) -> Consent:
    """Records that the person was asked and said no."""
    if known := _known(session, person_id, purpose, asked, given=False):
        return known
    answer, last, person = _answer(session, person_id, purpose, asked, by=by, at=at)
    answer.decline_reason = reason
    publish(session, answer.decline(last, text_of(purpose, asked.text_version), person))
    session.add(answer)
    return answer


def withdraw_consent(
    session: Session, person_id: UUID, purpose: Purpose, recipient: str | None, *, by: Actor, at: datetime
) -> Consent:
    """Takes a consent back; from now on it is followed until everybody has heard."""
    person_of(session, person_id)
    must_name_recipient(purpose, recipient)
    consent = queries.last_given(session, person_id, purpose, recipient)
    if consent is None:
        raise ConsentNotGiven
    others = [queries.last_given(session, entry, purpose, recipient) for entry in entries_of(session, person_id)[1:]]
    # What stood at an entry of the same person that was merged into this one ends with it.
    for ended in (consent, *(other for other in others if other and other.ended_at is None)):
        told = ended.withdraw(by=by.id, at=at)
        publish(session, told)
        follow(session, told.event_id, at)
    return consent


def expire_consents(session: Session, now: datetime) -> None:
    """Ends what has run out."""
    # By everybody's calendar: the rule itself knows whose day is over.
    tomorrow = (now + timedelta(days=1)).date()
    for person_id in queries.people_with_lapsed(session, before=tomorrow):
        for consent in queries.standing(session, person_id):
            _expire(session, consent, now)


def prove_end(
    session: Session, person_id: UUID, purpose: Purpose, recipient: str | None, now: datetime
) -> tuple[Consent, Proof]:
    """The latest end of a consent, and who has heard of it by now."""
    must_name_recipient(purpose, recipient)
    consent = queries.last_ended(session, person_id, purpose, recipient)
    if consent is None:
        raise ConsentNotEnded
    if consent.end_event is None:  # it ended before ends were followed
        raise EffectUnknown
    return consent, prove(session, consent.end_event, now)


def _expire(session: Session, consent: Consent, at: datetime) -> None:
    if told := consent.expire(at):
        publish(session, told)
        follow(session, told.event_id, at)


def _known(session: Session, person_id: UUID, purpose: Purpose, asked: Asked, *, given: bool) -> Consent | None:
    """The answer that was sent under this id before. Raises AnswerIdTaken when that was another one."""
    person_of(session, person_id)
    known = session.get(Consent, asked.id) if asked.id else None
    said = (person_id, purpose, asked.recipient, given)
    if known and (known.person, known.purpose, known.recipient, known.given) != said:
        raise AnswerIdTaken
    return known


def _answer(
    session: Session, person_id: UUID, purpose: Purpose, asked: Asked, *, by: Actor, at: datetime
) -> tuple[Consent, Consent | None, Person]:
    person = person_of(session, person_id)
    if person.identity is None:  # erased: nothing is asked of them any more
        raise PersonNotHere
    sheet = asked.on_paper
    if sheet:
        in_turn(session, sheet.form_number)
        if queries.form_entered(session, sheet.form_number):
            raise FormAlreadyEntered
    answer = Consent(
        id=asked.id or uuid4(),
        site=person.site,
        person=person_id,
        purpose=purpose,
        recipient=asked.recipient,
        given=False,
        epoch=0,
        text_version=text_of(purpose, asked.text_version).version,
        language=asked.language,
        understands=asked.understands,
        others=_sealed(session, person_id, asked.others()),
        signed_on=sheet.signed_on if sheet else None,
        form_number=sheet.form_number if sheet else None,
        answered_at=at,
        answered_by=by.id,
    )
    return answer, queries.last_given(session, person_id, purpose, asked.recipient), person


def _sealed(session: Session, person_id: UUID, others: Others) -> bytes | None:
    if others == Others():
        return None
    return vault_of(session).seal(person_id, OTHERS, others.model_dump_json(exclude_none=True).encode())
