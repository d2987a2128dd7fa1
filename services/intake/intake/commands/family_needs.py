"""Writing down what a family asked for, and referring it."""

from datetime import datetime
from uuid import UUID

from chassis.identity import Actor
from chassis.outbox import publish
from sqlmodel import Session

from intake.commands.family import known_as
from intake.commands.people import person_of
from intake.model.family import Contact
from intake.model.family_needs import FamilyNeed, FamilyReferral, ReferralOutcome
from intake.queries.family import entry_of


def note_need(session: Session, need: FamilyNeed) -> FamilyNeed:
    """Notes what the family asked for. The same entry again changes nothing."""
    person_of(session, need.person)
    if need.contact is not None:
        entry_of(session, Contact, need.person, need.contact)
    if known := known_as(session, need):
        return known
    session.add(need)
    return need


def refer_family(session: Session, referral: FamilyReferral) -> FamilyReferral:
    """Refers the family to a partner or an office. The same entry again changes nothing."""
    person_of(session, referral.person)
    entry_of(session, FamilyNeed, referral.person, referral.need)
    if known := known_as(session, referral):
        return known
    publish(session, referral.refer())
    session.add(referral)
    return referral


def answer_referral(
    session: Session, person_id: UUID, referral_id: UUID, outcome: ReferralOutcome, *, by: Actor, at: datetime
) -> FamilyReferral:
    """Records what became of a referral."""
    person_of(session, person_id)
    referral = entry_of(session, FamilyReferral, person_id, referral_id)
    referral.answer(outcome, by=by.id, at=at)
    return referral
