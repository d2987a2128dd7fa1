"""The relay takes the outbox to the stream: in order, without gaps, and again when something was lost."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from chassis import outbox, relay, topology
from chassis.broker import connect
from chassis.database import psycopg_url
from chassis.relay import Relay
from chassis.service import outlet
from contracts.intake import ConsentDeclined
from contracts.vocabulary import Purpose
from nats.aio.client import Client
from sqlalchemy import text
from support import Rutan, eventually

READERS = ("intake", "programs")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "CHECK_EVERY_S", 0.1)
    monkeypatch.setattr(relay, "ACK_TIMEOUT_S", 0.5)


def write(rutan: Rutan, count: int) -> None:
    """Facts that stay inside the rutan, so there is one feed to look at."""
    with rutan.database("intake").transaction() as session:
        outbox.publish(session, *(declined(rutan.site) for _ in range(count)))


def declined(site: str) -> ConsentDeclined:
    return ConsentDeclined(site=site, occurred_at=datetime.now(UTC), person=uuid4(), purpose=Purpose.FOLLOW_UP)


@contextlib.asynccontextmanager
async def relaying(rutan: Rutan, **changes: Any) -> AsyncIterator[Relay]:
    """A relay of intake's site feed at work."""
    settings = rutan.settings("intake", readers=READERS)
    client = await connect(settings.nats_url, name="relay")
    way = outlet("site", settings, "intake", client)
    made = Relay(psycopg_url(rutan.url("intake")), rutan.site, "intake", [way], changes.get("keep_days", 30))
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)
        await client.close()


def relayed(rutan: Rutan, look: Callable[[], object], **changes: Any) -> None:
    """Lets a relay work until `look` is true."""

    async def go() -> None:
        async with relaying(rutan, **changes):
            await asyncio.to_thread(eventually, look)

    asyncio.run(go())


def waiting(rutan: Rutan) -> int:
    return int(rutan.one("intake", "select count(*) from outbox where published_at is null"))


def numbers(rutan: Rutan) -> list[tuple[str, int]]:
    """Epoch and number of each message in the stream, in order."""

    async def go(client: Client) -> list[tuple[str, int]]:
        jetstream, stream = client.jetstream(), topology.site_stream(rutan.site)
        state = (await jetstream.stream_info(stream)).state
        messages = [await jetstream.get_msg(stream, n) for n in range(state.first_seq, state.last_seq + 1)]
        headers = [message.headers or {} for message in messages]
        return [(told["ce-epoch"], int(told["ce-seq"])) for told in headers]

    return rutan.with_nats(go)


def tell_receipt(
    rutan: Rutan, reader: str, contiguous: int, missing: list[list[int]] | None = None, parked: tuple[int, ...] = ()
) -> None:
    epoch = str(rutan.one("intake", "select epoch from feed where audience = 'site'"))
    told = {"epoch": epoch, "contiguous": contiguous, "missing": missing or [], "parked": parked}
    rutan.publish(topology.receipt(rutan.site, rutan.site, "intake", reader), json.dumps(told).encode())


def run_sql(rutan: Rutan, statement: str) -> None:
    with rutan.database("intake").engine.begin() as connection:
        connection.execute(text(statement))


def wipe(rutan: Rutan) -> None:
    async def go(client: Client) -> bool:
        return bool(await client.jetstream().delete_stream(topology.site_stream(rutan.site)))

    rutan.with_nats(go)


def test_numbers_have_no_gap_under_concurrent_writers_and_rollbacks(rutan: Rutan) -> None:
    write(rutan, 1)
    database = rutan.database("intake")

    def writer(first: int) -> None:
        for turn in range(first, first + 40):
            with contextlib.suppress(ZeroDivisionError), database.transaction() as session:
                outbox.publish(session, declined(rutan.site))
                _ = 1 // (turn % 4)

    async def go() -> None:
        async with relaying(rutan):
            await asyncio.gather(*(asyncio.to_thread(writer, n) for n in range(4)))
            await asyncio.to_thread(eventually, lambda: waiting(rutan) == 0)

    asyncio.run(go())
    assert [number for _, number in numbers(rutan)] == list(range(1, 122))
    assert rutan.one("intake", "select max(id) from outbox") > 121


def test_what_a_reader_reports_missing_is_sent_again(rutan: Rutan) -> None:
    write(rutan, 4)
    relayed(rutan, lambda: waiting(rutan) == 0)
    tell_receipt(rutan, "programs", 1, [[2, 3]])
    run_sql(rutan, "update outbox set published_at = now() - interval '1 hour'")
    relayed(rutan, lambda: len(numbers(rutan)) == 6)
    assert [number for _, number in numbers(rutan)] == [1, 2, 3, 4, 2, 3]


def test_no_row_is_forgotten_before_every_reader_has_it(rutan: Rutan) -> None:
    write(rutan, 4)
    relayed(rutan, lambda: waiting(rutan) == 0)
    left = "select array_agg(number order by number) from outbox"
    run_sql(rutan, "update outbox set published_at = now() - interval '40 days'")
    known = "select count(*) from receipt"
    tell_receipt(rutan, "programs", 4)
    relayed(rutan, lambda: rutan.one("intake", known) == 1)
    assert rutan.one("intake", left) == [1, 2, 3, 4]
    tell_receipt(rutan, "intake", 2)
    relayed(rutan, lambda: rutan.one("intake", left) == [3, 4])
    assert rutan.one("intake", known) == 2


def test_what_a_reader_has_parked_is_not_forgotten_until_it_takes_it(rutan: Rutan) -> None:
    write(rutan, 4)
    relayed(rutan, lambda: waiting(rutan) == 0)
    left = "select array_agg(number order by number) from outbox"
    run_sql(rutan, "update outbox set published_at = now() - interval '40 days'")
    tell_receipt(rutan, "intake", 4)
    tell_receipt(rutan, "programs", 4, parked=(2,))
    relayed(rutan, lambda: rutan.one("intake", left) == [2])
    tell_receipt(rutan, "programs", 4)
    relayed(rutan, lambda: rutan.one("intake", left) is None)


def test_no_row_is_forgotten_while_a_restored_reader_might_ask_for_it(rutan: Rutan) -> None:
    write(rutan, 2)
    for reader in READERS:
        relayed(rutan, lambda: waiting(rutan) == 0)
        tell_receipt(rutan, reader, 2)
    relayed(rutan, lambda: rutan.one("intake", "select count(*) from receipt") == 2)
    write(rutan, 1)
    relayed(rutan, lambda: waiting(rutan) == 0)
    assert rutan.one("intake", "select count(*) from outbox") == 3


def test_a_stream_made_anew_gets_all_that_the_slowest_reader_lacks(rutan: Rutan) -> None:
    write(rutan, 4)
    relayed(rutan, lambda: waiting(rutan) == 0)
    tell_receipt(rutan, "programs", 4)
    tell_receipt(rutan, "intake", 1)
    relayed(rutan, lambda: rutan.one("intake", "select count(*) from receipt") == 2)
    wipe(rutan)
    remake(rutan)
    relayed(rutan, lambda: len(numbers(rutan)) == 3)
    assert [number for _, number in numbers(rutan)] == [2, 3, 4]


def remake(rutan: Rutan) -> None:
    """The stream as the provisioner makes it anew: above everything that was ever acknowledged."""
    from jembatan import provision  # noqa: PLC0415

    known = {topology.site_stream(rutan.site): rutan.one("intake", "select max(stream_seq) from feed")}

    async def go(client: Client) -> None:
        await provision.provision(client, provision.site_streams(rutan.site, READERS), known)

    rutan.with_nats(go)


def test_a_reader_that_was_never_heard_is_the_slowest_of_all(rutan: Rutan) -> None:
    write(rutan, 3)
    relayed(rutan, lambda: waiting(rutan) == 0)
    tell_receipt(rutan, "programs", 3)
    relayed(rutan, lambda: rutan.one("intake", "select count(*) from receipt") == 1)
    wipe(rutan)
    remake(rutan)
    relayed(rutan, lambda: len(numbers(rutan)) == 3)
    assert [number for _, number in numbers(rutan)] == [1, 2, 3]


def test_a_restored_database_begins_a_new_epoch_and_tells_everything_again(rutan: Rutan) -> None:
    write(rutan, 3)
    relayed(rutan, lambda: waiting(rutan) == 0)
    before = {epoch for epoch, _ in numbers(rutan)}
    run_sql(rutan, "delete from outbox where number > 1")  # as it was when the backup was made
    run_sql(rutan, "update feed set last_number = 1, stream_seq = 1")
    write(rutan, 1)
    relayed(rutan, lambda: len(numbers(rutan)) == 5)
    after = numbers(rutan)[3:]
    assert [number for _, number in after] == [1, 2]
    assert len({epoch for epoch, _ in after}) == 1
    assert {epoch for epoch, _ in after}.isdisjoint(before)


def test_a_reader_that_knows_more_than_the_outbox_shows_that_it_was_restored(rutan: Rutan) -> None:
    write(rutan, 1)
    relayed(rutan, lambda: waiting(rutan) == 0)
    epoch = rutan.one("intake", "select epoch from feed")
    tell_receipt(rutan, "programs", 9)
    relayed(rutan, lambda: rutan.one("intake", "select epoch from feed") != epoch and waiting(rutan) == 0)
    assert [number for _, number in numbers(rutan)] == [1, 1]


def test_of_two_relays_one_leads_and_the_other_takes_over(rutan: Rutan) -> None:
    leaders = (
        "select count(*) from pg_locks where locktype = 'advisory' and granted"
        " and database = (select oid from pg_database where datname = current_database())"
    )

    async def go() -> None:
        async with relaying(rutan) as waiting_one, contextlib.AsyncExitStack() as first:
            await first.enter_async_context(relaying(rutan))
            await asyncio.to_thread(eventually, lambda: waiting_one.alive_at is not None)
            assert rutan.one("intake", leaders) == 1
            write(rutan, 50)
            await asyncio.to_thread(eventually, lambda: waiting(rutan) == 0)
            await first.aclose()
            write(rutan, 50)
            await asyncio.to_thread(eventually, lambda: waiting(rutan) == 0)
            assert rutan.one("intake", leaders) == 1

    asyncio.run(go())
    assert [number for _, number in numbers(rutan)] == list(range(1, 101))


async def _with_acks(rutan: Rutan, client: Client, given: bool) -> None:
    jetstream, stream = client.jetstream(), topology.site_stream(rutan.site)
    config = (await jetstream.stream_info(stream)).config
    config.no_ack = not given
    await jetstream.update_stream(config)


def test_acknowledgements_that_never_come_do_not_hold_the_relay_for_ever(rutan: Rutan) -> None:
    write(rutan, relay.WINDOW + 10)

    def acks(given: bool) -> Callable[[Client], Awaitable[None]]:
        def go(client: Client) -> Coroutine[Any, Any, None]:
            return _with_acks(rutan, client, given)

        return go

    rutan.with_nats(acks(False))

    async def go() -> None:
        async with relaying(rutan):
            await asyncio.to_thread(eventually, lambda: len(numbers(rutan)) >= relay.WINDOW)
            await asyncio.to_thread(rutan.with_nats, acks(True))
            await asyncio.to_thread(eventually, lambda: waiting(rutan) == 0)

    asyncio.run(go())


def test_sending_leaves_nothing_behind_on_the_connection(rutan: Rutan) -> None:
    async def go() -> tuple[int, int]:
        async with relaying(rutan):
            counts = []
            for _ in range(2):
                for _ in range(5):
                    write(rutan, 1)
                    await asyncio.to_thread(eventually, lambda: waiting(rutan) == 0)
                counts.append(len(asyncio.all_tasks()))
            return counts[0], counts[1]

    early, late = asyncio.run(go())
    assert late <= early + 1


def test_when_a_reader_told_is_kept_and_stands_still_while_it_says_nothing_new(rutan: Rutan) -> None:
    write(rutan, 2)
    relayed(rutan, lambda: waiting(rutan) == 0)
    tell_receipt(rutan, "programs", 1)
    told = "select told_at from receipt where reader = 'programs'"
    relayed(rutan, lambda: rutan.sql("intake", told))
    at = rutan.one("intake", told)
    tell_receipt(rutan, "intake", 1)
    # The relay has read both once more by the time that it knows the second.
    relayed(rutan, lambda: rutan.one("intake", "select count(*) from receipt") == 2)
    assert rutan.one("intake", told) == at
    tell_receipt(rutan, "programs", 2)
    relayed(rutan, lambda: rutan.one("intake", told) > at)
