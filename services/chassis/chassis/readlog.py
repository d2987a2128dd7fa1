"""The read log: who looked at whose record, why and when, chained so that a changed or missing line shows."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from contracts.event import SLUG
from fastapi import Depends, Header, Path, Request
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    event,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import Session

from chassis.database import Transaction
from chassis.identity import Actor, Now, requires
from chassis.routes import before_anything

metadata = MetaData()
BEGINNING = bytes(32)

read_log = Table(
    "read_log",
    metadata,
    # Given by hand: a sequence leaves gaps where a transaction was taken back, and a gap must mean a missing line.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Uuid, nullable=False, index=True),
    Column("actor", Uuid, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("emergency", Boolean, nullable=False),
    Column("reason", LargeBinary),
    Column("read_at", DateTime(timezone=True), nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""One line per look. `reason` is sealed: it is free text about somebody. `hash` covers the line and the one before."""
_LAST = select(read_log.c.id, read_log.c.hash).order_by(read_log.c.id.desc()).limit(1)
_NEXT = insert(read_log).on_conflict_do_nothing().returning(read_log.c.id)
_REST = insert(read_log)


@dataclass(frozen=True)
class Look:
    """Somebody looked at a record."""

    by: Actor
    purpose: str
    at: datetime
    emergency: bool = False
    reason: bytes | None = None


def note(session: Session, subject: UUID, look: Look) -> None:
    """Notes a look, to be written with the commit. If the reader's transaction is taken back nothing was shown."""
    note_all(session, [subject], look)


def note_all(session: Session, subjects: Sequence[UUID], look: Look) -> None:
    """Notes one look for each record that a list showed."""
    session.info.setdefault("looks", []).extend((subject, look) for subject in subjects)


@event.listens_for(Session, "before_commit")
def write(session: Session) -> None:
    """Writes what was noted. As late as can be: whoever looks at another record waits from here to the commit."""
    if not (noted := session.info.pop("looks", ())):
        return
    lines = _lines(session, noted)
    # Each line covers the one before. Whoever comes second waits at the first line's number, and counts on from there.
    while session.scalar(_NEXT, lines[0]) is None:
        lines = _lines(session, noted)
    if lines[1:]:
        session.execute(_REST, lines[1:])


def _lines(session: Session, noted: Sequence[tuple[UUID, Look]]) -> list[dict[str, Any]]:
    (number, before), lines = head(session), []
    for subject, look in noted:
        number += 1
        line = {
            "id": number,
            "subject": subject,
            "actor": look.by.id,
            "roles": sorted(look.by.roles),
            "purpose": look.purpose,
            "emergency": look.emergency,
            "reason": look.reason,
            "read_at": look.at,
        }
        before = _chained(session, before, line)
        lines.append({**line, "hash": before})
    return lines


@dataclass(frozen=True)
class Damage:
    """Lines of the log that are not what was written."""

    first: int
    last: int
    missing: bool
    """Gone; otherwise changed, put in or moved."""


def damage(session: Session, sealed: tuple[int, bytes] = (0, BEGINNING)) -> list[Damage]:
    """Where the log is not what was written; `sealed` is a head that was kept elsewhere.

    A line that stands right after missing ones cannot be checked by itself: what it rests on is gone.
    """
    write(session)
    found: list[Damage] = []
    # Both what stands there and what should: then a hash that was changed is one damage, not two.
    before: tuple[bytes, ...] = (BEGINNING,)
    due = 1
    lines = select(read_log).order_by(read_log.c.id).execution_options(yield_per=1000)
    for row in session.execute(lines).mappings():
        line = {name: row[name] for name in row if name != "hash"}
        hashes = [_chained(session, last, line) for last in before]
        if row["id"] > due:
            _add(found, due, row["id"] - 1, missing=True)
            hashes = [row["hash"]]
        agrees = any(hmac.compare_digest(hash, row["hash"]) for hash in hashes)
        if not agrees or (row["id"] == sealed[0] and not hmac.compare_digest(row["hash"], sealed[1])):
            _add(found, row["id"], row["id"], missing=False)
        before, due = (row["hash"],) if agrees else (row["hash"], hashes[0]), row["id"] + 1
    if sealed[0] >= due:
        _add(found, due, sealed[0], missing=True)
    return found


def _add(found: list[Damage], first: int, last: int, *, missing: bool) -> None:
    if found and found[-1].missing == missing and found[-1].last == first - 1:
        first = found.pop().first
    found.append(Damage(first, last, missing))


def head(session: Session) -> tuple[int, bytes]:
    """How many lines there are and what the last one's hash is: kept elsewhere, it shows that the end was cut off."""
    write(session)
    row = session.execute(_LAST).one_or_none()
    return (row.id, row.hash) if row else (0, BEGINNING)


def looks_at(session: Session, *subjects: UUID) -> list[Any]:
    """Everybody who looked at a record, oldest first."""
    write(session)
    return list(session.execute(select(read_log).where(read_log.c.subject.in_(subjects)).order_by(read_log.c.id)))


Purpose = Annotated[str, Header(alias="jembatan-purpose", pattern=SLUG, max_length=40)]
"""Why somebody looks, as every look must say."""


def looks(path_parameter: str, *roles: StrEnum) -> Any:
    """Who reads the record named in the path, and why: `look: Annotated[Look, looks("person", Role.REGISTRAR)]`.

    The look is in the log, by the request's own transaction, before anything is shown. A service that closes records
    to ordinary looks says so by `Service.readable`.
    """

    async def looked(
        # Not `purpose`: a route whose path has a part of that name would be given that.
        request: Request,
        subject: Annotated[UUID, Path(alias=path_parameter)],
        session: Transaction,
        by: Annotated[Actor, requires(*roles)],
        at: Now,
        looked_for: Purpose,
    ) -> Look:
        look = Look(by, looked_for, at)
        if readable := request.app.state.readable:
            before_anything(session, lambda: readable(session, subject, look))
        note(session, subject, look)
        return look

    # The architecture tests read it: a route that shows a record without it would be unseen.
    looked.__dict__["logs"] = path_parameter
    return Depends(looked)


def looks_over(*roles: StrEnum) -> Any:
    """Who looks over a list, and why. The route notes it for each record that it shows, by `note_all`."""

    async def looked(by: Annotated[Actor, requires(*roles)], at: Now, looked_for: Purpose) -> Look:
        return Look(by, looked_for, at)

    return Depends(looked)


def _chained(session: Session, before: bytes, line: dict[str, Any]) -> bytes:
    # Keyed, so that whoever can write to the database alone cannot mend the chain after a change.
    key = session.info["log_key"]
    said = json.dumps({name: _said(value) for name, value in line.items()}, sort_keys=True).encode()
    return hmac.digest(key, before + said, hashlib.sha256)


def _said(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.timestamp()
        case bytes():
            return value.hex()
    return value
