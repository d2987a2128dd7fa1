"""Opening the record of a breach, learning more of it, and telling who must be told."""

from datetime import datetime
from uuid import UUID

from chassis.database import in_turn
from chassis.outbox import publish
from chassis.vault import vault_of
from sqlmodel import Session

from intake.model.breaches import (
    AlreadyTold,
    Breach,
    BreachAmendedMeanwhile,
    BreachIdTaken,
    BreachNotHere,
    Known,
    RecipientMissing,
    Report,
    Told,
)
from intake.queries import breaches as queries


def open_breach(session: Session, breach: Breach, report: Report) -> Breach:
    """Opens the record of a breach: the clock runs. The same again changes nothing."""
    in_turn(session, breach.id)
    if known := session.get(Breach, breach.id):
        if not known.same_as(breach) or queries.report_of(session, known) != report:
            raise BreachIdTaken
        return known
    breach.report = queries.sealed_report(session, breach.id, report)
    publish(session, breach.open())
    session.add(breach)
    return breach


def amend_breach(session: Session, breach_id: UUID, known: Known, seen: Known) -> Breach:
    """Puts what is known by now in the place of what was seen. When it was discovered does not change."""
    breach = _breach(session, breach_id)
    stored = (breach.kinds, breach.people_count, queries.report_of(session, breach))
    if stored == known:
        return breach
    if stored != seen:
        raise BreachAmendedMeanwhile
    breach.kinds, breach.people_count, report = known
    breach.report = queries.sealed_report(session, breach_id, report)
    return breach


def tell_of_breach(
    session: Session, breach_id: UUID, whom: Told, told_at: datetime, authority: str | None, *, at: datetime
) -> Breach:
    """Notes that somebody was told. The same again changes nothing."""
    breach = _breach(session, breach_id)
    if (whom is Told.AUTHORITY) != (authority is not None):
        raise RecipientMissing
    if known := breach.told(whom):
        if known != told_at or (authority and queries.authority_of(session, breach) != authority):
            raise AlreadyTold
        return breach
    if authority:
        breach.authority = vault_of(session).seal(breach_id, queries.AUTHORITY, authority.encode())
    if told := breach.tell(whom, told_at, at=at):
        publish(session, told)
    return breach


def _breach(session: Session, breach_id: UUID) -> Breach:
    found = session.get(Breach, breach_id, with_for_update=True)
    if found is None:
        raise BreachNotHere
    return found
