"""Outcomes over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.card import card_router
from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks, looks_over, note
from chassis.routes import Router
from contracts.vocabulary import Answer, ReleaseMode, Role
from pydantic import BaseModel

from outcomes import commands, queries
from outcomes.model import FollowUp, State, Table

router = Router()
router.routes.extend(card_router(Table.metadata, Role.REGISTRAR, Role.PRIVACY_OFFICER).routes)
Counsellor = Annotated[Actor, requires(Role.COUNSELLOR)]
Reader = Annotated[Look, looks("person", Role.COUNSELLOR)]
ReleaseReader = Annotated[Look, looks("person", Role.COUNSELLOR, Role.REGISTRAR, Role.HEAD)]
Opener = Annotated[Look, looks_over(Role.COUNSELLOR)]


class FollowUpOut(BaseModel):
    """One time that somebody asks."""

    follow_up: UUID
    release: UUID
    person: UUID
    days: int
    due_on: date
    state: State
    employed: Answer | None
    housed: Answer | None
    answered_at: datetime | None


class ReleaseOut(BaseModel):
    """A release, and what is known of the time after. What is not known is null, and no "no"."""

    release: UUID
    person: UUID
    released_on: date
    mode: ReleaseMode
    reentered_on: date | None
    observed_until: date | None


class FoundIn(Form):
    """What was found. Nobody is obliged to answer: then it is unknown."""

    employed: Answer
    housed: Answer


class AnswerIn(FoundIn):
    """The same, and when; a correction says what it corrects."""

    asked_on: date
    instead_of: FoundIn | None = None


class ObservationIn(Form):
    """Until when it is known whether the person re-entered."""

    observed_until: date


@router.get("/follow-ups")
def read_due_follow_ups(session: Transaction, by: Counsellor, on: date) -> list[FollowUpOut]:
    """What is due on a day or overdue."""
    return [_out(follow_up) for follow_up in queries.due(session, on)]


@router.get("/follow-ups/{follow_up}")
def read_follow_up(follow_up: UUID, session: Transaction, look: Opener) -> FollowUpOut:
    """One time that somebody asks."""
    found = queries.follow_up(session, follow_up)
    note(session, found.person, look)
    return _out(found)


@router.get("/people/{person}/follow-ups")
def read_follow_ups(person: UUID, session: Transaction, look: Reader) -> list[FollowUpOut]:
    """Every time that somebody asks this person."""
    return [_out(follow_up) for follow_up in queries.follow_ups_of(session, person)]


@router.get("/people/{person}/releases")
def read_releases(person: UUID, session: Transaction, look: ReleaseReader) -> list[ReleaseOut]:
    """Every time that this person left, the newest first."""
    return [ReleaseOut(release=left.id, **left.model_dump()) for left in queries.releases_of(session, person)]


@router.put("/follow-ups/{follow_up}/answer", status_code=201)
def answer_follow_up(follow_up: UUID, sent: AnswerIn, session: Transaction, by: Counsellor, at: Now) -> FollowUpOut:
    """Records what a follow-up found."""
    seen = (sent.instead_of.employed, sent.instead_of.housed) if sent.instead_of else None
    found = commands.answer_follow_up(
        session, follow_up, sent.employed, sent.housed, seen, on=sent.asked_on, by=by, at=at
    )
    return _out(found)


@router.put("/releases/{release}/observation", status_code=201)
def end_observation(release: UUID, sent: ObservationIn, session: Transaction, by: Counsellor, at: Now) -> ObservationIn:
    """Records until when somebody was observed."""
    commands.end_observation(session, release, sent.observed_until, at)
    return sent


def _out(follow_up: FollowUp) -> FollowUpOut:
    kept = FollowUpOut.model_fields.keys() - {"follow_up"}
    return FollowUpOut(follow_up=follow_up.id, **follow_up.model_dump(include=set(kept)))
