from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.identity import Actor
from contracts.intake import LevyStep
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.model.levies import ANONYMOUS_PER_HOUR, FREE_SERVICES, LevyReport, Told, hash_of, new_receipt
from support import Rutan, staff
from support.hearing import api
from support.rutan import ISSUER

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
NOBODY = {"authorization": "", "jembatan-purpose": ""}
ASKED = {"step": "visit", "amount": 50_000, "named": "Pak Rekaan di loket", "text": "Diminta uang\nuntuk kunjungan."}
ANSWER = {"upheld": True, "answer": "Benar. Petugas sudah ditindak."}


def token(site: str, actor: UUID, *roles: Role) -> dict[str, str]:
    said = ISSUER.token(Actor(actor, site, frozenset(roles)))
    return {"authorization": f"Bearer {said}", "jembatan-purpose": "service"}


def reported(intake: TestClient, report: UUID | None = None, **more: Any) -> Response:
    """From a kiosk: nobody is known."""
    return intake.put(f"/levy-reports/{report or uuid4()}", json=ASKED | more, headers=NOBODY)


def slug(answer: Response) -> str:
    return str(answer.json()["title"])


def outbox(rutan: Rutan) -> list[Any]:
    return rutan.sql(
        "intake", "select type, convert_from(body, 'utf8') as body from outbox where audience = 'national'"
    )


def a_report(**fields: Any) -> LevyReport:
    known: dict[str, Any] = {"id": uuid4(), "site": "oz-uji", "step": LevyStep.VISIT, "anonymous": True}
    return LevyReport(**known | {"told": b"", "receipt": hash_of("x"), "reported_at": NOW} | fields)


@given(st.frozensets(st.uuids(), max_size=4), st.uuids())
def test_whoever_is_named_does_not_read_it(officers: frozenset[UUID], reader: UUID) -> None:
    assert Told(officers=officers, receipt="x").readable_by(reader) == (reader not in officers)
    assert not Told(officers=officers | {reader}, receipt="x").readable_by(reader)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=16))
def test_a_receipt_is_copied_by_hand_and_still_known(code: str) -> None:
    typed = "-".join(code[n : n + 4].lower() for n in range(0, 16, 4)).replace("o", "0").replace("i", "1")
    assert hash_of(f" {typed} ") == hash_of(code) != hash_of(code[:-1])


def test_no_two_receipts_are_alike() -> None:
    assert len({new_receipt() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(("age", "late"), [(0, False), (7, False), (8, True)])
def test_after_seven_days_without_an_answer_a_report_is_late(age: int, late: bool) -> None:
    report = a_report()
    assert report.late(NOW + timedelta(days=age)) == late
    report.close(False, b"", by=uuid4(), at=NOW)
    assert not report.late(NOW + timedelta(days=age))


def test_anybody_reports_without_an_account_and_the_event_says_nothing_of_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        report, officer = uuid4(), uuid4()
        answer = reported(intake, report, officers=[str(officer)], happened_on="2026-02-03")
        assert (answer.status_code, answer.json()["report"]) == (201, str(report))
    [said] = outbox(rutan)
    assert said.type == "intake.levy_reported.v1"
    kept = str(rutan.sql("intake", "select * from levy_report")) + said.body
    for secret in ("Rekaan", "50000", str(officer), "Diminta", answer.json()["receipt"]):
        assert secret not in kept


def test_the_same_report_again_is_one_report_with_one_receipt(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(4) as pool:
        report = uuid4()
        answers = list(pool.map(lambda _: reported(intake, report), range(4)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["receipt"] for answer in answers}) == 1
        assert slug(reported(intake, report, amount=60_000)) == "levy-report-id-taken"
        assert slug(reported(intake, report, step="housing")) == "levy-report-id-taken"
        assert len(outbox(rutan)) == 1


def test_only_the_step_must_be_said(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        for step in LevyStep:
            sent = intake.put(f"/levy-reports/{uuid4()}", json={"step": step}, headers=NOBODY)
            assert sent.status_code == 201
        assert intake.put(f"/levy-reports/{uuid4()}", json={}, headers=NOBODY).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "x" * 4001},
        {"text": "x\u0000"},
        {"named": "x" * 201},
        {"amount": -1},
        {"officers": ["Pak Rekaan"]},
        {"officers": [str(uuid4()) for _ in range(11)]},
    ],
)
def test_a_report_has_its_bounds(rutan: Rutan, wrong: dict[str, Any]) -> None:
    with api(rutan, "intake") as intake:
        assert reported(intake, **wrong).status_code == 422
        assert rutan.one("intake", "select count(*) from levy_report") == 0


def test_nothing_is_reported_of_a_day_that_has_not_come(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        assert slug(reported(intake, happened_on="2099-01-01")) == "day-not-come"


def test_who_wants_to_stay_anonymous_does_so_whatever_token_is_sent(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        reporter, inspector = uuid4(), staff(rutan.site, Role.INSPECTOR)
        for headers in (token(rutan.site, reporter, Role.REGISTRAR), {"authorization": "Bearer x"}, NOBODY):
            report = uuid4()
            sent = intake.put(f"/levy-reports/{report}", json=ASKED, headers=headers)
            assert sent.status_code == 201
            assert intake.get(f"/levy-reports/{report}", headers=inspector).json()["reported_by"] is None
    kept = str(rutan.sql("intake", "select * from levy_report")) + str(outbox(rutan))
    assert str(reporter) not in kept and rutan.one("intake", "select bool_and(anonymous) from levy_report")


def test_who_gives_their_name_is_known_to_the_inspector_alone(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        reporter, report = uuid4(), uuid4()
        named = ASKED | {"anonymous": False}
        for headers in (NOBODY, {"authorization": "Bearer x"}):
            assert slug(intake.put(f"/levy-reports/{report}", json=named, headers=headers)) == "unauthenticated"
        sent = intake.put(f"/levy-reports/{report}", json=named, headers=token(rutan.site, reporter, Role.REGISTRAR))
        assert sent.status_code == 201
        read = intake.get(f"/levy-reports/{report}", headers=staff(rutan.site, Role.INSPECTOR)).json()
        assert (read["reported_by"], read["text"], read["amount"]) == (str(reporter), ASKED["text"], 50_000)
    assert str(reporter) not in str(rutan.sql("intake", "select * from levy_report"))


def test_a_flood_of_anonymous_reports_is_stopped_and_nothing_is_kept_of_where_it_came_from(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda _: reported(intake).status_code, range(ANONYMOUS_PER_HOUR + 8)))
        assert (sent.count(201), sent.count(429)) == (ANONYMOUS_PER_HOUR, 8)
        refused = reported(intake)
        assert (refused.headers["content-type"], slug(refused)) == ("application/problem+json", "too-many-reports")
        # Whoever is known is still heard.
        mine = token(rutan.site, uuid4(), Role.COUNSELLOR)
        named = intake.put(f"/levy-reports/{uuid4()}", json=ASKED | {"anonymous": False}, headers=mine)
        assert named.status_code == 201
        with rutan.database("intake").engine.begin() as connection:
            connection.exec_driver_sql("update levy_report set reported_at = reported_at - interval '1 hour'")
        assert reported(intake).status_code == 201
    columns = {row.column_name for row in rutan.sql("intake", COLUMNS)}
    assert columns == set(LevyReport.model_fields)


COLUMNS = "select column_name from information_schema.columns where table_name = 'levy_report'"


def test_a_report_is_never_visible_to_the_officer_named_whatever_roles_they_hold(rutan: Rutan) -> None:
    officer, report = uuid4(), uuid4()
    with api(rutan, "intake") as intake:
        receipt = reported(intake, report, officers=[str(officer), str(uuid4())]).json()["receipt"]

        @settings(max_examples=40, deadline=None)
        @given(st.frozensets(st.sampled_from(Role)))
        def nothing_shows(roles: frozenset[Role]) -> None:
            headers = token(rutan.site, officer, *roles)
            for method, path, body in (("GET", "", None), ("POST", "/closure", ANSWER)):
                named, absent = (
                    intake.request(method, f"/levy-reports/{of}{path}", json=body, headers=headers)
                    for of in (report, uuid4())
                )
                assert (named.status_code, named.text) == (absent.status_code, absent.text)
                assert named.status_code == (404 if Role.INSPECTOR in roles else 403)
            listed = intake.get("/levy-reports", headers=headers)
            assert str(report) not in listed.text and listed.status_code in (200, 403)

        nothing_shows()
        # Nothing was closed, and nothing tells that somebody looked.
        assert intake.post("/levy-reports/answers", json={"receipt": receipt}).json()["closed_at"] is None
        assert rutan.one("intake", "select count(*) from read_log") == 0
        assert intake.get(f"/levy-reports/{report}", headers=staff(rutan.site, Role.INSPECTOR)).status_code == 200


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.INSPECTOR}))
def test_nobody_but_the_inspector_reads_reports(rutan: Rutan, role: Role) -> None:
    with api(rutan, "intake") as intake:
        report, headers = uuid4(), staff(rutan.site, role)
        reported(intake, report)
        for of in (report, uuid4()):
            assert slug(intake.get(f"/levy-reports/{of}", headers=headers)) == "not-your-role"
        assert slug(intake.get("/levy-reports", headers=headers)) == "not-your-role"


def test_the_inspector_answers_once_and_the_reporter_reads_it_with_the_receipt(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        report, inspector = uuid4(), staff(rutan.site, Role.INSPECTOR)
        receipt = reported(intake, report).json()["receipt"]
        ask = "/levy-reports/answers"
        waiting = intake.post(ask, json={"receipt": receipt}, headers=NOBODY).json()
        assert (waiting["closed_at"], waiting["upheld"], waiting["answer"]) == (None, None, None)
        for _ in range(2):
            closed = intake.post(f"/levy-reports/{report}/closure", json=ANSWER, headers=inspector)
            assert closed.status_code == 201
        other = intake.post(f"/levy-reports/{report}/closure", json=ANSWER | {"upheld": False}, headers=inspector)
        assert slug(other) == "levy-report-already-closed"
        read = intake.post(ask, json={"receipt": receipt.lower()}, headers=NOBODY).json()
        assert (read["upheld"], read["answer"]) == (True, ANSWER["answer"])
        assert [said.type.split(".")[1] for said in outbox(rutan)] == ["levy_reported", "levy_report_closed"]
        assert "ditindak" not in str(rutan.sql("intake", "select * from levy_report")) + str(outbox(rutan))


def test_a_receipt_opens_its_own_report_and_another_code_none(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        answered, waiting = uuid4(), uuid4()
        receipts = [reported(intake, report).json()["receipt"] for report in (answered, waiting)]
        intake.post(f"/levy-reports/{answered}/closure", json=ANSWER, headers=staff(rutan.site, Role.INSPECTOR))
        asked = [intake.post("/levy-reports/answers", json={"receipt": one}, headers=NOBODY) for one in receipts]
        assert [answer.json()["answer"] for answer in asked] == [ANSWER["answer"], None]
        for code in (new_receipt(), "", "x"):
            wrong = intake.post("/levy-reports/answers", json={"receipt": code}, headers=NOBODY)
            assert slug(wrong) == "receipt-unknown"


def test_the_inspector_s_list_begins_with_what_waits_longest_and_a_look_is_noted(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        inspector = staff(rutan.site, Role.INSPECTOR)
        old, new, done = reports = [uuid4() for _ in range(3)]
        for report in reports:
            reported(intake, report)
        with rutan.database("intake").engine.begin() as connection:
            connection.exec_driver_sql(
                f"update levy_report set reported_at = reported_at - interval '8 days' where id in ('{old}', '{done}')"
            )
        intake.post(f"/levy-reports/{done}/closure", json=ANSWER, headers=inspector)
        listed = [(one["report"], one["late"]) for one in intake.get("/levy-reports", headers=inspector).json()]
        assert listed == [(str(old), True), (str(new), False), (str(done), False)]
        assert rutan.one("intake", "select count(*) from read_log") == 0
        intake.get(f"/levy-reports/{old}", headers=inspector)
        assert rutan.one("intake", "select subject from read_log") == old


def test_of_a_report_whose_key_is_gone_nobody_can_say_whom_it_names_so_nobody_reads_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        report, inspector = uuid4(), staff(rutan.site, Role.INSPECTOR)
        reported(intake, report)
        with rutan.database("intake").transaction() as session:
            session.info["vault"].destroy(report)
        assert slug(intake.get(f"/levy-reports/{report}", headers=inspector)) == "not-your-report"
        assert intake.get("/levy-reports", headers=inspector).json() == []


def test_everybody_may_read_that_every_step_is_free(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        read = intake.get("/services-and-fees", headers=NOBODY).json()
        assert {one["step"] for one in read["services"]} == set(LevyStep) and len(FREE_SERVICES) == len(LevyStep)
        assert {one["fee"] for one in read["services"]} == {"gratis"}
        assert all(one["what"] and one["takes"] for one in read["services"]) and read["how_to_report"]
