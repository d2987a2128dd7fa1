"""Which day it is at a rutan, what a date may be, and when something is due."""

from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from chassis.errors import Conflict
from lokal import is_working_day
from pydantic import Field

Day = Annotated[date, Field(ge=date(1945, 8, 17), le=date(2200, 1, 1))]
"""A day that a calendar can count on from."""
WIB, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")


class DatesOutOfOrder(Conflict):
    """Back before leaving, or over before it began."""

    detail = "Urutan tanggal tidak mungkin: yang satu lebih awal dari yang mendahuluinya. Periksa kedua tanggal itu."


class DayNotCome(Conflict):
    """What has not happened is not recorded."""

    detail = "Tanggal ini belum tiba. Catat pada harinya, atau periksa tanggalnya."


def today(at: datetime, zone: ZoneInfo = WIB) -> date:
    """The day at the site: a date on paper is the site's, the clock is UTC. Western time where no other is known."""
    return at.astimezone(zone).date()


def must_have_come(on: date, at: datetime) -> None:
    """Raises DayNotCome for a day that has begun nowhere in Indonesia: it begins in the east."""
    if on > today(at, WIT):
        raise DayNotCome


def in_order(first: date | None, then: date) -> None:
    """Each step follows the one before."""
    if first and then < first:
        raise DatesOutOfOrder


def due(since: date, working_days: int) -> date:
    """The last day of a term of working days that begins the day after `since`.

    National holidays and collective leave come from the joint decree of each year (lokal-id has 2026 and 2027).
    For a year without one only weekends are left out, so that a term there may end some days too early.
    """
    day = since
    while working_days:
        day += timedelta(days=1)
        working_days -= _works(day)
    return day


class Deadline(NamedTuple):
    """When a stage is due, and whether it is late; unknown where it has not begun or no standard names a term."""

    due_on: date | None
    late: bool | None

    @classmethod
    def of(cls, since: date | None, working_days: int | None, ended_on: date | None, today: date) -> "Deadline":
        """Of a stage that began `since` and may take so long."""
        if since is None or working_days is None:
            return cls(None, None)
        day = due(since, working_days)
        return cls(day, (ended_on or today) > day)


def _works(day: date) -> bool:
    try:
        return is_working_day(day)
    except ValueError:  # no decree for this year yet
        return day.weekday() < 5
