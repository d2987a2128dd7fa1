"""Staff can see where each fact is, and how far each reader of a feed is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis import outbox
from contracts.intake import ConsentDeclined, ConsentWithdrawn, LevyReported, LevyStep
from contracts.vocabulary import Purpose, Role
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlmodel import Session
from support import Rutan, staff
from support.hearing import api

from contracts import Audience, Event

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)


def withdrawn(rutan: Rutan, person: UUID) -> ConsentWithdrawn:
    """A fact that leaves the rutan."""
    return ConsentWithdrawn(site=rutan.site, occurred_at=NOW, person=person, purpose=Purpose.RESEARCH, consent_epoch=1)


def say(rutan: Rutan, *events: Event) -> None:
    with rutan.database("intake").transaction() as session:
        outbox.publish(session, *events)


def told(session: Session, audience: Audience, reader: str, contiguous: int, at: datetime, *parked: int) -> None:
    epoch = session.execute(select(outbox.feed.c.epoch).where(outbox.feed.c.audience == audience)).scalar_one()
    said = {"epoch": epoch, "contiguous": contiguous, "parked": list(parked), "told_at": at}
    session.execute(insert(outbox.receipt).values(audience=audience, reader=reader, **said))


def national(fact: dict[str, Any]) -> tuple[object, ...]:
    (found,) = [place for place in fact["audiences"] if place["audience"] == "national"]
    return found["state"], found["number"], found["received_by"], found["awaited"]


def test_a_fact_is_recorded_then_numbered_then_published_and_received_by_each_reader(rutan: Rutan) -> None:
    say(rutan, withdrawn(rutan, uuid4()))
    mine = outbox.outbox.c.audience == "national"
    with api(rutan, "intake") as intake:

        def where() -> tuple[object, ...]:
            (fact,) = intake.get("/facts").json()
            assert (fact["type"], {place["audience"] for place in fact["audiences"]}) == (
                "intake.consent_withdrawn.v1",
                {"site", "national"},
            )
            return national(fact)

        def change(**to: Any) -> None:
            with rutan.database("intake").transaction() as session:
                session.execute(update(outbox.outbox).where(mine).values(**to))

        both = ["central", "partner_gateway"]
        assert where() == ("recorded", None, [], both)
        change(number=7)
        assert where() == ("numbered", 7, [], both)
        change(published_at=NOW)
        assert where() == ("published", 7, [], both)
        with rutan.database("intake").transaction() as session:
            session.execute(insert(outbox.feed).values(audience="national", last_number=7))
            told(session, "national", "central", 7, NOW)
            told(session, "national", "partner_gateway", 9, NOW, 7)
        assert where() == ("published", 7, ["central"], ["partner_gateway"])
        with rutan.database("intake").transaction() as session:
            session.execute(update(outbox.receipt).values(parked=[]))
        assert where() == ("received", 7, both, [])


def test_what_is_about_a_person_is_shown_as_a_look_at_them_and_nobody_else_s(rutan: Rutan) -> None:
    person = uuid4()
    say(rutan, withdrawn(rutan, person), withdrawn(rutan, uuid4()))
    with api(rutan, "intake") as intake:
        assert len(intake.get(f"/people/{person}/facts").json()) == 1
        assert rutan.one("intake", "select count(*) from read_log where subject = :person", person=person) == 1
        for role in (Role.MINISTRY, Role.INSPECTOR):
            assert intake.get(f"/people/{person}/facts", headers=staff(rutan.site, role)).status_code == 403
        assert intake.get(f"/people/{uuid4()}/facts").json() == []


def test_every_role_sees_where_facts_are_and_no_answer_names_a_person(rutan: Rutan) -> None:
    person = uuid4()
    say(rutan, withdrawn(rutan, person))
    with api(rutan, "intake") as intake:
        for role in Role:
            for path in ("/facts", "/feeds"):
                answer = intake.get(path, headers=staff(rutan.site, role))
                assert answer.status_code == 200 and str(person) not in answer.text
        assert intake.get("/facts", headers={"authorization": ""}).status_code == 401


def test_that_a_levy_was_reported_is_not_listed(rutan: Rutan) -> None:
    say(rutan, LevyReported(site=rutan.site, occurred_at=NOW, report_id=uuid4(), step=LevyStep.VISIT))
    with api(rutan, "intake") as intake:
        assert intake.get("/facts").json() == []


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.booleans(), max_size=9), limit=st.integers(1, 4))
def test_page_after_page_every_fact_is_seen_once_newest_first(rutan: Rutan, kinds: list[bool], limit: int) -> None:
    person = uuid4()
    inside = {"site": rutan.site, "occurred_at": NOW, "person": person, "purpose": Purpose.RESEARCH}
    events = [withdrawn(rutan, person) if leaves else ConsentDeclined(**inside) for leaves in kinds]
    say(rutan, *events)
    seen: list[str] = []
    with api(rutan, "intake") as intake:
        before: dict[str, int] = {}
        while page := intake.get(f"/people/{person}/facts", params={"limit": limit, **before}).json():
            seen += [fact["event"] for fact in page]
            before = {"before": page[-1]["cursor"]}
    assert seen == [str(event.event_id) for event in reversed(events)]


def test_a_feed_says_what_each_reader_confirmed_what_is_outstanding_and_when_it_last_said_so(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        nothing = {"audience": "national", "written": 0, "confirmed": 0, "outstanding": 0, "set_aside": 0}
        readers = ("central", "partner_gateway")
        assert national_feed(intake) == [nothing | {"reader": r, "told_at": None} for r in readers]
        say(rutan, withdrawn(rutan, uuid4()))
        with rutan.database("intake").transaction() as session:
            session.execute(insert(outbox.feed).values(audience="national", last_number=12))
            told(session, "national", "central", 10, NOW - timedelta(hours=3), 4)
        central, gateway = national_feed(intake)
        assert datetime.fromisoformat(central.pop("told_at")) == NOW - timedelta(hours=3)
        assert central == nothing | {
            "reader": "central",
            "written": 13,
            "confirmed": 10,
            "outstanding": 3,
            "set_aside": 1,
        }
        assert gateway["outstanding"] == 13 and gateway["told_at"] is None


def test_the_receipts_of_an_epoch_that_is_over_confirm_nothing(rutan: Rutan) -> None:
    with rutan.database("intake").transaction() as session:
        session.execute(insert(outbox.feed).values(audience="national", last_number=5))
        told(session, "national", "central", 5, NOW)
        session.execute(update(outbox.feed).values(epoch=uuid4()))
    with api(rutan, "intake") as intake:
        central, _ = national_feed(intake)
        assert (central["confirmed"], central["outstanding"], central["told_at"]) == (0, 5, None)


def national_feed(intake: TestClient) -> list[dict[str, Any]]:
    return [one for one in intake.get("/feeds").json() if one["audience"] == "national"]
