from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from intake.model.terms import Term, after, before


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
