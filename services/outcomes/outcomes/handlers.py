"""What outcomes does when it hears of something."""

from chassis import gate
from chassis.about import delete_about
from chassis.events import Handlers
from contracts.intake import (
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    PersonErased,
    PersonReentered,
    PersonReleased,
)
from contracts.vocabulary import Purpose
from sqlmodel import Session

from outcomes import commands
from outcomes.model import Table

handlers = Handlers()


@handlers.on(PersonReleased)
def on_person_released(session: Session, event: PersonReleased) -> None:
    """Follow-ups become due, if the person agreed to them."""
    commands.note_release(session, event)


@handlers.on(PersonReentered)
def on_person_reentered(session: Session, event: PersonReentered) -> None:
    """Definition D2 of a return."""
    commands.record_reentry(session, event)


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """Whoever agrees after leaving is asked as well."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    if event.purpose is Purpose.FOLLOW_UP:
        commands.schedule_follow_ups(session, event.person, event.occurred_at)


@handlers.on(ConsentWithdrawn, ConsentExpired)
def on_consent_ended(session: Session, event: ConsentWithdrawn | ConsentExpired) -> None:
    """Nobody asks any more."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    if event.purpose is Purpose.FOLLOW_UP and gate.standing_epoch(session, event.person, Purpose.FOLLOW_UP) is None:
        commands.cancel_follow_ups(session, event.person, event.occurred_at)


@handlers.on(PersonErased)
def on_person_erased(session: Session, event: PersonErased) -> None:
    """Nothing stays here that is about the person, and later news of them makes nothing anew."""
    delete_about(session, Table.metadata, "person", event.person)
    gate.forget(session, event.person)
