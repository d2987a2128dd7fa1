"""Breaches of personal data: what was exposed, and whether everybody was told in time."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.columns import document, moment
from chassis.errors import Conflict, NotFound
from contracts.intake import BreachNotified, BreachOpened
from pydantic import BaseModel
from sqlmodel import Field

from intake.model.table import Table

TOLD_WITHIN = timedelta(hours=3 * 24)
"""UU 27/2022 Ps. 46 (1): in writing, to the person concerned and to the authority."""


class BreachNotHere(NotFound):
    """No such breach."""

    detail = "Catatan kegagalan pelindungan data ini tidak ada. Periksa kembali pilihan Anda."


class BreachIdTaken(Conflict):
    """The id is another breach's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class BreachNotYetDiscovered(Conflict):
    """Nothing is discovered, and nobody told, in the time to come."""

    detail = "Waktu ini belum tiba. Periksa tanggal dan jamnya."


class ToldBeforeDiscovered(Conflict):
    """Nobody can be told of what nobody knows."""

    detail = "Pemberitahuan lebih awal daripada saat diketahuinya. Periksa tanggal dan jamnya."


class BreachAmendedMeanwhile(Conflict):
    """Somebody else put down more after this officer had read it: neither version is lost."""

    detail = "Catatan ini sudah diubah orang lain sejak Anda membukanya. Muat ulang, lalu ubah lagi."


class AlreadyTold(Conflict):
    """It was noted with another time."""

    detail = "Pemberitahuan ini sudah dicatat dengan isi lain. Periksa catatannya."


class RecipientMissing(Conflict):
    """Which body the authority is, the register must say; the people concerned are not named in it."""

    detail = "Sebutkan lembaga yang diberi tahu. Untuk orang yang terkena, jangan sebutkan siapa pun."


class DataKind(StrEnum):
    """What was exposed."""

    IDENTITY = "identity_data"
    CONTACT = "contact_data"
    CASE = "case_data"
    HEALTH = "health_data"
    ASSESSMENT = "assessment_data"
    FAMILY = "family_data"
    CHILDREN = "children_data"
    FINANCE = "finance_data"
    OTHER = "other_data"


class Told(StrEnum):
    """Whom the law wants told."""

    PEOPLE = "people"
    AUTHORITY = "authority"


class Report(BaseModel):
    """What happened and what was done about it: free text, that exists outside the vault only while it is shown."""

    description: str
    handling: str


Known = tuple[list[str], int | None, Report]
"""What is known of a breach: which data, how many people, and what is written about it."""


class Breach(Table, table=True):
    """One breach. What was written about it is sealed under its own id: free text may name somebody."""

    id: UUID = Field(primary_key=True)
    site: str
    discovered_at: datetime = moment()
    kinds: list[str] = document()
    people_count: int | None = None
    """How many people it concerns; null while nobody knows."""
    report: bytes
    people_told_at: datetime | None = moment(nullable=True, default=None)
    authority_told_at: datetime | None = moment(nullable=True, default=None)
    authority: bytes | None = None
    """The body that was told, as written: which one it is by law is not settled."""
    opened_at: datetime = moment()
    opened_by: UUID

    def same_as(self, other: "Breach") -> bool:
        """Whether two reports say the same, free text aside."""
        same = ("discovered_at", "kinds", "people_count")
        return all(getattr(self, name) == getattr(other, name) for name in same)

    @property
    def due_at(self) -> datetime:
        """Until when both must be told."""
        return self.discovered_at + TOLD_WITHIN

    def hours_left(self, now: datetime) -> float | None:
        """Until both must be told, below zero when it is too late; None once they were."""
        return None if self.notified_at else (self.due_at - now) / timedelta(hours=1)

    @property
    def notified_at(self) -> datetime | None:
        """When the second of both was told."""
        told = (self.people_told_at, self.authority_told_at)
        return max(at for at in told if at) if all(told) else None

    @property
    def late(self) -> bool:
        """Whether both were told, but not in time."""
        return self.notified_at is not None and self.notified_at > self.due_at

    def open(self) -> BreachOpened:
        """The clock runs."""
        if self.discovered_at > self.opened_at:
            raise BreachNotYetDiscovered
        return BreachOpened(
            site=self.site, occurred_at=self.opened_at, breach_id=self.id, discovered_at=self.discovered_at
        )

    def tell(self, whom: Told, told_at: datetime, *, at: datetime) -> BreachNotified | None:
        """Somebody was told; it says so once both were."""
        if told_at > at:
            raise BreachNotYetDiscovered
        if told_at < self.discovered_at:
            raise ToldBeforeDiscovered
        if whom is Told.PEOPLE:
            self.people_told_at = told_at
        else:
            self.authority_told_at = told_at
        if self.notified_at is None:
            return None
        return BreachNotified(site=self.site, occurred_at=at, breach_id=self.id, notified_at=self.notified_at)

    def told(self, whom: Told) -> datetime | None:
        """When somebody was told."""
        return self.people_told_at if whom is Told.PEOPLE else self.authority_told_at
