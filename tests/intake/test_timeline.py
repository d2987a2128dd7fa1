"""The whole road at a rutan in one answer, each part for those who read it where it stands."""

from typing import Any
from uuid import UUID, uuid4

from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from support import Rutan, a_person, staff
from support.hearing import api

SENTENCE = {
    "decided_on": "2026-02-01",
    "detained_since": "2026-01-02",
    "verdict_number": "1/Pid/2026",
    "months": 8,
}


def registered(intake: TestClient, **fields: Any) -> str:
    person = f"/people/{uuid4()}"
    sent = a_person(legal_status="tahanan", register_number="A.I 9/2026", admitted_on="2026-01-02") | fields
    assert intake.put(person, json=sent).status_code == 201
    return person


def seen(intake: TestClient, person: str, *roles: Role, site: str = "") -> list[tuple[Any, ...]]:
    headers = staff(site, *roles) if roles else {}
    answer = intake.get(f"{person}/timeline", headers=headers)
    assert answer.status_code == 200, answer.text
    return [(one["on"], one["what"], one["of"]) for one in answer.json()["entries"]]


def test_everything_of_every_entry_of_a_person_stands_in_its_order(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, period = registered(intake), uuid4()
        held = {"book": "a_i", "from_on": "2026-01-02", "until_on": "2026-01-21"}
        intake.put(f"{person}/detention-periods/{period}", json=held)
        wrong = held | {"from_on": "2026-01-22", "until_on": "2026-01-30"}
        intake.put(f"{person}/detention-periods/{(mistake := uuid4())}", json=wrong)
        intake.post(f"{person}/detention-periods/{mistake}/annulment")
        moved = {"number": "B.IIa 4/2026", "book": "b_iia", "from_on": "2026-02-02"}
        intake.put(f"{person}/register-entries/{uuid4()}", json=moved)
        assert intake.put(f"{person}/sentences/{uuid4()}", json=SENTENCE).status_code == 201
        intake.put(f"{person}/transfers/{(transfer := uuid4())}", json={"to_site": "lain"})
        intake.post(f"{person}/transfers/{transfer}/cancellation")
        intake.post(f"{person}/consents/programme/declination", json={"text_version": "v1"})
        intake.put(f"{person}/releases/{uuid4()}", json={"released_on": "2026-03-01", "mode": "pb"})
        told = seen(intake, person)
        assert told[:6] == [
            ("2026-01-02", "admitted", "new"),
            ("2026-01-02", "register_entered", "a_i"),
            ("2026-01-02", "detained", "a_i"),
            ("2026-02-01", "sentenced", None),
            ("2026-02-02", "register_entered", "b_iia"),
            ("2026-03-01", "released", "pb"),
        ]
        assert {what for _, what, _ in told[6:]} == {"transfer_offered", "transfer_cancelled", "consent_declined"}
        twin = registered_again(intake, person)
        assert seen(intake, twin) == sorted(seen(intake, person), key=lambda one: one[0])


def registered_again(intake: TestClient, person: str) -> str:
    """Another entry of the same person, which speaks for them from now on."""
    kept = f"/people/{uuid4()}"
    assert intake.put(kept, json=a_person(register_number="B.I 77/2026")).status_code == 201
    assert intake.post(f"{person}/merge", json={"into": kept[8:]}).status_code == 201
    return kept


def test_no_role_reads_here_what_it_may_not_read_where_it_stands(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake, legal_status="narapidana", register_number="B.I 9/2026")
        intake.put(f"{person}/sentences/{uuid4()}", json=SENTENCE)
        intake.post(f"{person}/consents/programme/declination", json={"text_version": "v1"})
        intake.put(f"{person}/erasures/{uuid4()}", json={"received_on": "2026-03-01", "ground": "asked"})
        by_role = {
            role: {what for _, what, _ in seen(intake, person, role, site=rutan.site)}
            for role in (Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.PRIVACY_OFFICER)
        }
        everybody = {"admitted", "register_entered"}
        assert by_role == {
            Role.REGISTRAR: everybody | {"sentenced", "consent_declined", "erasure_asked"},
            Role.COUNSELLOR: everybody | {"sentenced", "consent_declined"},
            Role.HEAD: everybody | {"sentenced"},
            Role.PRIVACY_OFFICER: everybody | {"erasure_asked"},
        }
        instructor = intake.get(f"{person}/timeline", headers=staff(rutan.site, Role.INSTRUCTOR))
        assert instructor.status_code == 403


def test_a_restricted_record_s_road_is_closed_too_and_who_looked_is_noted(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        intake.put(f"{person}/restriction", json={"restricted": True})
        closed = intake.get(f"{person}/timeline", headers=staff(rutan.site, Role.REGISTRAR))
        assert closed.json()["title"] == "record-restricted"
        seen(intake, person, Role.HEAD, site=rutan.site)
        assert rutan.one("intake", "select count(*) from read_log where subject = :id", id=UUID(person[8:])) == 1
