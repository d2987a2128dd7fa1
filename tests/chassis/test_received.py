"""The arithmetic of watermarks and gaps, against a plain set of numbers."""

from itertools import pairwise

from chassis.received import Received
from hypothesis import given
from hypothesis import strategies as st

numbers = st.lists(st.integers(1, 60), max_size=60)


@given(st.lists(numbers, max_size=6))
def test_spans_hold_what_was_added_in_whatever_portions(portions: list[list[int]]) -> None:
    received, model = Received(), set[int]()
    for portion in portions:
        received = received.adding(portion)
        model |= set(portion)
    assert {number for number in range(62) if number in received} == model
    assert received == Received().adding(model)


@given(numbers)
def test_spans_are_sorted_and_neither_touch_nor_overlap(some: list[int]) -> None:
    spans = Received().adding(some).spans
    assert all(first <= last for first, last in spans)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(spans))


@given(numbers)
def test_the_watermark_is_the_last_number_before_the_first_gap(some: list[int]) -> None:
    watermark = 0
    while watermark + 1 in some:
        watermark += 1
    assert Received().adding(some).contiguous == watermark


@given(numbers, st.integers(0, 80))
def test_missing_is_every_number_below_the_known_one_that_is_not_here(some: list[int], more: int) -> None:
    known = max([more, *some])
    gaps = Received().adding(some).missing(known)
    assert [n for first, last in gaps for n in range(first, last + 1)] == sorted(set(range(1, known + 1)) - set(some))
    assert len(gaps) == len([n for n in range(1, known + 1) if n not in some and (n == 1 or n - 1 in some)])
