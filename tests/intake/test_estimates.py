from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from contracts.vocabulary import Answer, LegalStatus, Right
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake.model.cases import Case, Remission, Sentence
from intake.model.estimates import LABEL, Estimate, Possibility, Source, estimate
from intake.model.regulations import Category, load
from intake.model.terms import Term, after, before

RULES = load()
START = date(2026, 3, 2)
SOON = date(2026, 3, 20)
ALL_FACTS = sorted({fact for rules in RULES for fact in rules.facts})
WELL = dict.fromkeys(ALL_FACTS, Answer.YES)
INTEGRATION = (Right.ASIMILASI, Right.PB, Right.CB, Right.CMB)
REMISSIONS = (Right.REMISI_UMUM, Right.REMISI_KHUSUS, Right.REMISI_TAMBAHAN)


def a_case(term: Term | None = None, category: Category = Category.GENERAL, **known: Any) -> Case:
    fields: dict[str, Any] = {
        "legal_status": LegalStatus.NARAPIDANA,
        "detained_since": START,
        "sentences": (Sentence(term or Term(36), category),),
        "register_f": (),
        "facts": WELL,
        "religion": "kristen",
    }
    return Case(**fields | known)


def of(case: Case, right: Right, on: date = SOON) -> Estimate:
    return next(e for e in estimate(case, RULES, on) if e.right is right)


def met(found: Estimate, part_of_the_text: str) -> Answer:
    return next(r.met for r in found.reasons if part_of_the_text in r.text)


# The arithmetic of terms.


def test_a_fraction_counts_months_of_thirty_days_and_never_shortens() -> None:
    assert Term(19).part(2, 3) == Term(12, 20)
    assert Term(13, 15).part(2, 3) == Term(9)
    assert Term(0, 10).part(2, 3) == Term(0, 7)
    assert Term(0, 45) == Term(1, 15)
    assert str(Term(12, 20)) == "12 bulan 20 hari"


def test_a_term_from_the_end_of_january_ends_where_february_lets_it() -> None:
    start = date(2026, 1, 31)
    assert after(start, Term(1)) == date(2026, 2, 28)
    assert after(start, Term(0, 29)) == date(2026, 2, 28)
    assert after(start, Term(1, 1)) == date(2026, 3, 1)


terms = st.builds(Term, st.integers(0, 240), st.integers(0, 29))
days = st.builds(
    lambda year, month, before_its_end: date(year, month, 1) - timedelta(days=before_its_end),
    st.integers(2018, 2030),
    st.integers(1, 12),
    st.integers(1, 28),
)


@settings(max_examples=2000, deadline=None)
@given(days, terms, terms)
def test_a_longer_term_never_ends_earlier(start: date, shorter: Term, more: Term) -> None:
    longer = shorter + more
    day_by_day = [after(start, shorter + Term(days=n)) for n in range(32)]
    assert day_by_day == sorted(day_by_day)
    assert start <= after(start, shorter.part(2, 3)) <= after(start, shorter) <= after(start, longer)
    assert longer.less(shorter) == more
    assert not shorter.less(longer)


@settings(max_examples=2000, deadline=None)
@given(days, terms)
def test_what_begins_at_the_earliest_day_lasts_until_the_end_and_a_day_earlier_would_be_longer(
    end: date, term: Term
) -> None:
    first = before(end, term)
    assert after(first, term) >= end
    assert after(first - timedelta(days=1), term) < end


# The vectors of the law.


@pytest.mark.parametrize(
    ("term", "pb", "cb"),
    [
        (Term(12), None, Term(8)),
        (Term(13, 15), Term(9), Term(9)),
        (Term(18), Term(12), Term(12)),
        (Term(19), Term(12, 20), None),
        (Term(24), Term(16), None),
    ],
    ids=["12 m: PB no, CB yes", "13 m 15 d: PB at 9 m", "18 m: both", "19 m: PB only", "24 m: PB at 16 m, not 18"],
)
def test_pb_needs_two_thirds_of_nine_months_and_cb_a_sentence_up_to_eighteen(
    term: Term, pb: Term | None, cb: Term | None
) -> None:
    for right, served in ((Right.PB, pb), (Right.CB, cb)):
        found = of(a_case(term), right)
        assert found.earliest_on == (after(START, served) if served else None)
        assert found.possible is (Possibility.FROM_DATE if served else Possibility.NOT_POSSIBLE)


@pytest.mark.parametrize("never", [Sentence(Term(), life=True), Sentence(Term(), death=True)], ids=["life", "death"])
def test_whoever_is_sentenced_to_life_or_death_has_none(never: Sentence) -> None:
    case = a_case(sentences=(never, Sentence(Term(24))))
    for found in estimate(case, RULES, date(2028, 8, 17)):
        assert (found.possible, found.earliest_on) == (Possibility.NOT_POSSIBLE, None)
        assert met(found, "seumur hidup") is Answer.NO
        assert found.key_days == ()


def test_from_its_day_on_a_right_can_be_proposed() -> None:
    day = after(START, Term(24))
    assert of(a_case(), Right.PB, day - timedelta(days=1)).possible is Possibility.FROM_DATE
    assert of(a_case(), Right.PB, day).possible is Possibility.NOW


def test_asimilasi_is_at_a_half_and_for_special_offences_at_two_thirds() -> None:
    assert of(a_case(), Right.ASIMILASI).earliest_on == after(START, Term(18))
    assert of(a_case(category=Category.TERRORISM), Right.ASIMILASI).earliest_on == after(START, Term(24))


def test_of_two_sentences_the_terms_add_up_and_the_conditions_of_both_count() -> None:
    both = a_case(sentences=(Sentence(Term(12)), Sentence(Term(24), Category.CORRUPTION)))
    assert of(both, Right.ASIMILASI).earliest_on == after(START, Term(24))
    unpaid = replace(both, facts=WELL | {"fines_paid": Answer.NO})
    assert of(unpaid, Right.ASIMILASI).possible is Possibility.NOT_POSSIBLE
    assert "bukti_denda" in {paper.code for paper in of(both, Right.PB).missing_documents}


def test_cmb_is_as_long_as_the_last_remission_and_at_most_six_months() -> None:
    assert of(a_case(), Right.CMB).possible is Possibility.NOT_POSSIBLE
    two = a_case(remissions=(Remission(Right.REMISI_UMUM, Term(2), SOON),))
    assert of(two, Right.CMB).earliest_on == before(after(START, Term(34)), Term(2))
    eight = a_case(remissions=(Remission(Right.REMISI_UMUM, Term(8), SOON),))
    assert of(eight, Right.CMB).earliest_on == before(after(START, Term(28)), Term(6))


def test_a_newer_and_smaller_remission_shortens_cmb_as_the_regulation_says() -> None:
    six = Remission(Right.REMISI_UMUM, Term(6), SOON - timedelta(days=1))
    small = Remission(Right.REMISI_KHUSUS, Term(0, 15), SOON)
    day, later = (of(a_case(remissions=r), Right.CMB).earliest_on for r in ((six,), (six, small)))
    assert day and later and day < later


def test_a_remission_never_takes_pb_away() -> None:
    # Two thirds of what is left are less than nine months, two thirds of the sentence are not.
    case = a_case(Term(13, 15), remissions=(Remission(Right.REMISI_UMUM, Term(1), SOON),))
    assert of(case, Right.PB).earliest_on == after(START, Term(9))


def test_a_breach_of_discipline_begins_the_months_of_good_conduct_again() -> None:
    breach = after(START, Term(23))
    found = of(a_case(register_f=(breach,)), Right.PB, after(START, Term(24)))
    assert found.earliest_on == after(breach, Term(9))
    assert found.possible is Possibility.FROM_DATE
    assert met(found, "Berkelakuan baik") is Answer.NO


def test_a_register_f_that_nobody_looked_at_is_unknown() -> None:
    found = of(a_case(register_f=None), Right.PB)
    assert found.possible is Possibility.UNKNOWN
    assert found.earliest_on == after(START, Term(24))


@pytest.mark.parametrize("fact", ["active_in_programme", "risk_declined", "community_accepts"])
def test_what_is_not_known_is_neither_yes_nor_no(fact: str) -> None:
    for answer, possible in ((Answer.UNKNOWN, Possibility.UNKNOWN), (Answer.NO, Possibility.NOT_POSSIBLE)):
        assert of(a_case(facts=WELL | {fact: answer}), Right.PB).possible is possible


def test_the_decline_of_risk_counts_since_the_law_of_2022() -> None:
    case = a_case(detained_since=date(2020, 1, 6), facts=WELL | {"risk_declined": Answer.NO})
    assert of(case, Right.PB, date(2022, 8, 2)).possible is Possibility.NOW
    assert of(case, Right.PB, date(2022, 8, 3)).possible is Possibility.NOT_POSSIBLE


def test_narcotics_of_five_years_need_asimilasi_over_half_of_what_was_left() -> None:
    case, since = a_case(Term(60), Category.NARCOTICS_5Y), after(START, Term(40))
    assert of(case, Right.PB, since).possible is Possibility.UNKNOWN
    not_yet = replace(case, facts=WELL | {"assimilated": Answer.NO})
    assert of(not_yet, Right.PB, since).possible is Possibility.NOT_POSSIBLE
    late = after(START, Term(60)) - timedelta(days=301)
    known = replace(case, assimilated_since=late)
    assert of(known, Right.PB, late).earliest_on == late + timedelta(days=151)


def test_a_fine_that_is_not_paid_is_served_and_one_nobody_knows_of_leaves_it_open() -> None:
    sentences = (Sentence(Term(36), subsidiary=Term(3)),)

    def pb(answer: Answer) -> Estimate:
        return of(a_case(sentences=sentences, facts=WELL | {"fines_paid": answer}), Right.PB)

    assert pb(Answer.YES).earliest_on == after(START, Term(24))
    assert pb(Answer.NO).earliest_on == after(START, Term(27))
    assert (pb(Answer.UNKNOWN).possible, pb(Answer.UNKNOWN).earliest_on) == (
        Possibility.UNKNOWN,
        after(START, Term(24)),
    )


def test_a_tahanan_has_none_yet_and_hears_what_would_make_it_possible() -> None:
    found = estimate(a_case(legal_status=LegalStatus.TAHANAN, sentences=()), RULES, SOON)
    assert [e.right for e in found] == list(Right)
    for each in found:
        assert (each.possible, each.earliest_on) == (Possibility.NOT_POSSIBLE, None)
        (reason,) = each.reasons
        assert "putusan berkekuatan hukum tetap" in reason.text and "masa tahanan" in reason.text
        assert reason.source.clause == "Ps. 10 ayat (1)"


def test_without_a_recorded_sentence_nothing_is_claimed() -> None:
    for found in estimate(a_case(sentences=()), RULES, SOON):
        assert found.possible is Possibility.UNKNOWN


def test_without_the_regulation_of_a_category_nothing_is_claimed() -> None:
    # In 2020 the data has Permenkumham 3/2018, and of it nothing on PB for narcotics.
    both = a_case(
        detained_since=date(2018, 6, 4), sentences=(Sentence(Term(12)), Sentence(Term(60), Category.NARCOTICS_5Y))
    )
    assert of(both, Right.PB, date(2020, 1, 6)).possible is Possibility.UNKNOWN


def test_when_the_sentence_is_over_no_right_is_left() -> None:
    for found in estimate(a_case(), RULES, after(START, Term(36))):
        assert found.possible is Possibility.NOT_POSSIBLE


# Remission.


@pytest.mark.parametrize(
    ("year", "umum", "khusus"),
    [
        (1, Term(1), Term(0, 15)),
        (2, Term(3), Term(1)),
        (3, Term(4), Term(1)),
        (4, Term(5), Term(1, 15)),
        (5, Term(5), Term(1, 15)),
        (6, Term(6), Term(2)),
        (9, Term(6), Term(2)),
    ],
)
def test_remission_grows_with_the_years(year: int, umum: Term, khusus: Term) -> None:
    case = a_case(Term(180), detained_since=date(2026, 1, 5))
    assert of(case, Right.REMISI_UMUM, date(2025 + year, 8, 17)).award == umum
    assert of(case, Right.REMISI_KHUSUS, date(2025 + year, 12, 25)).award == khusus


def test_the_first_remission_is_by_the_time_in_detention() -> None:
    half_a_year, a_year = date(2027, 2, 1), date(2026, 8, 18)
    assert of(a_case(Term(60), detained_since=half_a_year), Right.REMISI_UMUM, half_a_year).award == Term(1)
    found = of(a_case(Term(60), detained_since=a_year), Right.REMISI_UMUM, a_year)
    assert (found.earliest_on, found.award) == (date(2027, 8, 17), Term(2))
    christmas = of(a_case(Term(60), detained_since=half_a_year), Right.REMISI_KHUSUS, half_a_year)
    assert (christmas.earliest_on, christmas.award) == (date(2027, 12, 25), Term(0, 15))


def test_six_months_before_the_day_of_remission_are_180_days() -> None:
    day = date(2026, 8, 17)
    assert of(a_case(detained_since=day - timedelta(days=180)), Right.REMISI_UMUM).earliest_on == day
    late = of(a_case(detained_since=day - timedelta(days=179)), Right.REMISI_UMUM)
    assert late.earliest_on == date(2027, 8, 17)


def test_remisi_khusus_is_on_the_day_of_the_persons_own_religion() -> None:
    case = a_case(detained_since=date(2026, 1, 5))
    assert of(replace(case, religion="islam"), Right.REMISI_KHUSUS).earliest_on == date(2027, 3, 10)
    assert of(replace(case, religion="hindu"), Right.REMISI_KHUSUS).earliest_on == date(2027, 3, 8)
    assert of(replace(case, religion=None), Right.REMISI_KHUSUS).possible is Possibility.UNKNOWN
    far = replace(case, religion="islam", sentences=(Sentence(Term(180)),))
    assert of(far, Right.REMISI_KHUSUS, date(2029, 1, 1)).possible is Possibility.UNKNOWN


def test_remisi_tambahan_is_a_half_for_service_to_the_state_and_a_third_for_helping() -> None:
    def award(**facts: Answer) -> Term | None:
        case = a_case(Term(120), detained_since=date(2020, 1, 6), facts=WELL | facts)
        return of(case, Right.REMISI_TAMBAHAN).award

    assert award() == Term(3)
    assert award(served_the_state=Answer.NO) == Term(2)
    neither = a_case(facts=WELL | dict.fromkeys(["served_the_state", "helped_others"], Answer.NO))
    assert of(neither, Right.REMISI_TAMBAHAN).possible is Possibility.NOT_POSSIBLE


# What staff are told with it.


def test_documents_that_are_there_are_not_asked_for_again() -> None:
    papers = [paper.code for paper in of(a_case(), Right.PB).missing_documents]
    assert papers[:3] == ["putusan", "laporan_pembinaan", "litmas"]
    rest = of(a_case(documents=frozenset({"litmas"})), Right.PB).missing_documents
    assert [paper.code for paper in rest] == [code for code in papers if code != "litmas"]


def test_papers_of_foreigners_are_asked_for_unless_the_person_is_known_to_be_none() -> None:
    for answer in Answer:
        papers = {p.code for p in of(a_case(facts=WELL | {"foreign_national": answer}), Right.CB).missing_documents}
        assert ("surat_interpol" in papers) is (answer is not Answer.NO)


def test_an_estimate_says_that_it_is_one_what_it_costs_and_what_is_in_doubt() -> None:
    found = of(a_case(), Right.CB)
    assert found.label == LABEL == "Perkiraan, bukan keputusan."
    assert found.way and found.way.fee == "Gratis, tidak dipungut biaya."
    assert [step.working_days for step in found.way.steps if step.working_days] == [7, 7]
    for open_point in ("PAS-26", "Permenkumham 16/2023"):
        assert any(open_point in doubt for doubt in found.doubts)
    special = of(a_case(Term(18), Category.TERRORISM), Right.CB)
    assert any("UU 22/2022" in doubt for doubt in special.doubts)


# Whatever the case: rules that hold for every sentence.

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
