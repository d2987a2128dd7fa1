"""What assessment does when it hears of something."""

from chassis import gate
from chassis.about import delete_about
from chassis.events import Handlers
from contracts.intake import ConsentExpired, ConsentGiven, ConsentWithdrawn, PersonErased
from sqlmodel import Session

from assessment.model import Table

handlers = Handlers()


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """The person agreed to something; assessment looks at its own purpose when it is asked to act."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)


@handlers.on(ConsentWithdrawn, ConsentExpired)
def on_consent_ended(session: Session, event: ConsentWithdrawn | ConsentExpired) -> None:
    """No further assessment from now on. What was found before stays, under its legal retention."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)


@handlers.on(PersonErased)
def on_person_erased(session: Session, event: PersonErased) -> None:
    """Nothing stays here that is about the person, and later news of them makes nothing anew."""
    delete_about(session, Table.metadata, "person", event.person)
    gate.forget(session, event.person)
