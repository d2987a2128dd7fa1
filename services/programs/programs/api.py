"""Programs over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.card import card_router
from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from contracts.programs import EnrolmentEnd, Presence
from contracts.vocabulary import Domain, ProgrammeCode, Role, Sector
from fastapi import APIRouter
from pydantic import BaseModel, Field

from programs import commands, queries
from programs.model import Answer, Enrolment, Plan, Programme, State, Table

router = APIRouter()
router.include_router(card_router(Table.metadata, Role.REGISTRAR, Role.PRIVACY_OFFICER))
Counsellor = Annotated[Actor, requires(Role.COUNSELLOR)]
Instructor = Annotated[Actor, requires(Role.INSTRUCTOR, Role.COUNSELLOR)]


class ProgrammeIn(Form):
    """What is offered."""

    name: Line
    domain: Domain
    sector: Sector | None = None
    capacity: Annotated[int, Field(ge=1, le=10_000)]


class ProgrammeOut(BaseModel):
    """A programme and its places."""

    programme: str
    name: str
    domain: Domain
    sector: Sector | None
    capacity: int
    taken: int


class PlanIn(Form):
    """For whom a plan is drafted: what it covers comes from the needs."""

    person: UUID


class PlanOut(BaseModel):
    """A plan and the person's answer."""

    plan: UUID
    person: UUID
    domains: list[Domain]
    answer: Answer | None


class EnrolmentIn(Form):
    """Who takes a place in what."""

    person: UUID
    programme: ProgrammeCode


class EnrolmentOut(BaseModel):
    """A place."""

    enrolment: UUID
    person: UUID
    programme: str
    state: State
    ended_on: date | None
    end_reason: EnrolmentEnd | None


class AttendanceIn(Form):
    """Hadir, sakit, izin or alpa."""

    presence: Presence


class AttendanceOut(BaseModel):
    """What was recorded."""

    session_on: date
    presence: Presence


class CompletionIn(Form):
    """When it was finished."""

    completed_on: date


@router.put("/programmes/{code}", status_code=201)
def offer_programme(code: ProgrammeCode, sent: ProgrammeIn, session: Transaction, by: Instructor) -> ProgrammeOut:
    """Offers a programme."""
    programme = commands.offer_programme(session, Programme(code=code, **sent.model_dump()))
    return _programme_out(programme, len(queries.holders(session, code)))


@router.get("/programmes")
def read_programmes(session: Transaction, by: Instructor) -> list[ProgrammeOut]:
    """Every programme with its places."""
    return [_programme_out(programme, taken) for programme, taken in queries.programmes(session)]


@router.put("/plans/{plan}", status_code=201)
def draft_plan(plan: UUID, sent: PlanIn, session: Transaction, by: Counsellor, at: Now) -> PlanOut:
    """Drafts a plan from the latest needs."""
    draft = Plan(id=plan, site=by.site, person=sent.person, domains=[], drafted_at=at, drafted_by=by.id)
    return _plan_out(commands.draft_plan(session, draft))


@router.post("/plans/{plan}/agreement", status_code=201)
def agree_plan(plan: UUID, session: Transaction, by: Counsellor, at: Now) -> PlanOut:
    """The person agrees."""
    return _plan_out(commands.agree_plan(session, plan, at))


@router.post("/plans/{plan}/declination", status_code=201)
def decline_plan(plan: UUID, session: Transaction, by: Counsellor, at: Now) -> PlanOut:
    """The person does not agree."""
    return _plan_out(commands.decline_plan(session, plan, at))


@router.put("/enrolments/{enrolment}", status_code=201)
def enrol_person(enrolment: UUID, sent: EnrolmentIn, session: Transaction, by: Instructor, at: Now) -> EnrolmentOut:
    """Takes a place."""
    place = Enrolment(
        id=enrolment, site=by.site, person=sent.person, programme=sent.programme, enrolled_at=at, enrolled_by=by.id
    )
    return _enrolment_out(commands.enrol_person(session, place))


@router.put("/enrolments/{enrolment}/sessions/{session_on}", status_code=201)
def record_attendance(
    enrolment: UUID, session_on: date, sent: AttendanceIn, session: Transaction, by: Instructor, at: Now
) -> AttendanceOut:
    """Records whether the person was there."""
    row = commands.record_attendance(session, enrolment, session_on, sent.presence, by=by, at=at)
    return AttendanceOut(session_on=row.session_on, presence=row.presence)


@router.post("/enrolments/{enrolment}/completion", status_code=201)
def complete_programme(
    enrolment: UUID, sent: CompletionIn, session: Transaction, by: Instructor, at: Now
) -> EnrolmentOut:
    """The person finished."""
    return _enrolment_out(commands.complete_programme(session, enrolment, sent.completed_on, at))


def _programme_out(programme: Programme, taken: int) -> ProgrammeOut:
    return ProgrammeOut(programme=programme.code, taken=taken, **programme.model_dump(exclude={"code"}))


def _plan_out(plan: Plan) -> PlanOut:
    return PlanOut(plan=plan.id, **plan.model_dump(include={"person", "domains", "answer"}))


def _enrolment_out(enrolment: Enrolment) -> EnrolmentOut:
    kept = EnrolmentOut.model_fields.keys() - {"enrolment"}
    return EnrolmentOut(enrolment=enrolment.id, **enrolment.model_dump(include=set(kept)))
