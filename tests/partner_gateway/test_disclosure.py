"""What one partner hears, in whatever order the news arrives."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from chassis.database import Database
from chassis.service import Heartbeat
from contracts.intake import ConsentGiven, ConsentWithdrawn
from contracts.partner_matching import PlacementEnd, PlacementEnded, PlacementReached, PlacementStarted
from contracts.vocabulary import Answer, Purpose, Sector
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from partner_gateway import commands
from partner_gateway.handlers import on_heartbeat, on_placement_started
from partner_gateway.model import LEASE, Lease
from sqlalchemy import text
from support import Rutan, eventually
from support.hearing import hear

from contracts import Event

THEN = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
numbers = count()


class Road:
    """One person, one placement and one partner, new in every example."""

    def __init__(self, database: Database) -> None:
        n = next(numbers)
        self.database, self.site, self.partner = database, f"rutan-{n}", f"mitra-{n}"
        self.person, self.placement = uuid4(), uuid4()

    def consent(self, cls: type[ConsentGiven | ConsentWithdrawn], epoch: int = 1) -> Event:
        return cls(
            site=self.site,
            occurred_at=THEN,
            person=self.person,
            purpose=Purpose.PARTNER_SHARING,
            recipient=self.partner,
            consent_epoch=epoch,
        )

    def _of(self, epoch: int) -> dict[str, Any]:
        return {
            "site": self.site,
            "occurred_at": THEN,
            "person": self.person,
            "placement_id": self.placement,
            "partner": self.partner,
            "consent_epoch": epoch,
        }

    def started(self, epoch: int = 1) -> PlacementStarted:
        return PlacementStarted(**self._of(epoch), sector=Sector.GARMENT, started_on=date(2026, 2, 3))

    def reached(self, epoch: int = 1) -> PlacementReached:
        return PlacementReached(**self._of(epoch), days=30, employed=Answer.YES)

    def ended(self, epoch: int = 1) -> PlacementEnded:
        return PlacementEnded(**self._of(epoch), ended_on=date(2026, 8, 1), reason=PlacementEnd.DISMISSED)

    def listens(self) -> None:
        with self.database.transaction() as session:
            commands.register_partner(session, self.partner, datetime.now(UTC))

    def heard(self) -> None:
        with self.database.transaction() as session:
            commands.renew_lease(session, self.site, datetime.now(UTC))

    def falls_silent(self) -> None:
        with self.database.transaction() as session:
            session.merge(Lease(site=self.site, renewed_at=datetime.now(UTC) - LEASE))

    def told(self) -> list[str]:
        return [fact for fact, _ in self.bodies()]

    def bodies(self) -> list[tuple[str, dict[str, Any]]]:
        query = "select type, body from outbox where subject like :subject order by id"
        with self.database.engine.connect() as connection:
            rows = connection.execute(text(query), {"subject": f"partner.{self.partner}.%"}).all()
        return [(row.type.split("placement_")[1].split(".")[0], json.loads(row.body)) for row in rows]


@pytest.fixture
def database(hub: Rutan) -> Database:
    return hub.database("partner_gateway")


each_order = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@each_order
@given(st.permutations(range(6)), st.booleans())
def test_whatever_the_order_a_withdrawn_placement_ends_forgotten_and_is_never_told_after(
    database: Database, order: list[int], all_at_once: bool
) -> None:
    road = Road(database)
    road.listens()
    road.heard()
    events = [
        road.consent(ConsentGiven),
        road.started(),
        road.reached(),
        road.ended(),
        road.consent(ConsentWithdrawn),
        road.consent(ConsentWithdrawn),
    ]
    for batch in [[events[i] for i in order]] if all_at_once else [[events[i]] for i in order]:
        hear(database, *batch)
    told = road.told()
    withdrawn_at = min(order.index(4), order.index(5))
    if order.index(1) > withdrawn_at:
        assert told == []
    else:
        assert told[0] == "started" and told[-1] == "withdrawn" and told.count("withdrawn") == 1
        expected = {fact for fact, i in (("reached", 2), ("ended", 3)) if order.index(i) < withdrawn_at}
        assert set(told[1:-1]) == expected and len(told) == len(set(told))


@each_order
@given(st.permutations(range(5)), st.booleans())
def test_after_a_new_consent_the_partner_holds_the_beginning_before_anything_else(
    database: Database, order: list[int], all_at_once: bool
) -> None:
    road = Road(database)
    road.listens()
    road.heard()
    hear(database, road.consent(ConsentGiven))
    events = [
        road.started(1),
        road.consent(ConsentWithdrawn, 1),
        road.consent(ConsentGiven, 2),
        road.reached(2),
        road.ended(2),
    ]
    for batch in [[events[i] for i in order]] if all_at_once else [[events[i]] for i in order]:
        hear(database, *batch)
    holds: set[str] = set()
    for fact in road.told():
        assert holds or fact == "started"
        holds = holds | {fact} if fact != "withdrawn" else set()
    # Nothing that epoch 2 covers is lost, whenever the withdrawal of epoch 1 came.
    assert holds == {"started", "reached", "ended"}


def test_a_partner_hears_its_own_pseudonyms_and_no_reason(database: Database) -> None:
    road = Road(database)
    road.listens()
    road.heard()
    hear(database, road.consent(ConsentGiven), road.started(), road.ended())
    (_, started), (_, ended) = road.bodies()
    assert (started["person"], started["placement"]) == (ended["person"], ended["placement"])
    for body in (started, ended):
        assert str(road.person) not in str(body) and str(road.placement) not in str(body)
        assert road.site not in str(body) and "dismissed" not in str(body)


def test_nothing_is_told_while_the_lease_is_stale_and_what_waited_is_told_once_it_is_fresh(database: Database) -> None:
    road = Road(database)
    road.listens()
    hear(database, road.consent(ConsentGiven), road.started())
    assert road.told() == []
    road.falls_silent()
    hear(database, road.reached())
    assert road.told() == []
    for _ in range(3):
        road.heard()
    assert road.told() == ["started", "reached"]


def test_what_was_withdrawn_in_the_dark_is_never_told(database: Database) -> None:
    road = Road(database)
    road.listens()
    hear(database, road.consent(ConsentGiven), road.started(), road.consent(ConsentWithdrawn))
    road.heard()
    assert road.told() == []


def test_a_withdrawal_is_passed_on_even_while_the_lease_is_stale(database: Database) -> None:
    road = Road(database)
    road.listens()
    road.heard()
    hear(database, road.started())
    road.falls_silent()
    hear(database, road.consent(ConsentWithdrawn))
    assert road.told() == ["started", "withdrawn"]


def test_facts_of_a_partner_that_is_not_registered_wait_for_it(database: Database) -> None:
    road = Road(database)
    road.heard()
    hear(database, road.consent(ConsentGiven), road.started(), road.reached())
    assert road.told() == []
    road.listens()
    road.listens()
    assert road.told() == ["started", "reached"]


@pytest.mark.parametrize("what", ["listens", "heard"])
def test_a_fact_that_comes_just_while_the_way_opens_is_not_left_behind(database: Database, what: str) -> None:
    road = Road(database)
    (road.heard if what == "listens" else road.listens)()
    opens = road.listens if what == "listens" else road.heard
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            on_placement_started(session, road.started())
            session.flush()
            opening = pool.submit(opens)
            # Long enough for it to look, if nothing makes it wait; the batch commits after that.
            _done_or_waiting(database, opening)
        opening.result()
    road.heard()
    assert road.told() == ["started"]


def _done_or_waiting(database: Database, work: Any) -> None:
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"

    def waits() -> bool:
        # A connection of its own each time: inside one transaction the list of sessions does not change.
        with database.engine.connect() as looking:
            return bool(work.done() or looking.execute(text(query)).scalar_one())

    eventually(waits)


@pytest.mark.parametrize(
    ("service", "written", "fresh"), [("intake", 0, True), ("intake", 1, False), ("programs", 0, False)]
)
def test_only_a_site_whose_consents_are_all_here_is_believed(
    database: Database, service: str, written: int, fresh: bool
) -> None:
    road = Road(database)
    with database.transaction() as session:
        on_heartbeat(session, Heartbeat(road.site, service, uuid4(), written, datetime.now(UTC)))
    with database.transaction() as session:
        assert (session.get(Lease, road.site) is not None) == fresh
