from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven, ConsentWithdrawn, PersonReentered, PersonReleased, ReentryReason
from contracts.vocabulary import Domain, NeedLevel, Purpose, ReleaseMode
from fastapi.testclient import TestClient
from support import Rutan
from support.days import day
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
            said = {"presence": presence, "instead_of": "present"}
            assert set(pool.map(lambda _, s=said: programs.put(at, json=s).status_code, range(8))) == {201}
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
        refused = programs.put("/programmes/menjahit", json=SEWING | {"capacity": 1, "instead_of": SEWING})
        assert refused.json()["title"] == "capacity-below-enrolled"
        smaller = SEWING | {"capacity": 2, "instead_of": SEWING}
        assert programs.put("/programmes/menjahit", json=smaller).status_code == 201


def test_what_is_offered_is_changed_only_by_who_saw_what_it_was(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        for _ in range(2):
            assert programs.put("/programmes/menjahit", json=SEWING).status_code == 201
        other, mine = SEWING | {"capacity": 8}, SEWING | {"capacity": 9}
        assert programs.put("/programmes/menjahit", json=other).json()["title"] == "programme-code-taken"
        for _ in range(2):
            assert programs.put("/programmes/menjahit", json=other | {"instead_of": SEWING}).status_code == 201
        late = programs.put("/programmes/menjahit", json=mine | {"instead_of": SEWING})
        assert late.json()["title"] == "programme-changed-meanwhile"
        assert programs.get("/programmes/menjahit").json()["capacity"] == 8


def test_the_same_answer_again_is_told_once(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        programs.put("/programmes/menjahit", json=SEWING)
        (person,), enrolment = ready(rutan, programs), uuid4()
        (plan,) = programs.get(f"/people/{person}/plans").json()
        assert programs.post(f"/plans/{plan['plan']}/agreement").json() == plan
        assert programs.post(f"/plans/{plan['plan']}/declination").json()["title"] == "plan-already-answered"
        enrol(programs, person, enrolment)
        done = f"/enrolments/{enrolment}/completion"
        for _ in range(2):
            assert programs.post(done, json={"completed_on": ON}).status_code == 201
        assert programs.post(done, json={"completed_on": "2026-02-04"}).json()["title"] == "enrolment-over"
        assert (told(rutan, "plan_agreed"), told(rutan, "programme_completed")) == (1, 1)


def test_nothing_is_recorded_of_a_day_that_has_not_come(rutan: Rutan) -> None:
    later = day(2)
    with api(rutan, "programs") as programs:
        (enrolment,) = group(rutan, programs, 1)
        assert record(programs, {enrolment: "present"}, later).json()["rows"][0]["title"] == "day-not-come"
        refused = programs.post(f"/enrolments/{enrolment}/completion", json={"completed_on": later})
        assert refused.json()["title"] == "day-not-come"


def test_who_waits_for_a_place_agreed_to_a_plan_that_asks_for_it_and_has_not_been_in_it(rutan: Rutan) -> None:
    database = rutan.database("programs")
    with api(rutan, "programs") as programs:

        def waiting(code: str = "menjahit") -> list[UUID]:
            return [UUID(one["person"]) for one in programs.get(f"/programmes/{code}/candidates").json()]

        programs.put("/programmes/menjahit", json=SEWING)
        programs.put("/programmes/olahraga", json=SEWING | {"domain": "leisure"})
        stays, changes, leaves, inside = ready(rutan, programs, 4)
        assert waiting() == [stays, changes, leaves, inside] and waiting("olahraga") == []
        again = uuid4()
        programs.put(f"/plans/{again}", json={"person": str(changes)})
        programs.post(f"/plans/{again}/declination")
        hear(database, consent(ConsentWithdrawn, rutan, leaves))
        enrol(programs, inside)
        assert waiting() == [stays]


def group(rutan: Rutan, programs: TestClient, people: int) -> list[UUID]:
    """The enrolments of a group."""
    programs.put("/programmes/menjahit", json=SEWING)
    enrolments = [uuid4() for _ in range(people)]
    for person, enrolment in zip(ready(rutan, programs, people), enrolments, strict=True):
        assert enrol(programs, person, enrolment).status_code == 201
    return enrolments


def record(
    programs: TestClient,
    presences: dict[UUID, str],
    on: str = ON,
    code: str = "menjahit",
    seen: dict[UUID, str] | None = None,
) -> Any:
    said, before = ({str(id): presence for id, presence in each.items()} for each in (presences, seen or {}))
    sent = {"presences": said, "instead_of": before}
    return programs.put(f"/programmes/{code}/attendance/{on}", json=sent)


def sheet(programs: TestClient, since: str, until: str) -> Any:
    return programs.get("/programmes/menjahit/attendance", params={"since": since, "until": until})


def test_a_whole_group_s_attendance_is_recorded_at_once_and_only_what_changed_is_told(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs, ThreadPoolExecutor(4) as pool:
        first, second = group(rutan, programs, 2)
        both = {first: "present", second: "ill"}
        assert {a.status_code for a in pool.map(lambda _: record(programs, both), range(4))} == {201}
        assert told(rutan, "attendance_recorded") == 2
        corrected = record(programs, both | {second: "present"}, seen=both)
        assert corrected.json()["presences"][str(second)] == "present"
        assert told(rutan, "attendance_recorded") == 3


def test_a_word_that_another_officer_recorded_meanwhile_is_shown_and_not_overwritten(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        first, second = group(rutan, programs, 2)
        record(programs, {first: "present"})
        mine = {first: "ill", second: "present"}
        (row,) = record(programs, mine).json()["rows"]
        assert (UUID(row["enrolment"]), row["title"], row["current"]) == (
            first,
            "attendance-changed-meanwhile",
            "present",
        )
        assert told(rutan, "attendance_recorded") == 1
        assert record(programs, mine, seen={first: "present"}).status_code == 201


def test_one_row_that_cannot_be_recorded_is_named_and_none_is_kept(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        here, over, nowhere = *group(rutan, programs, 2), uuid4()
        programs.post(f"/enrolments/{over}/completion", json={"completed_on": ON})
        refused = record(programs, {here: "present", over: "present", nowhere: "absent"})
        assert (refused.status_code, refused.json()["title"]) == (409, "rows-refused")
        assert {(UUID(row["enrolment"]), row["title"]) for row in refused.json()["rows"]} == {
            (over, "enrolment-over"),
            (nowhere, "enrolment-not-here"),
        }
        assert rutan.one("programs", "select count(*) from attendance") == told(rutan, "attendance_recorded") == 0


def test_a_group_s_sheet_takes_no_enrolment_of_another_programme(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        (enrolment,) = group(rutan, programs, 1)
        programs.put("/programmes/las", json=SEWING)
        assert record(programs, {enrolment: "present"}, code="las").json()["title"] == "rows-refused"
        assert record(programs, {enrolment: "present"}, code="memasak").json()["title"] == "programme-not-here"


def test_a_sheet_shows_who_was_there_on_which_day_of_a_month_at_most(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        first, second = group(rutan, programs, 2)
        record(programs, {first: "present", second: "ill"}, "2026-02-03")
        record(programs, {first: "absent"}, "2026-03-05")
        record(programs, {first: "excused"}, "2026-03-06")
        found = sheet(programs, "2026-02-03", "2026-03-05").json()
        assert found["sessions"] == ["2026-02-03", "2026-03-05"]
        assert {row["enrolment"]: row["presences"] for row in found["enrolments"]} == {
            str(first): {"2026-02-03": "present", "2026-03-05": "absent"},
            str(second): {"2026-02-03": "ill"},
        }
        for since, until in (("2026-02-03", "2026-03-06"), ("2026-02-03", "2026-02-02")):
            assert sheet(programs, since, until).json()["title"] == "period-not-possible"


def test_whom_a_withdrawal_took_out_is_in_no_list_and_on_no_sheet(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        gone, stays = group(rutan, programs, 2)
        record(programs, {gone: "present", stays: "present"})
        person = rutan.one("programs", "select person from enrolment where id = :id", id=gone)
        hear(rutan.database("programs"), consent(ConsentWithdrawn, rutan, person))
        held = programs.get("/programmes/menjahit/enrolments").json()
        assert [UUID(place["enrolment"]) for place in held] == [stays]
        assert [UUID(row["enrolment"]) for row in sheet(programs, ON, ON).json()["enrolments"]] == [stays]
        assert programs.get(f"/people/{person}/enrolments").json() == []


def test_who_holds_a_place_stands_before_who_held_one(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        done, active = group(rutan, programs, 2)
        programs.post(f"/enrolments/{done}/completion", json={"completed_on": ON})
        held = programs.get("/programmes/menjahit/enrolments").json()
        assert [(UUID(one["enrolment"]), one["state"]) for one in held] == [(active, "active"), (done, "completed")]
        assert programs.get("/programmes/menjahit").json()["taken"] == 1
        assert programs.get("/programmes/las").json()["title"] == "programme-not-here"
        person = held[0]["person"]
        assert [UUID(one["enrolment"]) for one in programs.get(f"/people/{person}/enrolments").json()] == [active]


def test_a_person_s_plans_are_read_newest_first_with_their_answers_and_each_reading_is_a_look(rutan: Rutan) -> None:
    with api(rutan, "programs") as programs:
        (person,) = ready(rutan, programs)
        plan = uuid4()
        programs.put(f"/plans/{plan}", json={"person": str(person)})
        newest, older = programs.get(f"/people/{person}/plans").json()
        assert (UUID(newest["plan"]), newest["answer"], newest["answered_at"]) == (plan, None, None)
        assert older["answer"] == "agreed" and older["answered_at"] >= older["drafted_at"]
        assert rutan.one("programs", "select count(*) from read_log where subject = :person", person=person) == 1


def test_a_plan_waits_to_be_drafted_and_to_be_answered_and_only_while_the_person_is_here_and_wants_it(
    rutan: Rutan,
) -> None:
    person, database, plan = uuid4(), rutan.database("programs"), uuid4()
    about: dict[str, Any] = {"site": rutan.site, "occurred_at": NOW, "person": person, "release_id": uuid4()}
    with api(rutan, "programs") as programs:

        def waits() -> tuple[int, int]:
            found = programs.get("/plans/waiting").json()
            draft, answer = found["without_plan"], found["unanswered"]
            assert (draft["count"], answer["count"]) == (len(draft["people"]), len(answer["plans"]))
            return draft["count"], answer["count"]

        hear(database, needs(rutan, person))
        assert waits() == (0, 0)
        hear(database, consent(ConsentGiven, rutan, person))
        assert waits() == (1, 0)
        programs.put(f"/plans/{plan}", json={"person": str(person)})
        assert waits() == (0, 1)
        hear(database, PersonReleased(released_on=NOW.date(), mode=ReleaseMode.PB, **about))
        assert waits() == (0, 0)
        hear(database, PersonReentered(reentered_on=NOW.date(), reason=ReentryReason.UNKNOWN, **about))
        assert waits() == (0, 1)
        hear(database, consent(ConsentWithdrawn, rutan, person))
        assert waits() == (0, 0)
        hear(database, consent(ConsentGiven, rutan, person, 2))
        programs.post(f"/plans/{plan}/declination")
        assert waits() == (0, 0)


def test_whoever_wants_help_with_nothing_waits_for_no_plan(rutan: Rutan) -> None:
    person = uuid4()
    wants_nothing = needs(rutan, person).model_copy(update={"wants_help": frozenset()})
    hear(rutan.database("programs"), consent(ConsentGiven, rutan, person), wants_nothing)
    with api(rutan, "programs") as programs:
        assert programs.get("/plans/waiting").json()["without_plan"]["count"] == 0
