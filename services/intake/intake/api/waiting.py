"""How much waits for whoever asks, by their roles: it names nobody, so that asking is no look at anybody."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from chassis.database import Transaction
from chassis.identity import Actor, Now, requires
from chassis.routes import Router
from contracts.vocabulary import Role
from pydantic import BaseModel
from sqlmodel import Session

from intake.api.breaches import read_breaches
from intake.api.consents import read_overdue
from intake.api.rights import read_under_way
from intake.model.days import today
from intake.queries import consents, levies, stays, visits

router = Router()
Reader = Annotated[Actor, requires(*(role for role in Role if role is not Role.MINISTRY))]

SOON = timedelta(days=30)
"""How long before a consent runs out somebody should ask again."""


class Some(BaseModel):
    """How many wait, how many of them are late, and the nearest day or hour."""

    count: int
    late: int = 0
    next: date | datetime | None = None


class WaitingOut(BaseModel):
    """What waits. Null is what is not the reader's work."""

    detention: Some | None = None
    """Late: who must be let go by law."""
    consents: Some | None = None
    withdrawals: Some | None = None
    breaches: Some | None = None
    proposals: Some | None = None
    """Late alone."""
    visits: Some | None = None
    """Today's, of which nobody has said yet whether they took place."""
    levies: Some | None = None


@router.get("/waiting")
def read_waiting(session: Transaction, by: Reader, at: Now) -> WaitingOut:
    """How much waits for the reader's roles at this desk."""
    day, found = today(at), WaitingOut()

    def mine(*roles: Role) -> bool:
        return not by.roles.isdisjoint(roles)

    if mine(Role.REGISTRAR, Role.HEAD):
        found.detention = _some([period.until_on for period, _ in stays.ending(session, day)], day)
    if mine(Role.REGISTRAR, Role.COUNSELLOR):
        found.consents = _some([one.expires_on for one in consents.expiring(session, day + SOON)], day)
        found.visits = Some(count=visits.unrecorded_on(session, day))
    if mine(Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD):
        found.proposals = _late_proposals(session, by, at)
    if mine(Role.PRIVACY_OFFICER):
        found.withdrawals = _some([one.due_at for one in read_overdue(session, by, at)], at)
        untold = [one.due_at for one in read_breaches(session, by, at) if one.hours_left is not None]
        found.breaches = _some(untold, at)
    if mine(Role.INSPECTOR):
        unanswered = [one for one in levies.reports_for(session, by.id) if one.closed_at is None]
        reported = [one.reported_at for one in unanswered]
        late = sum(one.late(at) for one in unanswered)
        found.levies = Some(count=len(reported), late=late, next=min(reported, default=None))
    return found


def _late_proposals(session: Session, by: Actor, at: datetime) -> Some:
    under_way = read_under_way(session, by, at)
    due = [stage.due_on for one in under_way for stage in (one.here, one.kanwil) if stage.late and stage.due_on]
    late = sum(bool(one.here.late or one.kanwil.late) for one in under_way)
    return Some(count=late, late=late, next=min(due, default=None))


def _some(due: Sequence[date | datetime | None], now: date | datetime) -> Some:
    known = [one for one in due if one is not None]
    return Some(count=len(due), late=sum(one < now for one in known), next=min(known, default=None))
