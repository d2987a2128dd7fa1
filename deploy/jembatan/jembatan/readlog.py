"""Checking the read logs of a site: whether every line is still what was written, and the end still there."""

from collections.abc import Iterator
from dataclasses import dataclass

from chassis import readlog
from chassis.database import Database
from chassis.outbox import last_said
from chassis.readlog import Damage
from chassis.topology import HUB
from contracts.intake import ReadLogSealed

from jembatan.folder import Folder
from jembatan.node import settings_for


@dataclass(frozen=True)
class Checked:
    """The read log of one service."""

    service: str
    lines: int
    sealed: int | None
    """How long it was when that was last told to the ministry; None where nothing is known to compare with."""
    damage: list[Damage]

    def told(self) -> Iterator[str]:
        """What was found, a line each."""
        if not self.damage:
            known = f", sama dengan {self.sealed} baris yang dikabarkan ke kementerian" if self.sealed else ""
            yield f"{self.service}: {self.lines} baris utuh{known}"
        for part in self.damage:
            where = f"{part.first}" if part.first == part.last else f"{part.first} sampai {part.last}"
            yield f"{self.service}: baris {where} {'hilang' if part.missing else 'bukan yang ditulis'}"


def verify(folder: Folder) -> list[Checked]:
    """Checks the log of every service of a running site, each with its own key."""
    if folder.site == HUB:
        raise LookupError("di pusat tidak ada catatan penglihatan: sebutkan kode rutan")
    return [_check(folder, service) for service in folder.services]


def _check(folder: Folder, service: str) -> Checked:
    database = Database(settings_for(folder, service), service)
    try:
        with database.transaction() as session:
            sealed = last_said(session, ReadLogSealed)
            known = (sealed.looks, bytes.fromhex(sealed.fingerprint)) if sealed else (0, readlog.BEGINNING)
            lines, _ = readlog.head(session)
            return Checked(service, lines, sealed.looks if sealed else None, readlog.damage(session, known))
    finally:
        database.close()
