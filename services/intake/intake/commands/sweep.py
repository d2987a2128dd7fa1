"""What the clock alone brings about at intake."""

from datetime import datetime

from sqlmodel import Session

from intake.commands.erasures import keep_erased
from intake.commands.looks import seal_read_log


def sweep(session: Session, now: datetime) -> None:
    """Does what is due; nothing if nothing is."""
    seal_read_log(session, now)
    keep_erased(session)
