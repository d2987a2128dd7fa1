"""What assessment does."""

from chassis import gate
from chassis.database import in_turn
from chassis.outbox import publish
from contracts.vocabulary import Purpose
from sqlmodel import Session

from assessment.model import AssessmentIdTaken, NeedsAssessment


def complete_needs_assessment(session: Session, assessment: NeedsAssessment) -> NeedsAssessment:
    """Records a completed assessment, with the person's consent. The same one again changes nothing."""
    in_turn(session, assessment.id)
    if known := session.get(NeedsAssessment, assessment.id):
        if not known.same_as(assessment):
            raise AssessmentIdTaken
        return known
    consented = gate.standing_epoch(session, assessment.person, Purpose.ASSESSMENT) is not None
    publish(session, *assessment.complete(consented=consented))
    session.add(assessment)
    return assessment
