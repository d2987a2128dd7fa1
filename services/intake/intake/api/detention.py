"""Detention over HTTP."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks, looks_over, note_all
from chassis.routes import Router
from contracts.vocabulary import RegisterBook, Role
from pydantic import BaseModel

from intake.commands import detention as commands
from intake.model.days import today
from intake.model.detention import NOTICES, DetentionPeriod
from intake.queries import people, stays

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD)]
Watcher = Annotated[Look, looks_over(Role.REGISTRAR, Role.HEAD)]


class PeriodIn(Form):
    """How long somebody may be held, and by whose authority."""

    book: RegisterBook
    from_on: date
    until_on: date
    extends: UUID | None = None


class PeriodOut(BaseModel):
    """One period of detention."""

    period: UUID
    book: RegisterBook
    from_on: date
    until_on: date
    extends: UUID | None
    annulled: bool


class Urgency(StrEnum):
    """How near the end is."""

    WITHIN_TEN_DAYS = "within_ten_days"
    WITHIN_THREE_DAYS = "within_three_days"
    RAN_OUT = "ran_out"
    """Bebas demi hukum: nobody may be held any more."""


class AlertOut(BaseModel):
    """One detention that ends. Of a restricted record the name is not shown, but that it ends is."""

    person: UUID
    name: str | None
    register_number: str | None
    book: RegisterBook
    until_on: date
    days_left: int
    urgency: Urgency


@router.put("/people/{person}/detention-periods/{period}", status_code=201)
def enter_period(person: UUID, period: UUID, sent: PeriodIn, session: Transaction, by: Registrar, at: Now) -> PeriodOut:
    """Enters a period of detention, or an extension."""
    entered = commands.enter_period(
        session, person, period, sent.book, sent.from_on, sent.until_on, sent.extends, by=by, at=at
    )
    return _period_out(entered)


@router.post("/people/{person}/detention-periods/{period}/annulment", status_code=201)
def annul_period(person: UUID, period: UUID, session: Transaction, by: Registrar, at: Now) -> PeriodOut:
    """It was entered by mistake."""
    return _period_out(commands.annul_period(session, person, period, by=by, at=at))


@router.get("/people/{person}/detention-periods")
def read_periods(person: UUID, session: Transaction, look: Reader) -> list[PeriodOut]:
    """Every period of the stay that is open now, of every entry of this person."""
    open_stays = [stays.open_stay(session, entry) for entry in people.entries_of(session, person)]
    return [_period_out(one) for stay in open_stays if stay for one in stays.periods_of(session, stay.id)]


@router.get("/alerts/detention")
def read_alerts(session: Transaction, look: Watcher) -> list[AlertOut]:
    """Whose detention ends within ten days or has run out, the most urgent first."""
    day, found = today(look.at), stays.ending(session, today(look.at))
    may = look.by.roles & people.READS_RESTRICTED
    shown = [person for _, person in found if may or person.restricted_at is None]
    note_all(session, [person.id for person in shown], look)
    known = {id: (identity.name, number) for id, (identity, number) in people.called(session, shown).items()}
    return [
        AlertOut(
            person=person.id,
            name=known.get(person.id, (None, None))[0],
            register_number=known.get(person.id, (None, None))[1],
            book=period.book,
            until_on=period.until_on,
            days_left=period.days_left(day),
            urgency=_urgency(period.days_left(day)),
        )
        for period, person in found
    ]


def _urgency(days_left: int) -> Urgency:
    if days_left < 0:
        return Urgency.RAN_OUT
    return Urgency.WITHIN_THREE_DAYS if days_left <= min(NOTICES) else Urgency.WITHIN_TEN_DAYS


def _period_out(period: DetentionPeriod) -> PeriodOut:
    return PeriodOut(
        period=period.id,
        annulled=period.annulled_at is not None,
        **period.model_dump(include={"book", "from_on", "until_on", "extends"}),
    )
