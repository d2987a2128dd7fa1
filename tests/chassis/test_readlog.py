"""The read log shows what was done to it, and where."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from chassis import readlog
from chassis.identity import Actor
from chassis.readlog import Damage, Look
from sqlalchemy import text
from sqlmodel import Session
from support import Rutan

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
LINES = 8


@pytest.fixture
def session(rutan: Rutan) -> Iterator[Session]:
    """A log of eight looks."""
    with rutan.database("intake").transaction() as session:
        for n in range(LINES):
            note(session, uuid4(), AT + timedelta(minutes=n))
        readlog.write(session)
        yield session


def note(session: Session, subject: UUID, at: datetime = AT) -> None:
    readlog.note(session, subject, Look(Actor(uuid4(), "oz", frozenset({"registrar", "head"})), "service", at))


def test_an_untouched_log_is_whole(session: Session) -> None:
    assert readlog.damage(session, readlog.head(session)) == []


TOUCHED: dict[str, tuple[tuple[str, ...], list[Damage]]] = {
    "a line was changed": (("update read_log set purpose = 'visit' where id = 4",), [Damage(4, 4, missing=False)]),
    "the first was changed": (("update read_log set emergency = true where id = 1",), [Damage(1, 1, missing=False)]),
    "a time was moved": (
        ("update read_log set read_at = read_at + interval '1 microsecond' where id = 8",),
        [Damage(8, 8, missing=False)],
    ),
    "a hash was changed": (("update read_log set hash = '\\x00' where id = 4",), [Damage(4, 4, missing=False)]),
    "a line is gone": (("delete from read_log where id = 4",), [Damage(4, 4, missing=True)]),
    "the first are gone": (("delete from read_log where id < 3",), [Damage(1, 2, missing=True)]),
    "the end was cut off": (("delete from read_log where id > 5",), [Damage(6, 8, missing=True)]),
    "all of it is gone": (("delete from read_log",), [Damage(1, 8, missing=True)]),
    "a line was put in at the end": (
        (
            "insert into read_log select 9, subject, actor, roles, purpose, emergency, reason, read_at, hash"
            " from read_log where id = 8",
        ),
        [Damage(9, 9, missing=False)],
    ),
    "a line was put in the place of another": (
        (
            "delete from read_log where id = 4",
            "insert into read_log select 4, subject, actor, roles, purpose, emergency, reason, read_at, hash"
            " from read_log where id = 3",
        ),
        # What rests on a line that is not there any more cannot be told apart from it.
        [Damage(4, 5, missing=False)],
    ),
    "two changed what they say": (
        (
            "update read_log mine set actor = other.actor from read_log other"
            " where (mine.id, other.id) in ((4, 5), (5, 4))",
        ),
        [Damage(4, 5, missing=False)],
    ),
    "two changed places": (
        (
            "update read_log set id = 99 where id = 4",
            "update read_log set id = 4 where id = 5",
            "update read_log set id = 5 where id = 99",
        ),
        [Damage(4, 6, missing=False)],
    ),
    "one was changed and another is gone": (
        ("update read_log set purpose = 'visit' where id = 2", "delete from read_log where id = 6"),
        [Damage(2, 2, missing=False), Damage(6, 6, missing=True)],
    ),
}


@pytest.mark.parametrize("what", TOUCHED)
def test_whatever_was_done_to_the_log_shows_and_where(session: Session, what: str) -> None:
    sealed = readlog.head(session)
    statements, found = TOUCHED[what]
    for statement in statements:
        session.execute(text(statement))
    assert readlog.damage(session, sealed) == found


def test_whoever_mends_the_hashes_without_the_key_is_seen_from_the_changed_line_on(session: Session) -> None:
    session.execute(text("update read_log set purpose = 'visit' where id = 4"))
    before = session.execute(text("select hash from read_log where id = 3")).scalar_one()
    for id in range(4, LINES + 1):
        before = sha256(bytes(before) + b"visit").digest()
        session.execute(text("update read_log set hash = :hash where id = :id"), {"hash": before, "id": id})
    assert readlog.damage(session) == [Damage(4, LINES, missing=False)]


def test_a_log_that_was_written_anew_with_its_key_still_differs_from_what_was_kept_elsewhere(session: Session) -> None:
    sealed = readlog.head(session)
    session.execute(text("delete from read_log"))
    for _ in range(LINES):
        note(session, uuid4())
    assert readlog.damage(session) == []
    assert readlog.damage(session, sealed) == [Damage(LINES, LINES, missing=False)]


def test_another_key_verifies_nothing(session: Session) -> None:
    session.info["log_key"] = b"another"
    assert readlog.damage(session) == [Damage(1, LINES, missing=False)]


def test_a_look_that_was_taken_back_leaves_no_gap(rutan: Rutan) -> None:
    with rutan.database("intake").transaction() as session:
        note(session, uuid4())
        assert readlog.head(session)[0] == 1
        with session.begin_nested() as taken_back:
            note(session, uuid4())
            assert readlog.head(session)[0] == 2
            taken_back.rollback()
        note(session, uuid4())
        assert readlog.head(session)[0] == 2
        assert readlog.damage(session) == []


def test_whoever_looks_at_one_record_keeps_nobody_waiting_who_looks_at_another(rutan: Rutan) -> None:
    database = rutan.database("intake")
    with database.transaction() as slow:
        note(slow, uuid4())
        with database.transaction() as quick:
            quick.execute(text("set local lock_timeout = '5s'"))
            note(quick, uuid4())
    with database.transaction() as session:
        assert readlog.head(session)[0] == 2
        assert readlog.damage(session) == []


def test_whoever_writes_at_the_same_time_counts_on_from_the_other(rutan: Rutan) -> None:
    database, subjects = rutan.database("intake"), [uuid4() for _ in range(60)]

    def look_at_three(first: int) -> None:
        with database.transaction() as session:
            for subject in subjects[first : first + 3]:
                note(session, subject)

    with ThreadPoolExecutor(8) as readers:
        list(readers.map(look_at_three, range(0, len(subjects), 3)))
    with database.transaction() as session:
        assert {line.subject for line in readlog.looks_at(session, *subjects)} == set(subjects)
        assert readlog.head(session)[0] == len(subjects)
        assert readlog.damage(session) == []
