from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import readlog
from chassis.vault import vault_of
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from intake.queries.people import REASON
from support import Rutan, a_person, staff
from support.hearing import api

WHO = {
    "name": "Siti Rekaan",
    "aliases": ["Iti"],
    "nik": "9971014107900001",
    "identifiers": [{"kind": "passport", "value": "X 123-4567"}],
    "birth_place": "Kota Rekaan",
    "birth_date": "1990-07-01",
    "nationality": "ID",
    "address": "Jalan Rekaan 1",
    "religion": "hindu",
    "language": "jawa",
    "disability": "tuli",
    "interpreter": "bahasa isyarat",
}


def registered(intake: TestClient, **fields: Any) -> UUID:
    person = uuid4()
    answer = intake.put(f"/people/{person}", json=a_person(**fields))
    assert answer.status_code == 201, answer.text
    return person


def title(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["title"]


def looks(rutan: Rutan) -> list[tuple[UUID, bool]]:
    return [(row.subject, row.emergency) for row in rutan.sql("intake", "select * from read_log order by id")]


def test_all_that_is_known_of_somebody_is_sealed_and_comes_back_as_it_was_said(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake, **WHO)
        told = intake.get(f"/people/{person}").json()
        assert {name: told["identity"][name] for name in WHO} == WHO
        assert told["birth_year"] == 1990
    every = "select string_agg(t::text, '') from (select p.*, i.*, e.* from person p, identifier i, register_entry e) t"
    kept = rutan.one("intake", every)
    for text in (
        "Siti",
        "Iti",
        "9971014107",
        "1234567",
        "1990-07",
        "Jalan",
        "hindu",
        "jawa",
        "tuli",
        "isyarat",
        "BI-1",
    ):
        assert text not in kept.replace(str(person), "")


def test_a_foreigner_needs_no_nik_and_may_have_several_papers(rutan: Rutan) -> None:
    papers = [{"kind": kind, "value": f"{kind} 1"} for kind in ("passport", "kitas", "kk", "bpjs", "sim")]
    with api(rutan, "intake") as intake:
        person = registered(intake, nationality="VN", identifiers=papers)
        assert intake.get(f"/people/{person}").json()["identity"]["identifiers"] == papers
        assert rutan.one("intake", "select count(*) from identifier") == 5


def test_the_case_moves_on_and_no_number_is_overwritten(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake, legal_status="tahanan", register_number="A.I 5/2026", registered_on="2026-01-02")
        at = f"/people/{person}"
        steps = [("A.III 9/2026", "a_iii", "2026-02-01"), ("77/2026", "b_i", "2026-03-01")]
        for number, book, day in steps:
            entry, sent = f"{at}/register-entries/{uuid4()}", {"number": number, "book": book, "from_on": day}
            for _ in range(2):
                assert intake.put(entry, json=sent).status_code == 201
            assert title(intake.put(entry, json=sent | {"from_on": "2026-03-02"})) == (409, "register-entry-id-taken")
        told = intake.get(at).json()
        assert (told["legal_status"], told["register_number"]) == ("narapidana", "77/2026")
        assert [(r["number"], r["book"], r["sequence"], r["from_on"], r["closed_on"]) for r in told["registers"]] == [
            ("77/2026", "b_i", 77, "2026-03-01", None),
            ("A.III 9/2026", "a_iii", 9, "2026-02-01", "2026-03-01"),
            ("A.I 5/2026", "a_i", 5, "2026-01-02", "2026-02-01"),
        ]
        early = {"number": "1/2026", "book": "b_i", "from_on": "2026-02-28"}
        assert title(intake.put(f"{at}/register-entries/{uuid4()}", json=early)) == (409, "dates-out-of-order")
    said = "select convert_from(body, 'utf8') as body from outbox where type like '%register_entered%' order by id"
    told_nation = [row.body for row in rutan.sql("intake", said)]
    assert len(told_nation) == 4 and not any("77/2026" in body or "A.III" in body for body in told_nation)


def test_that_somebody_is_a_child_is_said_by_hand_and_no_register_changes_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake, legal_status="anak_binaan")
        sent = {"number": "3/2026", "book": "b_i", "from_on": "2026-02-01"}
        at = f"/people/{person}/register-entries"
        assert intake.put(f"{at}/{uuid4()}", json=sent).json()["legal_status"] == "anak_binaan"
        grown = sent | {"number": "4/2026", "anak_binaan": False}
        assert intake.put(f"{at}/{uuid4()}", json=grown).json()["legal_status"] == "narapidana"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"legal_status": "tahanan", "register_number": "B.I 1/2026"}, "status-and-book-disagree"),
        ({"register_number": "B.I 1/2026", "register_book": "b_iia"}, "number-and-book-disagree"),
        ({"birth_date": "1990-01-01", "birth_year": 1991}, "birth-year-disagrees"),
        ({"birth_date": "2090-01-01"}, "day-not-come"),
        ({"admitted_on": "2090-01-01"}, "day-not-come"),
        ({"registered_on": "2090-01-01"}, "day-not-come"),
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(rutan: Rutan, wrong: dict[str, Any], refusal: str) -> None:
    with api(rutan, "intake") as intake:
        assert title(intake.put(f"/people/{uuid4()}", json=a_person(**wrong))) == (409, refusal)
        assert rutan.one("intake", "select count(*) from person") == 0


def test_of_many_who_give_one_number_at_once_one_succeeds(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        ways = ["B.I 12/2026", "BI-12/2026", "b.i. 12 / 2026", "B I 12/2026"] * 2

        def enter(number: str) -> int:
            return intake.put(f"/people/{uuid4()}", json=a_person(register_number=number)).status_code

        assert sorted(pool.map(enter, ways)) == [201] + [409] * 7
        assert intake.put(f"/people/{uuid4()}", json=a_person(register_number="B.IIa 12/2026")).status_code == 201


def test_of_two_officers_who_correct_an_identity_the_second_sees_both_versions(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake, name="Siti Rekan", birth_date="1990-07-01")
        at = f"/people/{person}/identity"
        first = {"name": "Siti Rekaan", "birth_date": "1990-07-01", "version": 1}
        for _ in range(2):
            told = intake.put(at, json=first)
            assert (told.status_code, told.json()["version"]) == (200, 2)
        second = intake.put(at, json=first | {"name": "Siti Reka An", "address": "Jalan Rekaan 1"})
        assert title(second) == (409, "changed-meanwhile")
        assert second.json()["version"] == 2
        assert second.json()["fields"] == {
            "name": {"sent": "Siti Reka An", "stored": "Siti Rekaan"},
            "address": {"sent": "Jalan Rekaan 1", "stored": None},
        }
        # What was shown was seen, though nothing else was committed.
        assert looks(rutan) == [(person, False)] * 3
        assert intake.get(f"/people/{person}").json()["name"] == "Siti Rekaan"
        refused = intake.put(at, json=first, headers=staff(rutan.site, Role.COUNSELLOR))
        assert title(refused) == (403, "not-your-role") and "Rekaan" not in refused.text
        moved = intake.put(at, json=first | {"birth_date": "1988-01-01", "version": 2})
        assert moved.json()["birth_year"] == 1988
    assert rutan.one("intake", "select count(*) from identity_correction") == 2


def test_a_registration_sent_again_shows_no_more_than_was_sent(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        sent = {"number": "3/2026", "book": "b_i", "from_on": "2026-02-01"}
        assert intake.put(f"/people/{person}/register-entries/{uuid4()}", json=sent).is_success
        intake.put(f"/people/{person}/restriction", json={"restricted": True})
        again = intake.put(f"/people/{person}", json=a_person())
        assert again.status_code == 201 and "3/2026" not in again.text


def test_of_many_corrections_at_once_one_is_kept_and_none_is_lost_unseen(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        person = registered(intake)
        at = f"/people/{person}/identity"
        names = [f"Rekaan {letter}" for letter in "ABCDEFGH"]
        answers = list(pool.map(lambda n: intake.put(at, json={"name": n, "version": 1}), names))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
        kept = intake.get(f"/people/{person}").json()["name"]
        shown = {a.json()["fields"]["name"]["stored"] for a in answers if a.status_code == 409}
        assert shown == {kept}


def test_a_correction_changes_by_what_somebody_is_found(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake, **WHO)
        intake.put(f"/people/{person}/identity", json={"name": "Siti Rekaan", "version": 1})
        assert found(intake, words="9971014107900001") == []


def found(intake: TestClient, **sought: Any) -> list[str]:
    answer = intake.post("/people/searches", json=sought)
    assert answer.status_code == 200, answer.text
    return [person["name"] for person in answer.json()["people"]]


def test_people_are_found_by_words_of_a_name_and_by_any_number_however_it_is_written(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        registered(intake, **WHO, register_number="B.I 12/2026")
        registered(intake, name="Nur'aini Rékaan", legal_status="tahanan", register_number="A.I 13/2026")
        out = registered(intake, name="Budi Rekaan", register_number="BI-9/UJI")
        intake.put(f"/people/{out}/releases/{uuid4()}", json={"released_on": "2026-02-03", "mode": "pb"})
        assert found(intake, words="REKAAN") == ["Budi Rekaan", "Nur'aini Rékaan", "Siti Rekaan"]
        assert found(intake, words="rek sit") == ["Siti Rekaan"]
        assert found(intake, words="nuraini") == ["Nur'aini Rékaan"]
        for number in ("iti", "9971014107900001", "x1234567", "BI 12/2026", "12/2026"):
            assert found(intake, words=number) == ["Siti Rekaan"], number
        assert found(intake, words="bi-9/uji") == ["Budi Rekaan"]
        assert found(intake, words="rekaan", inside=False) == ["Budi Rekaan"]
        assert found(intake, words="rekaan", legal_status="tahanan") == ["Nur'aini Rékaan"]
        assert found(intake, words="---") == []
        listed = intake.get("/people", params={"inside": True}).json()
        assert (listed["count"], [p["name"] for p in listed["people"]]) == (2, ["Nur'aini Rékaan", "Siti Rekaan"])
        assert [p["register_number"] for p in listed["people"]] == ["A.I 13/2026", "B.I 12/2026"]
        for role in (Role.HEAD, Role.PRIVACY_OFFICER):
            assert intake.get("/people", headers=staff(rutan.site, role)).json()["count"] == 3
        assert intake.get("/people", headers=staff(rutan.site, Role.INSTRUCTOR)).status_code == 403


def test_a_list_is_a_look_at_everybody_on_the_page_and_the_log_stays_whole(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(4) as pool:
        for n in range(55):
            registered(intake, name=f"Rekaan {n:02d}")
        pages = [intake.get("/people", params={"page": page}).json() for page in (1, 2, 3)]
        assert [len(page["people"]) for page in pages] == [50, 5, 0]
        assert len(looks(rutan)) == 55
        assert len(intake.get("/people", params={"size": 54}).json()["people"]) == 54
        list(pool.map(lambda _: intake.get("/people").status_code, range(8)))
    with rutan.database("intake").transaction() as session:
        assert readlog.damage(session) == []
        assert readlog.head(session)[0] == 55 + 54 + 8 * 50


def test_a_restricted_record_opens_to_the_head_and_in_an_emergency_with_a_reason(rutan: Rutan) -> None:
    registrar, head, instructor = (staff(rutan.site, r) for r in (Role.REGISTRAR, Role.HEAD, Role.INSTRUCTOR))
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}"
        closed = intake.put(f"{at}/restriction", json={"restricted": True}, headers=registrar)
        assert title(closed) == (403, "not-your-role")
        for _ in range(2):
            assert intake.put(f"{at}/restriction", json={"restricted": True}, headers=head).status_code == 204
        for path in ("", "/consents", "/stays", "/likely-duplicates", "/detention-periods"):
            assert title(intake.get(at + path, headers=registrar)) == (403, "record-restricted"), path
        assert intake.get("/people", headers=registrar).json()["count"] == 0
        assert intake.get("/people", headers=staff(rutan.site, Role.COUNSELLOR, Role.HEAD)).json()["count"] == 1
        assert intake.get(at, headers=head).status_code == 200
        shown = intake.post(f"{at}/emergency-looks", json={"reason": "dibawa ke rumah sakit"}, headers=instructor)
        assert (shown.status_code, shown.json()["name"]) == (201, "Rekaan Uji")
        for role in (Role.MINISTRY, Role.INSPECTOR):
            sent = intake.post(f"{at}/emergency-looks", json={"reason": "x"}, headers=staff(rutan.site, role))
            assert title(sent) == (403, "not-your-role")
        assert intake.put(f"{at}/restriction", json={"restricted": False}, headers=head).status_code == 204
        assert intake.get(at, headers=registrar).status_code == 200
    with rutan.database("intake").transaction() as session:
        (line,) = [line for line in readlog.looks_at(session, person) if line.emergency]
        assert line.roles == ["instructor"] and b"rumah sakit" not in line.reason
        assert vault_of(session).open(person, REASON, line.reason) == b"dibawa ke rumah sakit"
        assert readlog.damage(session) == []
        assert line.read_at <= datetime.now(UTC)


def test_names_of_many_people_come_in_one_request_with_a_look_at_each(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        people = [uuid4() for _ in range(3)]
        for number, person in enumerate(people):
            sent = a_person(name=f"Rekaan {number}", register_number=f"BI-{number}/UJI")
            assert intake.put(f"/people/{person}", json=sent).status_code == 201
        asked = {"people": [str(id) for id in (*people[:2], uuid4())]}
        instructor = staff(rutan.site, Role.INSTRUCTOR)
        found = {
            UUID(one["person"]): one for one in intake.post("/people/names", json=asked, headers=instructor).json()
        }
        assert {id: (one["name"], one["register_number"], one["inside"]) for id, one in found.items()} == {
            people[0]: ("Rekaan 0", "BI-0/UJI", True),
            people[1]: ("Rekaan 1", "BI-1/UJI", True),
        }
        looked = rutan.sql("intake", "select subject from read_log order by id")
        assert {row.subject for row in looked} == set(people[:2]) and len(looked) == 2
        for role in (Role.MINISTRY, Role.INSPECTOR):
            refused = intake.post("/people/names", json=asked, headers=staff(rutan.site, role))
            assert refused.status_code == 403
        too_many = {"people": [str(uuid4()) for _ in range(101)]}
        assert intake.post("/people/names", json=too_many).status_code == 422


def test_a_restricted_person_is_named_only_to_those_who_may_read_the_record(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = uuid4()
        intake.put(f"/people/{person}", json=a_person())
        intake.put(f"/people/{person}/restriction", json={"restricted": True})
        for role, shown in ((Role.COUNSELLOR, 0), (Role.HEAD, 1)):
            asked = {"people": [str(person)]}
            assert len(intake.post("/people/names", json=asked, headers=staff(rutan.site, role)).json()) == shown


def test_a_merged_entry_is_named_by_the_one_that_speaks_for_it_and_both_were_looked_at(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        kept, twice = uuid4(), uuid4()
        intake.put(f"/people/{kept}", json=a_person(name="Rekaan Satu", register_number="BI-1/UJI"))
        intake.put(f"/people/{twice}", json=a_person(name="Rekaan Ganda", register_number="BI-2/UJI"))
        assert intake.post(f"/people/{twice}/merge", json={"into": str(kept)}).status_code == 201
        looks = "select count(*) from read_log where subject = :kept"
        before = rutan.one("intake", looks, kept=kept)
        (found,) = intake.post("/people/names", json={"people": [str(twice)]}).json()
        assert (UUID(found["kept"]), found["name"]) == (kept, "Rekaan Satu")
        assert rutan.one("intake", looks, kept=kept) == before + 1
