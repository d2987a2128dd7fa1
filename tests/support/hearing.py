"""A service's edges without a broker in between: for tests of rules, not of transport."""

import contextlib
from collections.abc import Iterator
from uuid import uuid4

from chassis.database import Database
from chassis.envelope import Envelope, Feed
from chassis.inbox import Delivery
from fastapi.testclient import TestClient
from jembatan.node import service_of

from contracts import Event
from support.rutan import Rutan, staff


def delivery(event: Event, number: int = 1) -> Delivery:
    """The event as a consumer gets it."""
    feed = Feed(event.site, event.publisher, "site", uuid4())
    headers = Envelope(event.event_id, event.type, feed, number, event.occurred_at).headers()
    return Delivery.of(f"site.{event.site}.{event.type}", headers, event.to_bytes())


def hear(database: Database, *events: Event) -> None:
    """Handles the events in their order, in one transaction, as a consumer would."""
    handlers = service_of(database.service).handlers
    assert handlers
    with database.transaction() as session:
        handlers.apply(session, [delivery(event) for event in events])


@contextlib.contextmanager
def api(rutan: Rutan, service: str) -> Iterator[TestClient]:
    """The service's HTTP alone: no relay and no consumer, so nothing but the database needs to be awake."""
    app = service_of(service).app(rutan.settings(service))
    try:
        yield TestClient(app, raise_server_exceptions=False, headers=staff(rutan.site))
    finally:
        app.state.database.close()
