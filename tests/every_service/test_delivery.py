"""What comes twice is applied once, whoever dies in between."""

from uuid import uuid4

import pytest
from chassis.events import Consumer
from every_service.cases import HEARD, Heard, count_writes, writes
from jembatan.node import service_of
from nats.aio.client import Client
from nats.aio.msg import Msg
from support import Rutan, eventually


async def nothing() -> None: ...


def consumer_of(here: Rutan, name: str) -> Consumer:
    """A service's consumer as the service makes it, only less patient with poison."""
    service = service_of(name)
    apply = service.handlers.apply if service.handlers else service.apply
    assert apply
    return Consumer(here.database(name), apply, nothing, ordered=service.apply is None, backoff_s=(0.01,))


async def fetch(client: Client, here: Rutan, heard: Heard, wanted: int) -> list[Msg]:
    """What waits for the service, in one batch."""
    bound = await client.jetstream().pull_subscribe_bind(heard.durable, heard.stream(here))
    messages: list[Msg] = []
    while len(messages) < wanted:
        messages += await bound.fetch(wanted - len(messages), timeout=5)
    return messages


def test_an_event_delivered_twice_is_applied_once(here: Rutan, heard: Heard) -> None:
    epoch, event, last = uuid4(), heard.new(here), heard.new(here)
    count_writes(here, heard.service, heard.table)
    with here.running(heard.service):
        heard.tell(here, event, 1, epoch)
        eventually(lambda: heard.contiguous(here, event, epoch) == 1)
        heard.tell(here, event, 1, epoch)
        heard.tell(here, last, 2, epoch)
        eventually(lambda: heard.contiguous(here, event, epoch) == 2)
    assert len(writes(here, heard.service)) == 2


def test_an_event_told_anew_in_another_place_is_applied_once(here: Rutan, heard: Heard) -> None:
    before, after, event, last = uuid4(), uuid4(), heard.new(here), heard.new(here)
    count_writes(here, heard.service, heard.table)
    with here.running(heard.service):
        heard.tell(here, event, 1, before)
        heard.tell(here, event, 2, before)
        heard.tell(here, event, 1, after)
        heard.tell(here, last, 2, after)
        eventually(lambda: heard.contiguous(here, event, after) == 2)
    assert heard.contiguous(here, event, before) == 2
    assert len(writes(here, heard.service)) == 2


def test_a_consumer_that_dies_between_commit_and_ack_applies_its_batch_once(here: Rutan, heard: Heard) -> None:
    epoch, events = uuid4(), [heard.new(here) for _ in range(3)]
    count_writes(here, heard.service, heard.table)
    for number, event in enumerate(events, 1):
        heard.tell(here, event, number, epoch)

    async def die(client: Client) -> list[str]:
        messages = await fetch(client, here, heard, 3)
        await client.close()
        with pytest.raises(Exception, match="nats"):
            await consumer_of(here, heard.service)(messages)
        return [message.reply for message in messages]

    replies = here.with_nats(die)
    assert len(writes(here, heard.service)) == 3

    async def give_up_waiting(client: Client) -> None:
        for reply in replies:
            await client.publish(reply, b"-NAK")

    here.with_nats(give_up_waiting)

    async def unacknowledged(client: Client) -> int:
        info = await client.jetstream().consumer_info(heard.stream(here), heard.durable)
        return (info.num_ack_pending or 0) + (info.num_pending or 0)

    with here.running(heard.service):
        eventually(lambda: here.with_nats(unacknowledged) == 0)
    assert len(writes(here, heard.service)) == 3
    assert heard.contiguous(here, events[0], epoch) == 3


def test_what_this_release_does_not_know_is_received_and_ignored(here: Rutan, heard: Heard) -> None:
    epoch, event, last = uuid4(), heard.new(here), heard.new(here)
    newer = event.to_bytes()[:-1] + b',"of_a_later_release":{"a":1}}'
    count_writes(here, heard.service, heard.table)
    with here.running(heard.service):
        heard.tell(here, event, 1, epoch, body=newer)
        heard.tell(here, heard.new(here), 2, epoch, **{"ce-type": f"{event.publisher}.told_in_ten_years.v9"})
        heard.tell(here, last, 3, epoch)
        eventually(lambda: heard.contiguous(here, event, epoch) == 3)
    assert here.one(heard.service, "select count(*) from parked") == 0
    seen = writes(here, heard.service)
    assert len(seen) == (3 if heard.table == "inbox" else 2)


@pytest.mark.parametrize("heard", [h for h in HEARD if h.service != "intake"], ids=lambda h: str(h.service))
@pytest.mark.parametrize("poison", [b"Siti Rekaan", b'{"person": "Siti Rekaan"}'], ids=["no JSON", "not as its class"])
def test_a_poisonous_event_is_parked_and_the_others_go_on(here: Rutan, heard: Heard, poison: bytes) -> None:
    epoch, events = uuid4(), [heard.new(here) for _ in range(3)]
    count_writes(here, heard.service, heard.table)
    for number, event in enumerate(events, 1):
        changes = {"body": poison} if number == 2 else {}
        heard.tell(here, event, number, epoch, **changes)

    async def consume(client: Client) -> None:
        await consumer_of(here, heard.service)(await fetch(client, here, heard, 3))

    here.with_nats(consume)
    assert len(writes(here, heard.service)) == 2
    assert heard.contiguous(here, events[0], epoch) == 3
    [parked] = here.sql(heard.service, "select * from parked")
    assert (parked.event_id, parked.body, parked.reason) == (events[1].event_id, poison, "ValidationError")
    assert parked.trace
    assert "Rekaan" not in parked.trace
    outcome = "select outcome from inbox where event_id = :id"
    assert here.one(heard.service, outcome, id=events[1].event_id) == "parked"


@pytest.mark.parametrize(
    "headers",
    [None, {"ce-id": "Siti"}, {"ce-seq": "0"}, {"ce-seq": "-3"}, {"ce-seq": str(2**63)}, {"ce-site": "%00"}],
    ids=["none", "no id", "number zero", "number below zero", "number too large", "unstorable site"],
)
def test_a_message_that_is_no_event_is_parked_and_the_others_go_on(
    here: Rutan, heard: Heard, headers: dict[str, str] | None
) -> None:
    epoch, event = uuid4(), heard.new(here)
    subject = f"{heard.audience}.{event.site}.{event.type}"
    with here.running(heard.service):
        if headers:
            heard.tell(here, heard.new(here), 1, epoch, **headers)
        else:
            here.publish(subject, b"Siti Rekaan")
        heard.tell(here, event, 1, epoch)
        eventually(lambda: heard.contiguous(here, event, epoch) == 1)
    [parked] = here.sql(heard.service, "select * from parked")
    assert parked.event_id is None
    assert parked.subject.endswith(subject)
    assert (parked.body == b"Siti Rekaan") == (headers is None)
