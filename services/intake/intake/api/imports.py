"""Imports of the ministry's register over HTTP: the file itself is the request's body, and is not kept."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks_over, note_all
from chassis.routes import Router
from contracts.vocabulary import Role
from fastapi import Body, Header, Query, Response
from pydantic import BaseModel
from sqlmodel import Session

from intake.commands import imports as commands
from intake.commands.imports import Reading
from intake.model.imports import Kept, RegisterImport, suggestions
from intake.model.register_cells import normal
from intake.model.register_rows import HEADINGS, RegisterField
from intake.model.spreadsheets import Kind, kind_of, marked
from intake.queries import imports as queries

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Looker = Annotated[Look, looks_over(Role.REGISTRAR)]
File = Annotated[bytes, Body(media_type=Kind.XLSX.value)]

DIFFERENCES_MAX = 100
MISTAKES_MAX = 1000


class MappingIn(Form):
    """What a heading means. Null: this column is left out on purpose."""

    headings: dict[Line, RegisterField | None]
    instead_of: dict[Line, RegisterField | None] | None = None
    """What the officer saw; without it what is kept is replaced whatever it is."""


class MappingOut(BaseModel):
    """What this site has said of its headings, and what is known anyway."""

    headings: dict[str, RegisterField | None]
    built_in: dict[RegisterField, tuple[str, ...]]


class MistakeOut(BaseModel):
    """What is wrong with a row, in which column if in one alone."""

    row: int
    column: int | None
    heading: str | None
    said: str


class DifferenceOut(BaseModel):
    """A row that changes somebody: what stands in the register, and what the file says."""

    row: int
    person: UUID
    fields: dict[str, tuple[Any, Any]]


class HeadingsOut(BaseModel):
    """How the file's columns are taken."""

    taken: dict[RegisterField, str]
    ignored: list[str]
    missing: list[RegisterField]
    suggestions: dict[str, RegisterField]
    unknown: dict[str, RegisterField | None]
    """The ignored headings as a mapping keeps them, with what each may mean."""
    fields: dict[RegisterField, str]
    """What each field of the register is called in exports."""


class ImportOut(BaseModel):
    """One import, and what became of it."""

    import_id: UUID
    created: int
    changed: int
    undone: int
    kept: int
    begun_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


class ReadingOut(BaseModel):
    """A file beside the register. Once it is applied `new` and `changed` count what is still to be taken over."""

    new: int
    changed: int
    unchanged: int
    bad: int
    headings: HeadingsOut
    mistakes: list[MistakeOut]
    differences: list[DifferenceOut]
    applied: ImportOut | None


class KeptOut(BaseModel):
    """Somebody whose row could not be undone, and why."""

    person: UUID
    because: Kept


class UndoOut(BaseModel):
    """How far an undoing has come. With `waiting` left, the same request goes on."""

    undone: int
    waiting: int
    kept: list[KeptOut]


@router.put("/register-imports/mapping", status_code=201)
def save_mapping(sent: MappingIn, session: Transaction, by: Registrar, at: Now) -> MappingOut:
    """Says what the headings of this site's exports mean, in place of what was said before."""
    saved = commands.save_mapping(session, sent.headings, seen=sent.instead_of, by=by, at=at)
    return MappingOut(headings=saved.fields(), built_in=HEADINGS)


@router.get("/register-imports/mapping")
def read_mapping(session: Transaction, by: Registrar) -> MappingOut:
    """What headings mean."""
    return MappingOut(headings=dict(queries.mapping_of(session, by.site)), built_in=HEADINGS)


@router.get("/register-imports")
def read_imports(session: Transaction, by: Registrar) -> list[ImportOut]:
    """Every import, the latest first."""
    return [_import_out(taken) for taken in queries.imports(session)]


@router.get("/register-imports/{import_id}")
def read_import(import_id: UUID, session: Transaction, by: Registrar) -> ImportOut:
    """One import."""
    return _import_out(queries.import_of(session, import_id))


@router.put("/register-imports/{import_id}", response_model=ReadingOut)
def put_import(
    import_id: UUID,
    file: File,
    session: Transaction,
    look: Looker,
    content_type: Annotated[str, Header()] = "",
    apply: Annotated[bool, Query(description="Take over the next rows; else the file is only compared.")] = False,
    mark: Annotated[bool, Query(alias="marked", description="Answer the file with its mistakes marked.")] = False,
) -> ReadingOut | Response:
    """Compares a file with the register and takes it over, some rows each time, until none is left."""
    by, at, kind = look.by, look.at, kind_of(content_type)
    commands.one_at_a_time(session)
    reading = commands.read_register(session, file, kind, by=by, at=at)
    taken = commands.apply_import(session, import_id, file, reading, by=by, at=at) if apply else None
    if mark:
        return Response(marked(file, kind, reading.mistakes, reading.headings.row), media_type=kind.value)
    # Only a preview shows what stands in the register: after applying it is what the officer's own file says.
    shown = [] if apply else _differences(session, reading, look)
    return _reading_out(reading, shown, taken)


@router.post("/register-imports/{import_id}/undo")
def undo_import(import_id: UUID, session: Transaction, by: Registrar, at: Now) -> UndoOut:
    """Takes an import back, some rows each time, until none is left but those that something else rests on."""
    undoing = commands.undo_import(session, import_id, by=by, at=at)
    kept = [KeptOut(person=row.person, because=row.kept) for row in queries.kept_of(session, import_id) if row.kept]
    return UndoOut(undone=undoing.undone_count, waiting=queries.undoable_count(session, import_id), kept=kept)


def _differences(session: Session, reading: Reading, look: Look) -> list[DifferenceOut]:
    shown = sorted(reading.changed.items())[:DIFFERENCES_MAX]
    note_all(session, [known.person.id for _, (_, known) in shown], look)
    return [
        DifferenceOut(row=number, person=known.person.id, fields=commands.differences(known, row))
        for number, (row, known) in shown
    ]


def _reading_out(reading: Reading, differences: list[DifferenceOut], taken: RegisterImport | None) -> ReadingOut:
    headings = reading.headings
    may_mean = suggestions(headings.ignored, headings.missing)
    return ReadingOut(
        new=len(reading.created),
        changed=len(reading.changed),
        unchanged=reading.unchanged,
        bad=reading.bad,
        headings=HeadingsOut(
            taken={field: headings.names[column - 1] for field, column in headings.columns.items()},
            ignored=list(headings.ignored),
            missing=headings.missing,
            suggestions=may_mean,
            unknown={normal(heading): may_mean.get(heading) for heading in headings.ignored},
            fields={field: names[0] for field, names in HEADINGS.items()},
        ),
        mistakes=[
            MistakeOut(
                row=mistake.row,
                column=mistake.column,
                heading=headings.names[mistake.column - 1] if mistake.column else None,
                said=mistake.said,
            )
            for mistake in reading.mistakes[:MISTAKES_MAX]
        ],
        differences=differences,
        applied=_import_out(taken) if taken else None,
    )


def _import_out(taken: RegisterImport) -> ImportOut:
    return ImportOut(
        import_id=taken.id,
        created=taken.created_count,
        changed=taken.changed_count,
        undone=taken.undone_count,
        kept=taken.kept_count,
        **taken.model_dump(include={"begun_at", "finished_at", "undone_at"}),
    )
