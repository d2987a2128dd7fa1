"""The register from the command line: one command in, one command out again."""

import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contracts.vocabulary import RegisterBook
from jembatan import register_commands, register_import, register_sample
from jembatan.cli import app
from jembatan.folder import Folder, write_secret
from jembatan.node import service_of
from openpyxl import load_workbook
from support import Rutan
from support.folders import served
from support.rutan import ISSUER
from typer.testing import CliRunner

WIDE = {"COLUMNS": "200"}


@pytest.fixture
def data(rutan: Rutan, tmp_path: Path) -> Iterator[Path]:
    """A data folder whose node's register answers."""
    folder = Folder(tmp_path / rutan.site)
    folder.create(rutan.site)
    keys = json.loads((folder.path / "keys.json").read_text())
    write_secret(folder.path / "keys.json", json.dumps(keys | {"issuer": ISSUER.private_jwk()}))
    intake = service_of("intake").app(rutan.settings("intake"))
    with served(intake, lifespan="off") as (url,):
        folder.write_running({"services": {"intake": url}})
        yield tmp_path
    intake.state.database.close()


def jembatan(data: Path, rutan: Rutan, *argv: object) -> Any:
    words = ["register", *(str(word) for word in argv), "--site", rutan.site, "--data", str(data)]
    return CliRunner().invoke(app, words, env=WIDE)


def sample(out: Path, rows: int, bad: int, seed: int = 1) -> list[int]:
    made, wrong = register_sample.sample(rows, bad, seed)
    register_sample.write(out, made)
    return wrong


def test_a_file_goes_in_is_marked_changes_nothing_again_and_is_taken_back(data: Path, rutan: Rutan) -> None:
    file, copy = data / "sdp.xlsx", data / "tanda.xlsx"
    wrong = sample(file, 60, 5)
    before = file.read_bytes()

    seen = jembatan(data, rutan, "import", file, "--preview")
    assert seen.stdout.splitlines()[0] == "55 orang baru, 0 berubah, 0 tetap, 5 baris salah"
    assert rutan.one("intake", "select count(*) from person") == 0

    done = jembatan(data, rutan, "import", file, "--errors", copy)
    assert done.exit_code == 1, done.output
    assert done.stdout.splitlines()[0] == "55 orang baru, 0 berubah, 0 tetap, 5 baris salah"
    assert "60 kolom" not in done.output and "Traceback" not in done.output
    sheet = load_workbook(io.BytesIO(copy.read_bytes())).active
    assert sheet is not None
    marks = [row for row in range(2, sheet.max_row + 1) if sheet.cell(row, sheet.max_column).value]
    assert marks == wrong
    assert file.read_bytes() == before

    again = jembatan(data, rutan, "import", file)
    assert again.stdout.splitlines()[0] == "0 orang baru, 0 berubah, 55 tetap, 5 baris salah"
    [taken] = register_import.Register(Folder(data / rutan.site)).imports()
    assert (taken["created"], taken["changed"]) == (55, 0)

    undone = jembatan(data, rutan, "undo", taken["import_id"])
    assert undone.exit_code == 0, undone.output
    assert undone.stdout.splitlines() == ["55 baris dibatalkan, 0 tetap"]
    assert rutan.one("intake", "select count(*) from person") == 0
    assert rutan.one("vault", "select count(*) from key where wrapped is not null") == 0

    # Once it was taken back, the same file is a new import.
    assert jembatan(data, rutan, "import", file).stdout.startswith("55 orang baru")
    listed = [line.split() for line in jembatan(data, rutan, "imports").stdout.splitlines()]
    counts = {line[0]: line[-4:] for line in listed[1:]}
    assert counts.pop(taken["import_id"]) == ["55", "0", "55", "0"]
    assert list(counts.values()) == [["55", "0", "0", "0"]]


def test_counts_are_set_beside_ours_and_a_difference_is_shown(data: Path, rutan: Rutan) -> None:
    file = data / "sdp.xlsx"
    sample(file, 30, 0)
    assert jembatan(data, rutan, "import", file).exit_code == 0
    counted = rutan.sql("intake", "select book, count(*) as people from register_entry group by book")
    ours = {register_import.BOOKS[row.book]: row.people for row in counted}
    exact = [f"{book}={count}" for book, count in ours.items()]
    assert jembatan(data, rutan, "reconcile", *exact, "--on", "2026-11-20").exit_code == 0
    more = [f"{book}={count + 1}" for book, count in ours.items()]
    differing = jembatan(data, rutan, "reconcile", *more, "--on", "2026-11-21")
    assert differing.exit_code == 1
    assert differing.stdout.count("-1") == len(ours)
    wrong = jembatan(data, rutan, "reconcile", "A.IX=1", "--on", "2026-11-21")
    assert wrong.exit_code == 2 and "A.I=12" in wrong.stderr


def test_what_the_node_refuses_is_said_in_its_words(data: Path, rutan: Rutan) -> None:
    file = data / "sdp.xlsx"
    file.write_text("bukan Excel")
    refused = jembatan(data, rutan, "import", file)
    assert refused.exit_code == 2 and "simpan ulang" in refused.stderr
    other = jembatan(data, rutan, "import", data / rutan.site / "node.json")
    assert other.exit_code == 2 and ".xlsx" in other.stderr
    unknown = jembatan(data, rutan, "undo", UUID(int=3))
    assert unknown.exit_code == 2 and "impor" in unknown.stderr.lower()


def test_a_file_whose_columns_nobody_knows_is_said_to_be_that_and_never_called_empty(data: Path, rutan: Rutan) -> None:
    file = data / "lain.csv"
    file.write_text("Nama;Nomer Registrasi;X\nRekaan;A.I 1/2026;L\n")
    done = jembatan(data, rutan, "import", file, "--preview")
    assert done.exit_code == 1
    assert "tidak ada baris yang dibaca: no registrasi, jenis kelamin, register" in done.stdout
    assert "Kolom “Nomer Registrasi” mungkin no registrasi" in done.stdout


def test_a_marked_copy_is_for_its_owner_alone(data: Path, rutan: Rutan) -> None:
    file, copy = data / "sdp.xlsx", data / "tanda.xlsx"
    sample(file, 10, 2)
    jembatan(data, rutan, "import", file, "--preview", "--errors", copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_more_mistakes_than_are_shown_are_not_kept_quiet() -> None:
    reading = {
        **dict.fromkeys(("new", "changed", "unchanged"), 0),
        "bad": 3,
        "headings": {"missing": [], "ignored": [], "suggestions": {}},
        "mistakes": [{"row": 2, "said": "NIK salah."}, {"row": 2, "said": "JK salah."}],
    }
    assert list(register_import.lines(reading))[-1].startswith("… dan 2 baris salah lainnya")


def test_a_node_that_does_not_answer_is_said_to_be_that(data: Path, rutan: Rutan) -> None:
    Folder(data / rutan.site).write_running({"services": {"intake": "http://127.0.0.1:1"}})
    done = jembatan(data, rutan, "imports")
    assert (done.exit_code, done.stderr.strip()) == (2, "the node does not answer: start it with `jembatan node`")


def test_a_sample_is_written_by_one_command_and_names_nobody_real(tmp_path: Path) -> None:
    out = tmp_path / "sdp.xlsx"
    done = CliRunner().invoke(app, ["register", "sample", "--rows", "12", "--bad", "2", "--out", str(out)], env=WIDE)
    assert done.exit_code == 0, done.output
    sheet = load_workbook(out).active
    assert sheet is not None and sheet.max_row == 13
    niks = [str(sheet.cell(row, 5).value or "99") for row in range(2, 14)]
    assert all(nik.startswith("99") for nik in niks)


def test_every_register_has_its_name_on_paper() -> None:
    assert set(register_import.BOOKS) == {book.value for book in RegisterBook}
    assert set(register_sample.BOOKS) == set(register_import.BOOKS.values())
    assert register_commands.registers.registered_commands
