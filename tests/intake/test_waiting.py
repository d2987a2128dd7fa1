"""What waits for each role at the register's desk."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from intake.model.days import today
from sqlalchemy import text
from support import Rutan, a_person, staff
from support.hearing import api

KINDS = {"detention", "consents", "withdrawals", "breaches", "proposals", "visits", "levies"}
WORK = {
    Role.REGISTRAR: {"detention", "consents", "visits", "proposals"},
    Role.COUNSELLOR: {"consents", "visits", "proposals"},
    Role.HEAD: {"detention", "proposals"},
    Role.ASSESSMENT_BOARD: {"proposals"},
    Role.PRIVACY_OFFICER: {"withdrawals", "breaches"},
    Role.INSPECTOR: {"levies"},
    Role.INSTRUCTOR: set(),
}


def held(intake: TestClient, days_left: int) -> UUID:
    person, day = uuid4(), today(datetime.now(UTC))
    intake.put(f"/people/{person}", json=a_person(legal_status="tahanan", register_number=f"A.I {days_left + 50}/2026"))
    period = {"book": "a_i", "from_on": str(day - timedelta(20)), "until_on": str(day + timedelta(days_left))}
    assert intake.put(f"/people/{person}/detention-periods/{uuid4()}", json=period).is_success
    return person


def agreed(rutan: Rutan, intake: TestClient, days_left: int) -> UUID:
    """Somebody whose consent runs out so soon."""
    person = uuid4()
    intake.put(f"/people/{person}", json=a_person(register_number=f"BI-{person.hex[:8]}"))
    assert intake.post(f"/people/{person}/consents/assessment", json={"text_version": "v1"}).is_success
    with rutan.database("intake").engine.begin() as connection:
        until = {"on": today(datetime.now(UTC)) + timedelta(days_left), "person": person}
        connection.execute(text("update consent set expires_on = :on where person = :person"), until)
    return person


@pytest.mark.parametrize("role", WORK)
def test_each_role_is_told_of_its_own_work_alone(rutan: Rutan, role: Role) -> None:
    with api(rutan, "intake") as intake:
        told = intake.get("/waiting", headers=staff(rutan.site, role)).json()
        assert {kind for kind in KINDS if told[kind] is not None} == WORK[role]


def test_how_much_waits_names_nobody_and_is_no_look(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        day = today(datetime.now(UTC))
        people = [held(intake, days) for days in (9, -1, 4, 30)]
        agreed(rutan, intake, 3)
        agreed(rutan, intake, 31)
        answer = intake.get("/waiting", headers=staff(rutan.site, Role.REGISTRAR))
        assert answer.json()["detention"] == {"count": 3, "late": 1, "next": str(day - timedelta(1))}
        assert answer.json()["consents"] == {"count": 1, "late": 0, "next": str(day + timedelta(3))}
        assert not any(str(person) in answer.text for person in people)
        assert rutan.sql("intake", "select subject from read_log") == []


def test_what_was_told_or_answered_waits_no_more(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        breach, now = f"/breaches/{uuid4()}", datetime.now(UTC).isoformat()
        found = {"kinds": ["identity_data"], "description": "x", "handling": "y", "discovered_at": now}
        assert intake.put(breach, json=found).is_success
        report = f"/levy-reports/{uuid4()}"
        assert intake.put(report, json={"step": "visit"}).is_success

        def waiting() -> tuple[int, int]:
            told = intake.get("/waiting").json()
            return told["breaches"]["count"], told["levies"]["count"]

        assert waiting() == (1, 1)
        assert intake.post(f"{report}/closure", json={"upheld": False, "answer": "x"}).is_success
        for whom in ("people", "authority"):
            told = {"told_at": datetime.now(UTC).isoformat(), "authority": "Lembaga" if whom == "authority" else None}
            assert intake.put(f"{breach}/told/{whom}", json=told).is_success
        assert waiting() == (0, 0)
