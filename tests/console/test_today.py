"""What waits for whom on the front page, and where facts are."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from console.pages import router
from console.pages.menu import MENU
from console.pages.signing_in import nearest_page
from console.pages.waiting import KINDS
from contracts.vocabulary import Role
from fastapi import FastAPI
from sqlalchemy import text
from support import Rutan
from support.console import ConsoleUnderTest, Visitor
from support.days import TODAY


def held(console: ConsoleUnderTest, days_left: int, **fields: Any) -> UUID:
    person = console.registered(uuid4(), legal_status="tahanan", **fields)
    period = {"book": "a_i", "from_on": str(TODAY - timedelta(20)), "until_on": str(TODAY + timedelta(days_left))}
    answer = console.site.request("intake", "PUT", f"/people/{person}/detention-periods/{uuid4()}", period)
    assert answer.is_success
    return person


def waiting(page: Visitor) -> dict[str, list[str]]:
    """What the front page says of each kind of work."""
    return {
        tr.th.get_text(strip=True): [td.get_text(" ", strip=True) for td in tr.select("td")]
        for tr in page.soup.select("tbody tr")
        if tr.th
    }


def in_boxes(name: str, day: date) -> dict[str, str]:
    """A day as it is typed."""
    return {f"{name}__day": str(day.day), f"{name}__month": str(day.month), f"{name}__year": str(day.year)}


DETENTION = "Penahanan hampir atau sudah berakhir"


def test_the_front_page_says_how_much_waits_and_leads_there_and_is_no_look_at_anybody(
    rutan: Rutan, console: ConsoleUnderTest
) -> None:
    for days in (-1, 3, 30):
        held(console, days, name="Rekaan Satu")
    page = console.officer(Role.REGISTRAR).go("/")
    assert waiting(page)[DETENTION][0] == "2" and "bebas demi hukum: 1" in page.text
    assert "Rekaan Satu" not in page.text
    assert rutan.sql("intake", "select subject from read_log") == []
    (link,) = [a for a in page.soup.select("#main a") if a.get_text() == DETENTION]
    assert page.go(str(link["href"])).status == 200


def test_what_was_just_done_is_not_shown_as_waiting(console: ConsoleUnderTest) -> None:
    person, page = held(console, 1), console.officer(Role.REGISTRAR).go("/")
    assert waiting(page)[DETENTION][0] == "1"
    page.go(f"/people/{person}/stays/detention").send(
        book="a_ii", **in_boxes("from_on", TODAY + timedelta(2)), **in_boxes("until_on", TODAY + timedelta(41))
    )
    assert page.status == 200, page.wrong
    assert waiting(page.go("/")) == {} and f"menunggu pada : {DETENTION}" in page.text.replace("pada:", "pada :")


def test_whoever_has_every_role_is_told_of_everything_that_waits(console: ConsoleUnderTest) -> None:
    page = console.officer().go("/")
    assert waiting(page) == {}
    (idle,) = [p.get_text() for p in page.soup.select("#main p.quiet")]
    assert len(idle.split(";")) == len(KINDS)


def test_nobody_is_told_of_the_work_of_others(console: ConsoleUnderTest) -> None:
    held(console, 1)
    assert waiting(console.officer(Role.INSTRUCTOR).go("/")) == {}
    console.site.request("intake", "PUT", f"/levy-reports/{uuid4()}", {"step": "visit"})
    assert list(waiting(console.officer(Role.INSPECTOR).go("/"))) == ["Laporan pungutan yang belum dijawab"]
    assert console.officer(Role.INSPECTOR).go("/waiting/consents").status == 404


def test_who_waits_is_named_on_the_list_page_by_page_but_not_who_is_closed_to_the_reader(
    rutan: Rutan, console: ConsoleUnderTest
) -> None:
    for number in range(21):
        person, asked = console.registered(uuid4(), name=f"Rekaan Ke{number}"), {"text_version": "v1"}
        assert console.site.request("intake", "POST", f"/people/{person}/consents/programme", asked).is_success
    console.site.request("intake", "PUT", f"/people/{person}/restriction", {"restricted": True})
    with rutan.database("intake").engine.begin() as connection:
        connection.execute(text("update consent set expires_on = current_date + 7"))
    page = console.officer(Role.COUNSELLOR).go("/waiting/consents")
    shown = page.text + page.go("/waiting/consents?page=2").text
    assert "Halaman 2 dari 2" in page.text
    assert "Rekaan Ke19" in shown and "Rekaan Ke20" not in shown and "nama tidak ditampilkan" in shown


def test_the_front_page_says_what_it_cannot_know_while_a_service_is_away(console: ConsoleUnderTest) -> None:
    officer = console.officer(Role.COUNSELLOR)
    console.app.state.services._urls = console.app.state.services._urls | {"outcomes": "http" + "://127.0.0.1:1"}
    page = officer.go("/")
    assert page.status == 200
    assert waiting(page)["Tindak lanjut setelah bebas yang jatuh tempo"][0] == "belum diketahui"
    assert "Sebagian belum diketahui" in page.text


def test_how_much_the_centre_has_is_said_without_any_link(console: ConsoleUnderTest) -> None:
    held(console, 20)
    page = console.officer(Role.INSTRUCTOR).go("/")
    assert "Pusat belum pernah memberi kabar. 1 fakta belum diterima pusat." in page.text
    page.go("/tracing")
    (row,) = [tr for tr in page.soup.select("tbody tr") if "registrasi" in tr.get_text()]
    assert [td.get_text(strip=True) for td in row.select("td")] == ["1", "0", "1", "belum ada"]


def test_a_fact_is_found_and_said_where_it_is_and_about_whom_is_not(console: ConsoleUnderTest) -> None:
    person = held(console, 20, name="Rekaan Siapa")
    page = console.officer(Role.REGISTRAR).go("/tracing/intake")
    (row,) = page.soup.select("tbody tr")
    assert row.get_text(" ", strip=True).startswith("orang didaftarkan")
    assert [td.get_text(" ", strip=True).split()[0] for td in row.select("td")[1:]] == ["tercatat", "tercatat"]
    assert "Rekaan Siapa" not in page.text and str(person) not in page.html
    assert page.go("/tracing/central").status == 404


def test_whatever_waits_and_every_line_of_the_menu_leads_to_a_page(console: ConsoleUnderTest) -> None:
    page = console.officer(administrator=True)
    places = {kind.address for kind in KINDS} | {href for href, _, _ in MENU}
    assert {place: status for place in places if (status := page.go(place).status) != 200} == {}


def test_whoever_waits_is_found_at_a_page() -> None:
    person, day = {"person": str(uuid4()), "purpose": "assessment", "recipient": "yayasan"}, "2026-01-31"
    placement = person | {"placement": str(uuid4()), "partner": "yayasan"}
    told: dict[str, Any] = {
        "consents": [person | {"expires_on": day}],
        "withdrawals": [person | {"due_at": day}],
        "assessments": {"people": [person | {"since": day}]},
        "plans": {"without_plan": {"people": [person]}, "unanswered": {"plans": [person | {"drafted_at": day}]}},
        "milestones": [placement | {"milestones": [{"days": 30, "due_on": day, "employed": None}]}],
    }
    app = FastAPI()
    app.include_router(router)
    for kind in (one for one in KINDS if not one.whole):
        lines = kind.lines(told[kind.name], str(TODAY))
        assert lines and all(nearest_page(app, line.href) == line.href for line in lines)
