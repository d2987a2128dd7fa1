"""One cell of an export of SDP: from the words, numbers and dates that staff write to what they mean."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

from chassis.forms import Line
from contracts.vocabulary import LegalStatus, MaritalStatus, RegisterBook, Sex
from pydantic import TypeAdapter, ValidationError

from intake.model.people import nik_is_plausible
from intake.model.spreadsheets import Cell

_BOOKS = {
    "AI": RegisterBook.A_I,
    "AII": RegisterBook.A_II,
    "AIII": RegisterBook.A_III,
    "AIV": RegisterBook.A_IV,
    "AV": RegisterBook.A_V,
    "BI": RegisterBook.B_I,
    "BIIA": RegisterBook.B_IIA,
    "BIIB": RegisterBook.B_IIB,
    "BIII": RegisterBook.B_III,
    # Subsider: kurungan in place of a fine.
    "BIIIS": RegisterBook.B_III,
}
_COUNTRIES = {
    "indonesia": "ID", "wni": "ID", "malaysia": "MY", "singapura": "SG", "thailand": "TH", "filipina": "PH",
    "vietnam": "VN", "timor leste": "TL", "papua nugini": "PG", "australia": "AU", "tiongkok": "CN", "cina": "CN",
    "china": "CN", "rrt": "CN", "taiwan": "TW", "jepang": "JP", "korea selatan": "KR", "india": "IN", "pakistan": "PK",
    "bangladesh": "BD", "nepal": "NP", "sri lanka": "LK", "myanmar": "MM", "iran": "IR", "nigeria": "NG",
    "kenya": "KE", "ghana": "GH", "afrika selatan": "ZA", "rusia": "RU", "belanda": "NL", "inggris": "GB",
    "jerman": "DE", "prancis": "FR", "perancis": "FR", "italia": "IT", "turki": "TR", "amerika serikat": "US",
}  # fmt: skip
"""Where most foreigners in a rutan are from; for others the file says the two letters."""
_SEXES = {
    "l": Sex.MALE, "laki": Sex.MALE, "laki laki": Sex.MALE, "lk": Sex.MALE, "pria": Sex.MALE,
    "p": Sex.FEMALE, "perempuan": Sex.FEMALE, "pr": Sex.FEMALE, "wanita": Sex.FEMALE,
}  # fmt: skip
_STATUSES = {
    "tahanan": LegalStatus.TAHANAN,
    "narapidana": LegalStatus.NARAPIDANA,
    "napi": LegalStatus.NARAPIDANA,
    "anak binaan": LegalStatus.ANAK_BINAAN,
    "anak": LegalStatus.ANAK_BINAAN,
}
_MARRIED = {"kawin", "nikah", "menikah", "sudah kawin", "sudah menikah"}
_NOT_MARRIED = {
    "belum kawin", "belum menikah", "tidak kawin", "tidak menikah", "lajang", "bujang",
    "janda", "duda", "cerai", "cerai hidup", "cerai mati",
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan", "februari feb pebruari peb", "maret mar", "april apr", "mei may", "juni jun", "juli jul",
            "agustus agu agt ags aug", "september sep sept", "oktober okt oct", "november nov nopember nop",
            "desember des dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_EXCEL_BEGAN = date(1899, 12, 30)
T = TypeVar("T")
_line = TypeAdapter[str](Line)


class Unreadable(ValueError):
    """A cell that does not say what its column is for. The sentence is for staff, and repeats nothing of the cell."""


def normal(heading: str) -> str:
    """A heading as headings are compared: `No. Registrasi` is `no registrasi`."""
    return " ".join(re.findall(r"[a-z0-9]+", heading.lower()))


def text_in(cell: Cell) -> str:
    """A cell as text; what staff put for "nothing" is nothing."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    # Excel's own sign for "this is text", kept by programs that do not know it.
    text = text[1:].strip() if text.startswith("'") else text
    return "" if text in {"-", "--", "0", "?"} else text


def line_in(cell: Cell) -> str | None:
    """One line of text."""
    text = re.sub(r"\s+", " ", text_in(cell))
    if not text:
        return None
    try:
        return _line.validate_python(text)
    except ValidationError:
        raise Unreadable(
            "Terlalu panjang (paling banyak 200 huruf) atau berisi tanda yang tidak dapat disimpan."
        ) from None


def nik_in(cell: Cell) -> str | None:
    """A NIK, by its structure."""
    if isinstance(cell, float) and cell >= 10**15:
        # A spreadsheet keeps fifteen digits of a number: the last one of a NIK is lost, and looks like a zero.
        raise Unreadable("Tersimpan sebagai angka sehingga digit terakhir hilang. Ubah kolom menjadi teks di SDP.")
    digits = re.sub(r"[\s.\-]", "", text_in(cell))
    if not digits:
        return None
    if not re.fullmatch(r"[0-9]{16}", digits):
        raise Unreadable("Harus tepat 16 angka, atau kosong.")
    if not nik_is_plausible(digits):
        raise Unreadable("Susunan angkanya tidak mungkin untuk sebuah NIK. Periksa di KTP, atau kosongkan.")
    return digits


def date_in(cell: Cell) -> date | None:
    """A day, in any of the ways that SDP, Excel and people write it; the day stands before the month."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and not isinstance(cell, bool) and 1 < cell < 100_000:
        return _EXCEL_BEGAN + timedelta(days=int(cell))
    text = re.sub(r"\s+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$", "", text_in(cell))
    if not text:
        return None
    day, month, year = _parts_of_date(text)
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable("Tanggal ini tidak ada di kalender.") from None


def _parts_of_date(text: str) -> tuple[int, int, int]:
    if iso := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text, re.ASCII):
        year, month, day = map(int, iso.groups())
        return day, month, year
    if usual := re.fullmatch(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})", text, re.ASCII):
        day, month, year = map(int, usual.groups())
        return day, month, year
    if long := re.fullmatch(r"(\d{1,2})[\s\-/.]+([A-Za-z]+)\.?[\s\-/.,]+(\d{4})", text, re.ASCII):
        month_name = long.group(2).lower()
        if month_name not in _MONTHS:
            raise Unreadable("Nama bulan tidak dikenal.")
        return int(long.group(1)), _MONTHS[month_name], int(long.group(3))
    raise Unreadable("Tulis tanggal sebagai tanggal-bulan-tahun dengan tahun empat angka, misalnya 3-2-1994.")


def book_named_in(number: str) -> RegisterBook | None:
    """The book that a register number begins with, as in `B.I 123/2026`."""
    begins = re.match(r"[A-Za-z.\s]+", number)
    return _BOOKS.get(_letters(begins.group())) if begins else None


def _letters(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def book_in(cell: Cell) -> RegisterBook | None:
    """A register, as it is called on paper."""
    if not text_in(cell):
        return None
    book = _BOOKS.get(_letters(text_in(cell)))
    if book is None:
        raise Unreadable("Register tidak dikenal. Pakai A.I sampai A.V, B.I, B.IIa, B.IIb atau B.III.")
    return book


def aliases_in(cell: Cell) -> tuple[str, ...]:
    """The names that somebody also goes by."""
    said = line_in(cell)
    parts = re.split(r"\s*[,;/]\s*|\s+alias\s+|\s+als\.?\s+", said, flags=re.IGNORECASE) if said else []
    return tuple(dict.fromkeys(part for part in parts if part))


def nationality_in(cell: Cell) -> str | None:
    """A country, as ISO 3166 has it."""
    text = normal(text_in(cell))
    if re.fullmatch(r"[a-z]{2}", text):
        return text.upper()
    return _one_of(_COUNTRIES, cell, "Tulis Indonesia, atau dua huruf kode negara (ISO 3166).")


def sex_in(cell: Cell) -> Sex | None:
    """L or P."""
    return _one_of(_SEXES, cell, "Tulis L atau P.")


def status_word_in(cell: Cell) -> LegalStatus | None:
    """Tahanan, narapidana or anak binaan."""
    return _one_of(_STATUSES, cell, "Tulis tahanan, narapidana atau anak binaan.")


def marital_status_in(cell: Cell) -> MaritalStatus | None:
    """Kawin, or not: a divorced or widowed person is not."""
    words = dict.fromkeys(_MARRIED, MaritalStatus.MARRIED) | dict.fromkeys(_NOT_MARRIED, MaritalStatus.NOT_MARRIED)
    return _one_of(words, cell, "Tulis kawin, belum kawin atau cerai.")


def _one_of(words: Mapping[str, T], cell: Cell, otherwise: str) -> T | None:
    text = normal(text_in(cell))
    if text and text not in words:
        raise Unreadable(otherwise)
    return words.get(text)
