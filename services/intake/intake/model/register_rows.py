"""One row of an export of SDP: from the words and dates that staff write to what the register keeps."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from chassis.forms import Line
from contracts.vocabulary import LegalStatus, MaritalStatus, RegisterBook, Sex
from pydantic import TypeAdapter, ValidationError

from intake.model.people import NumberAndBookDisagree, RegisterNumber, is_child, nik_is_plausible, status_in
from intake.model.spreadsheets import Cell, Mistake, Rows

HEADING_WITHIN = 15
"""How far down the headings may stand: exports begin with the name of the rutan and a title."""


class RegisterField(StrEnum):
    """What a column can be taken for."""

    NAME = "name"
    ALIASES = "aliases"
    REGISTER_NUMBER = "register_number"
    NIK = "nik"
    SEX = "sex"
    BIRTH_PLACE = "birth_place"
    BIRTH_DATE = "birth_date"
    RELIGION = "religion"
    NATIONALITY = "nationality"
    ADDRESS = "address"
    MARITAL_STATUS = "marital_status"
    BOOK = "book"
    STATUS = "legal_status"
    ADMITTED_ON = "admitted_on"
    FROM_ON = "from_on"
    """Since when somebody stands under this number."""


F = RegisterField
HEADINGS: dict[RegisterField, tuple[str, ...]] = {
    F.NAME: ("nama", "nama lengkap", "nama wbp", "nama tahanan", "nama narapidana", "nama napi"),
    F.ALIASES: ("nama alias", "alias", "nama panggilan", "nama lain", "nama kecil"),
    F.REGISTER_NUMBER: (
        "no registrasi", "nomor registrasi", "no reg", "no register", "nomor register", "no registrasi instansi"
    ),
    F.NIK: ("nik", "no ktp", "nomor ktp", "nomor induk kependudukan", "no identitas"),
    F.SEX: ("jenis kelamin", "jk", "l p", "kelamin", "sex"),
    F.BIRTH_PLACE: ("tempat lahir", "tmp lahir", "tpt lahir"),
    F.BIRTH_DATE: ("tanggal lahir", "tgl lahir"),
    F.RELIGION: ("agama",),
    F.NATIONALITY: ("kewarganegaraan", "warga negara", "wn"),
    F.ADDRESS: ("alamat", "alamat lengkap", "alamat asal", "alamat rumah", "tempat tinggal"),
    F.MARITAL_STATUS: ("status nikah", "status perkawinan", "status kawin", "status pernikahan"),
    F.BOOK: ("register", "buku register", "jenis register", "jenis registrasi", "golongan register", "reg"),
    F.STATUS: ("status wbp", "status hukum", "jenis wbp", "tahanan napi", "status"),
    F.FROM_ON: ("tanggal registrasi", "tgl registrasi", "tanggal register", "tgl register"),
    F.ADMITTED_ON: ("tanggal masuk", "tgl masuk", "tanggal masuk upt", "tgl masuk upt", "tanggal masuk rutan"),
}  # fmt: skip
REQUIRED = (F.NAME, F.REGISTER_NUMBER, F.SEX)

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


@dataclass(frozen=True)
class RegisterRow:
    """What one row says of somebody. None is unknown, which is not no."""

    number: RegisterNumber
    name: str
    sex: Sex
    legal_status: LegalStatus
    nik: str | None = None
    aliases: tuple[str, ...] = ()
    birth_place: str | None = None
    birth_date: date | None = None
    religion: str | None = None
    nationality: str | None = None
    address: str | None = None
    marital_status: MaritalStatus | None = None
    admitted_on: date | None = None
    from_on: date | None = None

    def said(self) -> str:
        """All of it as one text: the same for the same content."""
        return "\0".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))


@dataclass(frozen=True)
class Headings:
    """Where a file's headings stand, and which column is taken for what. Columns are counted from one."""

    row: int
    columns: Mapping[RegisterField, int]
    names: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def missing(self) -> list[RegisterField]:
        """What a register cannot do without."""
        lacking = [field for field in REQUIRED if field not in self.columns]
        if F.BOOK not in self.columns and F.STATUS not in self.columns:
            lacking.append(F.BOOK)
        return lacking


def normal(heading: str) -> str:
    """A heading as headings are compared: `No. Registrasi` is `no registrasi`."""
    return " ".join(re.findall(r"[a-z0-9]+", heading.lower()))


_BUILT_IN = {normal(name): field for field, names in HEADINGS.items() for name in names}


def headings_of(rows: Rows, mapping: Mapping[str, RegisterField | None]) -> Headings:
    """The row of headings is the one with the most that are known: what the site has mapped, else the built-in ones."""
    known = {**_BUILT_IN, **mapping}
    best, most = 0, 0
    for index, row in enumerate(rows[:HEADING_WITHIN]):
        count = len({known[name] for cell in row if (name := normal(str(cell))) in known})
        if count > most:
            best, most = index, count
    names = tuple(str(cell).strip() for cell in rows[best]) if rows else ()
    columns: dict[RegisterField, int] = {}
    ignored = []
    for column, name in enumerate(names, 1):
        field = known.get(normal(name))
        if field is not None and field not in columns:
            columns[field] = column
        elif name:
            ignored.append(name)
    return Headings(best + 1, columns, names, tuple(ignored))


def read_rows(rows: Rows, headings: Headings, today: date) -> tuple[dict[int, RegisterRow], list[Mistake]]:
    """The good rows by their number, and what is wrong with the others."""
    good: dict[int, RegisterRow] = {}
    bad: list[Mistake] = []
    seen: dict[object, int] = {}
    for number, cells in enumerate(rows[headings.row :], headings.row + 1):
        if not any(_text(cell) for cell in cells):
            continue
        row, mistakes = _read_row(number, cells, headings, today)
        if row and (first := seen.setdefault((row.number.book, row.number.key()), number)) != number:
            said = f"Nomor registrasi ini sudah ada di baris {first}."
            mistakes.append(Mistake(number, headings.columns[F.REGISTER_NUMBER], said))
        elif row and row.nik and (first := seen.setdefault(row.nik, number)) != number:
            said = f"NIK ini sudah ada di baris {first} dengan nomor registrasi lain."
            mistakes.append(Mistake(number, headings.columns[F.NIK], said))
        if row and not mistakes:
            good[number] = row
        bad += mistakes
    return good, bad


def _read_row(
    number: int, cells: list[Cell], headings: Headings, today: date
) -> tuple[RegisterRow | None, list[Mistake]]:
    told: dict[RegisterField, Any] = {}
    mistakes = []
    for field, column in headings.columns.items():
        try:
            told[field] = _READERS[field](cells[column - 1] if column <= len(cells) else "")
            if told[field] is None and field in REQUIRED:
                raise Unreadable("Kolom ini wajib diisi.")
        except Unreadable as wrong:
            name = headings.names[column - 1]
            mistakes.append(Mistake(number, column, f"{name}: {wrong}"))
    if mistakes:
        return None, mistakes
    book, status, written = told.pop(F.BOOK, None), told.pop(F.STATUS, None), told.pop(F.REGISTER_NUMBER)
    try:
        read = RegisterNumber.read(written, book)
        read = RegisterNumber.read(written, read.book or _book_in(written))
        status = _status(read.book, status, told.get(F.BIRTH_DATE), today)
    except NumberAndBookDisagree:
        return None, [Mistake(number, headings.columns.get(F.BOOK), "Register tidak sama dengan nomor registrasi.")]
    except Unreadable as wrong:
        return None, [Mistake(number, headings.columns.get(F.BOOK) or headings.columns.get(F.STATUS), str(wrong))]
    row = RegisterRow(number=read, legal_status=status, **{field.value: value for field, value in told.items()})
    return row, _out_of_order(number, row, headings, today)


def _out_of_order(number: int, row: RegisterRow, headings: Headings, today: date) -> list[Mistake]:
    born, came, since = (headings.columns.get(field) for field in (F.BIRTH_DATE, F.ADMITTED_ON, F.FROM_ON))
    found = []
    if row.birth_date and row.birth_date > today:
        found.append(Mistake(number, born, "Tanggal lahir belum tiba. Periksa tahunnya."))
    elif row.birth_date and row.birth_date.year < 1900:
        found.append(Mistake(number, born, "Tanggal lahir sebelum tahun 1900. Periksa tahunnya."))
    elif row.birth_date and row.admitted_on and row.admitted_on < row.birth_date:
        found.append(Mistake(number, came, "Tanggal masuk lebih awal dari tanggal lahir. Periksa keduanya."))
    if row.admitted_on and row.admitted_on > today:
        found.append(Mistake(number, came, "Tanggal masuk belum tiba. Periksa tanggalnya."))
    if row.from_on and row.from_on > today:
        found.append(Mistake(number, since, "Tanggal registrasi belum tiba. Periksa tanggalnya."))
    return found


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    # Excel's own sign for "this is text", kept by programs that do not know it.
    text = text[1:].strip() if text.startswith("'") else text
    return "" if text in {"-", "--", "0", "?"} else text


def _line_in(cell: Cell) -> str | None:
    text = re.sub(r"\s+", " ", _text(cell))
    if not text:
        return None
    try:
        return _line.validate_python(text)
    except ValidationError:
        raise Unreadable(
            "Terlalu panjang (paling banyak 200 huruf) atau berisi tanda yang tidak dapat disimpan."
        ) from None


def _nik_in(cell: Cell) -> str | None:
    if isinstance(cell, float) and cell >= 10**15:
        # A spreadsheet keeps fifteen digits of a number: the last one of a NIK is lost, and looks like a zero.
        raise Unreadable("Tersimpan sebagai angka sehingga digit terakhir hilang. Ubah kolom menjadi teks di SDP.")
    digits = re.sub(r"[\s.\-]", "", _text(cell))
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
    text = re.sub(r"\s+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$", "", _text(cell))
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


def _book_in(number: str) -> RegisterBook | None:
    """The book that a register number begins with, as in `B.I 123/2026`."""
    begins = re.match(r"[A-Za-z.\s]+", number)
    return _BOOKS.get(_letters(begins.group())) if begins else None


def _letters(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _known_book(cell: Cell) -> RegisterBook | None:
    if not _text(cell):
        return None
    book = _BOOKS.get(_letters(_text(cell)))
    if book is None:
        raise Unreadable("Register tidak dikenal. Pakai A.I sampai A.V, B.I, B.IIa, B.IIb atau B.III.")
    return book


def _status(book: RegisterBook | None, said: LegalStatus | None, born: date | None, today: date) -> LegalStatus:
    if book is None and said is None:
        raise Unreadable("Register atau status WBP harus diisi.")
    if book and said and not is_child(said) and said is not status_in(book):
        raise Unreadable("Status tidak cocok dengan register: A untuk tahanan, B untuk narapidana.")
    status = said or status_in(book or RegisterBook.A_I)
    if said is None and status is LegalStatus.NARAPIDANA and born and 0 <= _age(born, today) < 18:
        # UU 22/2022 Ps. 1: whoever serves a sentence below eighteen is an anak binaan, which nobody but staff can say.
        raise Unreadable("Umurnya di bawah 18 tahun. Isi kolom status: anak binaan atau narapidana.")
    return status


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _aliases_in(cell: Cell) -> tuple[str, ...]:
    said = _line_in(cell)
    parts = re.split(r"\s*[,;/]\s*|\s+alias\s+|\s+als\.?\s+", said, flags=re.IGNORECASE) if said else []
    return tuple(dict.fromkeys(part for part in parts if part))


def _nationality_in(cell: Cell) -> str | None:
    text = normal(_text(cell))
    if re.fullmatch(r"[a-z]{2}", text):
        return text.upper()
    return _one_of(_COUNTRIES, cell, "Tulis Indonesia, atau dua huruf kode negara (ISO 3166).")


def _sex_in(cell: Cell) -> Sex | None:
    return _one_of(_SEXES, cell, "Tulis L atau P.")


def _status_in(cell: Cell) -> LegalStatus | None:
    return _one_of(_STATUSES, cell, "Tulis tahanan, narapidana atau anak binaan.")


def _marital_in(cell: Cell) -> MaritalStatus | None:
    words = dict.fromkeys(_MARRIED, MaritalStatus.MARRIED) | dict.fromkeys(_NOT_MARRIED, MaritalStatus.NOT_MARRIED)
    return _one_of(words, cell, "Tulis kawin, belum kawin atau cerai.")


def _one_of(words: Mapping[str, T], cell: Cell, otherwise: str) -> T | None:
    text = normal(_text(cell))
    if text and text not in words:
        raise Unreadable(otherwise)
    return words.get(text)


_READERS: dict[RegisterField, Callable[[Cell], Any]] = dict.fromkeys(RegisterField, _line_in) | {
    F.ALIASES: _aliases_in,
    F.NATIONALITY: _nationality_in,
    F.NIK: _nik_in,
    F.SEX: _sex_in,
    F.BIRTH_DATE: date_in,
    F.ADMITTED_ON: date_in,
    F.FROM_ON: date_in,
    F.MARITAL_STATUS: _marital_in,
    F.BOOK: _known_book,
    F.STATUS: _status_in,
}
