"""Parked events: what a service could not take, shown and tried again by an operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis import inbox
from chassis.database import Database
from chassis.errors import DomainError
from chassis.inbox import Delivery
from sqlalchemy import select, update

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
    """Applies one parked event again, as its service would, in one transaction. Raises what the service raises."""
    with _database(folder, service) as database, database.transaction() as session:
        query = select(inbox.parked).where(inbox.parked.c.id == parked_id, inbox.parked.c.resolved_at.is_(None))
        row = session.execute(query.with_for_update()).one_or_none()
        if row is None:
            raise LookupError(f"{service} has no waiting event {parked_id}")
        made = service_of(service)
        apply = made.handlers.apply if made.handlers else made.apply
        assert apply
        delivery = Delivery.of(row.subject, row.headers, row.body)
        if delivery.envelope is None:
            raise ValueError("this is not an event: its headers are not ours")
        try:
            apply(session, [delivery])
        except Exception as failure:
            said = failure.detail if isinstance(failure, DomainError) else type(failure).__name__
            raise StillFails(f"{service} still cannot take event {parked_id}: {said}") from failure
        inbox.note_outcome(session, delivery.event_id, None)
        session.execute(
            update(inbox.parked).where(inbox.parked.c.id == parked_id).values(resolved_at=datetime.now(UTC))
        )


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
