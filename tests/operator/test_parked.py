"""What a service could not take is shown, and tried again once its cause is mended."""

import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis import inbox
from chassis.events import Consumer
from contracts.intake import PersonReentered, ReentryReason
from every_service.cases import AT, HEARD, Heard, count_writes, refuse_commits, site_of, writes
from jembatan import parked
from jembatan.cli import app
from jembatan.folder import VAULT, Folder
from jembatan.node import service_of
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy import text
from support import Rutan, Servers
from support.hearing import delivery
from typer.testing import CliRunner

from contracts import Event

CASES = [heard for heard in HEARD if heard.service in ("outcomes", "central", "partner_gateway")]


class Place:
    """A node's folder, as the operator's command finds it, with one of its services at work."""

    def __init__(self, data: Path, rutan: Rutan, heard: Heard) -> None:
        self.data, self.rutan, self.heard = data, rutan, heard
        self.folder = Folder(data / rutan.site)
        self.folder.create(rutan.site)
        databases = {name: rutan.url(name) for name in (*self.folder.services, VAULT)}
        nats = rutan.settings(heard.service).nats_url
        self.folder.write_running({"site": rutan.site, "databases": databases, "nats": nats, "services": {}})

    def fail_to_take(self, event: Event) -> int:
        """The service hears an event that its database does not accept, and puts it aside under this number."""
        refuse_commits(self.rutan, self.heard.service, self.heard.table)
        self.take(event)
        [waiting] = parked.waiting(self.folder)
        return waiting.id

    def take(self, event: Event) -> None:
        """The service hears an event, and does with it what it does."""
        name = self.heard.service
        service = service_of(name)
        apply = service.handlers.apply if service.handlers else service.apply
        assert apply
        self.heard.tell(self.rutan, event, 1, uuid4())
        # As the service makes it, only less patient.
        consumer = Consumer(self.rutan.database(name), apply, nothing, ordered=service.apply is None, backoff_s=(0.01,))

        async def go(client: Client) -> None:
            bound = await client.jetstream().pull_subscribe_bind(self.heard.durable, self.heard.stream(self.rutan))
            messages: list[Msg] = await bound.fetch(1, timeout=10)
            await consumer(messages)

        self.rutan.with_nats(go)

    def mend(self) -> None:
        with self.rutan.database(self.heard.service).engine.begin() as connection:
            connection.execute(text(f"drop trigger refuse on {self.heard.table}"))

    def put_aside(self, event: Event) -> int:
        """An event that was put aside for whatever reason."""
        with self.rutan.database(self.heard.service).transaction() as session:
            inbox.park(session, delivery(event), RuntimeError(), attempts=5)
        [waiting] = parked.waiting(self.folder)
        return waiting.id

    def outcome(self, event: Event) -> Any:
        query = "select outcome from inbox where event_id = :id"
        return self.rutan.one(self.heard.service, query, id=event.event_id)

    def jembatan(self, what: str, *argv: object) -> Any:
        """The operator's command; its tables are as wide as the terminal, and in a test there is none."""
        words = ["parked", what, self.rutan.site, *map(str, argv), "--data", str(self.data)]
        return CliRunner().invoke(app, words, env={"COLUMNS": "250"})


async def nothing() -> None: ...


@pytest.fixture(params=CASES, ids=lambda heard: str(heard.service))
def place(request: pytest.FixtureRequest, run_servers: Servers, worker_id: str) -> Iterator[Place]:
    heard: Heard = request.param
    rutan = Rutan(run_servers, worker_id, site=site_of(heard.service))
    rutan.provision()
    with tempfile.TemporaryDirectory(prefix="jembatan-parked-") as name:
        yield Place(Path(name), rutan, heard)
    rutan.close()


only_outcomes = pytest.mark.parametrize("place", CASES[:1], ids=["outcomes"], indirect=True)


def test_a_parked_event_is_listed_and_shown_whole(place: Place) -> None:
    event = place.heard.new(place.rutan)
    number = place.fail_to_take(event)

    listed = place.jembatan("list")
    assert listed.exit_code == 0
    [line] = [line for line in listed.stdout.splitlines() if event.type in line]
    assert place.heard.service in line
    assert f" {number} " in line

    shown = place.jembatan("show", place.heard.service, number)
    assert shown.exit_code == 0
    assert f'"ce-id": "{event.event_id}"' in shown.stdout
    assert json.dumps(json.loads(event.to_bytes())) in {json_line(line) for line in shown.stdout.splitlines()}
    assert 'File "' in shown.stdout
    # The database quoted the row that it refused; where it broke is shown, not what was in it.
    assert "refused:" not in shown.stdout


def test_a_mended_event_is_applied_once_and_then_waits_no_longer(place: Place) -> None:
    count_writes(place.rutan, place.heard.service, place.heard.table)
    event = place.heard.new(place.rutan)
    number = place.fail_to_take(event)
    assert writes(place.rutan, place.heard.service) == []
    place.mend()

    done = place.jembatan("retry", place.heard.service, number)
    assert (done.exit_code, done.stdout) == (0, "diterapkan\n")
    assert len(writes(place.rutan, place.heard.service)) == 1
    assert place.outcome(event) is None
    assert parked.waiting(place.folder) == []

    again = place.jembatan("retry", place.heard.service, number)
    assert again.exit_code == 2
    assert again.stderr == f"{place.heard.service} has no waiting event {number}\n"
    assert place.jembatan("show", place.heard.service, number).exit_code == 2
    # Nor when it is told anew, as after a restore.
    place.take(event)
    assert len(writes(place.rutan, place.heard.service)) == 1


def test_an_event_whose_cause_is_not_mended_stays_parked_and_nothing_of_it_is_told(place: Place) -> None:
    count_writes(place.rutan, place.heard.service, place.heard.table)
    event = place.heard.new(place.rutan)
    number = place.fail_to_take(event)

    failed = place.jembatan("retry", place.heard.service, number)
    assert failed.exit_code == 2
    assert len(failed.stderr.splitlines()) == 1
    assert "refused:" not in failed.output
    assert writes(place.rutan, place.heard.service) == []
    assert place.outcome(event) == "parked"
    assert [waiting.id for waiting in parked.waiting(place.folder)] == [number]


def test_two_operators_who_retry_at_once_apply_it_once(place: Place) -> None:
    count_writes(place.rutan, place.heard.service, place.heard.table)
    number = place.fail_to_take(place.heard.new(place.rutan))
    place.mend()

    def retry(_: int) -> bool:
        try:
            parked.retry(place.folder, place.heard.service, number)
        except LookupError:
            return False
        return True

    with ThreadPoolExecutor(4) as operators:
        assert sum(operators.map(retry, range(4))) == 1
    assert len(writes(place.rutan, place.heard.service)) == 1


@only_outcomes
def test_what_the_service_refuses_on_retry_stays_parked(place: Place) -> None:
    # A return from a release that nobody has heard of.
    site = place.rutan.site
    day, reason = date(2026, 8, 9), ReentryReason.UNKNOWN
    event = PersonReentered(
        site=site, occurred_at=AT, person=uuid4(), release_id=uuid4(), reentered_on=day, reason=reason
    )
    number = place.put_aside(event)
    refused = place.jembatan("retry", "outcomes", number)
    assert refused.exit_code == 2
    assert "release-not-here" in refused.stderr
    assert place.outcome(event) == "parked"
    assert [waiting.id for waiting in parked.waiting(place.folder)] == [number]


@only_outcomes
def test_a_message_that_is_no_event_can_be_looked_at_but_not_applied(place: Place) -> None:
    event = place.heard.new(place.rutan)
    with place.rutan.database("outcomes").transaction() as session:
        inbox.park(session, inbox.Delivery.of(f"site.{event.site}.x", {}, b"Siti Rekaan"), ValueError(), attempts=1)
    [waiting] = parked.waiting(place.folder)
    assert "Siti Rekaan" in place.jembatan("show", "outcomes", waiting.id).stdout
    assert place.jembatan("retry", "outcomes", waiting.id).exit_code != 0
    assert parked.waiting(place.folder) == [waiting]


@only_outcomes
def test_a_service_that_does_not_run_there_has_nothing_to_retry(place: Place) -> None:
    done = place.jembatan("retry", "central", 1)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1


def json_line(line: str) -> str:
    """A line that is a JSON document, written the one way."""
    try:
        return json.dumps(json.loads(line))
    except ValueError:
        return ""
