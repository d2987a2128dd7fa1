"""What central does with what it hears: the log first, the view from it, in one transaction per batch."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from chassis import telemetry
from chassis.envelope import Feed
from chassis.events import event_of
from chassis.inbox import Delivery
from chassis.service import Heartbeat
from psycopg import Connection
from sqlalchemy import text
from sqlmodel import Session

from central.model import EPOCH_STEP, VIEW
from central.projections import project

REBUILDING = "select pg_advisory_xact_lock_shared(hashtext('rebuild'))"
"""A rebuild holds this lock alone: meanwhile the streams keep what comes."""


def apply(session: Session, fresh: Sequence[Delivery]) -> None:
    """Writes events to the log and to the view. A body that is not what its type says is refused whole."""
    connection = psycopg_connection(session)
    connection.execute(REBUILDING)
    for delivery in fresh:
        event_of(delivery)
    columns = "site, service, epoch, number, event_id, type, body"
    with connection.cursor() as cursor, cursor.copy(f"copy event_log ({columns}) from stdin".encode()) as copy:
        for delivery in fresh:
            envelope = delivery.envelope
            assert envelope
            feed = envelope.feed
            body = delivery.body.decode()
            copy.write_row(
                (feed.site, feed.service, feed.epoch, envelope.number, envelope.event_id, envelope.type, body)
            )
    places = _epoch_places(connection, {d.envelope.feed for d in fresh if d.envelope})
    project(
        connection,
        ((e.type, places[e.feed] * EPOCH_STEP + e.number, d.body) for d in fresh if (e := d.envelope)),
        VIEW,
    )
    telemetry.received("central received", (d.envelope.traceparent for d in fresh if d.envelope))


def _epoch_places(connection: "Connection[Any]", feeds: Collection[Feed]) -> dict[Feed, int]:
    """Where each feed's epoch stands among those that were heard of; a new one comes last."""
    places = {}
    for feed in feeds:
        key = (feed.site, feed.service, feed.epoch)
        connection.execute("insert into epoch (site, service, epoch) values (%s, %s, %s) on conflict do nothing", key)
        row = connection.execute(
            "select place from epoch where site = %s and service = %s and epoch = %s", key
        ).fetchone()
        assert row
        places[feed] = row[0]
    return places


def psycopg_connection(session: Session) -> Connection[Any]:
    """The session's own connection, for what only psycopg can do."""
    return cast("Connection[Any]", session.connection().connection.driver_connection)


def on_heartbeat(session: Session, beat: Heartbeat) -> None:
    """A service of a site said how much it has written; if all of it is here, its data are known up to now."""
    session.execute(
        text(
            "insert into heard (site, service, epoch, written, heard_at, complete_at)"
            " select b.*, case when b.written = 0 or exists (select from position p where p.site = b.site"
            "  and p.service = b.service and p.audience = 'national' and p.epoch = b.epoch"
            "  and (p.spans->0->>0)::bigint = 1 and (p.spans->0->>1)::bigint >= b.written) then b.at end"
            " from (select cast(:site as text) as site, cast(:service as text) as service,"
            "  cast(:epoch as uuid) as epoch, cast(:written as bigint) as written, cast(:at as timestamptz) as at) as b"
            " on conflict (site, service) do update set epoch = excluded.epoch, written = excluded.written,"
            " heard_at = excluded.heard_at, complete_at = coalesce(excluded.complete_at, heard.complete_at)"
        ),
        {"site": beat.site, "service": beat.service, "epoch": beat.epoch, "written": beat.written, "at": beat.heard_at},
    )
