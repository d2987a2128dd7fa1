"""What programs can be asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis import gate
from contracts.programs import EnrolmentEnd, Presence
from contracts.vocabulary import Purpose
from sqlalchemy import exists
from sqlmodel import Session, col, func, or_, select

from programs.model import (
    Answer,
    Attendance,
    Departed,
    Enrolment,
    Needs,
    Plan,
    Programme,
    ProgrammeNotHere,
    State,
    must_fit_a_sheet,
)

AT_ONCE = 100
GROUP_AT_ONCE = 1000
WAITING_AT_ONCE = 200
# What a withdrawal ended is shown to nobody any more.
SHOWN = or_(col(Enrolment.end_reason).is_(None), col(Enrolment.end_reason) != EnrolmentEnd.CONSENT_WITHDRAWN)


def programmes(session: Session) -> list[tuple[Programme, int]]:
    """Every programme and how many places are taken."""
    taken = select(Enrolment.programme, func.count()).where(Enrolment.state == State.ACTIVE)
    of = dict(session.exec(taken.group_by(Enrolment.programme)).all())
    offered = session.exec(select(Programme).order_by(Programme.code).limit(GROUP_AT_ONCE)).all()
    return [(programme, of.get(programme.code, 0)) for programme in offered]


def programme_names(session: Session) -> dict[str, str]:
    """What the programmes are called, by code."""
    return dict(session.exec(select(Programme.code, Programme.name)).all())


def programme(session: Session, code: str) -> tuple[Programme, int]:
    """One programme and how many places are taken. Raises ProgrammeNotHere."""
    found = session.get(Programme, code)
    if found is None:
        raise ProgrammeNotHere
    return found, len(holders(session, code))


def holders(session: Session, programme: str) -> set[UUID]:
    """Who holds a place in a programme now."""
    query = select(Enrolment.person).where(Enrolment.programme == programme, Enrolment.state == State.ACTIVE)
    return set(session.exec(query).all())


def active_of(session: Session, person: UUID) -> list[Enrolment]:
    """The places a person holds now."""
    query = select(Enrolment).where(Enrolment.person == person, Enrolment.state == State.ACTIVE)
    return list(session.exec(query.with_for_update()).all())


def has_agreed_plan(session: Session, person: UUID) -> bool:
    """Whether the person's latest answered plan was agreed to."""
    query = select(Plan).where(Plan.person == person, col(Plan.answer).is_not(None))
    latest = session.exec(query.order_by(col(Plan.answered_at).desc()).limit(1)).first()
    return latest is not None and latest.answer is Answer.AGREED


def attendance_among(session: Session, enrolments: Collection[UUID], on: date) -> dict[UUID, Attendance]:
    """What was recorded of one session of a group."""
    query = select(Attendance).where(col(Attendance.enrolment).in_(enrolments), Attendance.session_on == on)
    return {row.enrolment: row for row in session.exec(query)}


def enrolments_among(session: Session, code: str, wanted: Collection[UUID]) -> dict[UUID, Enrolment]:
    """Those of a programme, locked in one order so that two groups never wait for each other."""
    query = select(Enrolment).where(col(Enrolment.id).in_(wanted), Enrolment.programme == code)
    return {row.id: row for row in session.exec(query.order_by(col(Enrolment.id)).with_for_update())}


def plans_of(session: Session, person: UUID) -> Sequence[Plan]:
    """A person's plans, the newest first."""
    query = select(Plan).where(Plan.person == person).order_by(col(Plan.drafted_at).desc(), col(Plan.id))
    return session.exec(query.limit(AT_ONCE)).all()


def enrolments_of(session: Session, person: UUID) -> Sequence[Enrolment]:
    """The places a person holds and held, the newest first."""
    query = select(Enrolment).where(Enrolment.person == person, SHOWN)
    return session.exec(query.order_by(col(Enrolment.enrolled_at).desc(), col(Enrolment.id)).limit(AT_ONCE)).all()


def enrolments_in(session: Session, code: str, *which: Any) -> Sequence[Enrolment]:
    """Who holds and held a place in a programme: those who hold one first."""
    query = select(Enrolment).where(Enrolment.programme == code, SHOWN, *which)
    order = (col(Enrolment.state) != State.ACTIVE, col(Enrolment.enrolled_at), col(Enrolment.id))
    return session.exec(query.order_by(*order).limit(GROUP_AT_ONCE)).all()


def candidates(session: Session, programme: Programme) -> list[Plan]:
    """The agreed plans that ask for what a programme offers, of people who have not been in it: the oldest first."""
    answered = select(Plan).where(_takes_part(Plan.person), col(Plan.answer).is_not(None))
    latest = {plan.person: plan for plan in session.exec(answered.order_by(col(Plan.answered_at)))}
    been = set(session.exec(select(Enrolment.person).where(Enrolment.programme == programme.code)))
    found = [
        plan
        for plan in latest.values()
        if plan.answer is Answer.AGREED and programme.domain in plan.domains and plan.person not in been
    ]
    return sorted(found, key=lambda plan: (plan.answered_at, plan.person))[:WAITING_AT_ONCE]


def sheet(session: Session, code: str, since: date, until: date) -> list[tuple[Enrolment, Mapping[date, Presence]]]:
    """Who was there on which days, of all who hold a place or held one in that time. Raises PeriodNotPossible."""
    must_fit_a_sheet(since, until)
    there = enrolments_in(session, code, or_(col(Enrolment.ended_on).is_(None), col(Enrolment.ended_on) >= since))
    presences: dict[UUID, dict[date, Presence]] = {enrolment.id: {} for enrolment in there}
    recorded = select(Attendance).where(
        col(Attendance.enrolment).in_(presences), col(Attendance.session_on).between(since, until)
    )
    for row in session.exec(recorded.order_by(col(Attendance.session_on))):
        presences[row.enrolment][row.session_on] = row.presence
    return [(enrolment, presences[enrolment.id]) for enrolment in there]


@dataclass(frozen=True)
class Waiting:
    """Who waits for a plan and which plans wait for an answer, the first of each, and how many there are."""

    needs: Sequence[Needs]
    without_plan: int
    plans: Sequence[Plan]
    unanswered: int


def waiting(session: Session) -> Waiting:
    """What is to be planned or talked over with people who are here and still want to take part."""
    needs = (_takes_part(Needs.person), ~exists().where(col(Plan.person) == Needs.person), col(Needs.wants_help) != [])
    plans = (_takes_part(Plan.person), col(Plan.answer).is_(None))
    return Waiting(
        session.exec(select(Needs).where(*needs).order_by(col(Needs.person)).limit(WAITING_AT_ONCE)).all(),
        session.exec(select(func.count()).select_from(Needs).where(*needs)).one(),
        session.exec(select(Plan).where(*plans).order_by(col(Plan.drafted_at)).limit(WAITING_AT_ONCE)).all(),
        session.exec(select(func.count()).select_from(Plan).where(*plans)).one(),
    )


def _takes_part(person: Any) -> Any:
    return person.in_(gate.standing(Purpose.PROGRAMME)) & ~exists().where(col(Departed.person) == person)
