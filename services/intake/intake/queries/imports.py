"""Looking up imports, and whom the rows of a file are about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.vault import vault_of
from contracts.vocabulary import RegisterBook
from sqlalchemy import Column
from sqlmodel import Session, col, func, select

from intake.model.imports import ImportNotHere, ImportRow, RegisterImport, RegisterMapping
from intake.model.people import (
    Identifier,
    IdentifierIndex,
    IdentifierKind,
    Identity,
    IdentityCorrection,
    Person,
    RegisterEntry,
)
from intake.model.register_rows import RegisterField, RegisterRow
from intake.model.stays import Stay
from intake.model.table import Table
from intake.queries.people import IDENTITY, blind_identifier, blind_number, identities_of

CONTENT, AFTER = "import_row.content", "import_row.after"
"""What blind values are of."""


@dataclass(frozen=True)
class Known:
    """Somebody a row is about, as they stand in the register now."""

    person: Person
    identity: Identity | None
    """None: erased."""
    by_number: bool
    """Else by NIK, and the row has another number."""


def import_of(session: Session, import_id: UUID) -> RegisterImport:
    """An import, or ImportNotHere."""
    found = session.get(RegisterImport, import_id)
    if found is None:
        raise ImportNotHere
    return found


def imports(session: Session) -> list[RegisterImport]:
    """Every import, the latest first."""
    return list(session.exec(select(RegisterImport).order_by(col(RegisterImport.begun_at).desc())))


def undoable(session: Session, import_id: UUID, most: int | None = None) -> list[ImportRow]:
    """Rows that nobody has tried to undo yet."""
    query = select(ImportRow).where(ImportRow.import_id == import_id, col(ImportRow.kept).is_(None))
    return list(session.exec(query.order_by(col(ImportRow.id)).limit(most)))


def undoable_count(session: Session, import_id: UUID) -> int:
    """How many those are."""
    query = select(func.count()).where(ImportRow.import_id == import_id, col(ImportRow.kept).is_(None))
    return session.exec(query.select_from(ImportRow)).one()


def kept_of(session: Session, import_id: UUID) -> list[ImportRow]:
    """Rows that could not be undone."""
    query = select(ImportRow).where(ImportRow.import_id == import_id, col(ImportRow.kept).is_not(None))
    return list(session.exec(query.order_by(col(ImportRow.id))))


def mapping_of(session: Session, site: str) -> Mapping[str, RegisterField | None]:
    """What this site's headings mean, beyond the built-in ones."""
    saved = session.get(RegisterMapping, site)
    return saved.fields() if saved else {}


def known_by_row(session: Session, rows: Mapping[int, RegisterRow]) -> dict[int, list[Known]]:
    """For each row whom it is about, if the register has them: by number, and by NIK. Two are a contradiction."""
    numbered, identified = _by_number(session, rows.values()), _by_nik(session, rows.values())
    found: dict[int, list[tuple[UUID, bool]]] = {}
    for index, row in rows.items():
        by_number = next((person for book, person in numbered[_key(session, row)] if _may_be(book, row)), None)
        by_nik = identified.get(row.nik) if row.nik else None
        found[index] = [(by_number, True)] if by_number else []
        if by_nik and by_nik != by_number:
            found[index].append((by_nik, False))
    wanted = {person for those in found.values() for person, _ in those}
    people = {one.id: one for one in session.exec(select(Person).where(col(Person.id).in_(wanted)))}
    identities = {person.id: identity for person, identity in identities_of(session, people.values())}
    return {
        index: [Known(people[person], identities.get(person), by_number) for person, by_number in those]
        for index, those in found.items()
        if those
    }


def _key(session: Session, row: RegisterRow) -> bytes:
    return blind_number(session, row.number)


def _may_be(book: RegisterBook | None, row: RegisterRow) -> bool:
    """The same number in two books is two numbers; where a book is not known it may be one."""
    return book is None or row.number.book is None or book is row.number.book


def _by_number(session: Session, rows: Iterable[RegisterRow]) -> Mapping[bytes, list[tuple[RegisterBook | None, UUID]]]:
    """Who stands or stood under each number, in which book; who stands there now comes first."""
    query = (
        select(RegisterEntry.blind, RegisterEntry.book, func.coalesce(col(Person.merged_into), col(Person.id)))
        .join(Person, col(Person.id) == col(RegisterEntry.person))
        .where(col(RegisterEntry.blind).in_({_key(session, row) for row in rows}))
        .where(RegisterEntry.site == session.info["site"])
        .order_by(col(RegisterEntry.closed_on).is_not(None), col(RegisterEntry.entered_at).desc())
    )
    found: dict[bytes, list[tuple[RegisterBook | None, UUID]]] = defaultdict(list)
    for blind, book, person in session.exec(query):
        found[blind].append((RegisterBook(book) if book else None, person))
    return found


def _by_nik(session: Session, rows: Iterable[RegisterRow]) -> dict[str, UUID]:
    """Who has each NIK."""
    niks = {_blind_nik(session, row.nik): row.nik for row in rows if row.nik}
    query = (
        select(IdentifierIndex.blind, func.coalesce(col(Person.merged_into), col(Person.id)))
        .join(Person, col(Person.id) == col(IdentifierIndex.person))
        .where(IdentifierIndex.kind == IdentifierKind.NIK, col(IdentifierIndex.blind).in_(niks))
    )
    return {niks[blind]: person for blind, person in session.exec(query)}


def _blind_nik(session: Session, nik: str) -> bytes:
    return blind_identifier(session, Identifier(kind=IdentifierKind.NIK, value=nik))


def identity_before(session: Session, row: ImportRow) -> Identity | None:
    """Who the person of a row was before it, if the row corrected them."""
    kept = session.get(IdentityCorrection, (row.person, row.version))
    if kept is None:
        return None
    return Identity.model_validate_json(vault_of(session).open(row.person, IDENTITY, kept.before))


def last_contents(session: Session, people: Iterable[UUID]) -> set[tuple[UUID, bytes]]:
    """What was already taken over of these people, blind."""
    query = select(ImportRow.person, ImportRow.content).where(col(ImportRow.person).in_(list(people)))
    return set(session.exec(query).all())


def locked(session: Session, people: Iterable[UUID]) -> dict[UUID, Person]:
    """These people as they are now, locked until the commit. Whoever was erased is not among them."""
    query = select(Person).where(col(Person.id).in_(list(people)), col(Person.identity).is_not(None))
    query = query.order_by(col(Person.id)).with_for_update()
    return {person.id: person for person in session.exec(query.execution_options(populate_existing=True))}


def first_rows(session: Session, people: Iterable[UUID]) -> dict[str, set[UUID]]:
    """What registering made of each: the first number and the first stay."""
    wanted = list(people)
    entries = select(RegisterEntry).where(col(RegisterEntry.person).in_(wanted)).order_by(col(RegisterEntry.entered_at))
    stays = select(Stay).where(col(Stay.person).in_(wanted)).order_by(col(Stay.admitted_at))
    numbers = {entry.person: entry.id for entry in reversed(session.exec(entries).all())}
    began = {stay.person: stay.id for stay in reversed(session.exec(stays).all())}
    return {"register_entry": set(numbers.values()), "stay": set(began.values())}


def touched(session: Session, people: Sequence[UUID]) -> set[UUID]:
    """Those of whom something is known beyond what registering them made, whichever noun of intake keeps it."""
    own = first_rows(session, people)
    found: set[UUID] = set()
    for column in _naming_somebody():
        query = select(column).where(column.in_(people)).distinct()
        if column.table.name in own:
            query = query.where(column.table.c.id.not_in(own[column.table.name]))
        found.update(session.execute(query).scalars())
    return found


SAID_ELSEWHERE = {"identifier", "identity_correction", "import_row"}
"""Tables that say again what the identity says: whether it was corrected is asked of the identity itself."""


def _naming_somebody() -> list[Column[Any]]:
    """Every column of intake in which a person stands."""
    return [
        column
        for table in Table.metadata.sorted_tables
        if table.name not in SAID_ELSEWHERE
        for column in table.columns
        if column.name == "person" or any(key.column.table.name == "person" for key in column.foreign_keys)
    ]
