"""Consent over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from contracts.vocabulary import PartnerCode, Purpose, Role
from fastapi import APIRouter
from pydantic import BaseModel

from intake.commands import consents as commands
from intake.model.consents import Consent
from intake.queries import consents as queries

router = APIRouter()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR)]
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]


class Asked(Form):
    """What the person was shown, and for sharing, with whom."""

    text_version: Line
    recipient: PartnerCode | None = None


class Withdrawal(Form):
    """For sharing, with whom it ends."""

    recipient: PartnerCode | None = None


class ConsentOut(BaseModel):
    """One answer."""

    purpose: Purpose
    recipient: str | None
    given: bool
    answered_at: datetime
    withdrawn_at: datetime | None


@router.get("/people/{person}/consents")
def read_consents(person: UUID, session: Transaction, look: Reader) -> list[ConsentOut]:
    """Every answer of a person, oldest first."""
    return [_consent_out(consent) for consent in queries.consents_of(session, person)]


@router.post("/people/{person}/consents/{purpose}", status_code=201)
def give_consent(
    person: UUID, purpose: Purpose, asked: Asked, session: Transaction, by: Registrar, at: Now
) -> ConsentOut:
    """The person agreed."""
    return _consent_out(
        commands.give_consent(session, person, purpose, asked.recipient, text=asked.text_version, by=by, at=at)
    )


@router.post("/people/{person}/consents/{purpose}/declination", status_code=201)
def decline_consent(
    person: UUID, purpose: Purpose, asked: Asked, session: Transaction, by: Registrar, at: Now
) -> ConsentOut:
    """The person said no: an ordinary answer."""
    return _consent_out(
        commands.decline_consent(session, person, purpose, asked.recipient, text=asked.text_version, by=by, at=at)
    )


@router.post("/people/{person}/consents/{purpose}/withdrawal", status_code=201)
def withdraw_consent(
    person: UUID, purpose: Purpose, sent: Withdrawal, session: Transaction, by: Staff, at: Now
) -> ConsentOut:
    """The person took it back."""
    return _consent_out(commands.withdraw_consent(session, person, purpose, sent.recipient, by=by, at=at))


def _consent_out(consent: Consent) -> ConsentOut:
    return ConsentOut(**consent.model_dump(include=set(ConsentOut.model_fields)))
