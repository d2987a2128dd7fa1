from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from support import Rutan, a_person, staff
from support.hearing import api

ASKED = {"text_version": "v1"}


def registered(intake: TestClient) -> UUID:
    person = uuid4()
    assert intake.put(f"/people/{person}", json=a_person()).status_code == 201
    return person


def slug(answer: object) -> str:
    return str(answer.json()["title"])  # type: ignore[attr-defined]


def said(rutan: Rutan, person: UUID) -> list[str]:
    """What was said inside the rutan of this person, in its order."""
    rows = rutan.sql(
        "intake",
        "select type from outbox where audience = 'site' and convert_from(body, 'utf8')::json ->> 'person' = :person"
        " order by id",
        person=str(person),
    )
    return [row.type.split(".")[1] for row in rows]


def test_each_purpose_is_its_own_question_and_declining_bars_nothing(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents"
        assert intake.post(f"{at}/assessment/declination", json=ASKED).status_code == 201
        assert intake.post(f"{at}/programme", json=ASKED).status_code == 201
        assert intake.post(f"{at}/follow_up", json=ASKED).status_code == 201
        # Whoever said no may be asked again, and may still say yes.
        assert intake.post(f"{at}/assessment/declination", json=ASKED).status_code == 201
        assert intake.post(f"{at}/assessment", json=ASKED).status_code == 201
        answers = [(a["purpose"], a["given"]) for a in intake.get(at).json()]
        assert answers == [
            ("assessment", False),
            ("programme", True),
            ("follow_up", True),
            ("assessment", False),
            ("assessment", True),
        ]
        leaves = f"/people/{person}/releases/{uuid4()}"
        assert intake.put(leaves, json={"released_on": "2026-02-03", "mode": "pb"}).status_code == 201


def test_withdrawal_is_one_step_without_a_reason_and_can_be_followed_by_a_new_consent(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents/programme"
        for _ in range(2):
            assert intake.post(at, json=ASKED).status_code == 201
            assert slug(intake.post(at, json=ASKED)) == "consent-already-given"
            withdrawn = intake.post(f"{at}/withdrawal", json={})
            assert withdrawn.status_code == 201 and withdrawn.json()["withdrawn_at"]
            assert slug(intake.post(f"{at}/withdrawal", json={})) == "consent-already-withdrawn"
        assert said(rutan, person)[1:] == ["consent_given", "consent_withdrawn"] * 2
        epochs = "select epoch from consent where person = :person order by epoch"
        assert [row.epoch for row in rutan.sql("intake", epochs, person=person)] == [1, 2]


def test_what_was_never_given_cannot_be_withdrawn_not_even_after_declining(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents/follow_up"
        intake.post(f"{at}/declination", json=ASKED)
        answer = intake.post(f"{at}/withdrawal", json={})
        assert (answer.status_code, slug(answer)) == (409, "consent-not-given")


def test_sharing_names_one_partner_and_each_partner_is_asked_for_alone(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents/partner_sharing"
        first, second = ({"recipient": code} for code in ("yayasan-satu", "yayasan-dua"))
        assert slug(intake.post(at, json=ASKED)) == "recipient-mismatch"
        assert slug(intake.post(f"/people/{person}/consents/programme", json=ASKED | first)) == "recipient-mismatch"
        assert intake.post(at, json=ASKED | first).status_code == 201
        assert intake.post(at, json=ASKED | second).status_code == 201
        assert intake.post(f"{at}/withdrawal", json=first).status_code == 201
        assert slug(intake.post(at, json=ASKED | second)) == "consent-already-given"
        assert slug(intake.post(f"{at}/withdrawal", json={})) == "consent-not-given"


def test_a_refused_answer_leaves_neither_a_row_nor_an_event(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        intake.post(f"/people/{person}/consents/partner_sharing", json=ASKED)
        intake.post(f"/people/{uuid4()}/consents/programme", json=ASKED)
        assert rutan.one("intake", "select count(*) from consent") == 0
        assert said(rutan, person) == ["person_registered"]


def test_declining_stays_inside_the_rutan(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        intake.post(f"/people/{person}/consents/programme/declination", json=ASKED)
        told = "select audience from outbox where type = 'intake.consent_declined.v1'"
        assert [row.audience for row in rutan.sql("intake", told)] == ["site"]


def test_of_many_who_record_the_same_consent_at_once_one_succeeds(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(20) as pool:
        person = registered(intake)
        at = f"/people/{person}/consents/programme"
        for epoch in (1, 2):
            given = list(pool.map(lambda _: intake.post(at, json=ASKED).status_code, range(20)))
            assert sorted(given) == [201] + [409] * 19
            taken = list(pool.map(lambda _: intake.post(f"{at}/withdrawal", json={}).status_code, range(20)))
            assert sorted(taken) == [201] + [409] * 19
            assert rutan.one("intake", "select max(epoch) from consent") == epoch
        assert rutan.one("intake", "select count(*) from outbox where audience = 'site'") == 5


def test_a_counsellor_may_take_a_withdrawal_but_only_the_registrar_records_a_consent(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents/programme"
        counsellor = staff(rutan.site, Role.COUNSELLOR)
        refused = intake.post(at, json=ASKED, headers=counsellor)
        assert (refused.status_code, slug(refused)) == (403, "not-your-role")
        assert intake.post(at, json=ASKED).status_code == 201
        assert intake.post(f"{at}/withdrawal", json={}, headers=counsellor).status_code == 201
