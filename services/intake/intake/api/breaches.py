"""The register of breaches over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line, Text
from chassis.identity import Actor, Now, requires
from chassis.routes import Router
from contracts.vocabulary import Role
from fastapi.responses import PlainTextResponse
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from intake.commands import breaches as commands
from intake.model.breaches import Breach, DataKind, Known, Report, Told
from intake.queries import breaches as queries

router = Router()
Officer = Annotated[Actor, requires(Role.PRIVACY_OFFICER)]


class Findings(Form):
    """What is known of a breach. How many people it concerns may not be known yet."""

    kinds: Annotated[frozenset[DataKind], Field(min_length=1)]
    people_count: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    description: Text
    handling: Text


class BreachIn(Findings):
    """The same, and when it was discovered: from then on the clock runs."""

    discovered_at: AwareDatetime


class AmendmentIn(Findings):
    """What is known by now, and what the officer saw."""

    instead_of: Findings


class ToldIn(Form):
    """When somebody was told, and for the authority, which body."""

    told_at: AwareDatetime
    authority: Line | None = None


class BreachOut(BaseModel):
    """A breach, and how much time is left to tell everybody."""

    breach: UUID
    discovered_at: datetime
    due_at: datetime
    hours_left: float | None
    """Below zero when it is too late; null once both were told."""
    overdue: bool
    """Not everybody was told yet, and the time is over."""
    told_late: bool
    kinds: list[DataKind]
    people_count: int | None
    description: str
    handling: str
    people_told_at: datetime | None
    authority_told_at: datetime | None
    authority: str | None


@router.get("/breaches")
def read_breaches(session: Transaction, by: Officer, at: Now) -> list[BreachOut]:
    """Every breach, the latest first."""
    return [_breach_out(session, breach, at) for breach in queries.breaches(session)]


@router.put("/breaches/{breach}", status_code=201)
def open_breach(breach: UUID, sent: BreachIn, session: Transaction, by: Officer, at: Now) -> BreachOut:
    """Personal data were exposed, lost or changed."""
    found = Breach(
        id=breach,
        site=by.site,
        discovered_at=sent.discovered_at,
        kinds=sorted(sent.kinds),
        people_count=sent.people_count,
        report=b"",
        opened_at=at,
        opened_by=by.id,
    )
    return _breach_out(session, commands.open_breach(session, found, _report(sent)), at)


@router.put("/breaches/{breach}/findings", status_code=201)
def amend_breach(breach: UUID, sent: AmendmentIn, session: Transaction, by: Officer, at: Now) -> BreachOut:
    """More is known by now."""
    amended = commands.amend_breach(session, breach, _known(sent), seen=_known(sent.instead_of))
    return _breach_out(session, amended, at)


@router.put("/breaches/{breach}/told/{whom}", status_code=201)
def tell_of_breach(breach: UUID, whom: Told, sent: ToldIn, session: Transaction, by: Officer, at: Now) -> BreachOut:
    """The people concerned, or the authority, were told."""
    told = commands.tell_of_breach(session, breach, whom, sent.told_at, sent.authority, at=at)
    return _breach_out(session, told, at)


@router.get("/breaches/{breach}/letter", response_class=PlainTextResponse)
def read_letter(breach: UUID, session: Transaction, by: Officer) -> str:
    """What is written to those who must be told."""
    return queries.letter_of(session, queries.breach_of(session, breach))


def _known(sent: Findings) -> Known:
    return [str(kind) for kind in sorted(sent.kinds)], sent.people_count, _report(sent)


def _report(sent: Findings) -> Report:
    return Report(description=sent.description, handling=sent.handling)


def _breach_out(session: Session, breach: Breach, at: datetime) -> BreachOut:
    left = breach.hours_left(at)
    return BreachOut(
        breach=breach.id,
        due_at=breach.due_at,
        hours_left=None if left is None else round(left, 1),
        overdue=left is not None and left < 0,
        told_late=breach.late,
        authority=queries.authority_of(session, breach),
        **queries.report_of(session, breach).model_dump(),
        **breach.model_dump(include={"discovered_at", "kinds", "people_count", "people_told_at", "authority_told_at"}),
    )
