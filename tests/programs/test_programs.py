from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven, ConsentWithdrawn, PersonReleased
from contracts.vocabulary import Domain, NeedLevel, Purpose, ReleaseMode
from fastapi.testclient import TestClient
from support import Rutan
from support.hearing import api, hear

from contracts import Event

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
SEWING = {"name": "Menjahit", "domain": "work", "sector": "garment", "capacity": 5}
ON = "2026-02-03"


def consent(cls: type[ConsentGiven | ConsentWithdrawn], rutan: Rutan, person: UUID, epoch: int = 1) -> Event:
    return cls(site=rutan.site, occurred_at=NOW, person=person, purpose=Purpose.PROGRAMME, consent_epoch=epoch)


def needs(rutan: Rutan, person: UUID) -> NeedsFound:
    levels = dict.fromkeys(Domain, NeedLevel.LIGHT) | {Domain.HOUSING: NeedLevel.SEVERE}
    wants = frozenset({Domain.WORK, Domain.HOUSING, Domain.EDUCATION})
    return NeedsFound(site=rutan.site, occurred_at=NOW, person=person, levels=levels, wants_help=wants)


def ready(rutan: Rutan, programs: TestClient, people: int = 1) -> list[UUID]:
    """People who agreed to take part and to a plan of their own."""
    ids = [uuid4() for _ in range(people)]
    for person in ids:
        hear(rutan.database("programs"), consent(ConsentGiven, rutan, person), needs(rutan, person))
        plan = uuid4()
        assert programs.put(f"/plans/{plan}", json={"person": str(person)}).status_code == 201
        assert programs.post(f"/plans/{plan}/agreement").status_code == 201
    return ids


def enrol(programs: TestClient, person: UUID, enrolment: UUID | None = None, code: str = "menjahit") -> Any:
    return programs.put(f"/enrolments/{enrolment or uuid4()}", json={"person": str(person), "programme": code})


def told(rutan: Rutan, fact: str) -> int:
    type_ = f"programs.{fact}.v1"
    return int(rutan.one("programs", "select count(*) from outbox where audience='site' and type=:t", t=type_))


def test_a_programme_never_takes_one_more_than_it_has_places_for(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs, ThreadPoolExecutor(20) as pool:
        programs.put("/programmes/menjahit", json=SEWING)
        people = ready(rutan, programs, 20)
        answers = list(pool.map(lambda person: enrol(programs, person), people))
        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
        assert {a.json()["title"] for a in answers if a.status_code == 409} == {"programme-full"}
        assert programs.get("/programmes").json()[0]["taken"] == told(rutan, "person_enrolled") == 5


def test_one_person_never_holds_two_places_of_a_programme(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs, ThreadPoolExecutor(10) as pool:
        programs.put("/programmes/menjahit", json=SEWING)
        (person,) = ready(rutan, programs)
        answers = list(pool.map(lambda _: enrol(programs, person).status_code, range(10)))
        assert sorted(answers) == [201] + [409] * 9


def test_an_enrolment_sent_several_times_at_once_is_one_place(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs, ThreadPoolExecutor(8) as pool:
        programs.put("/programmes/menjahit", json=SEWING)
        (person,), same = ready(rutan, programs), uuid4()
        assert set(pool.map(lambda _: enrol(programs, person, same).status_code, range(8))) == {201}
        assert told(rutan, "person_enrolled") == 1


def test_a_programme_offered_several_times_at_once_is_one_and_no_fault(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs, ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: programs.put("/programmes/las", json=SEWING).status_code, range(8))) == {201}


def test_an_enrolment_of_one_person_is_never_answered_with_that_of_another(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        programs.put("/programmes/menjahit", json=SEWING)
        (first, second), same = ready(rutan, programs, 2), uuid4()
        assert enrol(programs, first, same).status_code == 201
        assert enrol(programs, second, same).status_code == 409


def test_nobody_is_enrolled_without_consent_and_a_plan_they_agreed_to(rutan: Rutan) -> None:
    database, person = rutan.database("programs"), uuid4()
    with api(rutan, "programs") as programs:
        programs.put("/programmes/menjahit", json=SEWING)

        def refusal() -> str:
            return str(enrol(programs, person).json()["title"])

        draft = {"person": str(person)}
        assert refusal() == "consent-missing"
        hear(database, needs(rutan, person))
        assert programs.put(f"/plans/{uuid4()}", json=draft).json()["title"] == "consent-missing"
        hear(database, consent(ConsentGiven, rutan, person))
        assert refusal() == "plan-not-agreed"
        plan = uuid4()
        assert programs.put(f"/plans/{plan}", json=draft).json()["domains"] == ["housing", "education", "work"]
        assert refusal() == "plan-not-agreed"
        assert programs.post(f"/plans/{plan}/declination").status_code == 201
        assert programs.post(f"/plans/{plan}/agreement").json()["title"] == "plan-already-answered"
        assert refusal() == "plan-not-agreed"
        hear(database, consent(ConsentWithdrawn, rutan, person))
        assert refusal() == "consent-missing"
        assert told(rutan, "person_enrolled") == 0


def test_a_plan_covers_a_domain_whose_level_the_person_skipped(rutan: Rutan) -> None:
    person = uuid4()
    found = needs(rutan, person)
    partly = found.model_copy(update={"levels": {k: v for k, v in found.levels.items() if k is not Domain.HOUSING}})
    hear(rutan.database("programs"), consent(ConsentGiven, rutan, person), partly)
    with api(rutan, "programs") as programs:
        answer = programs.put(f"/plans/{uuid4()}", json={"person": str(person)})
        assert answer.json()["domains"] == ["education", "work", "housing"]


def test_a_plan_starts_from_needs_that_were_found(rutan: Rutan) -> None:
    person = uuid4()
    hear(rutan.database("programs"), consent(ConsentGiven, rutan, person))
    with api(rutan, "programs") as programs:
        answer = programs.put(f"/plans/{uuid4()}", json={"person": str(person)})
        assert answer.json()["title"] == "needs-unknown"


@pytest.mark.parametrize("why", ["consent_withdrawn", "released"])
def test_withdrawal_and_release_free_the_place_once(rutan: Rutan, why: str) -> None:
    with api(rutan, "programs") as programs:
        programs.put("/programmes/menjahit", json=SEWING | {"capacity": 1})
        (first, second), enrolment = ready(rutan, programs, 2), uuid4()
        enrol(programs, first, enrolment)
        assert enrol(programs, second).json()["title"] == "programme-full"
        left = PersonReleased(
            site=rutan.site,
            occurred_at=NOW,
            person=first,
            release_id=uuid4(),
            released_on=NOW.date(),
            mode=ReleaseMode.PB,
        )
        event = left if why == "released" else consent(ConsentWithdrawn, rutan, first)
        hear(rutan.database("programs"), event, event)
        assert enrol(programs, second).status_code == 201
        assert rutan.one("programs", "select end_reason from enrolment where id = :id", id=enrolment) == why
        assert told(rutan, "enrolment_ended") == 1
        ended = programs.post(f"/enrolments/{enrolment}/completion", json={"completed_on": ON})
        assert ended.json()["title"] == "enrolment-over"


def test_a_late_withdrawal_of_an_older_consent_takes_no_place_away(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        programs.put("/programmes/menjahit", json=SEWING)
        (person,), database = ready(rutan, programs), rutan.database("programs")
        hear(database, consent(ConsentGiven, rutan, person, 2))
        enrol(programs, person)
        hear(database, consent(ConsentWithdrawn, rutan, person, 1))
        assert told(rutan, "enrolment_ended") == 0
        hear(database, consent(ConsentWithdrawn, rutan, person, 2))
        assert told(rutan, "enrolment_ended") == 1


def test_attendance_is_one_word_per_session_and_can_be_corrected(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs, ThreadPoolExecutor(8) as pool:
        programs.put("/programmes/menjahit", json=SEWING)
        (person,), enrolment = ready(rutan, programs), uuid4()
        enrol(programs, person, enrolment)
        at = f"/enrolments/{enrolment}/sessions/{ON}"
        for presence, heard in (("present", 1), ("present", 1), ("ill", 2), ("ill", 2)):
            sent = pool.map(lambda _, p=presence: programs.put(at, json={"presence": p}).status_code, range(8))
            assert set(sent) == {201}
            assert told(rutan, "attendance_recorded") == heard
        assert [r.presence for r in rutan.sql("programs", "select presence from attendance")] == ["ill"]


def test_a_finished_programme_frees_its_place_and_takes_no_more_attendance(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        programs.put("/programmes/menjahit", json=SEWING | {"capacity": 1})
        (first, second), enrolment = ready(rutan, programs, 2), uuid4()
        enrol(programs, first, enrolment)
        done = programs.post(f"/enrolments/{enrolment}/completion", json={"completed_on": ON})
        assert (done.json()["state"], date.fromisoformat(done.json()["ended_on"])) == ("completed", date(2026, 2, 3))
        late = programs.put(f"/enrolments/{enrolment}/sessions/{ON}", json={"presence": "present"})
        assert late.json()["title"] == "enrolment-over"
        assert enrol(programs, second).status_code == 201
        # What was finished stays finished when the person takes their consent back.
        hear(rutan.database("programs"), consent(ConsentWithdrawn, rutan, first))
        assert told(rutan, "enrolment_ended") == 0


def test_nobody_is_put_out_by_a_smaller_number_of_places(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        programs.put("/programmes/menjahit", json=SEWING)
        for person in ready(rutan, programs, 2):
            enrol(programs, person)
        refused = programs.put("/programmes/menjahit", json=SEWING | {"capacity": 1})
        assert refused.json()["title"] == "capacity-below-enrolled"
        assert programs.put("/programmes/menjahit", json=SEWING | {"capacity": 2}).status_code == 201
