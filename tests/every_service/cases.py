"""A typical event that each service hears, one that it says, and one request that it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import gate, inbox, topology
from chassis.envelope import Feed
from chassis.topology import HUB
from contracts.assessment import NeedsAssessed, NeedsFound
from contracts.intake import ConsentGiven, PersonRegistered, PersonReleased
from contracts.outcomes import FollowUpCancelled
from contracts.partner_gateway import PartnerPlacementStarted
from contracts.partner_matching import MatchAccepted, PlacementStarted
from contracts.programs import PlanAgreed
from contracts.vocabulary import Domain, LegalStatus, Purpose, ReleaseMode, Sector, Sex
from jembatan.folder import HUB_SERVICES
from nats.aio.client import Client
from nats.js.api import RawStreamMsg
from outcomes.model import Release
from sqlalchemy import text
from support import Rutan

from contracts import Audience, Event

AT = datetime(2026, 8, 17, 10, tzinfo=UTC)
FIELD_OFFICE = "oz-rekaan"
"""The site whose events the hub hears in these tests."""


@dataclass(frozen=True)
class Heard:
    """An event that a service hears, and the table in which it shows."""

    service: str
    table: str
    event: Callable[[str], Event]

    @property
    def at_hub(self) -> bool:
        return self.service in HUB_SERVICES

    @property
    def audience(self) -> Audience:
        return "national" if self.at_hub else "site"

    def new(self, here: Rutan) -> Event:
        """Another such event, about another person."""
        return self.event(FIELD_OFFICE if self.at_hub else here.site)

    def feed(self, event: Event, epoch: UUID) -> Feed:
        return Feed(event.site, event.publisher, self.audience, epoch)

    def tell(self, here: Rutan, event: Event, number: int, epoch: UUID, **changes: Any) -> None:
        here.tell(event, number, epoch=epoch, audience=self.audience, **changes)

    def contiguous(self, here: Rutan, event: Event, epoch: UUID) -> int:
        """How far the service is in the feed of `event`."""
        with here.database(self.service).transaction() as session:
            return inbox.contiguous(session, self.feed(event, epoch))

    @property
    def durable(self) -> str:
        # The server spreads sites by a hash; this one lands in partition 1.
        return "central_1" if self.service == "central" else self.service

    def stream(self, here: Rutan) -> str:
        return topology.NATIONAL if self.at_hub else topology.site_stream(here.site)


def consent_given(site: str) -> Event:
    return ConsentGiven(site=site, occurred_at=AT, person=uuid4(), purpose=Purpose.ASSESSMENT, consent_epoch=1)


def person_registered(site: str) -> Event:
    return PersonRegistered(
        site=site, occurred_at=AT, person=uuid4(), legal_status=LegalStatus.NARAPIDANA, sex=Sex.MALE
    )


def person_released(site: str) -> Event:
    day, mode = date(2026, 8, 1), ReleaseMode.MURNI
    return PersonReleased(site=site, occurred_at=AT, person=uuid4(), release_id=uuid4(), released_on=day, mode=mode)


def placement_started(site: str) -> Event:
    return PlacementStarted(
        site=site,
        occurred_at=AT,
        person=uuid4(),
        placement_id=uuid4(),
        partner="mitra",
        sector=Sector.SERVICES,
        started_on=date(2026, 8, 1),
        consent_epoch=1,
    )


def needs_found(site: str) -> Event:
    return NeedsFound(site=site, occurred_at=AT, person=uuid4(), levels={}, wants_help=frozenset())


HEARD = (
    Heard("intake", "inbox", consent_given),
    Heard("assessment", "gate", consent_given),
    Heard("programs", "needs", needs_found),
    Heard("partner_matching", "profile", needs_found),
    Heard("outcomes", "release", person_released),
    Heard("central", "view.person", person_registered),
    Heard("partner_gateway", "fact", placement_started),
)


def _needs_assessed(site: str) -> Event:
    return NeedsAssessed(site=site, occurred_at=AT, person=uuid4(), instrument_version=1)


def _partner_told(site: str) -> Event:
    name = "A" * 26
    return PartnerPlacementStarted(
        site=site,
        occurred_at=AT,
        partner="mitra",
        person=name,
        placement=name,
        sector=Sector.SERVICES,
        started_on=date(2026, 8, 1),
    )


SAID: dict[str, Callable[[str], Event]] = {
    "intake": person_registered,
    "assessment": _needs_assessed,
    "programs": lambda site: PlanAgreed(site=site, occurred_at=AT, person=uuid4(), plan_id=uuid4()),
    "partner_matching": lambda site: MatchAccepted(site=site, occurred_at=AT, person=uuid4(), match_id=uuid4()),
    "outcomes": lambda site: FollowUpCancelled(site=site, occurred_at=AT, person=uuid4(), follow_up_id=uuid4()),
    "partner_gateway": _partner_told,
}


@dataclass(frozen=True)
class Asked:
    """A request that writes, the table it writes to, and what must be there before."""

    service: str
    table: str
    path: str
    body: dict[str, Any]
    before: Callable[[Rutan], None] = lambda here: None


SOMEBODY = uuid4()


def _agreed_to_assessment(here: Rutan) -> None:
    with here.database("assessment").transaction() as session:
        gate.open_gate(session, SOMEBODY, Purpose.ASSESSMENT, None, 1)


def _left(here: Rutan) -> None:
    with here.database("outcomes").transaction() as session:
        day, mode = date(2026, 8, 1), ReleaseMode.MURNI
        session.add(Release(id=SOMEBODY, site=here.site, person=SOMEBODY, released_on=day, mode=mode))


ASKED = (
    Asked(
        "intake",
        "person",
        f"/people/{SOMEBODY}",
        {"name": "Rekaan Uji", "register_number": "BI-1/UJI", "legal_status": "narapidana", "sex": "male"},
    ),
    Asked(
        "assessment",
        "needs_assessment",
        f"/people/{SOMEBODY}/needs-assessments/{uuid4()}",
        {"levels": dict.fromkeys(Domain, 0)},
        before=_agreed_to_assessment,
    ),
    Asked("programs", "programme", "/programmes/las", {"name": "Las", "domain": "work", "capacity": 5}),
    Asked("partner_matching", "partner", "/partners/mitra", {"name": "Mitra Rekaan"}),
    Asked("outcomes", "release", f"/releases/{SOMEBODY}/observation", {"observed_until": "2026-09-01"}, before=_left),
)


def count_writes(here: Rutan, service: str, table: str) -> None:
    """From now on every write to `table` is noted in `written`, whatever it changed."""
    _run(
        here,
        service,
        "create table written (id int generated always as identity, line text)",
        "create function tally() returns trigger language plpgsql as $$ begin"
        " insert into public.written (line) values (new::text); return null; end $$",
        f"create trigger tally after insert or update on {table} for each row execute function tally()",
    )


def writes(here: Rutan, service: str) -> list[str]:
    """What was written so far, in order."""
    return [line for (line,) in here.sql(service, "select line from written order by id")]


def refuse_commits(here: Rutan, service: str, table: str) -> None:
    """From now on the database finds a row of `table` wrong when its transaction commits, and quotes it."""
    _run(
        here,
        service,
        "create function refuse() returns trigger language plpgsql as $$ begin"
        " raise exception 'refused: %', new; end $$",
        f"create constraint trigger refuse after insert or update on {table}"
        " deferrable initially deferred for each row execute function refuse()",
    )


def _run(here: Rutan, service: str, *statements: str) -> None:
    with here.database(service).engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def stored(here: Rutan, stream: str) -> list[RawStreamMsg]:
    """Everything a stream holds, in order."""

    async def go(client: Client) -> list[RawStreamMsg]:
        jetstream = client.jetstream()
        state = (await jetstream.stream_info(stream)).state
        return [await jetstream.get_msg(stream, seq) for seq in range(state.first_seq, state.last_seq + 1)]

    return here.with_nats(go)


def site_of(service: str) -> str | None:
    """Where a service runs: the hub's name, or None for any new rutan."""
    return HUB if service in HUB_SERVICES else None
