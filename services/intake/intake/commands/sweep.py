"""What the clock alone brings about in intake."""

from datetime import datetime

from sqlmodel import Session

from intake.commands.consents import expire_consents
from intake.commands.detention import note_expiring
from intake.commands.effects import note_effects
from intake.commands.erasures import keep_erased
from intake.commands.looks import seal_read_log


def sweep(session: Session, now: datetime) -> None:
    """Everything that is due; nothing when nothing is."""
    note_expiring(session, now)
    expire_consents(session, now)
    note_effects(session, now)
    seal_read_log(session, now)
    keep_erased(session)
