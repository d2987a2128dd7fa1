"""What partner-matching does when it hears of something."""

from chassis import gate
from chassis.about import delete_about
from chassis.events import Handlers
from contracts.assessment import NeedsFound
from contracts.intake import ConsentExpired, ConsentGiven, ConsentWithdrawn, PersonErased
from contracts.programs import ProgrammeCompleted
from contracts.vocabulary import Purpose
from sqlmodel import Session

from partner_matching import commands
from partner_matching.model import Table, wants_work

handlers = Handlers()


@handlers.on(NeedsFound)
def on_needs_found(session: Session, event: NeedsFound) -> None:
    """Whether the person wants help with work; no other need is matching's business."""
    commands.note_wish(session, event.person, wants_work(event.wants_help))


@handlers.on(ProgrammeCompleted)
def on_programme_completed(session: Session, event: ProgrammeCompleted) -> None:
    """A reason to suggest work of that kind."""
    commands.note_finished(session, event.person, event.sector)


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """The person agreed to something."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)


@handlers.on(ConsentWithdrawn, ConsentExpired)
def on_consent_ended(session: Session, event: ConsentWithdrawn | ConsentExpired) -> None:
    """Open matches with that partner stop. Work that has begun is the person's own and goes on."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
    standing = gate.standing_epoch(session, event.person, event.purpose, event.recipient)
    if event.purpose is Purpose.PARTNER_SHARING and event.recipient and standing is None:
        commands.withdraw_matches(session, event.person, event.recipient, event.occurred_at)


@handlers.on(PersonErased)
def on_person_erased(session: Session, event: PersonErased) -> None:
    """Nothing stays here that is about the person, and later news of them makes nothing anew."""
    delete_about(session, Table.metadata, "person", event.person)
    gate.forget(session, event.person)
