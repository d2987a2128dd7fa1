"""A site's folder as the operator's command finds it, whose services answer over HTTP."""

import contextlib
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
from support.waiting import eventually

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


@contextlib.contextmanager
def served(*apps: FastAPI, lifespan: Literal["on", "off"]) -> Iterator[list[str]]:
    """Where each of these answers meanwhile. All start at once, and all end at once."""
    servers = [uvicorn.Server(uvicorn.Config(app, port=0, lifespan=lifespan, log_level="critical")) for app in apps]
    threads = [threading.Thread(target=server.run, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: all(server.started for server in servers))
        yield [f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}" for server in servers]
    finally:
        for server in servers:
            server.should_exit = True
        for thread in threads:
            thread.join()
