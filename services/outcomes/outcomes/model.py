"""The rules of outcomes: follow-ups, answers, re-entries. Pure: no session, clock or network."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from chassis.columns import choice, moment
from chassis.errors import Conflict, NotFound
from contracts.outcomes import FollowUpAnswered, FollowUpCancelled, FollowUpScheduled, ObservationEnded, ReentryRecorded
from contracts.vocabulary import Answer, ReleaseMode
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

WAVES = (30, 90, 180, 365)
"""Days after release on which somebody asks how it is going."""


class Table(SQLModel, registry=registry()):
    """Outcomes' own tables."""


class FollowUpNotHere(NotFound):
    """No such follow-up."""


class FollowUpCancelledAlready(Conflict):
    """Nobody is asked after they took their consent back."""

    detail = "Tindak lanjut ini dibatalkan, jadi tidak dapat diisi. Orang ini tidak perlu dihubungi."


class AnswerChangedMeanwhile(Conflict):
    """Somebody else recorded another answer after this officer had looked: neither is lost."""

    detail = "Tindak lanjut ini sudah dijawab lain oleh petugas lain. Periksa kedua jawaban, lalu kirim lagi."


class TooEarly(Conflict):
    """What has not come cannot be known."""

    detail = "Tindak lanjut ini belum jatuh tempo. Isi pada atau sesudah tanggalnya."


class ReleaseNotHere(NotFound):
    """No such release."""


class DatesOutOfOrder(Conflict):
    """Observed until before the release."""

    detail = "Tanggal pengamatan lebih awal daripada tanggal bebas. Periksa tanggalnya."


class Release(Table, table=True):
    """A release as intake told it, and what is known of the time after."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(index=True)
    released_on: date
    mode: ReleaseMode = choice(ReleaseMode)
    reentered_on: date | None = None
    observed_until: date | None = None

    def schedule(self, *, consented: bool, at: datetime) -> list["FollowUp"]:
        """The follow-ups of this release: only with consent, and only of somebody who can be asked."""
        if not consented or self.reentered_on or self.mode is ReleaseMode.MENINGGAL:
            return []
        return [
            FollowUp(
                id=uuid5(self.id, str(days)),
                site=self.site,
                release=self.id,
                person=self.person,
                days=days,
                due_on=self.released_on + timedelta(days=days),
                scheduled_at=at,
            )
            for days in WAVES
        ]

    def reenter(self, on: date, at: datetime) -> ReentryRecorded:
        """The person is in a rutan or lapas again."""
        self.reentered_on = on
        return ReentryRecorded(
            site=self.site,
            occurred_at=at,
            person=self.person,
            release_id=self.id,
            reentered_on=on,
            days_since_release=(on - self.released_on).days,
        )

    def observe(self, until: date, at: datetime) -> ObservationEnded | None:
        """Until when it is known whether the person re-entered. Less than is known already says nothing new."""
        if until < self.released_on:
            raise DatesOutOfOrder
        if self.observed_until and until <= self.observed_until:
            return None
        self.observed_until = until
        return ObservationEnded(
            site=self.site, occurred_at=at, person=self.person, release_id=self.id, observed_until=until
        )


class State(StrEnum):
    """Where a follow-up is."""

    SCHEDULED = "scheduled"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


Found = tuple[Answer, Answer]
"""Whether somebody works, and whether they have a place to live."""


class FollowUp(Table, table=True):
    """One time that somebody asks how it is going."""

    __tablename__ = "follow_up"

    id: UUID = Field(primary_key=True)
    site: str
    release: UUID = Field(foreign_key="release.id", index=True)
    person: UUID = Field(index=True)
    days: int
    due_on: date
    scheduled_at: datetime = moment()
    state: State = choice(State, default=State.SCHEDULED)
    employed: Answer | None = choice(Answer, nullable=True, default=None)
    housed: Answer | None = choice(Answer, nullable=True, default=None)
    answered_at: datetime | None = moment(nullable=True, default=None)
    answered_by: UUID | None = None

    def told(self) -> FollowUpScheduled:
        """The fact that it is due."""
        return FollowUpScheduled(
            site=self.site,
            occurred_at=self.scheduled_at,
            person=self.person,
            follow_up_id=self.id,
            release_id=self.release,
            days=self.days,
            due_on=self.due_on,
        )

    def answer(
        self, employed: Answer, housed: Answer, seen: Found | None = None, *, on: date, by: UUID, at: datetime
    ) -> FollowUpAnswered | None:
        """What was found: yes, no or unknown. The same again is nothing new; another corrects the answer seen."""
        if self.state is State.CANCELLED:
            raise FollowUpCancelledAlready
        # A day is allowed for, since the date is the site's and the clock is UTC.
        if on < self.due_on or on > (at + timedelta(days=1)).date():
            raise TooEarly
        if self.state is State.ANSWERED and (self.employed, self.housed) == (employed, housed):
            return None
        if self.state is State.ANSWERED and (self.employed, self.housed) != seen:
            raise AnswerChangedMeanwhile
        self.state, self.employed, self.housed = State.ANSWERED, employed, housed
        self.answered_at, self.answered_by = at, by
        return FollowUpAnswered(
            site=self.site, occurred_at=at, person=self.person, follow_up_id=self.id, employed=employed, housed=housed
        )

    def cancel(self, at: datetime) -> FollowUpCancelled:
        """It will not take place."""
        self.state = State.CANCELLED
        return FollowUpCancelled(site=self.site, occurred_at=at, person=self.person, follow_up_id=self.id)

    def reschedule(self, at: datetime) -> FollowUpScheduled:
        """Consent was given again."""
        self.state, self.scheduled_at = State.SCHEDULED, at
        return self.told()
