from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.intake import ConsentDeclined, ConsentExpired, ConsentGiven, ConsentWithdrawn
from contracts.vocabulary import Answer, LegalStatus, Purpose, RegisterBook, Sex
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from intake.model.consents import (
    RENEWABLE,
    Consent,
    ConsentAlreadyExpired,
    ConsentAlreadyGiven,
    ConsentAlreadyWithdrawn,
    ConsentEnd,
    Others,
    RecipientMismatch,
    may_be_a_child,
)
from intake.model.people import (
    BirthYearDisagrees,
    Identity,
    NumberAndBookDisagree,
    Person,
    RegisterNumber,
    nik_is_plausible,
)
from intake.queries.texts import text_of

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


# No form takes a blank line.
@given(st.text(min_size=1, max_size=40).filter(str.strip))
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
    text = text_of(purpose, "v1")

    def answer() -> ConsentGiven | ConsentDeclined:
        asked.understands = Answer.YES
        return (
            asked.give(None, text, Others(witness="Saksi"), person()) if agrees else asked.decline(None, text, person())
        )

    if (purpose is Purpose.PARTNER_SHARING) == (recipient is not None):
        assert answer().recipient == recipient
    else:
        with pytest.raises(RecipientMismatch):
            answer()


@given(st.one_of(st.none(), st.integers(2000, 2026)), st.sampled_from(LegalStatus))
def test_whoever_may_be_a_child_is_protected_as_one(born: int | None, status: LegalStatus) -> None:
    protected = may_be_a_child(person(birth_year=born, legal_status=status), NOW.date())
    if born is None:
        assert protected == (status is LegalStatus.ANAK_BINAAN)
    else:
        assert protected == any(born + 18 > 2026 - turned for turned in (0, 1))


PROGRAMME = text_of(Purpose.PROGRAMME, "v1")


class AnswersOfOnePerson(RuleBasedStateMachine):
    """Somebody is asked again and again, and changes their mind as they like, while time goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.answers: list[Consent] = []
        self.told: list[Event] = []
        self.written: dict[UUID, dict[str, Any]] = {}

    def last(self) -> Consent | None:
        return next((answer for answer in reversed(self.answers) if answer.given), None)

    @property
    def standing(self) -> list[Consent]:
        return [answer for answer in self.answers if answer.given and answer.ended_at is None]

    @rule(days=st.sampled_from([1, 20, 100, 340, 400]))
    def time_goes_on(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def the_clock_is_looked_at(self) -> None:
        if last := self.last():
            due = last.ended_at is None and last.expires_on is not None and self.now.date() > last.expires_on
            told = last.expire(self.now)
            assert (told is not None) >= due and last.expire(self.now) is None
            self.told += [told] if told else []

    @rule(agrees=st.booleans())
    def answers_the_question(self, agrees: bool) -> None:
        if agrees:
            self.the_clock_is_looked_at()
        asked, last = consent(), self.last()
        asked.answered_at = self.now
        standing = last is not None and last.ended_at is None
        if standing and last and last.expires_on and self.now.date() < last.expires_on - RENEWABLE:
            with pytest.raises(ConsentAlreadyGiven):
                self.answer(asked, agrees)
            assert asked.epoch == 0 and not asked.given
            return
        self.told.append(self.answer(asked, agrees))
        assert not agrees or not standing or (last and last.end is ConsentEnd.RENEWED)
        self.answers.append(asked)

    def answer(self, asked: Consent, agrees: bool) -> Event:
        last = self.last()
        return asked.give(last, PROGRAMME, Others(), person()) if agrees else asked.decline(last, PROGRAMME, person())

    @rule()
    def takes_it_back(self) -> None:
        if last := self.last():
            if last.ended_at is None:
                self.told.append(last.withdraw(by=STAFF, at=self.now))
            else:
                refusal = ConsentAlreadyExpired if last.end is ConsentEnd.EXPIRED else ConsentAlreadyWithdrawn
                with pytest.raises(refusal):
                    last.withdraw(by=STAFF, at=self.now)

    @invariant()
    def never_do_two_stand(self) -> None:
        assert len(self.standing) <= 1
        assert not self.standing or self.standing[0] is self.last()

    @invariant()
    def epochs_count_how_often_it_was_given(self) -> None:
        given = [event.consent_epoch for event in self.told if isinstance(event, ConsentGiven)]
        assert given == list(range(1, len(given) + 1))
        assert given == [answer.epoch for answer in self.answers if answer.given]

    @invariant()
    def each_end_says_exactly_one_event_and_that_one_names_it(self) -> None:
        said = {event.event_id: event for event in self.told}
        ended = [answer for answer in self.answers if answer.end]
        assert len({answer.end_event for answer in ended}) == len(ended)
        for answer in ended:
            assert answer.end_event
            event = said[answer.end_event]
            assert event.occurred_at == answer.ended_at
            match answer.end:
                case ConsentEnd.RENEWED:
                    assert isinstance(event, ConsentGiven) and event.consent_epoch == answer.epoch + 1
                case ConsentEnd.EXPIRED:
                    assert isinstance(event, ConsentExpired) and event.consent_epoch == answer.epoch
                case _:
                    assert isinstance(event, ConsentWithdrawn) and event.consent_epoch == answer.epoch
        endings = [event for event in self.told if isinstance(event, ConsentExpired | ConsentWithdrawn)]
        assert {event.event_id for event in endings} <= {answer.end_event for answer in ended}

    @invariant()
    def what_was_written_is_never_overwritten(self) -> None:
        for answer in self.answers:
            written = {name: value for name, value in answer.model_dump().items() if value is not None}
            assert self.written.get(answer.id, {}).items() <= written.items()
            self.written[answer.id] = written

    @invariant()
    def declining_says_nothing_of_an_epoch(self) -> None:
        assert "consent_epoch" not in ConsentDeclined.model_fields
        assert sum(isinstance(event, ConsentDeclined) for event in self.told) == sum(not a.given for a in self.answers)


TestAnswersOfOnePerson = AnswersOfOnePerson.TestCase
