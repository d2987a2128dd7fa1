"""Which day it is at a rutan, and what a date may be."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from chassis.errors import Conflict

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
