"""One PostgreSQL and one NATS for a whole test run, from the wheels or from containers; the tests cannot tell."""

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import nats
import psycopg
from chassis.database import psycopg_url
from chassis.migrate import upgrade
from chassis.vault import Vault, fresh_key
from jembatan.folder import CONSOLE, VAULT
from jembatan.node import migrations

from support.databases import Databases
from support.waiting import eventually

SERVICES = ("intake", "assessment", "programs", "partner_matching", "outcomes", "central", "partner_gateway", CONSOLE)
WORKERS = 8
VARIABLE = "JEMBATAN_TEST_SERVERS_AT"
KEPT = "KEPT"
"""A stream that stays in each account. With an account's last stream NATS takes its folder away, and once in a thousand
times also that of a stream which is just being made: `error creating store for stream`."""

# Nothing here outlives the run, so nothing need be safe from a loss of power.
POSTGRES_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "300",
}

NATS_CONFIG = "jetstream {{ store_dir: {store} }}\naccounts {{\n{accounts}\n}}\nlisten: {listen}\n"
ACCOUNT = "  w{n} {{ jetstream: enabled, users: [ {{ user: w{n}, password: w{n} }} ] }}"


@dataclass(frozen=True)
class Servers:
    """Where the servers of this run are. `{database}` and `{worker}` are filled in."""

    postgres: str
    nats: str

    @classmethod
    def of_this_run(cls) -> "Servers":
        """As the run's first process noted it for all its workers."""
        return cls(**json.loads(os.environ[VARIABLE]))

    def url(self, database: str) -> str:
        """A database's address for SQLAlchemy."""
        return self.postgres.replace("{database}", database)

    def nats_url(self, worker: str) -> str:
        """NATS, in an account that only this worker uses."""
        number = int(worker.removeprefix("gw") or 0) % WORKERS if worker.startswith("gw") else 0
        return self.nats.replace("{worker}", f"w{number}")

    @cached_property
    def databases(self) -> Databases:
        """What this process lends to its tests."""
        return Databases(lambda name: psycopg_url(self.url(name)))

    def prepare(self) -> None:
        """One migrated template per service: copying it takes a fraction of migrating. A stream in each account."""
        asyncio.run(self._keep_accounts())
        for service in SERVICES:
            self.databases.run("create database {}", f"template_{service}")
            upgrade(self.url(f"template_{service}"), migrations(service))
        self.databases.run("create database {}", f"template_{VAULT}")
        vault = Vault(self.url(f"template_{VAULT}"), fresh_key())
        vault.prepare()
        vault.close()

    async def _keep_accounts(self) -> None:
        for number in range(WORKERS):
            client = await nats.connect(self.nats_url(f"gw{number}"))
            await client.jetstream().add_stream(name=KEPT, subjects=[KEPT])
            await client.close()


class NoEngine(Exception):
    """Containers were asked for, and no Docker engine answers."""


@contextlib.contextmanager
def servers(source: str) -> Iterator[Servers]:
    """Starts them once and notes where they are in the environment, which workers inherit."""
    with _from_containers() if source == "containers" else _from_wheels() as found:
        found.prepare()
        os.environ[VARIABLE] = json.dumps(asdict(found))
        yield found


@contextlib.contextmanager
def _from_wheels() -> Iterator[Servers]:
    from jembatan.servers import NatsServer, Postgres  # noqa: PLC0415 - not on a machine that only has containers

    # Not pytest's folder: that is closed to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="jembatan-tests-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        postgres = Postgres.start(folder / "postgres", **POSTGRES_SETTINGS)
        stack.callback(postgres.stop)
        config = folder / "nats.conf"
        config.write_text(_nats_config(store="$JEMBATAN_NATS_STORE", listen="$JEMBATAN_NATS_LISTEN"))
        broker = NatsServer.start(folder / "nats", config, {})
        stack.callback(broker.stop)
        yield Servers(postgres.url("{database}").replace("%7Bdatabase%7D", "{database}"), _nats(broker.client_port))


@contextlib.contextmanager
def _from_containers() -> Iterator[Servers]:
    import docker  # noqa: PLC0415 - only here
    from docker.errors import DockerException  # noqa: PLC0415
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415

    try:
        docker.from_env().ping()
    except DockerException as error:
        raise NoEngine from error
    with tempfile.TemporaryDirectory(prefix="jembatan-tests-") as name:
        config = Path(name) / "nats.conf"
        config.write_text(_nats_config(store='"/data"', listen="0.0.0.0:4222"))
        Path(name).chmod(0o755)
        postgres = (
            DockerContainer("postgres:18-alpine")
            .with_env("POSTGRES_PASSWORD", "jembatan")
            .with_exposed_ports(5432)
            .with_command(" ".join(("postgres", *(f"-c {name}={value}" for name, value in POSTGRES_SETTINGS.items()))))
            .waiting_for(LogMessageWaitStrategy("ready to accept connections"))
        )
        broker = (
            DockerContainer("nats:2.15-alpine")
            .with_volume_mapping(name, "/etc/jembatan", "ro")
            .with_command("-c /etc/jembatan/nats.conf")
            .with_exposed_ports(4222)
            .waiting_for(LogMessageWaitStrategy("Server is ready"))
        )
        with postgres, broker:
            where = f"{postgres.get_container_host_ip()}:{postgres.get_exposed_port(5432)}"
            host = f"{broker.get_container_host_ip()}:{broker.get_exposed_port(4222)}"
            found = Servers(
                f"postgresql+psycopg://postgres:jembatan@{where}/{{database}}",
                f"nats://{{worker}}:{{worker}}@{host}",
            )
            _wait_for(found)
            yield found


def _wait_for(found: Servers) -> None:
    def answers() -> bool:
        with psycopg.connect(psycopg_url(found.url("postgres"))):
            return True

    eventually(answers, within_s=60)


def _nats_config(store: str, listen: str) -> str:
    accounts = "\n".join(ACCOUNT.format(n=n) for n in range(WORKERS))
    return NATS_CONFIG.format(store=store, listen=listen, accounts=accounts)


def _nats(port: int) -> str:
    return f"nats://{{worker}}:{{worker}}@127.0.0.1:{port}"
