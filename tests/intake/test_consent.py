from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from chassis.vault import vault_of
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from intake.commands.consents import expire_consents
from intake.commands.sweep import sweep
from intake.model.consents import DeclineReason
from intake.model.texts import form_number
from sqlalchemy.exc import IntegrityError
from support import Rutan, a_person, staff
from support.hearing import api

ASKED = {"text_version": "v1"}


def registered(intake: TestClient, **fields: object) -> UUID:
    person = uuid4()
    assert intake.put(f"/people/{person}", json=a_person(**fields)).status_code == 201
    return person


def ends_in(rutan: Rutan, days: int) -> None:
    """Every consent that stands runs out in so many days."""
    with rutan.database("intake").transaction() as session:
        session.connection().exec_driver_sql(
            "update consent set expires_on = %s where ended_at is null and given",
            ((datetime.now(UTC) + timedelta(days=days)).date(),),
        )


def swept(rutan: Rutan) -> None:
    with rutan.database("intake").transaction() as session:
        sweep(session, datetime.now(UTC))


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


def test_the_same_answer_sent_again_is_one_answer(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at, asked = f"/people/{person}/consents/programme", ASKED | {"id": str(uuid4()), "witness": "Ibu Rekaan"}
        for how in ("/declination", ""):
            sent = asked if how else asked | {"id": str(uuid4())}
            answers = [intake.post(f"{at}{how}", json=sent) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [201, 201]
            assert answers[0].json() == answers[1].json()
            assert slug(intake.post(f"{at}{how}", json=sent | {"witness": "Orang lain"})) == "entry-id-taken"
        assert slug(intake.post(at, json=asked)) == "entry-id-taken"
        assert said(rutan, person)[1:] == ["consent_declined", "consent_given"]


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
        assert slug(intake.post(f"{at}/withdrawal", json={})) == "recipient-mismatch"
        assert slug(intake.get(f"{at}/withdrawal-proof")) == "recipient-mismatch"


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


def test_a_consent_holds_for_as_long_as_the_text_that_was_read_out_says(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = f"/people/{registered(intake)}/consents/programme"
        given = intake.post(at, json={"text_version": "demo-1", "language": "en"}).json()
        answered = date.fromisoformat(given["answered_at"][:10])
        assert date.fromisoformat(given["expires_on"]) - answered >= timedelta(days=365)
        # The demonstration's version is another name of the first wording.
        assert (given["text_version"], given["language"], given["end"]) == ("v1", "en", None)


def test_a_text_that_does_not_exist_is_refused_whatever_the_answer(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        for how in ("", "/declination"):
            answer = intake.post(f"/people/{person}/consents/programme{how}", json={"text_version": "v99"})
            assert (answer.status_code, slug(answer)) == (404, "consent-text-unknown")
        assert said(rutan, person) == ["person_registered"]


def test_who_declines_may_say_why_in_a_word_and_need_not(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = f"/people/{registered(intake)}/consents/research/declination"
        for reason in (None, *DeclineReason):
            # Neither witness nor capacity: a no needs nothing.
            assert intake.post(at, json=ASKED | {"reason": reason}).json()["decline_reason"] == reason
        assert intake.post(at, json=ASKED | {"reason": "karena saya takut"}).status_code == 422


def test_who_was_there_is_sealed_and_shown_only_to_who_asks_for_it(rutan: Rutan) -> None:
    there = {
        "witness": "Saksi Rekaan",
        "interpreter": "Juru Rekaan",
        "guardian": {"name": "Wali", "relation": "parent"},
    }
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents"
        given = intake.post(f"{at}/psychological_assessment", json=ASKED | there)
        assert given.status_code == 201 and "Rekaan" not in given.text + intake.get(at).text
        assert intake.get(f"{at}/{given.json()['id']}/others").json() == there
        assert (
            slug(intake.get(f"/people/{registered(intake)}/consents/{given.json()['id']}/others")) == "consent-not-here"
        )
        alone = intake.post(f"{at}/programme", json=ASKED).json()["id"]
        assert set(intake.get(f"{at}/{alone}/others").json().values()) == {None}
    kept = [
        str(row) for table in ("consent", "outbox", "read_log") for row in rutan.sql("intake", f"select * from {table}")
    ]
    assert not any("Rekaan" in row or "parent" in row for row in kept)
    assert b"Rekaan" not in rutan.one("intake", "select others from consent where others is not null")


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({}, "witness-missing"),
        ({"witness": "Saksi"}, "capacity-unknown"),
        ({"witness": "Saksi", "understands": "no"}, "guardian-missing"),
        ({"witness": "Saksi", "understands": "yes"}, None),
        ({"witness": "Saksi", "understands": "no", "guardian": {"name": "Wali", "relation": "family"}}, None),
    ],
)
def test_where_the_text_asks_for_it_a_witness_and_an_understanding_person_are_needed(
    rutan: Rutan, asked: dict[str, object], refusal: str | None
) -> None:
    with api(rutan, "intake") as intake:
        answer = intake.post(f"/people/{registered(intake)}/consents/research", json=ASKED | asked)
        assert (answer.status_code, answer.json().get("title")) == (409, refusal) if refusal else (201, None)


def test_a_child_agrees_together_with_a_guardian_but_declines_and_withdraws_alone(rutan: Rutan) -> None:
    guardian = {"guardian": {"name": "Wali Rekaan", "relation": "parent"}}
    children = ({"legal_status": "anak_binaan"}, {"birth_year": datetime.now(UTC).year - 18})
    with api(rutan, "intake") as intake:
        for fields in children:
            at = f"/people/{registered(intake, **fields)}/consents/programme"
            assert slug(intake.post(at, json=ASKED | {"understands": "yes"})) == "guardian-missing"
            assert intake.post(f"{at}/declination", json=ASKED).status_code == 201
            assert intake.post(at, json=ASKED | guardian).status_code == 201
            assert intake.post(f"{at}/withdrawal", json={}).status_code == 201
        grown = registered(intake, birth_year=datetime.now(UTC).year - 19)
        assert intake.post(f"/people/{grown}/consents/programme", json=ASKED).status_code == 201


def on_paper(days_ago: int = 0, number: str | None = None) -> dict[str, object]:
    signed = (datetime.now(UTC) - timedelta(days=days_ago)).date()
    return ASKED | {"on_paper": {"signed_on": str(signed), "form_number": number or form_number(uuid4().int)}}


def test_a_signed_sheet_is_entered_later_once_and_counts_from_the_day_it_was_signed(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        with rutan.database("intake").transaction() as session:
            session.connection().exec_driver_sql("update person set registered_at = registered_at - interval '3 years'")
        sheet = on_paper(10)
        at = f"/people/{person}/consents"
        given = intake.post(f"{at}/programme", json=sheet).json()
        assert given["signed_on"] == sheet["on_paper"]["signed_on"]  # type: ignore[index]
        assert date.fromisoformat(given["expires_on"]).day == date.fromisoformat(given["signed_on"]).day
        assert slug(intake.post(f"{at}/follow_up", json=sheet)) == "form-already-entered"
        assert slug(intake.post(f"{at}/assessment", json=on_paper(-3))) == "day-not-come"
        assert slug(intake.post(f"{at}/assessment", json=on_paper(400))) == "form-too-old"
        assert slug(intake.post(f"{at}/assessment", json=on_paper(4 * 365))) == "signed-before-registration"
        assert intake.post(f"{at}/assessment", json=on_paper(0, "234-567-89A")).status_code == 422


def test_what_was_taken_back_does_not_come_back_by_an_older_sheet(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        with rutan.database("intake").transaction() as session:
            session.connection().exec_driver_sql("update person set registered_at = registered_at - interval '1 year'")
        at = f"/people/{person}/consents/programme"
        intake.post(at, json=ASKED)
        intake.post(f"{at}/withdrawal", json={})
        for days_ago in (5, 0):
            assert slug(intake.post(at, json=on_paper(days_ago))) == "said-no-since"
        assert intake.post(at, json=ASKED).status_code == 201
        declined = at.replace("programme", "assessment")
        intake.post(f"{declined}/declination", json=on_paper(3))
        assert slug(intake.post(declined, json=on_paper(4))) == "said-no-since"
        assert intake.post(declined, json=on_paper(2)).status_code == 201


def test_an_older_sheet_does_not_shorten_what_stands(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        with rutan.database("intake").transaction() as session:
            session.connection().exec_driver_sql("update person set registered_at = registered_at - interval '2 years'")
        at = f"/people/{person}/consents/programme"
        intake.post(at, json=ASKED)
        ends_in(rutan, 20)
        assert slug(intake.post(at, json=on_paper(355))) == "consent-already-given"
        assert intake.post(at, json=on_paper(1)).status_code == 201


def test_of_somebody_who_was_erased_nothing_is_asked_and_nobody_is_shown(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents"
        given = intake.post(f"{at}/programme", json=ASKED | {"witness": "Saksi Rekaan"}).json()["id"]
        with rutan.database("intake").transaction() as session:
            session.connection().exec_driver_sql("update person set identity = null")
            vault_of(session).destroy(person)
        assert slug(intake.get(f"{at}/{given}/others")) == "person-not-here"
        assert slug(intake.post(f"{at}/assessment", json=ASKED | {"witness": "Saksi"})) == "person-not-here"


def test_of_two_who_enter_one_sheet_for_two_people_at_once_one_succeeds(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(4) as pool:
        sheet, people = on_paper(), [registered(intake) for _ in range(4)]
        entered = pool.map(lambda p: intake.post(f"/people/{p}/consents/programme", json=sheet).status_code, people)
        assert sorted(entered) == [201, 409, 409, 409]


def test_a_consent_runs_out_once_and_can_be_given_again(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents/programme"
        intake.post(at, json=ASKED)
        ends_in(rutan, 1)
        swept(rutan)
        assert "consent_expired" not in said(rutan, person)
        ends_in(rutan, -2)
        for _ in range(3):
            swept(rutan)
        assert said(rutan, person)[1:] == ["consent_given", "consent_expired"]
        assert intake.get(f"/people/{person}/consents").json()[0]["end"] == "expired"
        assert slug(intake.post(f"{at}/withdrawal", json={})) == "consent-already-expired"
        assert intake.post(at, json=ASKED).status_code == 201
        assert said(rutan, person)[-1] == "consent_given"


def test_what_has_lapsed_before_the_clock_noticed_says_so_before_it_is_given_again(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        at = f"/people/{person}/consents/programme"
        intake.post(at, json=ASKED)
        ends_in(rutan, -2)
        assert intake.post(at, json=ASKED).status_code == 201
        assert said(rutan, person)[1:] == ["consent_given", "consent_expired", "consent_given"]


def test_shortly_before_it_runs_out_a_consent_is_listed_and_may_be_renewed(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        person = registered(intake)
        at = f"/people/{person}/consents/programme"
        intake.post(at, json=ASKED)
        assert slug(intake.post(at, json=ASKED)) == "consent-already-given"
        assert intake.get("/consents/expiring").json() == []
        ends_in(rutan, 29)
        [listed] = intake.get("/consents/expiring").json()
        assert (listed["person"], listed["purpose"]) == (str(person), "programme")
        assert set(listed) == {"person", "purpose", "recipient", "expires_on"}
        assert intake.get("/consents/expiring", params={"within_days": 5}).json() == []
        # Saying no to the renewal ends nothing before its day.
        assert intake.post(f"{at}/declination", json=ASKED).status_code == 201
        renewed = list(pool.map(lambda _: intake.post(at, json=ASKED).status_code, range(8)))
        assert sorted(renewed) == [201] + [409] * 7
        assert said(rutan, person)[1:] == ["consent_given", "consent_declined", "consent_given"]
        ends = 'select epoch, "end" from consent where given order by epoch'
        assert [tuple(row) for row in rutan.sql("intake", ends)] == [(1, "renewed"), (2, None)]
        assert intake.post(f"{at}/withdrawal", json={}).status_code == 201


def test_two_sweeps_and_a_withdrawal_at_once_end_a_consent_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(6) as pool:
        people = [registered(intake) for _ in range(5)]
        for person in people:
            intake.post(f"/people/{person}/consents/programme", json=ASKED)
        ends_in(rutan, -2)

        def expire(_: int) -> None:
            with rutan.database("intake").transaction() as session:
                expire_consents(session, datetime.now(UTC))

        sweeps = [pool.submit(expire, n) for n in range(3)]
        taken = [pool.submit(intake.post, f"/people/{p}/consents/programme/withdrawal", json={}) for p in people]
        assert all(sweep.result() is None for sweep in sweeps)
        assert {answer.result().status_code for answer in taken} <= {201, 409}
        swept(rutan)
        for person in people:
            assert len([what for what in said(rutan, person) if what in ("consent_expired", "consent_withdrawn")]) == 1


def test_the_database_itself_refuses_a_second_that_stands_and_an_epoch_that_was_there(rutan: Rutan) -> None:
    copy = (
        "insert into consent (id, epoch, ended_at, site, person, purpose, given, text_version, language, understands,"
        " answered_at, answered_by) select gen_random_uuid(), {epoch}, {ended}, site, person, purpose, given,"
        " text_version, language, understands, answered_at, answered_by from consent"
    )
    with api(rutan, "intake") as intake:
        intake.post(f"/people/{registered(intake)}/consents/programme", json=ASKED)
    for epoch, ended, broken in ((2, "null", "consent_standing"), (1, "now()", "consent_epoch")):
        with pytest.raises(IntegrityError, match=broken), rutan.database("intake").transaction() as session:
            session.connection().exec_driver_sql(copy.format(epoch=epoch, ended=ended))
