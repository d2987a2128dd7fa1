from datetime import UTC, date, datetime
from uuid import uuid4

from chassis.envelope import Envelope, Feed
from chassis.inbox import Delivery, receive
from contracts.intake import PersonReentered, PersonReleased, ReentryReason
from contracts.vocabulary import ReleaseMode
from outcomes.handlers import handlers
from support import Rutan

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)


def test_a_number_that_comes_late_in_the_same_batch_is_still_handled_in_its_place(rutan: Rutan) -> None:
    person, release, feed = uuid4(), uuid4(), Feed(rutan.site, "intake", "site", uuid4())
    common = {"site": rutan.site, "occurred_at": NOW, "person": person, "release_id": release}
    left = PersonReleased.model_validate(common | {"released_on": date(2026, 2, 3), "mode": ReleaseMode.PB})
    back = PersonReentered.model_validate(common | {"reentered_on": date(2026, 8, 20), "reason": ReentryReason.UNKNOWN})
    batch = [
        Delivery.of(
            f"site.{rutan.site}.{event.type}",
            Envelope(event.event_id, event.type, feed, number, NOW).headers(),
            event.to_bytes(),
        )
        # 1 was lost by the broker, asked for, and sent again behind 2: both wait in the stream.
        for number, event in ((2, back), (1, left))
    ]
    with rutan.database("outcomes").transaction() as session:
        fresh, early = receive(session, batch, ordered=True)
        assert ([d.number for d in fresh], early) == ([1, 2], [])
        handlers.apply(session, fresh)
    # Handled the other way round, the return is refused (no such release) and gone for good.
    assert rutan.one("outcomes", "select count(*) from outbox where type = 'outcomes.reentry_recorded.v1'") == 2
