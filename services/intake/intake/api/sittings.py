"""Sittings of the TPP over HTTP, and their agenda on paper."""

from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.paper import pdf
from chassis.readlog import Look, looks_over, note_all
from chassis.routes import Router
from contracts.intake import BoardAdvice
from contracts.vocabulary import LegalStatus, Right, Role
from fastapi import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from contracts import words
from intake.commands import sittings as commands
from intake.model.rights import AdviceReason
from intake.model.sittings import Plan, Sitting
from intake.queries import sittings as queries

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Everyone = Annotated[Actor, requires(Role.REGISTRAR, Role.ASSESSMENT_BOARD, Role.HEAD)]
Board = Annotated[Actor, requires(Role.ASSESSMENT_BOARD)]
Reader = Annotated[Look, looks_over(Role.REGISTRAR, Role.ASSESSMENT_BOARD, Role.HEAD)]
PAGE = Path(__file__).with_name("agenda.typ")


class SittingIn(Plan):
    """A plan, in place of the one that the officer saw."""

    instead_of: Plan | None = None


class SittingOut(BaseModel):
    """A sitting as planned."""

    sitting: UUID
    held_on: date
    members: list[UUID]


class SittingLine(SittingOut):
    """A sitting in the list."""

    points: int
    advised: int


class AdviceIn(Form):
    """The advice on one proposal, and what was said about this person alone."""

    advice: BoardAdvice
    reasons: Annotated[frozenset[AdviceReason], Field(max_length=len(AdviceReason))] = frozenset()
    minutes: Annotated[tuple[Line, ...], Field(max_length=40)] = ()


class AdviceOut(BaseModel):
    """It is recorded."""

    proposal: UUID
    advice: BoardAdvice


class PointOut(BaseModel):
    """One point of the agenda."""

    position: int
    proposal: UUID
    person: UUID
    name: str | None
    legal_status: LegalStatus
    right: Right
    completed_on: date | None
    advice: BoardAdvice | None


class AgendaOut(SittingOut):
    """A sitting with its agenda."""

    points: list[PointOut]


@router.put("/sittings/{sitting}", status_code=201)
def prepare_sitting(sitting: UUID, sent: SittingIn, session: Transaction, by: Registrar, at: Now) -> SittingOut:
    """Plans a sitting, or changes the plan while nothing was advised."""
    plan = Plan(**sent.model_dump(exclude={"instead_of"}))
    planned = commands.prepare_sitting(session, sitting, plan, sent.instead_of, by=by, at=at)
    return _sitting_out(planned)


@router.get("/sittings")
def read_sittings(session: Transaction, by: Everyone) -> list[SittingLine]:
    """The latest sittings, newest first: how many points each has, and no name."""
    return [
        SittingLine(**_sitting_out(sitting).model_dump(), points=points, advised=advised)
        for sitting, points, advised in queries.sittings(session)
    ]


@router.get("/sittings/{sitting}")
def read_agenda(sitting: UUID, session: Transaction, look: Reader) -> AgendaOut:
    """The agenda with names; the look is in the log of everybody who stands on it."""
    return _agenda(session, sitting, look)


@router.get("/sittings/{sitting}/agenda.pdf", response_class=Response)
def print_agenda(sitting: UUID, session: Transaction, look: Reader) -> Response:
    """The same on paper."""
    agenda = _agenda(session, sitting, look)
    shown = {
        "held_on": words.on(agenda.held_on),
        "members": str(len(set(agenda.members))),
        "points": [
            {
                "position": point.position,
                "name": point.name or "(nama tidak ditampilkan)",
                "status": words.VALUES[point.legal_status],
                "right": words.VALUES[point.right],
                "completed_on": words.on(point.completed_on) if point.completed_on else "",
            }
            for point in agenda.points
        ],
    }
    return Response(pdf(PAGE, shown), media_type="application/pdf", headers={"cache-control": "no-store"})


@router.put("/sittings/{sitting}/advice/{proposal}", status_code=201)
def advise(sitting: UUID, proposal: UUID, sent: AdviceIn, session: Transaction, by: Board, at: Now) -> AdviceOut:
    """Records the advice on one proposal."""
    item = commands.advise(session, sitting, proposal, sent.advice, sorted(sent.reasons), sent.minutes, by=by, at=at)
    return AdviceOut(proposal=item.proposal, advice=item.advice)


def _sitting_out(sitting: Sitting) -> SittingOut:
    return SittingOut(sitting=sitting.id, held_on=sitting.held_on, members=sitting.members)


def _agenda(session: Session, sitting_id: UUID, look: Look) -> AgendaOut:
    sitting, points = queries.sitting_of(session, sitting_id), queries.agenda_of(session, sitting_id, look.by.roles)
    note_all(session, list(dict.fromkeys(point.person.id for point in points)), look)
    return AgendaOut(
        **_sitting_out(sitting).model_dump(),
        points=[
            PointOut(
                position=point.item.position,
                proposal=point.proposal.id,
                person=point.person.id,
                name=point.name,
                legal_status=point.person.legal_status,
                right=point.proposal.right,
                completed_on=point.proposal.completed_on,
                advice=point.item.advice,
            )
            for point in points
        ],
    )
