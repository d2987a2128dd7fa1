"""Reconciliation with the ministry's daily counts over HTTP."""

from datetime import date, datetime, timedelta
from typing import Annotated

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.routes import Router
from contracts.vocabulary import RegisterBook, Role
from fastapi import Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from intake.commands import reconciliations as commands
from intake.model.days import today
from intake.model.reconciliations import NotReconciled, Reconciliation
from intake.queries import reconciliations as queries

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Actor, requires(Role.REGISTRAR, Role.HEAD)]
Count = Annotated[int, Field(ge=0, le=100_000)]

DAYS_MAX = 366


class CountsIn(Form):
    """SDP's counts of a day, per register; one that the report leaves out is unknown, which is not zero."""

    counts: Annotated[dict[RegisterBook, Count], Field(min_length=1)]


class LineOut(BaseModel):
    """One register: theirs, ours as compared, the difference, and ours of that day as counted now."""

    book: str
    theirs: int | None
    ours: int
    difference: int | None
    now: int


class ReconciliationOut(BaseModel):
    """A day's comparison. `data_until`: when the register was last written to before it was made."""

    on: date
    compared_at: datetime
    data_until: datetime | None
    earlier: int
    books: list[LineOut]


class DayOut(BaseModel):
    """Whether a day was compared, and in how many registers the two differed."""

    on: date
    compared_at: datetime | None
    differing: int | None


class DaysOut(BaseModel):
    """A period, and its days that nobody has compared."""

    days: list[DayOut]
    missing: list[date]


@router.put("/reconciliations/{on}", status_code=201)
def reconcile(on: date, sent: CountsIn, session: Transaction, by: Registrar, at: Now) -> ReconciliationOut:
    """Sets the ministry's counts of a day beside ours."""
    return _out(session, commands.reconcile(session, on, sent.counts, by=by, at=at))


@router.get("/reconciliations/{on}")
def read_reconciliation(on: date, session: Transaction, by: Reader) -> ReconciliationOut:
    """A day's last comparison."""
    found = queries.latest(session, on)
    if found is None:
        raise NotReconciled
    return _out(session, found)


@router.get("/reconciliations")
def read_reconciliations(
    session: Transaction, by: Reader, at: Now, days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = 31
) -> DaysOut:
    """The last days, and which of them were not compared."""
    last = today(at)
    found = queries.between(session, last - timedelta(days=days - 1), last)
    listed = [
        DayOut(on=day, compared_at=one and one.compared_at, differing=None if one is None else one.differing)
        for day, one in found.items()
    ]
    return DaysOut(days=listed, missing=[day for day, one in found.items() if one is None])


def _out(session: Session, found: Reconciliation) -> ReconciliationOut:
    now = queries.counts_on(session, found.reported_on)
    return ReconciliationOut(
        on=found.reported_on,
        compared_at=found.compared_at,
        data_until=found.data_until,
        earlier=queries.earlier_count(session, found.reported_on),
        books=[
            LineOut(book=line.book, theirs=line.theirs, ours=line.ours, difference=line.difference, now=line.now)
            for line in found.lines(now)
        ],
    )
