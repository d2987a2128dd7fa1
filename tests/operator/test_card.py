"""Kartu Saya is everything that a rutan holds about somebody, on paper, in words that they know."""

import importlib
import json
import re
import stat
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.about import about
from contracts.vocabulary import Domain
from jembatan import card
from jembatan.cli import app
from jembatan.folder import SITE_SERVICES
from sqlalchemy import Enum
from support import Rutan, a_person
from support.folders import answering
from typer.testing import CliRunner

from contracts import words

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
    page = card.page_of(told)
    assert page["persetujuan"] == ["program"]
    [self] = page["layanan"][0]["catatan"][0]["isi"]
    assert ["identitas", "nama: Siti Contohwati; NIK: 9971014107900001"] in self
    assert ["tahun lahir", "tidak diketahui"] in self
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
    assert card.told(value) == written


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


def test_the_areas_of_life_keep_their_names_beside_columns_of_the_same_word() -> None:
    assert set(Domain) <= words.VALUES.keys()
