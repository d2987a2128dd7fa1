"""Whoever was erased leaves nothing behind in any service, and late news of them makes nothing anew."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from chassis import gate
from contracts.intake import ConsentExpired, ConsentGiven, PersonErased, PersonReleased
from contracts.vocabulary import Purpose, ReleaseMode
from every_service.cases import HEARD, Heard
from jembatan.folder import SITE_SERVICES
from jembatan.node import service_of
from support import Rutan
from support.hearing import hear
from support.traces import mentions

AT = datetime(2026, 8, 17, 10, tzinfo=UTC)
FOLLOWS = tuple(heard for heard in HEARD if heard.service not in ("intake", "central"))

each_follower = pytest.mark.parametrize("heard", FOLLOWS, ids=lambda heard: str(heard.service))


def erased(here: Rutan, person: UUID) -> PersonErased:
    return PersonErased(site=here.site, occurred_at=AT, person=person, erasure_id=uuid4())


def held(here: Rutan, service: str, person: UUID) -> set[str]:
    return mentions(here.database(service).engine, person)


@each_follower
def test_nothing_about_an_erased_person_stays(rutan: Rutan, heard: Heard) -> None:
    event = heard.event(rutan.site)
    assert event.about
    consent = {"site": rutan.site, "occurred_at": AT, "person": event.about, "consent_epoch": 1}
    hear(rutan.database(heard.service), ConsentGiven(purpose=Purpose.FOLLOW_UP, **consent), event)
    assert held(rutan, heard.service, event.about)
    hear(rutan.database(heard.service), erased(rutan, event.about))
    assert held(rutan, heard.service, event.about) == set()


@each_follower
def test_late_news_of_an_erased_person_makes_nothing_anew(rutan: Rutan, heard: Heard) -> None:
    event = heard.event(rutan.site)
    assert event.about
    hear(rutan.database(heard.service), erased(rutan, event.about))
    hear(rutan.database(heard.service), event, erased(rutan, event.about))
    assert held(rutan, heard.service, event.about) == set()


@each_follower
def test_another_person_is_not_touched(rutan: Rutan, heard: Heard) -> None:
    event, other = heard.event(rutan.site), heard.event(rutan.site)
    assert event.about
    assert other.about
    hear(rutan.database(heard.service), event, other, erased(rutan, event.about))
    assert held(rutan, heard.service, other.about)


@pytest.mark.parametrize("service", [name for name in (*SITE_SERVICES, "partner_gateway") if name != "intake"])
def test_a_consent_that_ran_out_is_shut_like_one_that_was_withdrawn(rutan: Rutan, service: str) -> None:
    person = uuid4()
    said = {"site": rutan.site, "occurred_at": AT, "person": person, "purpose": Purpose.FOLLOW_UP, "consent_epoch": 1}
    database = rutan.database(service)
    hear(database, ConsentGiven(**said))
    with database.transaction() as session:
        assert gate.standing_epoch(session, person, Purpose.FOLLOW_UP) == 1
    hear(database, ConsentExpired(**said))
    with database.transaction() as session:
        assert gate.standing_epoch(session, person, Purpose.FOLLOW_UP) is None


def test_a_follow_up_ends_when_its_consent_runs_out(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("outcomes")
    said = {"site": rutan.site, "occurred_at": AT, "person": person, "purpose": Purpose.FOLLOW_UP, "consent_epoch": 1}
    left = PersonReleased(
        site=rutan.site,
        occurred_at=AT,
        person=person,
        release_id=uuid4(),
        released_on=AT.date(),
        mode=ReleaseMode.PB,
    )
    hear(database, ConsentGiven(**said), left)
    open_ones = "select count(*) from outbox where type like 'outcomes.follow_up_cancelled%' and audience = 'site'"
    assert rutan.one("outcomes", open_ones) == 0
    hear(database, ConsentExpired(**said))
    assert rutan.one("outcomes", open_ones) > 0


def test_every_service_of_a_site_listens_to_an_erasure() -> None:
    listening = {name for name in (*SITE_SERVICES, "partner_gateway") if name != "intake"}
    for name in listening:
        handlers = service_of(name).handlers
        assert handlers
        assert {PersonErased.type, ConsentExpired.type} <= handlers.types()
