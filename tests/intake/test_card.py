"""Kartu Saya shows everything that is held, in words that the person knows, and who looked at it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from chassis import readlog
from chassis.identity import Actor
from chassis.readlog import Look
from chassis.vault import vault_of
from contracts.intake import ReadLogSealed
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from intake.commands.looks import seal_read_log
from intake.queries.looks import PAGE
from support import Rutan, a_person, staff
from support.hearing import api

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def registered(intake: TestClient) -> str:
    person = f"/people/{uuid4()}"
    sent = a_person(name="Siti Contohwati", nik="9971014107900001", sex="female")
    sent["register_number"] = f"BI-77/CONTOH-{person[8:16]}"
    assert intake.put(person, json=sent).status_code == 201
    return person


def test_the_card_opens_what_is_sealed_and_names_it_in_plain_words(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, other = registered(intake), registered(intake)
        intake.post(f"{person}/consents/partner_sharing", json={"text_version": "v1", "recipient": "yayasan-satu"})
        intake.post(f"{person}/consents/programme/declination", json={"text_version": "v1"})
        intake.put(f"{other}/releases/{uuid4()}", json={"released_on": "2026-02-03", "mode": "pb"})
        intake.get(person)
        card = intake.get(f"{person}/card").json()
        assert card["layanan"] == "registrasi"
        [self] = card["catatan"]["data diri"]
        assert self["identitas"] == {"nama": "Siti Contohwati", "NIK": "9971014107900001"}
        assert (self["jenis kelamin"], self["berada di rutan"], self["tahun lahir"]) == ("perempuan", True, None)
        assert [entry["nomor"] for entry in card["catatan"]["nomor register"]] == [f"BI-77/CONTOH-{person[8:16]}"]
        assert {a["tujuan"] for a in card["catatan"]["jawaban atas permintaan persetujuan"]} == {
            "program",
            "berbagi data penempatan kerja dengan mitra",
        }
        assert "bebas dan kembali" not in card["catatan"]  # that is the other's
        assert card["persetujuan yang berlaku"] == ["berbagi data penempatan kerja dengan mitra"]
        assert [partner["mitra"] for partner in card["mitra"]] == ["yayasan-satu"]
        assert [look["keperluan"] for look in card["dilihat oleh"]] == ["pelayanan"] * 2
        assert len(card["dilihat oleh"][0]["peran"]) == len(Role)


def test_who_looked_at_either_of_two_entries_of_one_person_is_told(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        dropped, kept = registered(intake), registered(intake)
        intake.get(dropped, headers=staff(rutan.site, Role.HEAD) | {"jembatan-purpose": "audit"})
        assert intake.post(f"{dropped}/merge", json={"into": kept[8:]}).status_code == 201
        looks = [look["keperluan"] for look in intake.get(f"{kept}/looks").json()["looks"]]
        assert looks == ["pelayanan", "audit"]


def test_who_looked_is_told_page_by_page_the_latest_first(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        with rutan.database("intake").transaction() as session:
            by = Actor(uuid4(), rutan.site, frozenset({Role.HEAD}))
            for n in range(PAGE + 4):
                readlog.note(session, UUID(person[8:]), Look(by, "audit", AT + timedelta(minutes=n)))
        first, second = (intake.get(f"{person}/looks?page={page}").json() for page in (1, 2))
        assert (first["count"], len(first["looks"])) == (PAGE + 5, PAGE)
        # The second question was a look as well.
        assert (second["count"], len(second["looks"])) == (PAGE + 6, 6)
        assert second["looks"][-1]["pada"] == "2026-03-01T08:00:00Z"
        assert intake.get(f"{person}/looks?page=0").status_code == 422


def test_who_looked_is_told_with_the_reason_of_an_emergency_and_the_question_is_a_look_itself(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        subject = UUID(person[8:])
        with rutan.database("intake").transaction() as session:
            reason = vault_of(session).seal(subject, "read_log.reason", b"Keluarga mencari Siti")
            head = Actor(uuid4(), rutan.site, frozenset({Role.HEAD}))
            readlog.note(session, subject, Look(head, "family", AT, emergency=True, reason=reason))
        officer = staff(rutan.site, Role.PRIVACY_OFFICER) | {"jembatan-purpose": "audit"}
        [mine, emergency] = intake.get(f"{person}/looks", headers=officer).json()["looks"]
        assert emergency == {
            "pada": "2026-03-01T08:00:00Z",
            "petugas": str(head.id),
            "peran": ["kepala rutan"],
            "keperluan": "keluarga",
            "darurat": True,
            "alasan darurat": "Keluarga mencari Siti",
        }
        assert (mine["keperluan"], mine["darurat"], mine["alasan darurat"]) == ("audit", False, None)
        assert intake.get(f"{person}/looks", headers=staff(rutan.site, Role.REGISTRAR)).status_code == 403
        assert "Siti" not in str(rutan.sql("intake", "select t::text from read_log t"))
        intake.put(f"{person}/releases/{uuid4()}", json={"released_on": "2026-02-03", "mode": "murni"})
        erasure = f"{person}/erasures/{uuid4()}"
        intake.put(erasure, json={"received_on": "2026-03-01", "ground": "asked"})
        assert intake.put(f"{erasure}/decision", json={"outcome": "done"}).status_code == 201
        assert intake.get(f"{person}/looks").json()["looks"][-1]["alasan darurat"] == "(tidak dapat dibuka)"
        left = intake.get(f"{person}/card").json()["catatan"]
        assert left.keys() == {"data diri", "permintaan penghapusan data"}
        assert left["data diri"][0]["identitas"] is None


def test_the_logs_length_leaves_once_a_day_and_only_if_it_changed(rutan: Rutan) -> None:
    def looked(count: int) -> None:
        with rutan.database("intake").transaction() as session:
            for _ in range(count):
                look = Look(Actor(uuid4(), rutan.site, frozenset({Role.HEAD})), "service", AT)
                readlog.note(session, uuid4(), look)

    def swept(days: float) -> list[int]:
        with rutan.database("intake").transaction() as session:
            seal_read_log(session, AT + timedelta(days=days))
        rows = rutan.sql("intake", "select body from outbox where type like '%read_log%' and audience = 'site'")
        return sorted(ReadLogSealed.model_validate_json(row.body).looks for row in rows)

    assert swept(0) == []
    looked(2)
    assert swept(0) == swept(0.5) == [2]
    looked(1)
    assert swept(0.9) == [2]
    assert swept(1) == swept(3) == [2, 3]
    rutan.change("intake", "delete from read_log where id = 3")
    assert swept(4) == swept(9) == [2, 2, 3]
