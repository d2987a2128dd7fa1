"""The proof that something said took effect: which reader has committed what follows from it, and since when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from chassis.columns import moment
from chassis.errors import NotFound
from sqlmodel import Field

from intake.model.table import Table

WITHIN = timedelta(hours=72)
"""UU 27/2022 Ps. 40 and 41: 3 x 24 hours."""

NAMES = {
    "intake": "Registrasi",
    "assessment": "Asesmen",
    "programs": "Program dan pembinaan",
    "partner_matching": "Pencocokan dengan mitra",
    "outcomes": "Tindak lanjut setelah bebas",
    "central": "Data nasional di kementerian",
    # All that can be proven of a partner: what it holds itself is bound by contract, not by code.
    "partner_gateway": "Gerbang mitra: tidak ada lagi yang disampaikan kepada mitra; mitra diminta menghapus",
}
"""Readers in staff's words."""


class EffectUnknown(NotFound):
    """Nobody asked for this to be proven."""

    detail = "Untuk peristiwa ini tidak ada bukti yang disimpan."


class Followed(Table, table=True):
    """An event whose effect is to be proven."""

    __tablename__ = "followed_event"

    event_id: UUID = Field(primary_key=True)
    site: str
    since_at: datetime = moment()
    due_at: datetime = moment(index=True)
    complete_at: datetime | None = moment(nullable=True, default=None)
    """When it was first noticed that every reader has it."""

    @classmethod
    def of(cls, event_id: UUID, site: str, at: datetime) -> "Followed":
        """The clock starts with the fact, not with its arrival anywhere."""
        return cls(event_id=event_id, site=site, since_at=at, due_at=at + WITHIN)

    def note(self, known: Mapping[str, "Effect"], applied: Mapping[str, bool], at: datetime) -> list["Effect"]:
        """Notes who has it by now; returns readers that were not known before.

        What was noticed stands: a reader that is restored later is told again, and its first time is not forgotten.
        """
        for reader, has_it in applied.items():
            if has_it and reader in known and known[reader].applied_at is None:
                known[reader].applied_at = at
        new = [
            Effect(event_id=self.event_id, reader=reader, applied_at=at if has_it else None)
            for reader, has_it in applied.items()
            if reader not in known
        ]
        every = [*known.values(), *new]
        if self.complete_at is None and every and all(effect.applied_at for effect in every):
            self.complete_at = at
        return new

    def overdue(self, now: datetime) -> bool:
        """Whether somebody lacks it although its time is over."""
        return self.complete_at is None and now > self.due_at


class Effect(Table, table=True):
    """One reader of a followed event."""

    event_id: UUID = Field(primary_key=True, foreign_key="followed_event.event_id")
    reader: str = Field(primary_key=True)
    applied_at: datetime | None = moment(nullable=True, default=None)
    """When it was first noticed that the reader has committed what follows; null while it waits or is parked."""

    @property
    def name(self) -> str:
        """The reader in staff's words."""
        return NAMES.get(self.reader, self.reader)
