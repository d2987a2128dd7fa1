"""Parked events: what a service could not take, shown and tried again by an operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis import inbox
from chassis.database import Database
from chassis.inbox import Delivery
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from jembatan.folder import Folder
from jembatan.node import service_of, settings_for


@dataclass(frozen=True)
class Parked:
    """One event that was put aside."""

    id: int
    service: str
    subject: str
    reason: str
    attempts: int
    parked_at: datetime
    trace: str
    headers: dict[str, str]
    body: bytes


class StillFails(Exception):
    """The cause is not mended: the event stays parked."""


def waiting(folder: Folder) -> list[Parked]:
    """Everything that waits for a decision at this node, oldest first."""
    found = []
    for service in folder.services:
        with _database(folder, service) as database, database.transaction() as session:
            query = select(inbox.parked).where(inbox.parked.c.resolved_at.is_(None)).order_by(inbox.parked.c.id)
            found += [_of(service, row) for row in session.execute(query)]
    return found


def retry(folder: Folder, service: str, parked_id: int) -> None:
    """Applies one parked event again, as its service would, in one transaction.

    Raises LookupError when it does not wait, and StillFails when the service fails or refuses: then nothing is changed.
    """
    with _database(folder, service) as database:
        try:
            with database.transaction() as session:
                _apply(session, service, parked_id)
        except (LookupError, StillFails, OperationalError):
            raise
        except Exception as failure:
            raise StillFails(f"{service} still cannot take event {parked_id}: {type(failure).__name__}") from failure


def _apply(session: Session, service: str, parked_id: int) -> None:
    query = select(inbox.parked).where(inbox.parked.c.id == parked_id, inbox.parked.c.resolved_at.is_(None))
    row = session.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise LookupError(f"{service} has no waiting event {parked_id}")
    delivery = Delivery.of(row.subject, row.headers, row.body)
    if delivery.envelope is None:
        raise StillFails("this is not an event of ours, so it cannot be applied")
    made = service_of(service)
    apply = made.handlers.apply if made.handlers else made.apply
    assert apply
    inbox.note_outcome(session, delivery.event_id, None)
    apply(session, [delivery])
    refusal = session.execute(select(inbox.inbox.c.outcome).where(inbox.inbox.c.event_id == delivery.event_id)).scalar()
    if refusal:
        raise StillFails(f"{service} refuses event {parked_id}: {refusal}")
    session.execute(update(inbox.parked).where(inbox.parked.c.id == parked_id).values(resolved_at=datetime.now(UTC)))


@contextmanager
def _database(folder: Folder, service: str) -> Iterator[Database]:
    database = Database(settings_for(folder, service), service)
    try:
        yield database
    finally:
        database.close()


def _of(service: str, row: Any) -> Parked:
    return Parked(
        row.id, service, row.subject, row.reason, row.attempts, row.parked_at, row.trace, row.headers, row.body
    )
