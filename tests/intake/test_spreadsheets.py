"""Files that staff bring: bad ones are refused in words, good ones are read as they were meant."""

import contextlib
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from intake.model import spreadsheets
from intake.model.register_cells import Unreadable, date_in
from intake.model.register_rows import (
    RegisterField,
    RegisterRow,
    headings_of,
    read_rows,
)
from intake.model.spreadsheets import (
    COLUMNS_MAX,
    FileHasMacros,
    FileIsEmpty,
    FileIsEncrypted,
    FileIsNotWhatItSays,
    FileIsOldWorkbook,
    FileKindUnknown,
    FileRefused,
    FileTooLarge,
    Kind,
    Mistake,
    Rows,
    harmless,
    kind_of,
    marked,
    read,
)
from jembatan import register_sample
from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image as Picture
from PIL import Image

TODAY = date(2026, 11, 24)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADINGS = ["Nama", "No. Registrasi", "NIK", "JK", "Tanggal Lahir", "Register", "Tanggal Masuk"]
GOOD = ["Rekaan", "B.I 1/R/2026", "9900001203900001", "L", "12-3-1990", "B.I", "1-2-2026"]


def workbook(*rows: list[Any]) -> bytes:
    into = io.BytesIO()
    with xlsxwriter.Workbook(into) as book:
        sheet, days = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, days)
                else:
                    sheet.write(number, column, value)
    return into.getvalue()


def with_parts(changes: dict[str, bytes], file: bytes | None = None) -> bytes:
    """A workbook with parts put in or replaced."""
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file or workbook(HEADINGS, GOOD))) as old, zipfile.ZipFile(into, "w", 8) as new:
        for name in [*old.namelist(), *changes]:
            if name not in new.namelist():
                new.writestr(name, changes[name] if name in changes else old.read(name))
    return into.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def merged(area: str) -> str:
    return f'<mergeCells><mergeCell ref="{area}"/></mergeCells>'


def renamed(name: str) -> bytes:
    """A workbook whose sheet is in a part of another name."""
    part = name.replace("../", "xl/") if name.startswith("..") else f"xl/worksheets/{name}"
    with zipfile.ZipFile(io.BytesIO(workbook(HEADINGS, GOOD))) as parts:
        said = {old: parts.read(old) for old in parts.namelist()}
    said = {old: content.replace(b"worksheets/sheet1.xml", part[3:].encode()) for old, content in said.items()}
    return _zip({part if old == SHEET else old: content for old, content in said.items()})


def sheet_saying(inside: str, before: str = "", after: str = "") -> bytes:
    space = "http" + "://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<?xml version="1.0"?>{before}<worksheet xmlns="{space}"><sheetData>{inside}</sheetData>{after}</worksheet>'
    return with_parts({SHEET: xml.encode()})


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FETCHES = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def locked() -> bytes:
    """A workbook whose parts are said to be encrypted."""
    file = bytearray(workbook(HEADINGS, GOOD))
    at = file.index(b"PK\x01\x02")
    file[at + 8] |= 1
    return bytes(file)


def lying() -> bytes:
    """A part that unpacks to more than the directory says."""
    file = with_parts({"xl/media/big.dat": b"\0" * 10_000_000})
    at = file.index(b"PK\x01\x02", file.index(b"xl/media/big.dat") + 100)
    while file[at + 46 : at + 62] != b"xl/media/big.dat":
        at = file.index(b"PK\x01\x02", at + 4)
    return file[: at + 24] + (100).to_bytes(4, "little") + file[at + 28 :]


REFUSED: dict[str, tuple[Callable[[], bytes], Kind, type[FileRefused]]] = {
    "a zip of something else": (lambda: _zip({"a.txt": b"x"}), Kind.XLSX, FileIsNotWhatItSays),
    "text called xlsx": (lambda: b"Nama;NIK\nx;y", Kind.XLSX, FileIsNotWhatItSays),
    "a workbook called csv": (lambda: workbook(HEADINGS), Kind.CSV, FileIsNotWhatItSays),
    "pdf called csv": (lambda: b"%PDF-1.7 x", Kind.CSV, FileIsNotWhatItSays),
    "bytes called csv": (lambda: bytes(range(256)), Kind.CSV, FileIsNotWhatItSays),
    "cut off": (lambda: workbook(HEADINGS, GOOD)[:-200], Kind.XLSX, FileIsNotWhatItSays),
    "empty": (lambda: b"", Kind.XLSX, FileIsNotWhatItSays),
    "xls": (lambda: OLD + b"\0" * 500, Kind.XLSX, FileIsOldWorkbook),
    "encrypted": (lambda: OLD + "EncryptedPackage".encode("utf-16-le"), Kind.XLSX, FileIsEncrypted),
    "zip with a password": (locked, Kind.XLSX, FileIsEncrypted),
    "macros": (lambda: with_parts({"xl/vbaProject.bin": b"x"}), Kind.XLSX, FileHasMacros),
    "old macros": (lambda: with_parts({"xl/macrosheets/sheet1.xml": b"<a/>"}), Kind.XLSX, FileHasMacros),
    "a bomb": (lambda: with_parts({"xl/media/big.dat": b"\0" * (65 * 2**20)}), Kind.XLSX, FileTooLarge),
    "a bomb that says it is small": (lying, Kind.XLSX, FileIsNotWhatItSays),
    "too many parts": (lambda: with_parts({f"xl/{n}.dat": b"" for n in range(600)}), Kind.XLSX, FileTooLarge),
    "entities that multiply": (lambda: sheet_saying("&b;", LAUGHS), Kind.XLSX, FileIsNotWhatItSays),
    "entities that fetch": (lambda: sheet_saying("&a;", FETCHES), Kind.XLSX, FileIsNotWhatItSays),
    "a far corner": (lambda: sheet_saying('<row r="1"><c r="XFD1048576"><v>1</v></c></row>'), Kind.XLSX, FileTooLarge),
    "a far row": (lambda: sheet_saying('<row r="1048576"><c><v>1</v></c></row>'), Kind.XLSX, FileTooLarge),
    "far rows that do not say so": (lambda: sheet_saying("<row/>" * 20_100), Kind.XLSX, FileTooLarge),
    "far cells that do not say so": (
        lambda: sheet_saying(f"<row>{'<c><v>1</v></c>' * 101}</row>"),
        Kind.XLSX,
        FileTooLarge,
    ),
    "merged up to a far corner": (lambda: sheet_saying("", after=merged("A1:XFD1048576")), Kind.XLSX, FileTooLarge),
    "merged again and again": (lambda: sheet_saying("", after=merged("A1:CV20000") * 2), Kind.XLSX, FileTooLarge),
    "a link as wide as a sheet": (
        lambda: sheet_saying("", after='<hyperlinks><hyperlink ref="A1:A1048576"/></hyperlinks>'),
        Kind.XLSX,
        FileTooLarge,
    ),
    "a sheet called otherwise": (lambda: renamed("sheet1.dat"), Kind.XLSX, FileIsNotWhatItSays),
    "a sheet among the pictures": (lambda: renamed("../media/sheet1.png"), Kind.XLSX, FileIsNotWhatItSays),
    "nonsense for a cell": (lambda: sheet_saying('<row r="1"><c r="-1-"/></row>'), Kind.XLSX, FileIsNotWhatItSays),
    "many rows": (lambda: b"a;b\n" * 20_100, Kind.CSV, FileTooLarge),
    "many columns": (lambda: b"a;" * (COLUMNS_MAX + 1), Kind.CSV, FileTooLarge),
    "a quote that never ends": (lambda: b'Nama;"NIK\n' + b"x" * 200_000, Kind.CSV, FileIsNotWhatItSays),
}


def _zip(parts: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return into.getvalue()


@pytest.mark.parametrize("which", REFUSED)
def test_a_bad_file_is_refused_for_what_it_is(which: str) -> None:
    file, kind, refusal = REFUSED[which]
    with pytest.raises(FileRefused) as refused:
        read(file(), kind)
    assert type(refused.value) is refusal
    assert refusal.status == 422 and refusal.detail.endswith(".")


@pytest.mark.parametrize("media_type", ["", "application/json", "application/vnd.ms-excel", "application/pdf"])
def test_another_kind_of_file_is_refused(media_type: str) -> None:
    with pytest.raises(FileKindUnknown):
        kind_of(media_type)
    assert kind_of("text/CSV; charset=utf-8") is Kind.CSV


WHOLE = workbook(HEADINGS, GOOD)


@given(st.binary(max_size=400), st.sampled_from(Kind))
def test_any_bytes_are_read_or_refused_and_never_break(file: bytes, kind: Kind) -> None:
    for candidate in (file, WHOLE[:200] + file):
        with contextlib.suppress(FileRefused):
            read(candidate, kind)


def test_a_workbook_with_a_broken_byte_is_read_or_refused_and_never_breaks() -> None:
    whole, dice = workbook(HEADINGS, GOOD), random.Random(4)
    for _ in range(300):
        file = bytearray(whole)
        file[dice.randrange(len(file))] = dice.randrange(256)
        with contextlib.suppress(FileRefused):
            read(bytes(file), Kind.XLSX)


@pytest.mark.parametrize("between", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_whatever_separates_it_and_whichever_windows_wrote_it(between: str, encoding: str) -> None:
    text = f'Nama{between}Alamat\r\nRené{between}"Jalan; satu, dua\tRT 1"\r\n'
    assert read(text.encode(encoding), Kind.CSV) == [["Nama", "Alamat"], ["René", "Jalan; satu, dua\tRT 1"]]


def rows_of(*rows: list[Any]) -> tuple[dict[int, RegisterRow], list[Mistake]]:
    cells = read(workbook(HEADINGS, *rows), Kind.XLSX)
    return read_rows(cells, headings_of(cells, {}), TODAY)


def changed(**values: Any) -> list[Any]:
    """The good row with cells changed, by the letter of their column."""
    return [values.get("ABCDEFG"[n], value) for n, value in enumerate(GOOD)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("A", ""),
        ("A", "x" * 201),
        ("B", "-"),
        ("C", "123"),
        ("C", "99000012039000O1"),
        ("C", 9900001203900001),
        ("D", "X"),
        ("D", ""),
        ("E", "31-2-1990"),
        ("E", "31/04/1990"),
        ("E", "2-3-90"),
        ("E", "kemarin"),
        ("E", "3 Foo 1990"),
        ("E", "1-1-2090"),
        ("E", "1-1-1899"),
        ("F", "B.IX"),
        ("F", "C"),
        ("G", "1-1-2089"),
        ("G", "1-1-1980"),
    ],
)
def test_a_mistake_is_told_with_its_row_and_column_and_without_the_value(column: str, value: Any) -> None:
    good, mistakes = rows_of(GOOD, changed(**({"B": "B.I 2/R/2026", "C": ""} | {column: value})))
    assert list(good) == [2]
    [mistake] = mistakes
    assert (mistake.row, mistake.column) == (3, "ABCDEFG".index(column) + 1)
    assert mistake.said.endswith(".") and (len(str(value)) < 4 or str(value) not in mistake.said)


def test_the_second_row_with_the_same_number_or_nik_is_the_mistake() -> None:
    same_number = changed(C="")
    same_nik = changed(B="B.I 3/R/2026")
    good, mistakes = rows_of(GOOD, same_number, same_nik, ["", "", ""], changed(B="B.I 4/R/2026", C=""))
    assert list(good) == [2, 6]
    assert [(m.row, m.column) for m in mistakes] == [(3, 2), (4, 3)]


@pytest.mark.parametrize(
    "written",
    ["3-2-1994", "03/02/1994", "3.2.1994", "3 Februari 1994", "3 Pebruari 1994", "03-Feb-1994", "1994-02-03",
     "03/02/1994 00:00:00", " 3 - 2 - 1994 ", "'3-2-1994",
     datetime(1994, 2, 3, 7, tzinfo=UTC), date(1994, 2, 3), 34368.0],
)  # fmt: skip
def test_a_day_is_understood_however_it_is_written(written: Any) -> None:
    assert date_in(written) == date(1994, 2, 3)


@given(st.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_from_every_way_of_writing_it(day: date) -> None:
    month = register_sample.MONTHS[day.month - 1]
    ways = [f"{day.day}-{day.month}-{day.year}", f"{day:%d/%m/%Y}", f"{day.day} {month} {day.year}", day.isoformat()]
    assert {date_in(way) for way in ways} == {day}
    assert date_in(float((day - date(1899, 12, 30)).days)) == day


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_a_day(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert date_in(text) is None or isinstance(date_in(text), date)


def test_headings_are_found_below_a_title_and_the_site_s_own_come_first() -> None:
    cells: Rows = [["DAFTAR WBP"], ["Rutan Rekaan", ""], ["No", "NAMA  LENGKAP", "nama", "Kode"], ["1", "a", "b", "c"]]
    headings = headings_of(cells, {"kode": RegisterField.REGISTER_NUMBER, "nama": None})
    assert headings.row == 3
    assert headings.columns == {RegisterField.NAME: 2, RegisterField.REGISTER_NUMBER: 4}
    assert headings.ignored == ("No", "nama")


HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "=HYPERLINK(1)"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_in_csv_is_taken_as_text_and_comes_back_as_text(text: str) -> None:
    copy = marked(f'Nama;"{text}"\n'.encode(), Kind.CSV, [Mistake(1, 1, "Salah.")], 9)
    assert f"'{text}" in copy.decode("utf-8-sig")
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["-12", "+62 812 3456", "a=b", "Siti", ""])
def test_what_is_no_formula_comes_back_as_it_was(text: str) -> None:
    assert harmless(text) == text


def test_formulas_in_a_workbook_come_back_as_the_text_they_were() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    sheet.append(["=1+1", *GOOD[1:]])
    sheet["A3"] = "=text"
    sheet["A3"].data_type = "s"
    into = io.BytesIO()
    book.save(into)
    copy = marked(into.getvalue(), Kind.XLSX, [Mistake(2, 1, "Salah.")], 1)
    back = load_workbook(io.BytesIO(copy)).active
    assert back is not None
    assert [(back[at].data_type, back[at].value) for at in ("A2", "A3")] == [("s", "=1+1"), ("s", "=text")]
    with zipfile.ZipFile(io.BytesIO(copy)) as parts:
        assert b"<f>" not in parts.read(SHEET)


def test_a_marked_copy_differs_from_the_file_in_nothing_but_its_marks() -> None:
    rows = [GOOD, changed(B="B.I 2/R/2026", C="1", D="Z"), changed(B="B.I 3/R/2026", C="", E=date(1990, 1, 2))]
    file = workbook(HEADINGS, *rows)
    mistakes = [Mistake(3, 3, "NIK salah."), Mistake(3, 4, "JK salah.")]
    before, after = (load_workbook(io.BytesIO(f)).active for f in (file, marked(file, Kind.XLSX, mistakes, 1)))
    assert before is not None and after is not None
    width = len(HEADINGS)
    assert [[c.value for c in row[:width]] for row in after] == [[c.value for c in row] for row in before]
    assert [[c.number_format for c in row[:width]] for row in after] == [[c.number_format for c in r] for r in before]
    assert [row[width].value for row in after] == ["Kesalahan", None, "NIK salah. JK salah.", None]
    red = {c.coordinate for row in after for c in row if c.fill.fgColor.rgb == "00FFC7CE"}
    assert red == {"C3", "D3", "H3"}
    assert {c.coordinate: c.comment.text for row in after for c in row if c.comment} == {
        "C3": "NIK salah.",
        "D3": "JK salah.",
    }


def test_a_marked_copy_keeps_its_pictures_and_no_sheet_hides_among_them() -> None:
    book, picture = Workbook(), io.BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "png")
    assert book.active is not None
    book.active.append(HEADINGS)
    book.active.add_image(Picture(picture), "J1")
    into = io.BytesIO()
    book.save(into)
    with zipfile.ZipFile(io.BytesIO(marked(into.getvalue(), Kind.XLSX, [], 1))) as parts:
        assert "xl/media/image1.png" in parts.namelist()
    with pytest.raises(FileIsNotWhatItSays):
        marked(renamed("../media/sheet1.png"), Kind.XLSX, [], 1)


def test_a_sheet_that_is_nearly_empty_is_marked_in_no_more_memory_than_its_cells_take() -> None:
    corners = "".join(f'<row r="{row}"><c r="CV{row}"/></row>' for row in (1, 20_000))
    tracemalloc.start()
    marked(sheet_saying(corners), Kind.XLSX, [], 1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 2**20


def test_a_marked_csv_keeps_its_separator_and_marks_the_bad_rows() -> None:
    copy = marked(b"Nama;JK\r\nA;L\r\nB;X\r\n", Kind.CSV, [Mistake(3, 2, "JK salah.")], 1).decode("utf-8-sig")
    assert copy == "Nama;JK;Kesalahan\r\nA;L\r\nB;X;JK salah.\r\n"


@pytest.mark.parametrize(("rows", "bad"), [(1, 0), (40, 40), (200, 13)])
def test_a_sample_has_as_many_bad_rows_as_were_asked_for_and_the_same_seed_makes_the_same(rows: int, bad: int) -> None:
    made, wrong = register_sample.sample(rows, bad, 7)
    cells = [list(register_sample.COLUMNS), *([row[name] for name in register_sample.COLUMNS] for row in made)]
    good, mistakes = read_rows(cells, headings_of(cells, {}), TODAY)
    assert (len(good), sorted({m.row for m in mistakes})) == (rows - bad, wrong)
    assert len(wrong) == bad
    assert register_sample.sample(rows, bad, 7)[0] == made
    assert {row["NIK"][:2] for row in made} <= {"99", ""}


def test_a_file_without_a_row_is_refused() -> None:
    with pytest.raises(FileIsEmpty):
        read(with_parts({"xl/workbook.xml": _hidden()}), Kind.XLSX)


def _hidden() -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook(HEADINGS))) as parts:
        return parts.read("xl/workbook.xml").replace(b'<sheet name="Sheet1"', b'<sheet name="Sheet1" state="hidden"')


def test_bounds_are_what_they_are_because_of_what_they_cost() -> None:
    assert spreadsheets.ROWS_MAX * 20 <= spreadsheets.CELLS_MAX
