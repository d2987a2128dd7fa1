"""A site's folder as the operator's command finds it, whose services answer over HTTP."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx2
import uvicorn
from chassis.identity import Actor
from contracts.vocabulary import Role
from fastapi import FastAPI
from jembatan.folder import VAULT, Folder
from jembatan.node import service_of, settings_for

from support.rutan import Rutan

NO_TLS = ssl.create_default_context()
"""For clients that speak HTTP alone: each would read every certificate authority of the world anew."""


class SiteFolder:
    """The folder of a rutan under test, and a way to ask its services."""

    def __init__(self, data: Path, rutan: Rutan) -> None:
        self.data, self.folder = data, Folder(data / rutan.site)
        self.folder.create(rutan.site)
        self.running: dict[str, Any] = {
            "site": rutan.site,
            "databases": {name: rutan.url(name) for name in (*self.folder.services, VAULT)},
            "nats": rutan.settings("intake").nats_url,
            "services": {},
        }
        self.folder.write_running(self.running)

    def request(
        self, service: str, method: str, path: str, body: dict[str, Any] | None = None, by: UUID | None = None
    ) -> httpx2.Response:
        """A request of somebody with every role: of anybody, unless it must be the same one again."""
        token = self.folder.issuer().token(Actor(by or uuid4(), self.folder.site, frozenset(Role)))
        headers = {"authorization": f"Bearer {token}", "jembatan-purpose": "service"}
        url = f"{self.running['services'][service]}{path}"
        return httpx2.request(method, url, json=body or {}, headers=headers, timeout=30, verify=NO_TLS)


@contextlib.contextmanager
def answering(data: Path, rutan: Rutan) -> Iterator[SiteFolder]:
    """Every service of the site answers; none listens and none speaks."""
    site = SiteFolder(data, rutan)
    apps = {name: service_of(name).app(settings_for(site.folder, name)) for name in site.folder.services}
    with contextlib.ExitStack() as stack:
        for app in apps.values():
            stack.callback(app.state.database.close)
        urls = stack.enter_context(served(*apps.values(), lifespan="off"))
        site.running["services"] = dict(zip(apps, urls, strict=True))
        site.folder.write_running(site.running)
        yield site


class _Served(uvicorn.Server):
    """An app on a free port in a thread of its own: it ends when it is told to, not with the next tick of a clock."""

    def __init__(self, app: FastAPI, lifespan: Literal["on", "off"]) -> None:
        super().__init__(uvicorn.Config(app, port=0, lifespan=lifespan, log_level="critical"))
        self.answers, self._told = threading.Event(), asyncio.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.answers.set()
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if tasks := self.server_state.tasks:
            await asyncio.wait(tasks)
        await self.lifespan.shutdown()


@contextlib.contextmanager
def served(*apps: FastAPI, lifespan: Literal["on", "off"]) -> Iterator[list[str]]:
    """Where each of these answers meanwhile. All start at once, and all end at once."""
    servers = [_Served(app, lifespan) for app in apps]
    for server in servers:
        server.thread.start()
    assert all(server.answers.wait(timeout=30) for server in servers)
    try:
        yield [server.url for server in servers]
    finally:
        for server in servers:
            server.end()
        for server in servers:
            server.thread.join()
