"""Gates: what has been withdrawn or forgotten stays shut, in whatever order the news arrives."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, MetaData, Select, Table, Text, Uuid, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

metadata = MetaData()

gate = Table(
    "gate",
    metadata,
    Column("subject", Uuid, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("opened", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
)
"""Per key the highest epoch that was opened and the highest that was closed: two counters that only grow."""

forgotten = Table("forgotten", metadata, Column("subject", Uuid, primary_key=True))
"""Subjects that were erased: an opaque id each, so that late news of them makes nothing anew."""


def passes(epoch: int, closed: int) -> bool:
    """Something given in `epoch` passes until that epoch or a later one is closed. The one rule of every gate."""
    return epoch > closed


def open_gate(session: Session, subject: UUID, purpose: str, recipient: str | None, epoch: int) -> None:
    """Notes that `epoch` was opened; a replay or a late arrival changes nothing."""
    _raise(session, subject, purpose, recipient, opened=epoch, closed=0)


def close_gate(session: Session, subject: UUID, purpose: str, recipient: str | None, epoch: int) -> None:
    """Notes that `epoch` was closed, also when its opening has not been heard of yet."""
    _raise(session, subject, purpose, recipient, opened=0, closed=epoch)


def standing_epoch(session: Session, subject: UUID, purpose: str, recipient: str | None = None) -> int | None:
    """The epoch that stands for this key now, or None: never given, or withdrawn.

    The row stays locked until the caller's commit, so that a withdrawal cannot slip in between the look and the act.
    """
    query = select(gate.c.opened, gate.c.closed).where(*_key(subject, purpose, recipient))
    row = session.execute(query.with_for_update(read=True)).one_or_none()
    return row.opened if row and passes(row.opened, row.closed) else None


def standing(purpose: str) -> Select[tuple[UUID]]:
    """For whom something without a recipient stands now, for lists: a look, which locks nothing."""
    return select(gate.c.subject).where(
        gate.c.purpose == purpose, gate.c.recipient == "", gate.c.opened > gate.c.closed
    )


def still_passes(session: Session, subject: UUID, purpose: str, recipient: str | None, epoch: int) -> bool:
    """Whether something said under `epoch` may still pass."""
    closed = session.execute(select(gate.c.closed).where(*_key(subject, purpose, recipient))).scalar_one_or_none()
    return passes(epoch, closed or 0)


def forget(session: Session, subject: UUID) -> None:
    """Shuts every gate of a subject for good: what is still said of it is not applied."""
    session.execute(insert(forgotten).values(subject=subject).on_conflict_do_nothing())
    session.execute(delete(gate).where(gate.c.subject == subject))


def is_forgotten(session: Session, subject: UUID) -> bool:
    """Whether this subject was erased."""
    return session.execute(select(forgotten).where(forgotten.c.subject == subject)).first() is not None


def _key(subject: UUID, purpose: str, recipient: str | None) -> tuple:  # type: ignore[type-arg]
    return (gate.c.subject == subject, gate.c.purpose == purpose, gate.c.recipient == (recipient or ""))


def _raise(session: Session, subject: UUID, purpose: str, recipient: str | None, *, opened: int, closed: int) -> None:
    row = insert(gate).values(subject=subject, purpose=purpose, recipient=recipient or "", opened=opened, closed=closed)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["subject", "purpose", "recipient"],
            set_={
                "opened": func.greatest(gate.c.opened, row.excluded.opened),
                "closed": func.greatest(gate.c.closed, row.excluded.closed),
            },
        )
    )
