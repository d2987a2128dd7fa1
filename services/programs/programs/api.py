"""Programs over HTTP."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.card import card_router
from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.programs import EnrolmentEnd, Presence
from contracts.vocabulary import Domain, ProgrammeCode, Role, Sector
from pydantic import BaseModel, Field
from sqlmodel import Session

from programs import commands, queries
from programs.model import Answer, Enrolment, Plan, Programme, State, Table

router = Router()
router.routes.extend(card_router(Table.metadata, Role.REGISTRAR, Role.PRIVACY_OFFICER).routes)
Counsellor = Annotated[Actor, requires(Role.COUNSELLOR)]
Instructor = Annotated[Actor, requires(Role.INSTRUCTOR, Role.COUNSELLOR)]
TEACHES = (Role.INSTRUCTOR, Role.COUNSELLOR, Role.HEAD)
SEES = (*TEACHES, Role.REGISTRAR)
GroupReader = Annotated[Actor, requires(*TEACHES)]
Reader = Annotated[Actor, requires(*SEES)]
PlanReader = Annotated[Look, looks("person", Role.COUNSELLOR)]
PersonReader = Annotated[Look, looks("person", *SEES)]


class ProgrammeIn(Form):
    """What is offered."""

    name: Line
    domain: Domain
    sector: Sector | None = None
    capacity: Annotated[int, Field(ge=1, le=10_000)]


class OfferIn(ProgrammeIn):
    """The same; a change says what it changes."""

    instead_of: ProgrammeIn | None = None


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
    drafted_at: datetime
    answered_at: datetime | None


class CandidateOut(BaseModel):
    """Somebody whose agreed plan asks for what a programme offers, and since when."""

    person: UUID
    agreed_at: datetime


class WithoutPlan(BaseModel):
    """Somebody with needs and no plan."""

    person: UUID
    wants_help: list[Domain]


class WaitingForPlan(BaseModel):
    """How many, and some of them."""

    count: int
    people: list[WithoutPlan]


class WaitingForAnswer(BaseModel):
    """How many, and those that have waited longest."""

    count: int
    plans: list[PlanOut]


class WaitingOut(BaseModel):
    """What is to be planned, and what is to be talked over."""

    without_plan: WaitingForPlan
    unanswered: WaitingForAnswer


class EnrolmentIn(Form):
    """Who takes a place in what."""

    person: UUID
    programme: ProgrammeCode


class EnrolmentOut(BaseModel):
    """A place."""

    enrolment: UUID
    person: UUID
    programme: str
    programme_name: str | None
    """Null when what was finished before this system came is not offered here."""
    state: State
    enrolled_at: datetime
    ended_on: date | None
    end_reason: EnrolmentEnd | None


class AttendanceIn(Form):
    """Hadir, sakit, izin or alpa; a correction says what it corrects."""

    presence: Presence
    instead_of: Presence | None = None


class AttendanceOut(BaseModel):
    """What was recorded."""

    session_on: date
    presence: Presence


class GroupIn(Form):
    """The same for a whole group, by enrolment; what a correction corrects likewise."""

    presences: Annotated[dict[UUID, Presence], Field(min_length=1, max_length=queries.GROUP_AT_ONCE)]
    instead_of: dict[UUID, Presence] = Field(default_factory=dict, max_length=queries.GROUP_AT_ONCE)


class GroupOut(BaseModel):
    """What was recorded of one session."""

    session_on: date
    presences: dict[UUID, Presence]


class SheetRow(BaseModel):
    """One person's presences, by day."""

    enrolment: UUID
    person: UUID
    state: State
    presences: dict[date, Presence]


class SheetOut(BaseModel):
    """Attendance of a programme, as a grid."""

    programme: str
    since: date
    until: date
    sessions: list[date]
    enrolments: list[SheetRow]


class CompletionIn(Form):
    """When it was finished."""

    completed_on: date


@router.put("/programmes/{code}", status_code=201)
def offer_programme(code: ProgrammeCode, sent: OfferIn, session: Transaction, by: Instructor) -> ProgrammeOut:
    """Offers a programme, or changes what is offered."""
    offered = Programme(code=code, **sent.model_dump(exclude={"instead_of"}))
    seen = Programme(code=code, **sent.instead_of.model_dump()) if sent.instead_of else None
    programme = commands.offer_programme(session, offered, seen)
    return _programme_out(programme, len(queries.holders(session, code)))


@router.get("/programmes")
def read_programmes(session: Transaction, by: Reader) -> list[ProgrammeOut]:
    """Every programme with its places."""
    return [_programme_out(programme, taken) for programme, taken in queries.programmes(session)]


@router.get("/programmes/{code}")
def read_programme(code: ProgrammeCode, session: Transaction, by: Reader) -> ProgrammeOut:
    """A programme with its places."""
    return _programme_out(*queries.programme(session, code))


@router.get("/programmes/{code}/enrolments")
def read_programme_enrolments(code: ProgrammeCode, session: Transaction, by: Reader) -> list[EnrolmentOut]:
    """Who holds and held a place; never whom a withdrawal took out."""
    queries.programme(session, code)
    return _enrolments_out(session, queries.enrolments_in(session, code))


@router.get("/programmes/{code}/candidates")
def read_candidates(code: ProgrammeCode, session: Transaction, by: Reader) -> list[CandidateOut]:
    """Who agreed to a plan that asks for what this programme offers, and holds no place in it."""
    found = queries.candidates(session, queries.programme(session, code)[0])
    return [CandidateOut(person=plan.person, agreed_at=plan.answered_at) for plan in found]


@router.get("/programmes/{code}/attendance")
def read_attendance(code: ProgrammeCode, since: date, until: date, session: Transaction, by: GroupReader) -> SheetOut:
    """Who was there on which days."""
    queries.programme(session, code)
    rows = [
        SheetRow(enrolment=place.id, person=place.person, state=place.state, presences=dict(presences))
        for place, presences in queries.sheet(session, code, since, until)
    ]
    sessions = sorted({day for row in rows for day in row.presences})
    return SheetOut(programme=code, since=since, until=until, sessions=sessions, enrolments=rows)


@router.put("/programmes/{code}/attendance/{session_on}", status_code=201)
def record_group_attendance(
    code: ProgrammeCode, session_on: date, sent: GroupIn, session: Transaction, by: Instructor, at: Now
) -> GroupOut:
    """Records a session of a whole group: all of it, or nothing and which rows are wrong."""
    commands.record_group_attendance(session, code, session_on, sent.presences, sent.instead_of, by=by, at=at)
    return GroupOut(session_on=session_on, presences=sent.presences)


@router.get("/plans/waiting")
def read_waiting_plans(session: Transaction, by: Counsellor) -> WaitingOut:
    """Who has needs and no plan, and which plans are not answered; only of people who want to take part."""
    found = queries.waiting(session)
    people = [WithoutPlan(**needs.model_dump()) for needs in found.needs]
    return WaitingOut(
        without_plan=WaitingForPlan(count=found.without_plan, people=people),
        unanswered=WaitingForAnswer(count=found.unanswered, plans=[_plan_out(plan) for plan in found.plans]),
    )


@router.get("/people/{person}/plans")
def read_plans(person: UUID, session: Transaction, look: PlanReader) -> list[PlanOut]:
    """A person's plans and answers, the newest first."""
    return [_plan_out(plan) for plan in queries.plans_of(session, person)]


@router.get("/people/{person}/enrolments")
def read_enrolments(person: UUID, session: Transaction, look: PersonReader) -> list[EnrolmentOut]:
    """The places a person holds and held, the newest first; never what a withdrawal ended."""
    return _enrolments_out(session, queries.enrolments_of(session, person))


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
    return _enrolments_out(session, [commands.enrol_person(session, place)])[0]


@router.put("/enrolments/{enrolment}/sessions/{session_on}", status_code=201)
def record_attendance(
    enrolment: UUID, session_on: date, sent: AttendanceIn, session: Transaction, by: Instructor, at: Now
) -> AttendanceOut:
    """Records whether the person was there."""
    row = commands.record_attendance(session, enrolment, session_on, sent.presence, sent.instead_of, by=by, at=at)
    return AttendanceOut(session_on=row.session_on, presence=row.presence)


@router.post("/enrolments/{enrolment}/completion", status_code=201)
def complete_programme(
    enrolment: UUID, sent: CompletionIn, session: Transaction, by: Instructor, at: Now
) -> EnrolmentOut:
    """The person finished."""
    return _enrolments_out(session, [commands.complete_programme(session, enrolment, sent.completed_on, at)])[0]


def _programme_out(programme: Programme, taken: int) -> ProgrammeOut:
    return ProgrammeOut(programme=programme.code, taken=taken, **programme.model_dump(exclude={"code"}))


def _plan_out(plan: Plan) -> PlanOut:
    kept = PlanOut.model_fields.keys() - {"plan"}
    return PlanOut(plan=plan.id, **plan.model_dump(include=set(kept)))


def _enrolments_out(session: Session, found: Sequence[Enrolment]) -> list[EnrolmentOut]:
    names = queries.programme_names(session)
    kept = EnrolmentOut.model_fields.keys() - {"enrolment", "programme_name"}
    return [
        EnrolmentOut(
            enrolment=place.id,
            programme_name=names.get(place.programme),
            **place.model_dump(include=set(kept)),
        )
        for place in found
    ]
