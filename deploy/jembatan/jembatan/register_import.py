"""Taking over the ministry's register from the command line, through the running node's own interface."""

import hashlib
import hmac
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import httpx2
import xlsxwriter
from chassis.identity import Actor
from chassis.vault import derived
from contracts.vocabulary import RegisterBook, Role
from faker import Faker
from intake.model.spreadsheets import Kind

from jembatan.folder import Folder

PATIENCE_S = 120
"""How long one request may take: it handles some hundred rows, on a slow machine."""
KINDS = {".xlsx": Kind.XLSX, ".csv": Kind.CSV}
OPERATOR = uuid5(NAMESPACE_DNS, "jembatan.operator")


class NotAccepted(ValueError):
    """What the node answered instead, in its own words."""


@dataclass
class Register:
    """A running rutan's register, as a registrar reaches it."""

    folder: Folder
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=PATIENCE_S))

    def preview(self, file: Path) -> dict[str, Any]:
        """What the file would do."""
        return self._json("PUT", self._at(file, UUID(int=0)), file)

    def take(self, file: Path, progress: Callable[[int, int], None]) -> dict[str, Any]:
        """Takes a file over; `progress` hears how many rows are in, and of how many."""
        import_id = self._import_id(file)
        first = self.preview(file)
        total = first["new"] + first["changed"]
        taken = self._json("PUT", f"{self._at(file, import_id)}?apply=true", file)
        while left := taken["new"] + taken["changed"]:
            progress(total - left, total)
            taken = self._json("PUT", f"{self._at(file, import_id)}?apply=true", file)
        progress(total, total)
        return {**taken, "unchanged": first["unchanged"]}

    def marked(self, file: Path) -> bytes:
        """A copy of the file in which the bad rows are marked."""
        return self._ask("PUT", f"{self._at(file, UUID(int=0))}?marked=true", file).content

    def undo(self, import_id: UUID, progress: Callable[[int, int], None]) -> dict[str, Any]:
        """Takes an import back, whole but for what something else rests on by now."""
        while True:
            undone = self._json("POST", f"/register-imports/{import_id}/undo")
            done = undone["undone"] + len(undone["kept"])
            progress(done, done + undone["waiting"])
            if not undone["waiting"]:
                return undone

    def imports(self) -> list[dict[str, Any]]:
        """Every import, the latest first."""
        return list(self._json("GET", "/register-imports"))

    def reconcile(self, on: date, counts: dict[str, int]) -> dict[str, Any]:
        """Sets the ministry's counts of one day beside ours."""
        return dict(self._ask("PUT", f"/reconciliations/{on}", body={"counts": counts}).json())

    def _import_id(self, file: Path) -> UUID:
        # The same file has the same id, so that an import that broke off goes on. Keyed, so that it tells nothing.
        key = derived(self.folder.site_key(), "register import")
        for turn in count():
            digest = hmac.digest(key, file.read_bytes() + turn.to_bytes(4), hashlib.sha256)
            found = self._ask("GET", f"/register-imports/{UUID(bytes=digest[:16])}", missing_is_fine=True)
            if found.status_code == 404 or found.json()["undone_at"] is None:
                return UUID(bytes=digest[:16])
        raise AssertionError

    @staticmethod
    def _at(file: Path, import_id: UUID) -> str:
        if file.suffix.lower() not in KINDS:
            raise NotAccepted("Berkas harus .xlsx atau .csv. Simpan ulang dari SDP atau Excel.")
        return f"/register-imports/{import_id}"

    def _json(self, method: str, path: str, file: Path | None = None) -> Any:
        return self._ask(method, path, file).json()

    def _ask(
        self,
        method: str,
        path: str,
        file: Path | None = None,
        *,
        body: dict[str, Any] | None = None,
        missing_is_fine: bool = False,
    ) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self._token()}", "jembatan-purpose": "register-import"}
        url = f"{self.folder.running['services']['intake']}{path}"
        if file is not None:
            headers["content-type"] = KINDS[file.suffix.lower()].value
            answer = self.http.request(method, url, content=file.read_bytes(), headers=headers)
        else:
            answer = self.http.request(method, url, json=body, headers=headers)
        if answer.is_success or (missing_is_fine and answer.status_code == 404):
            return answer
        problem = answer.headers.get("content-type", "").startswith("application/problem+json")
        raise NotAccepted(str(answer.json()["detail"]) if problem else f"Rutan menjawab {answer.status_code}.")

    def _token(self) -> str:
        staff = Actor(OPERATOR, self.folder.site, frozenset({Role.REGISTRAR}))
        return self.folder.issuer().token(staff, timedelta(minutes=10))


BOOKS = {
    "A.I": RegisterBook.A_I,
    "A.II": RegisterBook.A_II,
    "A.III": RegisterBook.A_III,
    "A.IV": RegisterBook.A_IV,
    "A.V": RegisterBook.A_V,
    "B.I": RegisterBook.B_I,
    "B.IIa": RegisterBook.B_IIA,
    "B.IIb": RegisterBook.B_IIB,
    "B.III": RegisterBook.B_III,
}
"""As they stand on paper."""

COLUMNS = (
    "No", "Nama", "Nama Alias", "No. Registrasi", "NIK", "Jenis Kelamin", "Tempat Lahir", "Tanggal Lahir", "Agama",
    "Kewarganegaraan", "Alamat", "Register", "Tanggal Masuk", "Kasus", "Lama Pidana", "Tanggal Ekspirasi",
    "Status Nikah", "Blok",
)  # fmt: skip
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]
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
    book = dice.choice(list(BOOKS))
    sentence = dice.randrange(2, 120)
    convicted = book.startswith("B")
    return {
        "No": number,
        # A second word that nobody is called, so that a search for it finds only this.
        "Nama": f"{names.first_name_male() if male else names.first_name_female()} Rekaan{dice.randrange(10**9):09d}",
        "Nama Alias": names.first_name() if dice.random() < 0.2 else "-",
        "No. Registrasi": f"{book} {number}/REKAAN/{came.year}",
        "NIK": f"99{dice.randrange(10**8):08d}{number:06d}" if dice.random() < 0.9 else "",
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


def _written(day: date, dice: random.Random) -> date | str:
    """The ways in which SDP, spreadsheets and people write a day."""
    return dice.choice(
        [
            day,
            f"{day.day}-{day.month}-{day.year}",
            f"{day:%d/%m/%Y}",
            f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
        ]
    )


def write_sample(out: Path, rows: list[Row]) -> None:
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


def lines(reading: dict[str, Any]) -> Iterator[str]:
    """A reading in words."""
    yield (
        f"{reading['new']} orang baru, {reading['changed']} berubah, {reading['unchanged']} tetap, "
        f"{reading['bad']} baris salah"
    )
    if ignored := reading["headings"]["ignored"]:
        yield f"Kolom yang tidak diambil: {', '.join(ignored)}"
    for heading, meaning in reading["headings"]["suggestions"].items():
        yield f"Kolom “{heading}” mungkin {meaning}"
    for mistake in reading["mistakes"]:
        yield f"baris {mistake['row']}: {mistake['said']}"
