"""A connection that the server ended is not used again."""

import psycopg
import pytest
from chassis import engine
from chassis.database import Database, psycopg_url
from sqlalchemy.engine import make_url
from support import Rutan, Servers


def everybody_out(servers: Servers, database: Database) -> None:
    with psycopg.connect(psycopg_url(servers.url("postgres")), autocommit=True) as postgres:
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        postgres.execute(ended, [make_url(database.url).database])


def test_after_a_pause_it_is_made_anew(rutan: Rutan, run_servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    database = rutan.database("outcomes")
    assert database.usable()
    everybody_out(run_servers, database)
    monkeypatch.setattr(engine, "LATELY_S", 0.0)
    assert database.usable()


def test_without_a_pause_one_question_fails_and_the_next_does_not(
    rutan: Rutan, run_servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LATELY_S", 60.0)
    database = rutan.database("outcomes")
    with database.engine.connect(), database.engine.connect():
        pass
    everybody_out(run_servers, database)
    assert not database.usable()
    assert database.usable(), "whoever fails ends all connections that were made before"
