"""Entering until when somebody may be held, and saying in time that it ends."""

from datetime import date, datetime
from uuid import UUID

from chassis.identity import Actor
from chassis.outbox import publish
from contracts.vocabulary import RegisterBook
from sqlmodel import Session

from intake.commands.people import person_of
from intake.model.days import today
from intake.model.detention import DetentionPeriod, DetentionPeriodIdTaken, DetentionPeriodNotHere
from intake.model.people import PersonNotInside
from intake.queries import stays as queries


def enter_period(
    session: Session,
    person_id: UUID,
    period_id: UUID,
    book: RegisterBook,
    from_on: date,
    until_on: date,
    extends: UUID | None,
    *,
    by: Actor,
    at: datetime,
) -> DetentionPeriod:
    """Enters a period of detention. The same period again changes nothing."""
    person_of(session, person_id)
    if known := session.get(DetentionPeriod, period_id):
        told = (known.person, known.book, known.from_on, known.until_on, known.extends)
        if told != (person_id, book, from_on, until_on, extends):
            raise DetentionPeriodIdTaken
        return known
    stay = queries.open_stay(session, person_id)
    if stay is None:
        raise PersonNotInside
    period = DetentionPeriod(
        id=period_id,
        site=by.site,
        person=person_id,
        stay=stay.id,
        book=book,
        from_on=from_on,
        until_on=until_on,
        extends=extends,
        entered_at=at,
        entered_by=by.id,
    )
    period.fits(queries.periods_of(session, stay.id))
    session.add(period)
    return period


def annul_period(session: Session, person_id: UUID, period_id: UUID, *, by: Actor, at: datetime) -> DetentionPeriod:
    """Takes a period out that was entered by mistake; it stays to be seen."""
    person_of(session, person_id)
    period = session.get(DetentionPeriod, period_id)
    if period is None or period.person != person_id:
        raise DetentionPeriodNotHere
    period.annul(by=by.id, at=at)
    return period


def note_expiring(session: Session, now: datetime) -> None:
    """Says of every detention that it ends in ten days, and in three: once each, however often this is asked."""
    for period, person in queries.ending(session, today(now), lock=True):
        if told := period.near(person.id, now):
            publish(session, told)
