"""A service says that it is ready only while it can do its work, to the broker and back."""

import psycopg
import pytest
from chassis import topology
from chassis.database import psycopg_url
from chassis.topology import HUB
from every_service.cases import SAID
from fastapi.testclient import TestClient
from nats.aio.client import Client
from sqlalchemy import make_url, text
from support import Rutan, Servers, eventually

READY = {"database": True, "jetstream": True, "relay": True}


def readiness(client: TestClient) -> tuple[int, dict[str, bool]]:
    answer = client.get("/readyz", headers={"authorization": ""})
    return answer.status_code, answer.json()


def test_a_service_is_ready_once_everything_answers(here: Rutan, service: str) -> None:
    with here.running(service) as client:
        eventually(lambda: readiness(client) == (200, READY))
        assert client.get("/healthz").json() == {"status": "ok"}


def test_a_service_without_its_stream_is_not_ready_until_it_is_there_again(here: Rutan, service: str) -> None:
    stream = topology.NATIONAL if here.site == HUB else topology.site_stream(here.site)

    async def wipe(client: Client) -> bool:
        return bool(await client.jetstream().delete_stream(stream))

    with here.running(service) as client:
        eventually(lambda: readiness(client) == (200, READY))
        here.with_nats(wipe)
        eventually(lambda: readiness(client) == (503, READY | {"jetstream": False}))
        assert client.get("/healthz").json() == {"status": "ok"}
        here.provision()
        eventually(lambda: readiness(client) == (200, READY))


@pytest.mark.parametrize("service", sorted(SAID))
def test_a_service_whose_relay_cannot_work_is_not_ready(here: Rutan, service: str) -> None:
    with here.database(service).engine.connect() as held:
        held.execute(text("lock table feed in access exclusive mode"))
        with here.running(service) as client:
            eventually(lambda: readiness(client) == (503, READY | {"relay": False}))
            held.rollback()
            eventually(lambda: readiness(client) == (200, READY))


def test_a_service_without_its_database_is_not_ready(here: Rutan, service: str, run_servers: Servers) -> None:
    name = str(make_url(here.url(service)).database)
    with here.running(service) as client:
        eventually(lambda: readiness(client) == (200, READY))
        with psycopg.connect(psycopg_url(run_servers.url("postgres")), autocommit=True) as postgres:
            postgres.execute(f'alter database "{name}" with allow_connections false'.encode())
            postgres.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        eventually(lambda: readiness(client)[1]["database"] is False)
        assert readiness(client)[0] == 503
