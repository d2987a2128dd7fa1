"""The view is what the log says, however the events came and in whatever portions."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from central.handlers import apply
from central.model import VIEW
from central.projections import project, types
from central.rebuild import copy_structure, rebuild
from chassis.database import Database, psycopg_url
from chassis.envelope import Envelope, Feed
from chassis.inbox import Delivery, receive
from contracts.assessment import NeedsAssessed
from contracts.intake import (
    BoardAdvised,
    BreachNotified,
    BreachOpened,
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    LevyReportClosed,
    LevyReported,
    PersonReentered,
    PersonRegistered,
    PersonReleased,
    PersonsMerged,
    PersonsUnmerged,
    ReadLogSealed,
    RegisterEntered,
    RightDecided,
    RightProposed,
    RightRevoked,
    TransferAccepted,
    TransferClosed,
    TransferOffered,
)
from contracts.outcomes import FollowUpAnswered, FollowUpCancelled, FollowUpScheduled, ObservationEnded
from contracts.partner_matching import PlacementEnded, PlacementReached, PlacementStarted
from contracts.programs import EnrolmentEnded, PersonEnrolled, PlanAgreed, ProgrammeCompleted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from support import Rutan

from contracts import Event, event_classes

THEN = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
EPOCH = uuid4()
SITE = "rutan-satu"
FOLLOW_UP, ENROLMENT, PLACEMENT, RELEASE = (uuid4() for _ in range(4))
PERSON, OTHER = uuid4(), uuid4()
TRANSFER, PROPOSAL, LEVY, BREACH = (uuid4() for _ in range(4))
Connection = psycopg.Connection[Any]


def said(event: type[Event], person: UUID = PERSON, minutes: int = 0, **fields: Any) -> Event:
    at = THEN + timedelta(minutes=minutes)
    return event.model_validate({"site": SITE, "occurred_at": at, "person": person, **fields})


def scheduled() -> Event:
    return said(FollowUpScheduled, follow_up_id=FOLLOW_UP, release_id=RELEASE, days=30, due_on=date(2026, 3, 5))


def answered(employed: str) -> Event:
    return said(FollowUpAnswered, follow_up_id=FOLLOW_UP, employed=employed, housed="yes")


def reached(employed: str, days: int = 30) -> Event:
    return said(
        PlacementReached, placement_id=PLACEMENT, partner="mitra", days=days, employed=employed, consent_epoch=1
    )


ROAD = [
    said(PersonRegistered, legal_status="narapidana", sex="male", birth_year=1994, worked_before=True),
    said(PersonRegistered, OTHER, legal_status="tahanan", sex="female"),
    *(said(ConsentGiven, purpose="programme", consent_epoch=epoch) for epoch in (1, 2)),
    said(ConsentWithdrawn, purpose="programme", consent_epoch=1),
    said(ConsentGiven, purpose="partner_sharing", recipient="mitra", consent_epoch=1),
    *(said(NeedsAssessed, minutes=minutes, instrument_version=1) for minutes in (9, 3, 6)),
    *(said(PlanAgreed, minutes=minutes, plan_id=uuid4()) for minutes in (20, 10)),
    said(PersonEnrolled, enrolment_id=ENROLMENT, programme="menjahit"),
    said(ProgrammeCompleted, enrolment_id=ENROLMENT, programme="menjahit", completed_on=date(2026, 1, 5)),
    said(PersonEnrolled, OTHER, enrolment_id=RELEASE, programme="las"),
    said(EnrolmentEnded, OTHER, enrolment_id=RELEASE, programme="las", reason="left"),
    said(
        PlacementStarted,
        placement_id=PLACEMENT,
        partner="mitra",
        sector="garment",
        started_on=date(2026, 2, 4),
        consent_epoch=1,
    ),
    *(reached("yes", days) for days in (30, 90)),
    said(
        PlacementEnded,
        placement_id=PLACEMENT,
        partner="mitra",
        ended_on=date(2026, 8, 1),
        reason="left",
        consent_epoch=1,
    ),
    said(PersonReleased, release_id=RELEASE, released_on=date(2026, 2, 3), mode="pb"),
    said(PersonReentered, release_id=RELEASE, reentered_on=date(2026, 9, 3), reason="new_case"),
    said(ObservationEnded, release_id=RELEASE, observed_until=date(2026, 12, 31)),
    scheduled(),
    answered("yes"),
    said(ConsentExpired, purpose="partner_sharing", recipient="mitra", consent_epoch=1),
    said(TransferOffered, transfer_id=TRANSFER, to_site="rutan-dua"),
    said(TransferClosed, transfer_id=TRANSFER, arrived=True),
    said(TransferAccepted, OTHER, transfer_id=PROPOSAL, from_site="rutan-dua"),
    said(RightProposed, proposal_id=PROPOSAL, right="pb"),
    said(RightDecided, proposal_id=PROPOSAL, right="pb", granted=True, decided_on=date(2026, 3, 1)),
    said(RightRevoked, proposal_id=PROPOSAL, right="pb", revoked_on=date(2026, 4, 1)),
    LevyReported(site=SITE, occurred_at=THEN, report_id=LEVY, step="visit"),
    LevyReportClosed(site=SITE, occurred_at=THEN, report_id=LEVY, upheld=True),
    BreachOpened(site=SITE, occurred_at=THEN, breach_id=BREACH, discovered_at=THEN),
    BreachNotified(site=SITE, occurred_at=THEN, breach_id=BREACH, notified_at=THEN),
]


AGAIN = [
    scheduled(),
    said(FollowUpCancelled, follow_up_id=FOLLOW_UP),
    scheduled(),
    answered("yes"),
    answered("no"),
    reached("yes"),
    reached("no"),
    *(said(ObservationEnded, release_id=RELEASE, observed_until=date(2026, month, 1)) for month in (5, 6)),
    said(RegisterEntered, OTHER, legal_status="narapidana", book="b_i", since=date(2026, 2, 2)),
    said(PersonsMerged, OTHER, kept=PERSON),
    said(PersonsUnmerged, OTHER, kept=PERSON),
    *(said(BoardAdvised, proposal_id=PROPOSAL, advice=advice) for advice in ("postponed", "recommended")),
    *(ReadLogSealed(site=SITE, occurred_at=THEN, looks=looks, fingerprint="ab" * 32) for looks in (7, 9, 8)),
]
"""Said in this order: cancelled and taken up again, answered and corrected, observed and observed longer."""

PLACES = {event.event_id: place for place, event in enumerate((*ROAD, *AGAIN), start=1)}
"""Where each stands in its feed, in whatever order it comes."""


def deliveries(events: Sequence[Event]) -> list[Delivery]:
    """Each publisher's events in one feed, numbered in the order given."""
    numbers: dict[str, int] = {}
    made = []
    for event in events:
        numbers[event.publisher] = numbers.get(event.publisher, 0) + 1
        feed = Feed(event.site, event.publisher, "national", EPOCH)
        headers = Envelope(event.event_id, event.type, feed, numbers[event.publisher], THEN).headers()
        headers["Nats-Stream-Source"] = f"NATIONAL_{event.site}:x 1 > >"
        made.append(Delivery.of(f"national.{event.site}.{event.type}", headers, event.to_bytes()))
    return made


def receive_all(database: Database, batches: Sequence[Sequence[Delivery]]) -> None:
    """As central's consumer does: every batch in a transaction of its own, a gap waited for or not as it is set up."""
    for batch in batches:
        with database.transaction() as session:
            apply(session, receive(session, batch, ordered=False)[0])


@pytest.fixture
def database(hub: Rutan) -> Database:
    return hub.database("central")


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with psycopg.connect(psycopg_url(database.url)) as connection:
        yield connection


def contents(connection: Connection, schema: str) -> dict[str, list[str]]:
    """What the view says; which word of several said it (`…_as_of`) depends on where counting began."""
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from information_schema.columns where table_schema = %s"
        " and column_name not like '%%as_of' order by 1, ordinal_position",
        [schema],
    ):
        columns.setdefault(table, []).append(column)
    query = sql.SQL("select row({})::text from {} order by 1")
    return {
        table: [
            row[0]
            for row in connection.execute(
                query.format(sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(schema, table))
            )
        ]
        for table, names in columns.items()
    }


def view_of(connection: Connection, batches: Sequence[Sequence[Event]]) -> dict[str, list[str]]:
    places = {id(event): place for place, event in enumerate(ROAD + AGAIN, 1)}
    copy_structure(connection, VIEW, "tried")
    for batch in batches:
        project(connection, [(event.type, places[id(event)], event.to_bytes()) for event in batch], "tried")
    try:
        return contents(connection, "tried")
    finally:
        connection.rollback()


def portions(data: st.DataObject, events: Sequence[Event]) -> list[list[Event]]:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events) - 1), max_size=6)))
    return [list(events[a:b]) for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]


def test_every_national_event_that_tells_of_the_road_is_in_the_view() -> None:
    national = {type_ for type_, event in event_classes.items() if event.audience == "national"}
    # Its own event says the day and the reason; the row of the release says both already.
    # An erased person stays in the totals of the past: what the log holds of them names nobody any more.
    assert national - set(types()) == {"outcomes.reentry_recorded.v1", "intake.person_erased.v1"}


each_order = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@each_order
@given(st.data())
def test_any_order_and_any_portions_of_the_same_events_give_the_same_view(
    connection: Connection, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(ROAD))
    assert view_of(connection, portions(data, shuffled)) == view_of(connection, [ROAD])


@each_order
@given(st.data())
def test_corrections_end_in_the_last_word_in_whatever_order_and_portions_they_come(
    connection: Connection, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(AGAIN))
    assert view_of(connection, portions(data, shuffled)) == view_of(connection, [[event] for event in AGAIN])


def test_an_older_word_that_arrives_late_does_not_undo_a_newer_one(database: Database) -> None:
    # A number that was lost on the way is asked for, and comes after those that followed it.
    receive_all(database, [[late] for late in reversed(deliveries(AGAIN))])
    with psycopg.connect(psycopg_url(database.url)) as connection:
        assert contents(connection, VIEW) == view_of(connection, [[event] for event in AGAIN])


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_rebuilt_view_equals_the_one_that_grew(database: Database, size: int) -> None:
    whole = deliveries(ROAD + AGAIN)
    receive_all(database, [whole[i : i + size] for i in range(0, len(whole), size)])
    with psycopg.connect(psycopg_url(database.url), autocommit=True) as connection:
        grown = contents(connection, VIEW)
        done: list[int] = []
        assert rebuild(database.url, done.append) == len(whole) == done[-1]
        assert contents(connection, VIEW) == grown


def test_what_comes_twice_counts_once(database: Database) -> None:
    whole = deliveries(ROAD)
    receive_all(database, [whole, whole[:7], whole])
    with psycopg.connect(psycopg_url(database.url)) as connection:
        assert connection.execute("select count(*) from event_log").fetchone() == (len(ROAD),)
        assert contents(connection, VIEW) == view_of(connection, [ROAD])
