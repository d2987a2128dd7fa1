"""Taking over the register: it is compared first, taken over whole, and can be taken back without a trace."""

import io
import random
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.vault import key
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from intake.commands import imports as commands
from intake.model.spreadsheets import Kind
from jembatan import register_sample
from openpyxl import load_workbook
from sqlalchemy import create_engine, text
from support import Rutan, staff
from support.hearing import api

XLSX, CSV = {"content-type": Kind.XLSX.value}, {"content-type": "text/csv"}
HEADINGS = "Nama;No. Registrasi;NIK;JK;Tanggal Lahir;Register"


def a_file(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join([headings, *lines]).encode()


def a_line(n: int, name: str = "Rekaan", nik: str = "", born: str = "3-2-1994") -> str:
    return f"{name} {n};B.I {n}/REKAAN/2026;{nik};L;{born};B.I"


def put(intake: TestClient, file: bytes, import_id: UUID | None = None, *, how: str = "", kind: Any = CSV) -> Any:
    return intake.put(f"/register-imports/{import_id or uuid4()}?{how}", content=file, headers=kind)


def take(intake: TestClient, file: bytes, import_id: UUID, kind: Any = CSV) -> Any:
    """Takes over all of it, as the operator's command does."""
    while True:
        answer = put(intake, file, import_id, how="apply=true", kind=kind)
        assert answer.status_code == 200, answer.text
        if not answer.json()["new"] + answer.json()["changed"]:
            return answer.json()


def undo(intake: TestClient, import_id: UUID) -> Any:
    while True:
        answer = intake.post(f"/register-imports/{import_id}/undo")
        assert answer.status_code == 200, answer.text
        if not answer.json()["waiting"]:
            return answer.json()


def counts(answer: Any) -> dict[str, int]:
    return {name: answer.json()[name] for name in ("new", "changed", "unchanged", "bad")}


def test_a_preview_changes_nothing_and_says_what_would_change(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        answer = put(intake, a_file(a_line(1), a_line(2), a_line(3, born="31-2-1990")))
        assert counts(answer) == {"new": 2, "changed": 0, "unchanged": 0, "bad": 1}
        assert answer.json()["mistakes"] == [
            {
                "row": 4,
                "column": 5,
                "heading": "Tanggal Lahir",
                "said": "Tanggal Lahir: Tanggal ini tidak ada di kalender.",
            }
        ]
    assert rutan.one("intake", "select count(*) from person") == 0
    assert rutan.one("intake", "select count(*) from register_import") == 0


def test_the_same_file_again_changes_nothing_under_the_same_id_and_under_another(rutan: Rutan) -> None:
    file, first = a_file(a_line(1), a_line(2)), uuid4()
    with api(rutan, "intake") as intake:
        assert take(intake, file, first)["applied"]["created"] == 2
        before = (
            rutan.sql("intake", "select * from person order by id"),
            rutan.one("intake", "select count(*) from outbox"),
        )
        for import_id in (first, uuid4()):
            assert counts(put(intake, file, import_id, how="apply=true")) == {
                "new": 0,
                "changed": 0,
                "unchanged": 2,
                "bad": 0,
            }
        after = (
            rutan.sql("intake", "select * from person order by id"),
            rutan.one("intake", "select count(*) from outbox"),
        )
        assert before == after


def test_another_file_under_the_same_id_is_refused(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        import_id = uuid4()
        take(intake, a_file(a_line(1)), import_id)
        answer = put(intake, a_file(a_line(2)), import_id, how="apply=true")
        assert (answer.status_code, answer.json()["title"]) == (409, "import-id-taken")


def test_a_changed_row_shows_both_sides_in_a_preview_and_the_look_is_in_the_log(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        take(intake, a_file(a_line(1), a_line(2)), uuid4())
        changed = a_file(a_line(1, name="Rekaan Lain"), a_line(2))
        preview = put(intake, changed).json()
        [difference] = preview["differences"]
        assert difference["fields"] == {"name": ["Rekaan 1", "Rekaan Lain 1"]}
        assert [row.subject for row in rutan.sql("intake", "select subject from read_log")] == [
            UUID(difference["person"])
        ]
        assert take(intake, changed, uuid4())["differences"] == []
        assert intake.get(f"/people/{difference['person']}").json()["name"] == "Rekaan Lain 1"


def test_what_a_file_leaves_open_takes_nothing_away(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        take(intake, a_file(a_line(1, nik="9900000302940001")), uuid4())
        assert counts(put(intake, a_file(a_line(1, nik=""))))["unchanged"] == 1


def test_the_same_row_again_does_not_undo_what_was_corrected_by_hand(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        take(intake, a_file(a_line(1)), uuid4())
        take(intake, a_file(a_line(1, name="Benar")), uuid4())
        assert counts(put(intake, a_file(a_line(1))))["unchanged"] == 1


def test_an_import_that_broke_off_goes_on_with_the_same_file(rutan: Rutan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "AT_ONCE", 2)
    file, import_id = a_file(*map(a_line, range(5))), uuid4()
    with api(rutan, "intake") as intake:
        first = put(intake, file, import_id, how="apply=true").json()
        assert (first["applied"]["created"], first["new"], first["applied"]["finished_at"]) == (2, 3, None)
        rutan_dies = "create function die() returns trigger language plpgsql as $$ begin raise 'dead'; end $$"
        trigger = "create trigger die after insert on import_row for each row when (new.person is not null)"
        with rutan.database("intake").engine.begin() as connection:
            connection.execute(text(rutan_dies))
            connection.execute(text(f"{trigger} execute function die()"))
        assert put(intake, file, import_id, how="apply=true").status_code == 500
        assert rutan.one("intake", "select count(*) from person") == 2
        with rutan.database("intake").engine.begin() as connection:
            connection.execute(text("drop trigger die on import_row"))
        done = take(intake, file, import_id)
        assert done["applied"]["created"] == 5
        assert done["applied"]["finished_at"]
    assert rutan.one("intake", "select count(*) from person") == 5


def planted_in(rutan: Rutan, *values: str) -> list[str]:
    """The tables of intake and of the vault in which one of the values stands in plain text."""
    found = []
    for service in ("intake", "vault"):
        engine = create_engine(rutan.url(service))
        with engine.connect() as connection:
            names = connection.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars()
            for name in names.all():
                rows = connection.execute(text(f'select t::text from "{name}" t')).scalars().all()
                hexed = [value.encode().hex() for value in values]
                found += [name for row in rows if any(value in row for value in [*values, *hexed])]
        engine.dispose()
    return found


def test_nothing_of_a_file_stands_in_plain_text_and_after_undoing_nothing_remains(rutan: Rutan) -> None:
    file, import_id = a_file(a_line(1, "Siti Rekaan", "9900000302940001"), a_line(2)), uuid4()
    planted = "Siti Rekaan", "9900000302940001", "REKAAN/2026", "1994-02-03"
    with api(rutan, "intake") as intake:
        take(intake, file, import_id)
        assert planted_in(rutan, *planted) == []
        assert undo(intake, import_id) == {"undone": 2, "waiting": 0, "kept": []}
        for table in ("person", "register_entry", "import_row"):
            assert rutan.one("intake", f"select count(*) from {table}") == 0, table
        assert rutan.one("vault", "select count(*) from key where wrapped is not null") == 0
        assert planted_in(rutan, *planted) == []
        erased = "select count(*) from outbox where type = 'intake.person_erased.v1' and audience = 'national'"
        assert rutan.one("intake", erased) == 2
        again = put(intake, file, import_id, how="apply=true")
        assert (again.status_code, again.json()["title"]) == (409, "import-undone")
        assert take(intake, file, uuid4())["applied"]["created"] == 2


def test_whoever_has_answered_since_stays_and_is_named_and_goes_once_nothing_rests_on_them(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        import_id = uuid4()
        take(intake, a_file(a_line(1), a_line(2)), import_id)
        stays = rutan.one("intake", "select id from person limit 1")
        intake.post(f"/people/{stays}/consents/programme/declination", json={"text_version": "v1"})
        kept = [{"person": str(stays), "because": "more_is_known"}]
        for _ in range(2):
            assert undo(intake, import_id) == {"undone": 1, "waiting": 0, "kept": kept}
        assert [row.id for row in rutan.sql("intake", "select id from person")] == [stays]
        assert intake.get(f"/people/{stays}").status_code == 200


def test_undoing_puts_back_who_was_changed_but_not_over_a_later_change(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        take(intake, a_file(a_line(1)), uuid4())
        person, second, third = rutan.one("intake", "select id from person"), uuid4(), uuid4()
        take(intake, a_file(a_line(1, name="Kedua")), second)
        take(intake, a_file(a_line(1, name="Ketiga")), third)
        assert undo(intake, second)["kept"] == [{"person": str(person), "because": "corrected_since"}]
        assert undo(intake, third)["kept"] == []
        assert intake.get(f"/people/{person}").json()["name"] == "Kedua 1"
        assert undo(intake, second) == {"undone": 1, "waiting": 0, "kept": []}
        assert intake.get(f"/people/{person}").json()["name"] == "Rekaan 1"


def test_headings_of_another_make_are_mapped_once_and_kept(rutan: Rutan) -> None:
    strange = a_file("Rekaan;B.I 1/R/2026;L;B.I;x", headings="Nama Lngkap;Nmr Reg Induk;JK;Register;Catatan")
    with api(rutan, "intake") as intake:
        preview = put(intake, strange).json()["headings"]
        assert preview["missing"] == ["name", "register_number"]
        assert preview["suggestions"]["Nama Lngkap"] == "name"
        refused = put(intake, strange, how="apply=true")
        assert (refused.status_code, refused.json()["title"]) == (422, "headings-missing")
        mapping = {"Nama Lngkap": "name", "Nmr Reg Induk": "register_number", "Catatan": None}
        assert intake.put("/register-imports/mapping", json={"headings": mapping}).status_code == 201
        preview = put(intake, strange)
        assert counts(preview)["new"] == 1 and preview.json()["headings"]["ignored"] == ["Catatan"]
        twice = {"headings": {"a": "name", "b": "name"}}
        assert intake.put("/register-imports/mapping", json=twice).json()["title"] == "mapping-ambiguous"


def test_of_two_officers_who_map_headings_the_second_is_told(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:

        def save(seen: Any, **headings: str | None) -> tuple[int, str]:
            answer = intake.put("/register-imports/mapping", json={"headings": headings, "instead_of": seen})
            return answer.status_code, answer.json().get("title", "")

        assert save({}, catatan=None) == (201, "")
        assert save({}, catatan=None) == (201, "")
        assert save({}, penghuni="name") == (409, "mapping-changed-meanwhile")
        assert save({"catatan": None}, catatan=None, penghuni="name") == (201, "")


def test_only_the_registrar_imports(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        headers = CSV | staff(rutan.site, Role.COUNSELLOR)
        assert put(intake, a_file(a_line(1)), kind=headers).status_code == 403


def test_a_sample_goes_in_whole_is_marked_exactly_and_leaves_no_trace(rutan: Rutan, tmp_path: Path) -> None:
    rows, bad = register_sample.sample(500, 40, seed=random.randrange(1000))
    register_sample.write(tmp_path / "s.xlsx", rows)
    file, import_id = (tmp_path / "s.xlsx").read_bytes(), uuid4()
    with api(rutan, "intake") as intake:
        done = take(intake, file, import_id, XLSX)
        assert (done["applied"]["created"], done["bad"]) == (460, 40)
        copy = put(intake, file, how="marked=true", kind=XLSX)
        sheet = load_workbook(io.BytesIO(copy.content)).active
        assert sheet is not None
        last = sheet.max_column
        assert [n for n in range(2, sheet.max_row + 1) if sheet.cell(n, last).value] == bad
        assert counts(put(intake, file, kind=XLSX)) == {"new": 0, "changed": 0, "unchanged": 460, "bad": 40}
        assert undo(intake, import_id)["undone"] == 460
    assert rutan.one("intake", "select count(*) from person") == 0
    assert key.name == "key"
    assert rutan.one("vault", "select count(*) from key where wrapped is not null") == 0


MOVED = "Nama;No. Registrasi;NIK;JK;Register;Tanggal Masuk;Tanggal Registrasi"


def test_whoever_has_another_number_since_is_found_by_nik_and_their_case_moves_on(rutan: Rutan) -> None:
    nik, import_id = "9900000302940001", uuid4()
    remand = f"Rekaan;A.III 7/REKAAN/2026;{nik};L;A.III;1-2-2026;1-2-2026"
    convicted = f"Rekaan;B.I 9/REKAAN/2026;{nik};L;B.I;1-2-2026;5-6-2026"
    with api(rutan, "intake") as intake:
        take(intake, a_file(remand, headings=MOVED), uuid4())
        undated = put(intake, a_file(convicted.replace("5-6-2026", ""), headings=MOVED)).json()
        assert (undated["bad"], undated["changed"]) == (1, 0)
        preview = put(intake, a_file(convicted, headings=MOVED)).json()
        assert preview["differences"][0]["fields"] == {"register_number": [None, "B.I 9/REKAAN/2026"]}
        take(intake, a_file(convicted, headings=MOVED), import_id)
        assert counts(put(intake, a_file(convicted, headings=MOVED)))["unchanged"] == 1
        assert counts(put(intake, a_file(remand, headings=MOVED)))["unchanged"] == 1
        [kept] = undo(intake, import_id)["kept"]
        assert kept["because"] == "case_moved"
    assert rutan.one("intake", "select legal_status from person") == "narapidana"
    assert rutan.one("intake", "select count(*) from register_entry") == 2
    told = "select count(*) from outbox where type = 'intake.register_entered.v1' and audience = 'national'"
    assert rutan.one("intake", told) == 1


def test_a_nik_of_somebody_else_stops_the_row(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        take(intake, a_file(a_line(1, nik="9900000302940001"), a_line(2)), uuid4())
        answer = put(intake, a_file(a_line(2, nik="9900000302940001")))
        assert counts(answer) == {"new": 0, "changed": 0, "unchanged": 0, "bad": 1}
        assert "orang lain" in answer.json()["mistakes"][0]["said"]


@pytest.mark.parametrize(
    ("so", "word"), [("restricted_at = now(), restricted_by = id", "dibatasi"), ("identity = null", "dihapus")]
)
def test_a_closed_or_erased_record_is_neither_shown_nor_changed_nor_made_anew(rutan: Rutan, so: str, word: str) -> None:
    with api(rutan, "intake") as intake:
        take(intake, a_file(a_line(1)), uuid4())
        with rutan.database("intake").engine.begin() as connection:
            connection.execute(text(f"update person set {so}"))
        answer = put(intake, a_file(a_line(1, name="Lain")), how="apply=true").json()
        assert (answer["bad"], answer["differences"]) == (1, [])
        assert word in answer["mistakes"][0]["said"]
    assert rutan.one("intake", "select count(*) from person") == 1


@pytest.mark.parametrize("kind", [XLSX, CSV], ids=["xlsx", "csv"])
def test_a_file_of_fifty_megabytes_is_refused_in_words_before_it_is_read(rutan: Rutan, kind: dict[str, str]) -> None:
    with api(rutan, "intake") as intake:
        answer = put(intake, b"x" * 50 * 2**20, kind=kind)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/too-large" and "terlalu besar" in answer.json()["detail"]


def test_a_file_of_another_kind_is_refused_with_a_stable_name(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        answers = [
            put(intake, b"%PDF", kind={"content-type": "application/pdf"}),
            put(intake, b"x", kind=XLSX),
            put(intake, b"Nama;NIK\n"),
        ]
    assert [(answer.status_code, answer.json()["title"]) for answer in answers] == [
        (422, "file-kind-unknown"),
        (422, "file-is-not-what-it-says"),
        (422, "file-is-empty"),
    ]
