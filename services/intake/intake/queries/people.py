"""Looking up people and their stays."""

from uuid import UUID

from chassis.vault import vault_of
from sqlmodel import Session, col, select

from intake.model.people import Identity, Person, PersonNotHere, RegisterEntry, Release

IDENTITY, NUMBER = "person.identity", "register_entry.number"
"""The places that sealed values are bound to."""


def identity_of(session: Session, person: Person) -> Identity:
    """Who somebody is. Raises PersonNotHere when the person was erased."""
    if person.identity is None:
        raise PersonNotHere
    return Identity.model_validate_json(vault_of(session).open(person.id, IDENTITY, person.identity))


def numbers_of(session: Session, person_id: UUID) -> list[str]:
    """Every register number that somebody had, the latest first."""
    query = (
        select(RegisterEntry).where(RegisterEntry.person == person_id).order_by(col(RegisterEntry.entered_at).desc())
    )
    sealed = [(entry.person, entry.number) for entry in session.exec(query)]
    return [number.decode() for number in vault_of(session).open_all(NUMBER, sealed) if number is not None]


def open_release(session: Session, person_id: UUID) -> Release | None:
    """The release of somebody who has not come back."""
    query = select(Release).where(Release.person == person_id, col(Release.reentered_on).is_(None)).limit(1)
    return session.exec(query).first()
