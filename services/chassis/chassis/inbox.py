"""The inbox: what has been received, so that nothing is applied twice and every gap shows."""

import json
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
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
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlmodel import Session

from chassis import topology
from chassis.envelope import Envelope, Feed
from chassis.received import Received

metadata = MetaData()

PATIENCE = 60
"""A delivery that is ahead of its turn comes again every second, so often at most; then it is applied out of turn. Only
a reader that joins when a feed's beginning was long forgotten gets there."""
MISSING_TOLD_MAX = 100

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
    Column("seen", BigInteger, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Which numbers of each feed have been received, as spans, and the highest that was ever seen."""

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
"""Events that keep failing alone, as they came, until somebody decides. They count as received: the rest goes on."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came, not yet trusted."""

    subject: str
    headers: Mapping[str, str]
    body: bytes
    envelope: Envelope | None
    """None when the headers are not those of an event of ours."""
    times: int = 1
    """How often it was delivered, this time included."""

    @property
    def event_id(self) -> UUID:
        """The event's id."""
        assert self.envelope
        return self.envelope.event_id

    @property
    def number(self) -> int:
        """The event's place in its feed."""
        assert self.envelope
        return self.envelope.number

    @classmethod
    def of(cls, subject: str, headers: Mapping[str, str] | None, body: bytes, times: int = 1) -> "Delivery":
        """The delivery in a message, whatever is in it. An event that speaks for another site is not one of ours."""
        # A zero byte cannot be kept, and what cannot be kept cannot be parked.
        subject = subject.replace("\0", "\ufffd")
        headers = {name: value.replace("\0", "\ufffd") for name, value in (headers or {}).items()}
        try:
            envelope: Envelope | None = Envelope.of(headers)
        except ValueError:
            envelope = None
        if envelope and envelope.feed.site != topology.speaker(subject, headers):
            envelope = None
        return cls(subject, headers, body, envelope, times)


def receive(
    session: Session, deliveries: Sequence[Delivery], *, ordered: bool
) -> tuple[list[Delivery], list[Delivery]]:
    """Marks deliveries received. Returns those that must now be applied, and those that came too early.

    What was received before is in neither. With `ordered`, a delivery waits while numbers before it in its feed are
    missing; the relay is asked for them, or they are under way. Its patience ends after `PATIENCE` deliveries.
    """
    taken: dict[UUID, Delivery] = {}
    early: list[Delivery] = []
    for feed, group in _by_feed(deliveries).items():
        in_order, too_soon = _advance(session, feed, group, ordered)
        for delivery in in_order:
            taken.setdefault(delivery.event_id, delivery)
        early += too_soon
    # One statement for the whole batch: an array is one parameter, however long.
    ids = bindparam("ids", list(taken), ARRAY(Uuid))
    fresh = insert(inbox).from_select(["event_id"], select(func.unnest(ids))).on_conflict_do_nothing()
    new = set(session.execute(fresh.returning(inbox.c.event_id)).scalars())
    chosen = [d for d in deliveries if d.envelope and d.event_id in new and taken[d.event_id] is d]
    # Between feeds the stream's order, within a feed its numbers.
    turns = {feed: iter(sorted(group, key=lambda d: d.number)) for feed, group in _by_feed(chosen).items()}
    return [next(turns[d.envelope.feed]) for d in chosen if d.envelope], early


def _by_feed(deliveries: Iterable[Delivery]) -> dict[Feed, list[Delivery]]:
    groups: dict[Feed, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.envelope:
            groups[delivery.envelope.feed].append(delivery)
    # Always locked in the same order, so that two readers cannot wait for each other; a feed's epochs as they came.
    return dict(sorted(groups.items(), key=lambda group: (group[0].site, group[0].service, group[0].audience)))


def _advance(
    session: Session, feed: Feed, group: Sequence[Delivery], ordered: bool
) -> tuple[list[Delivery], list[Delivery]]:
    row = session.execute(select(position).where(*_key(feed)).with_for_update()).one_or_none()
    before = _received(row.spans) if row else Received()
    taken, early = split(group, before) if ordered else (list(group), [])
    spans = before.adding(d.number for d in taken).spans
    # What is here but too early is not missing, only what is before it.
    seen = max([row.seen if row else 0, *(d.number for d in taken), *(d.number - 1 for d in early[:1])])
    mark = insert(position).values(
        site=feed.site,
        service=feed.service,
        audience=feed.audience,
        epoch=feed.epoch,
        spans=spans,
        seen=seen,
        received_at=func.clock_timestamp(),
    )
    session.execute(
        mark.on_conflict_do_update(
            index_elements=["site", "service", "audience", "epoch"],
            set_={"spans": mark.excluded.spans, "seen": mark.excluded.seen, "received_at": mark.excluded.received_at},
        )
    )
    return taken, early


def split(group: Iterable[Delivery], before: Received) -> tuple[list[Delivery], list[Delivery]]:
    """Which deliveries of one feed may be applied now, and which must wait for numbers before them."""
    taken, early = [], []
    known = before
    for delivery in sorted(group, key=lambda d: d.number):
        if (
            delivery.number == 1
            or delivery.number in known
            or delivery.number - 1 in known
            or delivery.times > PATIENCE
        ):
            known = known.adding([delivery.number])
            taken.append(delivery)
        else:
            early.append(delivery)
    return taken, early


def _received(spans: Iterable[Sequence[int]]) -> Received:
    return Received(tuple((first, last) for first, last in spans))


def _key(feed: Feed) -> tuple:  # type: ignore[type-arg]
    c = position.c
    return c.site == feed.site, c.service == feed.service, c.audience == feed.audience, c.epoch == feed.epoch


def note_outcome(session: Session, event_id: UUID, outcome: str | None) -> None:
    """Notes that an event was received but not applied, and why; None: it was applied after all."""
    session.execute(update(inbox).where(inbox.c.event_id == event_id).values(outcome=outcome))


@dataclass(frozen=True)
class Position:
    """How far a reader is in one feed."""

    feed: Feed
    received: Received
    seen: int
    parked: tuple[int, ...] = ()
    """Numbers that are received and not applied."""

    def receipt(self) -> bytes:
        """What the feed's relay is told: how far the reader is, what it lacks and what it could not apply."""
        missing = self.received.missing(self.seen)[:MISSING_TOLD_MAX]
        told = {
            "epoch": str(self.feed.epoch),
            "contiguous": self.received.contiguous,
            "missing": missing,
            "parked": self.parked,
        }
        return json.dumps(told).encode()


def positions(session: Session) -> list[Position]:
    """How far this service is in every feed that it ever heard, the one heard last at the end."""
    rows = session.execute(select(position).order_by(position.c.received_at))
    aside: dict[Feed, list[int]] = defaultdict(list)
    for headers in session.execute(select(parked.c.headers).where(parked.c.resolved_at.is_(None))).scalars():
        with suppress(ValueError):
            envelope = Envelope.of(headers)
            aside[envelope.feed].append(envelope.number)
    feeds = [(Feed(r.site, r.service, r.audience, r.epoch), r) for r in rows]
    return [Position(feed, _received(r.spans), r.seen, tuple(sorted(aside[feed]))) for feed, r in feeds]


def contiguous(session: Session, feed: Feed) -> int:
    """The watermark of one feed: everything up to it is committed here."""
    spans = session.execute(select(position.c.spans).where(*_key(feed))).scalar_one_or_none()
    return _received(spans or ()).contiguous


def waits(session: Session, site: str, service: str) -> bool:
    """Whether an event of this publisher is parked: what is received of it is not all applied."""
    named = [parked.c.headers[f"ce-{name}"].astext == value for name, value in (("site", site), ("service", service))]
    query = select(parked.c.id).where(parked.c.resolved_at.is_(None), *named).limit(1)
    return session.execute(query).first() is not None


def park(session: Session, delivery: Delivery, failure: Exception, attempts: int) -> None:
    """Puts a delivery aside and counts it as received."""
    envelope = delivery.envelope
    if envelope:
        receive(session, [delivery], ordered=False)
        note_outcome(session, envelope.event_id, "parked")
    # Only where it broke: an exception's own text may hold what was in the event or in a row.
    frames = traceback.format_list(traceback.extract_tb(failure.__traceback__))
    session.execute(
        insert(parked).values(
            event_id=envelope.event_id if envelope else None,
            subject=delivery.subject,
            headers=dict(delivery.headers),
            body=delivery.body,
            reason=type(failure).__name__,
            trace="".join(frames),
            attempts=attempts,
        )
    )
