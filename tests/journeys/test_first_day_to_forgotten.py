"""From the first day in the rutan to being forgotten: every step over HTTP on running nodes, and nothing left but a
certificate."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import create_engine
from support import eventually
from support.days import day
from support.nation import Nation, Node
from support.road import Road
from support.traces import mentions

PLANTED = {
    "name": "Tanaman Rahasiawan",
    "alias": "Si Rahasiawati",
    "nik": "9971030502880007",
    "birth_place": "Kotarahasiabaru",
    "address": "Gang Rahasiapanjang 17",
    "register_number": "A.III 770077/2026",
    "sentenced_number": "B.I 770078/2026",
    "contact": "Ibunda Rahasiawanti",
    "phone": "+62 812 7700 7700",
    "witness": "Saksirahasia Uji",
    "verdict": "770/RAHASIA-PUTUSAN",
    "litmas": "770/RAHASIA-LITMAS",
    "minutes": "Rahasiawan menyampaikan rencananya",
    "decree": "770/RAHASIA-SK",
    "reason": "Rahasiadarurat klinik malam",
}


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


def test_a_person_goes_the_whole_road_and_can_be_forgotten(nation: Nation, rutan: Node) -> None:
    road = Road(rutan, PLANTED)
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
