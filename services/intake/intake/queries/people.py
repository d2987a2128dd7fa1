"""Looking up people: who they are, under which numbers, and who of them may be shown."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.readlog import Look
from chassis.vault import vault_of
from contracts.vocabulary import LegalStatus, RegisterBook, Role
from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from intake.model.duplicates import words
from intake.model.people import (
    Identifier,
    IdentifierIndex,
    IdentifierKind,
    Identity,
    Person,
    PersonNotHere,
    RecordRestricted,
    RegisterEntry,
    RegisterNumber,
)

IDENTITY, NUMBER, REASON = "person.identity", "register_entry.number", "read_log.reason"
"""The places that sealed values are bound to."""

READS_RESTRICTED = frozenset({Role.HEAD, Role.PRIVACY_OFFICER})
PAGE = 50
_AT_ONCE = 20_000
"""Keys that are asked for in one statement; PostgreSQL takes no more than 65 535 values."""

# Built once: building one takes as long as asking it, and most pages ask these.
_people: Any = bindparam("people", expanding=True)
_PEOPLE = select(Person).where(col(Person.id).in_(_people))
_person_id: Any = bindparam("person")
_WITH_MERGED = (
    select(Person).where(or_(Person.id == _person_id, Person.merged_into == _person_id)).order_by(col(Person.id))
)
_BORN = select(Person).where(
    Person.birth_year == bindparam("year"),
    col(Person.merged_into).is_(None),
    col(Person.id).not_in(bindparam("besides", expanding=True)),
)
_IN_REGISTERS = (
    select(RegisterEntry)
    .where(col(RegisterEntry.person).in_(_people))
    .order_by(
        col(RegisterEntry.closed_on).is_not(None),
        col(RegisterEntry.from_on).desc().nulls_last(),
        col(RegisterEntry.entered_at).desc(),
    )
)


def kept_of(session: Session, person_id: UUID) -> Person:
    """The entry that speaks for this one: itself, unless it was merged into another. Raises PersonNotHere."""
    person = _person(session, person_id)
    if person is not None and person.merged_into is not None:
        person = _person(session, person.merged_into)
    if person is None:
        raise PersonNotHere
    return person


def _person(session: Session, person_id: UUID) -> Person | None:
    # A session forgets what nobody holds, and would read the same row again for the next question.
    held: Person | None = session.info.get(person_id)
    if held is None and (held := session.exec(_PEOPLE, params={"people": [person_id]}).one_or_none()):
        session.info[person_id] = held
    return held


def entries_of(session: Session, person_id: UUID) -> list[UUID]:
    """Every entry that is this person, the one that speaks for them first."""
    found = session.exec(_WITH_MERGED, params={"person": person_id}).all()
    session.info.update({entry.id: entry for entry in found})
    kept = kept_of(session, person_id).id
    if kept != person_id:
        return entries_of(session, kept)
    return [kept, *(entry.id for entry in found if entry.id != kept)]


def may_look(session: Session, person_id: UUID, look: Look) -> None:
    """Refuses an ordinary look at a restricted record, also through an entry that was merged into it."""
    if look.emergency or look.by.roles & READS_RESTRICTED:
        return
    asked = _person(session, person_id)
    kept = _person(session, asked.merged_into) if asked and asked.merged_into else None
    if any(entry.restricted_at for entry in (asked, kept) if entry):
        raise RecordRestricted


def identity_of(session: Session, person: Person) -> Identity:
    """Who somebody is. Raises PersonNotHere when the person was erased."""
    if person.identity is None:
        raise PersonNotHere
    return Identity.model_validate_json(vault_of(session).open(person.id, IDENTITY, person.identity))


def identities_of(session: Session, people: Iterable[Person]) -> list[tuple[Person, Identity]]:
    """Who they all are, with one look at the keys; whoever was erased is not among them."""
    sealed = [(person, person.identity) for person in people if person.identity is not None]
    found: list[tuple[Person, Identity]] = []
    for start in range(0, len(sealed), _AT_ONCE):
        part = sealed[start : start + _AT_ONCE]
        opened = vault_of(session).open_all([(person.id, IDENTITY, value) for person, value in part])
        found += [
            (person, Identity.model_validate_json(said))
            for (person, _), said in zip(part, opened, strict=True)
            if said is not None
        ]
    return found


@dataclass(frozen=True)
class Numbered:
    """One register entry, opened."""

    entry: RegisterEntry
    number: RegisterNumber


def registers_of(session: Session, *people: UUID) -> list[Numbered]:
    """Every number that somebody had in a register: what stands now first, then the latest."""
    entries = _entries_in_registers(session, *people)
    opened = vault_of(session).open_all([(entry.person, NUMBER, entry.number) for entry in entries])
    return _numbered(entries, opened)


def record_of(session: Session, person: Person, *people: UUID) -> tuple[Identity, list[Numbered]]:
    """Who somebody is and every number of these entries, with one look at the keys. Raises PersonNotHere."""
    if person.identity is None:
        raise PersonNotHere
    entries = _entries_in_registers(session, *people)
    sealed = [(person.id, IDENTITY, person.identity), *((one.person, NUMBER, one.number) for one in entries)]
    said, *opened = vault_of(session).open_all(sealed)
    if said is None:
        raise PersonNotHere
    return Identity.model_validate_json(said), _numbered(entries, opened)


def _entries_in_registers(session: Session, *people: UUID) -> list[RegisterEntry]:
    return list(session.exec(_IN_REGISTERS, params={"people": people}))


def _numbered(entries: Sequence[RegisterEntry], opened: Sequence[bytes | None]) -> list[Numbered]:
    return [
        Numbered(entry, RegisterNumber.read(said.decode(), entry.book))
        for entry, said in zip(entries, opened, strict=True)
        if said is not None
    ]


def numbers_of(session: Session, person_id: UUID) -> list[str]:
    """Every register number that somebody had, the latest first."""
    return [numbered.number.written for numbered in registers_of(session, person_id)]


def latest_numbers(session: Session, people: Sequence[UUID]) -> dict[UUID, str]:
    """Under which number each of them stands now, or stood last."""
    return {one.entry.person: one.number.written for one in reversed(registers_of(session, *people))}


@dataclass(frozen=True)
class Named:
    """Who an id stands for: itself, or the entry that it was merged into."""

    asked: UUID
    person: Person
    identity: Identity
    register_number: str | None


def named(session: Session, look: Look, asked: Collection[UUID]) -> list[Named]:
    """Who these ids stand for; whoever is closed to this look, erased or unknown is left out."""
    entries = session.exec(_PEOPLE, params={"people": list(asked)}).all()
    wanted = [entry.merged_into for entry in entries if entry.merged_into]
    others = session.exec(_PEOPLE, params={"people": wanted}) if wanted else ()
    kept = {p.id: p for p in (*entries, *others)}
    pairs = [(entry, kept[entry.merged_into or entry.id]) for entry in entries]
    if not look.by.roles & READS_RESTRICTED:
        pairs = [pair for pair in pairs if not any(one.restricted_at for one in pair)]
    known = called(session, [person for _, person in pairs])
    return [Named(entry.id, person, *known[person.id]) for entry, person in pairs if person.id in known]


def called(session: Session, people: Iterable[Person]) -> dict[UUID, tuple[Identity, str | None]]:
    """Who people are and under which number, with one look at the keys; whoever was erased is not among them."""
    sealed = {person.id: person.identity for person in people if person.identity is not None}
    registered = _entries_in_registers(session, *sealed)
    places = [
        *((id, IDENTITY, said) for id, said in sealed.items()),
        *((entry.person, NUMBER, entry.number) for entry in registered),
    ]
    opened = vault_of(session).open_all(places)
    numbered = _numbered(registered, opened[len(sealed) :])
    numbers = {one.entry.person: one.number.written for one in reversed(numbered)}
    return {
        id: (Identity.model_validate_json(said), numbers.get(id))
        for id, said in zip(sealed, opened, strict=False)
        if said is not None
    }


def latest_entry(session: Session, person_id: UUID) -> RegisterEntry | None:
    """Where somebody stands in the registers now, or stood last."""
    query = select(RegisterEntry).where(RegisterEntry.person == person_id, RegisterEntry.site == session.info["site"])
    order = (col(RegisterEntry.closed_on).is_not(None), col(RegisterEntry.entered_at).desc())
    return session.exec(query.order_by(*order).limit(1)).first()


def blind_number(session: Session, number: RegisterNumber) -> bytes:
    """What a register number is found by, whichever way it is written."""
    return vault_of(session).blind(NUMBER, number.key())


def blind_identifier(session: Session, identifier: Identifier) -> bytes:
    """What an identifier is found by."""
    return vault_of(session).blind(f"identifier.{identifier.kind}", identifier.key())


def number_taken(session: Session, book: RegisterBook, blind: bytes) -> bool:
    """Whether somebody stands under this number in this register now."""
    query = select(RegisterEntry.id).where(
        RegisterEntry.site == session.info["site"],
        RegisterEntry.book == book,
        RegisterEntry.blind == blind,
        col(RegisterEntry.closed_on).is_(None),
    )
    return session.exec(query).first() is not None


@dataclass(frozen=True)
class Found:
    """One page of people, and how many there are."""

    people: Sequence[tuple[Person, Identity]]
    count: int


def find(
    session: Session,
    look: Look,
    *,
    inside: bool | None,
    legal_status: LegalStatus | None,
    sought: str | None,
    page: int,
    size: int = PAGE,
) -> Found:
    """The site's people by name, those who are spoken for and those who may not be shown left out."""
    query = select(Person).where(col(Person.merged_into).is_(None))
    if not look.by.roles & READS_RESTRICTED:
        query = query.where(col(Person.restricted_at).is_(None))
    if inside is not None:
        query = query.where(col(Person.inside) == inside)
    if legal_status is not None:
        query = query.where(Person.legal_status == legal_status)
    people = identities_of(session, session.exec(query))
    if sought:
        by_number, wanted = _by_number(session, sought), words(sought)
        people = [one for one in people if one[0].id in by_number or _is_called(one[1], wanted)]
    people.sort(key=lambda one: (one[1].name.casefold(), str(one[0].id)))
    return Found(people[(page - 1) * size : page * size], len(people))


def _by_number(session: Session, sought: str) -> set[UUID]:
    """Whose register number, NIK or other identifier it is; the entry that speaks for them."""
    register = blind_number(session, RegisterNumber.read(sought))
    others = [blind_identifier(session, Identifier(kind=kind, value=sought)) for kind in IdentifierKind]
    entered = select(RegisterEntry.person).where(RegisterEntry.blind == register)
    identified = select(IdentifierIndex.person).where(col(IdentifierIndex.blind).in_(others))
    query = select(Person).where(or_(col(Person.id).in_(entered), col(Person.id).in_(identified)))
    return {person.merged_into or person.id for person in session.exec(query)}


def _is_called(identity: Identity, wanted: list[str]) -> bool:
    """Whether every word that was sought begins a word of one of the names."""
    return bool(wanted) and any(
        all(any(word.startswith(part) for word in words(name)) for part in wanted)
        for name in (identity.name, *identity.aliases)
    )


def born_in(session: Session, year: int, besides: Iterable[UUID]) -> list[tuple[Person, Identity]]:
    """Whoever was born in that year, as far as is known."""
    return identities_of(session, session.exec(_BORN, params={"year": year, "besides": list(besides)}))
