"""Kartu Saya is everything that a rutan holds about somebody, on paper, in words that they know."""

import importlib
import json
import re
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.about import about
from contracts.vocabulary import Domain
from intake.queries.regulations import questions, rule_sets
from jembatan import card
from jembatan.cli import app
from jembatan.folder import SITE_SERVICES
from sqlalchemy import Enum
from support import Rutan, a_person
from support.folders import answering
from support.hearing import api
from typer.testing import CliRunner
from ui.card import page_of
from ui.card import told as told_as

from contracts import event_classes, words

PERSON, STAFF = UUID(int=11), UUID(int=12)


def jembatan(*argv: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in argv])


def test_the_card_holds_what_every_service_knows_and_says_who_looked(rutan: Rutan, tmp_path: Path) -> None:
    with answering(tmp_path, rutan) as site:
        sent = a_person(name="Siti Contohwati", nik="9971014107900001", register_number="BI-77/CONTOH")
        assert site.request("intake", "PUT", f"/people/{PERSON}", sent).status_code == 201
        release = {"released_on": "2026-02-03", "mode": "pb"}
        assert site.request("intake", "PUT", f"/people/{PERSON}/releases/{uuid4()}", release).status_code == 201
        site.request("intake", "POST", f"/people/{PERSON}/consents/programme", {"text_version": "v1"})
        site.request("intake", "GET", f"/people/{PERSON}")
        out, as_json = tmp_path / "kartu.pdf", tmp_path / "kartu.json"
        argv = ("card", rutan.site, PERSON, "--out", out, "--json", as_json, "--data", tmp_path)
        for more in ((), ("--staff", STAFF)):
            done = jembatan(*argv, *more)
            assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    made = out.read_bytes()
    assert made.startswith(b"%PDF") and b"pdfuaid" in made
    assert {stat.S_IMODE(path.stat().st_mode) for path in (out, as_json)} == {0o600}
    told = json.loads(as_json.read_text())
    assert [service["layanan"] for service in told["layanan"]] == [words.SERVICES[name] for name in SITE_SERVICES]
    page = page_of(told)
    assert page["persetujuan"] == ["program"]
    [self] = page["layanan"][0]["catatan"][0]["isi"]
    assert ("identitas", ["nama: Siti Contohwati", "NIK: 9971014107900001"]) in self
    # What nobody filled in is neither no nor unknown, and is not printed.
    assert "dibatasi pada" not in dict(self) and "tahun lahir" not in dict(self)
    assert [row[1:3] for row in page["dilihat"][:2]] == [
        [page["dilihat"][0][1], "pelayanan"],
        ["Anda sendiri", "permintaan orangnya sendiri"],
    ]
    assert "petugas pelindungan data" in page["dilihat"][-1][1]
    # Every service noted that it was asked: for the first card, and for the second.
    for service in SITE_SERVICES:
        actors = rutan.sql(service, "select actor from read_log where purpose = 'subject-access' order by id")
        assert [row.actor for row in actors] == [PERSON, STAFF]
    assert re.search(r"[a-z]_[a-z]|[0-9a-f]{8}-[0-9a-f]{4}-", str(page).replace(rutan.site, "")) is None


def test_a_card_that_would_leave_a_service_out_is_not_printed(rutan: Rutan, tmp_path: Path) -> None:
    with answering(tmp_path, rutan) as site:
        site.running["services"]["outcomes"] = "http://127.0.0.1:1"
        site.folder.write_running(site.running)
        done = jembatan("card", rutan.site, PERSON, "--out", tmp_path / "kartu.pdf", "--data", tmp_path)
    assert done.exit_code == 2
    assert done.stderr.startswith("outcomes tidak menjawab")
    assert not (tmp_path / "kartu.pdf").exists()


def test_a_card_of_somebody_of_whom_nothing_is_held_says_that(rutan: Rutan, tmp_path: Path) -> None:
    with answering(tmp_path, rutan) as site:
        told = card.ask(site.folder, uuid4())
    assert [service["catatan"] for service in told["layanan"]] == [{}] * 5
    assert card.as_pdf(told).startswith(b"%PDF")


def test_an_estimate_is_told_in_sentences_and_the_question_behind_an_answer_in_words(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = f"/people/{PERSON}"
        intake.put(at, json=a_person())
        served = {"decided_on": "2024-03-02", "detained_since": "2024-01-03", "months": 48, "verdict_number": "1"}
        intake.put(f"{at}/sentences/{uuid4()}", json=served)
        answer = {"code": "active_in_programme", "answer": "yes", "source": "programme"}
        intake.put(f"{at}/answers/{uuid4()}", json=answer)
        wanted = {"right": "pb", "wanted_by_person_on": "2026-10-01"}
        assert intake.put(f"{at}/proposals/{uuid4()}", json=wanted).status_code == 201
        held = intake.get(f"{at}/card").json()
    told = {"rutan": rutan.site, "orang": str(PERSON), "disusun": "2026-02-03T08:00:00Z", "layanan": [held]}
    page = page_of(told)
    records = {table["nama"]: dict(table["isi"][0]) for table in page["layanan"][0]["catatan"]}
    assert records["keterangan untuk hak integrasi"]["pertanyaan"] == "aktif mengikuti pembinaan"
    assert (records["putusan pengadilan"]["bulan"], records["putusan pengadilan"]["hari"]) == ("48", "0")
    basis = records["pengusulan hak integrasi"]["dasar perhitungan"]
    assert basis[0] == "Perkiraan, bukan keputusan."
    assert any(line.startswith("Setengah masa pidana: ") for line in basis)
    assert re.search(r"[a-z]_[a-z]|working|source", str(records)) is None


VALUES = {
    "yes": (True, "ya"),
    "no": (False, "tidak"),
    "unknown": (None, "tidak diketahui"),
    "a day": ("2026-02-03", "3 Februari 2026"),
    "a list": (["bengkel", "jasa"], "bengkel, jasa"),
    "nothing in it": ([], "tidak ada"),
    "what only looks like a day": ("2026-02-03/A", "2026-02-03/A"),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_value_is_written_as_people_write_it(what: str) -> None:
    value, written = VALUES[what]
    assert told_as(value) == written


def held(service: str) -> list[Any]:
    """The tables of a service that say something about somebody."""
    metadata = importlib.import_module(f"{service}.model").Table.metadata
    return list(about(metadata, "person", PERSON))


ABOUT = {
    "intake": {"person", "register_entry", "release", "consent", "erasure"},
    "assessment": {"needs_assessment"},
    "programs": {"needs", "plan", "enrolment", "attendance"},
    "partner_matching": {"profile", "match", "placement", "milestone"},
    "outcomes": {"release", "follow_up"},
}


@pytest.mark.parametrize("service", SITE_SERVICES)
def test_every_table_about_somebody_is_found_and_no_other(service: str) -> None:
    found = {table.name for table in held(service)}
    assert ABOUT[service] <= found
    assert not found & {"partner", "vacancy", "programme", "breach"}


@pytest.mark.parametrize("service", SITE_SERVICES)
def test_everything_that_is_held_has_a_name_in_indonesian(service: str) -> None:
    nameless: set[str] = set()
    for table in held(service):
        nameless |= {table.name} - words.TABLES.keys()
        for column in table.columns:
            if column.name != "blind" and not column.info.get("hidden"):
                nameless |= {column.name} - words.COLUMNS.keys()
            if isinstance(column.type, Enum):
                nameless |= set(column.type.enums) - words.VALUES.keys()
    assert nameless == set()


def test_what_a_regulation_asks_and_wants_to_see_has_a_name() -> None:
    papers = {document.code for rules in rule_sets() for document in rules.documents}
    assert (questions().keys() | papers) - words.VALUES.keys() == set()


@pytest.mark.parametrize("kept", [words.COLUMNS, words.VALUES])
def test_a_word_of_one_table_is_of_a_table_that_there_is(kept: dict[str, str]) -> None:
    assert {word.split(".")[0] for word in kept if "." in word} <= words.TABLES.keys()
    assert words.column("visit", "kept") == "terlaksana" and words.column("erasure", "kept") == "yang disimpan"
    assert words.value("family_referral", "done") == "sudah dilayani" and words.value("erasure", "done") == "dihapus"


@pytest.mark.parametrize(("zone", "said"), [("UTC", "pukul 14.05 WIB"), ("Asia/Jayapura", "pukul 16.05 WIT")])
def test_an_hour_is_told_by_the_machine_s_clock_and_never_by_greenwich(
    zone: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        told = words.at(datetime(2026, 2, 3, 7, 5, tzinfo=UTC))
    time.tzset()
    assert told == f"3 Februari 2026 {said}"


def test_the_areas_of_life_keep_their_names_beside_columns_of_the_same_word() -> None:
    assert set(Domain) <= words.VALUES.keys()


def test_every_event_of_a_rutan_is_called_something_in_indonesian() -> None:
    ours = {type.rpartition(".v")[0] for type, event in event_classes.items() if event.audience != "partner"}
    assert ours == words.EVENTS.keys()
