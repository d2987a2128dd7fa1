"""Looking up sittings of the TPP."""

import json
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from intake.model.people import Person
from intake.model.rights import Proposal
from intake.model.sittings import Sitting, SittingItem, SittingNotHere
from intake.queries.people import READS_RESTRICTED, identities_of
from intake.queries.sentences import opened

MINUTES = "sitting_item.minutes"
"""The place that sealed minutes are bound to."""
SITTINGS_SHOWN = 100


_entry = aliased(Person)
# Built once: building it takes as long as asking it.
_AGENDA = (
    select(SittingItem, Proposal, Person)
    .join(Proposal, col(Proposal.id) == SittingItem.proposal)
    .join(_entry, col(_entry.id) == Proposal.person)
    .join(Person, col(Person.id) == func.coalesce(_entry.merged_into, _entry.id))
    .where(SittingItem.sitting == bindparam("sitting"))
    .order_by(col(SittingItem.position))
)


class Point(NamedTuple):
    """One point of an agenda."""

    item: SittingItem
    proposal: Proposal
    person: Person
    """The entry that speaks for whom it is about."""
    name: str | None
    """None once the person was erased, and for whoever may not read a restricted record."""


def sitting_of(session: Session, sitting_id: UUID) -> Sitting:
    """The sitting."""
    found = session.get(Sitting, sitting_id)
    if found is None:
        raise SittingNotHere
    return found


def sittings(session: Session) -> list[tuple[Sitting, int, int]]:
    """The latest sittings, newest first, each with how many points it has and how many were advised on."""
    points, advised = func.count(col(SittingItem.proposal)), func.count(col(SittingItem.advice))
    query = select(Sitting, points, advised).join(SittingItem, col(SittingItem.sitting) == Sitting.id, isouter=True)
    newest = query.group_by(col(Sitting.id)).order_by(col(Sitting.held_on).desc(), col(Sitting.prepared_at).desc())
    return list(session.exec(newest.limit(SITTINGS_SHOWN)))


def items_of(session: Session, sitting_id: UUID) -> list[SittingItem]:
    """The agenda in its order."""
    query = select(SittingItem).where(SittingItem.sitting == sitting_id).order_by(col(SittingItem.position))
    return list(session.exec(query))


def agenda_of(session: Session, sitting_id: UUID, roles: frozenset[str]) -> list[Point]:
    """The agenda with names, for those who sit; of a restricted record the name is not shown."""
    rows = session.exec(_AGENDA, params={"sitting": sitting_id}).all()
    shown = {kept.id: kept for *_, kept in rows if kept.restricted_at is None or roles & READS_RESTRICTED}
    names = {one.id: identity.name for one, identity in identities_of(session, shown.values())}
    return [Point(item, proposal, kept, names.get(kept.id)) for item, proposal, kept in rows]


def advice_on(session: Session, proposal: Proposal) -> list[tuple[SittingItem, list[str] | None]]:
    """What sittings advised on a proposal, in their order, with the minutes; None where the person was erased."""
    query = select(SittingItem).where(SittingItem.proposal == proposal.id, col(SittingItem.advice).is_not(None))
    items = session.exec(query.order_by(col(SittingItem.advised_at))).all()
    sealed = opened(session, [(proposal.person, MINUTES, item.minutes) for item in items])
    return [
        (item, json.loads(minutes) if minutes is not None else None)
        for item, minutes in zip(items, sealed, strict=True)
    ]
