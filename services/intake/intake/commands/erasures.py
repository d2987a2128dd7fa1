"""Asking to be erased, deciding on it, and carrying the decision out."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from chassis import gate
from chassis.card import rows_about
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.intake import PersonErased
from sqlmodel import Session

from intake.commands.people import person_of
from intake.model import Table
from intake.model.erasures import (
    Decision,
    Erasure,
    ErasureAlreadyDecided,
    ErasureIdTaken,
    ErasureOutcome,
)
from intake.model.people import Person, PersonNotHere
from intake.queries import consents
from intake.queries import erasures as queries


def request_erasure(session: Session, erasure: Erasure) -> Erasure:
    """Records that a person asked to be erased. The same request again changes nothing."""
    if known := session.get(Erasure, erasure.id):
        if not known.same_as(erasure):
            raise ErasureIdTaken
        return known
    person_of(session, erasure.person)
    session.add(erasure)
    session.flush()
    return erasure


def decide_erasure(
    session: Session, person_id: UUID, erasure_id: UUID, decision: Decision, *, by: Actor, at: datetime
) -> Erasure:
    """Decides on a request and carries the decision out. The same decision again changes nothing."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise PersonNotHere
    erasure = queries.erasure_of(session, person_id, erasure_id)
    if erasure.outcome is not None:
        if not erasure.decided_as(decision):
            raise ErasureAlreadyDecided
        return erasure
    erased = erasure.decide(decision, queries.hold_on(session, person, at.date()), by=by.id, at=at)
    if erased:
        _erase(session, person, erasure, erased)
    elif decision.outcome is ErasureOutcome.PARTLY:
        _erase_what_consent_covered(session, person, erasure, by=by, at=at)
    erasure.kept = [] if erased else queries.kept_tables(session, person_id)
    return erasure


def keep_erased(session: Session) -> None:
    """Destroys keys again that came back with a backup of their database; nothing where none did."""
    vault_of(session).destroy(*queries.erased(session))


def _erase(session: Session, person: Person, erasure: Erasure, erased: PersonErased) -> None:
    subjects = _delete(session, person.id, lambda table: table.name != "person" and not table.info.get("outlives"))
    person.strip()
    gate.forget(session, person.id)
    publish(session, erased)
    erasure.told = [str(erased.event_id)]
    session.flush()
    # Last, and in a database of its own: if the commit fails now, the decision is made again and finds the keys gone.
    vault_of(session).destroy(person.id, *subjects)


def _erase_what_consent_covered(session: Session, person: Person, erasure: Erasure, *, by: Actor, at: datetime) -> None:
    """What rests on consent alone goes (Ps. 43 (1) b), and with it the consents; what the law asks for stays."""
    withdrawn = [consent.withdraw(by=by.id, at=at) for consent in consents.standing(session, person.id)]
    publish(session, *withdrawn)
    erasure.told = [str(event.event_id) for event in withdrawn]
    subjects = _delete(session, person.id, lambda table: bool(table.info.get("by_consent")))
    session.flush()
    if subjects:
        vault_of(session).destroy(*subjects)


def _delete(session: Session, person_id: UUID, goes: Callable[[sa.Table], bool]) -> set[UUID]:
    """Deletes what is held of a person; returns the ids of rows that something may have been sealed under."""
    subjects: set[UUID] = set()
    # Those that point to others first.
    for table, theirs in reversed(rows_about(Table.metadata, [person_id]).items()):
        if not goes(table):
            continue
        if any(isinstance(column.type, sa.LargeBinary) for column in table.columns):
            subjects.update(session.execute(sa.select(*table.primary_key).where(theirs)).scalars())
        session.execute(sa.delete(table).where(theirs))
    return subjects
