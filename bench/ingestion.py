"""How fast the centre takes events in: into its log and its view, against pulling alone and against one at a time."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from central.app import service as central
from central.handlers import apply
from chassis import topology
from chassis.broker import Broker
from chassis.database import Database
from chassis.events import Consumer
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.js.api import ConsumerConfig
from sqlalchemy import create_engine, text
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel

from bench.figures import Figure
from bench.machine import SITE, Machine, fill, until

EVENTS = 40_000
SITES = 16
ONE_BY_ONE = 1_500


async def measure(machine: Machine) -> list[Figure]:
    """The same events, in the same stream, taken in three ways."""
    sites = [f"{SITE}-{n}" for n in range(SITES)]
    async with machine.client() as client:
        await machine.national(client, sites, ("raw", "again", "slow"))
        await asyncio.gather(*(fill(client, EVENTS // SITES, site) for site in sites))

        async def all_drawn() -> bool:
            return bool((await client.jetstream().stream_info(topology.NATIONAL)).state.messages == EVENTS)

        await until(all_drawn)
    await _raw(machine, "again")
    raw = await _raw(machine, "raw")
    ours, per_event, peaks = await _central(machine)
    slow = await _one_by_one(machine)
    return [
        Figure("central ingestion", ours, "events/s", raw, "nats-py pull + ack", at_least=0.5),
        Figure("central ingestion", ours, "events/s", slow, "FastStream handler, a commit each", at_least=25),
        Figure("bytes per event at the centre", per_event, "B"),
        Figure("central memory, last quarter of a backlog", peaks[1], "MB", peaks[0], "first quarter", at_most=1.1),
    ]


async def _raw(machine: Machine, durable: str) -> float:
    async with machine.client() as client:
        pulls = await client.jetstream().pull_subscribe_bind(durable, topology.NATIONAL)
        began, taken = time.perf_counter(), 0
        while taken < EVENTS:
            messages = await pulls.fetch(500, timeout=5)
            for message in messages:
                await message.ack()
            taken += len(messages)
        await client.flush()
        return EVENTS / (time.perf_counter() - began)


async def _central(machine: Machine) -> tuple[float, float, tuple[float, float]]:
    """Events per second, bytes each in the database, and memory early and late in the backlog."""
    settings = machine.settings("central", topology.HUB)
    database = Database(settings, central.name)
    before = _size(database)
    broker = Broker(machine.nats.url, name="bench")
    memory: list[tuple[int, float]] = []

    async def committed() -> None:
        memory.append((len(memory), _resident_mb()))

    for durable in topology.durables(central.name, central.partitions):
        broker.on_batch(
            topology.NATIONAL,
            durable,
            Consumer(database, apply, committed, ordered=False),
            batch_size=central.batch_size,
        )
    began = time.perf_counter()
    await broker.start()

    async def all_here() -> bool:
        return await asyncio.to_thread(_contiguous, database) == EVENTS

    await until(all_here)
    rate = EVENTS / (time.perf_counter() - began)
    await broker.stop()
    per_event = (_size(database) - before) / EVENTS
    database.close()
    quarter = max(len(memory) // 4, 1)
    early, late = max(mb for _, mb in memory[:quarter]), max(mb for _, mb in memory[-quarter:])
    return rate, per_event, (early, late)


class _Table(SQLModel, registry=registry()):
    pass


class _Log(_Table, table=True):
    event_id: UUID = Field(primary_key=True)
    body: str


class _View(_Table, table=True):
    person: UUID = Field(primary_key=True)
    type: str


async def _one_by_one(machine: Machine) -> float:
    """A service that takes each message alone: a row in a log, a row in a view, one commit, ack."""
    name = f"slow_{uuid4().hex[:8]}"
    machine.postgres.create_database(name)
    engine = create_engine(machine.postgres.url(name))
    _Table.metadata.create_all(engine)
    broker = NatsBroker(machine.nats.url, logger=None)
    taken, done = 0, asyncio.Event()

    @broker.subscriber(
        "p.>",
        stream=JStream(topology.NATIONAL, declare=False),
        durable="slow",
        config=ConsumerConfig(durable_name="slow"),
        pull_sub=PullSub(batch_size=1),
        ack_policy=AckPolicy.MANUAL,
    )
    async def take(body: dict[str, Any], message: NatsMessage) -> None:
        nonlocal taken
        with Session(engine) as session:
            session.add(_Log(event_id=UUID(message.headers["ce-id"]), body=json.dumps(body)))
            session.merge(_View(person=UUID(body["person"]), type=message.headers["ce-type"]))
            session.commit()
        await message.ack()
        taken += 1
        if taken >= ONE_BY_ONE:
            done.set()

    began = time.perf_counter()
    await broker.start()
    await asyncio.wait_for(done.wait(), 120)
    rate = taken / (time.perf_counter() - began)
    await broker.stop()
    engine.dispose()
    return rate


def _contiguous(database: Database) -> int:
    with database.engine.connect() as connection:
        found = connection.execute(text("select sum((spans->0->>1)::bigint) from position")).scalar_one_or_none()
    return int(found or 0)


def _size(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(text("select pg_database_size(current_database())")).scalar_one())


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not say")
