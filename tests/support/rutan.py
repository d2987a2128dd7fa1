"""A rutan (or the hub) under test: its databases, its streams, and whichever of its services a test starts."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID, uuid4

import nats
from chassis.database import Database
from chassis.envelope import Envelope, Feed
from chassis.identity import Actor, Issuer
from chassis.settings import Settings
from chassis.topology import HUB
from chassis.vault import fresh_key
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from jembatan import provision
from jembatan.folder import SEALING, SITE_SERVICES, VAULT
from jembatan.node import service_of
from nats.aio.client import Client
from sqlalchemy import text

from contracts import Audience, Event
from support.servers import KEPT, SERVICES, Servers

T = TypeVar("T")
ISSUER = Issuer.new()


def staff(site: str, *roles: StrEnum) -> dict[str, str]:
    """The headers of a member of staff; without roles, of one who has them all."""
    actor = Actor(uuid4(), site, frozenset(roles or Role))
    return {"authorization": f"Bearer {ISSUER.token(actor)}", "jembatan-purpose": "service"}


def a_person(**fields: Any) -> dict[str, Any]:
    """A registration, plainly made up."""
    return {"name": "Rekaan Uji", "register_number": "BI-1/UJI", "legal_status": "narapidana", "sex": "male"} | fields


class Rutan:
    """One site on this run's servers. Site codes are never used twice, so tests cannot meet."""

    def __init__(self, servers: Servers, worker: str, site: str | None = None) -> None:
        self.site = site or f"oz-{uuid4().hex[:10]}"
        self.site_key = fresh_key()
        self._servers, self._nats_url = servers, servers.nats_url(worker)
        self._databases: dict[str, str] = {}
        self._stack = contextlib.ExitStack()
        self._joined: list[str] = []
        self._opened: dict[str, Database] = {}

    def provision(self) -> None:
        """Makes the streams and consumers, as an operator's node does."""

        async def go(client: Client) -> None:
            if self.site == HUB:
                streams = provision.hub_streams([], [])
            else:
                streams = provision.site_streams(self.site, SITE_SERVICES) + provision.link_streams(self.site)
            await provision.provision(client, streams, {})

        self.with_nats(go)

    def settings(self, service: str, **changes: Any) -> Settings:
        """What a service is told."""
        given: dict[str, Any] = {
            "site": self.site,
            "database_url": self.url(service),
            "nats_url": self._nats_url,
            "token_key": ISSUER.public_jwk(),
            "log_key": "a" * 64,
            "readers": () if self.site == HUB else SITE_SERVICES,
        }
        if service in SEALING:
            given |= {"vault_url": self.url(VAULT), "vault_key": self.site_key}
        return Settings(**{**given, **changes})

    def url(self, service: str) -> str:
        """A service's database, fresh for this test."""
        if service not in self._databases:
            self._databases[service] = self._servers.databases.lend(service)
        return self._servers.url(self._databases[service])

    def database(self, service: str) -> Database:
        """The same, for looking into it and for commands."""
        if service not in self._opened:
            self._opened[service] = Database(self.settings(service), service)
            self._stack.callback(self._opened[service].close)
        return self._opened[service]

    @contextlib.contextmanager
    def running(self, service: str, **changes: Any) -> Iterator[TestClient]:
        """The service at work; requests come from staff with every role."""
        app = service_of(service).app(self.settings(service, **changes))
        with TestClient(app, raise_server_exceptions=False, headers=staff(self.site)) as client:
            yield client

    def sql(self, service: str, query: str, **parameters: Any) -> list[Any]:
        """Rows of a service's database."""
        with self.database(service).engine.connect() as connection:
            return list(connection.execute(text(query), parameters))

    def change(self, service: str, statement: str, **parameters: Any) -> None:
        """Something that no command does: a row that is tampered with."""
        with self.database(service).engine.begin() as connection:
            connection.execute(text(statement), parameters)

    def one(self, service: str, query: str, **parameters: Any) -> Any:
        """One value of a service's database."""
        return self.sql(service, query, **parameters)[0][0]

    def tell(self, event: Event, number: int, *, epoch: UUID, audience: Audience = "site", **changes: Any) -> None:
        """Says an event as its publisher's relay would; `changes` are headers and `body` that differ.

        At the hub say it with audience `national`: it then comes to the hub's stream as over a link.
        """
        feed = Feed(event.site, event.publisher, audience, epoch)
        headers = Envelope(event.event_id, event.type, feed, number, event.occurred_at).headers()
        body = changes.pop("body", event.to_bytes())
        self.publish(f"{audience}.{event.site}.{event.type}", body, headers | changes)

    def publish(self, subject: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Puts any message in a stream; at the hub in that of a site, from which the hub's own draws."""

        async def go(client: Client) -> None:
            if self.site == HUB:
                await self._join(client, subject.split(".")[1])
            await client.jetstream().publish(subject, body, headers=headers)

        self.with_nats(go)

    async def _join(self, client: Client, site: str) -> None:
        """Lets the hub's stream draw from a site's, without a link in between."""
        if site in self._joined:
            return
        self._joined.append(site)
        national, hub = provision.link_streams(site)[0], provision.hub_streams(self._joined, [])[0]
        sources = [{k: v for k, v in source.items() if k != "external"} for source in hub.config["sources"]]
        await provision.provision(client, [national], {})
        await provision.provision(client, [provision.Stream({**hub.config, "sources": sources})], {})

    def with_nats(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """Does something with a connection of its own."""

        async def go() -> T:
            client = await nats.connect(self._nats_url)
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(go())

    def close(self) -> None:
        """Takes away what the test made."""
        self._stack.close()
        for service, name in self._databases.items():
            self._servers.databases.take_back(name, service)

        async def forget(client: Client) -> None:
            jetstream = client.jetstream()
            for info in await jetstream.streams_info():
                if info.config.name != KEPT:
                    await jetstream.delete_stream(str(info.config.name))

        self.with_nats(forget)


__all__ = ["SERVICES", "Rutan", "a_person", "staff"]
