from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.intake import ReentryReason
from contracts.vocabulary import LegalStatus, RegisterBook, ReleaseMode, Role, Sex
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from intake.commands.sweep import sweep
from intake.model.days import DatesOutOfOrder, DayNotCome, today
from intake.model.detention import DetentionPeriod, DetentionPeriodsOverlap, NotADetainingAuthority, NotAnExtension
from intake.model.people import Person, PersonNotInside, RegisterEntry
from intake.model.stays import Admission, PersonNotReleased, Release, ReleaseBeforeAdmission, Stay
from support import Rutan, a_person, staff
from support.hearing import api

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
STAFF = uuid4()


def person(**fields: Any) -> Person:
    known: dict[str, Any] = {
        "id": UUID(int=1),
        "site": "contoh-rutan",
        "sex": Sex.MALE,
        "legal_status": LegalStatus.TAHANAN,
        "registered_at": NOW,
        "registered_by": STAFF,
    }
    return Person(**known | fields)


def a_stay(admitted_on: date | None = None) -> Stay:
    return Stay(
        id=uuid4(),
        site="contoh-rutan",
        person=UUID(int=1),
        how=Admission.NEW,
        admitted_on=admitted_on,
        admitted_at=NOW,
        admitted_by=STAFF,
    )


def a_period(from_on: date, until_on: date, **fields: Any) -> DetentionPeriod:
    known: dict[str, Any] = {"id": uuid4(), "person": UUID(int=1), "stay": UUID(int=2), "book": RegisterBook.A_I}
    known |= {"site": "contoh-rutan", "from_on": from_on, "until_on": until_on, "entered_at": NOW, "entered_by": STAFF}
    return DetentionPeriod(**known | fields)


def test_nobody_leaves_on_a_day_that_has_not_come() -> None:
    # 09:30 in Jakarta, 11:30 in Jayapura: the third, everywhere.
    assert a_stay().release(person(), uuid4(), date(2026, 2, 3), ReleaseMode.CB, by=STAFF, at=NOW)
    with pytest.raises(DayNotCome):
        a_stay().release(person(), uuid4(), date(2026, 2, 4), ReleaseMode.CB, by=STAFF, at=NOW)
    # In the east the next day has begun while the clock in London is still in the afternoon.
    late = datetime(2026, 2, 3, 15, 1, tzinfo=UTC)
    assert a_stay().release(person(), uuid4(), date(2026, 2, 4), ReleaseMode.CB, by=STAFF, at=late)
    assert today(late) == date(2026, 2, 3) and today(late + timedelta(hours=2)) == date(2026, 2, 4)


class StaysOfOnePerson(RuleBasedStateMachine):
    """Somebody comes and goes, on days that are typed as they may be, right or wrong."""

    days = st.dates(date(2025, 12, 1), date(2026, 2, 6))

    def __init__(self) -> None:
        super().__init__()
        self.person, self.stays, self.releases = person(), [a_stay(date(2026, 1, 1))], list[Release]()
        self.before: list[dict[str, Any]] = []

    def facts(self) -> list[dict[str, Any]]:
        """What no later act may change."""
        ended = [stay.model_dump() for stay in self.stays if stay.ended_on]
        left = [r.model_dump(include={"id", "stay", "released_on", "mode", "released_at"}) for r in self.releases]
        back = [release.model_dump() for release in self.releases if release.reentered_on]
        return ended + left + back

    @rule(on=days, mode=st.sampled_from(ReleaseMode))
    def leaves(self, on: date, mode: ReleaseMode) -> None:
        self.before = self.facts()
        stay = self.stays[-1]
        try:
            release = stay.release(self.person, uuid4(), on, mode, by=STAFF, at=NOW)
        except PersonNotInside:
            assert not self.person.inside
        except ReleaseBeforeAdmission:
            assert stay.admitted_on and on < stay.admitted_on
        except DayNotCome:
            assert on > date(2026, 2, 3)
        else:
            self.releases.append(release)

    @rule(on=days, reason=st.sampled_from(ReentryReason))
    def comes_back(self, on: date, reason: ReentryReason) -> None:
        self.before = self.facts()
        if not self.releases:
            return
        release = self.releases[-1]
        try:
            stay, told = release.reenter(self.person, uuid4(), on, reason, by=STAFF, at=NOW)
        except PersonNotReleased:
            assert self.person.inside
        except DatesOutOfOrder:
            assert on < release.released_on
        except DayNotCome:
            assert on > date(2026, 2, 3)
        else:
            assert (told.release_id, told.reentered_on) == (release.id, on)
            self.stays.append(stay)

    @invariant()
    def somebody_is_inside_exactly_while_one_stay_is_open(self) -> None:
        assert [stay.ended_on for stay in self.stays].count(None) == int(self.person.inside)

    @invariant()
    def days_are_in_their_order(self) -> None:
        line = [day for stay in self.stays for day in (stay.admitted_on, stay.ended_on) if day]
        assert line == sorted(line)

    @invariant()
    def nothing_is_overwritten(self) -> None:
        assert [fact for fact in self.before if fact not in self.facts()] == []


TestStaysOfOnePerson = StaysOfOnePerson.TestCase


class RegistersOfOnePerson(RuleBasedStateMachine):
    """A case moves on from book to book, on days that are typed as they may be."""

    def __init__(self) -> None:
        super().__init__()
        self.person, self.entries = person(), list[RegisterEntry]()
        self.before: list[dict[str, Any]] = []

    def facts(self) -> list[dict[str, Any]]:
        written = [entry.model_dump(exclude={"closed_on"}) for entry in self.entries]
        return written + [entry.model_dump() for entry in self.entries if entry.closed_on]

    @rule(
        book=st.sampled_from(RegisterBook),
        on=st.dates(date(2025, 12, 1), date(2026, 2, 6)),
        child=st.sampled_from([None, True, False]),
    )
    def moves_on(self, book: RegisterBook, on: date, child: bool | None) -> None:
        self.before, was = self.facts(), self.person.legal_status
        entry = RegisterEntry(
            id=uuid4(),
            site="contoh-rutan",
            person=self.person.id,
            book=book,
            number=b"",
            blind=b"",
            from_on=on,
            entered_at=NOW,
            entered_by=STAFF,
        )
        last = self.entries[-1] if self.entries else None
        try:
            told = self.person.move_on(entry, last, child, NOW)
        except DatesOutOfOrder:
            assert last and last.from_on and on < last.from_on
        except DayNotCome:
            assert on > date(2026, 2, 3)
        else:
            self.entries.append(entry)
            assert (told.book, told.since, told.legal_status) == (book, on, self.person.legal_status)
            stays_child = child or (child is None and was is LegalStatus.ANAK_BINAAN)
            of_book = LegalStatus.TAHANAN if book.value[0] == "a" else LegalStatus.NARAPIDANA
            assert self.person.legal_status == (LegalStatus.ANAK_BINAAN if stays_child else of_book)

    @invariant()
    def one_entry_is_open_and_it_is_the_last(self) -> None:
        assert [entry for entry in self.entries if entry.closed_on is None] == self.entries[-1:]

    @invariant()
    def nothing_is_overwritten(self) -> None:
        assert [fact for fact in self.before if fact not in self.facts()] == []


TestRegistersOfOnePerson = RegistersOfOnePerson.TestCase


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 4, 1)), st.integers(-2, 40)), max_size=8))
def test_periods_of_detention_never_overlap_and_end_after_they_begin(typed: list[tuple[date, int]]) -> None:
    taken: list[DetentionPeriod] = []
    for begins, days in typed:
        period = a_period(begins, begins + timedelta(days=days))
        try:
            period.fits(taken)
        except DatesOutOfOrder:
            assert days < 0
        except DetentionPeriodsOverlap:
            assert any(p.from_on <= period.until_on and period.from_on <= p.until_on for p in taken)
        else:
            taken.append(period)
    held = [day for p in taken for day in range(p.from_on.toordinal(), p.until_on.toordinal() + 1)]
    assert len(held) == len(set(held))


def test_an_extension_follows_the_last_period_without_a_gap() -> None:
    first = a_period(date(2026, 1, 1), date(2026, 1, 20))
    a_period(date(2026, 1, 21), date(2026, 3, 1), extends=first.id).fits([first])
    for begins in (date(2026, 1, 22), date(2026, 2, 2)):
        with pytest.raises(NotAnExtension):
            a_period(begins, date(2026, 3, 1), extends=first.id).fits([first])
    with pytest.raises(NotAnExtension):
        a_period(date(2026, 1, 21), date(2026, 3, 1), extends=uuid4()).fits([first])
    with pytest.raises(NotADetainingAuthority):
        a_period(date(2026, 2, 1), date(2026, 3, 1), book=RegisterBook.B_I).fits([])


@given(st.integers(0, 40), st.lists(st.integers(-3, 60), max_size=60))
def test_the_end_of_a_detention_is_told_once_per_notice_whenever_it_is_looked_at(until: int, looks: list[int]) -> None:
    period = a_period(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=until))
    begun = datetime(2026, 1, 1, 3, tzinfo=UTC)
    events = [(day, period.near(UUID(int=1), begun + timedelta(days=day))) for day in sorted(looks)]
    told = [(event.days, until - day) for day, event in events if event]
    assert all(0 <= left <= days for days, left in told)
    assert [days for days, _ in told] in ([], [10], [3], [10, 3])
    assert bool(told) == any(0 <= until - day <= 10 for day in looks)


# ---- with a database


def registered(intake: TestClient, **fields: Any) -> UUID:
    made = uuid4()
    answer = intake.put(f"/people/{made}", json=a_person(**fields))
    assert answer.status_code == 201, answer.text
    return made


def outbox(rutan: Rutan, type_: str) -> int:
    return int(rutan.one("intake", "select count(*) from outbox where audience = 'site' and type = :type", type=type_))


def test_coming_back_opens_another_stay_and_keeps_the_one_before(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        who = registered(intake, admitted_on="2026-01-01", register_number="B.I 7/2026")
        at = f"/people/{who}"
        early = intake.put(f"{at}/releases/{uuid4()}", json={"released_on": "2025-12-31", "mode": "cb"})
        assert (early.status_code, early.json()["title"]) == (409, "release-before-admission")
        tomorrow = str(date.today() + timedelta(days=2))  # noqa: DTZ011 - any day that has not come
        later = intake.put(f"{at}/releases/{uuid4()}", json={"released_on": tomorrow, "mode": "cb"})
        assert (later.status_code, later.json()["title"]) == (409, "day-not-come")
        assert intake.put(f"{at}/releases/{uuid4()}", json={"released_on": "2026-02-03", "mode": "cb"}).is_success
        assert intake.post(f"{at}/reentries", json={"reentered_on": "2026-05-01", "reason": "revocation"}).is_success
        told = [(s["how"], s["admitted_on"], s["ended_on"], s["mode"]) for s in intake.get(f"{at}/stays").json()]
        assert told == [("new", "2026-01-01", "2026-02-03", "cb"), ("reentry", "2026-05-01", None, None)]
        # Whoever left stands in no register any more, so the number may be given again.
        assert intake.get(at).json()["registers"][0]["closed_on"] == "2026-02-03"
        assert registered(intake, register_number="B.I 7/2026")


def held(intake: TestClient, who: UUID, from_on: date, until_on: date, **more: Any) -> Any:
    body = {"book": "a_i", "from_on": str(from_on), "until_on": str(until_on)} | more
    return intake.put(f"/people/{who}/detention-periods/{uuid4()}", json=body)


def test_who_must_be_let_go_soon_is_listed_until_it_is_extended(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        day = today(datetime.now(UTC))
        left = {}
        for days in (-1, 0, 3, 4, 10, 11):
            left[days] = registered(intake, legal_status="tahanan", register_number=f"A.I {days + 20}/2026")
            assert held(intake, left[days], day - timedelta(days=20), day + timedelta(days=days)).status_code == 201
        alerts = intake.get("/alerts/detention").json()
        assert [(a["person"], a["days_left"], a["urgency"]) for a in alerts] == [
            (str(left[-1]), -1, "ran_out"),
            (str(left[0]), 0, "within_three_days"),
            (str(left[3]), 3, "within_three_days"),
            (str(left[4]), 4, "within_ten_days"),
            (str(left[10]), 10, "within_ten_days"),
        ]
        # Every one that was named is in the log.
        logged = {row.subject for row in rutan.sql("intake", "select subject from read_log")}
        assert logged == {left[days] for days in (-1, 0, 3, 4, 10)}
        follows = day + timedelta(days=4)
        of = intake.get(f"/people/{left[3]}/detention-periods").json()[0]["period"]
        assert held(intake, left[3], follows, follows + timedelta(days=39), extends=of).status_code == 201
        gone = {"released_on": str(day), "mode": "bebas_demi_hukum"}
        assert intake.put(f"/people/{left[-1]}/releases/{uuid4()}", json=gone).status_code == 201
        sentence = {"number": "B.I 1/2026", "book": "b_i", "from_on": str(day)}
        assert intake.put(f"/people/{left[4]}/register-entries/{uuid4()}", json=sentence).status_code == 201
        after = [a["person"] for a in intake.get("/alerts/detention").json()]
        assert after == [str(left[0]), str(left[10])]


def test_a_child_who_is_sentenced_is_not_called_free_by_law_when_the_detention_ends(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        day, children = today(datetime.now(UTC)), []
        for number in (1, 2):
            child = registered(intake, legal_status="anak_binaan", register_number=f"A.I {number}/2026")
            assert held(intake, child, day - timedelta(days=20), day - timedelta(days=1)).status_code == 201
            children.append(child)
        sentence = {"number": "B.I 9/2026", "book": "b_i", "from_on": str(day)}
        answer = intake.put(f"/people/{children[0]}/register-entries/{uuid4()}", json=sentence)
        assert answer.json()["legal_status"] == "anak_binaan"
        assert [a["person"] for a in intake.get("/alerts/detention").json()] == [str(children[1])]


def test_the_name_in_a_restricted_record_is_not_shown_but_its_end_is(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        day = today(datetime.now(UTC))
        who = registered(intake, legal_status="tahanan")
        held(intake, who, day, day + timedelta(days=2))
        intake.put(f"/people/{who}/restriction", json={"restricted": True})
        (alert,) = intake.get("/alerts/detention", headers=staff(rutan.site, Role.REGISTRAR)).json()
        assert (alert["person"], alert["name"], alert["register_number"]) == (str(who), None, None)
        (alert,) = intake.get("/alerts/detention", headers=staff(rutan.site, Role.HEAD)).json()
        assert alert["name"] == "Rekaan Uji"


def test_the_sweep_says_each_notice_once_however_often_and_however_many_at_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        who = registered(intake, legal_status="tahanan")
        until = date(2026, 12, 31)
        assert held(intake, who, date(2026, 12, 1), until).status_code == 201

    def at(day: int) -> None:
        with rutan.database("intake").transaction() as session:
            sweep(session, datetime(2026, 12, day, 3, tzinfo=UTC))

    told = (
        "select convert_from(body, 'utf8')::json ->> 'days' as days from outbox where type like '%expiry%' order by id"
    )
    with ThreadPoolExecutor(6) as pool:
        for day, due in ((20, []), (21, ["10"]), (27, ["10"]), (28, ["10", "3"]), (31, ["10", "3"])):
            list(pool.map(at, [day] * 12))
            assert [row.days for row in rutan.sql("intake", told)] == due
    with rutan.database("intake").transaction() as session:
        sweep(session, datetime(2027, 1, 1, 3, tzinfo=UTC))
    assert outbox(rutan, "intake.detention_expiry_neared.v1") == 2


def test_a_period_that_was_entered_by_mistake_is_annulled_and_stays_to_be_seen(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        day, who = today(datetime.now(UTC)), registered(intake, legal_status="tahanan")
        wrong = held(intake, who, day, day + timedelta(days=2)).json()["period"]
        assert held(intake, who, day, day + timedelta(days=20)).json()["title"] == "detention-periods-overlap"
        for _ in range(2):
            assert intake.post(f"/people/{who}/detention-periods/{wrong}/annulment").status_code == 201
        assert held(intake, who, day, day + timedelta(days=20)).status_code == 201
        assert [p["annulled"] for p in intake.get(f"/people/{who}/detention-periods").json()] == [True, False]
        assert intake.get("/alerts/detention").json() == []
        other = registered(intake)
        there = intake.post(f"/people/{other}/detention-periods/{wrong}/annulment")
        assert (there.status_code, there.json()["title"]) == (404, "detention-period-not-here")


def test_of_two_officers_who_enter_periods_at_once_none_overlaps(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        day, who = today(datetime.now(UTC)), registered(intake, legal_status="tahanan")
        answers = list(pool.map(lambda n: held(intake, who, day, day + timedelta(days=n)).status_code, range(1, 9)))
        assert sorted(answers) == [201] + [409] * 7
