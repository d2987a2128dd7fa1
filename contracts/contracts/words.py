"""What the words of the language are called in Indonesian, for people who read what is held about them."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
SERVICES: dict[str, str] = _WORDS["services"]
EVENTS: dict[str, str] = _WORDS["events"]
TABLES: dict[str, str] = _WORDS["tables"]
COLUMNS: dict[str, str] = _WORDS["columns"]
VALUES: dict[str, str] = _WORDS["values"]

WIB = ZoneInfo("Asia/Jakarta")
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)


def column(table: str, name: str) -> str:
    """What a column is called: in its own table if there it means something else, or as everywhere."""
    return COLUMNS.get(f"{table}.{name}") or COLUMNS.get(name, name)


def value(table: str, said: str) -> str:
    """What a word of a choice is called, likewise."""
    return VALUES.get(f"{table}.{said}") or VALUES.get(said, said)


def on(day: date) -> str:
    """3 Februari 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def here(moment: datetime) -> datetime:
    """By the clock of the machine that says it, or western time if it keeps UTC."""
    local = moment.astimezone()
    # No rutan lies at Greenwich: such a machine was never told where it stands.
    return local if local.utcoffset() else moment.astimezone(WIB)


def at(moment: datetime) -> str:
    """3 Februari 2026 pukul 14.05 WIB."""
    local = here(moment)
    return f"{on(local)} pukul {local:%H.%M} {local.tzname()}"
