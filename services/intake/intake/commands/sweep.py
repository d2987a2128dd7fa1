"""What the clock alone brings about."""

from datetime import datetime

from sqlmodel import Session

from intake.commands.consents import expire_consents
from intake.commands.effects import note_effects


def sweep(session: Session, now: datetime) -> None:
    """Does what has fallen due; nothing when nothing has."""
    expire_consents(session, now)
    note_effects(session, now)
