"""What a service does when it hears of something, without a broker in between: for tests of rules, not of transport."""

from uuid import uuid4

from chassis.database import Database
from chassis.envelope import Envelope, Feed
from chassis.inbox import Delivery
from jembatan.node import service_of

from contracts import Event


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
