"""The rules of assessment. Pure: no session, clock or network."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from chassis.columns import document, moment
from chassis.errors import Conflict, Refused
from contracts.assessment import NeedsAssessed, NeedsFound
from contracts.vocabulary import Domain, NeedLevel
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

INSTRUMENT_VERSION = 1


class Table(SQLModel, registry=registry()):
    """Assessment's own tables."""


class ConsentMissing(Refused):
    """Nobody is assessed who did not agree to it."""

    detail = "Orang ini belum menyetujui asesmen. Tanyakan dahulu; menolak adalah jawaban biasa."


class DomainsIncomplete(Conflict):
    """Each of the twelve domains has a level or was skipped: what was not asked is not "no need"."""

    detail = "Pilih tingkatnya, atau dilewati, pada setiap bidang. Lengkapi bidang yang ditunjuk."

    def __init__(self, unclear: Iterable[Domain]) -> None:
        super().__init__()
        self.more = {"errors": [{"pointer": f"/body/levels/{domain}", "code": "missing"} for domain in unclear]}


class AssessmentIdTaken(Conflict):
    """The id is another assessment's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class Resident(Table, table=True):
    """Somebody whom the register knows, as far as asking them about an assessment needs it."""

    person: UUID = Field(primary_key=True)
    since: datetime = moment()
    """When intake said that the person is here."""
    inside: bool = True
    merged_into: UUID | None = Field(default=None, index=True)
    declined: bool = False
    """Whether the person's last word on being assessed was no."""


class NeedsAssessment(Table, table=True):
    """One completed needs assessment."""

    __tablename__ = "needs_assessment"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(index=True)
    instrument_version: int
    levels: dict[str, int] = document()
    """Per domain that was talked about. Skipping one is an ordinary answer, and it then has no level."""
    wants_help: list[str] = document()
    completed_at: datetime = moment()
    completed_by: UUID

    def complete(self, skipped: Collection[Domain] = (), *, consented: bool) -> tuple[NeedsAssessed, NeedsFound]:
        """The assessment is done: that it was is national, what it found stays inside."""
        if not consented:
            raise ConsentMissing
        if unclear := [domain for domain in Domain if (domain in self.levels) == (domain in skipped)]:
            raise DomainsIncomplete(unclear)
        return (
            NeedsAssessed(
                site=self.site,
                occurred_at=self.completed_at,
                person=self.person,
                instrument_version=self.instrument_version,
            ),
            NeedsFound(
                site=self.site,
                occurred_at=self.completed_at,
                person=self.person,
                levels={Domain(domain): NeedLevel(level) for domain, level in self.levels.items()},
                wants_help=frozenset(map(Domain, self.wants_help)),
            ),
        )

    def same_as(self, other: "NeedsAssessment") -> bool:
        """Whether two requests say the same."""
        return (self.person, self.levels, self.wants_help) == (other.person, other.levels, other.wants_help)
