import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from central.handlers import apply, on_heartbeat
from central.model import SMALL, Count
from central.queries import cohort
from chassis.envelope import Envelope, Feed
from chassis.events import AnotherSites
from chassis.inbox import Delivery, receive
from chassis.service import Heartbeat
from contracts.intake import (
    BreachNotified,
    BreachOpened,
    LevyReportClosed,
    LevyReported,
    PersonReentered,
    PersonRegistered,
    PersonReleased,
    PersonsMerged,
    PersonsUnmerged,
    ReadLogSealed,
    RightDecided,
    RightProposed,
    TransferAccepted,
    TransferClosed,
    TransferOffered,
)
from contracts.outcomes import ObservationEnded
from contracts.programs import PersonEnrolled, ProgrammeCompleted
from hypothesis import given
from hypothesis import strategies as st
from support import Rutan
from support.hearing import api

from contracts import Event

THEN = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
LEFT = date(2026, 2, 3)
SITE = "rutan-satu"
EPOCH = uuid4()


class Ministry:
    """A database of central, filled as its consumer would."""

    def __init__(self, hub: Rutan) -> None:
        self.hub, self.database = hub, hub.database("central")
        self.numbers: dict[tuple[str, str], int] = {}

    def hears(self, *events: Event, gap: int = 0, as_site: str | None = None) -> None:
        made = []
        for event in events:
            key = (as_site or event.site, event.publisher)
            self.numbers[key] = self.numbers.get(key, 0) + 1 + gap
            feed = Feed(key[0], event.publisher, "national", EPOCH)
            headers = Envelope(event.event_id, event.type, feed, self.numbers[key], THEN).headers()
            made.append(Delivery.of(f"national.{key[0]}.{event.type}", headers, event.to_bytes()))
        with self.database.transaction() as session:
            apply(session, receive(session, made, ordered=False)[0])

    def beats(self, service: str, written: int, at: datetime = THEN, site: str = SITE) -> None:
        with self.database.transaction() as session:
            on_heartbeat(session, Heartbeat(site, service, EPOCH, written, at))

    def site(self, code: str = SITE) -> dict[str, Any]:
        with api(self.hub, "central") as central:
            found = {site["site"]: site for site in central.get("/api/sites").json()["sites"]}
        return dict(found[code])

    def page(self) -> str:
        with api(self.hub, "central") as central:
            return central.get("/").text


@pytest.fixture
def ministry(hub: Rutan) -> Ministry:
    return Ministry(hub)


def said(event: type[Event], person: object = None, site: str = SITE, **fields: Any) -> Event:
    return event.model_validate({"site": site, "occurred_at": THEN, "person": person or uuid4(), **fields})


def registered(person: object = None, site: str = SITE, **fields: Any) -> Event:
    return said(PersonRegistered, person, site, **{"legal_status": "narapidana", "sex": "male"} | fields)


@given(st.integers(0, 1000))
def test_one_to_four_people_are_hidden_and_nobody_and_five_are_not(people: int) -> None:
    assert Count.of(people).shown == (None if 1 <= people <= 4 else people)
    assert str(Count.of(people)) == ("< 5" if 1 <= people <= 4 else str(people))


@pytest.mark.parametrize(
    ("people", "json", "page"), [(1, None, "&lt; 5"), (4, None, "&lt; 5"), (5, 5, "5"), (6, 6, "6")]
)
def test_a_small_count_is_hidden_on_the_page_and_in_json_and_no_total_gives_it_away(
    ministry: Ministry, people: int, json: int | None, page: str
) -> None:
    ministry.hears(*(registered() for _ in range(people)))
    stages = ministry.site()["stages"]
    assert stages == dict.fromkeys(stages, 0) | {"registered": json}
    shown = ministry.page()
    assert f'<th scope="row">{SITE}</th><td class="number">{page}</td>' in shown
    assert not re.search(r"<t[hd][^>]*>\s*(jumlah|total)", shown, re.IGNORECASE) and "<tfoot" not in shown


def test_the_page_says_what_json_says(ministry: Ministry) -> None:
    ministry.hears(*(registered() for _ in range(7)), *(registered(site="rutan-dua") for _ in range(2)))
    ministry.hears(*(said(PersonEnrolled, enrolment_id=uuid4(), programme="las") for _ in range(6)))
    ministry.beats("intake", 9)
    cells = [
        [re.sub("<[^>]+>", "", cell).replace("&lt;", "<") for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", ministry.page(), re.DOTALL)
    ]
    for code in (SITE, "rutan-dua"):
        site = ministry.site(code)
        freshness, stages, work, rights, watched = [c[1:] for c in cells if c[0] == code]
        words = {None: "tidak diketahui"}
        keys = ("events_written", "events_received", "events_in_flight", "events_missing")
        assert freshness[1:] == [words.get(site[key], str(site[key])) for key in keys]
        hidden = {None: f"< {SMALL}"}
        assert stages == [hidden.get(n, str(n)) for n in site["stages"].values()]
        assert work == [hidden.get(n, str(n)) for n in [*site["placements"].values(), *site["follow_ups"].values()]]
        assert rights == [hidden.get(n, str(n)) for n in [*site["rights"].values(), site["transfers_open"]]]
        cases = [*site["levies"].values(), *site["breaches"].values()]
        assert watched == [*map(str, cases), "belum pernah disegel"]


def test_the_page_is_in_indonesian_and_usable_before_any_site_is_heard(ministry: Ministry) -> None:
    assert '<html lang="id">' in ministry.page() and "Belum ada rutan yang mengirim data" in ministry.page()
    ministry.hears(registered())
    for words in ("Terdaftar", "Data s.d.", "belum pernah lengkap", "Tindak lanjut jatuh tempo", "<caption>"):
        assert words in ministry.page()
    assert "<script" not in ministry.page() and "://" not in ministry.page()


def test_what_a_site_calls_itself_is_shown_as_text(ministry: Ministry) -> None:
    ministry.beats("intake", 0, site="<script>alert(1)</script>")
    assert "<script" not in ministry.page() and "&lt;script&gt;" in ministry.page()


def test_data_are_complete_only_when_everything_written_is_here(ministry: Ministry) -> None:
    ministry.hears(registered(), registered())
    later = [THEN + timedelta(hours=hours) for hours in range(5)]
    ministry.beats("intake", 3, later[0])
    assert (ministry.site()["complete_at"], ministry.site()["events_in_flight"]) == (None, 1)
    ministry.hears(registered())
    ministry.beats("intake", 3, later[1])
    assert datetime.fromisoformat(ministry.site()["complete_at"]) == later[1]
    # Another service of the site is behind: the whole site is as fresh as its stalest service.
    ministry.beats("programs", 2, later[2])
    assert ministry.site()["complete_at"] is None
    ministry.hears(*(said(PersonEnrolled, enrolment_id=uuid4(), programme="las") for _ in range(2)))
    ministry.beats("programs", 2, later[3])
    ministry.beats("intake", 4, later[4])
    assert datetime.fromisoformat(ministry.site()["complete_at"]) == later[1]


def test_a_gap_is_neither_complete_nor_hidden(ministry: Ministry) -> None:
    ministry.hears(registered())
    ministry.hears(registered(), gap=1)
    ministry.beats("intake", 3)
    site = ministry.site()
    assert (site["complete_at"], site["events_missing"], site["events_in_flight"]) == (None, 1, 2)


def test_what_one_service_is_ahead_of_its_word_does_not_hide_what_another_owes(ministry: Ministry) -> None:
    ministry.beats("intake", 1)
    ministry.beats("programs", 3)
    ministry.hears(*(registered() for _ in range(4)))
    assert ministry.site()["events_in_flight"] == 3


def test_a_site_cannot_speak_as_another(ministry: Ministry) -> None:
    # The hub takes from a site only subjects of that site; headers and body are the site's own to forge.
    forged = registered(site="rutan-dua")
    with pytest.raises(AnotherSites):
        ministry.hears(forged, as_site=SITE)


def test_headers_of_another_site_than_the_subject_s_are_no_envelope() -> None:
    event = registered(site="rutan-dua")
    headers = Envelope(event.event_id, event.type, Feed("rutan-dua", "intake", "national", EPOCH), 1, THEN).headers()
    assert Delivery.of(f"national.rutan-dua.{event.type}", headers, event.to_bytes()).envelope
    assert Delivery.of(f"national.rutan-satu.{event.type}", headers, event.to_bytes()).envelope is None


def test_a_cohort_leaves_out_tahanan_and_the_dead_and_counts_whom_nobody_observed(ministry: Ministry) -> None:
    def let_go(mode: str = "pb", until: int | None = None, back: int | None = None, **fields: Any) -> list[Event]:
        person, release = uuid4(), uuid4()
        events = [
            registered(person, **fields),
            said(PersonReleased, person, release_id=release, released_on=LEFT, mode=mode),
        ]
        if until:
            day = LEFT + timedelta(days=until)
            events.append(said(ObservationEnded, person, release_id=release, observed_until=day))
        if back:
            day = LEFT + timedelta(days=back)
            events.append(said(PersonReentered, person, release_id=release, reentered_on=day, reason="new_case"))
        return events

    finisher = let_go(until=100, birth_year=1990)
    done: dict[str, Any] = {"enrolment_id": uuid4(), "programme": "las", "completed_on": LEFT}
    ministry.hears(*finisher, said(ProgrammeCompleted, finisher[0].model_dump()["person"], **done))
    ministry.hears(*let_go(until=300, back=40), *let_go(), *let_go())
    ministry.hears(*let_go(until=9, legal_status="tahanan"), *let_go("meninggal", until=9))
    with ministry.database.transaction() as session:
        found = cohort(session, "las", ["age"])
    assert found.unobserved == 2
    seen = sorted((o.days, o.reentered, o.treated, o.covariates.get("age")) for o in found.observations)
    assert seen == [(40, True, False, None), (100, False, True, 36.0)]


def test_an_entry_that_was_merged_is_not_a_second_person(ministry: Ministry) -> None:
    people = [registered() for _ in range(7)]
    ministry.hears(*people, said(PersonsMerged, people[6].about, kept=people[0].about))
    assert ministry.site()["stages"]["registered"] == 6
    ministry.hears(said(PersonsUnmerged, people[6].about, kept=people[0].about))
    assert ministry.site()["stages"]["registered"] == 7


@pytest.mark.parametrize("told_by", ["sender", "receiver", "nobody"])
def test_whoever_moved_is_counted_where_they_are_once_either_side_has_said_so(ministry: Ministry, told_by: str) -> None:
    here, there = [registered() for _ in range(6)], [registered(site="rutan-dua") for _ in range(6)]
    moves = [uuid4() for _ in here]
    ministry.hears(*here, *there)
    for move, sent, received in zip(moves, here, there, strict=True):
        ministry.hears(said(TransferOffered, sent.about, transfer_id=move, to_site="rutan-dua"))
        if told_by == "sender":
            ministry.hears(said(TransferClosed, sent.about, transfer_id=move, arrived=True))
        if told_by == "receiver":
            accepted = {"site": "rutan-dua", "occurred_at": THEN, "person": received.about, "transfer_id": move}
            ministry.hears(TransferAccepted(from_site=SITE, **accepted))
    at_home = 6 if told_by == "nobody" else 0
    assert (ministry.site()["stages"]["registered"], ministry.site()["transfers_open"]) == (at_home, at_home)
    assert ministry.site("rutan-dua")["stages"]["registered"] == 6


def test_another_rutan_cannot_claim_whom_it_was_not_sent(ministry: Ministry) -> None:
    people, moves = [registered() for _ in range(6)], [uuid4() for _ in range(6)]
    ministry.hears(*people)
    for person, move in zip(people, moves, strict=True):
        ministry.hears(said(TransferOffered, person.about, transfer_id=move, to_site="rutan-dua"))
        thief = {"site": "rutan-tiga", "occurred_at": THEN, "person": uuid4(), "transfer_id": move}
        ministry.hears(TransferAccepted(from_site=SITE, **thief))
    assert ministry.site()["stages"]["registered"] == 6


def test_reports_of_levies_and_breaches_are_late_after_their_time(ministry: Ministry) -> None:
    long_ago, lately = datetime.now(UTC) - timedelta(days=8), datetime.now(UTC) - timedelta(hours=1)
    for when in (long_ago, lately):
        levy, breach = uuid4(), uuid4()
        ministry.hears(LevyReported(site=SITE, occurred_at=when, report_id=levy, step="visit"))
        ministry.hears(BreachOpened(site=SITE, occurred_at=when, breach_id=breach, discovered_at=when))
    assert ministry.site()["levies"] == {"all": 2, "open": 2, "late": 1}
    assert ministry.site()["breaches"] == {"all": 2, "open": 2, "late": 1}
    ministry.hears(LevyReportClosed(site=SITE, occurred_at=lately, report_id=levy, upheld=False))
    ministry.hears(BreachNotified(site=SITE, occurred_at=lately, breach_id=breach, notified_at=lately))
    assert ministry.site()["levies"] == {"all": 2, "open": 1, "late": 1}
    assert ministry.site()["breaches"] == {"all": 2, "open": 1, "late": 1}


def test_a_read_log_that_became_shorter_shows(ministry: Ministry) -> None:
    for looks, shortened in ((4, False), (9, False), (8, True)):
        ministry.hears(ReadLogSealed(site=SITE, occurred_at=THEN, looks=looks, fingerprint="ab" * 32))
        site = ministry.site()
        assert (site["read_log_looks"], site["read_log_shortened"]) == (looks, shortened)
    assert "memendek: periksa" in ministry.page()


def test_rights_are_counted_by_how_far_they_came_and_undecided_is_not_refused(ministry: Ministry) -> None:
    proposals = [uuid4() for _ in range(12)]
    ministry.hears(*(said(RightProposed, uuid4(), proposal_id=p, right="pb") for p in proposals))
    for granted, some in ((True, proposals[:6]), (False, proposals[6:8])):
        decided: dict[str, Any] = {"right": "pb", "granted": granted, "decided_on": LEFT}
        ministry.hears(*(said(RightDecided, uuid4(), proposal_id=p, **decided) for p in some))
    rights = ministry.site()["rights"]
    assert rights == {"proposed": 12, "advised": 0, "granted": 6, "refused": None, "revoked": 0}
