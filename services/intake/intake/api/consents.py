"""Consent over HTTP."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Answer, PartnerCode, Purpose, Role
from fastapi import Query
from pydantic import BaseModel, ConfigDict

from intake.commands import consents as commands
from intake.commands.effects import prove
from intake.model.consents import Asked, Consent, ConsentEnd, ConsentNotHere, DeclineReason, Others
from intake.model.days import today
from intake.model.texts import Language
from intake.queries import consents as queries
from intake.queries import effects
from intake.queries.effects import Proof

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR)]
Checker = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.PRIVACY_OFFICER)]
Watcher = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR, Role.PRIVACY_OFFICER)]
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
PrivacyOfficer = Annotated[Actor, requires(Role.PRIVACY_OFFICER)]


class Declined(Asked):
    """What the person was asked, and, if they like to say, why not."""

    reason: DeclineReason | None = None


class Withdrawal(Form):
    """For sharing, with whom it ends."""

    recipient: PartnerCode | None = None


class ConsentOut(BaseModel):
    """One answer."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    purpose: Purpose
    recipient: str | None
    given: bool
    text_version: str
    language: Language
    understands: Answer
    signed_on: date | None
    form_number: str | None
    decline_reason: DeclineReason | None
    answered_at: datetime
    expires_on: date | None
    end: ConsentEnd | None
    ended_at: datetime | None
    withdrawn_at: datetime | None


class ExpiringOut(BaseModel):
    """A consent that runs out soon: whom to ask again, and about what."""

    model_config = ConfigDict(from_attributes=True)

    person: UUID
    purpose: Purpose
    recipient: str | None
    expires_on: date


class ReaderOut(BaseModel):
    """One service, and whether it has done what follows."""

    reader: str
    name: str
    applied_at: datetime | None
    waiting_since: datetime | None
    overdue: bool


class EffectOut(BaseModel):
    """Whether something took effect everywhere, and where not yet: services and their times, and nobody's record."""

    event: UUID
    since_at: datetime
    due_at: datetime
    complete_at: datetime | None
    overdue: bool
    readers: list[ReaderOut]


class ProofOut(EffectOut):
    """The same of the end of a consent."""

    person: UUID
    purpose: Purpose
    recipient: str | None
    end: ConsentEnd
    withdrawn_at: datetime


@router.get("/people/{person}/consents")
def read_consents(person: UUID, session: Transaction, look: Reader) -> list[ConsentOut]:
    """Every answer of a person, oldest first."""
    return [_consent_out(consent) for consent in queries.consents_of(session, person)]


@router.get("/people/{person}/consents/{consent}/others")
def read_others(person: UUID, consent: UUID, session: Transaction, look: Reader) -> Others:
    """Who else was there when this answer was given: witness, interpreter, guardian."""
    found = session.get(Consent, consent)
    if found is None or found.person != person:
        raise ConsentNotHere
    return queries.others_of(session, found)


@router.post("/people/{person}/consents/{purpose}", status_code=201)
def give_consent(
    person: UUID, purpose: Purpose, asked: Asked, session: Transaction, by: Registrar, at: Now
) -> ConsentOut:
    """The person agreed, or agreed again shortly before it runs out."""
    return _consent_out(commands.give_consent(session, person, purpose, asked, by=by, at=at))


@router.post("/people/{person}/consents/{purpose}/declination", status_code=201)
def decline_consent(
    person: UUID, purpose: Purpose, asked: Declined, session: Transaction, by: Registrar, at: Now
) -> ConsentOut:
    """The person said no: an ordinary answer."""
    return _consent_out(commands.decline_consent(session, person, purpose, asked, asked.reason, by=by, at=at))


@router.post("/people/{person}/consents/{purpose}/withdrawal", status_code=201)
def withdraw_consent(
    person: UUID, purpose: Purpose, sent: Withdrawal, session: Transaction, by: Staff, at: Now
) -> ConsentOut:
    """The person took it back."""
    return _consent_out(commands.withdraw_consent(session, person, purpose, sent.recipient, by=by, at=at))


@router.get("/people/{person}/consents/{purpose}/withdrawal-proof")
def read_proof(
    person: UUID, purpose: Purpose, session: Transaction, look: Checker, recipient: PartnerCode | None = None
) -> ProofOut:
    """Which services have done what follows from the latest end of this consent, and which have not."""
    consent, proof = commands.prove_end(session, person, purpose, recipient, look.at)
    return _proof_out(consent, proof, look.at)


@router.get("/consents/expiring")
def read_expiring(
    session: Transaction, by: Staff, at: Now, within_days: Annotated[int, Query(ge=0, le=366)] = 30
) -> list[ExpiringOut]:
    """Whom to ask again: references and purposes, no names."""
    found = queries.expiring(session, today(at) + timedelta(days=within_days))
    return [ExpiringOut.model_validate(consent) for consent in found]


@router.get("/withdrawals/overdue")
def read_overdue(session: Transaction, by: PrivacyOfficer, at: Now) -> list[ProofOut]:
    """Ends of consents that somebody still lacks after 3 x 24 hours."""
    late = {proof.followed.event_id: proof for proof in effects.overdue(session, at)}
    ended = {consent.end_event: consent for consent in queries.by_end_event(session, list(late))}
    return [_proof_out(ended[event], proof, at) for event, proof in late.items() if event in ended]


@router.get("/withdrawals/{event}")
def read_effect(event: UUID, session: Transaction, by: Watcher, at: Now) -> EffectOut:
    """How far one end of a consent has come, for a page that watches it: it says of whom to nobody."""
    return _effect_out(prove(session, event, at), at)


def _consent_out(consent: Consent) -> ConsentOut:
    return ConsentOut.model_validate(consent)


def _proof_out(consent: Consent, proof: Proof, now: datetime) -> ProofOut:
    assert consent.end
    return ProofOut(
        **_effect_out(proof, now).model_dump(),
        person=consent.person,
        purpose=consent.purpose,
        recipient=consent.recipient,
        end=consent.end,
        withdrawn_at=proof.followed.since_at,
    )


def _effect_out(proof: Proof, now: datetime) -> EffectOut:
    followed = proof.followed
    return EffectOut(
        event=followed.event_id,
        since_at=followed.since_at,
        due_at=followed.due_at,
        complete_at=followed.complete_at,
        overdue=followed.overdue(now),
        readers=[
            ReaderOut(
                reader=effect.reader,
                name=effect.name,
                applied_at=effect.applied_at,
                waiting_since=None if effect.applied_at else followed.since_at,
                overdue=effect.applied_at is None and now > followed.due_at,
            )
            for effect in proof.effects
        ],
    )
