"""What assessment does when it hears of something."""

from chassis import gate
from chassis.events import Handlers
from contracts.intake import ConsentGiven, ConsentWithdrawn
from sqlmodel import Session

handlers = Handlers()


@handlers.on(ConsentGiven)
def on_consent_given(session: Session, event: ConsentGiven) -> None:
    """The person agreed to something; assessment looks at its own purpose when it is asked to act."""
    gate.open_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)


@handlers.on(ConsentWithdrawn)
def on_consent_withdrawn(session: Session, event: ConsentWithdrawn) -> None:
    """No further assessment from now on. What was found before stays, under its legal retention."""
    gate.close_gate(session, event.person, event.purpose, event.recipient, event.consent_epoch)
