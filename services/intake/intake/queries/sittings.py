"""Looking up sittings of the TPP."""

import json
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.vault import vault_of
from contracts.vocabulary import LegalStatus, Right
from sqlmodel import Session, col, select

from intake.model.people import Identity, Person
from intake.model.rights import Proposal
from intake.model.sittings import Sitting, SittingItem, SittingNotHere
from intake.queries.people import IDENTITY
from intake.queries.sentences import opened

MINUTES = "sitting_item.minutes"
"""The place that sealed minutes are bound to."""


class Point(NamedTuple):
    """One point of an agenda."""

    item: SittingItem
    proposal: Proposal
    legal_status: LegalStatus
    name: str | None
    """None once the person was erased."""

    @property
    def right(self) -> Right:
        """What is asked for."""
        return self.proposal.right


def sitting_of(session: Session, sitting_id: UUID) -> Sitting:
    """The sitting."""
    found = session.get(Sitting, sitting_id)
    if found is None:
        raise SittingNotHere
    return found


def items_of(session: Session, sitting_id: UUID) -> list[SittingItem]:
    """The agenda in its order."""
    query = select(SittingItem).where(SittingItem.sitting == sitting_id).order_by(col(SittingItem.position))
    return list(session.exec(query))


def agenda_of(session: Session, sitting_id: UUID) -> list[Point]:
    """The agenda with names, for those who sit."""
    query = (
        select(SittingItem, Proposal, Person)
        .where(SittingItem.sitting == sitting_id, SittingItem.proposal == Proposal.id, Proposal.person == Person.id)
        .order_by(col(SittingItem.position))
    )
    rows = session.exec(query).all()
    names = _names(session, [person for _, _, person in rows])
    return [Point(item, proposal, person.legal_status, names.get(person.id)) for item, proposal, person in rows]


def advice_on(session: Session, proposal: Proposal) -> list[tuple[SittingItem, list[str] | None]]:
    """What sittings advised on a proposal, in their order, with the minutes; None where the person was erased."""
    query = select(SittingItem).where(SittingItem.proposal == proposal.id, col(SittingItem.advice).is_not(None))
    items = session.exec(query.order_by(col(SittingItem.advised_at))).all()
    sealed = opened(session, MINUTES, [(proposal.person, item.minutes) for item in items])
    return [
        (item, json.loads(minutes) if minutes is not None else None)
        for item, minutes in zip(items, sealed, strict=True)
    ]


def _names(session: Session, people: Sequence[Person]) -> dict[UUID, str]:
    sealed = [(person.id, person.identity) for person in people if person.identity is not None]
    opened = vault_of(session).open_all(IDENTITY, sealed)
    return {
        id: Identity.model_validate_json(said).name
        for (id, _), said in zip(sealed, opened, strict=True)
        if said is not None
    }
