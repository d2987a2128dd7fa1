"""Counting who stands in which register on a day, and looking up what was compared."""

from datetime import date, datetime, timedelta

from sqlalchemy import Date, String, cast
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, and_, col, func, or_, select

from intake.model.days import WIB
from intake.model.people import Person, RegisterEntry
from intake.model.reconciliations import NO_BOOK, Reconciliation
from intake.model.stays import Release, Stay


def counts_on(session: Session, day: date) -> dict[str, int]:
    """How many were inside at the end of that day, per register, as far as the register knows today."""
    began = func.coalesce(col(Stay.admitted_on), _day(col(Stay.admitted_at)))
    since = func.coalesce(col(RegisterEntry.from_on), _day(col(RegisterEntry.entered_at)))
    # Two entries that were merged are one person.
    speaks = func.coalesce(col(Person.merged_into), col(Person.id))
    stands = and_(
        col(RegisterEntry.person) == col(Person.id),
        col(RegisterEntry.site) == col(Stay.site),
        since <= day,
        or_(col(RegisterEntry.closed_on).is_(None), col(RegisterEntry.closed_on) > day),
    )
    inside = (
        select(speaks.label("person"), cast(col(RegisterEntry.book), String).label("book"))
        .select_from(Stay)
        .join(Person, col(Person.id) == col(Stay.person))
        .join(RegisterEntry, stands, isouter=True)
        .where(Stay.site == session.info["site"], began <= day)
        .where(or_(col(Stay.ended_on).is_(None), col(Stay.ended_on) > day))
        .ext(distinct_on(speaks))
        .order_by(speaks, since.desc().nulls_last(), col(RegisterEntry.entered_at).desc().nulls_last())
        .subquery()
    )
    query = select(func.coalesce(inside.c.book, NO_BOOK), func.count()).group_by(inside.c.book)
    return {row[0]: row[1] for row in session.execute(query)}


def data_until(session: Session) -> datetime | None:
    """When the register was last written to."""
    written = [func.max(col(column)) for column in (Stay.admitted_at, RegisterEntry.entered_at, Release.released_at)]
    return max((at for query in written if (at := session.execute(select(query)).scalar())), default=None)


def latest(session: Session, day: date) -> Reconciliation | None:
    """The last comparison of a day."""
    query = select(Reconciliation).where(Reconciliation.reported_on == day)
    return session.exec(query.order_by(col(Reconciliation.compared_at).desc()).limit(1)).first()


def earlier_count(session: Session, day: date) -> int:
    """How often the day was compared before that."""
    count = session.exec(
        select(func.count()).select_from(Reconciliation).where(Reconciliation.reported_on == day)
    ).one()
    return max(count - 1, 0)


def between(session: Session, first: date, last: date) -> dict[date, Reconciliation | None]:
    """Every day of a period, and its last comparison if there is one."""
    query = select(Reconciliation).where(col(Reconciliation.reported_on).between(first, last))
    found = {one.reported_on: one for one in session.exec(query.order_by(col(Reconciliation.compared_at)))}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: found.get(day) for day in days}


def _day(at: object) -> object:
    return cast(func.timezone(str(WIB), at), Date)
