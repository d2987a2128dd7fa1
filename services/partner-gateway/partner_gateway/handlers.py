"""What the gateway does when it hears of something."""

from collections.abc import Mapping
from datetime import UTC, datetime

from chassis import gate, inbox
from chassis.envelope import Feed
from chassis.events import Handlers
from chassis.service import Heartbeat
from contracts.intake import ConsentExpired, ConsentGiven, ConsentWithdrawn, PersonErased
from contracts.partner_matching import PlacementEnded, PlacementReached, PlacementStarted
from contracts.vocabulary import Purpose
from sqlmodel import Session

from partner_gateway import commands
from partner_gateway.model import Fact, Kind

handlers = Handlers()

CONSENTS_COME_FROM = "intake"


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """The person agreed to something. Nothing follows from it here: events carry the epoch that covers them."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)


@handlers.on(ConsentWithdrawn, ConsentExpired)
def on_consent_ended(session: Session, event: ConsentWithdrawn | ConsentExpired) -> None:
    """The partner forgets what it was told."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    standing = gate.standing_epoch(session, event.person, event.purpose, event.recipient)
    if event.purpose is Purpose.PARTNER_SHARING and event.recipient and standing is None:
        commands.withdraw(session, event.person, event.recipient, datetime.now(UTC))


@handlers.on(PersonErased)
def on_person_erased(session: Session, event: PersonErased) -> None:
    """Every partner forgets what it was told, and so does the gateway."""
    commands.erase(session, event.person, datetime.now(UTC))
    gate.forget(session, event.person)


@handlers.on(PlacementStarted)
def on_placement_started(session: Session, event: PlacementStarted) -> None:
    """Work began."""
    said = {"sector": event.sector, "started_on": event.started_on.isoformat()}
    commands.note_fact(session, _fact(event, Kind.STARTED, said), datetime.now(UTC))


@handlers.on(PlacementReached)
def on_placement_reached(session: Session, event: PlacementReached) -> None:
    """What is known at 30, 90 or 180 days."""
    said = {"days": event.days, "employed": event.employed}
    commands.note_fact(session, _fact(event, Kind.REACHED, said), datetime.now(UTC))


@handlers.on(PlacementEnded)
def on_placement_ended(session: Session, event: PlacementEnded) -> None:
    """Work ended. The reason is the person's and the rutan's: a partner knows its own."""
    commands.note_fact(session, _fact(event, Kind.ENDED, {"ended_on": event.ended_on.isoformat()}), datetime.now(UTC))


def on_heartbeat(session: Session, beat: Heartbeat) -> None:
    """A site speaks. Its lease is renewed once everything its intake has written is here and applied."""
    feed = Feed(beat.site, beat.service, "national", beat.epoch)
    here = inbox.contiguous(session, feed) >= beat.written and not inbox.waits(session, beat.site, beat.service)
    if beat.service == CONSENTS_COME_FROM and here:
        commands.renew_lease(session, beat.site, beat.heard_at)


def _fact(event: PlacementStarted | PlacementReached | PlacementEnded, kind: Kind, said: Mapping[str, object]) -> Fact:
    return Fact(
        placement=event.placement_id,
        site=event.site,
        person=event.person,
        partner=event.partner,
        kind=kind,
        said=dict(said),
        consent_epoch=event.consent_epoch,
        occurred_at=event.occurred_at,
    )
