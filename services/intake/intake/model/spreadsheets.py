"""Spreadsheets that staff bring: what they may be, what they say, and a copy in which mistakes are marked."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from xml.parsers import expat

from chassis.errors import DomainError
from openpyxl import load_workbook as open_workbook
from openpyxl.cell import Cell as OpenCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

ROWS_MAX, COLUMNS_MAX, CELLS_MAX = 20_000, 100, 600_000
INFLATED_MAX = 64 * 1024 * 1024
"""Bytes of a workbook once it is unpacked: twenty thousand rows have about forty million."""
PARTS_MAX = 500

Cell = str | float | bool | date | datetime | time | timedelta
Rows = list[list[Cell]]

MISTAKES = "Kesalahan"
"""The heading of the column that a marked copy has at its end."""
_RED = PatternFill("solid", fgColor="FFC7CE")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Kind(StrEnum):
    """What a file is, as its media type says."""

    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    CSV = "text/csv"


class FileRefused(DomainError):
    """A file that is not read at all."""

    status: ClassVar[int] = 422


class FileKindUnknown(FileRefused):
    """Neither of the two kinds."""

    detail = "Berkas harus berupa Excel (.xlsx) atau CSV. Simpan ulang dari SDP atau Excel sebagai .xlsx, lalu kirim."


class FileIsNotWhatItSays(FileRefused):
    """Its content is of another kind than its name, or broken."""

    detail = (
        "Isi berkas tidak sesuai dengan jenisnya atau rusak. Buka di Excel, simpan ulang sebagai .xlsx, lalu kirim."
    )


class FileIsOldWorkbook(FileRefused):
    """The binary format from before 2007."""

    detail = "Ini berkas Excel lama (.xls). Buka di Excel, pilih Simpan Sebagai .xlsx, lalu kirim."


class FileIsEncrypted(FileRefused):
    """It asks for a password."""

    detail = "Berkas ini dikunci dengan kata sandi. Hapus kata sandinya di Excel, simpan, lalu kirim lagi."


class FileHasMacros(FileRefused):
    """A program is inside."""

    detail = "Berkas ini berisi makro. Simpan sebagai .xlsx biasa (tanpa makro), lalu kirim lagi."


class FileTooLarge(FileRefused):
    """It holds more than a register has."""

    detail = (
        f"Berkas ini terlalu besar: paling banyak {ROWS_MAX} baris dan {COLUMNS_MAX} kolom. "
        "Hapus baris dan kolom kosong, atau bagi menjadi beberapa berkas."
    )


class FileIsEmpty(FileRefused):
    """Nobody is in it."""

    detail = "Tidak ada baris data di bawah judul kolom. Periksa apakah lembar pertama berisi daftar WBP."


@dataclass(frozen=True)
class Mistake:
    """What is wrong with one row, and in which column if in one alone; both counted from one, as a spreadsheet does."""

    row: int
    column: int | None
    said: str


def kind_of(media_type: str) -> Kind:
    """The kind that a request's content type names."""
    try:
        return Kind(media_type.partition(";")[0].strip().lower())
    except ValueError:
        raise FileKindUnknown from None


def read(file: bytes, kind: Kind) -> Rows:
    """The cells of a CSV file or of a workbook's first sheet, by row. Raises FileRefused."""
    rows = _read_workbook(_plain(file)) if kind is Kind.XLSX else _read_text(file)[0]
    if len(rows) > ROWS_MAX + 20 or any(len(row) > COLUMNS_MAX for row in rows):
        raise FileTooLarge
    return rows


def marked(file: bytes, kind: Kind, mistakes: Iterable[Mistake], heading_row: int) -> bytes:
    """A copy of the file in which the rows that have a mistake say so, and nothing in it can run."""
    by_row: dict[int, list[Mistake]] = {}
    for mistake in mistakes:
        by_row.setdefault(mistake.row, []).append(mistake)
    if kind is Kind.CSV:
        return _marked_text(file, by_row, heading_row)
    return _marked_workbook(_plain(file, pictures=True), by_row, heading_row)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula when it reads it from a CSV file."""
    if text[:1] in tuple("=+-@\t\r") and not re.fullmatch(r"[+-]?[\d.,\s]+", text):
        return "'" + text
    return text


def _plain(file: bytes, *, pictures: bool = False) -> bytes:
    """The same workbook, not compressed, of parts that were looked into here: a parser after this sees no other."""
    if file.startswith(_OLD_OFFICE):
        raise FileIsEncrypted if _ENCRYPTED in file else FileIsOldWorkbook
    counted = _Counted()
    into = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as parts, zipfile.ZipFile(into, "w") as plain:
            _must_be_plain(parts.infolist())
            for part in parts.infolist():
                content = counted.read(parts, part)
                # A sheet may call itself whatever it likes, so nothing is kept for its name alone.
                if _is_xml(part) or (pictures and _is_picture(part, content)):
                    plain.writestr(part.filename, content)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, expat.ExpatError, NotImplementedError, EOFError, ValueError):
        raise FileIsNotWhatItSays from None
    except Exception as trouble:
        # What zlib and its kin raise for a damaged stream differs by compressor.
        if isinstance(trouble, DomainError):
            raise
        raise FileIsNotWhatItSays from None
    return into.getvalue()


def _must_be_plain(parts: Sequence[zipfile.ZipInfo]) -> None:
    names = {part.filename.lower() for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise FileIsEncrypted
    if any("vbaproject" in name or "/macrosheets/" in name for name in names):
        raise FileHasMacros
    if len(names) != len(parts) or not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise FileIsNotWhatItSays
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > INFLATED_MAX:
        raise FileTooLarge


class _Counted:
    """Reads the parts of a workbook within bounds, and looks into the XML before a faster parser does."""

    def __init__(self) -> None:
        self._bytes = self._cells = self._row = self._column = 0

    def read(self, parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
        with parts.open(part) as stream:
            content = stream.read(INFLATED_MAX - self._bytes + 1)
        self._bytes += len(content)
        if self._bytes > INFLATED_MAX:
            raise FileTooLarge
        if _is_xml(part):
            self._look_into(content)
        return content

    def _look_into(self, content: bytes) -> None:
        self._row = self._column = 0
        looking = expat.ParserCreate()
        looking.StartDoctypeDeclHandler = _no_entities
        looking.StartElementHandler = self._element
        looking.Parse(content, True)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                # What does not say where it stands comes after what was before.
                self._stands_at(0, _place(attributes.get("r", ""))[1] or self._row + 1)
            case "c":
                self._cells += 1
                column, row = _place(attributes.get("r", ""))
                self._stands_at(column or self._column + 1, row or self._row)
            case "mergeCell" | "hyperlink" | "comment":
                self._covers(attributes.get("ref", ""))
            case "Override" if "macroEnabled" in attributes.get("ContentType", ""):
                raise FileHasMacros
        if self._cells > CELLS_MAX:
            raise FileTooLarge

    def _stands_at(self, column: int, row: int) -> None:
        # Two cells at opposite corners of a sheet make a reader ask for the memory of everything between them.
        if column > COLUMNS_MAX or row > ROWS_MAX + 20:
            raise FileTooLarge
        self._column, self._row = column, row

    def _covers(self, area: str) -> None:
        # A reader makes a cell of every place that such an area covers.
        first, _, last = area.partition(":")
        (left, top), (right, bottom) = _place(first), _place(last or first)
        if max(left, right) > COLUMNS_MAX or max(top, bottom) > ROWS_MAX + 20:
            raise FileTooLarge
        self._cells += (abs(right - left) + 1) * (abs(bottom - top) + 1)


def _place(reference: str) -> tuple[int, int]:
    """Column and row of `B7`, counted from one; nought for what it does not say."""
    said = re.fullmatch(r"\$?([A-Za-z]{0,3})\$?(\d{0,9})", reference)
    if said is None:
        raise FileIsNotWhatItSays
    letters, number = said.groups()
    return column_index_from_string(letters) if letters else 0, int(number or 0)


def _is_xml(part: zipfile.ZipInfo) -> bool:
    return part.filename.lower().endswith((".xml", ".rels"))


def _is_picture(part: zipfile.ZipInfo, content: bytes) -> bool:
    # XML in whichever encoding begins so, with or without its mark.
    return part.filename.startswith("xl/media/") and content.lstrip(b"\0\t\n\r \xbb\xbf\xef\xfe\xff")[:1] != b"<"


def _no_entities(*declared: object) -> None:
    # No office program writes a document type; who does wants entities to multiply or to fetch a file.
    raise FileIsNotWhatItSays


def _read_workbook(plain: bytes) -> Rows:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(plain))
        index = next(
            number
            for number, sheet in enumerate(workbook.sheets_metadata)
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        )
        return list(workbook.get_sheet_by_index(index).to_python(skip_empty_area=False))
    except StopIteration:
        raise FileIsEmpty from None
    except BaseException as trouble:
        # A panic of the Rust code is no Exception, and is about the file all the same.
        if isinstance(trouble, (KeyboardInterrupt, SystemExit)):
            raise
        raise FileIsNotWhatItSays from None


def _read_text(file: bytes) -> tuple[Rows, str]:
    """The cells, and what stands between them."""
    if file.startswith((b"PK\x03\x04", _OLD_OFFICE, b"%PDF")) or b"\0" in file:
        raise FileIsNotWhatItSays
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            # What an Indonesian Windows writes when nobody chose.
            text = file.decode("cp1252")
        except UnicodeDecodeError:
            raise FileIsNotWhatItSays from None
    heading = next((line for line in text.splitlines() if line.strip(';,\t "')), "")
    between = max(";,\t", key=heading.count)
    rows: Rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True):
            rows.append(list(row))
            if len(rows) > ROWS_MAX + 20:
                raise FileTooLarge
    except csv.Error:
        raise FileIsNotWhatItSays from None
    return rows, between


def _marked_text(file: bytes, by_row: dict[int, list[Mistake]], heading_row: int) -> bytes:
    rows, between = _read_text(file)
    width = max((len(row) for row in rows), default=0)
    into = io.StringIO(newline="")
    lines = csv.writer(into, delimiter=between)
    for number, row in enumerate(rows, 1):
        cells = [harmless(str(cell)) for cell in row]
        said = MISTAKES if number == heading_row else _sentence(by_row.get(number, []))
        lines.writerow([*cells, *[""] * (width - len(cells)), said] if said else cells)
    return into.getvalue().encode("utf-8-sig")


def _marked_workbook(plain: bytes, by_row: dict[int, list[Mistake]], heading_row: int) -> bytes:
    try:
        workbook = open_workbook(io.BytesIO(plain), keep_links=False)
        sheet = next(s for s in workbook.worksheets if s.sheet_state == "visible")
    except Exception:
        raise FileIsNotWhatItSays from None
    for any_sheet in workbook.worksheets:
        _still(any_sheet)
    last = sheet.max_column + 1
    _write(sheet, heading_row, last, MISTAKES).font = Font(bold=True)
    for row, mistakes in by_row.items():
        _write(sheet, row, last, _sentence(mistakes)).fill = _RED
        for mistake in mistakes:
            if mistake.column is not None:
                _mark(sheet, mistake)
    into = io.BytesIO()
    workbook.save(into)
    return into.getvalue()


def _still(sheet: Worksheet) -> None:
    """Formulas become the text they were written as."""
    # `iter_rows` would make a cell of every place between the corners, in each sheet anew.
    for cell in sheet._cells.values():
        if cell.data_type == "f" or (isinstance(cell.value, str) and cell.value[:1] in tuple("=+-@")):
            if not isinstance(cell.value, str):
                cell.value = str(getattr(cell.value, "text", "") or "")
            cell.data_type = "s"
            cell.quotePrefix = True


def _write(sheet: Worksheet, row: int, column: int, said: str) -> OpenCell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, OpenCell)
    cell.value = said
    return cell


def _mark(sheet: Worksheet, mistake: Mistake) -> None:
    cell = sheet.cell(mistake.row, mistake.column or 1)
    cell.fill = _RED
    if isinstance(cell, OpenCell):
        before = f"{cell.comment.text}\n" if cell.comment else ""
        cell.comment = Comment(before + mistake.said, "Jembatan")


def _sentence(mistakes: Iterable[Mistake]) -> str:
    return " ".join(dict.fromkeys(mistake.said for mistake in mistakes))
