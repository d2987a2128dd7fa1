"""Reconciliation: the ministry's counts of one day beside ours, per register. Nothing is corrected by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.columns import document, moment
from chassis.errors import NotFound
from contracts.vocabulary import RegisterBook
from sqlmodel import Field

from intake.model.table import Table

NO_BOOK = "unknown"
"""People inside of whom nobody has said in which register they stand."""


class NotReconciled(NotFound):
    """Nobody has compared this day."""

    detail = "Jumlah menurut SDP untuk tanggal ini belum diisi. Isi dari laporan harian."


@dataclass(frozen=True)
class Line:
    """One register on one day. None: the report did not say, which is not zero."""

    book: str
    theirs: int | None
    ours: int
    now: int
    """The same day counted again today, with what was entered since."""

    @property
    def difference(self) -> int | None:
        """Ours less theirs."""
        return None if self.theirs is None else self.ours - self.theirs


class Reconciliation(Table, table=True):
    """One comparison. A corrected report is another one: what was compared before stays."""

    id: UUID = Field(primary_key=True)
    site: str
    reported_on: date = Field(index=True)
    theirs: dict[str, int] = document()
    ours: dict[str, int] = document()
    """As they stood when it was compared."""
    data_until: datetime | None = moment(nullable=True, default=None)
    """When the register was last written to before that; null while it is empty."""
    compared_at: datetime = moment()
    compared_by: UUID

    def lines(self, now: Mapping[str, int]) -> list[Line]:
        """Register by register, also those that neither side has anybody in."""
        return [
            Line(book, self.theirs.get(book), self.ours.get(book, 0), now.get(book, 0))
            for book in (*RegisterBook, NO_BOOK)
            if book != NO_BOOK or self.ours.get(book) or now.get(book)
        ]

    @property
    def differing(self) -> int:
        """In how many registers the two disagree."""
        return sum(bool(line.difference) for line in self.lines(self.ours))
