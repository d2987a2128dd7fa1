"""What the clock alone brings about in intake."""

from datetime import datetime

from sqlmodel import Session

from intake.commands.detention import note_expiring


def sweep(session: Session, now: datetime) -> None:
    """Everything that is due; nothing when nothing is."""
    note_expiring(session, now)
