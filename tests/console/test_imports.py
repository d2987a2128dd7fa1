"""A registrar takes over the ministry's register from a file, looks at it first, and can take it back."""

from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from console.pages import imports
from contracts.vocabulary import Role
from jembatan import register_sample
from openpyxl import load_workbook
from support.console import ConsoleUnderTest, Visitor

HEAD = "Nama;No. Registrasi;Jenis Kelamin;Register\n"


def line(n: int, name: str = "Rekaan") -> str:
    return f"{name} Ke{n};B.I {n}/REKAAN/2026;L;B.I\n"


@pytest.fixture
def registrar(console: ConsoleUnderTest) -> Visitor:
    return console.officer(Role.REGISTRAR)


def send(page: Visitor, content: str | bytes, name: str = "sdp.csv") -> Visitor:
    """Chooses a file and compares it."""
    page.go("/register-imports")
    file = {"file": (name, content.encode() if isinstance(content, str) else content)}
    return page._seen(page.client.post("/register-imports", data={"id": page.typed("id")}, files=file))


def facts(page: Visitor) -> dict[str, str]:
    rows = page.soup.select(".govuk-summary-list__row")
    return {row.dt.get_text(strip=True): row.dd.get_text(strip=True) for row in rows if row.dt and row.dd}


def people(console: ConsoleUnderTest) -> int:
    return int(console.site.request("intake", "GET", "/people").json()["count"])


def test_a_file_is_looked_at_taken_over_and_taken_back(console: ConsoleUnderTest, registrar: Visitor) -> None:
    page = send(registrar, HEAD + line(1) + line(2) + "Tanpa Nomor;;L;B.I\n")
    assert facts(page)["Orang baru"] == "2" and facts(page)["Baris yang salah"] == "1"
    assert people(console) == 0
    page.send()
    assert "Impor selesai" in page.text and people(console) == 2
    page.send(f"{page.path}/undo")
    assert "Dikembalikan: 2." in page.text and people(console) == 0


def test_what_changes_is_shown_beside_what_stands_and_a_repeated_click_is_one_import(
    console: ConsoleUnderTest, registrar: Visitor
) -> None:
    page = send(registrar, HEAD + line(1))
    page.post(page.path, {})
    page.post(page.path, {})
    page = send(registrar, HEAD + line(1, "Diperbaiki"))
    (row,) = [tr for tr in page.soup.select("tbody tr") if "baris 2" in tr.get_text()]
    assert [td.get_text(strip=True) for td in row.select("td")] == ["nama", "Rekaan Ke1", "Diperbaiki Ke1"]
    assert people(console) == 1 and len(page.go("/register-imports").soup.select("tbody tr")) == 1


def test_wrong_rows_come_back_in_the_officer_s_own_file(registrar: Visitor, tmp_path: Path) -> None:
    rows, wrong = register_sample.sample(rows=30, bad=4, seed=7)
    register_sample.write(tmp_path / "sdp.xlsx", rows)
    page = send(registrar, (tmp_path / "sdp.xlsx").read_bytes(), "Data SDP November.xlsx")
    assert facts(page)["Baris yang salah"] == "4"
    answer = page.client.get(f"{page.path}/marked")
    assert answer.headers["content-disposition"] == 'attachment; filename="kesalahan.xlsx"'
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    marked = [row[0].row for row in sheet.iter_rows(min_row=2) if row[-1].value]
    assert marked == wrong


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.7", "daftar.pdf", "harus berupa Excel"),
        (b"bukan buku kerja", "sdp.xlsx", "tidak sesuai dengan jenisnya"),
        (HEAD.encode(), "sdp.csv", "Tidak ada baris data"),
        (b"x" * (13 * 1024 * 1024), "sdp.csv", "terlalu besar"),
        (b"x" * (11 * 1024 * 1024), "sdp.csv", "terlalu besar"),
    ],
    ids=["pdf", "disguised", "empty", "more than a form may have", "more than a register has"],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    registrar: Visitor, content: bytes, name: str, said: str
) -> None:
    page = send(registrar, content, name)
    assert page.status in (413, 422) and said in page.text


def test_without_a_file_the_form_says_so_beside_it(registrar: Visitor) -> None:
    page = registrar.go("/register-imports").send()
    assert page.status == 422 and "Pilih berkas" in page.soup.select_one("#file-error").get_text()  # type: ignore[union-attr]


def test_after_a_restart_of_the_console_the_same_file_goes_on(
    console: ConsoleUnderTest, registrar: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_A_TIME_S", 0.0)
    content = HEAD + "".join(line(n) for n in range(300))
    page = send(registrar, content)
    at = page.path
    page.send()
    assert page.heading == "Impor berjalan" and "250 orang sudah masuk, 50 lagi" in page.text
    console.app.state.uploads.drop(UUID(at.rpartition("/")[2]))
    page.send()
    assert page.status == 422 and "Pilih berkas" in page.wrong[0]
    page._seen(page.client.post(at, files={"file": ("sdp.csv", content.encode())}))
    assert "Impor selesai" in page.text and people(console) == 300


def test_a_file_is_nobody_else_s(console: ConsoleUnderTest, registrar: Visitor) -> None:
    page = send(registrar, HEAD + line(1))
    assert console.officer(Role.REGISTRAR).go(page.path).status == 404
    assert console.officer(Role.HEAD).go("/register-imports").status == 403


def test_headings_of_another_make_are_said_once_and_kept(registrar: Visitor) -> None:
    strange = "Penghuni;Nmr Induk;Jenis Kelamin;Register\n" + line(1)
    page = send(registrar, strange)
    assert "belum dikenali" in page.text and not page.soup.select("a[role]"), "what leads to a page is a link"
    at = page.path
    page.go(f"{at}/headings").send(**{"field__0": "name", "field__1": "register_number"})
    assert page.path == at and facts(page)["Orang baru"] == "1"
    page.go(f"{at}/headings").send(**{"field__0": "name", "field__1": "name"})
    assert page.status == 409 and "isian yang sama" in page.wrong[0]


def test_two_officers_who_map_headings_see_both_versions(console: ConsoleUnderTest, registrar: Visitor) -> None:
    strange = "Penghuni;Nmr Induk;Jenis Kelamin;Register\n" + line(1)
    first, second = send(registrar, strange), send(console.officer(Role.REGISTRAR), strange)
    first.go(f"{first.path}/headings")
    second.go(f"{second.path}/headings").send(**{"field__0": "name", "field__1": "register_number"})
    first.send(**{"field__0": "aliases", "field__1": "register_number"})
    assert first.status == 409 and "Kedua versi" in first.text
    (kept, mine, *_) = (td.get_text(strip=True) for td in first.soup.select("tbody td"))
    assert (kept, mine) == ("nama", "nama alias")
    first.send()
    assert first.status == 200 and first.path.startswith("/register-imports/")


def test_the_counts_of_a_day_are_set_beside_ours_and_unknown_is_not_zero(
    console: ConsoleUnderTest, registrar: Visitor
) -> None:
    console.registered(uuid4(), register_number="B.I 1/2026")
    page = registrar.go("/reconciliations")
    page.send(b_i="2", a_i="banyak")
    assert page.status == 422 and page.typed("a_i") == "banyak"
    page.send(a_i="")
    rows = {
        tr.th.get_text(strip=True): [td.get_text(strip=True) for td in tr.select("td")]
        for tr in page.soup.select("tbody tr")
        if tr.th
    }
    (of_b,) = [cells for name, cells in rows.items() if name.startswith("B.I ")]
    assert of_b[0] == "2" and of_b[2] != "0"
    assert [cells[2] for name, cells in rows.items() if name.startswith("A.I ")] == ["belum diketahui"]
    assert "register berbeda" in console.officer(Role.HEAD).go("/reconciliations").text
