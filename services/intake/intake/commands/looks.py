"""Keeping the read log's length and fingerprint where whoever can write to it cannot reach."""

from datetime import datetime, timedelta

from chassis import readlog
from chassis.outbox import last_said, publish
from contracts.intake import ReadLogSealed
from sqlmodel import Session

EVERY = timedelta(days=1)


def seal_read_log(session: Session, now: datetime) -> None:
    """Says how long the log is and what its last line's hash is: once a day at most, and only if it grew."""
    last, (looks, fingerprint) = last_said(session, ReadLogSealed), readlog.head(session)
    if looks > (last.looks if last else 0) and (last is None or now - last.occurred_at >= EVERY):
        site = session.info["site"]
        publish(session, ReadLogSealed(site=site, occurred_at=now, looks=looks, fingerprint=fingerprint.hex()))
