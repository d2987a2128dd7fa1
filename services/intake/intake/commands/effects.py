"""Following what was said until every reader has committed what follows from it."""

from datetime import datetime
from uuid import UUID

from chassis.outbox import whereabouts
from sqlmodel import Session

from intake.model.effects import Followed
from intake.queries import effects as queries
from intake.queries.effects import Proof


def follow(session: Session, event_id: UUID, at: datetime) -> None:
    """From now on the effect of this event is to be proven, within three days of `at`. Again, it changes nothing."""
    if session.get(Followed, event_id) is None:
        session.add(Followed.of(event_id, session.info["site"], at))
        session.flush()


def note_effects(session: Session, now: datetime) -> None:
    """Notes who has what is followed."""
    for proof in queries.proofs_of(session, queries.incomplete(session)):
        _note(session, proof, now)


def prove(session: Session, event_id: UUID, now: datetime) -> Proof:
    """The proof of one event's effect as it is now. Raises EffectUnknown."""
    # Locked, so that two who look at once do not note the same reader twice.
    session.get(Followed, event_id, with_for_update=True, populate_existing=True)
    proof = queries.proof_of(session, event_id)
    if proof.followed.complete_at is None:
        _note(session, proof, now)
        session.flush()
    return queries.proof_of(session, event_id)


def _note(session: Session, proof: Proof, now: datetime) -> None:
    # Nothing is found once the outbox has forgotten the row, thirty days after: then what was noted stands.
    event_id = proof.followed.event_id
    places = whereabouts(session, event_id).get(event_id, [])
    applied = {r: r in place.received_by for place in places for r in (*place.received_by, *place.awaited)}
    known = {effect.reader: effect for effect in proof.effects}
    session.add_all(proof.followed.note(known, applied, now))
