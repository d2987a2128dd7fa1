"""Asking to be erased, deciding on it, and carrying the decision out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from chassis import gate
from chassis.about import delete_about
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from sqlmodel import Session

from contracts import Event
from intake.commands.effects import follow, prove
from intake.commands.people import locked
from intake.model import Table
from intake.model.days import today
from intake.model.erasures import (
    Decision,
    Erasure,
    ErasureAlreadyDecided,
    ErasureIdTaken,
    ErasureOutcome,
)
from intake.model.people import Person
from intake.queries import consents, people
from intake.queries import erasures as queries


def request_erasure(session: Session, erasure: Erasure) -> Erasure:
    """Records that a person asked to be erased. The same request again changes nothing."""
    if known := session.get(Erasure, erasure.id):
        if not known.same_as(erasure):
            raise ErasureIdTaken
        return known
    locked(session, erasure.person)
    session.add(erasure)
    session.flush()
    return erasure


def decide_erasure(
    session: Session, person_id: UUID, erasure_id: UUID, decision: Decision, *, by: Actor, at: datetime
) -> Erasure:
    """Decides on a request and carries the decision out. The same decision again changes nothing."""
    # All entries that are this person, always in the same order.
    ids = sorted(people.entries_of(session, person_id))
    entries = [session.get_one(Person, entry, with_for_update=True, populate_existing=True) for entry in ids]
    erasure = queries.erasure_of(session, person_id, erasure_id)
    if erasure.outcome is not None:
        if not erasure.decided_as(decision):
            raise ErasureAlreadyDecided
        return erasure
    done = erasure.decide(decision, queries.hold_on(session, entries, today(at)), by=by.id, at=at)
    if done:
        _erase(session, entries, erasure, at)
    elif decision.outcome is ErasureOutcome.PARTLY:
        _erase_what_consent_covered(session, entries, erasure, by=by, at=at)
    erasure.kept = [] if done else queries.kept_tables(session, [entry.id for entry in entries])
    return erasure


def follow_erasure(session: Session, person_id: UUID, erasure_id: UUID, now: datetime) -> Erasure:
    """A request, after noting which readers have carried its decision out by now."""
    erasure = queries.erasure_of(session, person_id, erasure_id)
    for event_id in erasure.told:
        prove(session, UUID(event_id), now)
    return erasure


def keep_erased(session: Session) -> None:
    """Destroys keys again that came back with a backup of their database; nothing where none did."""
    vault_of(session).destroy(*queries.erased(session))


def _erase(session: Session, entries: Sequence[Person], erasure: Erasure, at: datetime) -> None:
    ids = [entry.id for entry in entries]
    _delete(session, ids, lambda table: table.name != "person" and not table.info.get("outlives"))
    for entry in entries:
        entry.strip()
        gate.forget(session, entry.id)
    _tell(session, erasure, [erasure.of(entry.id, at) for entry in entries])
    # Last, and in a database of its own: if the commit fails now, the decision is made again and finds the keys gone.
    vault_of(session).destroy(*ids)


def _erase_what_consent_covered(
    session: Session, entries: Sequence[Person], erasure: Erasure, *, by: Actor, at: datetime
) -> None:
    """What rests on consent alone goes (Ps. 43 (1) b), and with it the consents; what the law asks for stays."""
    standing = [consent for entry in entries for consent in consents.standing(session, entry.id)]
    _tell(session, erasure, [consent.withdraw(by=by.id, at=at) for consent in standing])
    _delete(session, [entry.id for entry in entries], lambda table: bool(table.info.get("by_consent")))


def _tell(session: Session, erasure: Erasure, events: Sequence[Event]) -> None:
    publish(session, *events)
    erasure.told = [str(event.event_id) for event in events]
    session.flush()
    for event in events:
        follow(session, event.event_id, event.occurred_at)


def _delete(session: Session, people: Sequence[UUID], goes: Callable[[sa.Table], bool]) -> None:
    session.flush()
    delete_about(session, Table.metadata, "person", *people, goes=goes)
