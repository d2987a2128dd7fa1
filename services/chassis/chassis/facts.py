"""Where each fact of a service is on its way to those who must hear it, for staff who ask."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import exists, func, select
from sqlmodel import Session

from chassis.database import Transaction
from chassis.identity import Actor, requires
from chassis.outbox import Whereabouts, feed, outbox, receipts, whereabouts
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts import Audience

MOST = 2**63 - 1
Staff = Annotated[Actor, requires(*Role)]
# What happened to somebody is for whoever works in the rutan.
Reader = Annotated[Look, looks("person", *(role for role in Role if role not in (Role.MINISTRY, Role.INSPECTOR)))]
Limit = Annotated[int, Query(ge=1, le=100)]
Before = Annotated[int | None, Query(ge=1, le=MOST)]


class FactOut(BaseModel):
    """One fact. `cursor` is what a page of older ones is asked for with."""

    cursor: int
    event: UUID
    type: str
    occurred_at: datetime
    audiences: list[Whereabouts]


class FeedOut(BaseModel):
    """How much was written for one audience, how far one reader of it is, and when that last said so."""

    audience: Audience
    reader: str
    written: int
    confirmed: int
    outstanding: int
    set_aside: int
    told_at: datetime | None


def facts_router(audiences: Collection[Audience], unlisted: Collection[str]) -> Router:
    """`GET /facts`, `/people/{person}/facts` and `/feeds` of one service. No fact carries a name."""
    router = Router()

    @router.get("/facts")
    def read_facts(session: Transaction, by: Staff, before: Before = None, limit: Limit = 50) -> list[FactOut]:
        """The newest facts, and where each is."""
        return _facts(session, before, limit, outbox.c.type.not_in(unlisted))

    @router.get("/people/{person}/facts")
    def read_facts_of_person(
        person: UUID, session: Transaction, look: Reader, before: Before = None, limit: Limit = 50
    ) -> list[FactOut]:
        """The newest facts about a person, and where each is."""
        return _facts(session, before, limit, outbox.c.person == person)

    @router.get("/feeds")
    def read_feeds(session: Transaction, by: Staff) -> list[FeedOut]:
        """How far each reader of each audience is."""
        return [row for audience in sorted(audiences) for row in _feeds(session, audience)]

    return router


def _facts(session: Session, before: int | None, limit: int, which: Any) -> list[FactOut]:
    # An event has a row for each of its audiences, one after the other: the first stands for it.
    sooner = outbox.alias()
    first = ~exists().where(sooner.c.event_id == outbox.c.event_id, sooner.c.id < outbox.c.id)
    newest = select(outbox).where(which, first, outbox.c.id < (before or MOST)).order_by(outbox.c.id.desc())
    heads = session.execute(newest.limit(limit)).mappings().all()
    places = whereabouts(session, *(head["event_id"] for head in heads))
    return [FactOut(cursor=h["id"], event=h["event_id"], audiences=places[h["event_id"]], **h) for h in heads]


def _feeds(session: Session, audience: Audience) -> Iterator[FeedOut]:
    numbered = session.scalar(select(feed.c.last_number).where(feed.c.audience == audience)) or 0
    new = select(func.count()).where(outbox.c.audience == audience, outbox.c.number.is_(None))
    written, told = numbered + session.scalars(new).one(), receipts(session)
    for reader in session.info["readers"].get(audience, ()):
        said = told.get((audience, reader))
        confirmed, aside, at = (said.contiguous, len(said.parked), said.told_at) if said else (0, 0, None)
        far = {"confirmed": confirmed, "outstanding": written - confirmed, "set_aside": aside, "told_at": at}
        yield FeedOut(audience=audience, reader=reader, written=written, **far)
