"""The register over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from contracts.intake import ReentryReason
from contracts.vocabulary import LegalStatus, MaritalStatus, ReleaseMode, Role, Sex
from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from intake.commands import people as commands
from intake.model.people import Identity, Person, PersonNotHere, Release
from intake.queries import people as queries

router = APIRouter()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR)]


class Registration(Form):
    """What the register holds of a person. The NIK is optional: its structure is checked, nothing is read from it."""

    name: Line
    register_number: Line
    legal_status: LegalStatus
    sex: Sex
    nik: Annotated[str, StringConstraints(pattern=r"^\d{16}$")] | None = None
    birth_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    marital_status: MaritalStatus | None = None
    prior_convictions: Annotated[int, Field(ge=0, le=99)] | None = None
    worked_before: bool | None = None


class PersonOut(BaseModel):
    """A person as registered."""

    person: UUID
    name: str
    register_number: str
    legal_status: LegalStatus
    inside: bool


class ReleaseIn(Form):
    """The end of a stay."""

    released_on: date
    mode: ReleaseMode


class ReentryIn(Form):
    """The beginning of another stay."""

    reentered_on: date
    reason: ReentryReason = ReentryReason.UNKNOWN


class ReleaseOut(BaseModel):
    """One end of a stay and the return after it."""

    release_id: UUID
    released_on: date
    mode: ReleaseMode
    reentered_on: date | None


@router.put("/people/{person}", status_code=201)
def register_person(person: UUID, sent: Registration, session: Transaction, by: Registrar, at: Now) -> PersonOut:
    """Enters a person under an id that the client chose, so that a repeated request is not a second person."""
    said = sent.model_dump(exclude={"name", "nik", "register_number"})
    entry = Person(id=person, site=by.site, registered_at=at, registered_by=by.id, **said)
    identity = Identity(name=sent.name, nik=sent.nik)
    return _person_out(session, commands.register_person(session, entry, identity, sent.register_number))


@router.get("/people/{person}")
def read_person(person: UUID, session: Transaction, look: Reader) -> PersonOut:
    """A person as registered."""
    found = session.get(Person, person)
    if found is None:
        raise PersonNotHere
    return _person_out(session, found)


@router.put("/people/{person}/releases/{release}", status_code=201)
def release_person(
    person: UUID, release: UUID, sent: ReleaseIn, session: Transaction, by: Registrar, at: Now
) -> ReleaseOut:
    """The person left."""
    return _release_out(commands.release_person(session, person, release, sent.released_on, sent.mode, by=by, at=at))


@router.post("/people/{person}/reentries", status_code=201)
def reenter_person(person: UUID, sent: ReentryIn, session: Transaction, by: Registrar, at: Now) -> ReleaseOut:
    """The person is back."""
    return _release_out(commands.reenter_person(session, person, sent.reentered_on, sent.reason, by=by, at=at))


def _person_out(session: Session, person: Person) -> PersonOut:
    return PersonOut(
        person=person.id,
        name=queries.identity_of(session, person).name,
        register_number=queries.numbers_of(session, person.id)[0],
        legal_status=person.legal_status,
        inside=person.inside,
    )


def _release_out(release: Release) -> ReleaseOut:
    return ReleaseOut(release_id=release.id, **release.model_dump(include={"released_on", "mode", "reentered_on"}))
