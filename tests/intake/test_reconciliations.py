"""The ministry's counts beside ours: differences are shown, and nothing is corrected."""

from datetime import date
from typing import Any
from uuid import uuid4

from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from support import Rutan, a_person, staff
from support.hearing import api

DAY = "2026-06-01"


def register(intake: TestClient, number: str, admitted_on: str = "2026-01-05") -> str:
    person = f"/people/{uuid4()}"
    sent = a_person(register_number=number, admitted_on=admitted_on)
    answer = intake.put(person, json=sent)
    assert answer.status_code == 201, answer.text
    return person


def compare(intake: TestClient, on: str = DAY, **counts: int) -> dict[str, Any]:
    answer = intake.put(f"/reconciliations/{on}", json={"counts": counts})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def book(compared: dict[str, Any], name: str) -> dict[str, Any]:
    return next(line for line in compared["books"] if line["book"] == name)


def test_each_register_stands_beside_ours_and_what_the_report_leaves_out_is_unknown(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        register(intake, "B.I 1/2026")
        register(intake, "B.I 2/2026")
        register(intake, "TANPA BUKU")
        compared = compare(intake, b_i=3, a_i=0)
        assert book(compared, "b_i") == {"book": "b_i", "theirs": 3, "ours": 2, "difference": -1, "now": 2}
        assert book(compared, "a_i")["difference"] == 0
        assert book(compared, "a_v")["difference"] is None
        assert book(compared, "unknown") == {
            "book": "unknown",
            "theirs": None,
            "ours": 1,
            "difference": None,
            "now": 1,
        }
        assert compared["data_until"] and compared["earlier"] == 0
    assert rutan.one("intake", "select count(*) from register_entry") == 3


def test_a_day_counts_who_was_inside_at_its_end(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        register(intake, "B.I 1/2026", "2026-06-02")
        left = register(intake, "B.I 2/2026", "2026-05-01")
        released = intake.put(f"{left}/releases/{uuid4()}", json={"released_on": "2026-06-03", "mode": "pb"})
        assert released.status_code == 201
        ours = [book(compare(intake, f"2026-06-0{day}", b_i=1), "b_i")["ours"] for day in (1, 2, 3)]
        assert ours == [1, 2, 1]


def test_the_same_counts_again_change_nothing_and_other_counts_are_another_comparison(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        first = compare(intake, b_i=1)
        register(intake, "B.I 1/2026")
        again = compare(intake, b_i=1)
        assert again["compared_at"] == first["compared_at"]
        # What was compared stays as it was; what is known by now stands beside it.
        assert book(again, "b_i") == {"book": "b_i", "theirs": 1, "ours": 0, "difference": -1, "now": 1}
        assert compare(intake, b_i=2)["earlier"] == 1
    assert rutan.one("intake", "select count(*) from reconciliation") == 2


def test_days_without_a_comparison_are_listed(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        today = intake.get("/reconciliations?days=1").json()["missing"][0]
        compare(intake, today, b_i=1)
        listed = intake.get("/reconciliations?days=3").json()
        assert [day["on"] for day in listed["days"]][-1] == today
        assert [day["differing"] for day in listed["days"]] == [None, None, 1]
        assert len(listed["missing"]) == 2 and today not in listed["missing"]
        assert intake.get("/reconciliations/2020-01-01").json()["title"] == "not-reconciled"


def test_a_day_that_has_not_come_cannot_be_compared_and_only_the_registrar_compares(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        sent = {"counts": {"b_i": 1}}
        assert intake.put(f"/reconciliations/{date(2099, 1, 1)}", json=sent).json()["title"] == "day-not-come"
        head = staff(rutan.site, Role.HEAD)
        assert intake.put(f"/reconciliations/{DAY}", json=sent, headers=head).status_code == 403
        assert intake.get("/reconciliations", headers=head).status_code == 200
        assert intake.put(f"/reconciliations/{DAY}", json={"counts": {}}).status_code == 422
