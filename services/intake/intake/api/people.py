"""The register over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.errors import problem_of
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, Purpose, looks, note
from chassis.routes import Router
from contracts.vocabulary import LegalStatus, MaritalStatus, RegisterBook, Role, Sex
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from sqlmodel import Session

from intake.commands import people as commands
from intake.model.people import (
    ChangedMeanwhile,
    Identifier,
    IdentifierKind,
    Identity,
    Person,
    nik_is_plausible,
)
from intake.queries import people as queries
from intake.queries.duplicates import likely_duplicates

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.PRIVACY_OFFICER)]
Corrector = Annotated[Look, looks("person", Role.REGISTRAR)]
Restrictor = Annotated[Actor, requires(Role.HEAD, Role.PRIVACY_OFFICER)]
# Whoever works in the rutan. The ministry and the inspector do not: no identity leaves it.
OF_THE_RUTAN = tuple(role for role in Role if role not in (Role.MINISTRY, Role.INSPECTOR))
OfTheRutan = Annotated[Actor, requires(*OF_THE_RUTAN)]


def _plausible(nik: str) -> str:
    if not nik_is_plausible(nik):
        raise ValueError("no structure of a NIK")
    return nik


Nik = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$"), AfterValidator(_plausible)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
BirthYear = Annotated[int, Field(ge=1900, le=2100)]


class IdentifierIn(Form):
    """One more number that tells who somebody is."""

    kind: IdentifierKind
    value: Line


class IdentityIn(Form):
    """Who somebody is. Only the name must be known. The structure of a NIK is checked, and nothing is read from it."""

    name: Line
    aliases: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    nik: Nik | None = None
    identifiers: Annotated[tuple[IdentifierIn, ...], Field(max_length=20)] = ()
    birth_place: Line | None = None
    birth_date: date | None = None
    nationality: Country | None = None
    address: Line | None = None
    religion: Line | None = None
    language: Line | None = None
    disability: Line | None = None
    interpreter: Line | None = None

    def said(self) -> Identity:
        """The same as it is sealed."""
        identifiers = [Identifier(kind=one.kind, value=one.value) for one in self.identifiers]
        fields = self.model_dump(include=set(Identity.model_fields) - {"identifiers"})
        return Identity(**fields, identifiers=identifiers)


class Registration(IdentityIn):
    """What the register holds of a person."""

    register_number: Line
    register_book: RegisterBook | None = None
    registered_on: date | None = None
    """Since when the person stands under this number."""
    admitted_on: date | None = None
    legal_status: LegalStatus
    sex: Sex
    birth_year: BirthYear | None = None
    marital_status: MaritalStatus | None = None
    prior_convictions: Annotated[int, Field(ge=0, le=99)] | None = None
    worked_before: bool | None = None


class Correction(IdentityIn):
    """Who somebody is, in place of what the officer saw."""

    version: Annotated[int, Field(ge=1)]


class RegisterEntryIn(Form):
    """Another register. The legal status follows it, but that somebody is anak binaan is said by hand."""

    number: Line
    book: RegisterBook
    from_on: date
    anak_binaan: bool | None = None


class RestrictionIn(Form):
    """Whether the record is closed to ordinary looks."""

    restricted: bool


class EmergencyIn(Form):
    """Why it cannot wait."""

    reason: Line


class RegisterEntryOut(BaseModel):
    """One number in a register, and what could be read of it."""

    entry: UUID
    site: str
    number: str
    book: RegisterBook | None
    sequence: int | None
    year: int | None
    from_on: date | None
    closed_on: date | None


class PersonOut(BaseModel):
    """A person as registered. `entries` are those that were merged into this one."""

    person: UUID
    name: str
    register_number: str | None
    legal_status: LegalStatus
    inside: bool
    birth_year: int | None
    sex: Sex
    version: int
    identity: Identity
    registers: list[RegisterEntryOut]
    restricted: bool
    entries: list[UUID]


class RegisteredOut(BaseModel):
    """What was entered, and how many others it may already be. No more of the record than was sent: it is no look."""

    person: UUID
    name: str
    register_number: str
    legal_status: LegalStatus
    inside: bool
    version: int
    likely_duplicates: int


def _entry(person: UUID, sent: Registration, by: Actor, at: datetime) -> Person:
    own = {"birth_year", "sex", "legal_status", "marital_status", "prior_convictions", "worked_before"}
    return Person(id=person, site=by.site, registered_at=at, registered_by=by.id, **sent.model_dump(include=own))


@router.post("/people/{person}/registration-check", status_code=204)
def check_registration(person: UUID, sent: Registration, session: Transaction, by: Registrar, at: Now) -> None:
    """Whether it could be entered as it stands: for a form of several steps. Nothing is kept."""
    commands.check_registration(
        session,
        _entry(person, sent, by, at),
        sent.said(),
        sent.register_number,
        book=sent.register_book,
        days=(sent.registered_on, sent.admitted_on),
    )


@router.put("/people/{person}", status_code=201)
def register_person(person: UUID, sent: Registration, session: Transaction, by: Registrar, at: Now) -> RegisteredOut:
    """Enters a person under an id that the client chose, so that a repeated request is not a second person."""
    known = commands.register_person(
        session,
        _entry(person, sent, by, at),
        sent.said(),
        sent.register_number,
        book=sent.register_book,
        from_on=sent.registered_on,
        admitted_on=sent.admitted_on,
    )
    return RegisteredOut(
        person=known.id,
        name=sent.name,
        register_number=sent.register_number,
        legal_status=known.legal_status,
        inside=known.inside,
        version=known.identity_version,
        likely_duplicates=len(likely_duplicates(session, known, by.roles)),
    )


@router.get("/people/{person}")
def read_person(person: UUID, session: Transaction, look: Reader) -> PersonOut:
    """A person as registered, through the entry that speaks for them."""
    kept = queries.kept_of(session, person)
    if kept.id != person:
        note(session, kept.id, look)
    return person_out(session, kept)


@router.put("/people/{person}/identity", response_model=PersonOut)
def correct_identity(person: UUID, sent: Correction, session: Transaction, look: Corrector) -> PersonOut | JSONResponse:
    """Corrects who somebody is. Where another officer was faster, both versions are shown and neither overwritten."""
    try:
        known = commands.correct_identity(session, person, sent.said(), sent.version, by=look.by, at=look.at)
    except ChangedMeanwhile as refusal:
        # Answered and not raised: what is shown here was a look, and its line in the log must be committed.
        return problem_of(refusal)
    return person_out(session, known)


@router.put("/people/{person}/register-entries/{entry}", status_code=201)
def enter_register(
    person: UUID, entry: UUID, sent: RegisterEntryIn, session: Transaction, look: Corrector
) -> PersonOut:
    """The case moved on: another register, another number."""
    known = commands.enter_register(
        session, person, entry, sent.number, sent.book, sent.from_on, sent.anak_binaan, by=look.by, at=look.at
    )
    session.flush()
    return person_out(session, known)


@router.put("/people/{person}/restriction", status_code=204)
def restrict_person(person: UUID, sent: RestrictionIn, session: Transaction, by: Restrictor, at: Now) -> None:
    """Closes the record to ordinary looks, or opens it again."""
    commands.restrict_person(session, person, sent.restricted, by=by, at=at)


@router.post("/people/{person}/emergency-looks", status_code=201)
def look_in_emergency(
    person: UUID, sent: EmergencyIn, session: Transaction, by: OfTheRutan, at: Now, purpose: Purpose
) -> PersonOut:
    """Shows a record to whoever says why it cannot wait; the head and the privacy officer see that it was done."""
    commands.look_in_emergency(session, person, sent.reason, purpose, by=by, at=at)
    return person_out(session, queries.kept_of(session, person))


def person_out(session: Session, person: Person) -> PersonOut:
    """A record as it is shown."""
    entries = queries.entries_of(session, person.id)
    identity, registers = queries.record_of(session, person, *entries)
    own = [numbered for numbered in registers if numbered.entry.person == person.id]
    return PersonOut(
        person=person.id,
        name=identity.name,
        register_number=own[0].number.written if own else None,
        legal_status=person.legal_status,
        inside=person.inside,
        birth_year=person.birth_year,
        sex=person.sex,
        version=person.identity_version,
        identity=identity,
        registers=[_entry_out(numbered) for numbered in registers],
        restricted=person.restricted_at is not None,
        entries=entries[1:],
    )


def _entry_out(numbered: queries.Numbered) -> RegisterEntryOut:
    entry, number = numbered.entry, numbered.number
    return RegisterEntryOut(
        entry=entry.id,
        site=entry.site,
        number=number.written,
        book=number.book,
        sequence=number.sequence,
        year=number.year,
        from_on=entry.from_on,
        closed_on=entry.closed_on,
    )
