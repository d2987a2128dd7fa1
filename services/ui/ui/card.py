"""Kartu Saya as people read it, on paper and on a page: plain words, and days as they are written."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts import words

PURPOSE = "subject-access"
TEMPLATE = Path(__file__).with_suffix(".typ")
"""The paper, for what `page_of` gives."""
UNSAID = "rutan"
"""Stands once at the top, not on every record."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def whole_card(
    site: str, person: UUID, services: Iterable[str], ask: Callable[[str, str], dict[str, Any]]
) -> dict[str, Any]:
    """What every service holds: `ask` is given a service and a path.

    The register comes first: it alone knows which entries are one person, and answers for all of them.
    """
    cards: list[dict[str, Any]] = []
    for service in services:
        entries = cards[0]["entri"] if cards else [str(person)]
        cards.append(_joined([ask(service, f"/people/{entry}/card") for entry in entries]))
    return {"rutan": site, "orang": str(person), "disusun": datetime.now(UTC).isoformat(), "layanan": cards}


def page_of(card: dict[str, Any]) -> dict[str, Any]:
    """What stands on the paper: plain words, and days as people write them."""
    first = card["layanan"][0]
    services = [
        {
            "nama": service["layanan"],
            "catatan": [
                {"nama": table, "isi": [_record(record) for record in records]}
                for table, records in service["catatan"].items()
            ],
        }
        for service in card["layanan"]
    ]
    return {
        "rutan": card["rutan"],
        "disusun": told(card["disusun"]),
        "persetujuan": first.get("persetujuan yang berlaku", []),
        "mitra": [f"{partner['mitra']}: {partner['mendengar']}" for partner in first.get("mitra", [])],
        "layanan": services,
        "dilihat": _looks(card),
    }


def told(value: Any) -> str:
    """A value as people write it; yes, no and unknown are three things."""
    match value:
        case None | "":
            return "tidak diketahui"
        case bool():
            return "ya" if value else "tidak"
        case list():
            return ", ".join(map(told, value)) or "tidak ada"
        case dict():
            return "; ".join(f"{key}: {told(inner)}" for key, inner in value.items())
        case str() if _MOMENT.match(value):
            return words.at(datetime.fromisoformat(value))
        case str() if _DAY.fullmatch(value):
            return words.on(date.fromisoformat(value))
    return str(value)


def _record(record: dict[str, Any]) -> list[tuple[str, str | list[str]]]:
    """A record without what only machines need, and without what nobody filled in: both stand in the JSON."""
    kept = {
        label: value
        for label, value in record.items()
        if label != UNSAID and value not in (None, "", [], {}) and not (isinstance(value, str) and _ID.fullmatch(value))
    }
    return [(label, _points(value)) for label, value in kept.items()]


def _points(value: Any) -> str | list[str]:
    """A value, or the points of one that has several parts."""
    match value:
        case dict():
            return [f"{key}: {told(inner)}" for key, inner in value.items()]
        case [_, _, *_]:
            return [told(inner) for inner in value]
    return told(value)


def _looks(card: dict[str, Any]) -> list[list[str]]:
    looks = [(service["layanan"], look) for service in card["layanan"] for look in service["dilihat oleh"]]
    looks.sort(key=lambda one: datetime.fromisoformat(one[1]["pada"]))
    return [
        [
            told(look["pada"]),
            "Anda sendiri" if look["petugas"] == card["orang"] else told(look["peran"]),
            f"darurat: {told(look['alasan darurat'])}" if look["darurat"] else look["keperluan"],
            service,
        ]
        for service, look in looks
    ]


def _joined(cards: list[dict[str, Any]]) -> dict[str, Any]:
    """One card of several entries of one person."""
    first, *others = cards
    for other in others:
        first["dilihat oleh"] += other["dilihat oleh"]
        for table, records in other["catatan"].items():
            first["catatan"].setdefault(table, []).extend(records)
    return first
