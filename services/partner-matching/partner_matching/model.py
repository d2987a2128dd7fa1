"""The rules of matching: who is suggested what and why, who chose it, and what became of it. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, get_args
from uuid import UUID

from chassis.columns import choice, document, moment
from chassis.errors import Conflict, NotFound, Refused
from contracts.partner_matching import (
    MatchAccepted,
    MatchDeclined,
    MatchReason,
    MatchSuggested,
    MatchWithdrawn,
    PlacementEnd,
    PlacementEnded,
    PlacementReached,
    PlacementStarted,
)
from contracts.vocabulary import Answer, Domain, Sector
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

Days = Literal[30, 90, 180]
DAYS: tuple[Days, ...] = get_args(Days)


class Table(SQLModel, registry=registry()):
    """Partner-matching's own tables."""


class PartnerNotHere(NotFound):
    """No such partner."""

    detail = "Mitra ini belum terdaftar di rutan ini. Daftarkan mitranya dahulu."


class PartnerCodeTaken(Conflict):
    """The code is another partner's."""

    detail = "Kode ini sudah dipakai mitra lain. Pakai kode lain, atau buka mitra itu untuk mengubah namanya."


class PartnerChangedMeanwhile(Conflict):
    """Somebody else changed the name after this officer had read it: neither version is lost."""

    detail = "Mitra ini sudah diubah petugas lain sejak Anda membukanya. Periksa kedua versi, lalu kirim lagi."


class VacancyNotHere(NotFound):
    """No such vacancy."""


class VacancyFull(Conflict):
    """Every place is taken or promised."""

    detail = "Semua tempat pada lowongan ini sudah terisi. Pilih lowongan lain."


class VacancyIdTaken(Conflict):
    """The id is another vacancy's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class VacancyChangedMeanwhile(Conflict):
    """Somebody else changed what is offered after this officer had read it: neither version is lost."""

    detail = "Lowongan ini sudah diubah petugas lain sejak Anda membukanya. Periksa kedua versi, lalu kirim lagi."


class PlacesBelowTaken(Conflict):
    """Nobody is put out by a smaller number."""

    detail = "Jumlah tempat tidak boleh lebih kecil daripada yang sudah terisi atau dijanjikan."


class NoReasonToSuggest(Conflict):
    """A suggestion that cannot say why is not made."""

    detail = "Tidak ada alasan untuk menyarankan lowongan ini kepada orang ini. Pilih lowongan lain."


class MatchNotHere(NotFound):
    """No such match."""


class MatchIdTaken(Conflict):
    """The id is another match's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class AlreadySuggested(Conflict):
    """One open suggestion of a vacancy a person."""

    detail = "Lowongan ini sudah disarankan kepada orang ini. Catat dahulu jawabannya."


class MatchClosed(Conflict):
    """It has been answered, withdrawn or used."""

    detail = "Saran ini sudah dijawab atau dihentikan. Buat saran baru bila perlu."


class MatchNotAccepted(Conflict):
    """The person chooses before anybody else hears of it."""

    detail = "Orang ini belum memilih lowongan ini. Tanyakan dahulu kepadanya."


class SharingNotConsented(Refused):
    """The partner learns of nobody who did not agree to it."""

    detail = "Orang ini belum menyetujui data penempatannya dibagikan kepada mitra ini. Tanyakan dahulu."


class PlacementNotHere(NotFound):
    """No such placement."""


class PlacementIdTaken(Conflict):
    """The id is another placement's."""

    detail = "Nomor isian ini sudah dipakai. Mulai isian baru."


class PlacementOver(Conflict):
    """It has ended."""

    detail = "Penempatan ini sudah berakhir, jadi tidak dapat diubah."


class DayNotCome(Conflict):
    """What has not happened is not recorded."""

    detail = "Tanggal ini belum tiba. Catat pada harinya, atau periksa tanggalnya."


class MilestoneChangedMeanwhile(Conflict):
    """Somebody else recorded another answer after this officer had looked: neither is lost."""

    detail = "Keadaan kerja ini sudah dicatat lain oleh petugas lain. Periksa kedua catatan, lalu kirim lagi."


class DatesOutOfOrder(Conflict):
    """Ended before it began, or looked at before the day."""

    detail = "Tanggal lebih awal daripada yang mungkin untuk penempatan ini. Periksa tanggalnya."


class Profile(Table, table=True):
    """What matching may know of a person: no name, no score, no health."""

    person: UUID = Field(primary_key=True)
    wants_work: bool = False
    sectors: list[str] = document(default_factory=list)
    """Sectors of the programmes they finished."""


class Partner(Table, table=True):
    """An organisation that offers places."""

    code: str = Field(primary_key=True)
    name: str

    def rename(self, to: str, seen: str | None) -> None:
        """Another name in the place of the one that was seen. The same again changes nothing."""
        if self.name == to:
            return
        if self.name != seen:
            raise PartnerChangedMeanwhile if seen else PartnerCodeTaken
        self.name = to


class Vacancy(Table, table=True):
    """Places that a partner offers."""

    id: UUID = Field(primary_key=True)
    partner: str = Field(foreign_key="partner.code")
    title: str
    sector: Sector = choice(Sector)
    places: int

    def change(self, to: "Vacancy", seen: "Vacancy | None", taken: int) -> None:
        """Offers something else in the place of what was seen. The same again changes nothing."""
        if self.same_as(to):
            return
        if seen is None:
            raise VacancyIdTaken
        if not self.same_as(seen):
            raise VacancyChangedMeanwhile
        if to.places < taken:
            raise PlacesBelowTaken
        self.partner, self.title, self.sector, self.places = to.partner, to.title, to.sector, to.places

    def same_as(self, other: "Vacancy") -> bool:
        """Whether both offer the same."""
        return self.model_dump() == other.model_dump()


def reasons(profile: Profile | None, vacancy: Vacancy, taken: int) -> frozenset[MatchReason]:
    """Why this vacancy suits this person. No reason, no suggestion."""
    found = set()
    if profile and vacancy.sector in profile.sectors:
        found.add(MatchReason.FINISHED_PROGRAMME_IN_SECTOR)
    if profile and profile.wants_work:
        found.add(MatchReason.WANTS_HELP_WITH_WORK)
    if found and taken < vacancy.places:
        found.add(MatchReason.PLACE_OPEN)
    return frozenset(found)


def wants_work(wants_help: frozenset[Domain]) -> bool:
    """Whether the person asked for help with work."""
    return Domain.WORK in wants_help


class State(StrEnum):
    """Where a match is."""

    SUGGESTED = "suggested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    PLACED = "placed"


OPEN = (State.SUGGESTED, State.ACCEPTED)


class Match(Table, table=True):
    """A vacancy suggested to a person, and the person's answer."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(index=True)
    vacancy: UUID = Field(foreign_key="vacancy.id", index=True)
    partner: str
    reasons: list[str] = document()
    state: State = choice(State, default=State.SUGGESTED)
    suggested_at: datetime = moment()
    suggested_by: UUID

    def suggest(self, profile: Profile | None, vacancy: Vacancy, taken: int) -> MatchSuggested:
        """Suggests the vacancy, with its reasons."""
        why = reasons(profile, vacancy, taken)
        if not why:
            raise NoReasonToSuggest
        if MatchReason.PLACE_OPEN not in why:
            raise VacancyFull
        self.reasons = sorted(why)
        return MatchSuggested(
            site=self.site,
            occurred_at=self.suggested_at,
            person=self.person,
            match_id=self.id,
            vacancy_id=self.vacancy,
            reasons=why,
        )

    def accept(self, at: datetime) -> MatchAccepted | None:
        """The person chooses it. The same answer again is nothing new."""
        if self.state is State.ACCEPTED:
            return None
        self._must_be(State.SUGGESTED)
        self.state = State.ACCEPTED
        return MatchAccepted(site=self.site, occurred_at=at, person=self.person, match_id=self.id)

    def decline(self, at: datetime) -> MatchDeclined | None:
        """The person does not want it: an ordinary answer. The same again is nothing new."""
        if self.state is State.DECLINED:
            return None
        self._must_be(State.SUGGESTED)
        self.state = State.DECLINED
        return MatchDeclined(site=self.site, occurred_at=at, person=self.person, match_id=self.id)

    def withdraw(self, at: datetime) -> MatchWithdrawn:
        """The consent that covered it is gone."""
        if self.state not in OPEN:
            raise MatchClosed
        self.state = State.WITHDRAWN
        return MatchWithdrawn(site=self.site, occurred_at=at, person=self.person, match_id=self.id)

    def place(self, placement: "Placement", consent_epoch: int | None) -> PlacementStarted:
        """Work begins: only after the person chose it, and only with their consent to share it."""
        if self.state is not State.ACCEPTED:
            raise MatchClosed if self.state is not State.SUGGESTED else MatchNotAccepted
        if consent_epoch is None:
            raise SharingNotConsented
        _must_have_come(placement.started_on, placement.recorded_at)
        self.state = State.PLACED
        placement.consent_epoch = consent_epoch
        return PlacementStarted(
            site=placement.site,
            occurred_at=placement.recorded_at,
            person=placement.person,
            placement_id=placement.id,
            partner=placement.partner,
            sector=placement.sector,
            started_on=placement.started_on,
            consent_epoch=consent_epoch,
        )

    def _must_be(self, state: State) -> None:
        if self.state is not state:
            raise MatchClosed


class Placement(Table, table=True):
    """Somebody at work with a partner."""

    id: UUID = Field(primary_key=True)
    site: str
    match: UUID = Field(foreign_key="match.id")
    person: UUID = Field(index=True)
    partner: str
    sector: Sector = choice(Sector)
    started_on: date
    consent_epoch: int
    recorded_at: datetime = moment()
    recorded_by: UUID
    ended_on: date | None = None
    end_reason: PlacementEnd | None = choice(PlacementEnd, nullable=True, default=None)

    def due_on(self, days: Days) -> date:
        """From when something can be known of one of its days."""
        return self.started_on + timedelta(days=days)

    def reach(self, days: Days, employed: Answer, on: date, at: datetime) -> PlacementReached:
        """What is known at 30, 90 or 180 days; earlier than that, or tomorrow, nothing can be known."""
        if on < self.due_on(days):
            raise DatesOutOfOrder
        _must_have_come(on, at)
        return PlacementReached(
            site=self.site,
            occurred_at=at,
            person=self.person,
            placement_id=self.id,
            partner=self.partner,
            days=days,
            employed=employed,
            consent_epoch=self.consent_epoch,
        )

    def end(self, on: date, reason: PlacementEnd, at: datetime) -> PlacementEnded | None:
        """It is over. The same again is nothing new."""
        if (self.ended_on, self.end_reason) == (on, reason):
            return None
        if self.ended_on is not None:
            raise PlacementOver
        if on < self.started_on:
            raise DatesOutOfOrder
        _must_have_come(on, at)
        self.ended_on, self.end_reason = on, reason
        return PlacementEnded(
            site=self.site,
            occurred_at=at,
            person=self.person,
            placement_id=self.id,
            partner=self.partner,
            ended_on=on,
            reason=reason,
            consent_epoch=self.consent_epoch,
        )


def _must_have_come(day: date, at: datetime) -> None:
    # A day is allowed for, since the date is the site's and the clock is UTC.
    if day > (at + timedelta(days=1)).date():
        raise DayNotCome


class Milestone(Table, table=True):
    """What was known of a placement at one of its days."""

    placement: UUID = Field(primary_key=True, foreign_key="placement.id")
    days: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    employed: Answer = choice(Answer)
    checked_on: date
    recorded_by: UUID
