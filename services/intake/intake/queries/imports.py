"""Looking up imports, and whom the rows of a file are about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.vault import vault_of
from sqlmodel import Session, col, func, select

from intake.model.imports import ImportNotHere, ImportRow, RegisterImport, RegisterMapping
from intake.model.people import Identity, Person, RegisterEntry
from intake.model.register_rows import RegisterField, RegisterRow
from intake.model.table import Table
from intake.queries.people import IDENTITY, NUMBER

CONTENT, AFTER = "import_row.content", "import_row.after"
"""What blind values are of."""


@dataclass(frozen=True)
class Known:
    """Somebody a row is about, as they stand in the register now."""

    person: Person
    identity: Identity


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


def known_by_row(session: Session, rows: Mapping[int, RegisterRow]) -> dict[int, Known]:
    """For each row the person it is about, if the register has them: by register number."""
    vault = vault_of(session)
    blinds = {vault.blind(NUMBER, row.number): index for index, row in rows.items()}
    query = (
        select(RegisterEntry.blind, Person)
        .join(Person, col(Person.id) == col(RegisterEntry.person))
        .where(col(RegisterEntry.blind).in_(list(blinds)), col(Person.identity).is_not(None))
        .order_by(col(RegisterEntry.entered_at))
    )
    found = {blinds[blind]: person for blind, person in session.exec(query)}
    opened = vault.open_all(IDENTITY, [(p.id, p.identity) for p in found.values() if p.identity is not None])
    return {
        index: Known(person, Identity.model_validate_json(said))
        for (index, person), said in zip(found.items(), opened, strict=True)
        if said is not None
    }


def last_contents(session: Session, people: Iterable[UUID]) -> set[tuple[UUID, bytes]]:
    """What was already taken over of these people, blind."""
    query = select(ImportRow.person, ImportRow.content).where(col(ImportRow.person).in_(list(people)))
    return set(session.exec(query).all())


def locked(session: Session, people: Iterable[UUID]) -> dict[UUID, Person]:
    """These people as they are now, locked until the commit. Whoever was erased is not among them."""
    query = select(Person).where(col(Person.id).in_(list(people)), col(Person.identity).is_not(None))
    query = query.order_by(col(Person.id)).with_for_update()
    return {person.id: person for person in session.exec(query.execution_options(populate_existing=True))}


def first_entries(session: Session, people: Iterable[UUID]) -> list[UUID]:
    """The number that each was registered under."""
    query = select(RegisterEntry).where(col(RegisterEntry.person).in_(list(people)))
    by_person: dict[UUID, UUID] = {}
    for entry in session.exec(query.order_by(col(RegisterEntry.entered_at))):
        by_person.setdefault(entry.person, entry.id)
    return list(by_person.values())


def touched(session: Session, people: Sequence[UUID], apart: Mapping[str, Sequence[UUID]]) -> set[UUID]:
    """The people of whom something is known beyond the rows `apart`, whichever noun of intake keeps it."""
    found: set[UUID] = set()
    for table in Table.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                query = select(column).where(column.in_(people)).distinct()
                if own := apart.get(table.name):
                    query = query.where(table.c.id.not_in(own))
                found.update(session.execute(query).scalars())
    return found
