"""What the console reads in its own database."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from console.model import Account, SignIn


def key_of(token: str) -> str:
    """What the table holds in place of the browser's token."""
    return hashlib.sha256(token.encode()).hexdigest()


_BOTH = select(SignIn, Account).where(SignIn.key == bindparam("key"), SignIn.account == Account.id)
"""Built once: each page asks it."""


def signed_in(session: Session, token: str, at: datetime) -> Account | None:
    """Whose browser this is, if they are still signed in and their account is open."""
    found = session.exec(_BOTH, params={"key": key_of(token)}).one_or_none()
    if found is None or not found[0].alive(at):
        return None
    found[0].seen(at)
    return found[1] if found[1].closed_at is None else None


def account_named(session: Session, username: str) -> Account | None:
    """The account of a user name, however it is written."""
    return session.exec(select(Account).where(Account.username == username.strip().casefold())).one_or_none()


def account(session: Session, id: UUID) -> Account | None:
    """One account."""
    return session.get(Account, id)


def accounts(session: Session) -> list[Account]:
    """Everybody who has one, the closed ones last."""
    order = (col(Account.closed_at).is_not(None), Account.name)
    return list(session.exec(select(Account).order_by(*order)))


def anybody(session: Session) -> bool:
    """Whether the first account was made."""
    return session.exec(select(func.count()).select_from(Account)).one() > 0


def administrators(session: Session) -> int:
    """How many can let others in."""
    open_ones = (col(Account.administrator), col(Account.closed_at).is_(None))
    return session.exec(select(func.count()).select_from(Account).where(*open_ones)).one()
