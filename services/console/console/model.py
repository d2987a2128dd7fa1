"""The rules of the console: accounts, wrong tries, how long a sign-in lasts. Pure: no session, clock or network."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.columns import document, moment
from chassis.errors import Conflict, Refused, Unauthenticated
from contracts.vocabulary import Role
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

IDLE = timedelta(minutes=30)
"""After this long without a request nobody is signed in: PCs in a rutan are shared."""
SHIFT = timedelta(hours=12)
"""After this long everybody signs in again."""
NOTED_EVERY = timedelta(minutes=1)
ELSEWHERE = timedelta(minutes=10)
"""How long somebody may take at the provider."""
FREE_TRIES = 4
LONGEST_WAIT = timedelta(minutes=15)
PASSWORD_LEAST = 12

STAFF_ROLES = tuple(role for role in Role if role is not Role.MINISTRY)
"""Whom a site gives accounts to: the ministry reads at the hub."""


class Table(SQLModel, registry=registry()):
    """The console's own tables."""


class WrongCredentials(Refused):
    """Which of the three was wrong is nobody's business."""

    detail = "Nama pengguna, kata sandi atau kode salah. Periksa lalu coba lagi."


class TooManyTries(Refused):
    """Somebody guesses."""

    detail = "Terlalu banyak percobaan untuk akun ini. Tunggu beberapa menit, lalu coba lagi."


class WeakPassword(Conflict):
    """Short, or the user's own name."""

    detail = f"Kata sandi paling sedikit {PASSWORD_LEAST} huruf dan tidak memuat nama pengguna. Gunakan beberapa kata."


class UsernameTaken(Conflict):
    """Two accounts of one name."""

    detail = "Nama pengguna ini sudah dipakai. Pilih nama lain."


class NoAccountHere(Refused):
    """The provider knows them, this site does not: who works here is said here."""

    detail = (
        "Anda dikenal oleh penyedia akun, tetapi tidak ada akun terbuka untuk Anda di rutan ini. Hubungi administrator."
    )


class AuthorizationExpired(Refused):
    """Begun at another browser, too long ago, or answered already."""

    detail = "Upaya masuk ini sudah kedaluwarsa. Mulai lagi dari halaman ini."


class NameMissing(Conflict):
    """Whoever acts must be known by a name."""

    detail = "Isi nama lengkap petugas."


class UsernameMissing(Conflict):
    """Nobody could sign in."""

    detail = "Isi nama pengguna, tanpa spasi."


class AccountChangedMeanwhile(Conflict):
    """Another administrator was faster: neither version is overwritten."""

    detail = "Akun ini baru saja diubah administrator lain. Bandingkan kedua versi, lalu simpan lagi bila perlu."


class NotAdministrator(Refused):
    """Others are let in by an administrator alone."""

    detail = "Halaman ini hanya untuk administrator."


class NotSignedInMeanwhile(Unauthenticated):
    """They were to sign in in another tab first."""

    detail = "Anda belum masuk di tab lain. Masuk dahulu, lalu tekan Lanjutkan."


class LastAdministrator(Conflict):
    """Somebody must be able to let others in."""

    detail = "Ini administrator terakhir. Angkat administrator lain dahulu."


class Account(Table, table=True):
    """A member of staff who may sign in."""

    id: UUID = Field(primary_key=True)
    username: str = Field(unique=True)
    name: str
    roles: list[str] = document()
    administrator: bool = False
    """Lets others in. It gives no look at anybody's record."""
    password_hash: str
    second_factor: str | None = None
    """The secret of the TOTP application, sealed."""
    subject: str | None = None
    """Who this is at the provider, from their first sign-in there on: a name can be given to another."""
    last_step: int = 0
    """The newest time step whose code was taken: a code that was seen over a shoulder is worth nothing."""
    failures: int = 0
    wait_until: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment()

    def may_do(self) -> dict[str, Any]:
        """What an administrator decides of it."""
        return {
            "name": self.name,
            "roles": sorted(self.roles),
            "administrator": self.administrator,
            "closed": self.closed_at is not None,
        }

    def may_try(self, at: datetime) -> None:
        """Raises TooManyTries while somebody must wait."""
        if self.wait_until and at < self.wait_until:
            raise TooManyTries

    def failed(self, at: datetime) -> None:
        """Notes a wrong try; after a few each one doubles the wait."""
        self.failures += 1
        over = self.failures - FREE_TRIES
        if over > 0:
            self.wait_until = at + min(timedelta(seconds=2 ** min(over, 12)), LONGEST_WAIT)

    def succeeded(self, step: int) -> None:
        """Notes a right try."""
        self.failures, self.wait_until, self.last_step = 0, None, max(step, self.last_step)


class SignIn(Table, table=True):
    """Somebody who is signed in at one browser."""

    __tablename__ = "sign_in"

    key: str = Field(primary_key=True)
    """The hash of what the browser holds: whoever reads the table cannot use it."""
    account: UUID = Field(foreign_key="account.id", index=True)
    began_at: datetime = moment()
    seen_at: datetime = moment()

    def alive(self, at: datetime) -> bool:
        """Whether it still counts."""
        return at - self.seen_at < IDLE and at - self.began_at < SHIFT

    def seen(self, at: datetime) -> None:
        """Notes that somebody is still there; once a minute is enough, and spares each page a write."""
        if at - self.seen_at >= NOTED_EVERY:
            self.seen_at = at


class AuthorizationRequest(Table, table=True):
    """Somebody was sent to the provider, and may come back once."""

    __tablename__ = "authorization_request"

    key: str = Field(primary_key=True)
    """The hash of `state`, which only the provider hands back."""
    browser: str
    """The hash of what the browser holds that was sent there: nobody is signed in by a link of somebody else."""
    nonce: str
    verifier: str
    """What proves to the provider that the code comes back to whoever asked for it (RFC 7636)."""
    to: str
    """The page that they wanted."""
    began_at: datetime = moment()

    def alive(self, at: datetime) -> bool:
        """Whether it still counts."""
        return at - self.began_at < ELSEWHERE


def check_password(username: str, password: str) -> None:
    """Length is what counts; raises WeakPassword."""
    if len(password) < PASSWORD_LEAST or username.casefold() in password.casefold():
        raise WeakPassword
