"""Entering somebody in the register, correcting who they are, and moving on with their case."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid4

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.readlog import Look, note
from chassis.vault import vault_of
from contracts.vocabulary import RegisterBook
from sqlmodel import Session, col, delete

from intake.model.days import must_have_come
from intake.model.people import (
    IdentifierIndex,
    Identity,
    IdentityCorrection,
    MergedIntoAnother,
    Person,
    PersonIdTaken,
    PersonNotHere,
    RegisterEntry,
    RegisterEntryIdTaken,
    RegisterNumber,
    RegisterNumberTaken,
    StatusAndBookDisagree,
    is_child,
    status_in,
)
from intake.model.stays import Admission, Stay
from intake.queries import people as queries
from intake.queries.people import IDENTITY, NUMBER, REASON


def register_person(
    session: Session,
    person: Person,
    identity: Identity,
    number: str | None,
    *,
    book: RegisterBook | None = None,
    from_on: date | None = None,
    admitted_on: date | None = None,
    how: Admission = Admission.NEW,
) -> Person:
    """Enters a person in the register. The same entry again changes nothing."""
    in_turn(session, person.id)
    _may_be(person, identity, (admitted_on, from_on))
    if known := session.get(Person, person.id):
        if not known.same_as(person) or _told(session, known, number) != (identity, number):
            raise PersonIdTaken
        return known
    person.identity = seal_identity(session, person.id, identity)
    session.add(person)
    session.flush()
    _index(session, person.id, identity)
    session.add(
        Stay(
            id=uuid4(),
            site=person.site,
            person=person.id,
            how=how,
            admitted_on=admitted_on,
            admitted_at=person.registered_at,
            admitted_by=person.registered_by,
        )
    )
    if number is not None:
        _enter_first(session, person, RegisterNumber.read(number, book), from_on or admitted_on)
    publish(session, person.register())
    return person


def check_registration(
    session: Session,
    person: Person,
    identity: Identity,
    number: str,
    *,
    book: RegisterBook | None,
    days: Iterable[date | None],
) -> None:
    """Raises what `register_person` would raise, and keeps nothing. What is registered under this id already passes."""
    _may_be(person, identity, days)
    read = RegisterNumber.read(number, book)
    _must_agree(person, read)
    known = session.get(Person, person.id)
    if read.book and not known and queries.number_taken(session, read.book, queries.blind_number(session, read)):
        raise RegisterNumberTaken


def _may_be(person: Person, identity: Identity, days: Iterable[date | None]) -> None:
    for day in days:
        if day is not None:
            must_have_come(day, person.registered_at)
    person.born(identity, person.registered_at)


def _told(session: Session, known: Person, number: str | None) -> tuple[Identity, str | None]:
    numbers = queries.numbers_of(session, known.id)
    return queries.identity_of(session, known), number if number in numbers else None


def _enter_first(session: Session, person: Person, number: RegisterNumber, from_on: date | None) -> None:
    _must_agree(person, number)
    at, by = person.registered_at, person.registered_by
    session.add(new_entry(session, uuid4(), person, number, from_on, by=by, at=at))


def _must_agree(person: Person, number: RegisterNumber) -> None:
    if number.book and not is_child(person.legal_status) and person.legal_status != status_in(number.book):
        raise StatusAndBookDisagree


def new_entry(
    session: Session,
    entry_id: UUID,
    person: Person,
    number: RegisterNumber,
    from_on: date | None,
    *,
    by: UUID,
    at: datetime,
    site: str | None = None,
) -> RegisterEntry:
    """An entry in a register of this site, or as it was in that of another. Raises RegisterNumberTaken."""
    blind = queries.blind_number(session, number)
    if site is None and number.book is not None:
        # Two officers may write the same number at once, for two people.
        in_turn(session, f"{number.book} {blind.hex()}")
        if queries.number_taken(session, number.book, blind):
            raise RegisterNumberTaken
    return RegisterEntry(
        id=entry_id,
        site=site or person.site,
        person=person.id,
        book=number.book,
        number=vault_of(session).seal(person.id, NUMBER, number.written.encode()),
        blind=blind,
        from_on=from_on,
        entered_at=at,
        entered_by=by,
    )


def enter_register(
    session: Session,
    person_id: UUID,
    entry_id: UUID,
    number: str,
    book: RegisterBook,
    from_on: date,
    child: bool | None,
    *,
    by: Actor,
    at: datetime,
) -> Person:
    """The case moved on to another register. The same entry again changes nothing."""
    person, read = person_of(session, person_id), RegisterNumber.read(number, book)
    if known := session.get(RegisterEntry, entry_id):
        blind = queries.blind_number(session, read)
        if (known.person, known.book, known.from_on, known.blind) != (person_id, book, from_on, blind):
            raise RegisterEntryIdTaken
        return person
    before = queries.latest_entry(session, person_id)
    entry = new_entry(session, entry_id, person, read, from_on, by=by.id, at=at)
    publish(session, person.move_on(entry, before, child, at))
    session.add(entry)
    return person


def correct_identity(
    session: Session, person_id: UUID, identity: Identity, seen: int, *, by: Actor, at: datetime
) -> Person:
    """Corrects who somebody is, if nobody did so since the officer looked. The same again changes nothing."""
    person = person_of(session, person_id)
    stored = queries.identity_of(session, person)
    if stored == identity:
        return person
    before = IdentityCorrection(
        person=person_id,
        version=person.identity_version,
        before=person.identity or b"",
        corrected_at=at,
        corrected_by=by.id,
    )
    person.correct(stored, identity, seen, at)
    session.add(before)
    person.identity = seal_identity(session, person_id, identity)
    _index(session, person_id, identity)
    return person


def restrict_person(session: Session, person_id: UUID, restricted: bool, *, by: Actor, at: datetime) -> Person:
    """Closes a record to ordinary looks, or opens it again."""
    person = person_of(session, person_id)
    person.restrict(restricted, by=by.id, at=at)
    return person


def look_in_emergency(session: Session, person_id: UUID, reason: str, purpose: str, *, by: Actor, at: datetime) -> None:
    """Notes that somebody had to look, and why; both entries, where another one speaks for this."""
    for entry in {person_id, queries.kept_of(session, person_id).id}:
        sealed = vault_of(session).seal(entry, REASON, reason.encode())
        note(session, entry, Look(by, purpose, at, emergency=True, reason=sealed))


def seal_identity(session: Session, person_id: UUID, identity: Identity) -> bytes:
    """An identity as it is kept."""
    return vault_of(session).seal(person_id, IDENTITY, identity.model_dump_json(exclude_defaults=True).encode())


def _index(session: Session, person_id: UUID, identity: Identity) -> None:
    """Makes the identity's numbers findable, and no others."""
    session.execute(delete(IdentifierIndex).where(col(IdentifierIndex.person) == person_id))
    found = {(number.kind, queries.blind_identifier(session, number)) for number in identity.numbers()}
    session.add_all(IdentifierIndex(person=person_id, kind=kind, blind=blind) for kind, blind in found)


def person_of(session: Session, person_id: UUID) -> Person:
    """The person, locked until the commit, to write about. Raises MergedIntoAnother where another entry speaks."""
    person = locked(session, person_id)
    if person.merged_into is not None:
        raise MergedIntoAnother(person.merged_into)
    return person


def locked(session: Session, person_id: UUID) -> Person:
    """The entry itself, locked until the commit, whether or not another one speaks for it."""
    # Locked: two answers of one person are taken one after the other, so epochs cannot collide. Read anew: what was
    # read before the wait for the lock may be old. Flushed: reading anew would undo what is not written yet.
    session.flush()
    person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None or person.identity is None:
        raise PersonNotHere
    return person
