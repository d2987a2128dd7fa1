"""Transfers between rutan: a sealed bundle travels with the escort, and the answer comes back as a code on paper."""

import hashlib
import hmac
from datetime import date, datetime
from uuid import UUID

from chassis.columns import moment
from chassis.errors import Conflict, NotFound
from contracts.intake import TransferAccepted, TransferClosed, TransferOffered
from contracts.vocabulary import LegalStatus, MaritalStatus, RegisterBook, Sex
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from pydantic import BaseModel, ValidationError
from sqlalchemy import Index, text
from sqlmodel import Field

from intake.model.people import Identity, Person, PersonNotInside
from intake.model.table import Table

CODE_BYTES, ANSWER_BYTES, _NONCE = 16, 10, 12
_MAGIC = b"JBT1"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as another on paper."""


class TransferNotHere(NotFound):
    """No such transfer of this person."""

    detail = "Pemindahan ini tidak tercatat untuk orang ini. Periksa kembali daftarnya."


class TransferIdTaken(Conflict):
    """The id is another transfer's."""

    detail = "Nomor isian ini sudah dipakai untuk pemindahan lain. Mulai isian baru."


class TransferStillOpen(Conflict):
    """One thing after the other."""

    detail = "Pemindahan orang ini belum selesai. Tutup dengan kode penerimaan, atau batalkan dahulu."


class TransferClosedAlready(Conflict):
    """It has its end."""

    detail = "Pemindahan ini sudah selesai atau dibatalkan. Tidak ada yang perlu dilakukan."


class TransferToItself(Conflict):
    """Nobody is moved to where they are."""

    detail = "Rutan tujuan adalah rutan ini sendiri. Pilih rutan yang lain."


class AcceptanceCodeWrong(Conflict):
    """It is not the answer to this transfer."""

    detail = "Kode penerimaan tidak cocok dengan pemindahan ini. Periksa kode pada surat dari rutan penerima."


class BundleNotOpened(Conflict):
    """Another code's bundle, or one that was changed on the way: the two cannot be told apart."""

    detail = "Berkas tidak dapat dibuka. Periksa kode pada surat pengantar; bila benar, mintalah berkas yang baru."


class BundleForAnotherSite(Conflict):
    """It was sealed for another rutan."""

    detail = "Berkas ini ditujukan untuk rutan lain, bukan rutan ini. Periksa surat pengantarnya."


class TransferAcceptedAlready(Conflict):
    """Nobody arrives twice."""

    detail = "Orang dari berkas ini sudah diterima di rutan ini. Cari namanya di daftar."


class Number(BaseModel):
    """A register number as it travels."""

    number: str
    book: RegisterBook | None = None
    from_on: date | None = None


class Held(BaseModel):
    """A period of detention as it travels: its end does not wait for a link."""

    book: RegisterBook
    from_on: date
    until_on: date


class Answered(BaseModel):
    """What the person agreed to at the other rutan: for information, since they are asked anew."""

    purpose: str
    recipient: str | None = None


class Bundle(BaseModel):
    """All that the other rutan needs to go on. What a later release adds is ignored by an earlier one."""

    transfer: UUID
    from_site: str
    to_site: str
    secret: str
    identity: Identity
    sex: Sex
    birth_year: int | None = None
    marital_status: MaritalStatus | None = None
    prior_convictions: int | None = None
    worked_before: bool | None = None
    legal_status: LegalStatus
    numbers: list[Number] = []
    held: list[Held] = []
    consents: list[Answered] = []

    def sealed(self, code: bytes, nonce: bytes) -> bytes:
        """As it travels. Whoever has it has nothing without the code, which goes another way."""
        head = _MAGIC + self.transfer.bytes
        body = self.model_dump_json(exclude_defaults=True).encode()
        return head + nonce + AESGCM(_key(code, head)).encrypt(nonce, body, head)

    @classmethod
    def opened(cls, sealed: bytes, code: bytes) -> "Bundle":
        """What was sealed. Raises BundleNotOpened."""
        head, rest = sealed[: len(_MAGIC) + 16], sealed[len(_MAGIC) + 16 :]
        if not head.startswith(_MAGIC) or len(code) != CODE_BYTES:
            raise BundleNotOpened
        try:
            return cls.model_validate_json(AESGCM(_key(code, head)).decrypt(rest[:_NONCE], rest[_NONCE:], head))
        except (InvalidTag, ValueError, ValidationError):
            raise BundleNotOpened from None

    def answer(self) -> str:
        """What the receiving rutan answers with: only who opened the bundle can know it."""
        return answer_to(self.transfer, bytes.fromhex(self.secret))


def answer_to(transfer: UUID, secret: bytes) -> str:
    """The acceptance code of a transfer."""
    return on_paper(hmac.digest(secret, transfer.bytes + b"accepted", hashlib.sha256)[:ANSWER_BYTES])


def on_paper(code: bytes) -> str:
    """A code in groups of four, as it is printed."""
    bits = len(code) * 8
    count = -(-bits // 5)
    number = int.from_bytes(code, "big") << (count * 5 - bits)
    letters = "".join(_LETTERS[number >> (5 * place) & 31] for place in reversed(range(count)))
    return "-".join(letters[at : at + 4] for at in range(0, count, 4))


def from_paper(typed: str, size: int) -> bytes:
    """The code that somebody typed off paper, whatever they made of O, I, L, case and hyphens; empty if it is none."""
    letters = typed.upper().translate(str.maketrans("OIL", "011", "- "))
    count = -(-size * 8 // 5)
    if len(letters) != count or not set(letters) <= set(_LETTERS):
        return b""
    number = 0
    for letter in letters:
        number = number * 32 + _LETTERS.index(letter)
    spare = count * 5 - size * 8
    return (number >> spare).to_bytes(size, "big") if number % (1 << spare) == 0 else b""


def _key(code: bytes, head: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), 32, b"jembatan transfer " + head).derive(code)


class Transfer(Table, table=True):
    """Somebody who is to move to another rutan. Until that one has answered, this one stays responsible."""

    __table_args__ = (Index("transfer_open", "person", unique=True, postgresql_where=text("closed_at is null")),)

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    to_site: str
    secret: bytes = Field(sa_column_kwargs={"info": {"hidden": True}})
    """Sealed: what the acceptance code is made of. Neither the code nor the bundle is kept."""
    offered_at: datetime = moment()
    offered_by: UUID
    closed_at: datetime | None = moment(nullable=True, default=None)
    closed_by: UUID | None = None
    arrived: bool | None = None

    def offer(self, person: Person) -> TransferOffered:
        """Told to all who plan with this person."""
        if self.to_site == self.site:
            raise TransferToItself
        if not person.inside:
            raise PersonNotInside
        return TransferOffered(
            site=self.site, occurred_at=self.offered_at, person=self.person, transfer_id=self.id, to_site=self.to_site
        )

    def answered_by(self, secret: bytes, code: str) -> bool:
        """Whether this is the acceptance code of this transfer."""
        due = from_paper(answer_to(self.id, secret), ANSWER_BYTES)
        return hmac.compare_digest(from_paper(code, ANSWER_BYTES), due)

    def arrive(self, secret: bytes, code: str, *, by: UUID, at: datetime) -> TransferClosed:
        """The other rutan has answered with its acceptance code."""
        if not self.answered_by(secret, code):
            raise AcceptanceCodeWrong
        return self._close(True, by=by, at=at)

    def cancel(self, *, by: UUID, at: datetime) -> TransferClosed:
        """It did not come to it: the person stays."""
        return self._close(False, by=by, at=at)

    def _close(self, arrived: bool, *, by: UUID, at: datetime) -> TransferClosed:
        if self.closed_at is not None:
            raise TransferClosedAlready
        self.closed_at, self.closed_by, self.arrived = at, by, arrived
        return TransferClosed(site=self.site, occurred_at=at, person=self.person, transfer_id=self.id, arrived=arrived)


class Arrival(Table, table=True):
    """Somebody who came from another rutan, under that one's id of the transfer."""

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    from_site: str
    accepted_at: datetime = moment()
    accepted_by: UUID

    def told(self) -> TransferAccepted:
        """The fact of this arrival."""
        return TransferAccepted(
            site=self.site,
            occurred_at=self.accepted_at,
            person=self.person,
            transfer_id=self.id,
            from_site=self.from_site,
        )
