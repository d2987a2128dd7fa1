"""What programs does."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from chassis import gate
from chassis.database import in_turn
from chassis.errors import DomainError
from chassis.identity import Actor
from chassis.outbox import publish
from contracts.assessment import NeedsFound
from contracts.programs import EnrolmentEnd, Presence
from contracts.vocabulary import Purpose
from sqlmodel import Session

from contracts import Event
from programs import queries
from programs.model import (
    Attendance,
    ConsentMissing,
    Departed,
    Enrolment,
    EnrolmentIdTaken,
    EnrolmentNotHere,
    Needs,
    Plan,
    PlanIdTaken,
    PlanNotHere,
    Programme,
    ProgrammeNotHere,
    RowsRefused,
)


def note_needs(session: Session, found: NeedsFound) -> None:
    """Keeps what a plan starts from."""
    levels = {str(domain): int(level) for domain, level in found.levels.items()}
    session.merge(Needs(person=found.person, levels=levels, wants_help=sorted(found.wants_help)))


def offer_programme(session: Session, programme: Programme, seen: Programme | None = None) -> Programme:
    """Offers a programme, or changes what is offered: then `seen` is what it was."""
    in_turn(session, programme.code)
    known = session.get(Programme, programme.code, with_for_update=True)
    if known is None:
        session.add(programme)
        return programme
    known.change(programme, seen, len(queries.holders(session, known.code)))
    return known


def draft_plan(session: Session, plan: Plan) -> Plan:
    """Drafts a plan from the needs. The same plan again changes nothing."""
    in_turn(session, plan.id)
    if known := session.get(Plan, plan.id):
        if known.person != plan.person:
            raise PlanIdTaken
        return known
    needs = session.get(Needs, plan.person)
    publish(session, plan.draft(needs, consented=_consented(session, plan.person)))
    session.add(plan)
    return plan


def agree_plan(session: Session, plan_id: UUID, at: datetime) -> Plan:
    """The person agrees with their plan, as long as they agree to take part at all."""
    found = session.get(Plan, plan_id)
    if found and not _consented(session, found.person):
        raise ConsentMissing
    plan = _plan(session, plan_id)
    _tell(session, plan.agree(at))
    return plan


def decline_plan(session: Session, plan_id: UUID, at: datetime) -> Plan:
    """The person does not agree with the plan."""
    plan = _plan(session, plan_id)
    _tell(session, plan.decline(at))
    return plan


def enrol_person(session: Session, enrolment: Enrolment) -> Enrolment:
    """Takes a place in a programme, never one too many. The same enrolment again changes nothing."""
    # The lock makes the count true until the commit: two requests for the last place come one after the other.
    programme = _programme(session, enrolment.programme, lock=True)
    if known := session.get(Enrolment, enrolment.id):
        if (known.person, known.programme) != (enrolment.person, enrolment.programme):
            raise EnrolmentIdTaken
        return known
    event = enrolment.enrol(
        programme,
        queries.holders(session, programme.code),
        consented=_consented(session, enrolment.person),
        agreed=queries.has_agreed_plan(session, enrolment.person),
    )
    session.add(enrolment)
    publish(session, event)
    return enrolment


def record_attendance(
    session: Session,
    enrolment_id: UUID,
    on: date,
    presence: Presence,
    seen: Presence | None = None,
    *,
    by: Actor,
    at: datetime,
) -> Attendance:
    """Records one session. The same again changes nothing; another word corrects the one that was seen."""
    enrolment = _enrolment(session, enrolment_id)
    known = queries.attendance_among(session, [enrolment_id], on).get(enrolment_id)
    return _attend(session, enrolment, known, on, presence, seen, by, at)


def record_group_attendance(
    session: Session,
    code: str,
    on: date,
    presences: Mapping[UUID, Presence],
    seen: Mapping[UUID, Presence],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Records one session of a whole group, all of it or nothing, by the rules of a single one. Raises RowsRefused."""
    _programme(session, code)
    enrolments = queries.enrolments_among(session, code, presences)
    known = queries.attendance_among(session, presences, on)
    refused: dict[UUID, DomainError] = {}
    for id, presence in presences.items():
        try:
            if id not in enrolments:
                raise EnrolmentNotHere
            _attend(session, enrolments[id], known.get(id), on, presence, seen.get(id), by, at)
        except DomainError as why:
            refused[id] = why
    if refused:
        raise RowsRefused(refused)


def complete_programme(session: Session, enrolment_id: UUID, on: date, at: datetime) -> Enrolment:
    """The person finished the programme."""
    enrolment = _enrolment(session, enrolment_id)
    _tell(session, enrolment.complete(_programme(session, enrolment.programme).sector, on, at))
    return enrolment


def take_over_completion(session: Session, enrolment: Enrolment, on: date, at: datetime) -> Enrolment:
    """Records a programme that was finished before this system came: no plan, consent or place is claimed for it.

    The same completion again changes nothing.
    """
    if known := session.get(Enrolment, enrolment.id):
        return known
    programme = session.get(Programme, enrolment.programme)
    event = enrolment.complete(programme.sector if programme else None, on, at)
    session.add(enrolment)
    _tell(session, event)
    return enrolment


def note_departure(session: Session, person: UUID) -> None:
    """Somebody has left."""
    session.merge(Departed(person=person))


def note_return(session: Session, person: UUID) -> None:
    """Somebody is back."""
    if departed := session.get(Departed, person):
        session.delete(departed)


def end_enrolments(session: Session, person: UUID, reason: EnrolmentEnd, on: date, at: datetime) -> None:
    """Frees every place the person holds."""
    for enrolment in queries.active_of(session, person):
        publish(session, enrolment.end(reason, on, at))


def _attend(
    session: Session,
    enrolment: Enrolment,
    known: Attendance | None,
    on: date,
    presence: Presence,
    seen: Presence | None,
    by: Actor,
    at: datetime,
) -> Attendance:
    if known and known.presence is presence:
        return known
    event = enrolment.attend(on, presence, at)
    row = known or Attendance(
        id=uuid4(), enrolment=enrolment.id, session_on=on, presence=presence, recorded_at=at, recorded_by=by.id
    )
    if known:
        known.correct(presence, seen)
    row.recorded_at, row.recorded_by = at, by.id
    session.add(row)
    publish(session, event)
    return row


def _tell(session: Session, event: Event | None) -> None:
    if event:
        publish(session, event)


def _consented(session: Session, person: UUID) -> bool:
    return gate.standing_epoch(session, person, Purpose.PROGRAMME) is not None


def _plan(session: Session, plan_id: UUID) -> Plan:
    plan = session.get(Plan, plan_id, with_for_update=True)
    if plan is None:
        raise PlanNotHere
    return plan


def _programme(session: Session, code: str, *, lock: bool = False) -> Programme:
    programme = session.get(Programme, code, with_for_update=lock or None)
    if programme is None:
        raise ProgrammeNotHere
    return programme


def _enrolment(session: Session, enrolment_id: UUID) -> Enrolment:
    enrolment = session.get(Enrolment, enrolment_id, with_for_update=True)
    if enrolment is None:
        raise EnrolmentNotHere
    return enrolment
