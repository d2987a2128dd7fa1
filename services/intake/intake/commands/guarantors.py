"""Naming somebody who stands surety, and following the letter until it is countersigned."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from chassis.identity import Actor
from chassis.outbox import publish
from contracts.intake import GuarantorConfirmed
from sqlmodel import Session

from intake.commands.family import known_as
from intake.commands.people import person_of
from intake.commands.rights import follow_guarantor
from intake.model.family import Contact, ContactWish, must_agree
from intake.model.guarantors import Guarantee, GuarantorAlreadyNamed, VillageHead
from intake.queries.family import answers_of, entry_of
from intake.queries.guarantors import open_guarantee


def name_guarantor(session: Session, guarantee: Guarantee) -> Guarantee:
    """Names a contact who agreed to stand surety. The same entry again changes nothing."""
    person_of(session, guarantee.person)
    entry_of(session, Contact, guarantee.person, guarantee.contact)
    if known := known_as(session, guarantee):
        return known
    must_agree(answers_of(session, guarantee.contact), guarantee.contact, ContactWish.GUARANTOR)
    if open_guarantee(session, guarantee.contact):
        raise GuarantorAlreadyNamed
    session.add(guarantee)
    return guarantee


def receive_letter(
    session: Session, person_id: UUID, guarantee_id: UUID, on: date, *, by: Actor, at: datetime
) -> Guarantee:
    """The surety's letter is here."""
    return _step(session, person_id, guarantee_id, lambda guarantee: guarantee.receive_letter(on, at=at), by)


def countersign(
    session: Session, person_id: UUID, guarantee_id: UUID, on: date, head: VillageHead, *, by: Actor, at: datetime
) -> Guarantee:
    """The village head signed it."""
    return _step(session, person_id, guarantee_id, lambda guarantee: guarantee.countersign(on, head, at=at), by)


def withdraw_guarantor(session: Session, person_id: UUID, guarantee_id: UUID, *, by: Actor, at: datetime) -> Guarantee:
    """The guarantor takes it back."""
    person_of(session, person_id)
    guarantee = entry_of(session, Guarantee, person_id, guarantee_id)
    guarantee.withdraw(by=by.id, at=at)
    follow_guarantor(session, guarantee.contact, by=by.id, at=at)
    return guarantee


def _step(
    session: Session,
    person_id: UUID,
    guarantee_id: UUID,
    take: Callable[[Guarantee], GuarantorConfirmed | None],
    by: Actor,
) -> Guarantee:
    person_of(session, person_id)
    guarantee = entry_of(session, Guarantee, person_id, guarantee_id)
    if confirmed := take(guarantee):
        must_agree(answers_of(session, guarantee.contact), guarantee.contact, ContactWish.GUARANTOR)
        publish(session, confirmed)
        follow_guarantor(session, guarantee.contact, by=by.id, at=confirmed.occurred_at)
    return guarantee
