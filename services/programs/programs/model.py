"""The rules of programs: plans, places, attendance, completion. Pure: no session, clock or network."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, document, moment
from chassis.errors import Conflict, DomainError, NotFound, Refused
from contracts.programs import (
    AttendanceRecorded,
    EnrolmentEnd,
    EnrolmentEnded,
    PersonEnrolled,
    PlanAgreed,
    PlanDeclined,
    PlanDrafted,
    Presence,
    ProgrammeCompleted,
)
from contracts.vocabulary import Domain, Sector
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Table(SQLModel, registry=registry()):
    """Programs' own tables."""


class ConsentMissing(Refused):
    """Programmes are voluntary."""

    detail = "Orang ini belum menyetujui ikut program. Tanyakan dahulu; menolak adalah jawaban biasa."


class NeedsUnknown(Conflict):
    """A plan starts from what the person wants help with."""

    detail = "Belum ada hasil asesmen untuk orang ini. Lakukan asesmen sebelum menyusun rencana."


class PlanNotHere(NotFound):
    """No such plan."""


class PlanIdTaken(Conflict):
    """The id is another person's plan."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class PlanAlreadyAnswered(Conflict):
    """The person has answered."""

    detail = "Rencana ini sudah dijawab. Susun rencana baru bila keadaannya berubah."


class PlanNotAgreed(Conflict):
    """Nobody is enrolled on a plan they did not agree with."""

    detail = "Orang ini belum menyetujui rencananya. Bicarakan rencananya dahulu."


class ProgrammeNotHere(NotFound):
    """No such programme."""

    detail = "Program ini tidak ada di rutan ini. Periksa kode programnya."


class ProgrammeFull(Conflict):
    """Capacity is a promise to those who are in."""

    detail = "Program ini sudah penuh. Pilih program lain atau tunggu sampai ada tempat."


class ProgrammeCodeTaken(Conflict):
    """The code is another programme's."""

    detail = "Kode ini sudah dipakai program lain. Pakai kode lain, atau buka program itu untuk mengubahnya."


class ProgrammeChangedMeanwhile(Conflict):
    """Somebody else changed what is offered after this officer had read it: neither version is lost."""

    detail = "Program ini sudah diubah petugas lain sejak Anda membukanya. Periksa kedua versi, lalu kirim lagi."


class CapacityBelowEnrolled(Conflict):
    """Nobody is put out by a smaller number."""

    detail = "Kapasitas tidak boleh lebih kecil daripada jumlah peserta sekarang."


class AlreadyEnrolled(Conflict):
    """One place a person."""

    detail = "Orang ini sudah terdaftar dalam program ini."


class EnrolmentNotHere(NotFound):
    """No such enrolment."""


class EnrolmentIdTaken(Conflict):
    """The id is another enrolment's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class EnrolmentOver(Conflict):
    """It has ended."""

    detail = "Keikutsertaan ini sudah selesai atau berhenti, jadi tidak dapat diubah."


class DayNotCome(Conflict):
    """What has not happened is not recorded."""

    detail = "Tanggal ini belum tiba. Catat pada harinya, atau periksa tanggalnya."


class AttendanceChangedMeanwhile(Conflict):
    """Somebody else recorded it otherwise after this officer had read it: neither version is lost."""

    detail = "Kehadiran ini sudah dicatat lain oleh petugas lain. Periksa kedua catatan, lalu kirim lagi."

    def __init__(self, current: Presence) -> None:
        super().__init__()
        self.more = {"current": current}


class RowsRefused(Conflict):
    """A group's attendance is kept as a whole or not at all."""

    detail = (
        "Daftar hadir ini belum tersimpan karena ada baris yang tidak dapat diisi. Perbaiki baris yang ditunjuk, "
        "lalu kirim lagi."
    )

    def __init__(self, refused: Mapping[UUID, DomainError]) -> None:
        super().__init__()
        self.more = {
            "rows": [
                {"enrolment": str(id), "title": why.slug(), "detail": why.detail, **why.more}
                for id, why in refused.items()
            ]
        }


class PeriodNotPossible(Conflict):
    """A sheet of attendance has a month at most."""

    detail = "Pilih rentang dari tanggal awal sampai tanggal akhir, paling lama 31 hari."


SHEET_DAYS = 31


def must_fit_a_sheet(since: date, until: date) -> None:
    """Raises PeriodNotPossible."""
    if not 0 <= (until - since).days < SHEET_DAYS:
        raise PeriodNotPossible


class Departed(Table, table=True):
    """Somebody who has left, and so waits for no plan here."""

    person: UUID = Field(primary_key=True)


class Needs(Table, table=True):
    """What assessment found last, as far as a plan needs it."""

    person: UUID = Field(primary_key=True)
    levels: dict[str, int] = document()
    wants_help: list[str] = document()


class Answer(StrEnum):
    """What the person said to a plan."""

    AGREED = "agreed"
    DECLINED = "declined"


class Plan(Table, table=True):
    """What is planned with a person, and what the person said to it."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(index=True)
    domains: list[str] = document()
    drafted_at: datetime = moment()
    drafted_by: UUID
    answer: Answer | None = choice(Answer, nullable=True, default=None)
    answered_at: datetime | None = moment(nullable=True, default=None)

    def draft(self, needs: Needs | None, *, consented: bool) -> PlanDrafted:
        """A plan covers where the person wants help, the heaviest need first; never where they do not.

        Where they want help without having said how heavy it is comes last.
        """
        if not consented:
            raise ConsentMissing
        if needs is None:
            raise NeedsUnknown
        self.domains = sorted(needs.wants_help, key=lambda domain: (-needs.levels.get(domain, 0), domain))
        return PlanDrafted(
            site=self.site,
            occurred_at=self.drafted_at,
            person=self.person,
            plan_id=self.id,
            domains=frozenset(map(Domain, self.domains)),
        )

    def agree(self, at: datetime) -> PlanAgreed | None:
        """The person agrees. The same answer again is nothing new."""
        if not self._answer(Answer.AGREED, at):
            return None
        return PlanAgreed(site=self.site, occurred_at=at, person=self.person, plan_id=self.id)

    def decline(self, at: datetime) -> PlanDeclined | None:
        """The person does not agree: an ordinary answer. The same again is nothing new."""
        if not self._answer(Answer.DECLINED, at):
            return None
        return PlanDeclined(site=self.site, occurred_at=at, person=self.person, plan_id=self.id)

    def _answer(self, answer: Answer, at: datetime) -> bool:
        if self.answer not in (None, answer):
            raise PlanAlreadyAnswered
        new = self.answer is None
        if new:
            self.answer, self.answered_at = answer, at
        return new


class Programme(Table, table=True):
    """Something a rutan offers, with its places."""

    code: str = Field(primary_key=True)
    name: str
    domain: Domain = choice(Domain)
    sector: Sector | None = choice(Sector, nullable=True, default=None)
    capacity: int

    def change(self, to: "Programme", seen: "Programme | None", taken: int) -> None:
        """Offers something else in the place of what was seen. The same again changes nothing."""
        if self.same_as(to):
            return
        if seen is None:
            raise ProgrammeCodeTaken
        if not self.same_as(seen):
            raise ProgrammeChangedMeanwhile
        if to.capacity < taken:
            raise CapacityBelowEnrolled
        self.name, self.domain, self.sector, self.capacity = to.name, to.domain, to.sector, to.capacity

    def same_as(self, other: "Programme") -> bool:
        """Whether both offer the same."""
        return self.model_dump(exclude={"code"}) == other.model_dump(exclude={"code"})


class State(StrEnum):
    """Where an enrolment is."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ENDED = "ended"


class Enrolment(Table, table=True):
    """One person's place in one programme."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(index=True)
    programme: str = Field(index=True)
    """Not a foreign key: what was finished before this system came may be offered no longer."""
    state: State = choice(State, default=State.ACTIVE)
    enrolled_at: datetime = moment()
    enrolled_by: UUID
    ended_on: date | None = None
    end_reason: EnrolmentEnd | None = choice(EnrolmentEnd, nullable=True, default=None)

    def enrol(self, programme: Programme, taken: Collection[UUID], *, consented: bool, agreed: bool) -> PersonEnrolled:
        """Takes a place. `taken` are the people who hold one now, counted under the programme's lock."""
        if not consented:
            raise ConsentMissing
        if not agreed:
            raise PlanNotAgreed
        if self.person in taken:
            raise AlreadyEnrolled
        if len(taken) >= programme.capacity:
            raise ProgrammeFull
        return PersonEnrolled(
            site=self.site,
            occurred_at=self.enrolled_at,
            person=self.person,
            enrolment_id=self.id,
            programme=self.programme,
        )

    def complete(self, sector: Sector | None, on: date, at: datetime) -> ProgrammeCompleted | None:
        """The person finished a programme of this sector. The same again is nothing new."""
        if (self.state, self.ended_on) == (State.COMPLETED, on):
            return None
        self._must_be_active()
        _must_have_come(on, at)
        self.state, self.ended_on = State.COMPLETED, on
        return ProgrammeCompleted(
            site=self.site,
            occurred_at=at,
            person=self.person,
            enrolment_id=self.id,
            programme=self.programme,
            sector=sector,
            completed_on=on,
        )

    def end(self, reason: EnrolmentEnd, on: date, at: datetime) -> EnrolmentEnded:
        """The place becomes free before completion."""
        self._must_be_active()
        self.state, self.ended_on, self.end_reason = State.ENDED, on, reason
        return EnrolmentEnded(
            site=self.site,
            occurred_at=at,
            person=self.person,
            enrolment_id=self.id,
            programme=self.programme,
            reason=reason,
        )

    def attend(self, on: date, presence: Presence, at: datetime) -> AttendanceRecorded:
        """Whether the person was there."""
        self._must_be_active()
        _must_have_come(on, at)
        return AttendanceRecorded(
            site=self.site, occurred_at=at, person=self.person, enrolment_id=self.id, session_on=on, presence=presence
        )

    def _must_be_active(self) -> None:
        if self.state is not State.ACTIVE:
            raise EnrolmentOver


def _must_have_come(day: date, at: datetime) -> None:
    # A day is allowed for, since the date is the site's and the clock is UTC.
    if day > (at + timedelta(days=1)).date():
        raise DayNotCome


class Attendance(Table, table=True):
    """One person at one session."""

    __table_args__ = (UniqueConstraint("enrolment", "session_on"),)

    id: UUID = Field(primary_key=True)
    enrolment: UUID = Field(foreign_key="enrolment.id")
    session_on: date
    presence: Presence = choice(Presence)
    recorded_at: datetime = moment()
    recorded_by: UUID

    def correct(self, to: Presence, seen: Presence | None) -> None:
        """Another word for it, in the place of the one that was seen."""
        if self.presence is not seen:
            raise AttendanceChangedMeanwhile(self.presence)
        self.presence = to
