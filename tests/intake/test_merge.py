from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from intake.commands.sweep import sweep
from intake.model.days import today
from intake.model.duplicates import NAMES_ALIKE, WEIGHT, Reason, likeness, names_alike, words
from intake.model.people import Identity
from support import Rutan, a_person, staff
from support.hearing import api

NIK = "9971014107900001"
ASKED = {"text_version": "v1"}


def registered(intake: TestClient, **fields: Any) -> UUID:
    person = uuid4()
    answer = intake.put(f"/people/{person}", json=a_person(**fields))
    assert answer.status_code == 201, answer.text
    return person


def title(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["title"]


def said(rutan: Rutan, type_: str) -> list[tuple[str, str]]:
    query = "select convert_from(body, 'utf8')::json as body from outbox where audience = 'site' and type = :type"
    rows = rutan.sql("intake", query + " order by id", type=f"intake.{type_}.v1")
    return [(row.body["person"], row.body["kept"]) for row in rows]


# ---- how alike


def alike(one: str, other: str) -> bool:
    return names_alike(Identity(name=one), Identity(name=other)) >= NAMES_ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mohamad Rekaan", "Muhamad Rekaan"),
        ("Siti Nur'aini", "siti nuraini"),
        ("Rékaan Uji", "REKAAN UJI"),
        ("Budi bin Rekaan", "Rekaan Budi"),
        ("Ni Luh Putu", "Ni Luh Putu Rekaan"),
    ],
)
def test_one_name_is_written_in_many_ways(one: str, other: str) -> None:
    assert alike(one, other) and alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("Suharti", "Suharti Wulandari"), ("Budi Rekaan", "Siti Rekaan"), ("-", "A")]
)
def test_two_names_are_two_names(one: str, other: str) -> None:
    assert not alike(one, other)


def test_an_alias_is_a_name_too() -> None:
    assert names_alike(Identity(name="X", aliases=["Budi Rekaan"]), Identity(name="Y", aliases=["budi rekaan"])) == 1


@given(st.lists(st.sampled_from(["siti", "nur", "aini", "putu"]), min_size=1, max_size=4))
def test_the_order_of_words_does_not_matter(parts: list[str]) -> None:
    assert len({tuple(words(" ".join(order))) for order in permutations(parts)}) == 1


@given(
    st.sets(st.sampled_from([Reason.SAME_NIK, Reason.SAME_IDENTIFIER, Reason.SAME_REGISTER_NUMBER])), st.floats(0, 1)
)
def test_more_that_speaks_for_it_never_lowers_the_score(numbers: set[Reason], name: float) -> None:
    scores = [likeness(UUID(int=1), numbers, name=name, born=born) for born in ((False, False), (False, True))]
    without, with_year = (like.score if like else 0.0 for like in scores)
    assert 0 <= without <= with_year <= 1
    assert all(like is None or like.score >= max(WEIGHT[reason] for reason in like.reasons) - 0.01 for like in scores)


# ---- proposals


def test_likely_duplicates_are_proposed_with_their_reasons_and_looked_at(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        first = registered(intake, name="Mohamad Rekaan", birth_date="1990-07-01", nik=NIK, register_number="BI-1/A")
        papers = [{"kind": "passport", "value": "X 99"}]
        by_number = registered(intake, name="Lain", register_number="bi-1/a", identifiers=papers)
        other_day = {"birth_date": "1990-02-01", "register_number": "BI-2/A"}
        registered(intake, name="Muhamad Rekaan", **other_day)
        year = registered(intake, name="Muhamad Rekaan", birth_year=1990, register_number="BI-3/A")
        sent = {"name": "Rekaan Muhamad", "birth_date": "1990-07-01", "nik": NIK, "register_number": "BI-4/A"}
        again = uuid4()
        answer = intake.put(
            f"/people/{again}", json=a_person(**sent, identifiers=[{"kind": "passport", "value": "x99"}])
        )
        assert answer.json()["likely_duplicates"] == 3
        found = intake.get(f"/people/{again}/likely-duplicates").json()
        assert [(UUID(like["person"]), like["reasons"]) for like in found] == [
            (first, ["same_nik", "similar_name_same_birth_date"]),
            (by_number, ["same_identifier"]),
            (year, ["similar_name_same_birth_year"]),
        ]
        assert [like["score"] for like in found] == [1.0, 0.95, 0.6]
        seen = {row.subject for row in rutan.sql("intake", "select subject from read_log")}
        assert seen == {again, first, by_number, year}
        likes = intake.get(f"/people/{first}/likely-duplicates").json()
        assert {(UUID(like["person"]), *like["reasons"]) for like in likes} >= {(by_number, "same_register_number")}


def test_one_number_in_two_books_is_two_numbers(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        registered(intake, register_number="B.I 5/2026")
        other = registered(intake, register_number="B.IIa 5/2026")
        assert intake.get(f"/people/{other}/likely-duplicates").json() == []


def test_a_restricted_record_is_proposed_to_nobody_who_may_not_read_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        hidden, other = registered(intake, nik=NIK), registered(intake, nik=NIK)
        intake.put(f"/people/{hidden}/restriction", json={"restricted": True})
        at, registrar = f"/people/{other}/likely-duplicates", staff(rutan.site, Role.REGISTRAR)
        assert intake.get(at, headers=registrar).json() == []
        assert len(intake.get(at, headers=staff(rutan.site, Role.REGISTRAR, Role.HEAD)).json()) == 1


# ---- merging


def record(rutan: Rutan) -> list[Any]:
    """Everything that is known of anybody."""
    tables = ("person", "register_entry", "stay", "release", "consent", "identifier", "detention_period")
    return [sorted(map(str, rutan.sql("intake", f"select * from {table}"))) for table in tables]


def test_two_entries_are_read_as_one_and_parted_exactly_as_they_were(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        kept = registered(intake, register_number="B.I 1/2026")
        dropped = registered(intake, name="Rekan Uji", register_number="A.I 2/2025", legal_status="tahanan")
        before, at = record(rutan), f"/people/{dropped}"
        for _ in range(2):
            assert intake.post(f"{at}/merge", json={"into": str(kept)}).json()["kept"] == str(kept)
        for person in (kept, dropped):
            told = intake.get(f"/people/{person}").json()
            assert (told["person"], told["name"], told["entries"]) == (str(kept), "Rekaan Uji", [str(dropped)])
            assert told["register_number"] == "B.I 1/2026"
            assert {entry["number"] for entry in told["registers"]} == {"B.I 1/2026", "A.I 2/2025"}
        assert len(intake.get(f"/people/{kept}/stays").json()) == 2
        people = intake.get("/people").json()["people"]
        assert [person["person"] for person in people] == [str(kept)]
        by_number = intake.post("/people/searches", json={"words": "2/2025"}).json()["people"]
        assert [person["person"] for person in by_number] == [str(kept)]
        assert intake.post(f"{at}/unmerge").json()["kept"] is None
        assert title(intake.post(f"{at}/unmerge")) == (409, "not-merged")
        assert record(rutan) == before
        assert intake.get(at).json()["name"] == "Rekan Uji"
    pair = [(str(dropped), str(kept))]
    assert (said(rutan, "persons_merged"), said(rutan, "persons_unmerged")) == (pair, pair)


def test_nothing_is_written_to_an_entry_that_another_speaks_for(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        kept, dropped = registered(intake), registered(intake)
        intake.post(f"/people/{dropped}/merge", json={"into": str(kept)})
        at, day = f"/people/{dropped}", "2026-02-03"
        writes = [
            intake.put(f"{at}/identity", json={"name": "Rekaan Uji Coba", "version": 1}),
            intake.put(f"{at}/register-entries/{uuid4()}", json={"number": "1", "book": "b_i", "from_on": day}),
            intake.put(f"{at}/releases/{uuid4()}", json={"released_on": day, "mode": "pb"}),
            intake.post(f"{at}/reentries", json={"reentered_on": day}),
            intake.post(f"{at}/consents/programme", json=ASKED),
            intake.post(f"{at}/consents/programme/declination", json=ASKED),
            intake.post(f"{at}/consents/programme/withdrawal", json={}),
            intake.put(f"{at}/transfers/{uuid4()}", json={"to_site": "rutan-lain"}),
            intake.put(f"{at}/restriction", json={"restricted": True}),
            intake.put(f"{at}/detention-periods/{uuid4()}", json={"book": "a_i", "from_on": day, "until_on": day}),
        ]
        for answer in writes:
            assert title(answer) == (409, "merged-into-another")
            assert answer.json()["kept"] == str(kept)


def test_entries_form_one_level_and_no_circle(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        a, b, c = (registered(intake) for _ in range(3))

        def merge(one: UUID, into: UUID) -> tuple[int, Any]:
            answer = intake.post(f"/people/{one}/merge", json={"into": str(into)})
            return answer.status_code, answer.json().get("title")

        assert merge(a, a) == (409, "merged-with-itself")
        assert merge(a, uuid4()) == (404, "person-not-here")
        assert merge(a, b) == (201, None)
        assert merge(b, a) == (409, "others-merged-into-it")
        assert merge(c, a) == (409, "merged-into-another")
        assert merge(b, c) == (409, "others-merged-into-it")
        assert merge(c, b) == (201, None)
        assert set(intake.get(f"/people/{a}").json()["entries"]) == {str(a), str(c)}


@pytest.mark.parametrize(
    ("dropped_says", "kept_says", "merged"),
    [
        (None, None, True),
        (None, True, True),
        (None, False, True),
        (False, None, True),
        (False, False, True),
        (True, True, True),
        (True, None, False),
        (True, False, False),
        (False, True, False),
    ],
)
def test_who_gave_two_answers_is_asked_first(
    rutan: Rutan, dropped_says: bool | None, kept_says: bool | None, merged: bool
) -> None:
    with api(rutan, "intake") as intake:
        kept, dropped = registered(intake), registered(intake)
        for person, says in ((kept, kept_says), (dropped, dropped_says)):
            how = {True: "", False: "/declination"}
            if says is not None:
                assert intake.post(f"/people/{person}/consents/programme{how[says]}", json=ASKED).status_code == 201
        answer = intake.post(f"/people/{dropped}/merge", json={"into": str(kept)})
        if merged:
            assert answer.status_code == 201
        else:
            assert title(answer) == (409, "consents-disagree")
            assert said(rutan, "persons_merged") == []


def test_taking_a_consent_back_takes_it_back_at_every_entry_of_the_person(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        kept, dropped = registered(intake), registered(intake)
        for person in (kept, dropped):
            intake.post(f"/people/{person}/consents/programme", json=ASKED)
        intake.post(f"/people/{dropped}/merge", json={"into": str(kept)})
        assert intake.post(f"/people/{kept}/consents/programme/withdrawal", json={}).status_code == 201
        assert rutan.one("intake", "select count(*) from consent where given and ended_at is null") == 0
        withdrawn = "select count(*) from outbox where audience = 'site' and type like '%consent_withdrawn%'"
        assert rutan.one("intake", withdrawn) == 2


def test_of_two_officers_who_merge_in_both_directions_one_succeeds(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            a, b = registered(intake), registered(intake)
            ways = [(a, b), (b, a)] * 4
            sent = list(pool.map(lambda w: intake.post(f"/people/{w[0]}/merge", json={"into": str(w[1])}), ways))
            codes = [answer.status_code for answer in sent]
            assert set(codes) == {201, 409} and codes.count(201) == 4
        assert len(said(rutan, "persons_merged")) == 3


def test_an_extension_at_one_entry_ends_the_alert_of_both_and_each_end_is_told_of_who_is_kept(rutan: Rutan) -> None:
    day = today(datetime.now(UTC))
    with api(rutan, "intake") as intake:
        kept, dropped = (registered(intake, legal_status="tahanan") for _ in range(2))

        def held(person: UUID, from_day: int, days: int) -> None:
            begins = day + timedelta(days=from_day)
            body = {"book": "a_i", "from_on": str(begins), "until_on": str(begins + timedelta(days=days))}
            assert intake.put(f"/people/{person}/detention-periods/{uuid4()}", json=body).status_code == 201

        held(dropped, -17, 19)
        assert [a["person"] for a in intake.get("/alerts/detention").json()] == [str(dropped)]
        intake.post(f"/people/{dropped}/merge", json={"into": str(kept)})
        assert [a["person"] for a in intake.get("/alerts/detention").json()] == [str(kept)]
        with rutan.database("intake").transaction() as session:
            sweep(session, datetime.now(UTC))
        told = "select convert_from(body, 'utf8')::json ->> 'person' from outbox where type like '%expiry%'"
        assert rutan.one("intake", told) == str(kept)
        held(kept, 3, 39)
        assert intake.get("/alerts/detention").json() == []
