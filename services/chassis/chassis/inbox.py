"""The inbox: what has been received, so that nothing is applied twice and every gap shows."""

import json
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Session

from chassis.envelope import Envelope, Feed
from chassis.received import Received

metadata = MetaData()

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("outcome", Text),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Every event ever received. `outcome` is null when it was applied, a refusal's slug, `unknown` or `parked`."""

position = Table(
    "position",
    metadata,
    Column("site", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("audience", Text, primary_key=True),
    Column("epoch", Uuid, primary_key=True),
    Column("spans", JSONB, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Which numbers of each feed have been received, as spans."""

parked = Table(
    "parked",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid),
    Column("subject", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("resolved_at", DateTime(timezone=True)),
)
"""Events that keep failing alone, kept as they came until somebody decides. They count as received: the rest goes on."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came, not yet trusted."""

    subject: str
    headers: Mapping[str, str]
    body: bytes
    envelope: Envelope | None
    """None when the headers are not those of an event of ours."""

    @classmethod
    def of(cls, subject: str, headers: Mapping[str, str] | None, body: bytes) -> "Delivery":
        """The delivery in a message, whatever is in it."""
        try:
            envelope = Envelope.of(headers or {})
        except ValueError:
            envelope = None
        return cls(subject, headers or {}, body, envelope)


def receive(session: Session, envelopes: Sequence[Envelope]) -> set[UUID]:
    """Marks `envelopes` received and returns the ids of those that had not been, each of which must now be applied."""
    numbers: dict[Feed, list[int]] = defaultdict(list)
    for envelope in envelopes:
        numbers[envelope.feed].append(envelope.number)
    for feed in sorted(numbers, key=str):
        _advance(session, feed, numbers[feed])
    ids = sorted({envelope.event_id for envelope in envelopes})
    fresh = insert(inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
    # One statement for the whole batch: an array is one parameter, however long.
    statement = fresh.from_select(["event_id"], select(func.unnest(ids, type_=Uuid)))
    return set(session.execute(statement).scalars())


def _advance(session: Session, feed: Feed, numbers: Iterable[int]) -> None:
    here = _key(feed)
    spans = session.execute(select(position.c.spans).where(*here).with_for_update()).scalar_one_or_none()
    received = Received(tuple((first, last) for first, last in spans or ())).adding(numbers)
    row = insert(position).values(
        site=feed.site, service=feed.service, audience=feed.audience, epoch=feed.epoch, spans=received.spans
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["site", "service", "audience", "epoch"],
            set_={"spans": row.excluded.spans, "received_at": func.now()},
        )
    )


def _key(feed: Feed) -> tuple:  # type: ignore[type-arg]
    c = position.c
    return (c.site == feed.site, c.service == feed.service, c.audience == feed.audience, c.epoch == feed.epoch)


def note_outcome(session: Session, event_id: UUID, outcome: str) -> None:
    """Notes that an event was received but not applied, and why."""
    session.execute(update(inbox).where(inbox.c.event_id == event_id).values(outcome=outcome))


def positions(session: Session) -> list[tuple[Feed, Received]]:
    """How far this service has come in every feed that it ever heard."""
    rows = session.execute(select(position).order_by(position.c.received_at))
    return [(Feed(r.site, r.service, r.audience, r.epoch), Received(tuple((a, b) for a, b in r.spans))) for r in rows]


def contiguous(session: Session, feed: Feed) -> int:
    """The watermark of one feed: everything up to it is committed here."""
    spans = session.execute(select(position.c.spans).where(*_key(feed))).scalar_one_or_none()
    return Received(tuple((first, last) for first, last in spans or ())).contiguous


def park(session: Session, delivery: Delivery, failure: Exception, attempts: int) -> None:
    """Puts a delivery aside and counts it as received."""
    envelope = delivery.envelope
    if envelope:
        receive(session, [envelope])
        note_outcome(session, envelope.event_id, "parked")
    # Only where it broke: an exception's own text may hold what was in the event or in a row.
    frames = traceback.format_list(traceback.extract_tb(failure.__traceback__))
    session.execute(
        insert(parked).values(
            event_id=envelope.event_id if envelope else None,
            subject=delivery.subject,
            headers=json.loads(json.dumps(dict(delivery.headers))),
            body=delivery.body,
            reason=type(failure).__name__,
            trace="".join(frames),
            attempts=attempts,
        )
    )


def receipt(received: Received, epoch: UUID) -> bytes:
    """What a reader tells a feed's relay: how far it is and what it lacks."""
    return json.dumps(
        {"epoch": str(epoch), "contiguous": received.contiguous, "missing": received.missing[:100]}
    ).encode()
