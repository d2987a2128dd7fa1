"""A person who was sentenced, a right proposed for them, and the TPP that advises on it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.identity import Tokens
from contracts.vocabulary import Role
from fastapi.testclient import TestClient

from support import Rutan, a_person, staff
from support.days import day

NOW = datetime.now(UTC)
PAPERS = ["putusan", "laporan_pembinaan", "pemberitahuan_kejari", "register_f", "daftar_perubahan", "surat_pernyataan"]
FOREIGN = ["jaminan_kedutaan", "surat_imigrasi", "surat_interpol"]


def put(intake: TestClient, path: str, sent: dict[str, Any], **options: Any) -> tuple[int, str]:
    """The status, and what was refused."""
    answer = intake.put(path, json=sent, **options)
    return answer.status_code, str(answer.json().get("title", ""))


def sentenced(intake: TestClient, *, months: int = 24, served: int = 500, **fields: Any) -> str:
    """A person who was sentenced, and of whom the regulations' questions are answered."""
    person = f"/people/{uuid4()}"
    assert intake.put(person, json=a_person(**fields)).status_code == 201
    passed = {
        "decided_on": day(-served + 30),
        "detained_since": day(-served),
        "months": months,
        "verdict_number": "9/Pid",
    }
    assert put(intake, f"{person}/sentences/{uuid4()}", passed) == (201, "")
    for code, answer in (
        ("active_in_programme", "yes"),
        ("community_accepts", "yes"),
        ("register_f_read", "yes"),
        ("foreign_national", "no"),
    ):
        said = {"code": code, "answer": answer, "source": "register"}
        assert put(intake, f"{person}/answers/{uuid4()}", said) == (201, "")
    for level, days in (("tinggi", -300), ("sedang", -30)):
        assert put(intake, f"{person}/risk-levels/{uuid4()}", {"assessed_on": day(days), "level": level}) == (201, "")
    return person


def proposed(intake: TestClient, person: str, right: str = "pb") -> str:
    at = f"{person}/proposals/{uuid4()}"
    assert put(intake, at, {"right": right, "wanted_by_person_on": day(-20)}) == (201, "")
    return at


def agreeing(intake: TestClient, person: str) -> str:
    """Somebody of the family who agreed to stand surety."""
    contact = str(uuid4())
    known = {"relation": "parent", "name": "Ibu Rekaan"}
    agreed = {"wish": "guarantor", "answer": "yes", "asked_on": day(-14)}
    assert put(intake, f"{person}/contacts/{contact}", known) == (201, "")
    assert put(intake, f"{person}/contacts/{contact}/answers/{uuid4()}", agreed) == (201, "")
    return contact


def stand_surety(intake: TestClient, person: str, contact: str) -> str:
    """The letter came, and the village head signed it."""
    at = f"{person}/guarantors/{uuid4()}"
    assert put(intake, at, {"contact": contact}) == (201, "")
    for step, sent in (
        ("letter", {"received_on": day(-14)}),
        ("countersignature", {"countersigned_on": day(-13), "countersigned_by": "kades"}),
    ):
        assert intake.post(f"{at}/{step}", json=sent).status_code == 201
    return at


def surety(intake: TestClient, person: str) -> str:
    """A contact who stands surety."""
    contact = agreeing(intake, person)
    stand_surety(intake, person, contact)
    return contact


def completed(intake: TestClient, person: str, right: str = "pb") -> str:
    at = proposed(intake, person, right)
    for code in PAPERS:
        assert put(intake, f"{at}/documents/{code}", {"received_on": day(-15), "number": "W9/1"}) == (201, "")
    litmas = {"requested_on": day(-19), "received_on": day(-14), "advice": "supported", "number": "W9/L"}
    assert put(intake, f"{at}/litmas", litmas) == (201, "")
    assert put(intake, f"{at}/guarantor", {"contact": surety(intake, person)}) == (201, "")
    assert put(intake, f"{at}/completion", {"on": day(-13)}) == (201, "")
    return at


class Board:
    """Three who sit."""

    def __init__(self, rutan: Rutan, intake: TestClient) -> None:
        self.intake, self.headers = intake, staff(rutan.site, Role.ASSESSMENT_BOARD)
        claims = rutan.settings("intake")
        self.me = member(self.headers, claims.token_key, rutan.site)
        self.members = [str(self.me), str(uuid4()), str(uuid4())]

    def sitting(self, *proposals: str, on: int = -10, members: list[str] | None = None) -> str:
        at = f"/sittings/{uuid4()}"
        assert self.plan(at, *proposals, on=on, members=members) == (201, "")
        return at

    def planned(self, *proposals: str, on: int = -10, members: list[str] | None = None) -> dict[str, Any]:
        agenda = [ref(proposal) for proposal in proposals]
        return {"held_on": day(on), "agenda": agenda, "members": self.members if members is None else members}

    def plan(self, at: str, *proposals: str, instead_of: dict[str, Any] | None = None, **said: Any) -> tuple[int, str]:
        return put(self.intake, at, self.planned(*proposals, **said) | {"instead_of": instead_of})

    def advise(self, sitting: str, proposal: str, advice: str = "recommended", **said: Any) -> tuple[int, str]:
        sent = {"advice": advice, "minutes": ["Rekaan Uji hadir."], **said}
        return put(self.intake, f"{sitting}/advice/{ref(proposal)}", sent, headers=self.headers)


def member(headers: dict[str, str], key: str, site: str) -> UUID:
    return Tokens(key, site).actor(headers["authorization"].removeprefix("Bearer ")).id


def ref(path: str) -> str:
    return path.rsplit("/", 1)[1]


def said(rutan: Rutan, *types: str) -> list[dict[str, Any]]:
    rows = rutan.sql(
        "intake",
        "select type, convert_from(body, 'utf8')::json as said from outbox where audience = 'site' order by id",
    )
    return [row.said for row in rows if row.type.split(".")[1] in types]


def state(intake: TestClient, proposal: str) -> dict[str, Any]:
    [found] = [p for p in intake.get(proposal.rsplit("/", 1)[0]).json() if p["proposal"] == ref(proposal)]
    return dict(found)
