"""Where an event is: applied by a reader only when its receipt says so, and never when it was put aside."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from chassis import inbox, outbox
from chassis.envelope import Feed
from chassis.inbox import Position
from chassis.received import Received
from contracts.intake import ConsentWithdrawn
from contracts.vocabulary import Purpose
from sqlalchemy import insert, select, update
from sqlmodel import Session
from support import Rutan
from support.hearing import delivery

READERS = ("assessment", "programs")


def said(session: Session, number: int) -> UUID:
    """An event that was numbered and sent."""
    event = ConsentWithdrawn(
        site=session.info["site"],
        occurred_at=datetime.now(UTC),
        person=uuid4(),
        purpose=Purpose.ASSESSMENT,
        consent_epoch=1,
    )
    outbox.publish(session, event)
    mine = outbox.outbox.c.event_id == event.event_id
    session.execute(update(outbox.outbox).where(mine).values(number=number, published_at=datetime.now(UTC)))
    return event.event_id


def receipt(session: Session, reader: str, contiguous: int, *, parked: list[int], epoch: UUID | None = None) -> None:
    known = session.execute(select(outbox.feed.c.epoch).where(outbox.feed.c.audience == "site")).scalar_one()
    row = {"audience": "site", "reader": reader, "epoch": epoch or known, "contiguous": contiguous, "parked": parked}
    session.execute(insert(outbox.receipt).values(row))


@pytest.mark.parametrize(
    ("contiguous", "parked", "same_epoch", "applied"),
    [(7, [], True, True), (9, [8], True, True), (6, [], True, False), (9, [7], True, False), (9, [], False, False)],
)
def test_an_event_was_applied_once_its_number_is_reached_in_this_epoch_and_not_parked(
    rutan: Rutan, contiguous: int, parked: list[int], same_epoch: bool, applied: bool
) -> None:
    with rutan.database("intake").transaction() as session:
        session.info["readers"] = {"site": READERS}
        session.execute(insert(outbox.feed).values(audience="site"))
        event = said(session, 7)
        receipt(session, "programs", contiguous, parked=parked, epoch=None if same_epoch else uuid4())
        [site] = [place for place in outbox.whereabouts(session, event)[event] if place.audience == "site"]
        assert site.received_by == (["programs"] if applied else [])
        assert site.awaited == (["assessment"] if applied else ["assessment", "programs"])


def test_an_event_that_has_no_number_yet_was_applied_by_nobody(rutan: Rutan) -> None:
    with rutan.database("intake").transaction() as session:
        session.execute(insert(outbox.feed).values(audience="site"))
        event = said(session, 1)
        session.execute(update(outbox.outbox).values(number=None, published_at=None))
        receipt(session, "programs", 9, parked=[])
        assert not any(place.received_by for place in outbox.whereabouts(session, event)[event])


def test_a_parked_event_is_told_with_the_receipt_until_it_was_retried(rutan: Rutan) -> None:
    event = ConsentWithdrawn(
        site=rutan.site, occurred_at=datetime.now(UTC), person=uuid4(), purpose=Purpose.ASSESSMENT, consent_epoch=1
    )
    with rutan.database("assessment").transaction() as session:
        inbox.park(session, delivery(event, 1), ValueError(), attempts=5)
        [position] = inbox.positions(session)
        assert json.loads(position.receipt())["parked"] == [1]
        session.execute(update(inbox.parked).values(resolved_at=datetime.now(UTC)))
        [position] = inbox.positions(session)
        assert json.loads(position.receipt())["parked"] == []


def test_a_receipt_without_the_word_parked_means_none() -> None:
    feed = Feed("contoh-rutan", "intake", "site", uuid4())
    assert json.loads(Position(feed, Received(((1, 3),)), 3).receipt())["parked"] == []
