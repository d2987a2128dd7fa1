"""What a person is given after asking to be erased: the decision, why, and the proof that it took effect."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typst
from chassis.outbox import Whereabouts
from sqlmodel import Session

from contracts import words
from intake.model.erasures import Erasure, ErasureNotDecided, ErasureOutcome
from intake.queries.erasures import proof_of

BACKUPS_OF_KEYS = timedelta(days=30)
"""How long a backup of the keys may be kept (docs/runbook.md): until then the erasure could be undone from it."""

TEMPLATE = Path(__file__).with_suffix(".typ")


def certificate_of(session: Session, erasure: Erasure) -> dict[str, Any]:
    """The decision in words that the person knows; nobody can tell from it whom it is about."""
    if erasure.outcome is None or erasure.decided_at is None:
        raise ErasureNotDecided
    certificate: dict[str, Any] = {
        "nomor": erasure.number,
        "rutan": erasure.site,
        "diterima": words.on(erasure.received_on),
        "alasan": words.VALUES[erasure.ground],
        "diputuskan": words.at(erasure.decided_at),
        "keputusan": words.VALUES[erasure.outcome],
    }
    if erasure.article:
        certificate["dasar"] = words.VALUES[erasure.article]
        certificate["disimpan sampai"] = words.on(erasure.until_on) if erasure.until_on else "belum diketahui"
    certificate["yang dihapus"] = _ERASED[erasure.outcome]
    certificate["yang disimpan"] = [words.TABLES.get(table, table) for table in erasure.kept] or _KEPT
    certificate["pelaksanaan"] = _carried_out(erasure, proof_of(session, erasure.told))
    if erasure.outcome is ErasureOutcome.DONE:
        until = (erasure.decided_at + BACKUPS_OF_KEYS).date()
        certificate["cadangan kunci dihapus paling lambat"] = words.on(until)
    return certificate


def as_pdf(certificate: dict[str, Any]) -> bytes:
    """The same on paper, readable by a screen reader (PDF/UA-1)."""
    given = {"data": json.dumps(certificate)}
    made: bytes = typst.compile(_template(), sys_inputs=given, pdf_standards=["ua-1"])
    return made


_ERASED = {
    ErasureOutcome.DONE: "Semua data diri dan catatan di rutan ini. Kunci pembukanya dimusnahkan, sehingga salinan yang"
    " masih tersimpan di mana pun di rutan ini tidak dapat dibaca lagi.",
    ErasureOutcome.PARTLY: "Semua yang disimpan hanya berdasarkan persetujuan. Persetujuan yang masih berlaku ditarik.",
    ErasureOutcome.REFUSED: "Tidak ada.",
}

_KEPT = ["nomor acak tanpa identitas, jenis kelamin, status hukum dan bulan pendaftaran, untuk statistik"]


def _carried_out(erasure: Erasure, proof: Sequence[Whereabouts]) -> list[dict[str, str]]:
    here = {"layanan": words.SERVICES["intake"], "keadaan": "dilaksanakan saat diputuskan"}
    if not erasure.told:
        return [here] if erasure.outcome is not ErasureOutcome.REFUSED else []
    if not proof:
        return [here, {"layanan": "semua layanan lain", "keadaan": "sudah menerima kabarnya, lebih dari 30 hari lalu"}]
    # A reader that has several pieces of news has carried it out once it has all of them.
    readers = dict.fromkeys(where.reader for where in proof)
    return [here] + [
        {"layanan": words.SERVICES.get(reader, reader), "keadaan": _state(reader, proof)}
        for reader in readers
        if reader != "intake"
    ]


def _state(reader: str, proof: Sequence[Whereabouts]) -> str:
    news = [where for where in proof if where.reader == reader]
    if all(where.applied for where in news):
        return "sudah diterima dan dilaksanakan"
    if all(where.published_at for where in news):
        return "sudah dikirim, belum dikonfirmasi"
    return "menunggu dikirim"


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()
