"""Levies: what was asked for a service that is free, told to the inspector and never to the officer named."""

import hashlib
import secrets
from base64 import b32encode
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict, DomainError, NotFound
from contracts.intake import LevyReportClosed, LevyReported, LevyStep
from pydantic import BaseModel
from sqlalchemy import Index, text
from sqlmodel import Field

from intake.model.days import must_have_come
from intake.model.table import Table

ANONYMOUS_PER_HOUR = 60
"""More from people who do not say who they are is a flood. Nothing is kept of where a report came from, so the bound is
on all of them together."""
LATE_AFTER = timedelta(days=7)
_MISREAD = str.maketrans({"0": "O", "1": "I", " ": None, "-": None})


class NotYourReport(NotFound):
    """It is not here, or it names whoever asks: both look alike, so that nobody learns that they were named."""

    detail = "Laporan ini tidak ditemukan. Periksa kembali pilihan Anda."


class ReceiptUnknown(NotFound):
    """No report has this receipt."""

    detail = "Laporan dengan tanda terima ini tidak ditemukan. Periksa kembali kode pada tanda terima Anda."


class LevyReportIdTaken(Conflict):
    """The id is another report's."""

    detail = "Nomor isian ini sudah dipakai. Mulai laporan baru."


class LevyReportAlreadyClosed(Conflict):
    """It has its answer."""

    detail = "Laporan ini sudah dijawab. Jawaban yang sudah dibaca pelapor tidak diubah."


class TooManyReports(DomainError):
    """A flood."""

    status = 429
    detail = (
        "Terlalu banyak laporan tanpa nama dalam satu jam terakhir. "
        "Coba lagi nanti, atau sampaikan langsung kepada inspektur Kantor Wilayah."
    )


class Told(BaseModel):
    """What a report says. It exists outside the vault only while it is written, read or checked."""

    officers: frozenset[UUID] = frozenset()
    """The accounts of the officers named, where they are known."""
    named: str | None = None
    """The officers in the reporter's own words."""
    amount: int | None = None
    """Rupiah."""
    text: str | None = None
    by: UUID | None = None
    """Who reported; None when they do not say."""
    receipt: str
    """The code that the reporter holds, for the same report sent again."""

    def readable_by(self, actor: UUID) -> bool:
        """Whoever is named learns nothing of it, whatever else they are."""
        return actor not in self.officers

    def same_as(self, other: "Told") -> bool:
        """Whether two reports say the same."""
        return self.model_dump(exclude={"receipt"}) == other.model_dump(exclude={"receipt"})


class LevyReport(Table, table=True):
    """One report. What it says is sealed under a key of its own; what is not sealed names nobody."""

    __tablename__ = "levy_report"
    __table_args__ = (Index("levy_report_anonymous", "reported_at", postgresql_where=text("anonymous")),)

    id: UUID = Field(primary_key=True)
    site: str
    step: LevyStep = choice(LevyStep)
    happened_on: date | None = None
    anonymous: bool
    told: bytes
    """Sealed `Told`."""
    receipt: bytes
    """The hash of the receipt's code."""
    reported_at: datetime = moment()
    closed_at: datetime | None = moment(nullable=True, default=None)
    closed_by: UUID | None = None
    upheld: bool | None = None
    answer: bytes | None = None
    """Sealed: what the inspector tells the reporter."""

    def report(self) -> LevyReported:
        """It was reported."""
        if self.happened_on:
            must_have_come(self.happened_on, self.reported_at)
        return LevyReported(site=self.site, occurred_at=self.reported_at, report_id=self.id, step=self.step)

    def close(self, upheld: bool, answer: bytes, *, by: UUID, at: datetime) -> LevyReportClosed:
        """The inspector has answered it."""
        if self.closed_at is not None:
            raise LevyReportAlreadyClosed
        self.upheld, self.answer, self.closed_at, self.closed_by = upheld, answer, at, by
        return LevyReportClosed(site=self.site, occurred_at=at, report_id=self.id, upheld=upheld)

    def late(self, at: datetime) -> bool:
        """Whether it has waited too long for its answer."""
        return self.closed_at is None and at - self.reported_at > LATE_AFTER


def new_receipt() -> str:
    """A code that nobody guesses and that can be copied by hand: `K7QD-2M5X-…`."""
    code = b32encode(secrets.token_bytes(10)).decode()
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def hash_of(receipt: str) -> bytes:
    """What is kept of a code; small letters, spaces and the digits that look like letters are forgiven."""
    return hashlib.sha256(receipt.upper().translate(_MISREAD).encode()).digest()


class FreeService(BaseModel):
    """One service, as everybody may know it."""

    step: LevyStep
    name: str
    what: str
    takes: str
    fee: str = "gratis"


_POSTED = "Menurut standar pelayanan yang wajib dipasang di rutan (UU 25/2009 Ps. 21)."

FREE_SERVICES = (
    FreeService(
        step=LevyStep.REGISTRATION,
        name="Pendaftaran",
        what="Pencatatan identitas dan dasar penahanan pada saat seseorang diterima di rutan.",
        takes=_POSTED,
    ),
    FreeService(
        step=LevyStep.VISIT,
        name="Kunjungan dan penitipan",
        what="Kunjungan langsung, kunjungan lewat video, surat, dan penitipan barang dari keluarga.",
        takes=_POSTED,
    ),
    FreeService(
        step=LevyStep.INTEGRATION,
        name="Layanan integrasi",
        what=(
            "Pengusulan asimilasi, cuti bersyarat, cuti menjelang bebas dan pembebasan bersyarat: "
            "pengumpulan dokumen, litmas, sidang TPP, sampai surat keputusan."
        ),
        takes="Sejak dokumen lengkap: sekitar 7 hari kerja di rutan dan 7 hari kerja di Kantor Wilayah.",
    ),
    FreeService(
        step=LevyStep.REMISSION,
        name="Remisi",
        what="Pengusulan pengurangan masa pidana: remisi umum, remisi khusus dan remisi tambahan.",
        takes=_POSTED,
    ),
    FreeService(
        step=LevyStep.PROGRAMME,
        name="Pembinaan dan pelatihan",
        what="Mengikuti program kepribadian, pelatihan kerja, konseling dan pendidikan, serta menerima sertifikatnya.",
        takes=_POSTED,
    ),
    FreeService(
        step=LevyStep.HOUSING,
        name="Penempatan kamar",
        what="Penempatan dan pemindahan kamar, serta kelengkapan tidur dan mandi.",
        takes=_POSTED,
    ),
    FreeService(
        step=LevyStep.OTHER,
        name="Layanan lain",
        what="Setiap layanan lain yang menjadi hak WBP, tahanan dan keluarganya.",
        takes=_POSTED,
    ),
)

HOW_TO_REPORT = (
    "Bila Anda dimintai uang atau barang untuk layanan ini, laporkan di anjungan mandiri atau lewat petugas mana pun. "
    "Nama Anda tidak wajib diisi. Laporan dibaca inspektur Kantor Wilayah, tidak pernah oleh petugas yang disebut. "
    "Simpan kode tanda terima untuk membaca jawabannya."
)
