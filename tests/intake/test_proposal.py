from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.errors import DomainError
from contracts.intake import BoardAdvice, BoardAdvised, RightDecided, RightProposed, RightRevoked
from contracts.vocabulary import LegalStatus, Right, Sex
from hypothesis import given
from hypothesis import strategies as st
from intake.model.cases import Case, Sentence
from intake.model.days import Deadline, due
from intake.model.estimates import estimate
from intake.model.people import Person
from intake.model.regulations import load
from intake.model.rights import AdviceReason, Proposal, ProposalState, RightNotPossible
from intake.model.terms import Term
from intake.queries.rights import told

from contracts import Event

BEGAN = datetime(2026, 3, 2, 3, tzinfo=UTC)
AT = datetime(2026, 9, 1, 3, tzinfo=UTC)
BY = UUID(int=1)
SOMEBODY = Person(
    id=uuid4(),
    site="oz",
    sex=Sex.FEMALE,
    legal_status=LegalStatus.NARAPIDANA,
    inside=True,
    registered_at=BEGAN,
    registered_by=BY,
)
RULES = load()
CASE = Case(LegalStatus.NARAPIDANA, date(2025, 3, 3), (Sentence(Term(24)),))
[PB] = [found for found in estimate(CASE, RULES, BEGAN.date()) if found.right == "pb"]
STEPS = ("complete", "recommended", "not_recommended", "postponed", "send", "grant", "refuse", "revoke", "withdraw")
NEXT = {
    ProposalState.PROPOSED: {"complete", "withdraw"},
    ProposalState.COMPLETE: {"recommended", "not_recommended", "postponed", "withdraw"},
    ProposalState.ADVISED: {"send", "withdraw"},
    ProposalState.SENT: {"grant", "refuse", "withdraw"},
    ProposalState.DECIDED: {"revoke"},
    ProposalState.NOT_RECOMMENDED: set[str](),
    ProposalState.REVOKED: set[str](),
    ProposalState.WITHDRAWN: set[str](),
}
TELLS = {"grant": RightDecided, "refuse": RightDecided, "revoke": RightRevoked} | dict.fromkeys(
    ("recommended", "not_recommended", "postponed"), BoardAdvised
)


def a_proposal(**known: Any) -> Proposal:
    return Proposal(
        id=uuid4(),
        site="oz",
        person=uuid4(),
        right=known.pop("right", Right.PB),
        wanted_by_person_on=BEGAN.date(),
        basis=told(PB).model_dump(mode="json"),
        proposed_at=BEGAN,
        proposed_by=BY,
        **known,
    )


def take(proposal: Proposal, step: str, on: date, at: datetime = AT) -> Event | None:
    """One step, and what it tells."""
    match step:
        case "complete":
            proposal.complete([], on, by=BY, at=at)
        case "send":
            proposal.send(on, by=BY, at=at)
        case "grant" | "refuse":
            return proposal.decide(step == "grant", on, by=BY, at=at)
        case "revoke":
            return proposal.revoke(on, by=BY, at=at)
        case "withdraw":
            proposal.withdraw(on, by=BY, at=at)
        case _:
            return proposal.advise(BoardAdvice(step), [AdviceReason.CONDUCT], on, at)
    return None


def dates(proposal: Proposal) -> list[date]:
    every = (
        proposal.wanted_by_person_on,
        proposal.completed_on,
        proposal.advised_on,
        proposal.sent_on,
        proposal.decided_on,
        proposal.revoked_on,
    )
    return [on for on in every if on]


# Mostly what comes next and a day or more later, or the end would never be reached; and anything else as well.
onwards = st.tuples(st.integers(0, 3), st.integers(0, 3))
anything = st.tuples(st.sampled_from(STEPS), st.integers(-5, 5))


@given(st.lists(st.one_of(onwards, onwards, anything), max_size=14))
def test_only_lawful_steps_are_taken_in_the_order_of_their_days_and_each_is_told_once(
    tried: list[tuple[str | int, int]],
) -> None:
    proposal = a_proposal()
    heard: list[Event] = []
    on = BEGAN.date()
    for chosen, days in tried:
        before, was = proposal.state, proposal.model_dump()
        lawful = sorted(NEXT[before] - {"withdraw"}) or ["withdraw"]
        step = chosen if isinstance(chosen, str) else lawful[chosen % len(lawful)]
        on = max(on, BEGAN.date()) + timedelta(days=days)
        try:
            event = take(proposal, step, on)
        except DomainError:
            assert proposal.model_dump() == was
            continue
        if proposal.model_dump() != was:
            assert step in NEXT[before]
            assert type(event) is TELLS.get(step, type(None))
        else:
            assert event is None or step == "postponed"
        heard += [event] if event else []
        assert dates(proposal) == sorted(dates(proposal))
        assert proposal.granted is None or proposal.sent_on
        assert proposal.sent_on is None or proposal.advised_on
        assert proposal.advised_on is None or proposal.completed_on
    kinds = [type(event) for event in heard]
    assert kinds.count(RightDecided) == (proposal.decided_on is not None)
    assert kinds.count(RightRevoked) == (proposal.revoked_on is not None)
    final = [e for e in heard if isinstance(e, BoardAdvised) and e.advice is not BoardAdvice.POSTPONED]
    assert len(final) == (proposal.advised_on is not None)


@given(st.sampled_from(("withdraw", "complete")), st.lists(st.sampled_from(STEPS), max_size=4))
def test_a_step_that_was_taken_changes_nothing_when_it_is_repeated(first: str, then: list[str]) -> None:
    proposal, on = a_proposal(), BEGAN.date()
    take(proposal, first, on)
    for step in then:
        try:
            take(proposal, step, on)
        except DomainError:
            continue
        was = proposal.model_dump()
        if step in ("complete", "send", "grant", "refuse", "revoke", "withdraw"):
            assert take(proposal, step, on) is None
        assert proposal.model_dump() == was


@given(st.integers(1, 30), st.integers(0, 700))
def test_what_is_proposed_is_never_what_the_engine_rules_out(months: int, served: int) -> None:
    case = Case(LegalStatus.NARAPIDANA, BEGAN.date() - timedelta(days=served), (Sentence(Term(months)),))
    for found in estimate(case, RULES, BEGAN.date()):
        proposal = a_proposal(right=found.right)
        if found.possible.value == "not_possible":
            with pytest.raises(RightNotPossible):
                proposal.propose(SOMEBODY, found, None)
        else:
            assert isinstance(proposal.propose(SOMEBODY, found, None), RightProposed)


@pytest.mark.parametrize(
    ("since", "days", "day"),
    [
        (date(2026, 6, 5), 7, date(2026, 6, 17)),  # a weekend each, and 1 Muharam
        (date(2026, 3, 13), 7, date(2026, 3, 31)),  # Nyepi and Idulfitri with their collective leave
        (date(2029, 12, 24), 5, date(2029, 12, 31)),  # no decree yet: weekends only
    ],
)
def test_working_days_leave_out_weekends_and_the_joint_decree_s_holidays(since: date, days: int, day: date) -> None:
    assert due(since, days) == day


def test_a_stage_is_late_after_its_last_working_day_and_unknown_without_a_standard() -> None:
    since, last = date(2026, 6, 5), date(2026, 6, 17)
    assert Deadline.of(since, 7, None, last) == (last, False)
    assert Deadline.of(since, 7, None, last + timedelta(days=1)) == (last, True)
    assert Deadline.of(since, 7, last, date(2026, 12, 1)) == (last, False)
    assert Deadline.of(since, None, None, last) == Deadline.of(None, 7, None, last) == (None, None)


def test_a_stage_that_a_withdrawal_ended_lasted_until_then() -> None:
    proposal = a_proposal()
    take(proposal, "complete", date(2026, 6, 5))
    take(proposal, "recommended", date(2026, 6, 12))
    take(proposal, "withdraw", date(2026, 6, 18))
    assert proposal.deadlines(date(2026, 6, 30)) == ((date(2026, 6, 17), True), (None, None))


def test_the_rutan_s_days_run_from_the_complete_papers_and_the_kanwil_s_from_the_sending() -> None:
    proposal, today = a_proposal(), date(2026, 6, 30)
    assert proposal.deadlines(today) == ((None, None), (None, None))
    take(proposal, "complete", date(2026, 6, 5))
    assert proposal.deadlines(today) == ((date(2026, 6, 17), True), (None, None))
    take(proposal, "recommended", date(2026, 6, 12))
    take(proposal, "send", date(2026, 6, 15))
    assert proposal.deadlines(today) == ((date(2026, 6, 17), False), (date(2026, 6, 25), True))
    take(proposal, "grant", date(2026, 6, 24))
    assert proposal.deadlines(today) == ((date(2026, 6, 17), False), (date(2026, 6, 25), False))
