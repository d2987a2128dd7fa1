"""Kartu Saya: everything that a rutan holds about somebody, asked of every service and printed for them."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from chassis.identity import Actor
from chassis.paper import pdf
from contracts.vocabulary import Role
from ui.card import PURPOSE, TEMPLATE, page_of, whole_card

from jembatan.folder import Folder


class ServiceAway(ConnectionError):
    """A card that leaves a service out would not be everything."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} tidak menjawab, jadi kartunya belum lengkap: jalankan simpulnya, lalu ulangi")


def ask(folder: Folder, person: UUID, staff: UUID | None = None) -> dict[str, Any]:
    """What every service of a running site holds. Each notes that it was asked, and by whom."""
    actor = Actor(staff or person, folder.site, frozenset({Role.PRIVACY_OFFICER}))
    headers = {"authorization": f"Bearer {folder.issuer().token(actor)}", "jembatan-purpose": PURPOSE}
    urls = folder.running["services"]
    with httpx2.Client(headers=headers, timeout=30) as client:

        def answer(service: str, path: str) -> dict[str, Any]:
            try:
                return dict(client.get(f"{urls[service]}{path}").raise_for_status().json())
            except httpx2.HTTPError:
                raise ServiceAway(service) from None

        return whole_card(folder.site, person, urls, answer)


def as_pdf(card: dict[str, Any]) -> bytes:
    """The card on paper."""
    return pdf(TEMPLATE, page_of(card))


def write(path: Path, content: bytes) -> None:
    """Writes what only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
