"""The vault: what is known of somebody is sealed with a key of their own, and is gone when that key is destroyed."""

import base64
import os
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from chassis.engine import engine
from chassis.errors import NotFound

_FORMAT = b"\x01"
_NONCE = 12

metadata = MetaData()

key = Table(
    "key",
    metadata,
    Column("subject", Uuid, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("destroyed_at", DateTime(timezone=True)),
)
"""One key per subject, wrapped by the site's. `wrapped` is null once it was destroyed; no other key is made for it.

It is a database of its own, whose backups are kept for days, not years: a key in an old backup would undo an erasure.
"""
_KEYS = select(key.c.subject, key.c.wrapped).where(
    key.c.subject.in_(bindparam("subjects", expanding=True)), key.c.wrapped.is_not(None)
)


class Shredded(NotFound):
    """The key of this subject was destroyed: what was sealed with it cannot be read again, by anybody."""

    detail = "Data ini sudah dihapus dan tidak dapat dibuka lagi oleh siapa pun."


class Tampered(Exception):
    """What was sealed is not what is there, or it was sealed for another place."""


class WrongSiteKey(Exception):
    """The keys were wrapped with another site key than this one: `keys.json` is not the one they were made with."""


def derived(site_key: str, use: str) -> bytes:
    """A key for one use only, out of the site's key (base64, 32 bytes)."""
    return HKDFExpand(hashes.SHA256(), 32, use.encode()).derive(base64.b64decode(site_key))


class Vault:
    """Seals and opens. Every value is bound to its subject and to the place that it stands in.

    A place is named `<table>.<column>`, so that whatever is held of somebody can be found and opened for them.
    """

    def __init__(self, url: str, site_key: str) -> None:
        self._engine = engine(url, kept=1)
        # One look at the keys is one statement: a transaction around it would be two more.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._wrapping, self._blinding = derived(site_key, "wrap"), derived(site_key, "blind")

    def prepare(self) -> None:
        """Makes the table of keys. Raises WrongSiteKey before anything is sealed that nobody else could open."""
        metadata.create_all(self._engine)
        with self._engine.connect() as connection:
            wrapped = connection.scalar(select(key.c.wrapped).where(key.c.wrapped.is_not(None)).limit(1))
        if wrapped is not None:
            self._unwrapped(wrapped)

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def seal(self, subject: UUID, place: str, said: bytes) -> bytes:
        """Seals `said`. Raises Shredded."""
        # The key is kept before anything is sealed with it: one that sealed nothing harms nobody, but what was sealed
        # with a key that nobody kept would be gone.
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + AESGCMSIV(self._key_for(subject)).encrypt(nonce, said, _bound(subject, place))

    def open(self, subject: UUID, place: str, sealed: bytes) -> bytes:
        """What was sealed. Raises Shredded or Tampered."""
        [said] = self.open_all([(subject, place, sealed)])
        if said is None:
            raise Shredded
        return said

    def open_all(self, sealed: Sequence[tuple[UUID, str, bytes]]) -> list[bytes | None]:
        """The same for many, of whatever place, with one look at the keys; None where the key was destroyed."""
        keys = self._keys({subject for subject, _, _ in sealed})
        return [self._opened(keys.get(subject), subject, place, value) for subject, place, value in sealed]

    def destroy(self, *subjects: UUID) -> None:
        """Destroys keys, now and for good: also a subject that never had one gets none later."""
        gone = insert(key).values(wrapped=None, destroyed_at=func.now())
        alive = key.c.wrapped.is_not(None)
        changed = gone.on_conflict_do_update(
            index_elements=["subject"], set_={"wrapped": None, "destroyed_at": func.now()}, where=alive
        )
        if subjects:
            with self._engine.begin() as connection:
                connection.execute(changed, [{"subject": subject} for subject in subjects])

    def blind(self, kind: str, value: str) -> bytes:
        """The same bytes for the same value, and nothing to guess it from without the site's key: for equal search."""
        digest = hmac.HMAC(self._blinding, hashes.SHA256())
        digest.update(f"{kind}\0{value}".encode())
        return digest.finalize()

    def make_keys(self, subjects: Iterable[UUID]) -> None:
        """Makes the keys of many new subjects at once, for whoever is about to seal much."""
        rows = [{"subject": one, "wrapped": aes_key_wrap(self._wrapping, os.urandom(32))} for one in subjects]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(key).values(rows).on_conflict_do_nothing())

    def _key_for(self, subject: UUID) -> bytes:
        if found := self._keys({subject}).get(subject):
            return found
        fresh = aes_key_wrap(self._wrapping, os.urandom(32))
        with self._engine.begin() as connection:
            connection.execute(insert(key).values(subject=subject, wrapped=fresh).on_conflict_do_nothing())
        if found := self._keys({subject}).get(subject):
            return found
        raise Shredded

    def _keys(self, subjects: set[UUID]) -> Mapping[UUID, bytes]:
        # Never kept in memory: a destroyed key must be gone for every process at once.
        with self._reading.connect() as connection:
            rows = connection.execute(_KEYS, {"subjects": list(subjects)})
            return {subject: self._unwrapped(wrapped) for subject, wrapped in rows}

    def _unwrapped(self, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._wrapping, wrapped)
        except InvalidUnwrap:
            raise WrongSiteKey from None

    @staticmethod
    def _opened(own: bytes | None, subject: UUID, place: str, sealed: bytes) -> bytes | None:
        if own is None:
            return None
        form, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        if form != _FORMAT:
            raise Tampered
        try:
            return AESGCMSIV(own).decrypt(nonce, rest, _bound(subject, place))
        except (InvalidTag, ValueError):
            raise Tampered from None


def fresh_key() -> str:
    """A new site key."""
    return base64.b64encode(os.urandom(32)).decode()


def vault_of(session: Session) -> Vault:
    """The vault of the session's service. Only a service that was given one may ask."""
    vault = session.info["vault"]
    assert isinstance(vault, Vault), "this service was given no vault"
    return vault


def _bound(subject: UUID, place: str) -> bytes:
    return subject.bytes + place.encode()
