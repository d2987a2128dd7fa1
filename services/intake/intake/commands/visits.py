"""Barring contact, planning a meeting, and writing down whether it took place."""

from datetime import date, datetime
from uuid import UUID

from chassis.identity import Actor
from contracts.vocabulary import Answer
from sqlmodel import Session

from intake.commands.family import known_as
from intake.commands.people import person_of
from intake.model.family import Contact
from intake.model.people import PersonNotInside
from intake.model.visits import ContactRestriction, NotKept, Visit
from intake.queries.family import entry_of
from intake.queries.visits import circle_of


def restrict_contact(session: Session, restriction: ContactRestriction) -> ContactRestriction:
    """Bars contact for a time. Visits planned before are kept in the list, which says that they may not take place."""
    person_of(session, restriction.person)
    if restriction.contact is not None:
        entry_of(session, Contact, restriction.person, restriction.contact)
    if known := known_as(session, restriction):
        return known
    restriction.enter()
    session.add(restriction)
    return restriction


def lift_restriction(
    session: Session, person_id: UUID, restriction_id: UUID, on: date, *, by: Actor, at: datetime
) -> ContactRestriction:
    """Contact is allowed again from that day."""
    person_of(session, person_id)
    restriction = entry_of(session, ContactRestriction, person_id, restriction_id)
    restriction.lift(on, by=by.id, at=at)
    return restriction


def plan_visit(session: Session, visit: Visit) -> Visit:
    """Plans a meeting that both agree to and nothing bars. The same entry again changes nothing."""
    person = person_of(session, visit.person)
    entry_of(session, Contact, visit.person, visit.contact)
    if known := known_as(session, visit):
        return known
    if not person.inside:
        raise PersonNotInside
    visit.plan(circle_of(session, visit.person))
    session.add(visit)
    return visit


def record_visit(
    session: Session, person_id: UUID, visit_id: UUID, kept: Answer, reason: NotKept | None, *, by: Actor, at: datetime
) -> Visit:
    """Records whether a meeting took place."""
    person_of(session, person_id)
    visit = entry_of(session, Visit, person_id, visit_id)
    visit.record(kept, reason, by=by.id, at=at)
    return visit
