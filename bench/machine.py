"""The servers of a benchmark: a PostgreSQL and a NATS of its own, as durable as in production."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import nats
from chassis.envelope import Envelope, Feed
from chassis.identity import Issuer
from chassis.migrate import upgrade
from chassis.settings import Settings
from contracts.intake import ConsentGiven, PersonRegistered, PersonReleased
from contracts.vocabulary import LegalStatus, Purpose, ReleaseMode, Sex
from jembatan import provision
from jembatan.node import migrations
from jembatan.servers import NatsServer, Postgres
from nats.aio.client import Client

from contracts import Event

CONFIG = "jetstream { store_dir: $JEMBATAN_NATS_STORE, sync_interval: always }\nlisten: $JEMBATAN_NATS_LISTEN\n"
SITE = "bench-rutan"


@dataclass(frozen=True)
class Machine:
    """Two running servers."""

    postgres: Postgres
    nats: NatsServer

    def settings(self, service: str, site: str) -> Settings:
        """A fresh, migrated database and this NATS, as a service is told of them."""
        name = f"{service}_{uuid4().hex[:8]}"
        self.postgres.create_database(name)
        upgrade(self.postgres.url(name), migrations(service))
        return Settings(
            site=site,
            database_url=self.postgres.url(name),
            nats_url=self.nats.url,
            token_key=Issuer.new().public_jwk(),
        )

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A plain connection."""
        made = await nats.connect(self.nats.url)
        try:
            yield made
        finally:
            await made.close()

    async def national(self, client: Client, sites: list[str], durables: tuple[str, ...]) -> None:
        """The hub's stream, drawing from the sites' streams without a link, and more consumers on all of it."""
        await provision.provision(client, [provision.link_streams(site)[0] for site in sites], {})
        hub = provision.hub_streams(sites, [])[0]
        sources = [{k: v for k, v in source.items() if k != "external"} for source in hub.config["sources"]]
        consumers = (*hub.consumers, *((durable, "p.>") for durable in durables))
        await provision.provision(client, [provision.Stream({**hub.config, "sources": sources}, consumers)], {})


@contextlib.contextmanager
def machine() -> Iterator[Machine]:
    """Starts them in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="jembatan-bench-") as name, contextlib.ExitStack() as stack:
        postgres = Postgres.start(Path(name) / "postgres")
        stack.callback(postgres.stop)
        config = Path(name) / "nats.conf"
        config.write_text(CONFIG)
        server = NatsServer.start(Path(name) / "nats", config, {})
        stack.callback(server.stop)
        yield Machine(postgres, server)


def events(count: int, site: str = SITE) -> Iterator[Event]:
    """Events as a rutan sends them, three to a person."""
    now = datetime.now(UTC)
    for n in range(count):
        person = UUID(int=n // 3)
        match n % 3:
            case 0:
                yield PersonRegistered(
                    site=site,
                    occurred_at=now,
                    person=person,
                    legal_status=LegalStatus.NARAPIDANA,
                    sex=Sex.MALE,
                    birth_year=1990,
                    prior_convictions=1,
                )
            case 1:
                yield ConsentGiven(
                    site=site, occurred_at=now, person=person, purpose=Purpose.PROGRAMME, consent_epoch=1
                )
            case _:
                yield PersonReleased(
                    site=site,
                    occurred_at=now,
                    person=person,
                    release_id=UUID(int=n),
                    released_on=now.date(),
                    mode=ReleaseMode.PB,
                )


async def fill(client: Client, count: int, site: str, prefix: str = "") -> None:
    """Puts `count` events of one feed in a site's stream."""
    jetstream = client.jetstream(publish_async_max_pending=256)
    feed = Feed(site, "intake", "national", uuid4())
    pending = []
    for number, event in enumerate(events(count, site), start=1):
        headers = Envelope(event.event_id, event.type, feed, number, event.occurred_at).headers()
        subject = f"{prefix}national.{site}.{event.type}"
        pending.append(await jetstream.publish_async(subject, event.to_bytes(), headers=headers))
    await asyncio.gather(*pending)


async def until(reached: Callable[[], Awaitable[bool]], within_s: float = 300) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + within_s
    while not await reached():
        if time.monotonic() > deadline:
            raise TimeoutError("the benchmark did not get there")
        await asyncio.sleep(0.02)
