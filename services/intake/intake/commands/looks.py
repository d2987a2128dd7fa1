"""Keeping the read log's length and fingerprint where whoever can write to it cannot reach."""

from datetime import datetime, timedelta

from chassis import readlog
from chassis.outbox import last_said, publish
from contracts.intake import ReadLogSealed
from sqlmodel import Session

EVERY = timedelta(days=1)


def seal_read_log(session: Session, now: datetime) -> None:
    """Says how long the log is and its last hash: once a day at most, and only if they differ from what was said.

    Also when it became shorter: that is what the ministry must hear of.
    """
    last, (looks, fingerprint) = last_said(session, ReadLogSealed), readlog.head(session)
    known = (last.looks, last.fingerprint) if last else (0, readlog.BEGINNING.hex())
    if (looks, fingerprint.hex()) != known and (last is None or now - last.occurred_at >= EVERY):
        site = session.info["site"]
        publish(session, ReadLogSealed(site=site, occurred_at=now, looks=looks, fingerprint=fingerprint.hex()))
