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
    [proof] = proofs_of(session, [followed])
    return proof


def proofs_of(session: Session, followed: Sequence[Followed]) -> list[Proof]:
    """The same for many, with one look."""
    wanted = [each.event_id for each in followed]
    readers: dict[UUID, list[Effect]] = {event_id: [] for event_id in wanted}
    for effect in session.exec(select(Effect).where(col(Effect.event_id).in_(wanted)).order_by(Effect.reader)):
        readers[effect.event_id].append(effect)
    return [Proof(each, readers[each.event_id]) for each in followed]


def incomplete(session: Session) -> list[Followed]:
    """What somebody still lacks, the oldest first; whatever another request is noting just now is left to it."""
    query = select(Followed).where(col(Followed.complete_at).is_(None)).order_by(col(Followed.due_at))
    return list(session.exec(query.with_for_update(skip_locked=True)))


def overdue(session: Session, now: datetime) -> list[Proof]:
    """What somebody lacks although its time is over, the oldest first."""
    query = select(Followed).where(col(Followed.complete_at).is_(None), col(Followed.due_at) < now)
    return proofs_of(session, session.exec(query.order_by(col(Followed.due_at))).all())
