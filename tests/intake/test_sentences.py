from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.vocabulary import Answer, LegalStatus, Role, Sex
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from intake.model.people import Person
from intake.model.sentences import Dossier, Risk, RiskLevel
from sqlalchemy import update
from sqlmodel import col
from support import Rutan, a_person, staff
from support.hearing import api

SENTENCE = {
    "decided_on": "2026-03-02",
    "detained_since": "2025-11-03",
    "months": 24,
    "verdict_number": "99/Pid.B/2026/PN Rekaan",
}
REMISSION = {"right": "remisi_umum", "months": 1, "granted_on": "2026-08-17", "decree_number": "PAS-99.PK.2026"}
BREACH = {"happened_on": "2026-05-04", "kind": "fight", "decided_on": "2026-05-06"}


def registered(intake: TestClient, **fields: Any) -> str:
    person = f"/people/{uuid4()}"
    assert intake.put(person, json=a_person(**fields)).status_code == 201
    return person


def put(intake: TestClient, path: str, sent: dict[str, Any], **options: Any) -> tuple[int, str]:
    """The status, and what was refused."""
    answer = intake.put(path, json=sent, **options)
    return answer.status_code, str(answer.json().get("title", ""))


def events(rutan: Rutan, type_: str) -> list[dict[str, Any]]:
    bodies = "select convert_from(body, 'utf8')::json as said from outbox where audience = 'site' and type = :type"
    return [row.said for row in rutan.sql("intake", f"{bodies} order by id", type=f"intake.{type_}.v1")]


def test_a_sentence_is_entered_once_and_says_when_it_ends(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = f"{registered(intake)}/sentences/{uuid4()}"
        assert put(intake, at, SENTENCE) == put(intake, at, SENTENCE) == (201, "")
        assert [said["ends_on"] for said in events(rutan, "sentence_recorded")] == ["2027-11-03"]
        for other in ({"months": 23}, {"verdict_number": "98/Pid.B/2026/PN Rekaan"}):
            assert put(intake, at, SENTENCE | other) == (409, "entry-id-taken")
        assert len(events(rutan, "sentence_recorded")) == 1


def test_a_correction_takes_the_place_of_what_was_wrong_and_both_stay(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, wrong, right = registered(intake), uuid4(), uuid4()
        put(intake, f"{person}/sentences/{wrong}", SENTENCE)
        corrected = SENTENCE | {"months": 18, "corrects": str(wrong)}
        for _ in range(2):
            assert put(intake, f"{person}/sentences/{right}", corrected) == (201, "")
        assert put(intake, f"{person}/sentences/{uuid4()}", corrected) == (409, "not-standing")
        assert put(intake, f"{registered(intake)}/sentences/{uuid4()}", corrected) == (409, "not-standing")
        case = intake.get(f"{person}/case").json()
        assert [(s["id"], s["months"], s["verdict_number"]) for s in case["sentences"]] == [
            (str(right), 18, SENTENCE["verdict_number"])
        ]
        rows = rutan.sql("intake", "select months, superseded_by from court_sentence order by months")
        assert [(row.months, row.superseded_by) for row in rows] == [(18, None), (24, right)]
        assert [said["ends_on"] for said in events(rutan, "sentence_recorded")] == ["2027-11-03", "2027-05-03"]


def test_sentences_are_served_one_after_the_other(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        for months in (12, 6):
            put(intake, f"{person}/sentences/{uuid4()}", SENTENCE | {"months": months})
        assert [said["ends_on"] for said in events(rutan, "sentence_recorded")] == ["2026-11-03", "2027-05-03"]


def test_a_tahanan_has_no_sentence_and_a_child_has(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = f"{registered(intake, legal_status='tahanan')}/sentences/{uuid4()}"
        assert put(intake, at, SENTENCE) == (409, "sentence-not-final")
        at = f"{registered(intake, legal_status='anak_binaan')}/sentences/{uuid4()}"
        assert put(intake, at, SENTENCE) == (201, "")


TOMORROW = str(date.today() + timedelta(days=3))  # noqa: DTZ011


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"decided_on": TOMORROW}, (409, "day-not-come")),
        ({"detained_since": TOMORROW}, (409, "day-not-come")),
        ({"detained_since": "1979-01-01"}, (409, "before-birth")),
        ({"detained_since": "9999-12-31"}, (422, "malformed")),
        ({"decided_on": "2026-02-30"}, (422, "malformed")),
        ({"months": 0}, (409, "term-unclear")),
        ({"life": True}, (409, "term-unclear")),
        ({"months": 0, "life": True, "death": True}, (409, "term-unclear")),
        ({"months": -1}, (422, "malformed")),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(rutan: Rutan, wrong: dict[str, Any], refused: Any) -> None:
    with api(rutan, "intake") as intake:
        at = f"{registered(intake, birth_year=1980)}/sentences/{uuid4()}"
        assert put(intake, at, SENTENCE | wrong) == refused
        assert rutan.one("intake", "select count(*) from court_sentence") == 0
        assert events(rutan, "sentence_recorded") == []


def test_life_is_a_sentence_without_an_end(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        put(intake, f"{registered(intake)}/sentences/{uuid4()}", SENTENCE | {"months": 0, "life": True})
        assert ["ends_on" in said for said in events(rutan, "sentence_recorded")] == [False]


def test_numbers_of_verdicts_and_decrees_are_sealed(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        put(intake, f"{person}/sentences/{uuid4()}", SENTENCE)
        assert put(intake, f"{person}/remissions/{uuid4()}", REMISSION) == (201, "")
        case = intake.get(f"{person}/case").json()
        assert case["sentences"][0]["verdict_number"] == SENTENCE["verdict_number"]
        assert case["remissions"][0]["decree_number"] == REMISSION["decree_number"]
        kept = [rutan.sql("intake", f"select * from {t}") for t in ("court_sentence", "granted_remission", "outbox")]
        assert not any(number in str(kept) for number in ("99/Pid", "PAS-99", "Rekaan"))


def test_a_remission_shortens_what_was_passed_and_is_entered_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"{person}/remissions/{uuid4()}"
        assert put(intake, at, REMISSION) == (409, "sentence-not-recorded")
        put(intake, f"{person}/sentences/{uuid4()}", SENTENCE)
        for wrong, refused in (
            ({"right": "pb"}, "not-a-remission"),
            ({"months": 0}, "term-missing"),
            ({"granted_on": "2025-11-02"}, "dates-out-of-order"),
            ({"granted_on": TOMORROW}, "day-not-come"),
        ):
            assert put(intake, at, REMISSION | wrong) == (409, refused)
        assert put(intake, at, REMISSION) == put(intake, at, REMISSION) == (201, "")
        assert put(intake, at, REMISSION | {"decree_number": "PAS-98"}) == (409, "entry-id-taken")
        assert [said["right"] for said in events(rutan, "remission_granted")] == ["remisi_umum"]
        rights = intake.get(f"{person}/rights", params={"on": "2026-09-01"}).json()
        ends = {day["on"] for right in rights for day in right["key_days"] if day["name"] == "expiry"}
        assert ends == {"2027-10-03"}


def test_register_f_holds_decided_breaches_of_known_kinds_and_no_judgement(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = f"{registered(intake)}/discipline/{uuid4()}"
        for wrong in ({"kind": "declined_service"}, {"kind": "attitude"}, {"note": "malas"}):
            assert put(intake, at, BREACH | wrong) == (422, "malformed")
        assert put(intake, at, BREACH | {"decided_on": "2026-05-03"}) == (409, "dates-out-of-order")
        assert put(intake, at, BREACH) == put(intake, at, BREACH) == (201, "")


def test_good_conduct_is_unknown_until_somebody_looks_and_then_counts_from_the_last_breach(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, entry = registered(intake), uuid4()

        def conduct() -> dict[str, Any]:
            return dict(intake.get(f"{person}/case").json()["conduct"])

        put(intake, f"{person}/sentences/{uuid4()}", SENTENCE)
        assert conduct() == {"known": False, "last_breach_on": None, "since": None}
        looked = {"code": "register_f_read", "answer": "yes", "source": "register"}
        assert put(intake, f"{person}/answers/{uuid4()}", looked) == (201, "")
        assert conduct() == {"known": True, "last_breach_on": None, "since": SENTENCE["detained_since"]}
        put(intake, f"{person}/discipline/{entry}", BREACH)
        assert conduct() == {"known": True, "last_breach_on": "2026-05-04", "since": "2026-05-04"}
        annulled = f"{person}/discipline/{entry}/annulment"
        assert put(intake, annulled, {"annulled_on": "2026-05-01"}) == (409, "dates-out-of-order")
        for _ in range(2):
            assert put(intake, annulled, {"annulled_on": "2026-06-01"}) == (201, "")
        assert conduct()["since"] == SENTENCE["detained_since"]
        assert put(intake, f"{person}/discipline/{uuid4()}/annulment", {"annulled_on": "2026-06-01"})[0] == 404


def test_only_what_a_regulation_asks_is_answered_and_some_of_it_only_by_a_counsellor(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        asked = {one["code"]: one["counsellors_own"] for one in intake.get("/questions").json()}
        assert asked["active_in_programme"] and not asked["register_f_read"] and "risk_declined" not in asked
        person = registered(intake)
        answer = {"code": "active_in_programme", "answer": "yes", "source": "programme", "since": "2026-01-05"}
        registrar, counsellor = staff(rutan.site, Role.REGISTRAR), staff(rutan.site, Role.COUNSELLOR)
        at = f"{person}/answers/{uuid4()}"
        assert put(intake, at, answer, headers=registrar) == (409, "counsellors-question")
        assert put(intake, at, answer, headers=counsellor) == (201, "")
        assert put(intake, at, answer | {"answer": "no"}, headers=counsellor) == (409, "entry-id-taken")
        for code in ("risk_declined", "character"):
            assert put(intake, f"{person}/answers/{uuid4()}", answer | {"code": code}) == (404, "question-not-asked")
        fines = {"code": "fines_paid", "answer": "unknown", "source": "prosecutor"}
        assert put(intake, f"{person}/answers/{uuid4()}", fines, headers=registrar) == (201, "")
        put(intake, f"{person}/answers/{uuid4()}", answer | {"answer": "no"})
        answers = {a["code"]: a["answer"] for a in intake.get(f"{person}/case").json()["answers"]}
        assert answers == {"active_in_programme": "no", "fines_paid": "unknown"}
        assert rutan.one("intake", "select count(*) from fact_answer") == 3


def test_what_was_served_before_a_new_case_is_not_served_again(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        for reason, left in (("new_case", 0), ("revocation", 1)):
            person = registered(intake)
            put(intake, f"{person}/sentences/{uuid4()}", SENTENCE)
            put(intake, f"{person}/releases/{uuid4()}", {"released_on": "2026-10-01", "mode": "pb"})
            intake.post(f"{person}/reentries", json={"reentered_on": "2026-11-01", "reason": reason})
            assert len(intake.get(f"{person}/case").json()["sentences"]) == left


def test_without_a_sentence_the_detention_began_with_the_stay_and_not_with_the_entry(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake, legal_status="tahanan", admitted_on="2026-01-05")
        assert intake.get(f"{person}/case").json()["detained_since"] == "2026-01-05"
        left = {"released_on": "2026-02-03", "mode": "bebas_demi_hukum"}
        assert intake.put(f"{person}/releases/{uuid4()}", json=left).status_code == 201
        back = {"reentered_on": "2026-05-01", "reason": "new_case"}
        assert intake.post(f"{person}/reentries", json=back).status_code == 201
        put(intake, f"{person}/answers/{uuid4()}", {"code": "register_f_read", "answer": "yes", "source": "register"})
        case = intake.get(f"{person}/case").json()
        assert (case["detained_since"], case["conduct"]["since"]) == ("2026-05-01", "2026-05-01")


def test_of_two_levels_of_one_day_the_one_entered_later_counts(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        for day, level in (("05", "tinggi"), ("06", "sedang"), ("06", "rendah")):
            put(intake, f"{person}/risk-levels/{uuid4()}", {"assessed_on": f"2026-01-{day}", "level": level})
        with rutan.database("intake").transaction() as session:
            later = update(RiskLevel).where(col(RiskLevel.level) == Risk.SEDANG)
            session.execute(later.values(recorded_at=col(RiskLevel.recorded_at) + timedelta(hours=1)))
        case = intake.get(f"{person}/case").json()
        assert [one["level"] for one in case["risk_levels"]] == ["tinggi", "rendah", "sedang"]


def test_whoever_opens_a_case_is_in_the_read_log(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        for page in ("case", "rights", "proposals"):
            assert intake.get(f"{person}/{page}").status_code == 200
        looks = "select count(*) from read_log where subject = :person"
        assert rutan.one("intake", looks, person=UUID(person.removeprefix("/people/"))) == 3


def dossier(*levels: Risk) -> Dossier:
    at = datetime(2026, 8, 17, tzinfo=UTC)
    person = Person(
        id=uuid4(),
        site="oz",
        sex=Sex.FEMALE,
        legal_status=LegalStatus.NARAPIDANA,
        registered_at=at,
        registered_by=uuid4(),
    )
    rows = [
        RiskLevel(
            id=uuid4(),
            site="oz",
            person=person.id,
            assessed_on=date(2026, 1, 1) + timedelta(days=n),
            level=level,
            recorded_at=at,
            recorded_by=uuid4(),
        )
        for n, level in enumerate(levels)
    ]
    return Dossier(person, levels=rows)


@pytest.mark.parametrize(
    ("levels", "declined"),
    [
        ((), Answer.UNKNOWN),
        ((Risk.TINGGI,), Answer.UNKNOWN),
        ((Risk.RENDAH, Risk.RENDAH), Answer.UNKNOWN),
        ((Risk.TINGGI, Risk.SEDANG), Answer.YES),
        ((Risk.TINGGI, Risk.SEDANG, Risk.SEDANG), Answer.YES),
        ((Risk.SEDANG, Risk.TINGGI), Answer.NO),
        ((Risk.SEDANG, Risk.SEDANG), Answer.NO),
    ],
)
def test_the_risk_fell_if_the_last_level_is_below_an_earlier_one(levels: tuple[Risk, ...], declined: Answer) -> None:
    assert dossier(*levels).risk_declined is declined


@given(st.lists(st.sampled_from(Risk), max_size=6))
def test_one_more_assessment_at_the_lowest_level_never_makes_a_fall_unsaid(levels: list[Risk]) -> None:
    if dossier(*levels).risk_declined is Answer.YES:
        assert dossier(*levels, Risk.RENDAH).risk_declined is Answer.YES
