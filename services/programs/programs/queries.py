"""What programs can be asked."""

from uuid import UUID

from sqlmodel import Session, col, select

from programs.model import Answer, Attendance, Enrolment, Plan, Programme, State


def programmes(session: Session) -> list[tuple[Programme, int]]:
    """Every programme and how many places are taken."""
    offered = session.exec(select(Programme).order_by(Programme.code)).all()
    return [(programme, len(holders(session, programme.code))) for programme in offered]


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


def attendance_at(session: Session, enrolment: UUID, on: object) -> Attendance | None:
    """What was recorded of one session."""
    return session.exec(
        select(Attendance).where(Attendance.enrolment == enrolment, Attendance.session_on == on)
    ).first()
