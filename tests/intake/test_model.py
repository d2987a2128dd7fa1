from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.intake import ConsentDeclined, ConsentGiven, ConsentWithdrawn, ReentryReason
from contracts.vocabulary import LegalStatus, Purpose, ReleaseMode, Sex
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from intake.model.consents import Consent, ConsentAlreadyGiven, ConsentAlreadyWithdrawn, RecipientMismatch
from intake.model.people import DatesOutOfOrder, DayNotCome, Person, PersonNotInside

from contracts import Event

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
STAFF = uuid4()


def person(**fields: Any) -> Person:
    known: dict[str, Any] = {
        "id": UUID(int=1),
        "site": "contoh-rutan",
        "sex": Sex.MALE,
        "legal_status": LegalStatus.NARAPIDANA,
        "registered_at": NOW,
        "registered_by": STAFF,
    }
    return Person(**known | fields)


def consent(purpose: Purpose = Purpose.PROGRAMME, recipient: str | None = None) -> Consent:
    return Consent(
        id=uuid4(),
        site="contoh-rutan",
        person=UUID(int=1),
        purpose=purpose,
        recipient=recipient,
        given=False,
        epoch=0,
        text_version="v1",
        answered_at=NOW,
        answered_by=STAFF,
    )


def test_the_same_entry_is_the_same_whoever_typed_it_and_whenever() -> None:
    assert person().same_as(person(registered_at=NOW + timedelta(days=1), registered_by=uuid4(), inside=False))


@pytest.mark.parametrize("field", ["id", "site", "birth_year", "worked_before"])
def test_an_entry_that_differs_anywhere_is_another_entry(field: str) -> None:
    other: Any = {"id": uuid4(), "birth_year": 1990, "worked_before": False}.get(field, "lain")
    assert not person().same_as(person(**{field: other}))


def test_whoever_has_left_cannot_leave_again() -> None:
    known = person()
    known.release(uuid4(), date(2026, 2, 3), ReleaseMode.PB, by=STAFF, at=NOW)
    assert not known.inside
    with pytest.raises(PersonNotInside):
        known.release(uuid4(), date(2026, 2, 4), ReleaseMode.PB, by=STAFF, at=NOW)


@given(st.dates(date(2000, 1, 1), date(2024, 1, 1)), st.integers(-400, 400))
def test_nobody_comes_back_before_they_left(left: date, days: int) -> None:
    known = person()
    release = known.release(uuid4(), left, ReleaseMode.CB, by=STAFF, at=NOW)
    back = left + timedelta(days=days)
    if days < 0:
        with pytest.raises(DatesOutOfOrder):
            release.reenter(known, back, ReentryReason.UNKNOWN, by=STAFF, at=NOW)
        assert not known.inside and release.reentered_on is None
    else:
        told = release.reenter(known, back, ReentryReason.REVOCATION, by=STAFF, at=NOW)
        assert known.inside and (told.reentered_on, told.release_id) == (back, release.id)


def test_nobody_leaves_on_a_day_that_has_not_come() -> None:
    # The site's date may be a day ahead of the clock.
    assert person().release(uuid4(), date(2026, 2, 4), ReleaseMode.CB, by=STAFF, at=NOW)
    with pytest.raises(DayNotCome):
        person().release(uuid4(), date(2026, 2, 5), ReleaseMode.CB, by=STAFF, at=NOW)


@given(st.sampled_from(Purpose), st.sampled_from([None, "yayasan-contoh"]), st.booleans())
def test_only_sharing_names_a_recipient_and_sharing_always_does(
    purpose: Purpose, recipient: str | None, agrees: bool
) -> None:
    asked = consent(purpose, recipient)
    answer = asked.give if agrees else asked.decline
    if (purpose is Purpose.PARTNER_SHARING) == (recipient is not None):
        assert answer(None).recipient == recipient
    else:
        with pytest.raises(RecipientMismatch):
            answer(None)


class AnswersOfOnePerson(RuleBasedStateMachine):
    """Somebody is asked again and again, and changes their mind as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Consent] = []
        self.told: list[Event] = []

    def last(self) -> Consent | None:
        return next((answer for answer in reversed(self.answers) if answer.given), None)

    @property
    def stands(self) -> bool:
        last = self.last()
        return last is not None and last.withdrawn_at is None

    @rule(agrees=st.booleans())
    def answers_the_question(self, agrees: bool) -> None:
        asked = consent()
        if self.stands:
            with pytest.raises(ConsentAlreadyGiven):
                (asked.give if agrees else asked.decline)(self.last())
            return
        self.told.append((asked.give if agrees else asked.decline)(self.last()))
        self.answers.append(asked)

    @rule()
    def takes_it_back(self) -> None:
        if last := self.last():
            if self.stands:
                self.told.append(last.withdraw(by=STAFF, at=NOW))
            else:
                with pytest.raises(ConsentAlreadyWithdrawn):
                    last.withdraw(by=STAFF, at=NOW)

    @invariant()
    def epochs_count_how_often_it_was_given(self) -> None:
        given = [event.consent_epoch for event in self.told if isinstance(event, ConsentGiven)]
        assert given == list(range(1, len(given) + 1))

    @invariant()
    def each_withdrawal_closes_the_epoch_that_was_open(self) -> None:
        opened = 0
        for event in self.told:
            if isinstance(event, ConsentGiven):
                opened = event.consent_epoch
            if isinstance(event, ConsentWithdrawn):
                assert event.consent_epoch == opened

    @invariant()
    def declining_says_nothing_of_an_epoch(self) -> None:
        for event in self.told:
            if isinstance(event, ConsentDeclined):
                assert "consent_epoch" not in ConsentDeclined.model_fields


TestAnswersOfOnePerson = AnswersOfOnePerson.TestCase
