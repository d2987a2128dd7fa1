"""Taking over the ministry's register from a file, and taking that back."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.about import delete_about
from chassis.database import in_turn
from chassis.gate import forget
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.intake import PersonErased
from sqlmodel import Session

from intake.commands.people import correct_identity, enter_register, register_person
from intake.model.days import WIT, today
from intake.model.imports import (
    AT_ONCE,
    HeadingsMissing,
    ImportRow,
    Kept,
    MappingChangedMeanwhile,
    Outcome,
    RegisterImport,
    RegisterMapping,
    mapping_of,
)
from intake.model.people import Identity, Person, RecordRestricted, is_child
from intake.model.register_rows import Headings, RegisterField, RegisterRow, headings_of, read_rows
from intake.model.spreadsheets import FileIsEmpty, Kind, Mistake, read
from intake.model.table import Table
from intake.queries import imports as queries
from intake.queries.imports import AFTER, CONTENT, Known
from intake.queries.people import identity_of

_FILE = "register_import.file"


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
    session: Session,
    headings: dict[str, RegisterField | None],
    *,
    seen: dict[str, RegisterField | None] | None = None,
    by: Actor,
    at: datetime,
) -> RegisterMapping:
    """Keeps what this site's headings mean, in place of what the officer saw, if they say what that was."""
    one_at_a_time(session)
    kept = dict(queries.mapping_of(session, by.site))
    if seen is not None and kept != seen and mapping_of(kept) != mapping_of(headings):
        raise MappingChangedMeanwhile
    return session.merge(RegisterMapping(site=by.site, headings=mapping_of(headings), saved_at=at, saved_by=by.id))


def read_register(session: Session, file: bytes, kind: Kind, *, by: Actor, at: datetime) -> Reading:
    """Reads a file and compares it with the register."""
    rows = read(file, kind)
    headings = headings_of(rows, queries.mapping_of(session, by.site))
    if len(rows) <= headings.row:
        raise FileIsEmpty
    if headings.missing:
        return Reading(headings, [])
    good, mistakes = read_rows(rows, headings, today(at, WIT))
    reading = Reading(headings, mistakes)
    known = queries.known_by_row(session, good)
    taken = queries.last_contents(session, {one.person.id for those in known.values() for one in those})
    for index, row in good.items():
        those = known.get(index, [])
        if not those:
            reading.created[index] = row
        elif said := _in_the_way(those, row):
            reading.mistakes.append(Mistake(index, headings.columns[RegisterField.REGISTER_NUMBER], said))
        elif (those[0].person.id, _content(session, row)) in taken or not differences(those[0], row):
            reading.unchanged += 1
        else:
            reading.changed[index] = row, those[0]
    reading.mistakes.sort(key=lambda mistake: mistake.row)
    return reading


def _in_the_way(those: list[Known], row: RegisterRow) -> str | None:
    """Why a row about somebody who is known cannot be taken, in words for staff."""
    if len(those) > 1:
        return "NIK di baris ini milik orang lain dalam register. Periksa nomor registrasi dan NIK-nya."
    [one] = those
    if one.identity is None:
        return "Data orang ini sudah dihapus. Tanyakan kepada pejabat pelindungan data sebelum memasukkannya lagi."
    if one.person.restricted_at is not None:
        return RecordRestricted.detail
    if not one.by_number and not one.person.inside:
        return "Orang dengan NIK ini tercatat sudah bebas. Catat dahulu bahwa ia masuk kembali."
    if not one.by_number and (row.from_on is None or row.number.book is None):
        return (
            "Orang dengan NIK ini terdaftar dengan nomor lain. Tambahkan kolom Register dan Tanggal Registrasi, atau "
            "catat perpindahan registernya dahulu."
        )
    return None


def apply_import(
    session: Session, import_id: UUID, file: bytes, reading: Reading, *, by: Actor, at: datetime
) -> RegisterImport:
    """Takes over the next rows of a file. The same file again goes on with the rest, and in the end changes nothing."""
    if reading.headings.missing:
        raise HeadingsMissing
    blind = vault_of(session).blind(_FILE, hashlib.sha256(file).hexdigest())
    taking = session.get(RegisterImport, import_id)
    if taking is None:
        taking = RegisterImport(id=import_id, site=by.site, file=blind, begun_at=at, begun_by=by.id)
        session.add(taking)
        session.flush()
    taking.must_be_of(blind)
    now = sorted([*reading.created, *reading.changed])[:AT_ONCE]
    ids = {index: uuid4() for index in now if index in reading.created}
    vault_of(session).make_keys(ids.values())
    for index in now:
        if index in ids:
            _create(session, taking, ids[index], reading.created.pop(index), by=by, at=at)
        else:
            _change(session, taking, *reading.changed.pop(index), by=by, at=at)
    if not reading.waiting and taking.finished_at is None:
        taking.finished_at = at
    return taking


def one_at_a_time(session: Session) -> None:
    """Imports of a site come one after the other: what one compares, no other may be changing."""
    in_turn(session, "register_import")


def undo_import(session: Session, import_id: UUID, *, by: Actor, at: datetime) -> RegisterImport:
    """Takes back the next rows of an import, until none is left but those that something else rests on by now.

    When there is nothing left, what had to be kept is looked at again.
    """
    one_at_a_time(session)
    undoing = queries.import_of(session, import_id)
    undoing.undo(by=by.id, at=at)
    rows = queries.undoable(session, import_id, AT_ONCE) or queries.kept_of(session, import_id)
    people = queries.locked(session, {row.person for row in rows})
    gone = _undo_rows(session, rows, people, by=by, at=at)
    erased = [row for row in gone if row.outcome is Outcome.CREATED and row.person in people]
    publish(session, *(_erased(undoing, row, at) for row in erased))
    for row in gone:
        session.delete(row)
    session.flush()
    _erase(session, [row.person for row in erased])
    undoing.undone_count += len(gone)
    undoing.kept_count = len(queries.kept_of(session, import_id))
    return undoing


def _undo_rows(
    session: Session, rows: Sequence[ImportRow], people: Mapping[UUID, Person], *, by: Actor, at: datetime
) -> list[ImportRow]:
    """Puts back who was changed; returns the rows that leave nothing behind. The others say why they stay."""
    more_is_known = queries.touched(session, [row.person for row in rows if row.outcome is Outcome.CREATED])
    gone = []
    for row in rows:
        person = people.get(row.person)
        row.kept = _rests_on(session, row, person, more_is_known)
        if row.kept is not None:
            continue
        before = queries.identity_before(session, row)
        if person is not None and before is not None and row.outcome is Outcome.CHANGED:
            correct_identity(session, person.id, before, person.identity_version, by=by, at=at)
        gone.append(row)
    return gone


def _rests_on(session: Session, row: ImportRow, person: Person | None, more_is_known: set[UUID]) -> Kept | None:
    if person is None:
        # Erased meanwhile: there is nothing left to undo.
        return None
    if row.outcome is Outcome.MOVED:
        return Kept.CASE_MOVED
    if row.person in more_is_known or person.merged_into is not None or person.restricted_at is not None:
        return Kept.MORE_IS_KNOWN
    same = _after(session, person.id, identity_of(session, person)) == row.after
    return None if same else Kept.CORRECTED_SINCE


def _erased(undoing: RegisterImport, row: ImportRow, at: datetime) -> PersonErased:
    return PersonErased(site=undoing.site, occurred_at=at, person=row.person, erasure_id=row.id)


def _erase(session: Session, people: Sequence[UUID]) -> None:
    for person in people:
        forget(session, person)
    # Nothing is known of them but what registering them made: whatever is about them goes.
    delete_about(session, Table.metadata, "person", *people)
    # The keys last, and before the commit: should that fail, undoing again finds the same people and ends the same way.
    vault_of(session).destroy(*people)


def differences(known: Known, row: RegisterRow) -> dict[str, tuple[Any, Any]]:
    """Field by field what stands in the register and what the file says. What a file leaves open is no difference."""
    assert known.identity is not None
    sides = _corrected(known.identity, row).beside(known.identity)
    found = {name: (side["stored"], side["sent"]) for name, side in sides.items()}
    if not known.by_number:
        # The one that stands is not read for this: it is another look at more than was asked for.
        found["register_number"] = (None, row.number.written)
    return found


def _identity_of(row: RegisterRow) -> Identity:
    said = {name: getattr(row, name) for name in Identity.model_fields if hasattr(row, name)}
    return Identity(**said | {"aliases": list(row.aliases)})


def _corrected(identity: Identity, row: RegisterRow) -> Identity:
    """What is known with what the row adds. A name that somebody also goes by is not forgotten for another."""
    said = _identity_of(row).model_dump(exclude_none=True, exclude_defaults=True)
    return identity.model_copy(update=said | {"aliases": list(dict.fromkeys([*identity.aliases, *row.aliases]))})


def _create(
    session: Session, taking: RegisterImport, person_id: UUID, row: RegisterRow, *, by: Actor, at: datetime
) -> None:
    person = Person(
        id=person_id,
        site=taking.site,
        legal_status=row.legal_status,
        sex=row.sex,
        marital_status=row.marital_status,
        registered_at=at,
        registered_by=by.id,
    )
    number, identity = row.number, _identity_of(row)
    register_person(
        session,
        person,
        identity,
        number.written,
        book=number.book,
        from_on=row.from_on,
        admitted_on=row.admitted_on,
    )
    _took(session, taking, row, Outcome.CREATED, person, identity, 0)


def _change(
    session: Session, taking: RegisterImport, row: RegisterRow, known: Known, *, by: Actor, at: datetime
) -> None:
    assert known.identity is not None
    person, version = known.person, known.person.identity_version
    corrected = _corrected(known.identity, row)
    correct_identity(session, person.id, corrected, version, by=by, at=at)
    outcome = Outcome.CHANGED
    if not known.by_number:
        assert row.number.book and row.from_on
        outcome, child = Outcome.MOVED, is_child(row.legal_status)
        book, from_on = row.number.book, row.from_on
        enter_register(session, person.id, uuid4(), row.number.written, book, from_on, child, by=by, at=at)
    _took(session, taking, row, outcome, person, corrected, version)


def _took(
    session: Session,
    taking: RegisterImport,
    row: RegisterRow,
    outcome: Outcome,
    person: Person,
    identity: Identity,
    version: int,
) -> None:
    session.add(
        ImportRow(
            id=uuid4(),
            import_id=taking.id,
            person=person.id,
            outcome=outcome,
            content=_content(session, row),
            version=version,
            after=_after(session, person.id, identity),
        )
    )
    taking.took(outcome)


def _content(session: Session, row: RegisterRow) -> bytes:
    return vault_of(session).blind(CONTENT, row.said())


def _after(session: Session, person: UUID, identity: Identity) -> bytes:
    return vault_of(session).blind(AFTER, f"{person}{identity.model_dump_json()}")
