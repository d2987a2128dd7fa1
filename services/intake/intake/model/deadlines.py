"""In which order the days of a matter follow, and when a stage is due."""

from datetime import date, timedelta
from typing import NamedTuple

from lokal import is_working_day

from intake.model.days import DatesOutOfOrder


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
