"""Where each fact of a service is on its way to those who must hear it, for staff who ask."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import RowMapping, exists, func, select
from sqlmodel import Session

from chassis.database import Transaction
from chassis.identity import Actor, requires
from chassis.outbox import feed, has_applied, outbox, receipts
from chassis.readlog import Look, looks
from contracts import Audience

MOST = 2**63 - 1
State = Literal["recorded", "numbered", "published", "received"]
Staff = Annotated[Actor, requires(*Role)]
# What happened to somebody is for whoever works in the rutan.
Reader = Annotated[Look, looks("person", *(role for role in Role if role not in (Role.MINISTRY, Role.INSPECTOR)))]
Limit = Annotated[int, Query(ge=1, le=100)]
Before = Annotated[int | None, Query(ge=1, le=MOST)]


class OnTheWay(BaseModel):
    """How far a fact has come to one audience: received is when everybody who should has applied it."""

    audience: Audience
    number: int | None
    published_at: datetime | None
    state: State
    received_by: list[str]
    awaited: list[str]


class FactOut(BaseModel):
    """One fact. `cursor` is what a page of older ones is asked for with."""

    cursor: int
    event: UUID
    type: str
    occurred_at: datetime
    audiences: list[OnTheWay]


class ReaderOut(BaseModel):
    """How far one reader of a feed is, and when it last said so."""

    reader: str
    confirmed: int = 0
    outstanding: int
    set_aside: int = 0
    told_at: datetime | None = None


class FeedOut(BaseModel):
    """What was said to one audience, and who has it."""

    audience: Audience
    last_number: int
    unnumbered: int
    readers: list[ReaderOut]


def facts_router(audiences: Collection[Audience], unlisted: Collection[str]) -> APIRouter:
    """`GET /facts`, `/people/{person}/facts` and `/feeds` of one service. No fact carries a name."""
    router = APIRouter()

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
        return [_feed(session, audience) for audience in sorted(audiences)]

    return router


def _facts(session: Session, before: int | None, limit: int, which: Any) -> list[FactOut]:
    # An event has a row for each of its audiences, one after the other: the first stands for it.
    sooner = outbox.alias()
    first = ~exists().where(sooner.c.event_id == outbox.c.event_id, sooner.c.id < outbox.c.id)
    newest = select(outbox).where(which, first, outbox.c.id < (before or MOST)).order_by(outbox.c.id.desc())
    heads = session.execute(newest.limit(limit)).mappings().all()
    of_these = outbox.c.event_id.in_([head["event_id"] for head in heads])
    rows = session.execute(select(outbox).where(of_these).order_by(outbox.c.id)).mappings().all()
    told = receipts(session)
    places: dict[UUID, list[OnTheWay]] = {}
    for row in rows:
        places.setdefault(row["event_id"], []).append(_on_the_way(session, row, told))
    return [FactOut(cursor=h["id"], event=h["event_id"], audiences=places[h["event_id"]], **h) for h in heads]


def _on_the_way(session: Session, row: RowMapping, told: Mapping[tuple[str, str], Any]) -> OnTheWay:
    readers = session.info["readers"].get(row["audience"], ())
    have = [reader for reader in readers if has_applied(told.get((row["audience"], reader)), row["number"])]
    awaited = [reader for reader in readers if reader not in have]
    sent: State = "recorded" if row["number"] is None else "numbered" if row["published_at"] is None else "published"
    return OnTheWay(state="received" if have and not awaited else sent, received_by=have, awaited=awaited, **row)


def _feed(session: Session, audience: Audience) -> FeedOut:
    last = session.execute(select(feed.c.last_number).where(feed.c.audience == audience)).scalar_one_or_none() or 0
    waiting = select(func.count()).where(outbox.c.audience == audience, outbox.c.number.is_(None))
    unnumbered, told = session.execute(waiting).scalar_one(), receipts(session)
    readers = [
        _reader(reader, told.get((audience, reader)), last + unnumbered)
        for reader in session.info["readers"].get(audience, ())
    ]
    return FeedOut(audience=audience, last_number=last, unnumbered=unnumbered, readers=readers)


def _reader(reader: str, told: Any, written: int) -> ReaderOut:
    if told is None:
        return ReaderOut(reader=reader, outstanding=written)
    confirmed, aside = told.contiguous, len(told.parked)
    return ReaderOut(
        reader=reader, confirmed=confirmed, outstanding=written - confirmed, set_aside=aside, told_at=told.told_at
    )
