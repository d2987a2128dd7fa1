"""What programs does when it hears of something."""

from chassis import gate
from chassis.about import delete_about
from chassis.events import Handlers
from contracts.assessment import NeedsFound
from contracts.intake import (
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    PersonErased,
    PersonReentered,
    PersonReleased,
)
from contracts.programs import EnrolmentEnd
from contracts.vocabulary import Purpose
from sqlmodel import Session

from programs import commands
from programs.model import Table

handlers = Handlers()


@handlers.on(NeedsFound)
def on_needs_found(session: Session, event: NeedsFound) -> None:
    """A plan can be drafted now."""
    commands.note_needs(session, event)


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """The person agreed to something."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)


@handlers.on(ConsentWithdrawn, ConsentExpired)
def on_consent_ended(session: Session, event: ConsentWithdrawn | ConsentExpired) -> None:
    """Whoever no longer wants to take part holds no place."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    standing = gate.standing_epoch(session, event.person, Purpose.PROGRAMME)
    if event.purpose is Purpose.PROGRAMME and standing is None:
        day = event.occurred_at.date()
        commands.end_enrolments(session, event.person, EnrolmentEnd.CONSENT_WITHDRAWN, day, event.occurred_at)


@handlers.on(PersonReleased)
def on_person_released(session: Session, event: PersonReleased) -> None:
    """Whoever has left frees their places, and no plan is drafted for them."""
    commands.note_departure(session, event.person)
    commands.end_enrolments(session, event.person, EnrolmentEnd.RELEASED, event.released_on, event.occurred_at)


@handlers.on(PersonReentered)
def on_person_reentered(session: Session, event: PersonReentered) -> None:
    """Whoever is back may have a plan again."""
    commands.note_return(session, event.person)


@handlers.on(PersonErased)
def on_person_erased(session: Session, event: PersonErased) -> None:
    """Nothing stays here that is about the person, and later news of them makes nothing anew."""
    delete_about(session, Table.metadata, "person", event.person)
    gate.forget(session, event.person)
