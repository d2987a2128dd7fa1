"""What waits for whoever asks, by their roles: the first of each kind, so that one question draws a whole desk."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from chassis.database import Transaction
from chassis.readlog import Look, looks_over, note_all
from contracts.vocabulary import Role
from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session

from intake.api.breaches import BreachOut, read_breaches
from intake.api.consents import ExpiringOut, ProofOut, read_overdue
from intake.api.detention import AlertOut, alerts_of
from intake.api.levies import ReportLine, read_reports
from intake.api.rights import UnderWayOut, read_under_way
from intake.api.visits import VisitDue, due_on
from intake.model.days import today
from intake.queries import consents, people, stays

T = TypeVar("T")
router = APIRouter()
Reader = Annotated[Look, looks_over(*(role for role in Role if role is not Role.MINISTRY))]

FIRST = 5
SOON = timedelta(days=30)
"""How long before a consent runs out somebody should ask again."""


class Some(BaseModel, Generic[T]):
    """How many wait, and the most urgent of them."""

    count: int
    first: list[T]


class WaitingOut(BaseModel):
    """What waits. Null is what is not the reader's work; `names` are of those who may be shown."""

    detention: Some[AlertOut] | None = None
    consents: Some[ExpiringOut] | None = None
    withdrawals: Some[ProofOut] | None = None
    breaches: Some[BreachOut] | None = None
    proposals: Some[UnderWayOut] | None = None
    """Late alone."""
    visits: Some[VisitDue] | None = None
    """Today's, of which nobody has said yet whether they took place."""
    levies: Some[ReportLine] | None = None
    names: dict[UUID, str] = {}


@router.get("/waiting")
def read_waiting(session: Transaction, look: Reader) -> WaitingOut:
    """What waits for the reader's roles at this desk."""
    found = WaitingOut()
    by, at, day = look.by, look.at, today(look.at)

    def mine(*roles: Role) -> bool:
        return not by.roles.isdisjoint(roles)

    if mine(Role.REGISTRAR, Role.HEAD):
        ending = stays.ending(session, day)
        found.detention = Some(count=len(ending), first=alerts_of(session, ending[:FIRST], look))
    if mine(Role.REGISTRAR, Role.COUNSELLOR):
        ends = consents.expiring(session, day + SOON)
        found.consents = _first([ExpiringOut.model_validate(consent) for consent in ends])
        due = [one for one in due_on(session, day, look) if one.kept is None]
        found.visits = _first(due)
        note_all(session, sorted({one.person for one in due[:FIRST]}), look)
    if mine(Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD):
        under_way = read_under_way(session, by, at)
        found.proposals = _first([one for one in under_way if one.here.late or one.kanwil.late])
    if mine(Role.PRIVACY_OFFICER):
        found.withdrawals = _first(read_overdue(session, by, at))
        untold = [one for one in read_breaches(session, by, at) if one.hours_left is not None]
        found.breaches = _first(sorted(untold, key=lambda one: one.due_at))
    if mine(Role.INSPECTOR):
        found.levies = _first([one for one in read_reports(session, by, at) if one.closed_at is None])
    spoken_of = (found.consents, found.proposals, found.withdrawals)
    found.names = _names(session, {one.person for some in spoken_of if some for one in some.first}, look)
    return found


def _first(waiting: Sequence[T]) -> Some[T]:
    return Some(count=len(waiting), first=list(waiting[:FIRST]))


def _names(session: Session, wanted: Collection[UUID], look: Look) -> dict[UUID, str]:
    found = people.named(session, look, wanted)
    note_all(session, sorted({one.person.id for one in found}), look)
    return {one.asked: one.identity.name for one in found}
