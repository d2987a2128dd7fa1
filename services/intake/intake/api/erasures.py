"""Erasure over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Role
from fastapi import Response
from pydantic import BaseModel

from intake.commands import erasures as commands
from intake.model.erasures import Decision, Erasure, ErasureGround, ErasureOutcome, HoldArticle
from intake.queries import certificates
from intake.queries import erasures as queries

router = Router()
Recorder = Annotated[Actor, requires(Role.REGISTRAR, Role.PRIVACY_OFFICER)]
Officer = Annotated[Actor, requires(Role.PRIVACY_OFFICER)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.PRIVACY_OFFICER)]


class ErasureIn(Form):
    """What the person asked for, and when."""

    received_on: date
    ground: ErasureGround


class DecisionIn(Form):
    """What was decided, by which article data are kept, and until when if that is known."""

    outcome: ErasureOutcome
    article: HoldArticle | None = None
    until_on: date | None = None


class ErasureOut(BaseModel):
    """A request and what became of it."""

    erasure: UUID
    person: UUID
    number: str
    ground: ErasureGround
    received_on: date
    outcome: ErasureOutcome | None
    article: HoldArticle | None
    until_on: date | None
    decided_at: datetime | None


@router.put("/people/{person}/erasures/{erasure}", status_code=201)
def request_erasure(
    person: UUID, erasure: UUID, sent: ErasureIn, session: Transaction, by: Recorder, at: Now
) -> ErasureOut:
    """The person asks to be erased."""
    asked = Erasure(id=erasure, site=by.site, person=person, recorded_at=at, recorded_by=by.id, **sent.model_dump())
    return _erasure_out(commands.request_erasure(session, asked))


@router.put("/people/{person}/erasures/{erasure}/decision", status_code=201)
def decide_erasure(
    person: UUID, erasure: UUID, sent: DecisionIn, session: Transaction, by: Officer, at: Now
) -> ErasureOut:
    """Decides on it, and carries the decision out."""
    decision = Decision(**sent.model_dump())
    return _erasure_out(commands.decide_erasure(session, person, erasure, decision, by=by, at=at))


@router.get("/erasures")
def list_erasures(session: Transaction, by: Officer) -> list[ErasureOut]:
    """The requests that wait for a decision, the oldest first, then the latest that have one: references, no names."""
    return [_erasure_out(erasure) for erasure in queries.listed(session)]


@router.get("/people/{person}/erasures")
def read_erasures(person: UUID, session: Transaction, look: Reader) -> list[ErasureOut]:
    """Every request of a person."""
    return [_erasure_out(erasure) for erasure in queries.erasures_of(session, person)]


@router.get("/people/{person}/erasures/{erasure}/certificate")
def read_certificate(person: UUID, erasure: UUID, session: Transaction, look: Reader) -> dict[str, Any]:
    """The decision and the proof that it took effect, for the person."""
    return certificates.certificate_of(session, commands.follow_erasure(session, person, erasure, look.at))


@router.get("/people/{person}/erasures/{erasure}/certificate.pdf", response_class=Response)
def print_certificate(person: UUID, erasure: UUID, session: Transaction, look: Reader) -> Response:
    """The same on paper."""
    certificate = certificates.certificate_of(session, commands.follow_erasure(session, person, erasure, look.at))
    return Response(certificates.as_pdf(certificate), media_type="application/pdf")


def _erasure_out(erasure: Erasure) -> ErasureOut:
    kept = set(ErasureOut.model_fields) - {"erasure", "number"}
    return ErasureOut(erasure=erasure.id, number=erasure.number, **erasure.model_dump(include=kept))
