"""Setting the ministry's counts of a day beside ours."""

from datetime import date, datetime
from uuid import uuid4

from chassis.database import in_turn
from chassis.identity import Actor
from contracts.vocabulary import RegisterBook
from sqlmodel import Session

from intake.model.days import must_have_come
from intake.model.reconciliations import Reconciliation
from intake.queries import reconciliations as queries


def reconcile(
    session: Session, on: date, counts: dict[RegisterBook, int], *, by: Actor, at: datetime
) -> Reconciliation:
    """Compares a day. The same counts again change nothing; other counts are another comparison."""
    must_have_come(on, at)
    in_turn(session, f"reconciliation {on}")
    theirs = {book.value: count for book, count in counts.items()}
    last = queries.latest(session, on)
    if last and last.theirs == theirs:
        return last
    compared = Reconciliation(
        id=uuid4(),
        site=by.site,
        reported_on=on,
        theirs=theirs,
        ours=queries.counts_on(session, on),
        data_until=queries.data_until(session),
        compared_at=at,
        compared_by=by.id,
    )
    session.add(compared)
    return compared
