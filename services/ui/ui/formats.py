"""Dates, moments and numbers as people write them, per language."""

from collections.abc import Callable
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from contracts import words


def day(value: date | str | None, language: str) -> str:
    """24 November 2026. Nothing known is an empty text."""
    if not value:
        return ""
    if isinstance(value, str):
        # Of a moment it is the day at the site, which at Greenwich may be another.
        value = date.fromisoformat(value) if len(value) == 10 else words.here(datetime.fromisoformat(value)).date()
    return words.on(value) if language == "id" else format_date(value, "d MMMM y", locale="en")


def weekday(value: date | str | None, language: str) -> str:
    """Selasa."""
    on = date.fromisoformat(value[:10]) if isinstance(value, str) and value else value
    return format_date(on, "EEEE", locale=language) if on else ""


def moment(value: datetime | str | None, language: str) -> str:
    """24 November 2026 pukul 14.05 WIB: by the site's own clock."""
    if not value:
        return ""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if language == "id":
        return words.at(at)
    here = words.here(at)
    return f"{day(here.date(), language)}, {here:%H:%M} {here.tzname()}"


def number(value: float | None, language: str) -> str:
    """1.234,5."""
    return "" if value is None else format_decimal(value, locale=language)


def word(value: object, language: str, table: str = "") -> str:
    """What a word of the public language is called, or in one `table`. In English it is the word itself."""
    if value is None or value == "":
        return ""
    said = str(value)
    return words.value(table, said) if language == "id" else said.replace("_", " ")


def country(code: str | None, language: str) -> str:
    """What a country is called."""
    return str(Locale(language).territories.get(code, code)) if code else ""


def fact(type: str, language: str) -> str:
    """What an event is called. In English it is its own name in words."""
    name = type.rpartition(".v")[0]
    return words.EVENTS.get(name, name) if language == "id" else name.partition(".")[2].replace("_", " ")


def service(name: str, language: str) -> str:
    """What a service is called."""
    return words.SERVICES.get(name, name) if language == "id" else name.replace("_", " ")


FILTERS: dict[str, Callable[..., str]] = {
    "day": day,
    "moment": moment,
    "weekday": weekday,
    "number": number,
    "word": word,
    "country": country,
    "fact": fact,
    "service": service,
}
