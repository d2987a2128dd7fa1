"""Inside a feed the number rules: what comes early waits, and its publisher hears what is missing."""

import json
from uuid import UUID, uuid4

import pytest
from chassis import topology
from every_service.cases import HEARD, Heard, count_writes, writes
from nats.aio.client import Client
from support import Rutan, eventually

from contracts import Event

IN_ORDER = [heard for heard in HEARD if heard.service not in ("intake", "central")]


def receipt(here: Rutan, heard: Heard, event: Event) -> dict[str, object]:
    """The latest that the service told of the event's feed, wherever it stood when it was told."""
    subject = topology.receipt(here.site, event.site, event.publisher, heard.service)

    async def go(client: Client) -> bytes:
        if not heard.at_hub:
            message = await client.jetstream().get_last_msg(topology.receipts_stream(here.site), subject)
            return message.data or b""
        listening = await client.subscribe(subject)
        return (await listening.next_msg(timeout=40)).data

    told: dict[str, object] = json.loads(here.with_nats(go))
    return told


def person_of(event: Event) -> str:
    return str(event.model_dump()["person"])


@pytest.mark.parametrize("heard", IN_ORDER, ids=lambda heard: str(heard.service))
def test_an_event_ahead_of_a_missing_number_waits_and_is_applied_after_it(here: Rutan, heard: Heard) -> None:
    epoch, first, second = uuid4(), heard.new(here), heard.new(here)
    seen = "select max(seen) from position"
    count_writes(here, heard.service, heard.table)
    with here.running(heard.service):
        heard.tell(here, second, 2, epoch)
        eventually(lambda: here.one(heard.service, seen) == 1)
        assert writes(here, heard.service) == []
        heard.tell(here, first, 1, epoch)
        eventually(lambda: heard.contiguous(here, first, epoch) == 2)
    lines = writes(here, heard.service)
    assert [event for line in lines for event in (first, second) if person_of(event) in line] == [first, second]


@pytest.mark.parametrize("heard", IN_ORDER, ids=lambda heard: str(heard.service))
def test_events_in_one_batch_are_applied_by_their_numbers_and_not_as_they_stand_in_the_stream(
    here: Rutan, heard: Heard
) -> None:
    epoch, events = uuid4(), [heard.new(here) for _ in range(3)]
    count_writes(here, heard.service, heard.table)
    for number in (2, 3, 1):
        heard.tell(here, events[number - 1], number, epoch)
    with here.running(heard.service):
        eventually(lambda: heard.contiguous(here, events[0], epoch) == 3)
    lines = writes(here, heard.service)
    assert [event for line in lines for event in events if person_of(event) in line] == events


def test_a_receipt_says_how_far_the_reader_is_and_what_it_lacks(here: Rutan, heard: Heard) -> None:
    epoch, events = uuid4(), [heard.new(here) for _ in range(2)]
    with here.running(heard.service):
        heard.tell(here, events[0], 1, epoch)
        heard.tell(here, events[1], 4, epoch)
        wanted = {"epoch": str(epoch), "contiguous": 1, "missing": [[2, 3]], "parked": []}
        eventually(lambda: receipt(here, heard, events[0]) == wanted, within_s=60)


def test_of_two_epochs_in_one_batch_the_receipt_is_about_the_newer(rutan: Rutan) -> None:
    heard = next(h for h in HEARD if h.service == "assessment")
    # Whatever the ids are: of both orders one would be told wrong.
    for before, after in ((UUID(int=1), UUID(int=2)), (UUID(int=4), UUID(int=3))):
        event, again = heard.new(rutan), heard.new(rutan)
        heard.tell(rutan, event, 1, before)
        heard.tell(rutan, again, 1, after)
        with rutan.running(heard.service):
            eventually(lambda a=after, e=event: receipt(rutan, heard, e)["epoch"] == str(a))  # type: ignore[misc]


def test_after_a_gap_that_nobody_can_fill_the_rest_does_not_wait_for_it(rutan: Rutan) -> None:
    heard, epoch = next(h for h in HEARD if h.service == "assessment"), uuid4()
    event, last = heard.new(rutan), heard.new(rutan)
    feed = heard.feed(event, epoch)
    count_writes(rutan, heard.service, heard.table)
    with rutan.database(heard.service).engine.begin() as connection:  # number 7 was applied when patience ended
        connection.exec_driver_sql(
            "insert into position (site, service, audience, epoch, spans, seen) values (%s, %s, %s, %s, '[[7, 7]]', 7)",
            (feed.site, feed.service, feed.audience, feed.epoch),
        )
    with rutan.running(heard.service):
        heard.tell(rutan, event, 8, epoch)
        heard.tell(rutan, last, 9, epoch)
        eventually(lambda: len(writes(rutan, heard.service)) == 2)
    assert rutan.one(heard.service, "select spans from position") == [[7, 9]]
