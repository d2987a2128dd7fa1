"""How fast a relay takes an outbox to its stream, against publishing the same bytes with nothing else to do."""

import asyncio
import time

from chassis.broker import connect
from chassis.database import Database, psycopg_url
from chassis.outbox import publish
from chassis.relay import Relay
from chassis.service import outlet
from intake.app import service as intake
from jembatan import provision
from nats.js.api import StreamConfig
from sqlalchemy import text

from bench.figures import Figure
from bench.machine import SITE, Machine, events, fill, until

EVENTS = 5_000


async def measure(machine: Machine) -> list[Figure]:
    """Both on the same server, with `sync_interval: always`."""
    async with machine.client() as client:
        await client.jetstream().add_stream(StreamConfig(name="RAW", subjects=["raw.>"]))
        await fill(client, EVENTS // 5, SITE, "raw.")
        began = time.perf_counter()
        await fill(client, EVENTS, SITE, "raw.")
        raw = EVENTS / (time.perf_counter() - began)
        await provision.provision(client, provision.link_streams(SITE)[:1], {})
    return [Figure("outbox to stream", await _relay(machine), "events/s", raw, "raw async publish", at_least=0.5)]


async def _relay(machine: Machine) -> float:
    settings = machine.settings(intake.name, SITE)
    database = Database(settings, intake.name)
    for start in range(0, EVENTS, 500):
        with database.transaction() as session:
            publish(session, *list(events(EVENTS))[start : start + 500])
    client = await connect(machine.nats.url, name="bench relay")
    relay = Relay(psycopg_url(database.url), SITE, intake.name, [outlet("national", settings, "intake", client)], 30)
    began = time.perf_counter()
    work = asyncio.create_task(relay.run())
    await until(lambda: asyncio.to_thread(_all_sent, database))
    rate = EVENTS / (time.perf_counter() - began)
    work.cancel()
    await client.close()
    database.close()
    return rate


def _all_sent(database: Database) -> bool:
    query = "select count(*) from outbox where audience = 'national' and published_at is null"
    with database.engine.connect() as connection:
        return bool(connection.execute(text(query)).scalar_one() == 0)
