"""Preparing a sitting of the TPP, and recording its advice."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.intake import BoardAdvice
from sqlmodel import Session

from intake.commands.people import person_of
from intake.model.rights import AdviceReason, Proposal, ProposalNotHere
from intake.model.sittings import (
    AlreadyAdvised,
    NotOnTheAgenda,
    Plan,
    Sitting,
    SittingItem,
    SittingUnderWay,
    ready,
)
from intake.model.table import EntryChangedMeanwhile
from intake.queries import sittings as queries


def prepare_sitting(
    session: Session,
    sitting_id: UUID,
    plan: Plan,
    seen: Plan | None,
    *,
    by: Actor,
    at: datetime,
) -> Sitting:
    """Plans a sitting, or changes the plan that was seen while nothing was advised. The same again changes nothing."""
    in_turn(session, sitting_id)
    items = queries.items_of(session, sitting_id)
    known = session.get(Sitting, sitting_id)
    stored = known and known.plan(items)
    if known and stored == plan:
        return known
    if any(item.advice for item in items):
        raise SittingUnderWay
    if stored != seen:
        raise EntryChangedMeanwhile
    ready([session.get(Proposal, proposal) for proposal in plan.agenda], plan.agenda)
    for item in items:
        session.delete(item)
    sitting = known or Sitting(
        id=sitting_id, site=by.site, held_on=plan.held_on, members=[], prepared_at=at, prepared_by=by.id
    )
    sitting.held_on, sitting.members = plan.held_on, [str(member) for member in plan.members]
    session.add(sitting)
    session.flush()
    session.add_all(
        SittingItem(sitting=sitting_id, proposal=proposal, position=n, reasons=[])
        for n, proposal in enumerate(plan.agenda, 1)
    )
    return sitting


def advise(
    session: Session,
    sitting_id: UUID,
    proposal_id: UUID,
    advice: BoardAdvice,
    reasons: Sequence[AdviceReason],
    minutes: Sequence[str],
    *,
    by: Actor,
    at: datetime,
) -> SittingItem:
    """Records the advice on one proposal and what was said about this person. The same again changes nothing."""
    in_turn(session, sitting_id)
    sitting = queries.sitting_of(session, sitting_id)
    item = session.get(SittingItem, (sitting_id, proposal_id))
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise ProposalNotHere
    if item is None:
        raise NotOnTheAgenda
    person_of(session, proposal.person)
    # Read again under the person's lock: another sitting may have advised meanwhile.
    session.refresh(proposal)
    if item.said(advice, reasons):
        if _minutes(session, proposal, item) != list(minutes):
            raise AlreadyAdvised
        return item
    sitting.advise(by.id, at)
    publish(session, proposal.advise(advice, reasons, sitting.held_on, at))
    item.say(advice, reasons, by=by.id, at=at)
    item.minutes = vault_of(session).seal(proposal.person, queries.MINUTES, json.dumps(list(minutes)).encode())
    return item


def _minutes(session: Session, proposal: Proposal, item: SittingItem) -> list[str]:
    assert item.minutes is not None, "advice without minutes"
    return list(json.loads(vault_of(session).open(proposal.person, queries.MINUTES, item.minutes)))
