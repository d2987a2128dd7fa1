from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.intake import ConsentDeclined, ConsentGiven, ConsentWithdrawn
from contracts.vocabulary import LegalStatus, Purpose, RegisterBook, Sex
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from intake.model.consents import Consent, ConsentAlreadyGiven, ConsentAlreadyWithdrawn, RecipientMismatch
from intake.model.people import (
    BirthYearDisagrees,
    Identity,
    NumberAndBookDisagree,
    Person,
    RegisterNumber,
    nik_is_plausible,
)

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


def spelled(*parts: str) -> st.SearchStrategy[str]:
    """The ways in which people put dots, spaces and hyphens between the parts of a number."""
    gaps = st.lists(st.sampled_from(["", " ", "."]), min_size=len(parts), max_size=len(parts))
    return gaps.map(lambda gap: "".join(part + g for part, g in zip(parts, gap, strict=True)))


@given(st.data(), st.sampled_from(RegisterBook), st.integers(1, 99999), st.integers(1990, 2030), st.sampled_from(" .-"))
def test_a_register_number_is_the_same_however_it_is_written(
    data: st.DataObject, book: RegisterBook, sequence: int, year: int, gap: str
) -> None:
    letter, rest = book.value.upper().split("_")
    written = data.draw(spelled(letter, rest)).rstrip(" .") + gap + f"{sequence}/{year}"
    read = RegisterNumber.read(written)
    assert (read.written, read.book, read.sequence, read.year) == (written, book, sequence, year)
    assert read.key() == RegisterNumber.read(f"{sequence} / {year}", book).key()
    other = next(b for b in RegisterBook if b is not book)
    with pytest.raises(NumberAndBookDisagree):
        RegisterNumber.read(written, other)


@given(st.text(min_size=1, max_size=40))
def test_whatever_else_stands_in_a_register_is_kept_as_it_is_written(written: str) -> None:
    read = RegisterNumber.read(written, RegisterBook.A_I)
    assert (read.written, read.book) == (written, RegisterBook.A_I)
    assert read.key()


@pytest.mark.parametrize("written", ["BI-1/UJI", "BI-12/004711/REKAAN", "C.I 12/2026", "B.II 12/2026", "12/26"])
def test_a_number_that_does_not_parse_says_nothing_of_a_book(written: str) -> None:
    read = RegisterNumber.read(written)
    assert (read.book, read.sequence, read.year) == (None, None, None)


@given(st.dates(date(1930, 1, 1), date(2025, 1, 1)), st.booleans(), st.integers(0, 999999), st.integers(1, 9999))
def test_a_nik_is_plausible_by_its_date_alone_whatever_province_it_names(
    born: date, woman: bool, region: int, serial: int
) -> None:
    nik = f"{region:06d}{born.day + 40 * woman:02d}{born:%m%y}{serial:04d}"
    assert nik_is_plausible(nik)
    assert nik_is_plausible("99" + nik[2:])


@pytest.mark.parametrize("nik", ["3171013202900001", "3171010013900001", "9971010101900000", "99710101019", "x" * 16])
def test_what_can_be_no_nik_is_none(nik: str) -> None:
    assert not nik_is_plausible(nik)


def test_a_year_of_birth_comes_from_the_date_that_was_said_and_never_from_a_nik() -> None:
    one = person()
    one.born(Identity(name="Rekaan Uji", nik="9971010101900001"), NOW)
    assert one.birth_year is None
    one.born(Identity(name="Rekaan Uji", birth_date=date(1991, 5, 4)), NOW)
    assert one.birth_year == 1991
    with pytest.raises(BirthYearDisagrees):
        person(birth_year=1990).born(Identity(name="Rekaan Uji", birth_date=date(1991, 5, 4)), NOW)


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
