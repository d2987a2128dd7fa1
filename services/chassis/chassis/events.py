"""Events in: one durable, ordered consumer per service; one transaction per batch; commit, then acknowledge."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from nats.aio.msg import Msg
from sqlmodel import Session

from chassis import gate, inbox, telemetry
from chassis.database import Database
from chassis.errors import DomainError
from chassis.inbox import Delivery
from contracts import Event, parse

log = logging.getLogger(__name__)

EARLY_AGAIN_S = 1

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Event)
On = Callable[[Session, E | F], None]
Handler = Callable[[Session, Any], None]
Apply = Callable[[Session, Sequence[Delivery]], None]
"""Applies deliveries that were never applied before, in their order, in the session's transaction."""


class AnotherSites(Exception):
    """An event's body speaks for another site than its feed."""


def event_of(delivery: Delivery) -> Event | None:
    """The event that was delivered, or None when this release does not know its type.

    Raises pydantic.ValidationError or AnotherSites when it is not what it says to be.
    """
    assert delivery.envelope
    event = parse(delivery.envelope.type, delivery.body)
    if event and event.site != delivery.envelope.feed.site:
        raise AnotherSites
    return event


class Handlers:
    """What a service does when it hears of something: filled where the handlers stand, listed nowhere else."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def on(self, event_class: type[E], also: type[F] | None = None) -> Callable[[On[E, F]], On[E, F]]:
        """Registers `on_…(session, event)` for one event class, or for two that bring about the same."""

        def register(handler: On[E, F]) -> On[E, F]:
            for heard in (event_class, also):
                if heard and heard.type in self._handlers:
                    raise TypeError(f"{heard.type} already has a handler")
                if heard:
                    self._handlers[heard.type] = handler
            return handler

        return register

    def types(self) -> set[str]:
        """The types of event that something follows from."""
        return set(self._handlers)

    def apply(self, session: Session, fresh: Sequence[Delivery]) -> None:
        """Handles each delivery under a savepoint. A refusal is an outcome; everything else is raised."""
        for delivery in fresh:
            envelope = delivery.envelope
            handler = self._handlers.get(envelope.type) if envelope else None
            if envelope is None or handler is None:
                continue
            event = event_of(delivery)
            if event and event.about and gate.is_forgotten(session, event.about):
                inbox.note_outcome(session, envelope.event_id, "forgotten")
                continue
            with telemetry.continued(f"on {envelope.type}", envelope.traceparent):
                try:
                    with session.begin_nested():
                        handler(session, event)
                        session.flush()
                except DomainError as refusal:
                    inbox.note_outcome(session, envelope.event_id, refusal.slug())


class Consumer:
    """Takes batches of messages of one durable consumer, in stream order."""

    attempts_max = 5

    def __init__(
        self,
        database: Database,
        apply: Apply,
        committed: Callable[[], Awaitable[None]],
        *,
        ordered: bool = True,
        backoff_s: Sequence[float] = (0.5, 1, 2, 5, 10),
    ) -> None:
        self._database, self._apply, self._committed = database, apply, committed
        self._ordered, self._backoff_s = ordered, backoff_s

    async def __call__(self, messages: list[Msg]) -> None:
        """Commits what is in `messages`, whatever it takes, then acknowledges each."""
        deliveries = [Delivery.of(m.subject, m.headers, m.data, m.metadata.num_delivered) for m in messages]
        early = {id(d) for d in await self._take(deliveries, messages)}
        for message, delivery in zip(messages, deliveries, strict=True):
            await (message.nak(EARLY_AGAIN_S) if id(delivery) in early else message.ack())
        await self._committed()

    async def _take(self, deliveries: Sequence[Delivery], messages: Sequence[Msg]) -> list[Delivery]:
        """Applies deliveries, one by one if they fail together; returns those that came too early."""
        attempts = waits = 0
        while True:
            try:
                return await asyncio.to_thread(self._commit, deliveries)
            except Exception as failure:
                for message in messages:
                    await message.in_progress()
                if not await asyncio.to_thread(self._database.usable):
                    # The database's trouble is not the event's fault: wait for it, however long.
                    log.warning("database unusable, waiting", extra={"error": type(failure).__name__})
                elif len(deliveries) > 1:
                    return [early for d in deliveries for early in await self._take([d], messages)]
                else:
                    attempts += 1
                    log.warning("event failed", extra={"attempt": attempts, "error": type(failure).__name__})
                    if attempts == self.attempts_max:
                        await asyncio.to_thread(self._park, deliveries[0], failure, attempts)
                        return []
                await asyncio.sleep(self._backoff_s[min(waits, len(self._backoff_s) - 1)])
                waits += 1

    def _commit(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        with self._database.transaction() as session:
            fresh, early = inbox.receive(session, deliveries, ordered=self._ordered)
            self._apply(session, fresh)
            for stranger in (d for d in deliveries if d.envelope is None):
                inbox.park(session, stranger, ValueError(), attempts=1)
        return early

    def _park(self, delivery: Delivery, failure: Exception, attempts: int) -> None:
        with self._database.transaction() as session:
            inbox.park(session, delivery, failure, attempts)
