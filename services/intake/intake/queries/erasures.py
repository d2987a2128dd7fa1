"""Looking up requests to be erased, what the law keeps, and how far an erasure has come."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from chassis.card import rows_about
from chassis.outbox import Whereabouts, whereabouts
from sqlalchemy import MetaData, exists
from sqlmodel import Session, col, select

from intake.model import Table
from intake.model.erasures import (
    Erasure,
    ErasureNotHere,
    ErasureOutcome,
    LegalHold,
    ProcedureOpen,
    RetentionRuns,
    StillInside,
)
from intake.model.people import Person


def erasure_of(session: Session, person_id: UUID, erasure_id: UUID) -> Erasure:
    """One request of a person."""
    found = session.get(Erasure, erasure_id)
    if found is None or found.person != person_id:
        raise ErasureNotHere
    return found


def erasures_of(session: Session, person_id: UUID) -> list[Erasure]:
    """Every request of a person, oldest first."""
    return list(session.exec(select(Erasure).where(Erasure.person == person_id).order_by(col(Erasure.recorded_at))))


def erased(session: Session) -> list[UUID]:
    """Everybody who was erased."""
    return list(session.exec(select(Erasure.person).where(Erasure.outcome == ErasureOutcome.DONE)))


def hold_on(session: Session, person: Person, day: date, metadata: MetaData = Table.metadata) -> type[LegalHold] | None:
    """What the law keeps this person's data for on that day, if anything."""
    if person.inside:
        return StillInside
    if _undecided(session, person.id, metadata):
        return ProcedureOpen
    if any(erasure.holds_on(day) for erasure in erasures_of(session, person.id)):
        return RetentionRuns
    return None


def kept_tables(session: Session, person_id: UUID) -> list[str]:
    """The tables that still say something about a person, its requests to be erased aside."""
    about = rows_about(Table.metadata, [person_id])
    return [
        table.name
        for table, theirs in about.items()
        if not table.info.get("outlives") and _any(session, exists().select_from(table).where(theirs))
    ]


def proof_of(session: Session, told: Sequence[str]) -> list[Whereabouts]:
    """Where the news of an erasure is, at every reader: said, and carried out there."""
    return [where for event_id in told for where in whereabouts(session, UUID(event_id))]


def _undecided(session: Session, person_id: UUID, metadata: MetaData) -> bool:
    """Whether a procedure about the person is open, in any table that says when one of its rows is."""
    return any(
        _any(session, exists().select_from(table).where(theirs, table.info["undecided"](table.c)))
        for table, theirs in rows_about(metadata, [person_id]).items()
        if "undecided" in table.info
    )


def _any(session: Session, condition: Any) -> bool:
    return bool(session.execute(select(condition)).scalar_one())
