"""Attendance of a programme: a week as a grid of letters, and a sheet of one day on paper."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any

from chassis.errors import Conflict
from contracts.vocabulary import ProgrammeCode
from fastapi import APIRouter, Query
from fastapi.responses import Response

from console.pages.names import by_name
from console.pages.page import Page, Sent, SignedIn
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/programmes/{code}/attendance")
WORDS = {"H": "present", "S": "ill", "I": "excused", "A": "absent"}
LETTERS = {word: letter for letter, word in WORDS.items()}
NONE = "-"
ROWS_AT_ONCE = 100
DAYS = 7
"""A page is a week of a hundred people at most: so every box of it fits into one form."""


class NoLetter(Conflict):
    """Something that is none of the four words."""

    detail = "Isi dengan H, S, I atau A."


class NotEmptied(Conflict):
    """What was recorded is corrected, never unsaid."""

    detail = "Kehadiran yang sudah tercatat dapat diganti, tetapi tidak dapat dikosongkan."


class NothingNew(Conflict):
    """The grid is as it was."""

    detail = "Belum ada isian baru. Isi paling sedikit satu kotak, lalu simpan."


@dataclass
class Row:
    """One person's week: the letter recorded for each day when the page was shown, and what stands in the boxes."""

    enrolment: str
    seen: list[str]
    marks: list[str]
    about: dict[str, Any] = field(default_factory=dict)

    def changed(self) -> Iterator[tuple[int, str]]:
        """The boxes in which something else stands than was seen."""
        return ((day, mark) for day, mark in enumerate(self.marks) if mark != self.seen[day])


@dataclass
class Difference:
    """A box that another officer filled in otherwise."""

    name: str
    on: date
    theirs: str
    mine: str


@router.get("")
def show_week(
    code: ProgrammeCode, page: SignedIn, week: date | None = None, number: Annotated[int, Query(alias="page", ge=1)] = 1
) -> Response:
    """A week, of which the days that have come can be filled in."""
    return page.render("programmes/attendance.html", **_week(page, code, week or page.today, number))


@router.post("")
def record_week(code: ProgrammeCode, typed: Sent, page: SignedIn) -> Response:
    """Keeps what is new in the grid, each day's group at once."""
    monday, number = _monday(typed.date("week") or page.today), int(typed.get("page") or "1")
    sent = _rows_sent(typed)

    def again(status: int, wrong: Wrong, why: dict[tuple[str, int], str]) -> Response:
        shown = _with_sent(_week(page, code, monday, number), sent)
        places = {row.enrolment: at for at, row in enumerate(shown["rows"])}
        for (enrolment, day), said in why.items():
            if enrolment in places:
                name = shown["rows"][places[enrolment]].about["name"] or ""
                wrong.fields[f"{places[enrolment]}.{day}"] = f"{name}: {page.house.translate(said, page.language)}"
        return page.render("programmes/attendance.html", status=status, wrong=wrong, **shown)

    changes = [(row, day, mark) for row in sent for day, mark in row.changed()]
    why = {(row.enrolment, day): _unclear(mark) for row, day, mark in changes if mark not in WORDS}
    if why or not changes:
        return again(422, Wrong((NoLetter if why else NothingNew).detail), why)
    for day in sorted({day for _, day, _ in changes}):
        group = [(row, mark) for row, at, mark in changes if at == day]
        try:
            page.put("programs", f"/programmes/{code}/attendance/{monday + timedelta(days=day)}", _body(group, day))
        except Said as refusal:
            if refusal.slug != "rows-refused":
                raise
            rows = refusal.problem["rows"]
            return again(409, Wrong.of(refusal), {(row["enrolment"], day): row["detail"] for row in rows})
    return page.go(f"{page.path}?week={monday}&page={number}", done="attendance_recorded")


@router.get("/sheet")
def show_sheet(code: ProgrammeCode, page: SignedIn, on: date | None = None) -> Response:
    """One day on paper: blank where nothing is recorded, with a place for each signature."""
    day = on or page.today
    sheet = page.get("programs", f"/programmes/{code}/attendance", since=day, until=day)
    active = [row for row in sheet["enrolments"] if row["state"] == "active" or row["presences"]]
    return page.render(
        "programmes/sheet.html",
        programme=page.shared("programs", f"/programmes/{code}"),
        rows=by_name(active, page.names(row["person"] for row in active)),
        on=day,
        letters=LETTERS,
    )


def _week(page: Page, code: str, day: date, number: int) -> dict[str, Any]:
    monday = _monday(day)
    days = [monday + timedelta(days=at) for at in range(DAYS)]
    sheet = page.get("programs", f"/programmes/{code}/attendance", since=days[0], until=days[-1])
    there = sheet["enrolments"][(number - 1) * ROWS_AT_ONCE : number * ROWS_AT_ONCE]
    rows = []
    named = by_name(there, page.names(row["person"] for row in there))
    # The boxes stand together, so that the arrow keys go from one to the next.
    for row in sorted(named, key=lambda row: row["state"] != "active"):
        known = [LETTERS.get(row["presences"].get(str(on)), NONE) for on in days]
        rows.append(Row(row["enrolment"], known, list(known), row))
    return {
        "programme": page.shared("programs", f"/programmes/{code}"),
        "days": days,
        "rows": rows,
        "count": len(sheet["enrolments"]),
        "number": number,
        "size": ROWS_AT_ONCE,
        "around": (monday - timedelta(days=DAYS), monday + timedelta(days=DAYS)),
        "differences": [],
    }


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _rows_sent(typed: Typed) -> list[Row]:
    """The grid as it was sent. A box that the form did not have is as it was."""
    said = {name: value.strip().upper() for name, value in typed.pairs}
    filled = typed.get("fill")
    rows = []
    for at in range(ROWS_AT_ONCE):
        enrolment, seen = typed.get(f"e.{at}"), list(said.get(f"s.{at}", ""))
        if enrolment is None or len(seen) != DAYS:
            continue
        marks = [said.get(f"{at}.{day}", seen[day]) or NONE for day in range(DAYS)]
        if filled and filled.isdecimal() and f"{at}.{filled}" in said and marks[int(filled)] == NONE:
            marks[int(filled)] = LETTERS["present"]
        rows.append(Row(enrolment, seen, marks))
    return rows


def _with_sent(shown: dict[str, Any], sent: list[Row]) -> dict[str, Any]:
    """The week as it is now, with what was typed; whatever was meanwhile filled in otherwise is told."""
    typed = {row.enrolment: row for row in sent}
    for row in shown["rows"]:
        if mine := typed.get(row.enrolment):
            for day, mark in mine.changed():
                if row.seen[day] not in (mine.seen[day], mark):
                    on, name = shown["days"][day], row.about["name"]
                    shown["differences"].append(Difference(name, on, theirs=row.seen[day], mine=mark))
                row.marks[day] = mark
    return shown


def _unclear(mark: str) -> str:
    return (NotEmptied if mark == NONE else NoLetter).detail


def _body(group: list[tuple[Row, str]], day: int) -> dict[str, Any]:
    seen = {row.enrolment: WORDS[row.seen[day]] for row, _ in group if row.seen[day] in WORDS}
    return {"presences": {row.enrolment: WORDS[mark] for row, mark in group}, "instead_of": seen}
