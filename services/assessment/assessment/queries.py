"""What assessment can be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import gate
from contracts.vocabulary import Purpose
from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from assessment.model import NeedsAssessment, Resident

AT_ONCE = 100
WAITING_AT_ONCE = 200


def latest_of(session: Session, person: UUID) -> NeedsAssessment | None:
    """A person's latest assessment."""
    return next(iter(assessments_of(session, person, at_most=1)), None)


def assessments_of(session: Session, person: UUID, at_most: int = AT_ONCE) -> Sequence[NeedsAssessment]:
    """A person's assessments, the newest first."""
    query = select(NeedsAssessment).where(NeedsAssessment.person == person)
    return session.exec(query.order_by(col(NeedsAssessment.completed_at).desc()).limit(at_most)).all()


@dataclass(frozen=True)
class Waiting:
    """Who waits, each with whether they have agreed to it, and how many there are."""

    people: Sequence[tuple[Resident, bool]]
    count: int


def waiting(session: Session) -> Waiting:
    """Who is here without any assessment, the longest first; never whoever said no or took their consent back."""
    same = aliased(Resident)
    entries = select(same.person).where(same.merged_into == Resident.person)
    theirs = or_(NeedsAssessment.person == Resident.person, col(NeedsAssessment.person).in_(entries))
    here = (col(Resident.inside), col(Resident.merged_into).is_(None), ~col(Resident.declined), ~exists().where(theirs))
    count = session.exec(select(func.count()).select_from(Resident).where(*here)).one()
    query = select(Resident, col(Resident.person).in_(gate.standing(Purpose.ASSESSMENT))).where(*here)
    people = session.exec(query.order_by(col(Resident.since), col(Resident.person)).limit(WAITING_AT_ONCE))
    return Waiting([(resident, consented) for resident, consented in people], count)
