"""A fact and the event that tells it are committed together, and told once, whoever dies in between."""

from collections import Counter

import pytest
from chassis import outbox, topology
from chassis.topology import HUB
from every_service.cases import ASKED, SAID, Asked, refuse_commits, site_of, stored
from support import Rutan, Servers, eventually

from contracts import event_classes


def streams(here: Rutan, service: str) -> dict[str, str]:
    """Where each audience hears the service."""
    national = {"site": topology.site_stream(here.site), "national": topology.national_stream(here.site)}
    return {"partner": topology.PARTNER} if here.site == HUB else national


def told(here: Rutan, service: str) -> Counter[tuple[str, str]]:
    """How often each event of the service stands in each stream."""
    return Counter(
        (audience, (message.headers or {})["ce-id"])
        for audience, stream in streams(here, service).items()
        for message in stored(here, stream)
    )


@pytest.mark.parametrize("service", SAID)
def test_what_was_committed_before_a_death_is_told_once_afterwards(
    run_servers: Servers, worker_id: str, service: str
) -> None:
    here = Rutan(run_servers, worker_id, site=site_of(service))
    here.provision()
    try:
        events = [SAID[service](here.site) for _ in range(3)]
        with here.database(service).transaction() as session:
            outbox.publish(session, *events)
        wanted = Counter((audience, str(event.event_id)) for event in events for audience in outbox.audiences_of(event))
        waiting = "select count(*) from outbox where published_at is null"
        assert here.one(service, waiting) == wanted.total()
        with here.running(service):
            eventually(lambda: here.one(service, waiting) == 0)
        assert told(here, service) == wanted

        with here.database(service).engine.begin() as connection:  # it dies before it notes what was acknowledged
            connection.exec_driver_sql("update outbox set published_at = null")
        with here.running(service):
            eventually(lambda: here.one(service, waiting) == 0)
        assert told(here, service) == wanted
    finally:
        here.close()


def test_whoever_says_anything_is_asked_here() -> None:
    assert {type.partition(".")[0] for type in event_classes} == set(SAID)


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: str(asked.service))
def test_a_commit_that_fails_is_told_as_a_fault_and_leaves_neither_fact_nor_event(rutan: Rutan, asked: Asked) -> None:
    asked.before(rutan)
    refuse_commits(rutan, asked.service, asked.table)
    rows = f"select * from {asked.table}"
    before = rutan.sql(asked.service, rows)
    with rutan.running(asked.service) as client:
        answer = client.put(asked.path, json=asked.body)
    assert answer.status_code == 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/fault"
    assert rutan.sql(asked.service, rows) == before
    assert rutan.one(asked.service, "select count(*) from outbox") == 0


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: str(asked.service))
def test_the_same_request_sent_twice_leaves_one_fact(rutan: Rutan, asked: Asked) -> None:
    asked.before(rutan)
    count = f"select count(*) from {asked.table}"
    with rutan.running(asked.service) as client:
        first = client.put(asked.path, json=asked.body)
        events = rutan.one(asked.service, "select count(*) from outbox")
        second = client.put(asked.path, json=asked.body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert rutan.one(asked.service, count) == 1
    assert rutan.one(asked.service, "select count(*) from outbox") == events
