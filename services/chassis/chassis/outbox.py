"""The outbox: a fact and the event that tells it are written in one transaction. Nothing is sent from here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from opentelemetry.propagate import inject
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from contracts import Audience, Event

E = TypeVar("E", bound=Event)
State = Literal["recorded", "numbered", "published", "received"]

metadata = MetaData()

feed = Table(
    "feed",
    metadata,
    Column("audience", Text, primary_key=True),
    Column("epoch", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    Column("last_number", BigInteger, nullable=False, server_default="0"),
    Column("stream_seq", BigInteger, nullable=False, server_default="0"),
)
"""What this service says to one audience: the last number given, and the highest stream sequence ever acknowledged."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("audience", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("person", Uuid),
    Column("body", LargeBinary, nullable=False),
    Column("traceparent", Text),
    Column("number", BigInteger),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("published_at", DateTime(timezone=True)),
    UniqueConstraint("audience", "number"),
    Index("outbox_event", "event_id"),
    Index("outbox_person", "person", "id", postgresql_where=text("person is not null")),
    Index("outbox_unnumbered", "audience", "id", postgresql_where=text("number is null")),
    Index("outbox_waiting", "audience", "number", postgresql_where=text("published_at is null")),
)
"""One row per event and audience. The relay alone gives numbers, so rollbacks and concurrency leave no gap."""

receipt = Table(
    "receipt",
    metadata,
    Column("audience", Text, primary_key=True),
    Column("reader", Text, primary_key=True),
    Column("epoch", Uuid, nullable=False),
    Column("contiguous", BigInteger, nullable=False),
    Column("parked", ARRAY(BigInteger), nullable=False, server_default="{}"),
    Column("told_at", DateTime(timezone=True)),
)
"""How far each reader has durably come: everything up to `contiguous` is committed there, and all of it but `parked`
was applied. `told_at` is when the reader said so, and stands still while nothing comes from it."""

WAKE = "outbox"
"""The NOTIFY channel that wakes the relay."""


def publish(session: Session, *events: Event) -> None:
    """Says `events`, if and only if the session's transaction commits.

    Raises ValueError for an event of another service or site: that is a mistake in code, not of a user.
    """
    carrier: dict[str, str] = {}
    inject(carrier)
    rows = []
    for event in events:
        if event.publisher != session.info["service"] or event.site != session.info["site"]:
            raise ValueError(f"{session.info['service']} at {session.info['site']} may not say {event.type}")
        rows += [
            {
                "audience": audience,
                "subject": subject(event, audience),
                "event_id": event.event_id,
                "type": event.type,
                "occurred_at": event.occurred_at,
                # Who it is for a partner is a name of that partner's own, and no id.
                "person": person if isinstance(person := getattr(event, "person", None), UUID) else None,
                "body": event.to_bytes(),
                "traceparent": carrier.get("traceparent"),
            }
            for audience in audiences_of(event)
        ]
    if rows:
        session.execute(insert(outbox), rows)
        session.execute(text(f"notify {WAKE}"))


@dataclass(frozen=True)
class Whereabouts:
    """How far one event has come to one audience."""

    audience: Audience
    number: int | None
    published_at: datetime | None
    state: State
    """Received is when every reader that there should be has it."""
    received_by: list[str]
    """Who has committed what follows from it: received, and not parked."""
    awaited: list[str]


def whereabouts(session: Session, *event_ids: UUID) -> dict[UUID, list[Whereabouts]]:
    """Where events are on their way to each audience. One whose rows were forgotten is left out: all had it long."""
    told, found = receipts(session), dict[UUID, list[Whereabouts]]()
    for row in session.execute(select(outbox).where(outbox.c.event_id.in_(event_ids)).order_by(outbox.c.id)):
        readers = session.info["readers"].get(row.audience, ())
        have = [reader for reader in readers if _has_applied(told.get((row.audience, reader)), row.number)]
        awaited = [reader for reader in readers if reader not in have]
        sent: State = "recorded" if row.number is None else "numbered" if row.published_at is None else "published"
        state = "received" if have and not awaited else sent
        place = Whereabouts(row.audience, row.number, row.published_at, state, have, awaited)
        found.setdefault(row.event_id, []).append(place)
    return found


def receipts(session: Session) -> dict[tuple[str, str], Any]:
    """What each audience's readers said last; of an epoch that is over nothing counts."""
    alive = (feed.c.audience == receipt.c.audience) & (feed.c.epoch == receipt.c.epoch)
    return {(told.audience, told.reader): told for told in session.execute(select(receipt).join(feed, alive))}


def _has_applied(told: Any, number: int | None) -> bool:
    return told is not None and number is not None and number <= told.contiguous and number not in told.parked


def last_said(session: Session, event_class: type[E]) -> E | None:
    """The latest event of a class whose row has not been forgotten yet."""
    rows = select(outbox.c.body).where(outbox.c.type == event_class.type).order_by(outbox.c.id.desc()).limit(1)
    body = session.execute(rows).scalar_one_or_none()
    return None if body is None else event_class.model_validate_json(body)


def audiences_of(event: Event | type[Event]) -> tuple[Audience, ...]:
    """The feeds an event goes to: what may leave the rutan is also said inside it."""
    return ("site", "national") if event.audience == "national" else (event.audience,)


def subject(event: Event, audience: Audience) -> str:
    """Where it is said. No subject carries a person: subjects show in monitoring, advisories and metrics."""
    if audience == "partner":
        _, _, what = event.type.partition(".")
        return f"partner.{event.model_dump()['partner']}.{what}"
    return f"{audience}.{event.site}.{event.type}"
