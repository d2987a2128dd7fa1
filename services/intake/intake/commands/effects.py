"""Following what was said until every reader has committed what follows from it."""

from datetime import datetime
from uuid import UUID

from chassis.outbox import whereabouts
from sqlmodel import Session

from intake.model.effects import EffectUnknown, Followed
from intake.queries import effects as queries
from intake.queries.effects import Proof


def follow(session: Session, event_id: UUID, at: datetime) -> None:
    """From now on the effect of this event is to be proven, within three days of `at`. Again, it changes nothing."""
    if session.get(Followed, event_id) is None:
        session.add(Followed.of(event_id, session.info["site"], at))
        session.flush()


def note_effects(session: Session, now: datetime) -> None:
    """Notes who has what is followed."""
    for followed in queries.incomplete(session):
        _note(session, followed, now)


def prove(session: Session, event_id: UUID, now: datetime) -> Proof:
    """The proof of one event's effect as it is now. Raises EffectUnknown."""
    followed = session.get(Followed, event_id, with_for_update=True, populate_existing=True)
    if followed is None:
        raise EffectUnknown
    if followed.complete_at is None:
        _note(session, followed, now)
    return queries.proof_of(session, event_id)


def _note(session: Session, followed: Followed, now: datetime) -> None:
    # Nothing is found once the outbox has forgotten the row, thirty days after: then what was noted stands.
    applied = {place.reader: place.applied for place in whereabouts(session, followed.event_id)}
    known = {effect.reader: effect for effect in queries.effects_of(session, followed.event_id)}
    session.add_all(followed.note(known, applied, now))
    session.flush()
