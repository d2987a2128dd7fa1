"""A node: everything of a site, or of the hub, in one Python process plus PostgreSQL and nats-server from wheels."""

import asyncio
import base64
import contextlib
import gc
import importlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import console.app
import partner_gateway.commands
import psycopg
from chassis.broker import connect
from chassis.database import Database, psycopg_url
from chassis.migrate import upgrade
from chassis.service import Service
from chassis.settings import Settings
from chassis.topology import HUB
from chassis.vault import Vault, derived
from console.settings import ConsoleSettings
from nats.aio.client import Client
from nats.errors import Error as NatsError

from jembatan import enrol, provision, training
from jembatan.folder import CONSOLE, HUB_SERVICES, SEALING, VAULT, Folder
from jembatan.servers import Inside, NatsServer, Postgres, Uvicorn, remembered_port, serving

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.5
COLLECT_EACH = 20_000
"""New objects; a page makes about as many."""
PROVISION_EVERY_S = 5


class Node:
    """One node at work in its folder."""

    def __init__(self, folder: Folder, *, otlp_endpoint: str | None = None) -> None:
        self.folder, self._otlp_endpoint = folder, otlp_endpoint
        self.site = folder.site
        self.postgres: Postgres | None = None
        self.nats: NatsServer | None = None

    async def run(self, stop: asyncio.Event, started: Callable[[], None] = lambda: None) -> None:
        """Runs until `stop` is set, and ends in good order: requests finish, then databases, then the broker."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, self._stop_servers)
            await asyncio.to_thread(self._start_servers)
            provisioner = await stack.enter_async_context(self._provisioning())
            await provisioner()
            self._note_servers()
            await stack.enter_async_context(serving(self._webs()))
            if self.folder.training:
                await stack.enter_async_context(training.filling(self.folder))
            # What lives as long as the node is not looked through again by each collection, and a page is no reason for
            # thirty of them: pages waited for that.
            gc.collect()
            gc.freeze()
            gc.set_threshold(COLLECT_EACH)
            started()
            await self._watch(stop, provisioner)

    def _start_servers(self) -> None:
        self.postgres = Postgres.start(self.folder.postgres)
        for app in self.folder.apps:
            self.postgres.create_database(app)
            upgrade(self.postgres.url(app), migrations(app))
        if self.site != HUB:
            self.postgres.create_database(VAULT)
            vault = Vault(self.postgres.url(VAULT), self.folder.site_key())
            vault.prepare()
            vault.close()
        self.nats = self._start_nats()

    def _start_nats(self) -> NatsServer:
        config = self.folder.nats / ("hub.conf" if self.site == HUB else "site.conf")
        env = {"JEMBATAN_NATS_MAX_FILE": "20GB"}
        if self.site == HUB:
            env["JEMBATAN_HUB_NAME"] = HUB
        else:
            env |= {"JEMBATAN_SITE": self.site, "JEMBATAN_HUB_LEAF": self.folder.about.get("hub_leaf", "")}
        return NatsServer.start(self.folder.nats, config, env)

    def _stop_servers(self) -> None:
        for server in (self.nats, self.postgres):
            if server:
                server.stop()

    async def _watch(self, stop: asyncio.Event, provisioner: Callable[[], Awaitable[None]]) -> None:
        """Starts again what died, and keeps streams, consumers and the hub's list of sites as they must be."""
        due = asyncio.get_running_loop().time()
        enrolled = self._enrolled()
        while not stop.is_set():
            assert self.postgres and self.nats
            if not self.postgres.alive:
                log.warning("postgres died, starting it again")
                await asyncio.to_thread(self.postgres.restart)
                self._note_servers()
            if not self.nats.alive:
                log.warning("nats-server died, starting it again")
                await asyncio.to_thread(self.nats.restart)
                self._note_servers()
                due = 0
            if self._enrolled() != enrolled:
                enrolled = self._enrolled()
                enrol.make_hub(self.folder)
                await asyncio.to_thread(self.nats.reload)
                due = 0
            if asyncio.get_running_loop().time() >= due:
                due = asyncio.get_running_loop().time() + PROVISION_EVERY_S
                await self._provision_or_wait(provisioner)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WATCH_EVERY_S)

    async def _provision_or_wait(self, provisioner: Callable[[], Awaitable[None]]) -> None:
        try:
            await provisioner()
        except (NatsError, OSError, TimeoutError, provision.ProvisioningFailed, provision.DatabaseAway) as trouble:
            log.warning("provisioning waits", extra={"error": type(trouble).__name__})

    @contextlib.asynccontextmanager
    async def _provisioning(self) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """A function that makes every stream and consumer of this node as it must be."""
        assert self.nats
        async with contextlib.AsyncExitStack() as stack:

            async def client(user: str) -> Client:
                assert self.nats
                made = await connect(self.nats.url, self.folder.key(user).seed, name=user)
                stack.push_async_callback(made.close)
                return made

            first = await client("provisioner")
            link = None if self.site == HUB else await client("provisioner_link")

            async def ensure() -> None:
                assert self.postgres and self.nats
                urls = [self.postgres.conninfo(service) for service in self.folder.services]
                known = await asyncio.to_thread(provision.acknowledged, self.site, urls)
                if link is None:
                    here = enrol.registry(self.folder)
                    # A source that is made before its site is connected waits half a minute before it tries again.
                    sites = await asyncio.to_thread(self.nats.leaves) | await provision.sources(first)
                    streams = provision.hub_streams(sites & set(here["sites"]), here["partners"])
                    await provision.provision(first, streams, known)
                else:
                    await provision.provision(first, provision.site_streams(self.site, self.folder.services), known)
                    await provision.provision(link, provision.link_streams(self.site), known)

            yield ensure

    def _enrolled(self) -> dict[str, Any] | None:
        return enrol.registry(self.folder) if self.site == HUB else None

    def _webs(self) -> list[Uvicorn]:
        apps = {
            name: service_of(name).app(settings_for(self.folder, name, self._otlp_endpoint))
            for name in self.folder.services
        }
        if CONSOLE in self.folder.apps:
            settings = console_settings(self.folder)
            apps[CONSOLE] = console.app.app(settings, {settings.services[name]: Inside(apps[name]) for name in apps})
        return [Uvicorn(app, remembered_port(self.folder.path, name)) for name, app in apps.items()]

    def _note_servers(self) -> None:
        assert self.postgres and self.nats
        port = partial(remembered_port, self.folder.path)
        databases = self.folder.apps if self.site == HUB else (*self.folder.apps, VAULT)
        self.folder.write_running(
            {
                "site": self.site,
                "services": {name: f"http://127.0.0.1:{port(name)}" for name in self.folder.services},
                "console": None if self.site == HUB else f"http://127.0.0.1:{port(CONSOLE)}",
                "databases": {name: self.postgres.url(name) for name in databases},
                "nats": self.nats.url,
                "leaf": f"nats-leaf://127.0.0.1:{self.nats.leaf_port}",
                "processes": {"node": os.getpid(), "postgres": self.postgres.pid, "nats": self.nats.pid},
            }
        )


def register_partner(hub: Folder, code: str) -> None:
    """Tells the running gateway of a partner: what it is called and what it may hear."""
    database = Database(settings_for(hub, "partner_gateway"), "partner_gateway")
    try:
        with database.transaction() as session:
            partner_gateway.commands.register_partner(session, code, datetime.now(UTC))
    finally:
        database.close()


def settings_for(folder: Folder, service: str, otlp_endpoint: str | None = None) -> Settings:
    """What one of a running node's services is told."""
    running, hub = folder.running, folder.site == HUB
    seals = service in SEALING
    return Settings(
        site=folder.site,
        database_url=running["databases"][service],
        nats_url=running["nats"],
        nats_seed=folder.key("central" if hub else "services").seed,
        link_seed=None if hub else folder.key("relay").seed,
        token_key=folder.issuer().public_jwk(),
        vault_url=running["databases"][VAULT] if seals else None,
        vault_key=folder.site_key() if seals else None,
        log_key=None if hub else derived(folder.site_key(), f"read log of {service}").hex(),
        readers=() if hub else folder.services,
        national_readers=() if folder.training else HUB_SERVICES,
        otlp_endpoint=otlp_endpoint,
    )


def console_settings(folder: Folder) -> ConsoleSettings:
    """What the console of a running site is told."""
    running = folder.running
    return ConsoleSettings(
        site=folder.site,
        database_url=running["databases"][CONSOLE],
        token_key=folder.issuer().public_jwk(),
        issuer_key=folder.issuer().private_jwk(),
        services=running["services"],
        seal_key=base64.urlsafe_b64encode(derived(folder.site_key(), "second factors of the console")).decode(),
        setup_code=setup_code(folder),
        training=folder.training,
    )


def setup_code(folder: Folder) -> str:
    """What the first administrator of a site must show: whoever can read the node's keys can know it."""
    code = base64.b32encode(derived(folder.site_key(), "setup code of the console")).decode()[:8]
    return f"{code[:4]}-{code[4:]}"


def service_of(name: str) -> Service:
    """A service by its name."""
    found: Service = importlib.import_module(f"{name}.app").service
    return found


def migrations(service: str) -> Path:
    """Where a service keeps its history of tables."""
    return Path(str(importlib.import_module(service).__file__)).parent / "migrations"


def greeting(folder: Folder) -> list[str]:
    """What whoever started a site's node must know: where its pages are and, before the first account, the code."""
    if folder.site == HUB:
        return []
    said = [f"Konsol {folder.site}: {folder.running['console']}"]
    with psycopg.connect(psycopg_url(folder.running["databases"][CONSOLE])) as connection:
        accounts = connection.execute("select count(*) from account").fetchone()
    if accounts == (0,):
        said.append(f"Kode pemasangan untuk akun pertama: {setup_code(folder)}")
    return said


async def run(folder: Folder, say: Callable[[str], None], *, otlp_endpoint: str | None = None) -> None:
    """Runs the node in `folder` until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    node = Node(folder, otlp_endpoint=otlp_endpoint)

    def started() -> None:
        log.info("node runs", extra={"site": node.site})
        for line in greeting(folder):
            say(line)

    await node.run(stop, started)
