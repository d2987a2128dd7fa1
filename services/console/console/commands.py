"""What the console does in its own database: accounts, passwords, second factors, sign-ins."""

import base64
import hmac
import os
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import in_turn
from chassis.errors import NotFound
from cryptography.exceptions import InvalidKey
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlmodel import Session, col, delete

from console import queries
from console.model import (
    ELSEWHERE,
    Account,
    AccountChangedMeanwhile,
    AuthorizationRequest,
    LastAdministrator,
    NameMissing,
    NoAccountHere,
    SignIn,
    UsernameMissing,
    UsernameTaken,
    WrongCredentials,
    check_password,
)

STEP_S = 30
"""A code's life, as every TOTP application knows it (RFC 6238)."""


def hash_of(password: str) -> str:
    """A password as it is kept: by OWASP's choice for a server that has other work, 19 MiB and two passes."""
    argon2 = Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=19 * 1024)
    return argon2.derive_phc_encoded(password.encode())


_NOBODY = hash_of(secrets.token_urlsafe())
"""Checked when there is no such user, so that the time of the answer does not tell."""


def open_account(
    session: Session,
    id: UUID,
    username: str,
    name: str,
    password: str,
    *,
    roles: list[str],
    administrator: bool,
    at: datetime,
) -> Account:
    """Lets somebody in, once per `id`. They set their second factor at their first sign-in."""
    username = username.strip().casefold()
    if not username or username.split() != [username]:
        raise UsernameMissing
    if not name.strip():
        raise NameMissing
    in_turn(session, username)
    if known := queries.account_named(session, username):
        if known.id == id:
            return known
        raise UsernameTaken
    check_password(username, password)
    made = Account(
        id=id,
        username=username,
        name=name,
        roles=sorted(roles),
        administrator=administrator,
        password_hash=hash_of(password),
        created_at=at,
    )
    session.add(made)
    return made


def sign_in(session: Session, username: str, password: str, code: str, *, seal: Fernet, at: datetime) -> str | None:
    """What the browser keeps from now on; None after a wrong try, which is committed and counted.

    Raises TooManyTries while the account must wait.
    """
    account = queries.account_named(session, username)
    if account is None:
        _right(_NOBODY, password)
        return None
    # Tries at once would otherwise all count as one.
    session.refresh(account, with_for_update=True)
    account.may_try(at)
    step = _step_of(account, code, seal, at)
    if not _right(account.password_hash, password) or step is None or account.closed_at:
        account.failed(at)
        return None
    account.succeeded(step)
    return begin(session, account, at)


def ask_provider(session: Session, browser: str, to: str, at: datetime) -> tuple[str, AuthorizationRequest]:
    """Remembers that this browser is sent to the provider; the first is the `state` that it takes along."""
    session.exec(delete(AuthorizationRequest).where(col(AuthorizationRequest.began_at) < at - ELSEWHERE))
    state = secrets.token_urlsafe(32)
    made = AuthorizationRequest(
        key=queries.key_of(state),
        browser=queries.key_of(browser),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        to=to,
        began_at=at,
    )
    session.add(made)
    return state, made


def take_answer(session: Session, state: str, browser: str, at: datetime) -> AuthorizationRequest | None:
    """What this browser was sent to the provider with. It is forgotten: an answer counts once."""
    found = session.get(AuthorizationRequest, queries.key_of(state), with_for_update=True)
    if found is None or found.browser != queries.key_of(browser) or not found.alive(at):
        return None
    session.delete(found)
    return found


def sign_in_as(session: Session, username: str, subject: str, at: datetime) -> str:
    """What the browser of somebody whom the provider vouches for keeps from now on. Raises NoAccountHere."""
    account = queries.account_named(session, username)
    if account is None:
        raise NoAccountHere
    session.refresh(account, with_for_update=True)
    if account.closed_at or account.subject not in (None, subject):
        raise NoAccountHere
    account.subject = subject
    return begin(session, account, at)


def begin(session: Session, account: Account, at: datetime) -> str:
    """Signs an account in at one browser."""
    token = secrets.token_urlsafe(32)
    session.add(SignIn(key=queries.key_of(token), account=account.id, began_at=at, seen_at=at))
    return token


def sign_out(session: Session, token: str) -> None:
    """Ends it, in the database: a copied cookie is worth nothing."""
    session.exec(delete(SignIn).where(col(SignIn.key) == queries.key_of(token)))


def fresh_secret() -> str:
    """A secret for a TOTP application, in base32 as these are typed."""
    return base64.b32encode(os.urandom(20)).decode()


def set_second_factor(session: Session, account: UUID, secret: str, code: str, *, seal: Fernet, at: datetime) -> None:
    """Takes a second factor that the person has just proved to hold. Raises WrongCredentials."""
    found = _account(session, account)
    step = _matching_step(secret, code, 0, at)
    if step is None:
        raise WrongCredentials
    found.second_factor = seal.encrypt(secret.encode()).decode()
    found.last_step = step


def change_password(session: Session, account: UUID, old: str, new: str) -> None:
    """A new password; everybody who was signed in with the old one is out. Raises WrongCredentials, WeakPassword."""
    found = _account(session, account)
    if not _right(found.password_hash, old):
        raise WrongCredentials
    _renew(session, found, new)


def change_account(session: Session, account: UUID, wanted: dict[str, Any], seen: dict[str, Any], at: datetime) -> None:
    """Another name, other roles, closed or open again, in place of what the administrator saw (`Account.may_do`).

    Raises AccountChangedMeanwhile, NameMissing, LastAdministrator.
    """
    in_turn(session, "administrators")
    found = _account(session, account)
    if found.may_do() == wanted:
        return
    if found.may_do() != seen:
        raise AccountChangedMeanwhile
    if not wanted["name"].strip():
        raise NameMissing
    found.name, found.roles, found.administrator = wanted["name"], wanted["roles"], wanted["administrator"]
    found.closed_at = (found.closed_at or at) if wanted["closed"] else None
    session.flush()
    if queries.administrators(session) == 0:
        raise LastAdministrator
    if found.closed_at:
        session.exec(delete(SignIn).where(col(SignIn.account) == found.id))


def reset_account(session: Session, account: UUID, password: str) -> None:
    """For somebody who lost their password or phone: a first password, and all else is set again."""
    found = _account(session, account)
    _renew(session, found, password)
    found.second_factor, found.subject, found.failures, found.wait_until = None, None, 0, None


def _renew(session: Session, account: Account, password: str) -> None:
    check_password(account.username, password)
    account.password_hash = hash_of(password)
    session.exec(delete(SignIn).where(col(SignIn.account) == account.id))


def _account(session: Session, id: UUID) -> Account:
    found = session.get(Account, id, with_for_update=True)
    if found is None:
        raise NotFound
    return found


def _right(kept: str, password: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), kept)
    except InvalidKey:
        return False
    return True


def _step_of(account: Account, code: str, seal: Fernet, at: datetime) -> int | None:
    if account.second_factor is None:
        return 0
    return _matching_step(seal.decrypt(account.second_factor.encode()).decode(), code, account.last_step, at)


def _matching_step(secret: str, code: str, after: int, at: datetime) -> int | None:
    """The time step whose code this is: now or one before or after, as clocks differ, and never one taken already."""
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), STEP_S)  # noqa: S303
    now = int(at.timestamp()) // STEP_S
    for step in (now, now - 1, now + 1):
        if step > after and hmac.compare_digest(totp.generate(step * STEP_S), code.strip().replace(" ", "").encode()):
            return step
    return None
