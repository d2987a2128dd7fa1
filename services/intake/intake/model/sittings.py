"""A sitting of the TPP: who sits, over what, and what it advises on each proposal."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.columns import choice, document, moment
from chassis.errors import Conflict, NotFound, Refused
from chassis.forms import Form
from contracts.intake import BoardAdvice
from pydantic import AfterValidator
from pydantic import Field as Asks
from sqlmodel import Field

from intake.model.days import Day, must_have_come
from intake.model.rights import AdviceReason, Proposal, ProposalState
from intake.model.table import Table

QUORUM = 3


class SittingNotHere(NotFound):
    """No such sitting."""

    detail = "Sidang ini tidak ada. Periksa kembali pilihan Anda."


class SittingUnderWay(Conflict):
    """What was advised on stands."""

    detail = "Sidang ini sudah memberi saran, jadi acara dan anggotanya tidak dapat diubah. Buat sidang baru."


class NotOnTheAgenda(NotFound):
    """Another sitting's, or nobody's."""

    detail = "Usulan ini tidak ada dalam acara sidang ini. Tambahkan dahulu ke acaranya."


class NotReadyForTheBoard(Conflict):
    """Only what is complete is put before the TPP."""

    detail = "Acara sidang hanya memuat usulan yang dokumennya lengkap, masing-masing satu kali. Periksa daftarnya."


class NoQuorum(Conflict):
    """Too few sit."""

    detail = "Sidang belum memenuhi kuorum. Catat paling sedikit tiga anggota TPP yang hadir."


class NotSitting(Refused):
    """Only who sits may advise."""

    detail = "Anda tidak tercatat sebagai anggota sidang ini. Mintalah anggota yang hadir mencatat sarannya."


class AlreadyAdvised(Conflict):
    """Once in a sitting."""

    detail = "Sidang ini sudah memberi saran atas usulan ini. Saran yang ditunda dibahas pada sidang berikutnya."


class Plan(Form):
    """When the TPP sits, over what in which order, and who sits."""

    held_on: Day
    agenda: Annotated[list[UUID], Asks(max_length=200)]
    members: Annotated[
        tuple[UUID, ...], AfterValidator(lambda ids: tuple(sorted(ids, key=str))), Asks(max_length=30)
    ] = ()


class Sitting(Table, table=True):
    """One sitting. Its agenda and its members may change until it has advised on anything."""

    id: UUID = Field(primary_key=True)
    site: str
    held_on: date
    members: list[str] = document()
    """Ids of staff."""
    prepared_at: datetime = moment()
    prepared_by: UUID

    def plan(self, items: Sequence["SittingItem"]) -> Plan:
        """What is planned, with the points of its agenda in their order."""
        members = tuple(UUID(member) for member in self.members)
        return Plan(held_on=self.held_on, agenda=[item.proposal for item in items], members=members)

    def advise(self, by: UUID, at: datetime) -> None:
        """It may advise: the day has come, enough sit, and who says so is one of them."""
        must_have_come(self.held_on, at)
        if len(set(self.members)) < QUORUM:
            raise NoQuorum
        if str(by) not in self.members:
            raise NotSitting


class SittingItem(Table, table=True):
    """One proposal on one agenda, and the advice on it.

    The minutes stand here, sealed for this person alone: minutes of the whole sitting would outlive an erasure.
    """

    __tablename__ = "sitting_item"

    sitting: UUID = Field(primary_key=True, foreign_key="sitting.id")
    proposal: UUID = Field(primary_key=True, foreign_key="proposal.id", index=True)
    position: int
    advice: BoardAdvice | None = choice(BoardAdvice, nullable=True, default=None)
    reasons: list[AdviceReason] = document()
    minutes: bytes | None = None
    advised_at: datetime | None = moment(nullable=True, default=None)
    advised_by: UUID | None = None

    def said(self, advice: BoardAdvice, reasons: Sequence[AdviceReason]) -> bool:
        """Whether this sitting said exactly this before. Raises when it said something else."""
        if self.advice is None:
            return False
        if (self.advice, self.reasons) != (advice, sorted(reasons)):
            raise AlreadyAdvised
        return True

    def say(self, advice: BoardAdvice, reasons: Sequence[AdviceReason], *, by: UUID, at: datetime) -> None:
        """The advice, as it is kept."""
        self.advice, self.reasons, self.advised_by, self.advised_at = advice, sorted(reasons), by, at


def ready(proposals: Collection[Proposal | None], asked: Sequence[UUID]) -> None:
    """Whether all of these may be put before the TPP, each once."""
    complete = all(proposal and proposal.state is ProposalState.COMPLETE for proposal in proposals)
    if not complete or len(set(asked)) != len(asked):
        raise NotReadyForTheBoard
