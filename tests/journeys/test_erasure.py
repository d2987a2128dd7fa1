"""Whoever is erased at their rutan is gone from every service, the partner forgets them, and the rutan can prove it."""

import contextlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.database import Database
from chassis.outbox import whereabouts
from contracts.intake import PersonErased
from contracts.vocabulary import Domain
from jembatan import enrol, node
from jembatan.demo.run import Child
from jembatan.folder import SITE_SERVICES
from jembatan.node import settings_for
from sqlalchemy import create_engine
from support import eventually
from support.days import TODAY
from support.nation import Nation, Node
from support.traces import mentions

WORK_BEGAN = date(2026, 1, 5)
COUNTED = ("person", "release", "enrolment", "placement", "follow_up")


class Partner:
    """A partner that listens with the operator's command, from when it is added to the end of the test."""

    def __init__(self, nation: Nation) -> None:
        self.code, hub = f"mitra-{uuid4().hex[:6]}", nation.hub.folder
        credentials, self._file = nation.data / f"{self.code}.json", nation.data / f"{self.code}.jsonl"
        node.register_partner(hub, self.code)
        enrol.add_partner(hub, self.code, credentials, hub.running["nats"])
        argv = ("partner", "listen", str(credentials), "--out", str(self._file))
        self._child = Child(nation.data / self.code, *argv)

    def heard(self) -> list[str]:
        """What it was told so far, in order. A hub that does not know it yet turns it away."""
        if not self._child.alive:
            self._child.restart()
        return [json.loads(line)["type"] for line in self._file.read_text().splitlines()] if self._file.exists() else []

    def close(self) -> None:
        self._child.stop()


@pytest.fixture
def partner(nation: Nation) -> Iterator[Partner]:
    made = Partner(nation)
    yield made
    made.close()


def walked(rutan: Node, partner: str) -> UUID:
    """Somebody of whom every service of the rutan has something to forget."""
    [person] = rutan.register(1)
    about = {"person": str(person)}
    for purpose, recipient in (
        ("assessment", None),
        ("programme", None),
        ("follow_up", None),
        ("partner_sharing", partner),
    ):
        asked = {"text_version": "v1", "recipient": recipient}
        rutan.do("intake", "POST", f"/people/{person}/consents/{purpose}", asked)
    rutan.do(
        "programs", "PUT", "/programmes/las", {"name": "Las", "domain": "work", "sector": "construction", "capacity": 5}
    )
    needs = {"levels": dict.fromkeys(Domain, 2), "wants_help": ["work"]}
    rutan.do("assessment", "PUT", f"/people/{person}/needs-assessments/{uuid4()}", needs)
    plan, enrolment, vacancy, match, placement = (uuid4() for _ in range(5))
    rutan.do("programs", "PUT", f"/plans/{plan}", about)
    rutan.do("programs", "POST", f"/plans/{plan}/agreement")
    rutan.do("programs", "PUT", f"/enrolments/{enrolment}", about | {"programme": "las"})
    rutan.do("programs", "PUT", f"/enrolments/{enrolment}/sessions/{WORK_BEGAN}", {"presence": "present"})
    rutan.do("partner_matching", "PUT", f"/partners/{partner}", {"name": "Mitra Rekaan"})
    places = {"partner": partner, "title": "Tukang las", "sector": "construction", "places": 1}
    rutan.do("partner_matching", "PUT", f"/vacancies/{vacancy}", places)
    rutan.do("partner_matching", "PUT", f"/matches/{match}", about | {"vacancy": str(vacancy)})
    rutan.do("partner_matching", "POST", f"/matches/{match}/acceptance")
    started = {"match": str(match), "started_on": str(WORK_BEGAN)}
    rutan.do("partner_matching", "PUT", f"/placements/{placement}", started)
    at_30 = {"employed": "yes", "checked_on": str(WORK_BEGAN + timedelta(days=30))}
    rutan.do("partner_matching", "PUT", f"/placements/{placement}/milestones/30", at_30)
    rutan.do("intake", "PUT", f"/people/{person}/releases/{uuid4()}", {"released_on": str(WORK_BEGAN), "mode": "pb"})
    eventually(lambda: rutan.one("outcomes", "select count(*) from follow_up where person = %s", person) == 4)
    return person


def erase(rutan: Node, person: UUID) -> UUID:
    """The person asks to be erased and it is done; returns the id of the event that says so."""
    erasure = f"/people/{person}/erasures/{uuid4()}"
    rutan.do("intake", "PUT", erasure, {"received_on": str(TODAY), "ground": "asked"})
    rutan.do("intake", "PUT", f"{erasure}/decision", {"outcome": "done"})
    said = "select event_id from outbox where type = %s and audience = 'site' and convert_from(body, 'utf8') like %s"
    event_id: UUID = rutan.one("intake", said, PersonErased.type, f"%{person}%")
    return event_id


@contextlib.contextmanager
def intake_of(rutan: Node) -> Iterator[Database]:
    database = Database(settings_for(rutan.folder, "intake"), "intake")
    yield database
    database.close()


def held(where: Node, service: str, person: UUID) -> set[str]:
    """The tables of a service that hold the person's id."""
    engine = create_engine(where.folder.running["databases"][service])
    try:
        return mentions(engine, person)
    finally:
        engine.dispose()


def counts(nation: Nation, site: str) -> dict[str, Any]:
    """What the ministry counts of a rutan."""
    return {
        table: nation.hub.one("central", f"select count(*) from view.{table} where site = %s", site)
        for table in COUNTED
    }


def test_an_erasure_is_carried_out_wherever_the_person_was_known(nation: Nation, rutan: Node, partner: Partner) -> None:
    site = rutan.folder.site
    person = walked(rutan, partner.code)
    followers = [(rutan, service) for service in SITE_SERVICES if service != "intake"]
    followers.append((nation.hub, "partner_gateway"))
    started, reached = "partner_gateway.placement_started.v1", "partner_gateway.placement_reached.v1"
    eventually(lambda: partner.heard() == [started, reached], within_s=120)
    nation.settled(rutan)
    # Or finding nothing afterwards would say nothing.
    assert [service for where, service in followers if not held(where, service, person)] == []
    known_before = counts(nation, site)
    assert 0 not in known_before.values()

    event_id = erase(rutan, person)

    readers = {("site", name) for name in SITE_SERVICES} | {("national", "central"), ("national", "partner_gateway")}
    with intake_of(rutan) as intake:

        def applied_by() -> set[tuple[str, str]]:
            with intake.transaction() as session:
                places = whereabouts(session, event_id)[event_id]
                return {(place.audience, reader) for place in places for reader in place.received_by}

        eventually(lambda: applied_by() == readers, within_s=30)
    assert {(where.folder.site, name): held(where, name, person) for where, name in followers} == {
        (where.folder.site, name): set() for where, name in followers
    }
    eventually(lambda: partner.heard() == [started, reached, "partner_gateway.placement_withdrawn.v1"])
    assert counts(nation, site) == known_before
