"""Taking over the ministry's register from a file, and taking that back."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from chassis.database import in_turn
from chassis.gate import forget
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.intake import PersonErased
from sqlalchemy import delete
from sqlmodel import Session, col

from intake.commands.people import register_person, seal_identity
from intake.model.imports import (
    AT_ONCE,
    HeadingsMissing,
    ImportRow,
    Kept,
    Outcome,
    RegisterImport,
    RegisterMapping,
    mapping_of,
)
from intake.model.people import Identity, Person, RegisterEntry
from intake.model.register_rows import Headings, RegisterField, RegisterRow, headings_of, read_rows
from intake.model.spreadsheets import FileIsEmpty, Kind, Mistake, read
from intake.queries import imports as queries
from intake.queries.imports import AFTER, CONTENT, Known
from intake.queries.people import identity_of

_FILE, _BEFORE = "register_import.file", "import_row.before"


@dataclass
class Reading:
    """A file beside the register: what each row would do. Nothing is changed by reading."""

    headings: Headings
    mistakes: list[Mistake]
    created: dict[int, RegisterRow] = field(default_factory=dict)
    changed: dict[int, tuple[RegisterRow, Known]] = field(default_factory=dict)
    unchanged: int = 0

    @property
    def bad(self) -> int:
        """Rows with a mistake."""
        return len({mistake.row for mistake in self.mistakes})

    @property
    def waiting(self) -> int:
        """Rows that would do something."""
        return len(self.created) + len(self.changed)


def save_mapping(
    session: Session, headings: dict[str, RegisterField | None], *, by: Actor, at: datetime
) -> RegisterMapping:
    """Keeps what this site's headings mean, in place of what was kept before."""
    return session.merge(RegisterMapping(site=by.site, headings=mapping_of(headings), saved_at=at, saved_by=by.id))


def read_register(session: Session, file: bytes, kind: Kind, *, by: Actor, at: datetime) -> Reading:
    """Reads a file and compares it with the register."""
    rows = read(file, kind)
    headings = headings_of(rows, queries.mapping_of(session, by.site))
    if len(rows) <= headings.row:
        raise FileIsEmpty
    if headings.missing:
        return Reading(headings, [])
    # The day is the site's, which may be ahead of the clock's.
    good, mistakes = read_rows(rows, headings, (at + timedelta(days=1)).date())
    reading = Reading(headings, mistakes)
    known = queries.known_by_row(session, good)
    taken = queries.last_contents(session, {one.person.id for one in known.values()})
    for index, row in good.items():
        one = known.get(index)
        if one is None:
            reading.created[index] = row
        elif (one.person.id, _content(session, row)) in taken or not differences(one.identity, row):
            reading.unchanged += 1
        else:
            reading.changed[index] = row, one
    return reading


def apply_import(
    session: Session, import_id: UUID, file: bytes, reading: Reading, *, by: Actor, at: datetime
) -> RegisterImport:
    """Takes over the next rows of a file. The same file again goes on with the rest, and in the end changes nothing."""
    in_turn(session, "register_import")
    if reading.headings.missing:
        raise HeadingsMissing
    blind = vault_of(session).blind(_FILE, hashlib.sha256(file).hexdigest())
    taking = session.get(RegisterImport, import_id)
    if taking is None:
        taking = RegisterImport(id=import_id, site=by.site, file=blind, begun_at=at, begun_by=by.id)
        session.add(taking)
        session.flush()
    taking.must_be_of(blind)
    for index in sorted([*reading.created, *reading.changed])[:AT_ONCE]:
        if (row := reading.created.pop(index, None)) is not None:
            _create(session, taking, row, by=by, at=at)
        else:
            _change(session, taking, *reading.changed.pop(index), at=at)
    if not reading.waiting and taking.finished_at is None:
        taking.finished_at = at
    return taking


def undo_import(session: Session, import_id: UUID, *, by: Actor, at: datetime) -> RegisterImport:
    """Takes back the next rows of an import, until none is left but those that something else rests on by now.

    When there is nothing left, what had to be kept is looked at again.
    """
    in_turn(session, "register_import")
    undoing = queries.import_of(session, import_id)
    undoing.undo(by=by.id, at=at)
    rows = queries.undoable(session, import_id, AT_ONCE) or queries.kept_of(session, import_id)
    people = queries.locked(session, {row.person for row in rows})
    gone = _undo_rows(session, rows, people)
    erased = [row for row in gone if row.outcome is Outcome.CREATED and row.person in people]
    publish(session, *(_erased(undoing, row, at) for row in erased))
    for row in gone:
        session.delete(row)
    session.flush()
    _erase(session, [row.person for row in erased])
    undoing.undone_count += len(gone)
    undoing.kept_count = len(queries.kept_of(session, import_id))
    return undoing


def _undo_rows(session: Session, rows: Sequence[ImportRow], people: Mapping[UUID, Person]) -> list[ImportRow]:
    """Puts back who was changed; returns the rows that leave nothing behind. The others say why they stay."""
    created = [row.person for row in rows if row.outcome is Outcome.CREATED and row.person in people]
    own = queries.first_entries(session, created)
    more_is_known = queries.touched(session, created, {"register_entry": own})
    gone = []
    for row in rows:
        # Somebody who was erased meanwhile leaves nothing to undo.
        person = people.get(row.person)
        if person is not None and _after(session, person.id, identity_of(session, person)) != row.after:
            row.kept = Kept.CORRECTED_SINCE
        elif row.person in more_is_known:
            row.kept = Kept.MORE_IS_KNOWN
        else:
            if person is not None and row.before is not None:
                before = Identity.model_validate_json(vault_of(session).open(person.id, _BEFORE, row.before))
                person.identity = seal_identity(session, person.id, before)
            gone.append(row)
    return gone


def _erased(undoing: RegisterImport, row: ImportRow, at: datetime) -> PersonErased:
    return PersonErased(site=undoing.site, occurred_at=at, person=row.person, erasure_id=row.id)


def _erase(session: Session, people: Sequence[UUID]) -> None:
    for person in people:
        forget(session, person)
    session.execute(delete(RegisterEntry).where(col(RegisterEntry.person).in_(people)))
    session.execute(delete(Person).where(col(Person.id).in_(people)))
    # The keys last, and before the commit: should that fail, undoing again finds the same people and ends the same way.
    vault_of(session).destroy(*people)


def differences(identity: Identity, row: RegisterRow) -> dict[str, tuple[str | None, str]]:
    """Field by field what stands in the register and what the file says. What a file leaves open is no difference."""
    stands, says = identity.model_dump(mode="json"), _identity_of(row).model_dump(mode="json", exclude_none=True)
    return {name: (stands[name], said) for name, said in says.items() if stands[name] != said}


def _identity_of(row: RegisterRow) -> Identity:
    return Identity(**{name: getattr(row, name) for name in Identity.model_fields if hasattr(row, name)})


def _create(session: Session, taking: RegisterImport, row: RegisterRow, *, by: Actor, at: datetime) -> None:
    person = Person(
        id=uuid4(),
        site=taking.site,
        legal_status=row.legal_status,
        sex=row.sex,
        marital_status=row.marital_status,
        birth_year=row.birth_date.year if row.birth_date else None,
        registered_at=at,
        registered_by=by.id,
    )
    identity = _identity_of(row)
    register_person(session, person, identity, row.number)
    _took(session, taking, row, Outcome.CREATED, person.id, identity)


def _change(session: Session, taking: RegisterImport, row: RegisterRow, known: Known, *, at: datetime) -> None:
    person = session.get_one(Person, known.person.id, with_for_update=True, populate_existing=True)
    corrected = known.identity.model_copy(update=_identity_of(row).model_dump(exclude_none=True))
    before = vault_of(session).seal(person.id, _BEFORE, known.identity.model_dump_json().encode())
    person.identity = seal_identity(session, person.id, corrected)
    _took(session, taking, row, Outcome.CHANGED, person.id, corrected, before)


def _took(
    session: Session,
    taking: RegisterImport,
    row: RegisterRow,
    outcome: Outcome,
    person: UUID,
    identity: Identity,
    before: bytes | None = None,
) -> None:
    session.add(
        ImportRow(
            id=uuid4(),
            import_id=taking.id,
            person=person,
            outcome=outcome,
            content=_content(session, row),
            before=before,
            after=_after(session, person, identity),
        )
    )
    taking.took(outcome)


def _content(session: Session, row: RegisterRow) -> bytes:
    return vault_of(session).blind(CONTENT, row.said())


def _after(session: Session, person: UUID, identity: Identity) -> bytes:
    return vault_of(session).blind(AFTER, f"{person}{identity.model_dump_json()}")
