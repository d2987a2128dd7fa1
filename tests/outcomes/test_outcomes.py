from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.intake import ConsentGiven, ConsentWithdrawn, PersonReentered, PersonReleased, ReentryReason
from contracts.vocabulary import Answer, Purpose, ReleaseMode
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from outcomes.model import WAVES, DatesOutOfOrder, FollowUp, Release, TooEarly
from support import Rutan
from support.hearing import api, hear

from contracts import Event

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
LEFT = date(2026, 2, 3)


def release(**fields: Any) -> Release:
    known: dict[str, Any] = {
        "id": uuid4(),
        "site": "contoh-rutan",
        "person": uuid4(),
        "released_on": LEFT,
        "mode": ReleaseMode.PB,
    }
    return Release(**known | fields)


def consent(cls: type[ConsentGiven | ConsentWithdrawn], rutan: Rutan, person: UUID, epoch: int = 1) -> Event:
    return cls(site=rutan.site, occurred_at=NOW, person=person, purpose=Purpose.FOLLOW_UP, consent_epoch=epoch)


def left(rutan: Rutan, person: UUID, release_id: UUID, on: date = LEFT, mode: str = "pb") -> PersonReleased:
    return PersonReleased(
        site=rutan.site,
        occurred_at=NOW,
        person=person,
        release_id=release_id,
        released_on=on,
        mode=ReleaseMode(mode),
    )


def back(rutan: Rutan, person: UUID, release_id: UUID, on: date) -> PersonReentered:
    return PersonReentered(
        site=rutan.site,
        occurred_at=NOW,
        person=person,
        release_id=release_id,
        reentered_on=on,
        reason=ReentryReason.NEW_CASE,
    )


def told(rutan: Rutan) -> list[str]:
    rows = rutan.sql("outcomes", "select type from outbox where audience = 'national' order by id")
    return [row.type.split(".")[1] for row in rows]


def due(outcomes: TestClient, on: str = "2030-01-01") -> list[int]:
    return [follow_up["days"] for follow_up in outcomes.get("/follow-ups", params={"on": on}).json()]


@given(st.booleans(), st.sampled_from(ReleaseMode), st.booleans())
def test_only_who_agreed_and_can_be_asked_is_followed_up(consented: bool, mode: ReleaseMode, returned: bool) -> None:
    known = release(mode=mode, reentered_on=LEFT if returned else None)
    planned = known.schedule(consented=consented, at=NOW)
    asked = consented and mode is not ReleaseMode.MENINGGAL and not returned
    assert [f.days for f in planned] == (list(WAVES) if asked else [])
    assert all(f.due_on == LEFT + timedelta(days=f.days) for f in planned)
    again = known.schedule(consented=consented, at=NOW + timedelta(days=1))
    assert [f.id for f in again] == [f.id for f in planned]


@given(st.lists(st.integers(-5, 400), max_size=8))
def test_an_observation_only_grows(days: list[int]) -> None:
    known, heard = release(), []
    for day in days:
        until = LEFT + timedelta(days=day)
        if day < 0:
            with pytest.raises(DatesOutOfOrder):
                known.observe(until, NOW)
        elif event := known.observe(until, NOW):
            heard.append(event.observed_until)
    assert heard == sorted(set(heard))
    assert known.observed_until == max((LEFT + timedelta(days=d) for d in days if d >= 0), default=None)


@given(st.sampled_from(Answer), st.sampled_from(Answer), st.integers(-3, 3))
def test_yes_no_and_unknown_are_three_answers_and_none_comes_before_its_day(
    employed: Answer, housed: Answer, late: int
) -> None:
    asked = FollowUp(
        id=uuid4(), site="contoh-rutan", release=uuid4(), person=uuid4(), days=30, due_on=LEFT, scheduled_at=NOW
    )
    on = LEFT + timedelta(days=late)
    after = datetime.combine(on, time(12), UTC)
    if late < 0:
        with pytest.raises(TooEarly):
            asked.answer(employed, housed, on=on, by=uuid4(), at=after)
    else:
        first = asked.answer(employed, housed, on=on, by=uuid4(), at=after)
        assert first and (first.employed, first.housed) == (employed, housed)
        assert asked.answer(employed, housed, on=on, by=uuid4(), at=after) is None


def test_an_answer_that_another_officer_recorded_meanwhile_is_not_overwritten(rutan: Rutan) -> None:
    person = uuid4()
    hear(rutan.database("outcomes"), consent(ConsentGiven, rutan, person), left(rutan, person, uuid4()))
    with api(rutan, "outcomes") as outcomes:
        first = outcomes.get("/follow-ups", params={"on": "2030-01-01"}).json()[0]["follow_up"]
        at, theirs = f"/follow-ups/{first}/answer", {"employed": "yes", "housed": "yes"}
        mine = {"employed": "no", "housed": "yes", "asked_on": "2026-03-05"}
        assert outcomes.put(at, json=theirs | {"asked_on": "2026-03-05"}).status_code == 201
        assert outcomes.put(at, json=mine).json()["title"] == "answer-changed-meanwhile"
        for _ in range(2):
            assert outcomes.put(at, json=mine | {"instead_of": theirs}).json()["employed"] == "no"


@pytest.mark.parametrize("order", ["consent first", "release first"])
def test_consent_before_or_after_leaving_schedules_the_same(rutan: Rutan, order: str) -> None:
    person = uuid4()
    events = [consent(ConsentGiven, rutan, person), left(rutan, person, uuid4())]
    hear(rutan.database("outcomes"), *(events if order == "consent first" else reversed(events)))
    with api(rutan, "outcomes") as outcomes:
        assert due(outcomes) == list(WAVES)
        assert due(outcomes, "2026-03-04") == []
        assert due(outcomes, "2026-03-05") == [30]
    assert told(rutan) == ["follow_up_scheduled"] * 4


def test_nobody_is_asked_without_consent_and_nobody_who_died(rutan: Rutan) -> None:
    silent, dead = uuid4(), uuid4()
    hear(
        rutan.database("outcomes"),
        left(rutan, silent, uuid4()),
        consent(ConsentGiven, rutan, dead),
        left(rutan, dead, uuid4(), mode="meninggal"),
    )
    assert told(rutan) == []


def test_withdrawal_cancels_what_is_open_and_a_new_consent_takes_it_up_again(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("outcomes")
    hear(database, consent(ConsentGiven, rutan, person), left(rutan, person, uuid4()))
    with api(rutan, "outcomes") as outcomes:
        first = outcomes.get("/follow-ups", params={"on": "2030-01-01"}).json()[0]["follow_up"]
        answer = {"employed": "unknown", "housed": "no", "asked_on": "2026-03-05"}
        assert outcomes.put(f"/follow-ups/{first}/answer", json=answer).json()["employed"] == "unknown"
        hear(database, *[consent(ConsentWithdrawn, rutan, person)] * 2)
        assert due(outcomes) == []
        hear(database, *[consent(ConsentGiven, rutan, person, 2)] * 2)
        assert due(outcomes) == [90, 180, 365]
    scheduled, cancelled = "follow_up_scheduled", "follow_up_cancelled"
    assert told(rutan) == [scheduled] * 4 + ["follow_up_answered"] + [cancelled] * 3 + [scheduled] * 3


def test_a_cancelled_follow_up_takes_no_answer(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("outcomes")
    hear(database, consent(ConsentGiven, rutan, person), left(rutan, person, uuid4()))
    with api(rutan, "outcomes") as outcomes:
        first = outcomes.get("/follow-ups", params={"on": "2030-01-01"}).json()[0]["follow_up"]
        hear(database, consent(ConsentWithdrawn, rutan, person))
        answer = {"employed": "yes", "housed": "yes", "asked_on": "2026-03-05"}
        refused = outcomes.put(f"/follow-ups/{first}/answer", json=answer)
        assert refused.json()["title"] == "follow-up-cancelled-already"


def test_after_a_withdrawal_nothing_more_leaves_about_the_person_not_even_a_correction(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("outcomes")
    hear(database, consent(ConsentGiven, rutan, person), left(rutan, person, uuid4()))
    with api(rutan, "outcomes") as outcomes:
        first = outcomes.get("/follow-ups", params={"on": "2030-01-01"}).json()[0]["follow_up"]
        answer = {"employed": "yes", "housed": "yes", "asked_on": "2026-03-05"}
        assert outcomes.put(f"/follow-ups/{first}/answer", json=answer).status_code == 201
        hear(database, consent(ConsentWithdrawn, rutan, person))
        before = told(rutan)
        assert outcomes.put(f"/follow-ups/{first}/answer", json=answer | {"housed": "no"}).status_code in (403, 409)
        assert told(rutan) == before


def test_a_return_is_counted_from_its_release_and_ends_the_asking(rutan: Rutan) -> None:
    person, first, second, database = uuid4(), uuid4(), uuid4(), rutan.database("outcomes")
    hear(database, consent(ConsentGiven, rutan, person), left(rutan, person, first))
    hear(database, back(rutan, person, first, date(2026, 8, 20)))
    with api(rutan, "outcomes") as outcomes:
        assert due(outcomes) == []
        # Agreeing again inside schedules nothing for a stay outside that is over.
        hear(database, consent(ConsentGiven, rutan, person, 2))
        assert due(outcomes) == []
        hear(database, left(rutan, person, second, date(2027, 1, 1)))
        assert due(outcomes) == list(WAVES)
    assert told(rutan).count("reentry_recorded") == 1
    query = "select convert_from(body, 'utf8')::json ->> 'days_since_release' from outbox where type like '%reentry%'"
    assert {row[0] for row in rutan.sql("outcomes", query)} == {"198"}


def test_what_is_observed_is_told_only_when_it_is_news(rutan: Rutan) -> None:
    known = uuid4()
    hear(rutan.database("outcomes"), left(rutan, uuid4(), known))
    with api(rutan, "outcomes") as outcomes:
        for until, status in (("2026-05-01", 201), ("2026-05-01", 201), ("2026-04-01", 201), ("2026-02-02", 409)):
            answer = outcomes.put(f"/releases/{known}/observation", json={"observed_until": until})
            assert answer.status_code == status
        assert (
            outcomes.put(f"/releases/{uuid4()}/observation", json={"observed_until": "2026-05-01"}).status_code == 404
        )
    assert told(rutan) == ["observation_ended"]


def test_a_person_s_releases_and_follow_ups_are_read_and_each_reading_is_a_look(rutan: Rutan) -> None:
    person, first, second = uuid4(), uuid4(), uuid4()
    hear(rutan.database("outcomes"), consent(ConsentGiven, rutan, person), left(rutan, person, first))
    hear(rutan.database("outcomes"), back(rutan, person, first, LEFT + timedelta(days=40)))
    hear(rutan.database("outcomes"), left(rutan, person, second, LEFT + timedelta(days=90), "murni"))
    with api(rutan, "outcomes") as outcomes:
        newest, older = outcomes.get(f"/people/{person}/releases").json()
        assert (UUID(newest["release"]), newest["mode"], newest["reentered_on"]) == (second, "murni", None)
        assert (UUID(older["release"]), older["reentered_on"]) == (first, "2026-03-15")
        asked = outcomes.get(f"/people/{person}/follow-ups").json()
        assert [(UUID(one["release"]), one["days"], one["state"]) for one in asked] == [
            *((second, days, "scheduled") for days in WAVES),
            *((first, days, "cancelled") for days in WAVES),
        ]
        assert outcomes.get(f"/follow-ups/{asked[0]['follow_up']}").json() == asked[0]
        assert outcomes.get(f"/follow-ups/{uuid4()}").json()["title"] == "follow-up-not-here"
        assert rutan.one("outcomes", "select count(*) from read_log where subject = :person", person=person) == 3
