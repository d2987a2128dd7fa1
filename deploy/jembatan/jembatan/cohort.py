"""Historical cohorts: people who were released before this system came, with what is known of the time after.

The file is CSV with a heading line, in UTF-8; docs/how-to/import-a-cohort.md describes its columns.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

import outcomes.commands
import programs.commands
from chassis.database import Database
from chassis.identity import Actor
from contracts.intake import ReentryReason
from contracts.vocabulary import LegalStatus, MaritalStatus, ProgrammeCode, ReleaseMode, Sex
from intake.commands import people as register
from intake.commands import stays
from intake.model.people import Identity, Person
from outcomes.model import ReleaseNotHere
from programs.model import Enrolment
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from jembatan.folder import Folder
from jembatan.node import settings_for

ARRIVAL_S = 120
"""How long to wait for outcomes to hear of a release from intake."""


def _empty_is_unknown(value: Any) -> Any:
    return None if value == "" else value


def _codes(value: str) -> list[str]:
    return [code.strip() for code in value.split(";") if code.strip()]


def _day(value: Any) -> Any:
    # Written one way: pydantic would take a number for a moment in 1970.
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("not YYYY-MM-DD")
    return value


Unknown = BeforeValidator(_empty_is_unknown)
Day = Annotated[date, BeforeValidator(_day)]


class Row(BaseModel):
    """One line of the file. An empty field is unknown, which is not no."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sex: Sex
    birth_year: Annotated[int | None, Field(ge=1900, le=2100), Unknown]
    legal_status: LegalStatus
    marital_status: Annotated[MaritalStatus | None, Unknown]
    prior_convictions: Annotated[int | None, Field(ge=0, le=99), Unknown]
    worked_before: Annotated[bool | None, Unknown]
    programmes_completed: Annotated[tuple[ProgrammeCode, ...], BeforeValidator(_codes)]
    released_on: Day
    release_mode: ReleaseMode
    reentered_on: Annotated[Day | None, Unknown]
    followed_until: Day

    @model_validator(mode="after")
    def _in_order(self) -> "Row":
        if self.reentered_on and self.reentered_on < self.released_on:
            raise ValueError("reentered_on lebih awal dari released_on")
        if self.followed_until < self.released_on:
            raise ValueError("followed_until lebih awal dari released_on")
        return self


@dataclass(frozen=True)
class BadRow:
    """A line that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Member:
    """A line that can be taken, under an id that the same line always gets."""

    id: UUID
    row: Row


def read(file: Path, site: str) -> tuple[list[Member], list[BadRow]]:
    """The good lines and the bad ones. Two lines may say the same: they are two people."""
    good: list[Member] = []
    bad: list[BadRow] = []
    seen: Counter[Row] = Counter()
    with file.open(newline="", encoding="utf-8-sig") as text:
        lines = csv.DictReader(text, restkey="baris")
        if sorted(lines.fieldnames or ()) != sorted(Row.model_fields):
            raise ValueError("Kolom berkas harus tepat: " + ", ".join(Row.model_fields))
        for fields in lines:
            if None in fields.values():
                # Cut off: what is missing at its end is not the same as empty.
                bad.append(BadRow(lines.line_num, "baris: terlalu sedikit isian"))
                continue
            try:
                row = Row.model_validate(fields)
            except ValidationError as error:
                bad.append(BadRow(lines.line_num, _reason(error)))
                continue
            seen[row] += 1
            good.append(Member(uuid5(NAMESPACE_URL, f"{site}|{row.model_dump_json()}|{seen[row]}"), row))
    return good, bad


def _reason(error: ValidationError) -> str:
    """What is wrong with a line, for whoever made the file."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "baris"
    if not first["loc"]:
        return str(first["ctx"]["error"])
    # Not the value itself: it may be in the wrong column, and somebody's.
    return f"{where}: kosong, tidak dikenal atau salah bentuk"


class Import:
    """Takes members of a cohort into one running site, through its services' own commands."""

    def __init__(self, folder: Folder, stack: ExitStack) -> None:
        self.site, self.by = folder.site, Actor(uuid5(NAMESPACE_URL, "cohort import"), folder.site, frozenset())
        self._databases: dict[str, Database] = {}
        self.new = 0
        """Of those that were taken so far, how many had not been taken before."""
        for service in ("intake", "programs", "outcomes"):
            database = Database(settings_for(folder, service), service)
            stack.callback(database.close)
            self._databases[service] = database

    def run(self, members: list[Member], done: Callable[[], None]) -> None:
        """Takes all of them. A member that was taken before is not changed."""
        at = datetime.now(UTC)
        for member in members:
            self._register_and_release(member, at)
            self._programmes(member, at)
            done()
        for member in members:
            self._observe(member, at)
            done()

    def _register_and_release(self, member: Member, at: datetime) -> None:
        row = member.row
        copied = ("sex", "birth_year", "legal_status", "marital_status", "prior_convictions", "worked_before")
        person = Person(
            id=member.id,
            site=self.site,
            registered_at=at,
            registered_by=self.by.id,
            **{name: getattr(row, name) for name in copied},
        )
        with self._databases["intake"].transaction() as session:
            self.new += session.get(Person, member.id) is None
            register.register_person(session, person, Identity(name="(kohort historis)"), f"KOHORT/{member.id}")
            session.flush()
            release = stays.release_person(
                session, member.id, self._release_id(member), row.released_on, row.release_mode, by=self.by, at=at
            )
            session.flush()
            if row.reentered_on and release.reentered_on is None:
                reason = ReentryReason.UNKNOWN
                stays.reenter_person(session, member.id, row.reentered_on, reason, by=self.by, at=at)

    def _programmes(self, member: Member, at: datetime) -> None:
        with self._databases["programs"].transaction() as session:
            for code in member.row.programmes_completed:
                enrolment = Enrolment(
                    id=uuid5(member.id, code),
                    site=self.site,
                    person=member.id,
                    programme=code,
                    enrolled_at=at,
                    enrolled_by=self.by.id,
                )
                # The file says that it was finished before release, and no day.
                programs.commands.take_over_completion(session, enrolment, member.row.released_on, at)

    def _observe(self, member: Member, at: datetime) -> None:
        deadline = monotonic() + ARRIVAL_S
        while True:
            try:
                with self._databases["outcomes"].transaction() as session:
                    outcomes.commands.end_observation(session, self._release_id(member), member.row.followed_until, at)
                return
            except ReleaseNotHere:
                if monotonic() > deadline:
                    raise
                sleep(0.1)

    @staticmethod
    def _release_id(member: Member) -> UUID:
        return uuid5(member.id, "release")


def rossi() -> Iterator[dict[str, object]]:
    """The 432 men of Rossi, Berk and Lenihan, "Money, Work, and Crime" (1980), as lifelines ships them.

    Released from Maryland prisons in the 1970s and followed for 52 weeks; half of them, by lot, got financial aid. The
    file has no dates: everybody is given the same day of release.
    """
    from lifelines.datasets import load_rossi  # noqa: PLC0415 - seconds to import, for one command

    released = date(2024, 1, 1)
    for man in load_rossi().to_dict("records"):
        yield {
            "sex": Sex.MALE.value,
            "birth_year": released.year - man["age"],
            "legal_status": LegalStatus.NARAPIDANA.value,
            "marital_status": (MaritalStatus.MARRIED if man["mar"] else MaritalStatus.NOT_MARRIED).value,
            "prior_convictions": man["prio"],
            "worked_before": bool(man["wexp"]),
            "programmes_completed": "bantuan-keuangan" if man["fin"] else "",
            "released_on": released,
            "release_mode": ReleaseMode.MURNI.value,
            "reentered_on": released + timedelta(weeks=man["week"]) if man["arrest"] else "",
            "followed_until": released + timedelta(days=364),
        }


def write_rossi(folder: Path, parts: int) -> list[Path]:
    """Writes them as `parts` files, dealt out in turn."""
    men = list(rossi())
    files = [folder / f"rossi-{part + 1}.csv" for part in range(parts)]
    for part, file in enumerate(files):
        with file.open("w", newline="", encoding="utf-8") as text:
            lines = csv.DictWriter(text, list(Row.model_fields))
            lines.writeheader()
            lines.writerows(men[part::parts])
    return files
