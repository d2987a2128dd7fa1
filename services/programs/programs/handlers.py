"""What programs does when it hears of something."""

from chassis import gate
from chassis.events import Handlers
from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven, ConsentWithdrawn, PersonReleased
from contracts.programs import EnrolmentEnd
from contracts.vocabulary import Purpose
from sqlmodel import Session

from programs import commands

handlers = Handlers()


@handlers.on(NeedsFound)
def on_needs_found(session: Session, event: NeedsFound) -> None:
    """A plan can be drafted now."""
    commands.note_needs(session, event)


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """The person agreed to something."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)


@handlers.on(ConsentWithdrawn)
def on_consent_withdrawn(session: Session, event: ConsentWithdrawn) -> None:
    """Whoever no longer wants to take part holds no place."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    standing = gate.standing_epoch(session, event.person, Purpose.PROGRAMME)
    if event.purpose is Purpose.PROGRAMME and standing is None:
        day = event.occurred_at.date()
        commands.end_enrolments(session, event.person, EnrolmentEnd.CONSENT_WITHDRAWN, day, event.occurred_at)


@handlers.on(PersonReleased)
def on_person_released(session: Session, event: PersonReleased) -> None:
    """Whoever has left frees their places."""
    commands.end_enrolments(session, event.person, EnrolmentEnd.RELEASED, event.released_on, event.occurred_at)
