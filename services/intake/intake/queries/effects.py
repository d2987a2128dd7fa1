"""Looking up whether something said took effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from intake.model.effects import Effect, EffectUnknown, Followed


@dataclass(frozen=True)
class Proof:
    """What is known of one event's effect, as last noted."""

    followed: Followed
    effects: Sequence[Effect]
    """One per reader, by name."""


def proof_of(session: Session, event_id: UUID) -> Proof:
    """What is known of the effect of an event. Raises EffectUnknown for one that nobody follows."""
    followed = session.get(Followed, event_id)
    if followed is None:
        raise EffectUnknown
    return Proof(followed, effects_of(session, event_id))


def effects_of(session: Session, event_id: UUID) -> list[Effect]:
    """The readers of a followed event, as last noted."""
    return list(session.exec(select(Effect).where(Effect.event_id == event_id).order_by(Effect.reader)))


def incomplete(session: Session) -> list[Followed]:
    """What somebody still lacks, the oldest first; whatever another request is noting just now is left to it."""
    query = select(Followed).where(col(Followed.complete_at).is_(None)).order_by(col(Followed.due_at))
    return list(session.exec(query.with_for_update(skip_locked=True)))


def overdue(session: Session, now: datetime) -> list[Proof]:
    """What somebody lacks although its time is over, the oldest first."""
    query = select(Followed).where(col(Followed.complete_at).is_(None), col(Followed.due_at) < now)
    late = session.exec(query.order_by(col(Followed.due_at)))
    return [Proof(followed, effects_of(session, followed.event_id)) for followed in late]
