"""The way of one right: asked for with the person, complete, advised on, sent, decided, and perhaps revoked."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.columns import choice, document, moment
from chassis.errors import Conflict, NotFound
from contracts.intake import BoardAdvice, BoardAdvised, RightDecided, RightProposed, RightRevoked
from contracts.vocabulary import Answer, Right
from sqlalchemy import Index, text
from sqlmodel import Field

from contracts import words
from intake.model.days import Deadline, in_order, must_have_come
from intake.model.estimates import Estimate, Possibility
from intake.model.people import Person, PersonNotInside
from intake.model.table import Table

LITMAS, SURETY = "litmas", "surat_jaminan"
"""The two papers of a checklist that have a way of their own; the regulations name them so."""


class ProposalNotHere(NotFound):
    """No such proposal of this person."""

    detail = "Usulan ini tidak ada pada orang ini. Periksa kembali pilihan Anda."


class ProposalIdTaken(Conflict):
    """The id is another proposal's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class PersonNotAsked(Conflict):
    """Nobody is proposed against their will."""

    detail = "Tanyakan dahulu kepada orangnya. Catat tanggal ia menyatakan ingin diusulkan, lalu simpan lagi."


class RightAlreadyProposed(Conflict):
    """One at a time."""

    detail = "Hak ini sedang diusulkan bagi orang ini. Lanjutkan usulan yang ada."


class RightNotPossible(Conflict):
    """A regulation says no, and says where."""

    detail = "Hak ini tidak dapat diusulkan menurut pasal yang disebut. Buka perkiraan haknya untuk membaca alasannya."

    def __init__(self, clauses: Sequence[str]) -> None:
        super().__init__()
        # Places in the law and nobody's dates: the reasons themselves stand in the estimate.
        self.more = {"clauses": clauses}


class NotItsTurn(Conflict):
    """A step before the one that comes first, or after the end."""

    detail = "Usulan ini belum sampai atau sudah melewati tahap itu. Muat ulang halaman usulannya."


class StepAlreadyTaken(Conflict):
    """It was recorded otherwise."""

    detail = "Tahap ini sudah dicatat dengan isian lain. Periksa catatan yang ada."


class DocumentNotAsked(NotFound):
    """Not on this proposal's list."""

    detail = "Dokumen ini tidak ada dalam daftar usulan ini. Pilih dari daftarnya."


class DocumentFollows(Conflict):
    """It is there once its own step says so."""

    detail = "Litmas dan surat jaminan dicatat pada bagiannya sendiri. Isi bagian litmas atau penjamin."


class DocumentsMissing(Conflict):
    """Not complete."""

    detail = "Dokumen belum lengkap. Lengkapi yang disebut, lalu simpan lagi."

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__()
        self.more = {"missing": missing}


class LitmasUnclear(Conflict):
    """Received without saying what it recommends, or the other way round."""

    detail = "Litmas yang diterima harus disertai tanggal terima dan rekomendasinya. Lengkapi keduanya."


class ReasonMissing(Conflict):
    """Whoever advises against must say why."""

    detail = "Pilih paling sedikit satu alasan untuk saran yang menolak atau menunda."


class NothingToRevoke(Conflict):
    """It was not granted."""

    detail = "Hak ini tidak diberikan, jadi tidak ada yang dicabut."


class ProposalState(StrEnum):
    """How far a proposal is."""

    PROPOSED = "proposed"
    COMPLETE = "complete"
    """All papers are there: it waits for the TPP."""
    ADVISED = "advised"
    NOT_RECOMMENDED = "not_recommended"
    """The TPP advised against: it ends here, and may be proposed anew."""
    SENT = "sent"
    DECIDED = "decided"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    """The person no longer wants it: an ordinary answer."""


OPEN = (ProposalState.PROPOSED, ProposalState.COMPLETE, ProposalState.ADVISED, ProposalState.SENT)
_OPEN = ", ".join(f"'{state}'" for state in OPEN)


class LitmasAdvice(StrEnum):
    """What PK Bapas recommends."""

    SUPPORTED = "supported"
    SUPPORTED_WITH_CONDITIONS = "supported_with_conditions"
    NOT_SUPPORTED = "not_supported"


class AdviceReason(StrEnum):
    """What the TPP's advice rests on."""

    CONDUCT = "conduct"
    PROGRAMME = "programme"
    RISK = "risk"
    COMMUNITY = "community"
    GUARANTOR = "guarantor"
    DOCUMENTS = "documents"
    LITMAS = "litmas"
    TIME_SERVED = "time_served"
    HEALTH = "health"
    VICTIM = "victim"
    OTHER_CASE = "other_case"


class Proposal(Table, table=True):
    """One right, asked for one person. Its dates say how it went."""

    __table_args__ = (
        # Two officers at once, or a mistake in code: the database knows of one open proposal at most.
        Index("proposal_open", "person", "right", unique=True, postgresql_where=text(f"state in ({_OPEN})")),
        {"info": {"undecided": lambda row: row.state.in_(OPEN)}},
    )

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    right: Right = choice(Right)
    state: ProposalState = choice(ProposalState, default=ProposalState.PROPOSED)
    wanted_by_person_on: date | None = None
    basis: dict[str, Any] = document(sa_column_kwargs={"info": {"told": lambda basis: list(_in_words(basis))}})
    """The estimate that it rested on, as it was told that day."""
    proposed_at: datetime = moment()
    proposed_by: UUID
    litmas_requested_on: date | None = None
    litmas_received_on: date | None = None
    litmas_advice: LitmasAdvice | None = choice(LitmasAdvice, nullable=True, default=None)
    litmas_number: bytes | None = None
    guarantor: UUID | None = None
    """A contact of the person; who it is stands with the family."""
    completed_on: date | None = None
    completed_by: UUID | None = None
    advised_on: date | None = None
    sent_on: date | None = None
    sent_by: UUID | None = None
    decided_on: date | None = None
    decided_by: UUID | None = None
    granted: bool | None = None
    decree: bytes | None = None
    revoked_on: date | None = None
    revoked_by: UUID | None = None
    revocation: bytes | None = None
    withdrawn_on: date | None = None
    withdrawn_by: UUID | None = None

    @property
    def open(self) -> bool:
        """Whether it is still on its way."""
        return self.state in OPEN

    def propose(self, person: Person, found: Estimate | None, open_: "Proposal | None") -> RightProposed:
        """The person wants it, and no regulation in force says that it cannot be. What is unknown is not no."""
        if not person.inside:
            raise PersonNotInside
        if self.wanted_by_person_on is None:
            raise PersonNotAsked
        must_have_come(self.wanted_by_person_on, self.proposed_at)
        if open_:
            raise RightAlreadyProposed
        if found is None or found.possible is Possibility.NOT_POSSIBLE:
            raise RightNotPossible(_clauses(found))
        return RightProposed(
            site=self.site,
            occurred_at=self.proposed_at,
            person=self.person,
            proposal_id=self.id,
            right=self.right,
        )

    def litmas(self, requested_on: date, received_on: date | None, advice: LitmasAdvice | None, at: datetime) -> None:
        """The report of PK Bapas was asked for, and perhaps received."""
        self._must_be(ProposalState.PROPOSED)
        if (received_on is None) != (advice is None):
            raise LitmasUnclear
        must_have_come(received_on or requested_on, at)
        in_order(requested_on, received_on or requested_on)
        self.litmas_requested_on, self.litmas_received_on, self.litmas_advice = requested_on, received_on, advice

    def guaranteed_by(self, contact: UUID) -> None:
        """Somebody is to stand surety. Whether they do stands with the guarantor."""
        self._must_be(ProposalState.PROPOSED)
        self.guarantor = contact

    def complete(self, papers: Sequence["ProposalDocument"], on: date, *, by: UUID, at: datetime) -> None:
        """All papers are there: from here the days of the service standard count."""
        if self._again(self.completed_on, on):
            return
        self._must_be(ProposalState.PROPOSED)
        must_have_come(on, at)
        if missing := [self.paper(paper.code) for paper in papers if not paper.present]:
            raise DocumentsMissing(missing)
        in_order(self.wanted_by_person_on, on)
        for paper in papers:
            in_order(paper.received_on, on)
        self.state, self.completed_on, self.completed_by = ProposalState.COMPLETE, on, by

    def advise(self, advice: BoardAdvice, reasons: Sequence[AdviceReason], on: date, at: datetime) -> BoardAdvised:
        """The TPP said what it thinks. A postponed proposal waits for another sitting."""
        self._must_be(ProposalState.COMPLETE)
        in_order(self.completed_on, on)
        if advice is not BoardAdvice.RECOMMENDED and not reasons:
            raise ReasonMissing
        if advice is not BoardAdvice.POSTPONED:
            recommended = advice is BoardAdvice.RECOMMENDED
            self.state = ProposalState.ADVISED if recommended else ProposalState.NOT_RECOMMENDED
            self.advised_on = on
        return BoardAdvised(site=self.site, occurred_at=at, person=self.person, proposal_id=self.id, advice=advice)

    def send(self, on: date, *, by: UUID, at: datetime) -> None:
        """It went to the Kanwil."""
        if self._again(self.sent_on, on):
            return
        self._must_be(ProposalState.ADVISED)
        must_have_come(on, at)
        in_order(self.advised_on, on)
        self.state, self.sent_on, self.sent_by = ProposalState.SENT, on, by

    def decide(self, granted: bool, on: date, *, by: UUID, at: datetime) -> RightDecided | None:
        """The decree. The same again says nothing."""
        if self._again(self.decided_on, on):
            if self.granted != granted:
                raise StepAlreadyTaken
            return None
        self._must_be(ProposalState.SENT)
        must_have_come(on, at)
        in_order(self.sent_on, on)
        self.state, self.granted, self.decided_on, self.decided_by = ProposalState.DECIDED, granted, on, by
        return RightDecided(
            site=self.site,
            occurred_at=at,
            person=self.person,
            proposal_id=self.id,
            right=self.right,
            granted=granted,
            decided_on=on,
        )

    def revoke(self, on: date, *, by: UUID, at: datetime) -> RightRevoked | None:
        """Another decree took it back. The same again says nothing."""
        if self._again(self.revoked_on, on):
            return None
        self._must_be(ProposalState.DECIDED)
        if not self.granted:
            raise NothingToRevoke
        must_have_come(on, at)
        in_order(self.decided_on, on)
        self.state, self.revoked_on, self.revoked_by = ProposalState.REVOKED, on, by
        return RightRevoked(
            site=self.site,
            occurred_at=at,
            person=self.person,
            proposal_id=self.id,
            right=self.right,
            revoked_on=on,
        )

    def withdraw(self, on: date, *, by: UUID, at: datetime) -> None:
        """The person no longer wants it: one step, no reason asked. What was decided cannot be taken back so."""
        if self._again(self.withdrawn_on, on):
            return
        self._must_be(*OPEN)
        must_have_come(on, at)
        in_order(self.wanted_by_person_on, on)
        self.state, self.withdrawn_on, self.withdrawn_by = ProposalState.WITHDRAWN, on, by

    def paper(self, code: str) -> str:
        """What a paper of the checklist is called."""
        return next(str(paper["text"]) for paper in self.basis["missing_documents"] if paper["code"] == code)

    def deadlines(self, today: date) -> tuple[Deadline, Deadline]:
        """Whether the rutan and the Kanwil keep the days of the service standard that the proposal rested on."""
        # The standard names both terms in this order, the rutan's first; a right without a standard has none.
        terms = [step["working_days"] for step in (self.basis["way"] or {"steps": ()})["steps"] if step["working_days"]]
        here, there = [*terms, None, None][:2]
        ended = self.sent_on or self.withdrawn_on or (None if self.open else self.advised_on)
        decided = self.decided_on or self.withdrawn_on
        return Deadline.of(self.completed_on, here, ended, today), Deadline.of(self.sent_on, there, decided, today)

    def _again(self, was: date | None, on: date) -> bool:
        if was is not None and was != on:
            raise StepAlreadyTaken
        return was is not None

    def _must_be(self, *states: ProposalState) -> None:
        if self.state not in states:
            raise NotItsTurn


class ProposalDocument(Table, table=True):
    """A paper that a proposal needs, and whether it is there. The list is that of the day it was proposed."""

    __tablename__ = "proposal_document"

    proposal: UUID = Field(primary_key=True, foreign_key="proposal.id")
    code: str = Field(primary_key=True, sa_column_kwargs={"info": {"told": words.VALUES.get}})
    present: bool = False
    received_on: date | None = None
    number: bytes | None = None
    """The reference of the paper or its file, sealed."""
    noted_at: datetime | None = moment(nullable=True, default=None)
    noted_by: UUID | None = None

    def note(self, received_on: date | None, *, by: UUID, at: datetime) -> None:
        """It came on that day, or turned out not to be there."""
        if received_on:
            must_have_come(received_on, at)
        self.present, self.received_on = received_on is not None, received_on
        self.noted_at, self.noted_by = at, by


def _in_words(basis: dict[str, Any]) -> Iterator[str]:
    """An estimate as it is told to whom it is about: what is asked, whether that is so, and where it is written."""
    if not basis:
        return
    yield str(basis["label"])
    if basis["earliest_on"]:
        yield f"Paling awal: {words.on(date.fromisoformat(basis['earliest_on']))}."
    for reason in basis["reasons"]:
        since = f", mulai {words.on(date.fromisoformat(reason['from_on']))}" if reason["from_on"] else ""
        source = f"{reason['source']['number']} {reason['source']['clause']}"
        yield f"{reason['text']} {words.VALUES[reason['met']].capitalize()}{since} ({source})."
    for day in basis["key_days"]:
        yield f"{day['text']}: {words.on(date.fromisoformat(day['on']))}."


def _clauses(found: Estimate | None) -> list[str]:
    """The places in the law that time alone will not satisfy."""
    never = [r.source for r in found.reasons if r.met is Answer.NO and r.from_on is None] if found else []
    return list(dict.fromkeys(f"{source.number} {source.clause}" for source in never))
