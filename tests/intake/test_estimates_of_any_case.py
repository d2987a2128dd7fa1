"""Whatever the case: rules that hold for every sentence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from contracts.vocabulary import Answer, LegalStatus, Right
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake.model.cases import Case, Remission, Sentence
from intake.model.estimates import Estimate, Possibility, Source, estimate
from intake.model.regulations import Category, load
from intake.model.terms import Term
from intake.queries.regulations import by_religion

RULES = load()
ALL_FACTS = sorted({fact for rules in RULES for fact in rules.facts})
WELL = dict.fromkeys(ALL_FACTS, Answer.YES)
REMISSIONS = (Right.REMISI_UMUM, Right.REMISI_KHUSUS, Right.REMISI_TAMBAHAN)
INTEGRATION = (Right.ASIMILASI, Right.PB, Right.CB, Right.CMB)
answers = st.sampled_from(Answer)
sentences = st.builds(
    Sentence,
    st.builds(Term, st.integers(0, 48), st.integers(0, 29)),
    st.sampled_from([Category.GENERAL, *Category]),
    life=st.sampled_from([False] * 19 + [True]),
    subsidiary=st.builds(Term, st.sampled_from([0, 0, 2, 6])),
)
moments = st.one_of(
    st.sampled_from([date(2024, 8, 17), date(2024, 12, 25), date(2025, 8, 17)]),
    st.dates(date(2023, 1, 1), date(2026, 12, 31)),
)
remissions = st.builds(
    Remission, st.sampled_from(REMISSIONS), st.builds(Term, st.integers(0, 8), st.sampled_from([0, 15])), moments
)
facts = st.lists(answers, min_size=len(ALL_FACTS), max_size=len(ALL_FACTS)).map(
    lambda a: dict(zip(ALL_FACTS, a, strict=True))
)
cases = st.builds(
    Case,
    legal_status=st.sampled_from([LegalStatus.NARAPIDANA] * 9 + [LegalStatus.TAHANAN]),
    detained_since=st.dates(date(2021, 1, 1), date(2025, 12, 31)),
    sentences=st.lists(sentences, min_size=1, max_size=3).map(tuple),
    remissions=st.lists(remissions, max_size=3).map(tuple),
    register_f=st.one_of(st.none(), st.lists(moments, max_size=3).map(tuple)),
    facts=st.one_of(st.just(WELL), st.just(WELL), facts),
    religion=st.sampled_from([None, "islam", "kristen", "hindu"]),
    assimilated_since=st.one_of(st.none(), moments),
)
often = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def expiry(found: Estimate) -> date | None:
    return next((day.on for day in found.key_days if day.name == "expiry"), None)


def out_on(found: Estimate) -> date | None:
    """The day from which the person may be outside: by this right, or because the sentence is over."""
    return found.earliest_on or expiry(found)


def pairs(one: Case, other: Case, on: date) -> Iterator[tuple[Estimate, Estimate]]:
    yield from zip(estimate(one, RULES, on), estimate(other, RULES, on), strict=True)


@often
@given(cases, remissions, moments)
def test_adding_a_remission_moves_no_date_later(case: Case, more: Remission, on: date) -> None:
    more = replace(more, granted_on=min(more.granted_on, on))
    given_so_far = sorted((r.granted_on, r.term) for r in case.remissions if r.granted_on <= on)
    stays_last = not given_so_far or (more.granted_on, more.term) <= given_so_far[-1]
    for old, new in pairs(case, replace(case, remissions=(*case.remissions, more)), on):
        for was, now in zip(old.key_days, new.key_days, strict=True):
            assert now.on <= was.on
        # CMB is as long as the *last* remission: a newer and smaller one shortens it (its own test says so).
        shortened = old.right is Right.CMB and not stays_last and more.term < given_so_far[-1][1]
        over = (end := expiry(new)) is not None and end <= on
        if (was_out := out_on(old)) and (now_out := out_on(new)) and not shortened and not over:
            assert now_out <= was_out


@often
@given(cases, st.integers(0, 2), st.builds(Term, st.integers(0, 3), st.integers(0, 29)), moments)
def test_enlarging_a_remission_moves_no_date_later(case: Case, which: int, by: Term, on: date) -> None:
    larger = tuple(
        replace(r, term=r.term + by) if n == which % len(case.remissions) else r for n, r in enumerate(case.remissions)
    )
    for old, new in pairs(case, replace(case, remissions=larger), on):
        over = (end := expiry(new)) is not None and end <= on
        if (was_out := out_on(old)) and (now_out := out_on(new)) and not over:
            assert now_out <= was_out


@often
@given(cases, st.lists(moments, max_size=2), moments, moments)
def test_a_breach_moves_no_date_earlier(case: Case, breaches: list[date], breach: date, on: date) -> None:
    on, case = max(on, breach, *breaches), replace(case, register_f=tuple(breaches))
    worse = replace(case, register_f=(*breaches, breach))
    for old, new in pairs(case, worse, on):
        assert [day.on for day in old.key_days] == [day.on for day in new.key_days]
        if old.earliest_on is None:
            assert new.earliest_on is None
        elif new.earliest_on:
            assert new.earliest_on >= old.earliest_on


@often
@given(cases, moments)
def test_dates_stand_in_order(case: Case, on: date) -> None:
    for found in estimate(case, RULES, on):
        order = [day.on for day in found.key_days]
        assert [day.name for day in found.key_days] == (["start", "half", "two_thirds", "expiry"] if order else [])
        assert order == sorted(order)
        assert all(reason.from_on >= case.detained_since for reason in found.reasons if reason.from_on)
        if found.earliest_on:
            assert case.detained_since <= found.earliest_on <= order[-1]
        if found.possible in (Possibility.NOW, Possibility.FROM_DATE):
            assert found.earliest_on
            assert (found.possible is Possibility.NOW) is (found.earliest_on <= on)
        if found.possible is Possibility.NOT_POSSIBLE:
            assert found.earliest_on is None
            assert any(reason.met is Answer.NO for reason in found.reasons)


WRITTEN = {
    (rules.id, rules.version, rules.number, entry.clause)
    for rules in RULES
    for entry in (
        *rules.key_dates,
        *rules.holy_days,
        *rules.documents,
        *rules.services,
        *rules.rules,
        *(condition for rule in rules.rules for condition in rule.conditions),
        *(part for rule in rules.rules for part in (rule.leave, rule.award) if part),
    )
}


@often
@given(cases, moments)
def test_every_date_and_every_reason_names_a_clause_that_is_in_the_data(case: Case, on: date) -> None:
    for found in estimate(case, RULES, on):
        assert found.reasons and found.way
        said: list[Source] = [r.source for r in found.reasons] + [d.source for d in found.key_days]
        said += [paper.source for paper in found.missing_documents] + [found.way.source]
        for source in said:
            assert source[:4] in WRITTEN
            assert source.confirmed or source.note


@often
@given(cases, st.randoms(use_true_random=False), moments)
def test_the_order_in_which_things_were_recorded_does_not_matter(case: Case, shuffle: Any, on: date) -> None:
    def mixed(things: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(shuffle.sample(things, len(things)))

    again = replace(
        case,
        remissions=mixed(case.remissions),
        register_f=None if case.register_f is None else mixed(case.register_f),
    )
    assert estimate(case, RULES, on) == estimate(again, RULES, on)


@often
@given(cases, st.sets(st.sampled_from([*ALL_FACTS, "register_f", "religion"]), min_size=1, max_size=4), moments)
def test_what_is_said_without_knowing_is_also_said_by_whoever_knows(case: Case, forget: set[str], on: date) -> None:
    less = replace(
        case,
        facts={fact: answer for fact, answer in case.facts.items() if fact not in forget},
        register_f=None if "register_f" in forget else case.register_f,
        religion=None if "religion" in forget else case.religion,
    )
    for knows, guesses in pairs(case, less, on):
        assert guesses.possible in (Possibility.UNKNOWN, knows.possible)
        if guesses.possible is not Possibility.UNKNOWN:
            assert guesses.earliest_on == knows.earliest_on
        if guesses.earliest_on and knows.earliest_on:
            assert guesses.earliest_on <= knows.earliest_on


@often
@given(cases, moments)
def test_a_religion_changes_nothing_where_it_is_not_opened(case: Case, on: date) -> None:
    others = [right for right in Right if right not in by_religion()]
    assert 0 < len(others) < len(Right)
    assert estimate(case, RULES, on, others) == estimate(replace(case, religion=None), RULES, on, others)


@often
@given(cases, moments, st.integers(1, 400), remissions)
def test_what_happens_later_changes_no_earlier_answer(case: Case, on: date, wait: int, more: Remission) -> None:
    later = on + timedelta(days=wait)
    known = replace(
        case,
        remissions=(*case.remissions, replace(more, granted_on=later)),
        register_f=None if case.register_f is None else (*case.register_f, later),
        assimilated_since=case.assimilated_since or later,
    )
    assert estimate(case, RULES, on) == estimate(known, RULES, on)


@often
@given(cases, moments, st.integers(1, 400))
def test_the_days_of_past_facts_stay_when_a_day_goes_by(case: Case, on: date, wait: int) -> None:
    on = max(on, date(2022, 8, 3))  # from when the same regulations have answered
    past = replace(
        case,
        remissions=tuple(r for r in case.remissions if r.granted_on <= on),
        register_f=None if case.register_f is None else tuple(d for d in case.register_f if d <= on),
        assimilated_since=case.assimilated_since if (case.assimilated_since or on) <= on else None,
    )
    later = estimate(past, RULES, on + timedelta(days=wait))
    for now, then in zip(estimate(past, RULES, on), later, strict=True):
        assert now.key_days == then.key_days
        if now.right in INTEGRATION and then.earliest_on:
            assert then.earliest_on == now.earliest_on
