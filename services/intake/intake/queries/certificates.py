"""What a person is given after asking to be erased: the decision, why, and the proof that it took effect."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.paper import pdf
from sqlmodel import Session

from contracts import words
from intake.model.days import today
from intake.model.effects import NAMES, Effect
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
        until = today(erasure.decided_at + BACKUPS_OF_KEYS)
        certificate["cadangan kunci dihapus paling lambat"] = words.on(until)
    return certificate


def as_pdf(certificate: dict[str, Any]) -> bytes:
    """The same on paper."""
    return pdf(TEMPLATE, certificate)


_ERASED = {
    ErasureOutcome.DONE: "Semua data diri dan catatan di rutan ini. Kunci pembukanya dimusnahkan, sehingga salinan yang"
    " masih tersimpan di mana pun di rutan ini tidak dapat dibaca lagi.",
    ErasureOutcome.PARTLY: "Semua yang disimpan hanya berdasarkan persetujuan, kecuali yang dirujuk oleh catatan yang"
    " disimpan di bawah ini. Persetujuan yang masih berlaku ditarik.",
    ErasureOutcome.REFUSED: "Tidak ada.",
}

_KEPT = ["nomor acak tanpa identitas, jenis kelamin, status hukum dan bulan pendaftaran, untuk statistik"]


def _carried_out(erasure: Erasure, proof: Sequence[Effect]) -> list[dict[str, str]]:
    if erasure.outcome is ErasureOutcome.REFUSED:
        return []
    # A reader that was told several things has carried it out once it has followed all of them.
    readers: dict[str, list[Effect]] = {}
    for effect in proof:
        readers.setdefault(effect.name, []).append(effect)
    here = {NAMES["intake"]: "dilaksanakan saat diputuskan"}
    rows = {name: _state([effect.applied_at for effect in effects]) for name, effects in readers.items()} | here
    return [{"layanan": name, "keadaan": state} for name, state in rows.items()]


def _state(applied: Sequence[datetime | None]) -> str:
    known = [at for at in applied if at]
    return f"dilaksanakan, {words.at(max(known))}" if len(known) == len(applied) else "belum ada kabar pelaksanaannya"
