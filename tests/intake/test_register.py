from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from intake.api.people import Registration
from support import Rutan, a_person, staff
from support.hearing import api

LEFT = {"released_on": "2026-02-03", "mode": "pb"}


def registered(intake: TestClient) -> UUID:
    person = uuid4()
    assert intake.put(f"/people/{person}", json=a_person()).status_code == 201
    return person


def outbox(rutan: Rutan, type_: str) -> int:
    return int(rutan.one("intake", "select count(*) from outbox where audience = 'site' and type = :type", type=type_))


def test_the_same_registration_again_changes_nothing(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        again = intake.put(f"/people/{person}", json=a_person())
        assert (again.status_code, again.json()["inside"]) == (201, True)
        assert outbox(rutan, "intake.person_registered.v1") == 1


def test_another_person_under_the_same_id_is_refused_and_the_first_stays(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        other = intake.put(f"/people/{person}", json=a_person(name="Orang Lain"))
        assert (other.status_code, other.json()["title"]) == (409, "person-id-taken")
        assert intake.get(f"/people/{person}").json()["name"] == "Rekaan Uji"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"legal_status": "tahanan", "register_book": "b_i"}, "status-and-book-disagree"),
        ({"register_number": "A.I 3/2026", "register_book": "b_i"}, "number-and-book-disagree"),
        ({"birth_date": "1990-07-01", "birth_year": 1991}, "birth-year-disagrees"),
        ({"admitted_on": "2099-01-01"}, "day-not-come"),
        ({"register_number": "B.I 1/2026"}, "register-number-taken"),
        ({"name": ""}, "malformed"),
    ],
)
def test_what_could_not_be_registered_is_said_before_it_is_sent_and_nothing_is_kept(
    rutan: Rutan, wrong: dict[str, object], refusal: str
) -> None:
    with api(rutan, "intake") as intake:
        first = a_person(register_number="B.I 1/2026")
        person, other = uuid4(), uuid4()
        intake.put(f"/people/{person}", json=first)
        assert intake.post(f"/people/{other}/registration-check", json=a_person(**wrong)).json()["title"] == refusal
        assert intake.post(f"/people/{other}/registration-check", json=a_person()).status_code == 204
        assert intake.post(f"/people/{person}/registration-check", json=first).status_code == 204
        assert rutan.one("intake", "select count(*) from person") == 1


def test_a_registration_sent_several_times_at_once_is_one_person_and_no_fault(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            person = uuid4()
            sent = pool.map(lambda _, p=person: intake.put(f"/people/{p}", json=a_person()).status_code, range(8))
            assert set(sent) == {201}
        assert outbox(rutan, "intake.person_registered.v1") == 3


@pytest.mark.parametrize("name", ["Suharti", "D'Angelo", "Siti Nur'aini", "Ni Luh Putu", "ꦧꦸꦢꦶ", "I"])
def test_a_name_is_kept_as_it_is_written(rutan: Rutan, name: str) -> None:
    with api(rutan, "intake") as intake:
        person = uuid4()
        assert intake.put(f"/people/{person}", json=a_person(name=name)).json()["name"] == name
        assert name not in str(rutan.sql("intake", "select convert_from(body, 'utf8') from outbox"))


def pointer(wrong: dict[str, object]) -> str:
    """A field of ours is named; one that we do not know is not, since it may be somebody's name."""
    field = next(iter(wrong))
    return f"/body/{field}" if field in Registration.model_fields else "/body"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nik": "123"},
        {"nik": "3174011345900001"},
        {"nationality": "Indonesia"},
        {"name": "   "},
        {"name": "Budi\u0000"},
        {"legal_status": "napi"},
        {"birth_year": 94},
        {"nama": "salah kolom"},
    ],
)
def test_what_is_malformed_is_pointed_at_and_not_repeated(rutan: Rutan, wrong: dict[str, object]) -> None:
    with api(rutan, "intake") as intake:
        answer = intake.put(f"/people/{uuid4()}", json=a_person(**wrong))
        assert (answer.status_code, answer.json()["title"]) == (422, "malformed")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer(wrong)]
        assert str(next(iter(wrong.values()))) not in answer.text.replace(" ", "")
        assert rutan.one("intake", "select count(*) from person") == 0


def test_release_and_return_in_their_order(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, release = registered(intake), uuid4()
        back = {"reentered_on": "2026-08-20", "reason": "new_case"}
        early = intake.post(f"/people/{person}/reentries", json=back)
        assert (early.status_code, early.json()["title"]) == (409, "person-not-released")
        for _ in range(2):
            assert intake.put(f"/people/{person}/releases/{release}", json=LEFT).status_code == 201
        assert intake.get(f"/people/{person}").json()["inside"] is False
        again = intake.put(f"/people/{person}/releases/{uuid4()}", json=LEFT)
        assert (again.status_code, again.json()["title"]) == (409, "person-not-inside")
        before = intake.post(f"/people/{person}/reentries", json=back | {"reentered_on": "2026-02-02"})
        assert before.json()["title"] == "dates-out-of-order"
        for _ in range(2):
            assert intake.post(f"/people/{person}/reentries", json=back).json()["release_id"] == str(release)
        assert intake.get(f"/people/{person}").json()["inside"] is True
        other = intake.post(f"/people/{person}/reentries", json=back | {"reentered_on": "2026-08-21"})
        assert other.json()["title"] == "person-not-released"
        assert (outbox(rutan, "intake.person_released.v1"), outbox(rutan, "intake.person_reentered.v1")) == (1, 1)


def test_a_return_belongs_to_the_release_that_is_open(rutan: Rutan) -> None:
    # Let go, brought back the same day and let go again.
    with api(rutan, "intake") as intake:
        person, releases = registered(intake), [uuid4(), uuid4()]
        for release in releases:
            intake.put(f"/people/{person}/releases/{release}", json=LEFT)
            back = intake.post(f"/people/{person}/reentries", json={"reentered_on": "2026-02-03"})
            assert back.json()["release_id"] == str(release)


def test_a_release_of_one_person_is_never_answered_with_that_of_another(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        release, first, second = uuid4(), registered(intake), registered(intake)
        assert intake.put(f"/people/{first}/releases/{release}", json=LEFT).status_code == 201
        # A client that uses an id twice must hear of it: 201 would mean that the second person has left.
        assert intake.put(f"/people/{second}/releases/{release}", json=LEFT).status_code == 409
        assert intake.get(f"/people/{second}").json()["inside"] is True


def test_of_many_who_record_a_release_at_once_one_succeeds(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(20) as pool:
        person = registered(intake)
        ids = [uuid4() for _ in range(20)]
        left = list(pool.map(lambda r: intake.put(f"/people/{person}/releases/{r}", json=LEFT).status_code, ids))
        assert sorted(left) == [201] + [409] * 19
        assert outbox(rutan, "intake.person_released.v1") == 1


@pytest.mark.parametrize("path", ["", "/consents"])
def test_staff_of_another_site_and_strangers_see_nobody(rutan: Rutan, path: str) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        for headers in (staff("rutan-lain"), {"authorization": "Bearer x"}, {"authorization": ""}):
            assert intake.get(f"/people/{person}{path}", headers=headers).status_code == 401
