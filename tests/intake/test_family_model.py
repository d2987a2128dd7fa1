from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.intake import GuarantorConfirmed
from contracts.vocabulary import Answer
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from intake.model.days import DayNotCome
from intake.model.family import ContactAnswer, ContactHasNotAgreed, ContactWish, Details, NewerAnswerKnown, last_answer
from intake.model.guarantors import Guarantee, GuarantorStepTaken, GuarantorWithdrew, VillageHead
from intake.model.visits import (
    Channel,
    Circle,
    ContactRestricted,
    ContactRestriction,
    DayPassed,
    NotKept,
    ReasonMismatch,
    RestrictionKind,
    Visit,
    VisitAlreadyRecorded,
)
from pydantic import ValidationError

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
TODAY = NOW.date()
PERSON, MOTHER, BROTHER, STAFF = (UUID(int=n) for n in range(1, 5))
ENTERED: dict[str, Any] = {"site": "oz-uji", "person": PERSON, "entered_at": NOW, "entered_by": STAFF}


def answer(contact: UUID = MOTHER, wish: ContactWish = ContactWish.VISITS, **fields: Any) -> ContactAnswer:
    known: dict[str, Any] = {"id": uuid4(), "contact": contact, "wish": wish, "answer": Answer.YES, "asked_on": TODAY}
    return ContactAnswer(**ENTERED | known | fields)


def restriction(**fields: Any) -> ContactRestriction:
    known: dict[str, Any] = {"id": uuid4(), "kind": RestrictionKind.COURT, "from_on": TODAY}
    return ContactRestriction(**ENTERED | known | fields)


def visit(on: date = TODAY, channel: Channel = Channel.VISIT) -> Visit:
    return Visit(id=uuid4(), contact=MOTHER, planned_on=on, channel=channel, **ENTERED)


# What bars a meeting, and what it needs.

days = st.integers(0, 20).map(lambda n: TODAY + timedelta(days=n))
restrictions = st.builds(
    lambda contact, kind, start, length, lifted: restriction(
        contact=contact,
        kind=kind,
        from_on=start,
        until_on=None if length is None else start + timedelta(days=length),
        lifted_on=None if lifted is None else start + timedelta(days=lifted),
    ),
    st.sampled_from([None, MOTHER, BROTHER]),
    st.sampled_from(RestrictionKind),
    days,
    st.none() | st.integers(0, 8),
    st.none() | st.integers(0, 8),
)


def barred_days(bar: ContactRestriction) -> set[date]:
    """The same, counted one by one."""
    end = min(bar.until_on or date.max, (bar.lifted_on or date.max) - timedelta(days=1), TODAY + timedelta(days=60))
    return {bar.from_on + timedelta(days=n) for n in range((end - bar.from_on).days + 1)}


@given(st.lists(restrictions, max_size=4), days, st.sampled_from(Channel))
def test_no_visit_is_ever_planned_inside_a_restriction(
    bars: list[ContactRestriction], on: date, channel: Channel
) -> None:
    circle = Circle(True, [answer(), answer(wish=ContactWish.LETTERS)], bars)
    barred = any(on in barred_days(bar) for bar in bars if bar.contact != BROTHER)
    if barred:
        with pytest.raises(ContactRestricted):
            visit(on, channel).plan(circle)
    else:
        visit(on, channel).plan(circle)


answers = st.builds(
    lambda contact, wish, said, on, taken_back: answer(
        contact, wish, answer=said, asked_on=on, withdrawn_at=NOW if taken_back and said is Answer.YES else None
    ),
    st.sampled_from([MOTHER, BROTHER]),
    st.sampled_from(ContactWish),
    st.sampled_from(Answer),
    days,
    st.booleans(),
)


@given(st.booleans(), st.lists(answers, max_size=8, unique_by=lambda a: a.asked_on), st.sampled_from(Channel))
def test_nothing_is_planned_unless_the_person_and_the_contact_have_both_agreed_to_this(
    person_agrees: bool, said: list[ContactAnswer], channel: Channel
) -> None:
    needed = ContactWish.LETTERS if channel is Channel.LETTER else ContactWish.VISITS
    asked = sorted((a for a in said if (a.contact, a.wish) == (MOTHER, needed)), key=lambda a: a.asked_on)
    agreed = bool(asked) and asked[-1].answer is Answer.YES and asked[-1].withdrawn_at is None
    hindrance = Circle(person_agrees, said, []).hindrance(MOTHER, channel, TODAY)
    assert (hindrance is None) == (person_agrees and agreed)


def test_an_older_sheet_never_undoes_what_a_contact_said_since() -> None:
    yes = answer(asked_on=TODAY - timedelta(days=5))
    yes.enter(None)
    with pytest.raises(NewerAnswerKnown):
        answer(answer=Answer.NO, asked_on=TODAY - timedelta(days=6)).enter(yes)
    yes.withdraw(by=STAFF, at=NOW)
    # Signed after the first yes, but before it was taken back.
    with pytest.raises(NewerAnswerKnown):
        answer(asked_on=TODAY - timedelta(days=1)).enter(yes)
    again = answer()
    again.enter(yes)
    again.entered_at = NOW + timedelta(seconds=1)
    assert last_answer([again, yes], MOTHER, ContactWish.VISITS) is again


def test_nobody_answers_on_a_day_that_has_not_come_and_only_a_yes_is_taken_back() -> None:
    with pytest.raises(DayNotCome):
        answer(asked_on=TODAY + timedelta(days=2)).enter(None)
    with pytest.raises(ContactHasNotAgreed):
        answer(answer=Answer.UNKNOWN).withdraw(by=STAFF, at=NOW)


def test_no_visit_is_planned_for_a_day_that_has_passed() -> None:
    with pytest.raises(DayPassed):
        visit(TODAY - timedelta(days=1)).plan(Circle(True, [answer()], []))


def test_which_days_have_passed_is_a_question_of_the_rutan_s_calendar() -> None:
    # Half past two in the morning, when Greenwich still has the day before.
    early = {"entered_at": datetime(2026, 2, 2, 19, 30, tzinfo=UTC)}
    planned = Visit(
        id=uuid4(), contact=MOTHER, planned_on=TODAY - timedelta(days=1), channel=Channel.VISIT, **ENTERED | early
    )
    with pytest.raises(DayPassed):
        planned.plan(Circle(True, [answer()], []))
    taken_back = answer(asked_on=TODAY - timedelta(days=5))
    taken_back.withdraw(by=STAFF, at=early["entered_at"])
    with pytest.raises(NewerAnswerKnown):
        answer(asked_on=TODAY - timedelta(days=1)).enter(taken_back)


def test_that_the_person_declined_is_an_outcome_like_any_other_and_can_be_said_before_the_day() -> None:
    planned = visit(TODAY + timedelta(days=5))
    with pytest.raises(DayNotCome):
        planned.record(Answer.YES, None, by=STAFF, at=NOW)
    planned.record(Answer.NO, NotKept.PERSON_DECLINED, by=STAFF, at=NOW)
    with pytest.raises(VisitAlreadyRecorded):
        planned.record(Answer.YES, None, by=STAFF, at=NOW + timedelta(days=5))


@pytest.mark.parametrize(
    ("kept", "reason"), [(Answer.NO, None), (Answer.YES, NotKept.ILL), (Answer.UNKNOWN, NotKept.ILL)]
)
def test_a_reason_is_given_for_what_did_not_take_place_and_for_nothing_else(
    kept: Answer, reason: NotKept | None
) -> None:
    with pytest.raises(ReasonMismatch):
        visit().record(kept, reason, by=STAFF, at=NOW)


def test_an_unknown_outcome_is_none_and_may_be_mended() -> None:
    past = visit()
    past.record(Answer.UNKNOWN, None, by=STAFF, at=NOW)
    past.record(Answer.YES, None, by=STAFF, at=NOW)
    assert past.kept is Answer.YES


# Guarantors.


class OneGuarantor(RuleBasedStateMachine):
    """Letter, signature and change of mind come in any order, and again."""

    def __init__(self) -> None:
        super().__init__()
        self.guarantee = Guarantee(id=uuid4(), contact=MOTHER, **ENTERED)
        self.told: list[GuarantorConfirmed] = []
        self.letter: date | None = None
        self.signed: date | None = None
        self.withdrew = False

    def expected(self, known: date | None, on: date) -> type[Exception] | None:
        if known == on:
            return None
        if self.withdrew:
            return GuarantorWithdrew
        return GuarantorStepTaken if known else None

    @rule(ago=st.integers(0, 1))
    def the_letter_comes(self, ago: int) -> None:
        on = TODAY - timedelta(days=ago)
        if refusal := self.expected(self.letter, on):
            with pytest.raises(refusal):
                self.guarantee.receive_letter(on, at=NOW)
            return
        self.letter = on
        self.told += filter(None, [self.guarantee.receive_letter(on, at=NOW)])

    @rule(ago=st.integers(0, 1))
    def the_village_head_signs(self, ago: int) -> None:
        on = TODAY - timedelta(days=ago)
        if refusal := self.expected(self.signed, on):
            with pytest.raises(refusal):
                self.guarantee.countersign(on, VillageHead.KADES, at=NOW)
            return
        self.signed = on
        self.told += filter(None, [self.guarantee.countersign(on, VillageHead.KADES, at=NOW)])

    @rule()
    def the_guarantor_takes_it_back(self) -> None:
        self.withdrew = True
        self.guarantee.withdraw(by=STAFF, at=NOW)

    @invariant()
    def it_is_confirmed_exactly_once_when_both_are_there(self) -> None:
        assert len(self.told) == (self.letter is not None and self.signed is not None)

    @invariant()
    def nobody_stands_surety_who_took_it_back(self) -> None:
        assert self.guarantee.stands == (bool(self.told) and not self.withdrew)


TestOneGuarantor = OneGuarantor.TestCase


# What people type.


@pytest.mark.parametrize("typed", ["0812-3456-7890", "+62 812 3456 7890", "(021) 555-1234", "+60 12-345 6789"])
def test_a_telephone_number_is_kept_as_it_was_typed(typed: str) -> None:
    assert Details(name="Ibu Rekaan", phone=typed).phone == typed


@pytest.mark.parametrize("typed", ["12", "0812", "telepon ibu", "+62 1", "+0", "08123456789012345"])
def test_what_is_no_telephone_number_is_pointed_at(typed: str) -> None:
    with pytest.raises(ValidationError):
        Details(name="Ibu Rekaan", phone=typed)
