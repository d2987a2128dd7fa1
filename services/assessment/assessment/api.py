"""Assessment over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.card import card_router
from chassis.database import Transaction
from chassis.errors import NotFound
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Domain, NeedLevel, Role
from pydantic import BaseModel

from assessment import commands, queries
from assessment.model import INSTRUMENT_VERSION, NeedsAssessment, Table

router = Router()
router.routes.extend(card_router(Table.metadata, Role.REGISTRAR, Role.PRIVACY_OFFICER).routes)
Counsellor = Annotated[Actor, requires(Role.COUNSELLOR)]
Planner = Annotated[Actor, requires(Role.COUNSELLOR, Role.REGISTRAR, Role.HEAD)]
Reader = Annotated[Look, looks("person", Role.COUNSELLOR)]


class NeedsIn(Form):
    """The level per domain, what the person did not want to talk about, and where they want help."""

    levels: dict[Domain, NeedLevel]
    skipped: frozenset[Domain] = frozenset()
    wants_help: frozenset[Domain] = frozenset()


class NeedsOut(BaseModel):
    """A completed assessment. A domain without a level was skipped."""

    assessment: UUID
    levels: dict[Domain, NeedLevel]
    wants_help: list[Domain]
    completed_at: datetime


class WaitingPerson(BaseModel):
    """Somebody who has no assessment yet."""

    person: UUID
    since: datetime
    consented: bool


class WaitingOut(BaseModel):
    """How many wait, and those who have waited longest."""

    count: int
    people: list[WaitingPerson]


@router.put("/people/{person}/needs-assessments/{assessment}", status_code=201)
def complete_needs_assessment(
    person: UUID, assessment: UUID, sent: NeedsIn, session: Transaction, by: Counsellor, at: Now
) -> NeedsOut:
    """Records a completed needs assessment."""
    done = NeedsAssessment(
        id=assessment,
        site=by.site,
        person=person,
        instrument_version=INSTRUMENT_VERSION,
        levels={str(domain): int(level) for domain, level in sent.levels.items()},
        wants_help=sorted(sent.wants_help),
        completed_at=at,
        completed_by=by.id,
    )
    return _out(commands.complete_needs_assessment(session, done, sent.skipped))


@router.get("/people/{person}/needs-assessments/latest")
def read_latest_needs_assessment(person: UUID, session: Transaction, look: Reader) -> NeedsOut:
    """A person's latest assessment."""
    found = queries.latest_of(session, person)
    if found is None:
        raise NotFound
    return _out(found)


@router.get("/people/{person}/needs-assessments")
def read_needs_assessments(person: UUID, session: Transaction, look: Reader) -> list[NeedsOut]:
    """A person's assessments, the newest first."""
    return [_out(done) for done in queries.assessments_of(session, person)]


@router.get("/needs-assessments/waiting")
def read_waiting(session: Transaction, by: Planner) -> WaitingOut:
    """Who is here and has no assessment yet; never whoever said no."""
    found = queries.waiting(session)
    people = [WaitingPerson(consented=said, **resident.model_dump()) for resident, said in found.people]
    return WaitingOut(count=found.count, people=people)


def _out(done: NeedsAssessment) -> NeedsOut:
    return NeedsOut(assessment=done.id, **done.model_dump(include={"levels", "wants_help", "completed_at"}))
