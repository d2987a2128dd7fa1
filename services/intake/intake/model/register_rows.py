"""One row of an export of SDP: from the words and dates that staff write to what the register keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from contracts.vocabulary import LegalStatus, MaritalStatus, RegisterBook, Sex

from intake.model.people import NumberAndBookDisagree, RegisterNumber, is_child, status_in
from intake.model.register_cells import (
    Unreadable,
    aliases_in,
    book_in,
    book_named_in,
    date_in,
    line_in,
    marital_status_in,
    nationality_in,
    nik_in,
    normal,
    sex_in,
    status_word_in,
    text_in,
)
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
        if not any(text_in(cell) for cell in cells):
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
        read = RegisterNumber.read(written, read.book or book_named_in(written))
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


_READERS: dict[RegisterField, Callable[[Cell], Any]] = dict.fromkeys(RegisterField, line_in) | {
    F.ALIASES: aliases_in,
    F.NATIONALITY: nationality_in,
    F.NIK: nik_in,
    F.SEX: sex_in,
    F.BIRTH_DATE: date_in,
    F.ADMITTED_ON: date_in,
    F.FROM_ON: date_in,
    F.MARITAL_STATUS: marital_status_in,
    F.BOOK: book_in,
    F.STATUS: status_word_in,
}
