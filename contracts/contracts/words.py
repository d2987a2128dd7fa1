"""What the words of the language are called in Indonesian, for people who read what is held about them."""

import tomllib
from datetime import date, datetime
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
SERVICES: dict[str, str] = _WORDS["services"]
TABLES: dict[str, str] = _WORDS["tables"]
COLUMNS: dict[str, str] = _WORDS["columns"]
VALUES: dict[str, str] = _WORDS["values"]

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)


def on(day: date) -> str:
    """3 Februari 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def at(moment: datetime) -> str:
    """3 Februari 2026 pukul 14.05 WIB: by the clock of the machine that says it."""
    here = moment.astimezone()
    return f"{on(here)} pukul {here:%H.%M} {here.tzname()}"
