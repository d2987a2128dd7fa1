"""What assessment does."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from chassis import gate
from chassis.database import in_turn
from chassis.outbox import publish
from contracts.vocabulary import Domain, Purpose
from sqlmodel import Session

from assessment.model import AssessmentIdTaken, NeedsAssessment, Resident


def complete_needs_assessment(
    session: Session, assessment: NeedsAssessment, skipped: Collection[Domain]
) -> NeedsAssessment:
    """Records a completed assessment, with the person's consent. The same one again changes nothing."""
    in_turn(session, assessment.id)
    if known := session.get(NeedsAssessment, assessment.id):
        if not known.same_as(assessment):
            raise AssessmentIdTaken
        return known
    consented = gate.standing_epoch(session, assessment.person, Purpose.ASSESSMENT) is not None
    publish(session, *assessment.complete(skipped, consented=consented))
    session.add(assessment)
    return assessment


def note_arrival(session: Session, person: UUID, at: datetime) -> None:
    """Somebody is here: new, from another rutan, or back."""
    resident = session.get(Resident, person)
    if resident is None:
        session.add(Resident(person=person, since=at))
    elif not resident.inside:
        resident.inside, resident.since = True, at


def note_departure(session: Session, person: UUID) -> None:
    """Somebody has left."""
    if resident := session.get(Resident, person):
        resident.inside = False


def note_merge(session: Session, person: UUID, kept: UUID | None) -> None:
    """Two entries are one person, or are two after all."""
    if resident := session.get(Resident, person):
        resident.merged_into = kept


def note_answer(session: Session, person: UUID, *, declined: bool) -> None:
    """What the person said when asked about an assessment."""
    if resident := session.get(Resident, person):
        resident.declined = declined
