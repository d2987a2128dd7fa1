"""Looking up who looked at a person's record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.readlog import read_log, write
from sqlalchemy import func, select
from sqlmodel import Session

PAGE = 25


@dataclass(frozen=True)
class Looked:
    """One page of the read log's lines, the latest first, and how many there are."""

    lines: Sequence[Any]
    count: int


def looked_at(session: Session, entries: Sequence[UUID], page: int) -> Looked:
    """Who looked at any entry of a person. Somebody who is long inside was looked at thousands of times."""
    write(session)
    theirs = read_log.c.subject.in_(entries)
    lines = select(read_log).where(theirs).order_by(read_log.c.id.desc())
    count = session.execute(select(func.count()).select_from(read_log).where(theirs)).scalar_one()
    return Looked(session.execute(lines.offset((page - 1) * PAGE).limit(PAGE)).all(), count)
