"""Made-up exports of the ministry's register, to try the import on."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from faker import Faker

BOOKS = ("A.I", "A.II", "A.III", "A.IV", "A.V", "B.I", "B.IIa", "B.IIb", "B.III")
COLUMNS = (
    "No", "Nama", "Nama Alias", "No. Registrasi", "NIK", "Jenis Kelamin", "Tempat Lahir", "Tanggal Lahir", "Agama",
    "Kewarganegaraan", "Alamat", "Register", "Tanggal Masuk", "Kasus", "Lama Pidana", "Tanggal Ekspirasi",
    "Status Nikah", "Blok",
)  # fmt: skip
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
_TODAY = date(2026, 11, 1)
"""Fixed, so that the same seed makes the same file on any day."""

Row = dict[str, Any]


def _no_name(row: Row, dice: random.Random) -> None:
    row["Nama"] = ""


def _impossible_day(row: Row, dice: random.Random) -> None:
    row["Tanggal Lahir"] = dice.choice(["31-2-1990", "30/02/1988", "31 April 1991", "0-0-0000", "12-13-1990"])


def _not_born_yet(row: Row, dice: random.Random) -> None:
    row["Tanggal Lahir"] = "1-1-2090"


def _came_before_birth(row: Row, dice: random.Random) -> None:
    row["Tanggal Lahir"], row["Tanggal Masuk"] = "5-5-1995", "5-5-1994"


def _short_nik(row: Row, dice: random.Random) -> None:
    row["NIK"] = f"99{dice.randrange(10**9):09d}"


def _strange_book(row: Row, dice: random.Random) -> None:
    row["Register"] = dice.choice(["B.IX", "X.I", "A.VI", "C"])


def _strange_sex(row: Row, dice: random.Random) -> None:
    row["Jenis Kelamin"] = "X"


def _no_number(row: Row, dice: random.Random) -> None:
    row["No. Registrasi"] = ""


MISTAKES: tuple[Callable[[Row, random.Random], None], ...] = (
    _no_name, _impossible_day, _not_born_yet, _came_before_birth, _short_nik, _strange_book, _strange_sex, _no_number,
)  # fmt: skip


def sample(rows: int, bad: int, seed: int) -> tuple[list[Row], list[int]]:
    """Made-up rows as SDP would export them, and the numbers of those with a mistake, as a spreadsheet counts them."""
    if not 0 <= bad <= rows:
        raise ValueError("tidak boleh lebih banyak baris salah daripada baris")
    dice = random.Random(seed)  # noqa: S311 - a sample must repeat itself
    names = Faker("id_ID")
    names.seed_instance(seed)
    made = [_row(number, dice, names) for number in range(1, rows + 1)]
    wrong = sorted(dice.sample(range(rows), bad))
    for n, index in enumerate(wrong):
        MISTAKES[n % len(MISTAKES)](made[index], dice)
    return made, [index + 2 for index in wrong]


def _row(number: int, dice: random.Random, names: Faker) -> Row:
    male = dice.random() < 0.93
    born = date(1960, 1, 1) + timedelta(days=dice.randrange(365 * 45))
    came = _TODAY - timedelta(days=dice.randrange(1, 1500))
    book = dice.choice(BOOKS)
    sentence = dice.randrange(2, 120)
    convicted = book.startswith("B")
    return {
        "No": number,
        # A second word that nobody is called, so that a search for it finds only this.
        "Nama": f"{names.first_name_male() if male else names.first_name_female()} Rekaan{dice.randrange(10**9):09d}",
        "Nama Alias": names.first_name() if dice.random() < 0.2 else "-",
        "No. Registrasi": f"{book} {number}/REKAAN/{came.year}",
        "NIK": _nik(number, born, male=male) if dice.random() < 0.9 else "",
        "Jenis Kelamin": "L" if male else "P",
        "Tempat Lahir": names.city_name(),
        "Tanggal Lahir": _written(born, dice),
        "Agama": dice.choice(["Islam", "Kristen", "Katolik", "Hindu", "Buddha", "Konghucu"]),
        "Kewarganegaraan": "Indonesia",
        "Alamat": f"Jalan Rekaan No. {dice.randrange(1, 300)}",
        "Register": book,
        "Tanggal Masuk": _written(came, dice),
        "Kasus": dice.choice(["Pencurian", "Narkotika", "Penipuan", "Penganiayaan"]),
        "Lama Pidana": f"{sentence // 12} tahun {sentence % 12} bulan" if convicted else "",
        "Tanggal Ekspirasi": _written(came + timedelta(days=30 * sentence), dice) if convicted else "",
        "Status Nikah": dice.choice(["Kawin", "Belum Kawin", "Cerai Hidup", ""]),
        "Blok": f"{dice.choice('ABCD')}-{dice.randrange(1, 20)}",
    }


def _nik(number: int, born: date, *, male: bool) -> str:
    """By the rules of a real one, but of a province that there is not."""
    day = born.day if male else born.day + 40
    return f"99{number // 9999:04d}{day:02d}{born:%m%y}{number % 9999 + 1:04d}"


def _written(day: date, dice: random.Random) -> date | str:
    """The ways in which SDP, spreadsheets and people write a day."""
    long = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    ways: list[date | str] = [day, f"{day.day}-{day.month}-{day.year}", f"{day:%d/%m/%Y}", long]
    return dice.choice(ways)


def write(out: Path, rows: list[Row]) -> None:
    """Writes rows as a workbook."""
    with xlsxwriter.Workbook(out) as book:
        sheet, days = book.add_worksheet("Daftar WBP"), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row[name] for name in COLUMNS):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, days)
                else:
                    sheet.write(number, column, value)
