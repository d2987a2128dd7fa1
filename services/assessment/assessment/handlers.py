"""What assessment does when it hears of something."""

from chassis import gate
from chassis.about import delete_about
from chassis.events import Handlers
from contracts.intake import (
    ConsentDeclined,
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    PersonErased,
    PersonReentered,
    PersonRegistered,
    PersonReleased,
    PersonsMerged,
    PersonsUnmerged,
    TransferAccepted,
)
from contracts.vocabulary import Purpose
from sqlmodel import Session

from assessment import commands
from assessment.model import Table

handlers = Handlers()


@handlers.on(PersonRegistered, TransferAccepted)
def on_person_registered(session: Session, event: PersonRegistered | TransferAccepted) -> None:
    """Somebody is here who may be asked about an assessment."""
    commands.note_arrival(session, event.person, event.occurred_at)


@handlers.on(PersonReentered)
def on_person_reentered(session: Session, event: PersonReentered) -> None:
    """Somebody is here again."""
    commands.note_arrival(session, event.person, event.occurred_at)


@handlers.on(PersonReleased)
def on_person_released(session: Session, event: PersonReleased) -> None:
    """Nobody waits for an assessment outside."""
    commands.note_departure(session, event.person)


@handlers.on(PersonsMerged)
def on_persons_merged(session: Session, event: PersonsMerged) -> None:
    """One person waits once."""
    commands.note_merge(session, event.person, event.kept)


@handlers.on(PersonsUnmerged)
def on_persons_unmerged(session: Session, event: PersonsUnmerged) -> None:
    """Two people wait each for themselves."""
    commands.note_merge(session, event.person, None)


@handlers.on(ConsentDeclined)
def on_consent_declined(session: Session, event: ConsentDeclined) -> None:
    """An ordinary answer: nobody who gave it is listed as waiting."""
    if event.purpose is Purpose.ASSESSMENT:
        commands.note_answer(session, event.person, declined=True)


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """The person agreed to something; assessment looks at its own purpose when it is asked to act."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    if event.purpose is Purpose.ASSESSMENT:
        commands.note_answer(session, event.person, declined=False)


@handlers.on(ConsentWithdrawn, ConsentExpired)
def on_consent_ended(session: Session, event: ConsentWithdrawn | ConsentExpired) -> None:
    """No further assessment from now on. What was found before stays, under its legal retention."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    # A consent that ran out is no answer: the person may be asked again.
    took_back = event.purpose is Purpose.ASSESSMENT and isinstance(event, ConsentWithdrawn)
    if took_back and gate.standing_epoch(session, event.person, Purpose.ASSESSMENT) is None:
        commands.note_answer(session, event.person, declined=True)


@handlers.on(PersonErased)
def on_person_erased(session: Session, event: PersonErased) -> None:
    """Nothing stays here that is about the person, and later news of them makes nothing anew."""
    delete_about(session, Table.metadata, "person", event.person)
    gate.forget(session, event.person)
