"""Restrictions and visits over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks, looks_over, note_all
from chassis.routes import Router
from contracts.vocabulary import Answer, Role
from pydantic import BaseModel

from intake.commands import visits as commands
from intake.model.visits import Channel, ContactRestriction, Hindrance, NotKept, RestrictionKind, Visit
from intake.queries import visits as queries
from intake.queries.family import entries_of

router = Router()
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR)]
ListReader = Annotated[Look, looks_over(Role.REGISTRAR, Role.COUNSELLOR)]


class RestrictionIn(Form):
    """No contact with one contact, or with any."""

    contact: UUID | None = None
    kind: RestrictionKind
    from_on: date
    until_on: date | None = None


class LiftIn(Form):
    """The first day on which contact is allowed again."""

    lifted_on: date


class RestrictionOut(BaseModel):
    """One restriction."""

    restriction: UUID
    contact: UUID | None
    kind: RestrictionKind
    from_on: date
    until_on: date | None
    lifted_on: date | None


class VisitIn(Form):
    """A meeting to be planned."""

    contact: UUID
    planned_on: date
    channel: Channel


class OutcomeIn(Form):
    """Whether it took place, and if not, why."""

    kept: Answer
    reason: NotKept | None = None


class VisitOut(BaseModel):
    """One meeting. `kept` is null as long as nobody said."""

    visit: UUID
    contact: UUID
    planned_on: date
    channel: Channel
    kept: Answer | None
    reason: NotKept | None


class VisitDue(VisitOut):
    """A meeting as the desk needs it. With a `hindrance` it may not take place, although it was planned."""

    person: UUID
    person_name: str
    contact_name: str
    hindrance: Hindrance | None


@router.get("/people/{person}/contact-restrictions")
def read_restrictions(person: UUID, session: Transaction, look: Reader) -> list[RestrictionOut]:
    """Everything that bars or barred contact."""
    return [restriction_out(entry) for entry in entries_of(session, ContactRestriction, person)]


@router.put("/people/{person}/contact-restrictions/{restriction}", status_code=201)
def restrict_contact(
    person: UUID, restriction: UUID, sent: RestrictionIn, session: Transaction, by: Staff, at: Now
) -> RestrictionOut:
    """Bars contact for a time."""
    entry = ContactRestriction(
        id=restriction, site=by.site, person=person, entered_at=at, entered_by=by.id, **sent.model_dump()
    )
    return restriction_out(commands.restrict_contact(session, entry))


@router.post("/people/{person}/contact-restrictions/{restriction}/lifting", status_code=201)
def lift_restriction(
    person: UUID, restriction: UUID, sent: LiftIn, session: Transaction, by: Staff, at: Now
) -> RestrictionOut:
    """Contact is allowed again."""
    return restriction_out(commands.lift_restriction(session, person, restriction, sent.lifted_on, by=by, at=at))


@router.get("/people/{person}/visits")
def read_visits(person: UUID, session: Transaction, look: Reader) -> list[VisitOut]:
    """Every meeting of a person."""
    return [visit_out(entry) for entry in entries_of(session, Visit, person)]


@router.put("/people/{person}/visits/{visit}", status_code=201)
def plan_visit(person: UUID, visit: UUID, sent: VisitIn, session: Transaction, by: Staff, at: Now) -> VisitOut:
    """Plans a meeting."""
    entry = Visit(id=visit, site=by.site, person=person, entered_at=at, entered_by=by.id, **sent.model_dump())
    return visit_out(commands.plan_visit(session, entry))


@router.post("/people/{person}/visits/{visit}/outcome", status_code=201)
def record_visit(person: UUID, visit: UUID, sent: OutcomeIn, session: Transaction, by: Staff, at: Now) -> VisitOut:
    """Records whether it took place. That the person declined is an ordinary answer."""
    return visit_out(commands.record_visit(session, person, visit, sent.kept, sent.reason, by=by, at=at))


@router.get("/visits")
def visits_on(on: date, session: Transaction, look: ListReader) -> list[VisitDue]:
    """The list of one day. Each person in it is a look at their record."""
    due = queries.visits_on(session, on, look)
    note_all(session, sorted({one.person for one in due}), look)
    return [
        VisitDue(
            **visit_out(one.visit).model_dump(),
            person=one.person,
            person_name=one.person_name,
            contact_name=one.contact_name,
            hindrance=one.hindrance,
        )
        for one in due
    ]


def restriction_out(entry: ContactRestriction) -> RestrictionOut:
    """One restriction as it is shown."""
    return RestrictionOut(restriction=entry.id, **entry.model_dump(include=set(RestrictionOut.model_fields)))


def visit_out(entry: Visit) -> VisitOut:
    """One meeting as it is shown."""
    return VisitOut(visit=entry.id, **entry.model_dump(include=set(VisitOut.model_fields)))
