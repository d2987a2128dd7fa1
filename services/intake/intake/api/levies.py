"""What is free, and how to say that something was asked for it: open to everybody, also without an account."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.errors import Unauthenticated
from chassis.forms import Form, Line, Text
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.intake import LevyStep
from contracts.vocabulary import Role
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field, StringConstraints

from intake.commands import levies as commands
from intake.model.levies import FREE_SERVICES, HOW_TO_REPORT, FreeService, LevyReport, Told, hash_of, new_receipt
from intake.queries import levies as queries

router = Router()
Inspector = Annotated[Actor, requires(Role.INSPECTOR)]
Reader = Annotated[Look, looks("report", Role.INSPECTOR)]
Token = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


class ReportIn(Form):
    """What was asked, at which step. Only the step must be said."""

    step: LevyStep
    anonymous: bool = True
    amount: Annotated[int, Field(ge=0, le=10**12)] | None = None
    happened_on: date | None = None
    officers: Annotated[frozenset[UUID], Field(max_length=10)] = frozenset()
    named: Line | None = None
    text: Text | None = None


class ReceiptIn(Form):
    """The code on the receipt."""

    receipt: Annotated[str, StringConstraints(max_length=40)]


class ClosureIn(Form):
    """What the inspector found, and tells the reporter."""

    upheld: bool
    answer: Text


class ReceiptOut(BaseModel):
    """What the reporter keeps: with the receipt they can ask for the answer."""

    report: UUID
    receipt: str


class StateOut(BaseModel):
    """How far a report is, as its reporter sees it."""

    reported_at: datetime
    closed_at: datetime | None
    upheld: bool | None
    answer: str | None


class ReportLine(BaseModel):
    """One report in the inspector's list."""

    report: UUID
    step: LevyStep
    reported_at: datetime
    closed_at: datetime | None
    upheld: bool | None
    late: bool


class ReportOut(ReportLine):
    """One report as the inspector reads it."""

    happened_on: date | None
    officers: list[UUID]
    named: str | None
    amount: int | None
    text: str | None
    reported_by: UUID | None
    answer: str | None


class FreeServices(BaseModel):
    """Every service with its fee, and what to do when something is asked for it."""

    services: tuple[FreeService, ...]
    how_to_report: str


@router.get("/services-and-fees")
def read_services() -> FreeServices:
    """What each service is, how long it takes, and that it is free."""
    return FreeServices(services=FREE_SERVICES, how_to_report=HOW_TO_REPORT)


@router.put("/levy-reports/{report}", status_code=201)
def report_levy(
    report: UUID, sent: ReportIn, request: Request, session: Transaction, token: Token, at: Now
) -> ReceiptOut:
    """Takes a report from anybody."""
    receipt = new_receipt()
    told = Told(
        **sent.model_dump(include={"officers", "named", "amount", "text"}),
        # Who stays anonymous does so although the kiosk or their own session sends a token: it is not even looked at.
        by=None if sent.anonymous else _actor(request, token).id,
        receipt=receipt,
    )
    entry = LevyReport(
        id=report,
        site=session.info["site"],
        step=sent.step,
        happened_on=sent.happened_on,
        anonymous=sent.anonymous,
        told=b"",
        receipt=hash_of(receipt),
        reported_at=at,
    )
    return ReceiptOut(report=report, receipt=commands.report_levy(session, entry, told).receipt)


@router.post("/levy-reports/answers")
def read_answer(sent: ReceiptIn, session: Transaction) -> StateOut:
    """What became of a report, for whoever holds its receipt. The code is in the body, since addresses are logged."""
    found = queries.report_of(session, sent.receipt)
    known = found.model_dump(include={"reported_at", "closed_at", "upheld"})
    return StateOut(**known, answer=queries.answer_of(session, found))


@router.get("/levy-reports")
def read_reports(session: Transaction, by: Inspector, at: Now) -> list[ReportLine]:
    """Every report that does not name the reader, those without an answer first."""
    return [_line_out(report, at) for report in queries.reports_for(session, by.id)]


@router.get("/levy-reports/{report}")
def read_report(report: UUID, session: Transaction, look: Reader) -> ReportOut:
    """One report, unless it names the reader."""
    found, told = queries.report_for(session, look.by.id, report)
    return ReportOut(
        **_line_out(found, look.at).model_dump(),
        **told.model_dump(include={"named", "amount", "text"}),
        happened_on=found.happened_on,
        officers=sorted(told.officers),
        reported_by=told.by,
        answer=queries.answer_of(session, found),
    )


@router.post("/levy-reports/{report}/closure", status_code=201)
def close_report(report: UUID, sent: ClosureIn, session: Transaction, by: Inspector, at: Now) -> ReportLine:
    """The inspector answers."""
    return _line_out(commands.close_report(session, report, sent.upheld, sent.answer, by=by, at=at), at)


def _actor(request: Request, token: HTTPAuthorizationCredentials | None) -> Actor:
    if token is None:
        raise Unauthenticated
    actor: Actor = request.app.state.tokens.actor(token.credentials)
    return actor


def _line_out(report: LevyReport, at: datetime) -> ReportLine:
    known = report.model_dump(include=set(ReportLine.model_fields))
    return ReportLine(report=report.id, late=report.late(at), **known)
