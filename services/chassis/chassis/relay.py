"""The relay: takes the outbox to the streams, in order, until every reader says that it has everything."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import DictRow, dict_row

from chassis import outbox
from chassis.envelope import Envelope, Feed
from contracts import Audience

log = logging.getLogger(__name__)
Connection = AsyncConnection[DictRow]

BATCH = 500
WINDOW = 256
"""How many publishes may wait for their acknowledgement at once."""
ACK_TIMEOUT_S = 10
RESEND_AFTER = timedelta(seconds=5)
"""A number reported missing is sent again at most this often: a receipt may be older than the last sending."""
CHECK_EVERY_S = 5


@dataclass(frozen=True)
class Outlet:
    """Where one audience's feed goes, and where its readers' receipts are found."""

    audience: Audience
    nats: Client
    stream: str
    own_subjects: str
    """Wildcard for what this service alone says in that stream."""
    receipts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Per reader: the stream and the subject of its latest receipt."""
    heartbeat: str | None = None
    """Where to tell how much was written, for readers that cannot look into this database."""


class Rewound(Exception):
    """The stream holds less than it once acknowledged: a wiped store, a flipped bit, a power cut."""


class Relay:
    """Sends everything one service says. Any number may run: the one that holds the database's lock works."""

    def __init__(self, database_url: str, site: str, service: str, outlets: Sequence[Outlet], keep_days: int) -> None:
        self._url, self._site, self._service = database_url, site, service
        self._outlets, self._keep_days = outlets, keep_days
        self._jetstreams: dict[Audience, JetStreamContext] = {}
        self.alive_at: float | None = None
        """The loop time of the last full round: what readiness looks at."""

    async def run(self) -> None:
        """Works until cancelled. Trouble with the database or the broker is waited out: the rows are safe."""
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, row_factory=dict_row
                ) as connection:
                    await self._lead(connection)
                    await self._relay(connection)
            except (OperationalError, NatsError, OSError, TimeoutError) as trouble:
                log.warning("relay waits", extra={"error": type(trouble).__name__})
                await asyncio.sleep(1)

    async def _lead(self, connection: Connection) -> None:
        # A session lock on this very connection: whoever loses the connection has lost the lead as well.
        lock = "select pg_try_advisory_lock(hashtext('relay')) as mine"
        while not (await _one(connection, lock))["mine"]:
            self._round_done()
            await asyncio.sleep(1)

    async def _relay(self, connection: Connection) -> None:
        await connection.execute(f"listen {outbox.WAKE}")
        for outlet in self._outlets:
            await connection.execute(
                "insert into feed (audience) values (%s) on conflict do nothing", [outlet.audience]
            )
        checked_at = dict.fromkeys((o.audience for o in self._outlets), float("-inf"))
        while True:
            for outlet in self._outlets:
                now = asyncio.get_running_loop().time()
                if now - checked_at[outlet.audience] > CHECK_EVERY_S:
                    checked_at[outlet.audience] = float("-inf")
                    if not await self._agrees(connection, outlet):
                        continue
                    await self._read_receipts(connection, outlet)
                    await self._trim(connection, outlet)
                    await self._beat(connection, outlet)
                    checked_at[outlet.audience] = now
                try:
                    while await self._pump(connection, outlet):
                        pass
                except Rewound:
                    log.warning("stream rewound", extra={"stream": outlet.stream})
                    checked_at[outlet.audience] = float("-inf")
            self._round_done()
            async for _ in connection.notifies(timeout=1, stop_after=1):
                pass

    async def _beat(self, connection: Connection, outlet: Outlet) -> None:
        if outlet.heartbeat:
            while await number(connection, outlet.audience):
                pass
            feed = await _feed(connection, outlet.audience)
            told = {"service": self._service, "epoch": str(feed["epoch"]), "written": feed["last_number"]}
            await outlet.nats.publish(outlet.heartbeat, json.dumps(told).encode())

    def _round_done(self) -> None:
        self.alive_at = asyncio.get_running_loop().time()

    async def _pump(self, connection: Connection, outlet: Outlet) -> bool:
        """Sends the next batch; False when nothing waits."""
        await number(connection, outlet.audience)
        feed = await _feed(connection, outlet.audience)
        rows = await (
            await connection.execute(
                "select id, subject, event_id, type, occurred_at, body, traceparent, number, attempt from outbox"
                " where audience = %s and published_at is null and number is not null order by number limit %s",
                [outlet.audience, BATCH],
            )
        ).fetchall()
        if not rows:
            return False
        acked = await self._send(outlet, feed, rows)
        if acked:
            await connection.execute(
                "with sent as (update outbox set published_at = now() where id = any(%s))"
                " update feed set stream_seq = greatest(stream_seq, %s) where audience = %s",
                [[row["id"] for row, _ in acked], max(seq for _, seq in acked), outlet.audience],
            )
        if len(acked) < len(rows):
            raise TimeoutError("not every event was acknowledged")
        return True

    async def _send(self, outlet: Outlet, feed: DictRow, rows: Sequence[DictRow]) -> list[tuple[DictRow, int]]:
        """Publishes in order. Returns the rows before the first that was not acknowledged, with their sequence."""
        jetstream = self._jetstream(outlet)
        identity = Feed(self._site, self._service, outlet.audience, feed["epoch"])
        pending = []
        try:
            for row in rows:
                headers = _envelope(row, identity).headers()
                headers["Nats-Msg-Id"] = f"{identity.epoch}.{row['number']}.{row['attempt']}"
                # Without wait_stall a lost acknowledgement, once WINDOW are out, would hold the relay for ever.
                pending.append(
                    await jetstream.publish_async(
                        row["subject"], row["body"], headers=headers, wait_stall=ACK_TIMEOUT_S
                    )
                )
        except (NatsError, OSError, TimeoutError):
            log.warning("publishing stopped", extra={"stream": outlet.stream})
            # nats-py never gives back the place of a publish that it could not write.
            del self._jetstreams[outlet.audience]
        acked: list[tuple[DictRow, int]] = []
        for row, future in zip(rows, pending, strict=False):
            try:
                # A publish that is never answered would wait for ever.
                ack = await asyncio.wait_for(future, ACK_TIMEOUT_S)
            except (NatsError, OSError, TimeoutError):
                break
            if not ack.duplicate and ack.seq <= feed["stream_seq"]:
                raise Rewound
            acked.append((row, ack.seq))
        for future in pending:
            future.cancel()
        return acked

    def _jetstream(self, outlet: Outlet) -> JetStreamContext:
        # Kept: each context that publishes subscribes once, for as long as the connection lives.
        if outlet.audience not in self._jetstreams:
            self._jetstreams[outlet.audience] = outlet.nats.jetstream(publish_async_max_pending=WINDOW)
        return self._jetstreams[outlet.audience]

    async def _agrees(self, connection: Connection, outlet: Outlet) -> bool:
        """Whether the stream and the outbox tell the same story, after mending what can be mended from here.

        A stream that is gone or has rewound is the provisioner's to recreate; until then nothing is sent. A stream
        that was recreated lacks what it held: everything the slowest reader has not confirmed is sent again. A stream
        that knows more than the outbox means that this database was restored from a backup: a new epoch begins.
        """
        feed = await _feed(connection, outlet.audience)
        jetstream = outlet.nats.jetstream()
        try:
            state = (await jetstream.stream_info(outlet.stream)).state
        except NotFoundError:
            log.warning("stream is missing", extra={"stream": outlet.stream})
            return False
        if state.last_seq < feed["stream_seq"]:
            log.warning("stream has rewound", extra={"stream": outlet.stream})
            return False
        try:
            last = await jetstream.get_last_msg(outlet.stream, outlet.own_subjects)
        except NotFoundError:
            last = None
        with contextlib.suppress(ValueError):  # not an event: nothing of ours
            envelope = Envelope.of((last and last.headers) or {})
            if envelope.feed.epoch == feed["epoch"] and envelope.number > feed["last_number"]:
                await begin_epoch(connection, outlet.audience)
                return True
        if ((last and last.seq) or 0) < feed["stream_seq"]:
            await connection.execute(
                "update outbox set published_at = null, attempt = attempt + 1"
                " where audience = %(audience)s and published_at is not null and number >"
                " (select case when count(*) < %(readers)s then 0 else coalesce(min(contiguous), 0) end"
                "  from receipt where audience = %(audience)s)",
                {"audience": outlet.audience, "readers": len(outlet.receipts)},
            )
            # Not less than what the stream begins with, or another wipe would begin below it.
            floor = max(state.first_seq - 1, 0)
            await connection.execute("update feed set stream_seq = %s where audience = %s", [floor, outlet.audience])
        return True

    async def _read_receipts(self, connection: Connection, outlet: Outlet) -> None:
        feed = await _feed(connection, outlet.audience)
        for reader, (stream, subject) in outlet.receipts.items():
            try:
                message = await outlet.nats.jetstream().get_last_msg(stream, subject)
            except NotFoundError:
                continue
            told = _receipt(message.data or b"")
            if told is None or told["epoch"] != feed["epoch"]:
                continue
            if told["contiguous"] > feed["last_number"]:
                return await begin_epoch(connection, outlet.audience)
            # A receipt goes back only when its reader was restored: what came after is sent again, heard of or not.
            await connection.execute(
                "update outbox set published_at = null, attempt = attempt + 1"
                " where audience = %(audience)s and published_at is not null and number > %(now)s and exists"
                " (select from receipt where audience = %(audience)s and reader = %(reader)s and contiguous > %(now)s)",
                {"audience": outlet.audience, "reader": reader, "now": told["contiguous"]},
            )
            await connection.execute(
                "insert into receipt (audience, reader, epoch, contiguous, parked, told_at)"
                " values (%s, %s, %s, %s, %s, %s)"
                " on conflict (audience, reader) do update set epoch = excluded.epoch,"
                " contiguous = excluded.contiguous, parked = excluded.parked, told_at = excluded.told_at",
                [outlet.audience, reader, feed["epoch"], told["contiguous"], told["parked"], message.time],
            )
            for first, last in told["missing"]:
                await connection.execute(
                    "update outbox set published_at = null, attempt = attempt + 1"
                    " where audience = %s and number between %s and %s and published_at < now() - %s",
                    [outlet.audience, first, last, RESEND_AFTER],
                )

    async def _trim(self, connection: Connection, outlet: Outlet) -> None:
        """Forgets what every reader has had for long. Without a receipt from each of them nothing is forgotten.

        What a reader has parked it has not had: until it is taken, whoever asks where it is must be told.
        """
        await connection.execute(
            "delete from outbox where audience = %(audience)s and published_at < now() - %(keep)s"
            " and (select count(*) from receipt where audience = %(audience)s) = %(readers)s and number <="
            " (select min(contiguous) from receipt where audience = %(audience)s)"
            " and not exists (select from receipt where receipt.audience = outbox.audience and number = any(parked))",
            {
                "audience": outlet.audience,
                "keep": timedelta(days=self._keep_days),
                "readers": len(outlet.receipts) or None,
            },
        )


async def number(connection: Connection, audience: Audience) -> int:
    """Numbers what is new, in the order it was written, without gaps; returns how many, a batch at most."""
    async with connection.transaction():
        feed = await _one(connection, "select last_number from feed where audience = %s for update", [audience])
        done = await connection.execute(
            "update outbox set number = %(last)s + new.place from (select id, row_number() over (order by id) as place"
            " from outbox where audience = %(audience)s and number is null order by id limit %(batch)s) as new"
            " where outbox.id = new.id",
            {"last": feed["last_number"], "audience": audience, "batch": BATCH},
        )
        if done.rowcount:
            await connection.execute(
                "update feed set last_number = last_number + %s where audience = %s", [done.rowcount, audience]
            )
        return done.rowcount


async def begin_epoch(connection: Connection, audience: Audience) -> None:
    """Starts the numbering anew, for a database that was restored: what it holds is told again from 1.

    Receivers know each fact by its id, so what they had already is not applied again.
    """
    log.warning("new epoch", extra={"audience": audience})
    async with connection.transaction():
        await connection.execute(
            "update feed set epoch = gen_random_uuid(), last_number = 0, stream_seq = 0 where audience = %s", [audience]
        )
        await connection.execute("delete from receipt where audience = %s", [audience])
        await connection.execute(
            "update outbox set number = null, published_at = null, attempt = 0 where audience = %s", [audience]
        )


def _envelope(row: DictRow, identity: Feed) -> Envelope:
    return Envelope(
        event_id=row["event_id"],
        type=row["type"],
        feed=identity,
        number=row["number"],
        occurred_at=row["occurred_at"],
        traceparent=row["traceparent"],
    )


def _receipt(said: bytes) -> dict[str, Any] | None:
    """What a reader said; None when it is not a receipt."""
    try:
        told = json.loads(said)
        spans = [(int(first), int(last)) for first, last in told["missing"]]
        # A reader of the release before says nothing of what it parked.
        aside = [int(number) for number in told.get("parked", ())]
        return {"epoch": UUID(told["epoch"]), "contiguous": int(told["contiguous"]), "missing": spans, "parked": aside}
    except (ValueError, KeyError, TypeError):
        log.warning("not a receipt")
        return None


async def _feed(connection: Connection, audience: Audience) -> DictRow:
    return await _one(connection, "select * from feed where audience = %s", [audience])


async def _one(connection: Connection, query: str, parameters: Sequence[object] = ()) -> DictRow:
    row = await (await connection.execute(query, parameters)).fetchone()
    assert row is not None
    return row
