"""The national view: its tables, and the rules of what may be shown. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from chassis.columns import moment
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

VIEW = "view"
"""The schema of everything that can be rebuilt from the log."""

SMALL = 5
"""Counts of people below this are not shown: behind so few, somebody can be recognised."""


class Table(SQLModel, registry=registry()):
    """Central's own record. The projections below are of another kind: they can be thrown away."""


class Projection(SQLModel, registry=registry()):
    """What is derived from the log. Kept in a schema of its own, so that a rebuilt one can take its place at once."""


event_log = sa.Table(
    "event_log",
    Table.metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.JSON(), nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Index("event_log_place", "place"),
    postgresql_partition_by="hash (site)",
)
"""The national record: every event that reached the ministry, once, as it came. `place` is the order of arrival."""


class Epoch(Table, table=True):
    """The numberings that were ever heard of, in the order of their first arrival."""

    site: str = Field(primary_key=True)
    service: str = Field(primary_key=True)
    epoch: UUID = Field(primary_key=True)
    place: int = Field(sa_type=sa.BigInteger, sa_column_args=[sa.Identity(always=True)])


EPOCH_STEP = 2**40
"""How far apart two epochs stand in the order of a feed: more than one of them can ever have numbers."""


class Heard(Table, table=True):
    """What one service of a site last said of itself, and when nothing of it was outstanding."""

    site: str = Field(primary_key=True)
    service: str = Field(primary_key=True)
    epoch: UUID
    written: int = Field(sa_type=sa.BigInteger)
    heard_at: datetime = moment()
    complete_at: datetime | None = moment(nullable=True, default=None)
    """The last time it was heard while everything it had written was here: its data are known up to then."""


class Person(Projection, table=True):
    """One person on the road, without identity."""

    site: str = Field(primary_key=True)
    person: UUID = Field(primary_key=True)
    legal_status: str | None = None
    status_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    merged_into: UUID | None = None
    """Another entry of the same person at the same site: this one is not counted."""
    merged_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    sex: str | None = None
    birth_year: int | None = None
    marital_status: str | None = None
    prior_convictions: int | None = None
    worked_before: bool | None = None
    registered_at: datetime | None = moment(nullable=True, default=None)
    assessed_at: datetime | None = moment(nullable=True, default=None)
    agreed_at: datetime | None = moment(nullable=True, default=None)
    enrolled_at: datetime | None = moment(nullable=True, default=None)
    completed_at: datetime | None = moment(nullable=True, default=None)
    placed_at: datetime | None = moment(nullable=True, default=None)
    released_at: datetime | None = moment(nullable=True, default=None)


class Consent(Projection, table=True):
    """What stands, per person, purpose and recipient: two counters that only grow."""

    site: str = Field(primary_key=True)
    person: UUID = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    recipient: str = Field(primary_key=True)
    given: int = 0
    withdrawn: int = 0


class Enrolment(Projection, table=True):
    """One place in one programme."""

    site: str = Field(primary_key=True)
    enrolment: UUID = Field(primary_key=True)
    person: UUID
    programme: str = Field(index=True)
    completed_on: date | None = None
    end_reason: str | None = None


class Placement(Projection, table=True):
    """Somebody at work with a partner."""

    site: str = Field(primary_key=True)
    placement: UUID = Field(primary_key=True)
    person: UUID
    partner: str
    sector: str | None = None
    started_on: date | None = None
    day_30: str | None = None
    day_30_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    day_90: str | None = None
    day_90_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    day_180: str | None = None
    day_180_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    ended_on: date | None = None
    end_reason: str | None = None


class Release(Projection, table=True):
    """One release, and what is known of the time after it."""

    site: str = Field(primary_key=True)
    release: UUID = Field(primary_key=True)
    person: UUID = Field(index=True)
    released_on: date | None = None
    mode: str | None = None
    reentered_on: date | None = None
    reentry_reason: str | None = None
    observed_until: date | None = None


class FollowUp(Projection, table=True):
    """One time that somebody asks how it is going."""

    __tablename__ = "follow_up"

    site: str = Field(primary_key=True)
    follow_up: UUID = Field(primary_key=True)
    person: UUID
    days: int | None = None
    due_on: date | None = None
    cancelled: bool | None = None
    cancelled_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    employed: str | None = None
    housed: str | None = None
    answered_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)


class Transfer(Projection, table=True):
    """One side of a move between two rutan, as that side told it."""

    site: str = Field(primary_key=True)
    transfer: UUID = Field(primary_key=True)
    person: UUID
    to_site: str | None = None
    arrived: bool | None = None
    """Said by the side that sent."""
    from_site: str | None = None
    """Said by the side that received."""


class Proposal(Projection, table=True):
    """One application for an integration right."""

    site: str = Field(primary_key=True)
    proposal: UUID = Field(primary_key=True)
    person: UUID
    asked_for: str | None = None
    advice: str | None = None
    advice_as_of: int | None = Field(default=None, sa_type=sa.BigInteger)
    granted: bool | None = None
    decided_on: date | None = None
    revoked_on: date | None = None


class Levy(Projection, table=True):
    """Somebody was asked to pay for what is free."""

    site: str = Field(primary_key=True)
    levy: UUID = Field(primary_key=True)
    step: str | None = None
    reported_at: datetime | None = moment(nullable=True, default=None)
    upheld: bool | None = None


class Breach(Projection, table=True):
    """Personal data were exposed, lost or changed."""

    site: str = Field(primary_key=True)
    breach: UUID = Field(primary_key=True)
    discovered_at: datetime | None = moment(nullable=True, default=None)
    notified_at: datetime | None = moment(nullable=True, default=None)


class ReadLog(Projection, table=True):
    """How long a site's log of looks at people's records was, when it was last sealed."""

    __tablename__ = "read_log"

    site: str = Field(primary_key=True)
    looks: int = Field(sa_type=sa.BigInteger)
    most: int = Field(sa_type=sa.BigInteger)
    """The longest it ever was: a log that became shorter was tampered with, or restored from a backup."""
    as_of: int = Field(sa_type=sa.BigInteger)


LEVY_ANSWER_DAYS = 7
"""A report of a levy that is open for longer is late."""
BREACH_NOTICE_HOURS = 72
"""UU 27/2022 Ps. 46: the people concerned and the authority are told within 3 x 24 hours."""


class Stage(StrEnum):
    """How far along the road somebody is: the furthest step that was reached."""

    REGISTERED = "registered"
    ASSESSED = "assessed"
    AGREED = "agreed"
    ENROLLED = "enrolled"
    COMPLETED = "completed"
    PLACED = "placed"
    RELEASED = "released"


@dataclass(frozen=True)
class Count:
    """A number of people as it may be shown; `shown` is None when it is small."""

    shown: int | None

    @classmethod
    def of(cls, people: int) -> "Count":
        """Nobody is nobody; few are not told apart."""
        return cls(None if 0 < people < SMALL else people)

    def __str__(self) -> str:
        return f"< {SMALL}" if self.shown is None else str(self.shown)


def shown(counts: Mapping[str, int]) -> dict[str, Count]:
    """A row of counts as it may be published.

    No total of such a row may be published beside it: with one hidden cell the total would give it away.
    """
    return {name: Count.of(people) for name, people in counts.items()}


@dataclass(frozen=True)
class Transport:
    """How much of what a site wrote is here. These are counts of events, not of people."""

    written: int | None
    """What the site last said that it wrote; None when it was never heard."""
    received: int
    missing: int
    """Numbers that are lacking below the highest received: asked for again."""

    in_flight: int | None
    """Written and not yet here, added up over its services, as far as they were heard."""


@dataclass(frozen=True)
class Observation:
    """One person: days from release to re-entry, or to the last day observed when not re-entered."""

    days: int
    reentered: bool
    treated: bool
    covariates: Mapping[str, float]


@dataclass(frozen=True)
class Cohort:
    """First releases of narapidana that can be compared, and how many cannot."""

    observations: list[Observation]
    unobserved: int
    """Released, not known to be back, and nobody recorded until when that is known."""
