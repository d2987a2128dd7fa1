"""What one test leaves in a database never reaches another."""

from collections.abc import Iterator

import psycopg
import pytest
from chassis.database import psycopg_url
from support import Servers
from support.databases import Databases

TEMPLATE = "outcomes"


@pytest.fixture
def databases(run_servers: Servers) -> Iterator[Databases]:
    """Databases that nothing else in this process uses."""
    made = Databases(lambda name: psycopg_url(run_servers.url(name)))
    yield made
    made.run("drop database {}", made.lend(TEMPLATE))


def connected(servers: Servers, name: str) -> psycopg.Connection[tuple[int]]:
    return psycopg.connect(psycopg_url(servers.url(name)), autocommit=True)


def test_a_database_is_lent_again_without_a_row_and_counts_from_one(databases: Databases, run_servers: Servers) -> None:
    name = databases.lend(TEMPLATE)
    with connected(run_servers, name) as first:
        first.execute("select nextval('parked_id_seq'), nextval('outbox_id_seq')")
        first.execute("insert into feed (audience) values ('site')")
    databases.take_back(name, TEMPLATE)
    assert databases.lend(TEMPLATE) == name
    with connected(run_servers, name) as second:
        assert second.execute("select count(*) from feed").fetchone() == (0,)
        assert second.execute("select nextval('parked_id_seq')").fetchone() == (1,)
    databases.take_back(name, TEMPLATE)


@pytest.mark.parametrize(
    "change",
    [
        "create table more (id int)",
        "alter table feed alter epoch drop not null",
        "alter table feed add constraint none check (false) not valid",
        "create function f() returns int language sql as 'select 1'",
        "update version set version_num = 'other'",
        "delete from chassis_version",
    ],
)
def test_what_was_changed_by_more_than_rows_is_not_lent_again(
    databases: Databases, run_servers: Servers, change: str
) -> None:
    name = databases.lend(TEMPLATE)
    with connected(run_servers, name) as connection:
        connection.execute(change.encode())
    databases.take_back(name, TEMPLATE)
    again = databases.lend(TEMPLATE)
    assert again != name
    databases.take_back(again, TEMPLATE)


def test_what_somebody_still_uses_is_not_lent_again(databases: Databases, run_servers: Servers) -> None:
    name = databases.lend(TEMPLATE)
    with connected(run_servers, name):
        databases.take_back(name, TEMPLATE)
    again = databases.lend(TEMPLATE)
    assert again != name
    databases.take_back(again, TEMPLATE)
