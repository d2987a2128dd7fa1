"""Taking over the ministry's register from the command line, through the running node's own interface."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import httpx2
from chassis.identity import Actor
from chassis.vault import derived
from contracts.vocabulary import Role
from intake.model.register_rows import HEADINGS
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
        return dict(self._json("PUT", self._at(file, UUID(int=0)), file))

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
        return {**taken, **{name: first[name] for name in ("new", "changed", "unchanged")}}

    def marked(self, file: Path) -> bytes:
        """A copy of the file in which the bad rows are marked."""
        return self._ask("PUT", f"{self._at(file, UUID(int=0))}?marked=true", file).content

    def undo(self, import_id: UUID, progress: Callable[[int, int], None]) -> dict[str, Any]:
        """Takes an import back, whole but for what something else rests on by now."""
        while True:
            undone: dict[str, Any] = self._json("POST", f"/register-imports/{import_id}/undo")
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
    "a_i": "A.I",
    "a_ii": "A.II",
    "a_iii": "A.III",
    "a_iv": "A.IV",
    "a_v": "A.V",
    "b_i": "B.I",
    "b_iia": "B.IIa",
    "b_iib": "B.IIb",
    "b_iii": "B.III",
}
"""The registers as they are called on paper."""


def books_in(counts: list[str]) -> dict[str, int]:
    """`A.I=12` and the like as the register knows them."""
    called = {name.upper(): book for book, name in BOOKS.items()}
    found = {}
    for said in counts:
        name, _, number = said.partition("=")
        if name.strip().upper() not in called or not number.strip().isdecimal():
            raise NotAccepted(f"Tulis REGISTER=JUMLAH, misalnya A.I=12. Register: {', '.join(BOOKS.values())}.")
        found[called[name.strip().upper()]] = int(number)
    return found


def lines(reading: dict[str, Any]) -> Iterator[str]:
    """A reading in words."""
    yield (
        f"{reading['new']} orang baru, {reading['changed']} berubah, {reading['unchanged']} tetap, "
        f"{reading['bad']} baris salah"
    )
    called = {field.value: names[0] for field, names in HEADINGS.items()}
    if missing := reading["headings"]["missing"]:
        wanted = ", ".join(called[field] for field in missing)
        yield f"Kolom yang belum dikenali, sehingga tidak ada baris yang dibaca: {wanted}"
    if ignored := reading["headings"]["ignored"]:
        yield f"Kolom yang tidak diambil: {', '.join(ignored)}"
    for heading, meaning in reading["headings"]["suggestions"].items():
        yield f"Kolom “{heading}” mungkin {called[meaning]}"
    for mistake in reading["mistakes"]:
        yield f"baris {mistake['row']}: {mistake['said']}"
    if untold := reading["bad"] - len({mistake["row"] for mistake in reading["mistakes"]}):
        yield f"… dan {untold} baris salah lainnya: pakai --errors untuk melihat semuanya"
