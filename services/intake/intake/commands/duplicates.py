"""Joining two entries of one person, and parting them again."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.identity import Actor
from chassis.outbox import publish
from sqlmodel import Session

from intake.commands.people import locked
from intake.model import duplicates as rules
from intake.model.duplicates import Merge, OthersMergedIntoIt
from intake.model.people import Person
from intake.model.transfers import TransferStillOpen
from intake.queries import duplicates as queries
from intake.queries.stays import open_transfer


def merge_people(session: Session, person_id: UUID, kept_id: UUID, *, by: Actor, at: datetime) -> Person:
    """From now on `kept_id` speaks for both entries. The same again changes nothing."""
    # In the order of their ids, or two officers who merge in both directions would wait for each other for ever.
    both = {one: locked(session, one) for one in sorted({person_id, kept_id})}
    dropped, kept = both[person_id], both[kept_id]
    if dropped.merged_into == kept_id:
        return kept
    if queries.speaks_for_others(session, person_id):
        raise OthersMergedIntoIt
    if open_transfer(session, person_id):
        raise TransferStillOpen
    said, kept_said = queries.standing(session, person_id), queries.standing(session, kept_id)
    publish(session, rules.merge(dropped, kept, said, kept_said, at))
    session.add(Merge(id=uuid4(), person=person_id, kept=kept_id, merged_at=at, merged_by=by.id))
    return kept


def unmerge_people(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> Person:
    """They were two people after all: since nothing was moved, both are as they were."""
    dropped = locked(session, person_id)
    told = rules.unmerge(dropped, at)
    if merge := queries.standing_merge(session, person_id):
        merge.unmerged_at, merge.unmerged_by = at, by.id
    publish(session, told)
    return dropped
