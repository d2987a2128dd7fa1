"""From the first day in the rutan to being forgotten: every step over HTTP on running nodes, and nothing left but a
certificate."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chassis.identity import Actor
from contracts.vocabulary import Role
from sqlalchemy import create_engine
from support import eventually
from support.nation import Nation, Node
from support.traces import mentions

TODAY = datetime.now(UTC).date()
PLANTED = {
    "name": "Tanaman Rahasiawan",
    "alias": "Si Rahasiawati",
    "nik": "9971030502880007",
    "birth_place": "Kotarahasiabaru",
    "address": "Gang Rahasiapanjang 17",
    "register_number": "A.III 770077/2026",
    "contact": "Ibunda Rahasiawanti",
    "phone": "+62 812 7700 7700",
    "witness": "Saksirahasia Uji",
    "verdict": "770/RAHASIA-PUTUSAN",
    "litmas": "770/RAHASIA-LITMAS",
    "minutes": "Rahasiawan menyampaikan rencananya",
    "decree": "770/RAHASIA-SK",
    "reason": "Rahasiadarurat klinik malam",
}
PAPERS = ("putusan", "laporan_pembinaan", "pemberitahuan_kejari", "register_f", "daftar_perubahan", "surat_pernyataan")


def day(days: int) -> str:
    """So many days from today."""
    return str(TODAY + timedelta(days=days))


class Road:
    """One person's road at a running rutan."""

    def __init__(self, rutan: Node) -> None:
        self.rutan, self.id, self.contact = rutan, uuid4(), uuid4()
        self.path = f"/people/{self.id}"

    def ask(self, method: str, path: str, body: Any = None, *, at: str | None = None) -> Any:
        answer = self.rutan.request("intake", method, f"{self.path if at is None else at}{path}", body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    def register(self) -> None:
        self.ask(
            "PUT",
            "",
            {
                "name": PLANTED["name"],
                "aliases": [PLANTED["alias"]],
                "nik": PLANTED["nik"],
                "birth_place": PLANTED["birth_place"],
                "birth_date": "1988-02-05",
                "address": PLANTED["address"],
                "register_number": PLANTED["register_number"],
                "legal_status": "tahanan",
                "sex": "male",
                "admitted_on": day(-500),
            },
        )
        period = {"book": "a_iii", "from_on": day(-20), "until_on": day(2)}
        self.ask("PUT", f"/detention-periods/{uuid4()}", period)
        self.ask("PUT", f"/contacts/{self.contact}", {"name": PLANTED["contact"], "phone": PLANTED["phone"]} | MOTHER)

    def agree(self, purpose: str, **also: Any) -> None:
        self.ask("POST", f"/consents/{purpose}", {"text_version": "v1", "witness": PLANTED["witness"]} | also)

    def convict(self) -> None:
        entry = {"number": "B.I 770078/2026", "book": "b_i", "from_on": day(-3)}
        self.ask("PUT", f"/register-entries/{uuid4()}", entry)
        passed = {
            "decided_on": day(-3),
            "detained_since": day(-500),
            "months": 24,
            "verdict_number": PLANTED["verdict"],
        }
        self.ask("PUT", f"/sentences/{uuid4()}", passed)
        for code, answer in {
            "active_in_programme": "yes",
            "community_accepts": "yes",
            "register_f_read": "yes",
            "foreign_national": "no",
        }.items():
            self.ask("PUT", f"/answers/{uuid4()}", {"code": code, "answer": answer, "source": "register"})
        for level, days in (("tinggi", -300), ("sedang", -3)):
            self.ask("PUT", f"/risk-levels/{uuid4()}", {"assessed_on": day(days), "level": level})

    def rights(self) -> dict[str, Any]:
        return {right["right"]: right for right in self.ask("GET", "/rights")}

    def conditional_release(self) -> None:
        proposal, sitting = uuid4(), uuid4()
        at = f"/proposals/{proposal}"
        self.ask("PUT", at, {"right": "pb", "wanted_by_person_on": day(-3)})
        for code in PAPERS:
            self.ask("PUT", f"{at}/documents/{code}", {"received_on": day(-2), "number": PLANTED["litmas"]})
        litmas = {"requested_on": day(-3), "received_on": day(-2), "advice": "supported", "number": PLANTED["litmas"]}
        self.ask("PUT", f"{at}/litmas", litmas)
        self.surety()
        self.ask("PUT", f"{at}/guarantor", {"contact": str(self.contact)})
        self.ask("PUT", f"{at}/completion", {"on": day(-2)})
        member = self.board_member()
        planned = {"held_on": day(-2), "agenda": [str(proposal)], "members": [member[0], str(uuid4()), str(uuid4())]}
        self.ask("PUT", "", planned, at=f"/sittings/{sitting}")
        advice = {"advice": "recommended", "minutes": [PLANTED["minutes"]]}
        answer = self.rutan.request_as(member[1], "intake", "PUT", f"/sittings/{sitting}/advice/{proposal}", advice)
        assert answer.is_success, answer.text
        self.ask("PUT", f"{at}/dispatch", {"on": day(-1)})
        self.ask("PUT", f"{at}/decision", {"on": day(-1), "granted": True, "decree_number": PLANTED["decree"]})

    def surety(self) -> None:
        guarantor = f"/guarantors/{uuid4()}"
        agreed = {"wish": "guarantor", "answer": "yes", "asked_on": day(-3)}
        self.ask("PUT", f"/contacts/{self.contact}/answers/{uuid4()}", agreed)
        self.ask("PUT", guarantor, {"contact": str(self.contact)})
        self.ask("POST", f"{guarantor}/letter", {"received_on": day(-3)})
        self.ask("POST", f"{guarantor}/countersignature", {"countersigned_on": day(-2), "countersigned_by": "kades"})

    def board_member(self) -> tuple[str, Actor]:
        actor = Actor(uuid4(), self.rutan.folder.site, frozenset({Role.ASSESSMENT_BOARD}))
        return str(actor.id), actor


MOTHER = {"relation": "parent"}


def raw(node: Node) -> Iterator[tuple[Path, bytes]]:
    """Every file of a node as it lies on the disk: tables, write-ahead logs, streams, logs."""
    for path in sorted(node.folder.path.rglob("*")):
        if path.is_file() and not path.is_symlink():
            try:
                yield path, path.read_bytes()
            except FileNotFoundError:  # a running server's own
                continue


def readable_at(*nodes: Node) -> list[str]:
    """Which planted values stand readable in any file of these nodes."""
    wanted = {word: value.encode() for word, value in PLANTED.items()}
    return [
        f"{word} in {path.relative_to(node.folder.path.parent)}"
        for node in nodes
        for path, content in raw(node)
        for word, value in wanted.items()
        if value in content
    ]


def tables_with(node: Node, service: str, person: UUID) -> set[str]:
    """The tables of a service that hold the person's id."""
    engine = create_engine(node.folder.running["databases"][service])
    try:
        return mentions(engine, person)
    finally:
        engine.dispose()


def test_a_person_goes_the_whole_road_and_can_be_forgotten(nation: Nation) -> None:
    rutan = nation.rutan()
    road = Road(rutan)
    road.register()
    detention = road.ask("GET", "/alerts/detention", at="")
    assert str(road.id) in str(detention)
    assert {right["possible"] for right in road.rights().values()} == {"not_possible"}

    for purpose in ("assessment", "programme", "follow_up", "family_contact"):
        road.agree(purpose)
    road.agree("partner_sharing", recipient="yayasan-jalan")
    road.convict()
    pb = road.rights()["pb"]
    assert pb["possible"] == "now"
    assert all(reason["source"]["clause"] and reason["source"]["rule_set"] for reason in pb["reasons"])

    road.conditional_release()
    road.ask("POST", "/emergency-looks", {"reason": PLANTED["reason"]})
    road.ask("PUT", f"/releases/{uuid4()}", {"released_on": day(0), "mode": "pb"})

    road.ask("POST", "/consents/partner_sharing/withdrawal", {"recipient": "yayasan-jalan"})
    proof = "/consents/partner_sharing/withdrawal-proof?recipient=yayasan-jalan"
    eventually(lambda: road.ask("GET", proof)["complete_at"], within_s=120)
    assert {"assessment", "programs", "partner_matching", "outcomes", "central", "partner_gateway"} <= {
        reader["reader"] for reader in road.ask("GET", proof)["readers"]
    }

    card = str(road.ask("GET", "/card"))
    # Or finding nothing on the disk would say nothing.
    assert [word for word, value in PLANTED.items() if value not in card] == []
    assert readable_at(rutan, nation.hub) == []

    erasure = f"/erasures/{uuid4()}"
    road.ask("PUT", erasure, {"received_on": day(0), "ground": "asked"})
    road.ask("PUT", f"{erasure}/decision", {"outcome": "done"})
    certificate = f"{erasure}/certificate"
    eventually(lambda: "belum ada kabar" not in str(road.ask("GET", certificate)["pelaksanaan"]), within_s=120)
    assert rutan.request("intake", "GET", road.path).status_code == 404
    assert readable_at(rutan, nation.hub) == []
    held = rutan.request("intake", "GET", f"{road.path}/card").text
    assert [word for word, value in PLANTED.items() if value in held] == []
    held_by = {service: tables_with(rutan, service, road.id) for service in rutan.folder.services}
    assert held_by.pop("intake") <= {"person", "erasure", "followed", "effect"}
    assert set().union(*held_by.values()) == set()
