"""Asking for consent, and what ends it."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.vocabulary import Purpose
from sqlmodel import Session

from intake.commands.effects import follow, prove
from intake.commands.people import person_of
from intake.model.consents import (
    Asked,
    Consent,
    ConsentNotEnded,
    ConsentNotGiven,
    DeclineReason,
    FormAlreadyEntered,
    OnPaper,
    Others,
    must_name_recipient,
)
from intake.model.effects import EffectUnknown
from intake.model.table import EntryIdTaken
from intake.queries import consents as queries
from intake.queries.consents import OTHERS
from intake.queries.effects import Proof
from intake.queries.people import entries_of
from intake.queries.texts import text_of


def give_consent(
    session: Session, person_id: UUID, purpose: Purpose, asked: Asked, *, by: Actor, at: datetime
) -> Consent:
    """Records that the person agreed to one purpose. The same answer again changes nothing."""
    person, answer = (
        person_of(session, person_id),
        _answer(session, person_id, purpose, asked, given=True, by=by, at=at),
    )
    if known := _known(session, answer, asked):
        return known
    last, text = queries.last_given(session, person_id, purpose, asked.recipient), text_of(purpose, asked.text_version)
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
    """Records that the person was asked and said no. The same answer again changes nothing."""
    person, answer = (
        person_of(session, person_id),
        _answer(session, person_id, purpose, asked, given=False, by=by, at=at),
    )
    answer.decline_reason = reason
    if known := _known(session, answer, asked):
        return known
    last = queries.last_given(session, person_id, purpose, asked.recipient)
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


def _answer(
    session: Session, person_id: UUID, purpose: Purpose, asked: Asked, *, given: bool, by: Actor, at: datetime
) -> Consent:
    sheet = asked.on_paper
    return Consent(
        id=asked.id,
        site=by.site,
        person=person_id,
        purpose=purpose,
        recipient=asked.recipient,
        given=given,
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


def _known(session: Session, answer: Consent, asked: Asked) -> Consent | None:
    """The answer that is known under this id. Raises EntryIdTaken when it says something else."""
    known = session.get(Consent, asked.id)
    if known is None:
        _must_be_new(session, asked.on_paper)
    elif not known.same_as(answer) or queries.others_of(session, known) != asked.others():
        raise EntryIdTaken
    return known


def _must_be_new(session: Session, sheet: OnPaper | None) -> None:
    if sheet is None:
        return
    in_turn(session, sheet.form_number)
    if queries.form_entered(session, sheet.form_number):
        raise FormAlreadyEntered


def _sealed(session: Session, person_id: UUID, others: Others) -> bytes | None:
    if others == Others():
        return None
    return vault_of(session).seal(person_id, OTHERS, others.model_dump_json(exclude_none=True).encode())
