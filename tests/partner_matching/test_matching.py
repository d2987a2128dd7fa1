from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import gate
from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven, ConsentWithdrawn
from contracts.programs import ProgrammeCompleted
from contracts.vocabulary import Answer, Domain, NeedLevel, Purpose, Sector
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from partner_matching import commands
from partner_matching.model import DatesOutOfOrder, DayNotCome, Days, Placement, Profile, Vacancy, reasons
from sqlalchemy import text
from support import Rutan, eventually
from support.days import day
from support.hearing import api, hear

from contracts import Event

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
PARTNER = "yayasan-contoh"
START = "2026-02-03"


def consent(
    cls: type[ConsentGiven | ConsentWithdrawn], rutan: Rutan, person: UUID, epoch: int = 1, to: str = PARTNER
) -> Event:
    return cls(
        site=rutan.site,
        occurred_at=NOW,
        person=person,
        purpose=Purpose.PARTNER_SHARING,
        recipient=to,
        consent_epoch=epoch,
    )


def wants_work(rutan: Rutan, person: UUID, *wants: Domain) -> NeedsFound:
    levels = dict.fromkeys(Domain, NeedLevel.LIGHT)
    wished = frozenset(wants or (Domain.WORK,))
    return NeedsFound(site=rutan.site, occurred_at=NOW, person=person, levels=levels, wants_help=wished)


def vacancy(matching: TestClient, places: int = 1, partner: str = PARTNER, sector: str = "garment") -> UUID:
    made = uuid4()
    assert matching.put(f"/partners/{partner}", json={"name": "Yayasan Contoh"}).status_code == 201
    offer = {"partner": partner, "title": "Penjahit", "sector": sector, "places": places}
    assert matching.put(f"/vacancies/{made}", json=offer).status_code == 201
    return made


def suggest(matching: TestClient, person: UUID, to: UUID, match: UUID | None = None) -> Any:
    return matching.put(f"/matches/{match or uuid4()}", json={"person": str(person), "vacancy": str(to)})


def accepted(rutan: Rutan, matching: TestClient, person: UUID) -> UUID:
    match = uuid4()
    hear(rutan.database("partner_matching"), wants_work(rutan, person))
    assert suggest(matching, person, vacancy(matching), match).status_code == 201
    assert matching.post(f"/matches/{match}/acceptance").status_code == 201
    return match


def place(matching: TestClient, match: UUID, placement: UUID | None = None) -> Any:
    sent = {"match": str(match), "started_on": START}
    return matching.put(f"/placements/{placement or uuid4()}", json=sent)


def told(rutan: Rutan, fact: str) -> int:
    query = "select count(*) from outbox where audience = 'site' and type = :type"
    return int(rutan.one("partner_matching", query, type=f"partner_matching.{fact}.v1"))


@given(st.booleans(), st.sets(st.sampled_from(Sector)), st.sampled_from(Sector), st.integers(1, 5), st.integers(0, 9))
def test_an_open_place_is_no_reason_of_its_own(
    wants: bool, finished: set[Sector], sector: Sector, places: int, taken: int
) -> None:
    offered = Vacancy(id=uuid4(), partner=PARTNER, title="x", sector=sector, places=places)
    why = reasons(Profile(person=uuid4(), wants_work=wants, sectors=sorted(finished)), offered, taken)
    assert bool(why) == (wants or sector in finished)
    assert ("place_open" in why) == (bool(why) and taken < places)
    assert reasons(None, offered, taken) == frozenset()


@given(st.sampled_from([30, 90, 180]), st.integers(-400, 400))
def test_nothing_is_known_of_a_day_before_it_has_come(days: Days, after: int) -> None:
    placement = Placement(
        id=uuid4(),
        site="contoh-rutan",
        match=uuid4(),
        person=uuid4(),
        partner=PARTNER,
        sector=Sector.GARMENT,
        started_on=date(2026, 2, 3),
        consent_epoch=1,
        recorded_at=NOW,
        recorded_by=uuid4(),
    )
    looked = date(2026, 2, 3) + timedelta(days=after)
    at = datetime.combine(looked, time(12), UTC)
    if after < days:
        with pytest.raises(DatesOutOfOrder):
            placement.reach(days, Answer.UNKNOWN, looked, at)
    else:
        assert placement.reach(days, Answer.UNKNOWN, looked, at).employed == "unknown"
        with pytest.raises(DayNotCome):
            placement.reach(days, Answer.UNKNOWN, looked, at - timedelta(days=2))


def test_without_a_reason_nothing_is_suggested_and_reasons_are_told(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("partner_matching")
    with api(rutan, "partner_matching") as matching:
        sewing = vacancy(matching)
        assert suggest(matching, person, sewing).json()["title"] == "no-reason-to-suggest"
        hear(database, wants_work(rutan, person, Domain.HOUSING))
        assert suggest(matching, person, sewing).json()["title"] == "no-reason-to-suggest"
        assert matching.get(f"/people/{person}/suitable-vacancies").json() == []
        done = ProgrammeCompleted(
            site=rutan.site,
            occurred_at=NOW,
            person=person,
            enrolment_id=uuid4(),
            programme="menjahit",
            sector=Sector.GARMENT,
            completed_on=NOW.date(),
        )
        hear(database, done)
        assert suggest(matching, person, sewing).json()["reasons"] == ["finished_programme_in_sector", "place_open"]
        assert told(rutan, "match_suggested") == 1


def test_the_person_chooses_before_anybody_is_placed(rutan: Rutan) -> None:
    person, match = uuid4(), uuid4()
    hear(rutan.database("partner_matching"), wants_work(rutan, person), consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        suggest(matching, person, vacancy(matching), match)
        assert place(matching, match).json()["title"] == "match-not-accepted"
        assert matching.post(f"/matches/{match}/declination").status_code == 201
        assert place(matching, match).json()["title"] == "match-closed"
        assert matching.post(f"/matches/{match}/acceptance").json()["title"] == "match-closed"
        assert told(rutan, "placement_started") == 0


def test_a_vacancy_never_promises_one_place_too_many(rutan: Rutan) -> None:
    people = [uuid4() for _ in range(20)]
    hear(rutan.database("partner_matching"), *(wants_work(rutan, person) for person in people))
    with api(rutan, "partner_matching") as matching, ThreadPoolExecutor(20) as pool:
        sewing = vacancy(matching, places=5)
        answers = list(pool.map(lambda person: suggest(matching, person, sewing), people))
        assert sorted(a.status_code for a in answers) == [201] * 5 + [409] * 15
        first = next(a for a in answers if a.status_code == 201).json()["match"]
        assert matching.post(f"/matches/{first}/declination").status_code == 201
        assert suggest(matching, uuid4(), sewing).json()["title"] == "no-reason-to-suggest"
        refused = next(p for p, a in zip(people, answers, strict=True) if a.status_code == 409)
        assert suggest(matching, refused, sewing).status_code == 201


def test_work_begins_only_with_consent_to_share_it_with_that_partner(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("partner_matching")
    with api(rutan, "partner_matching") as matching:
        match = accepted(rutan, matching, person)
        assert place(matching, match).status_code == 403
        hear(database, consent(ConsentGiven, rutan, person, to="mitra-lain"), consent(ConsentGiven, rutan, uuid4()))
        assert place(matching, match).json()["title"] == "sharing-not-consented"
        hear(database, consent(ConsentGiven, rutan, person, 3))
        assert place(matching, match).status_code == 201
        body = "select convert_from(body, 'utf8')::json ->> 'consent_epoch' from outbox where type like '%started%'"
        assert {row[0] for row in rutan.sql("partner_matching", body)} == {"3"}


def test_withdrawal_stops_what_is_open_with_that_partner_and_nothing_else(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("partner_matching")
    hear(database, wants_work(rutan, person), consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        open_, chosen, other, begun = (uuid4() for _ in range(4))
        for match in (open_, chosen, begun):
            suggest(matching, person, vacancy(matching), match)
        suggest(matching, person, vacancy(matching, partner="mitra-lain"), other)
        for match in (chosen, begun):
            matching.post(f"/matches/{match}/acceptance")
        assert place(matching, begun).status_code == 201
        hear(database, *[consent(ConsentWithdrawn, rutan, person)] * 2)
        states = [matching.get(f"/matches/{m}").json()["state"] for m in (open_, chosen, other, begun)]
        assert states == ["withdrawn", "withdrawn", "suggested", "placed"]
        assert told(rutan, "match_withdrawn") == 2
        assert place(matching, chosen).json()["title"] == "match-closed"


def test_a_milestone_is_one_answer_per_day_and_can_be_corrected(rutan: Rutan) -> None:
    person, placement = uuid4(), uuid4()
    hear(rutan.database("partner_matching"), consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        place(matching, accepted(rutan, matching, person), placement)
        at = f"/placements/{placement}/milestones"
        early = matching.put(f"{at}/30", json={"employed": "yes", "checked_on": "2026-03-04"})
        assert early.json()["title"] == "dates-out-of-order"
        assert matching.put(f"{at}/31", json={"employed": "yes", "checked_on": "2026-03-05"}).status_code == 422
        for employed, heard in (("unknown", 1), ("unknown", 1), ("no", 2)):
            sent = {"employed": employed, "checked_on": "2026-03-05", "instead_of": "unknown"}
            assert matching.put(f"{at}/30", json=sent).json()["employed"] == employed
            assert told(rutan, "placement_reached") == heard


def test_what_another_officer_recorded_meanwhile_is_not_overwritten(rutan: Rutan) -> None:
    person, placement = uuid4(), uuid4()
    hear(rutan.database("partner_matching"), consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        place(matching, accepted(rutan, matching, person), placement)
        day = f"/placements/{placement}/milestones/30"
        matching.put(day, json={"employed": "yes", "checked_on": "2026-03-05"})
        late = {"employed": "no", "checked_on": "2026-03-05", "instead_of": None}
        assert matching.put(day, json=late).json()["title"] == "milestone-changed-meanwhile"
        assert matching.put(day, json=late | {"instead_of": "yes"}).status_code == 201

        name = f"/partners/{PARTNER}"
        assert matching.put(name, json={"name": "Lain"}).json()["title"] == "partner-code-taken"
        for _ in range(2):
            renamed = {"name": "Yayasan Baru", "instead_of": "Yayasan Contoh"}
            assert matching.put(name, json=renamed).json()["name"] == "Yayasan Baru"
        late = {"name": "Yayasan Lain", "instead_of": "Yayasan Contoh"}
        assert matching.put(name, json=late).json()["title"] == "partner-changed-meanwhile"


def test_a_vacancy_is_changed_only_by_who_saw_what_it_was(rutan: Rutan) -> None:
    with api(rutan, "partner_matching") as matching:
        at = f"/vacancies/{vacancy(matching)}"
        offer = {"partner": PARTNER, "title": "Penjahit", "sector": "garment", "places": 1}
        more, most = offer | {"places": 2}, offer | {"places": 3}
        assert matching.put(at, json=more).json()["title"] == "vacancy-id-taken"
        for _ in range(2):
            assert matching.put(at, json=more | {"instead_of": offer}).json()["places"] == 2
        assert matching.put(at, json=most | {"instead_of": offer}).json()["title"] == "vacancy-changed-meanwhile"
        assert matching.get(at).json()["places"] == 2


def test_the_same_answer_again_is_told_once(rutan: Rutan) -> None:
    person, placement = uuid4(), uuid4()
    hear(rutan.database("partner_matching"), consent(ConsentGiven, rutan, person), wants_work(rutan, person))
    with api(rutan, "partner_matching") as matching:
        chosen, unwanted = uuid4(), uuid4()
        for match, answer in ((chosen, "acceptance"), (unwanted, "declination")):
            suggest(matching, person, vacancy(matching), match)
            for _ in range(2):
                assert matching.post(f"/matches/{match}/{answer}").status_code == 201
        place(matching, chosen, placement)
        for _ in range(2):
            over = {"ended_on": START, "reason": "left"}
            assert matching.post(f"/placements/{placement}/end", json=over).status_code == 201
        facts = ("match_accepted", "match_declined", "placement_ended")
        assert [told(rutan, fact) for fact in facts] == [1, 1, 1]


def test_a_vacancy_is_suggested_to_somebody_once_at_a_time(rutan: Rutan) -> None:
    person, first = uuid4(), uuid4()
    hear(rutan.database("partner_matching"), wants_work(rutan, person))
    with api(rutan, "partner_matching") as matching:
        sewing = vacancy(matching, 3)
        suggest(matching, person, sewing, first)
        assert suggest(matching, person, sewing).json()["title"] == "already-suggested"
        matching.post(f"/matches/{first}/declination")
        assert suggest(matching, person, sewing).status_code == 201


def test_no_work_begins_or_ends_on_a_day_that_has_not_come(rutan: Rutan) -> None:
    person, placement, later = uuid4(), uuid4(), day(2)
    hear(rutan.database("partner_matching"), consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        match = accepted(rutan, matching, person)
        begun = matching.put(f"/placements/{placement}", json={"match": str(match), "started_on": later})
        assert begun.json()["title"] == "day-not-come"
        place(matching, match, placement)
        ended = matching.post(f"/placements/{placement}/end", json={"ended_on": later})
        assert ended.json()["title"] == "day-not-come"


def test_who_looks_for_work_takes_part_and_has_nothing_open(rutan: Rutan) -> None:
    database = rutan.database("partner_matching")
    looks, left, matched, elsewhere = (uuid4() for _ in range(4))
    for person in (looks, left, matched, elsewhere):
        wish = wants_work(rutan, person, Domain.HOUSING if person == elsewhere else Domain.WORK)
        agreed = ConsentGiven(
            site=rutan.site, occurred_at=NOW, person=person, purpose=Purpose.ASSESSMENT, consent_epoch=1
        )
        hear(database, agreed, wish)
    back = ConsentWithdrawn(site=rutan.site, occurred_at=NOW, person=left, purpose=Purpose.ASSESSMENT, consent_epoch=1)
    hear(database, back)
    with api(rutan, "partner_matching") as matching:
        suggest(matching, matched, vacancy(matching))
        assert matching.get("/job-seekers").json() == [{"person": str(looks), "wants_work": True, "sectors": []}]


def test_what_happens_after_a_withdrawal_is_told_under_the_consent_that_was_withdrawn(rutan: Rutan) -> None:
    person, placement, database = uuid4(), uuid4(), rutan.database("partner_matching")
    hear(database, consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        place(matching, accepted(rutan, matching, person), placement)
        hear(database, consent(ConsentWithdrawn, rutan, person))
        looked = {"employed": "yes", "checked_on": "2026-08-01"}
        matching.put(f"/placements/{placement}/milestones/30", json=looked)
        hear(database, consent(ConsentGiven, rutan, person, 2))
        matching.put(f"/placements/{placement}/milestones/90", json=looked)
        query = (
            "select convert_from(body, 'utf8')::json ->> 'consent_epoch' from outbox"
            " where audience = 'national' and type like '%reached%' order by id"
        )
        assert [row[0] for row in rutan.sql("partner_matching", query)] == ["1", "2"]


def test_a_placement_on_one_match_is_never_answered_with_that_on_another(rutan: Rutan) -> None:
    first, second, same = uuid4(), uuid4(), uuid4()
    hear(rutan.database("partner_matching"), *(consent(ConsentGiven, rutan, person) for person in (first, second)))
    with api(rutan, "partner_matching") as matching:
        assert place(matching, accepted(rutan, matching, first), same).status_code == 201
        assert place(matching, accepted(rutan, matching, second), same).status_code == 409


def test_a_placement_and_a_withdrawal_at_once_wait_for_each_other_without_a_deadlock(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("partner_matching")
    hear(database, consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching, ThreadPoolExecutor(1) as pool:
        match = accepted(rutan, matching, person)
        with database.transaction() as session:
            # The two halves of on_consent_withdrawn, with a request in between.
            gate.close_gate(session, person, Purpose.PARTNER_SHARING, PARTNER, 1)
            placing = pool.submit(place, matching, match)
            waiting = text(
                "select count(*) from pg_locks join pg_stat_activity using (pid)"
                " where not granted and datname = current_database()"
            )
            with database.engine.connect() as looking:
                eventually(lambda: looking.execute(waiting).scalar_one())
            commands.withdraw_matches(session, person, PARTNER, NOW)
        assert placing.result().status_code in (403, 409)
        assert matching.get(f"/matches/{match}").json()["state"] == "withdrawn"


def test_staff_see_partners_and_vacancies_with_the_places_that_are_left(rutan: Rutan) -> None:
    person = uuid4()
    hear(rutan.database("partner_matching"), wants_work(rutan, person))
    with api(rutan, "partner_matching") as matching:
        sewing = vacancy(matching, places=2)
        assert matching.get("/partners").json() == [{"partner": PARTNER, "name": "Yayasan Contoh"}]
        assert matching.get(f"/vacancies/{sewing}").json()["left"] == 2
        assert suggest(matching, person, sewing).status_code == 201
        (offered,) = matching.get("/vacancies").json()
        assert (UUID(offered["vacancy"]), offered["places"], offered["left"]) == (sewing, 2, 1)
        assert matching.get(f"/vacancies/{uuid4()}").json()["title"] == "vacancy-not-here"


def test_open_matches_are_listed_and_a_person_s_without_what_a_withdrawal_stopped(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("partner_matching")
    hear(database, consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        match = accepted(rutan, matching, person)
        for listed in (matching.get("/matches").json(), matching.get(f"/people/{person}/matches").json()):
            assert [(UUID(one["match"]), one["title"], one["state"]) for one in listed] == [
                (match, "Penjahit", "accepted")
            ]
        hear(database, consent(ConsentWithdrawn, rutan, person))
        assert matching.get("/matches").json() == matching.get(f"/people/{person}/matches").json() == []


def test_a_placement_shows_which_of_its_days_are_due_and_what_was_recorded(rutan: Rutan) -> None:
    person, placement = uuid4(), uuid4()
    hear(rutan.database("partner_matching"), consent(ConsentGiven, rutan, person))
    with api(rutan, "partner_matching") as matching:
        assert place(matching, accepted(rutan, matching, person), placement).status_code == 201
        found = {"employed": "unknown", "checked_on": "2026-03-06"}
        assert matching.put(f"/placements/{placement}/milestones/30", json=found).status_code == 201
        known = matching.get(f"/placements/{placement}").json()
        open_ = {"employed": None, "checked_on": None}
        assert known["milestones"] == [
            {"days": 30, "due_on": "2026-03-05", **found},
            {"days": 90, "due_on": "2026-05-04", **open_},
            {"days": 180, "due_on": "2026-08-02", **open_},
        ]
        assert matching.get("/placements").json() == matching.get(f"/people/{person}/placements").json() == [known]
        assert matching.post(f"/placements/{placement}/end", json={"ended_on": "2026-03-06"}).status_code == 201
        assert matching.get("/placements").json() == []
        assert len(matching.get(f"/people/{person}/placements").json()) == 1
        looks = "select count(*) from read_log where subject = :person"
        assert rutan.one("partner_matching", looks, person=person) == 3
        assert matching.get(f"/placements/{uuid4()}").json()["title"] == "placement-not-here"
