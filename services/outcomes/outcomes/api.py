"""Outcomes over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.card import card_router
from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from contracts.vocabulary import Answer, Role
from fastapi import APIRouter
from pydantic import BaseModel

from outcomes import commands, queries
from outcomes.model import FollowUp, State, Table

router = APIRouter()
router.include_router(card_router(Table.metadata, Role.REGISTRAR, Role.PRIVACY_OFFICER))
Counsellor = Annotated[Actor, requires(Role.COUNSELLOR)]


class FollowUpOut(BaseModel):
    """One time that somebody asks."""

    follow_up: UUID
    person: UUID
    days: int
    due_on: date
    state: State
    employed: Answer | None
    housed: Answer | None


class AnswerIn(Form):
    """What was found. Nobody is obliged to answer: then it is unknown."""

    employed: Answer
    housed: Answer
    asked_on: date


class ObservationIn(Form):
    """Until when it is known whether the person re-entered."""

    observed_until: date


@router.get("/follow-ups")
def read_due_follow_ups(session: Transaction, by: Counsellor, on: date) -> list[FollowUpOut]:
    """What is due on a day or overdue."""
    return [_out(follow_up) for follow_up in queries.due(session, on)]


@router.put("/follow-ups/{follow_up}/answer", status_code=201)
def answer_follow_up(follow_up: UUID, sent: AnswerIn, session: Transaction, by: Counsellor, at: Now) -> FollowUpOut:
    """Records what a follow-up found."""
    return _out(
        commands.answer_follow_up(session, follow_up, sent.employed, sent.housed, on=sent.asked_on, by=by, at=at)
    )


@router.put("/releases/{release}/observation", status_code=201)
def end_observation(release: UUID, sent: ObservationIn, session: Transaction, by: Counsellor, at: Now) -> ObservationIn:
    """Records until when somebody was observed."""
    commands.end_observation(session, release, sent.observed_until, at)
    return sent


def _out(follow_up: FollowUp) -> FollowUpOut:
    kept = FollowUpOut.model_fields.keys() - {"follow_up"}
    return FollowUpOut(follow_up=follow_up.id, **follow_up.model_dump(include=set(kept)))
