"""Asking that one's data be erased, what the law keeps of them, and the proof of what was done."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, document, moment
from chassis.errors import Conflict, NotFound
from contracts.intake import PersonErased
from pydantic import BaseModel
from sqlmodel import Field

from intake.model.days import today
from intake.model.table import Table


class ErasureNotHere(NotFound):
    """No such request."""

    detail = "Permintaan penghapusan ini tidak ada. Periksa kembali pilihan Anda."


class ErasureIdTaken(Conflict):
    """The id is another request's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class ErasureAlreadyDecided(Conflict):
    """A decision was told to the person, and stands."""

    detail = "Permintaan ini sudah diputuskan dengan isi lain. Catat permintaan baru bila keadaannya berubah."


class ErasureNotDecided(Conflict):
    """Nothing can be proved yet."""

    detail = "Permintaan ini belum diputuskan, jadi belum ada pemberitahuannya."


class ArticleMissing(Conflict):
    """What is kept is kept by an article, and only then."""

    detail = "Keputusan 'sebagian' atau 'ditolak' harus menyebut pasal, dan keputusan 'dihapus' tidak menyebut apa pun."


class HoldAlreadyOver(Conflict):
    """A hold that has ended holds nothing."""

    detail = "Tanggal akhir penyimpanan sudah lewat. Periksa tanggalnya, atau putuskan 'dihapus'."


class LegalHold(Conflict):
    """The law keeps this person's data for now."""


class StillInside(LegalHold):
    """The register of whoever is inside is kept by law (UU 22/2022)."""

    detail = (
        "Orang ini masih berada di rutan, sehingga registernya wajib disimpan."
        " Putuskan 'sebagian' dengan pasalnya: yang berdasarkan persetujuan tetap dihapus."
    )


class ProcedureOpen(LegalHold):
    """What was applied for is not decided yet."""

    detail = (
        "Masih ada pengusulan orang ini yang belum diputuskan."
        " Selesaikan atau tarik dahulu, atau putuskan 'sebagian' dengan pasalnya."
    )


class RetentionRuns(LegalHold):
    """An earlier decision found that the law keeps it until a day that has not come."""

    detail = (
        "Masa simpan menurut keputusan terdahulu belum berakhir."
        " Putuskan 'sebagian' dengan pasalnya, atau tunggu sampai tanggal itu."
    )


class ErasureGround(StrEnum):
    """Why data must be erased (UU 27/2022 Ps. 43 (1))."""

    NOT_NEEDED = "not_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ASKED = "asked"
    UNLAWFUL = "unlawful"


class ErasureOutcome(StrEnum):
    """What was decided."""

    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"


class HoldArticle(StrEnum):
    """What the law keeps data for, whatever the person wishes."""

    LAW_ENFORCEMENT = "ps_15_1_b"
    STATE = "ps_15_1_c"
    RETENTION = "ps_44_retention"
    PROCEEDING = "ps_44_proceeding"


class Decision(BaseModel):
    """What the privacy officer decides. The end of a hold may be unknown: a case lasts as long as it lasts."""

    outcome: ErasureOutcome
    article: HoldArticle | None = None
    until_on: date | None = None


class Erasure(Table, table=True):
    """One request to be erased and what became of it. It says who only by an id that leads nowhere any more."""

    # Ps. 31: what was done with data must be provable; so the proof outlives what it is about.
    __table_args__ = ({"info": {"outlives": True}},)

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    ground: ErasureGround = choice(ErasureGround)
    received_on: date
    recorded_at: datetime = moment()
    recorded_by: UUID
    outcome: ErasureOutcome | None = choice(ErasureOutcome, nullable=True, default=None)
    article: HoldArticle | None = choice(HoldArticle, nullable=True, default=None)
    until_on: date | None = None
    decided_at: datetime | None = moment(nullable=True, default=None)
    decided_by: UUID | None = None
    told: list[str] = document(default_factory=list)
    """The ids of the events that carry it out elsewhere."""
    kept: list[str] = document(default_factory=list)
    """The tables of which something stays."""

    @property
    def number(self) -> str:
        """The number of its certificate."""
        return f"HPS/{self.site}/{self.received_on.year}/{self.id.hex[:8]}".upper()

    def same_as(self, other: "Erasure") -> bool:
        """Whether two requests say the same."""
        return (self.person, self.ground, self.received_on) == (other.person, other.ground, other.received_on)

    def decided_as(self, decision: Decision) -> bool:
        """Whether this is what was decided."""
        return (self.outcome, self.article, self.until_on) == (decision.outcome, decision.article, decision.until_on)

    def holds_on(self, day: date) -> bool:
        """Whether this decision keeps the person's data on that day."""
        return self.until_on is not None and self.until_on > day

    def decide(self, decision: Decision, hold: type[LegalHold] | None, *, by: UUID, at: datetime) -> bool:
        """The decision; whether everything is to be erased."""
        if self.outcome is not None:
            raise ErasureAlreadyDecided
        done = decision.outcome is ErasureOutcome.DONE
        if done != (decision.article is None) or (done and decision.until_on):
            raise ArticleMissing
        if decision.until_on and decision.until_on <= today(at):
            raise HoldAlreadyOver
        if done and hold:
            raise hold
        self.outcome, self.article, self.until_on = decision.outcome, decision.article, decision.until_on
        self.decided_at, self.decided_by = at, by
        return done

    def of(self, entry: UUID, at: datetime) -> PersonErased:
        """The fact, of one of the person's entries: each of them is known elsewhere by its own id."""
        return PersonErased(site=self.site, occurred_at=at, person=entry, erasure_id=self.id)
