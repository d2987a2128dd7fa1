"""Looking up requests to be erased, what the law keeps, and how far an erasure has come."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis import gate
from chassis.about import about, rows_about
from sqlalchemy import MetaData, exists, or_
from sqlmodel import Session, col, select

from intake.model import Table
from intake.model.effects import Effect
from intake.model.erasures import (
    Erasure,
    ErasureNotHere,
    LegalHold,
    ProcedureOpen,
    RetentionRuns,
    StillInside,
)
from intake.model.people import Person
from intake.queries import effects


def erasure_of(session: Session, person_id: UUID, erasure_id: UUID) -> Erasure:
    """One request of a person."""
    found = session.get(Erasure, erasure_id)
    if found is None or found.person != person_id:
        raise ErasureNotHere
    return found


def erasures_of(session: Session, person_id: UUID) -> list[Erasure]:
    """Every request of a person, oldest first."""
    return list(session.exec(select(Erasure).where(Erasure.person == person_id).order_by(col(Erasure.recorded_at))))


def listed(session: Session, most: int = 200) -> list[Erasure]:
    """Who waits for a decision, the longest first, and then what was decided last."""
    waiting = select(Erasure).where(col(Erasure.outcome).is_(None)).limit(most)
    decided = select(Erasure).where(col(Erasure.outcome).is_not(None)).order_by(col(Erasure.decided_at).desc())
    waiting = waiting.order_by(col(Erasure.received_on), col(Erasure.recorded_at))
    return [*session.exec(waiting), *session.exec(decided.limit(most))]


def erased(session: Session) -> list[UUID]:
    """Everybody who was erased, also those whose entry was a mistake and is gone whole."""
    return list(session.execute(select(gate.forgotten.c.subject)).scalars())


def hold_on(
    session: Session, entries: Sequence[Person], day: date, metadata: MetaData = Table.metadata
) -> type[LegalHold] | None:
    """What the law keeps the data for of a person, whose entries these are, on that day; None if nothing does."""
    people = [entry.id for entry in entries]
    if any(entry.inside for entry in entries):
        return StillInside
    if _undecided(session, metadata, people):
        return ProcedureOpen
    if any(erasure.holds_on(day) for entry in people for erasure in erasures_of(session, entry)):
        return RetentionRuns
    return None


def kept_tables(session: Session, people: Sequence[UUID]) -> list[str]:
    """The tables that still say something about a person, the requests to be erased aside."""
    held = {table: table.name for table, _ in rows_about(session, Table.metadata, "person", *people)}
    return [name for table, name in held.items() if not table.info.keys() & {"outlives", "withheld"}]


def proof_of(session: Session, told: Sequence[str]) -> list[Effect]:
    """Where the news of an erasure took effect, reader by reader."""
    return [effect for event_id in told for effect in effects.proof_of(session, UUID(event_id)).effects]


def _undecided(session: Session, metadata: MetaData, people: Sequence[UUID]) -> bool:
    """Whether a procedure about the person is open, in any table that says when one of its rows is."""
    open_ = [
        exists().select_from(table).where(theirs, table.info["undecided"](table.c))
        for table, theirs in about(metadata, "person", *people).items()
        if "undecided" in table.info
    ]
    return bool(session.execute(select(or_(*open_))).scalar_one())
