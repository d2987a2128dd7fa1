"""What was withdrawn stays shut, in whatever order and however often the news arrives."""

import contextlib
from collections.abc import Iterator
from uuid import uuid4

import pytest
from chassis import gate
from chassis.database import Database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session
from support import Rutan

# A consent is given, withdrawn, given again …: epoch n is opened, then closed, and only then n + 1 is opened.
histories = st.integers(1, 5).flatmap(lambda last: st.tuples(st.just(last), st.booleans()))
deliveries = histories.flatmap(
    lambda history: st.tuples(st.just(history), st.lists(st.sampled_from(said(*history)), max_size=15))
)


def said(last: int, withdrawn: bool) -> list[tuple[str, int]]:
    """Everything that intake said, in order."""
    pairs = [(word, epoch) for epoch in range(1, last + 1) for word in ("given", "withdrawn")]
    return pairs if withdrawn else pairs[:-1]


@pytest.fixture
def database(rutan: Rutan) -> Database:
    return rutan.database("assessment")


@contextlib.contextmanager
def after(database: Database, heard: list[tuple[str, int]]) -> Iterator[Session]:
    """A transaction in which all this was heard of one person, at last undone."""
    with Session(database.engine) as session:
        for word, epoch in heard:
            note = gate.open_gate if word == "given" else gate.close_gate
            note(session, PERSON, "assessment", None, epoch)
        yield session
        session.rollback()


PERSON = uuid4()
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@unhurried
@given(deliveries)
def test_a_withdrawal_that_was_heard_is_never_overtaken(
    database: Database, delivered: tuple[tuple[int, bool], list[tuple[str, int]]]
) -> None:
    _, heard = delivered
    withdrawn = max([epoch for word, epoch in heard if word == "withdrawn"], default=0)
    with after(database, heard) as session:
        standing = gate.standing_epoch(session, PERSON, "assessment")
        assert standing is None or standing > withdrawn
        for epoch in range(1, 7):
            passes = gate.still_passes(session, PERSON, "assessment", None, epoch)
            assert passes == (epoch > withdrawn)


@unhurried
@given(histories.flatmap(lambda h: st.tuples(st.just(h), st.permutations(said(*h) * 2))))
def test_once_everything_was_heard_its_order_did_not_matter(
    database: Database, delivered: tuple[tuple[int, bool], list[tuple[str, int]]]
) -> None:
    (last, withdrawn), heard = delivered
    with after(database, heard) as session:
        assert gate.standing_epoch(session, PERSON, "assessment") == (None if withdrawn else last)


def test_a_gate_is_one_persons_for_one_purpose_and_one_recipient(database: Database) -> None:
    with after(database, [("given", 1)]) as session:
        assert gate.standing_epoch(session, PERSON, "assessment") == 1
        assert gate.standing_epoch(session, uuid4(), "assessment") is None
        assert gate.standing_epoch(session, PERSON, "programme") is None
        assert gate.standing_epoch(session, PERSON, "assessment", "mitra") is None
