"""What waits for whom on the front page, and where facts are."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.vocabulary import Role
from sqlalchemy import text
from support import Rutan
from support.console import ConsoleUnderTest

TODAY = datetime.now(UTC).astimezone().date()


def held(console: ConsoleUnderTest, days_left: int, **fields: Any) -> UUID:
    person = console.registered(uuid4(), legal_status="tahanan", **fields)
    period = {"book": "a_i", "from_on": str(TODAY - timedelta(20)), "until_on": str(TODAY + timedelta(days_left))}
    answer = console.site.request("intake", "PUT", f"/people/{person}/detention-periods/{uuid4()}", period)
    assert answer.is_success
    return person


def test_whose_detention_ends_stands_on_the_front_page_with_a_way_to_them(console: ConsoleUnderTest) -> None:
    out, soon = held(console, -1, name="Rekaan Satu"), held(console, 3, name="Rekaan Dua")
    page = console.officer(Role.REGISTRAR).go("/")
    (table,) = page.soup.select("#main table")
    links = {a.get_text(): a["href"] for a in table.select("a")}
    assert links == {"Rekaan Satu": f"/people/{out}/stays", "Rekaan Dua": f"/people/{soon}/stays"}
    assert "bebas demi hukum" in page.text and "3 hari lagi" in page.text


def test_whoever_has_every_role_is_told_of_everything_that_waits(console: ConsoleUnderTest) -> None:
    person = held(console, 1)
    asked = {"text_version": "v1"}
    assert console.site.request("intake", "POST", f"/people/{person}/consents/assessment", asked).is_success
    console.site.request("intake", "PUT", f"/levy-reports/{uuid4()}", {"step": "visit"})
    page = console.officer().go("/")
    assert page.status == 200 and "Belum diketahui" not in page.text
    assert {tag["id"] for tag in page.soup.select("h2[id]")} == {"detention", "levies", "centre"}


def test_nobody_is_told_of_the_work_of_others(console: ConsoleUnderTest) -> None:
    held(console, 1)
    assert console.officer(Role.INSTRUCTOR).go("/").soup.select("#main table") == []
    assert "Tidak ada yang menunggu Anda" in console.officer(Role.INSPECTOR).go("/").text
    assert console.officer(Role.INSPECTOR).go("/waiting/detention").status == 404


def test_who_is_closed_to_the_reader_waits_without_a_name(console: ConsoleUnderTest) -> None:
    person = held(console, 1, name="Rekaan Tertutup")
    console.site.request("intake", "PUT", f"/people/{person}/restriction", {"restricted": True})
    page = console.officer(Role.REGISTRAR).go("/")
    assert "Rekaan Tertutup" not in page.text and "nama tidak ditampilkan" in page.text


def test_more_than_a_few_are_on_a_page_of_their_own(rutan: Rutan, console: ConsoleUnderTest) -> None:
    for number in range(7):
        person, asked = console.registered(uuid4(), name=f"Rekaan Ke{number}"), {"text_version": "v1"}
        assert console.site.request("intake", "POST", f"/people/{person}/consents/programme", asked).is_success
    with rutan.database("intake").engine.begin() as connection:
        connection.execute(text("update consent set expires_on = current_date + 7"))
    page = console.officer(Role.COUNSELLOR).go("/")
    (heading,) = page.soup.select("h2#consents")
    assert heading.get_text(strip=True).endswith(": 7") and len(page.soup.select("#main tbody tr")) == 5
    page.go("/waiting/consents")
    assert len(page.soup.select("#main tbody tr")) == 7 and "Rekaan Ke6" in page.text


def test_the_front_page_says_what_it_cannot_know_while_a_service_is_away(console: ConsoleUnderTest) -> None:
    officer = console.officer(Role.COUNSELLOR)
    console.app.state.services._urls = console.app.state.services._urls | {"outcomes": "http" + "://127.0.0.1:1"}
    page = officer.go("/")
    assert page.status == 200
    assert "Tindak lanjut setelah bebas yang jatuh tempo" in page.text and "Belum diketahui" in page.text
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
