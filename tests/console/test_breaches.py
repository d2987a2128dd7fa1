"""A breach is told within three times 24 hours, and the page shows how many are left."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from console.pages import breaches
from console.typed import Typed
from contracts.vocabulary import Role
from contracts.words import here
from intake.model.breaches import DataKind
from support.console import ConsoleUnderTest, Visitor

SAID = {
    "kinds": ["identity_data"],
    "description": "Map berkas tertinggal di ruang kunjungan",
    "handling": "Berkas diambil kembali",
}


def ago(name: str, hours: float) -> dict[str, str]:
    at = here(datetime.now(UTC) - timedelta(hours=hours))
    parts = {"day": at.day, "month": at.month, "year": at.year, "time": f"{at:%H.%M}"}
    return {f"{name}__{part}": str(value) for part, value in parts.items()}


def opened(console: ConsoleUnderTest, hours: float = 2) -> str:
    breach = f"/breaches/{uuid4()}"
    discovered = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    answer = console.site.request("intake", "PUT", breach, SAID | {"discovered_at": discovered})
    assert answer.is_success, answer.text
    return breach


def rows(visitor: Visitor) -> list[str]:
    return [row.get_text(" ", strip=True) for row in visitor.soup.select("main tbody tr")]


def test_a_breach_is_opened_and_everybody_told(console: ConsoleUnderTest) -> None:
    officer = console.officer(Role.PRIVACY_OFFICER).go("/breaches/new")
    officer.send(people_count="sekitar 5")
    assert officer.status == 422
    for field in ("discovered_at", "kinds", "people_count", "description", "handling"):
        assert officer.soup.select_one(f"#{field}-error"), field
    officer.send(**ago("discovered_at", -5), people_count="", **SAID)
    assert officer.status == 409 and "belum tiba" in officer.wrong[0]
    officer.send(**ago("discovered_at", 30))
    assert "sisa 1 hari 17 jam" in officer.text or "sisa 1 hari 18 jam" in officer.text
    assert "belum diketahui" in officer.text, "how many is not known, which is not none"
    officer.send(**ago("told_at", 1))
    assert officer.status == 422 and officer.soup.select_one("#whom-error")
    officer.send(whom="authority")
    assert officer.status == 409 and officer.soup.select_one("#authority-error")
    officer.send(authority="Lembaga Contoh")
    assert "Pemberitahuan sudah dicatat" in officer.text and "Lembaga Contoh" in officer.text
    officer.send(whom="people", authority="", **ago("told_at", 31))
    assert officer.status == 409 and officer.soup.select_one("#told_at-error")
    officer.send(**ago("told_at", 1))
    assert "semua sudah diberi tahu" in officer.text and not officer.soup.select("main form")
    assert "semua sudah diberi tahu" in rows(officer.go("/breaches"))[0]


def test_a_late_breach_stands_out_and_its_letter_can_be_printed(console: ConsoleUnderTest) -> None:
    breach = opened(console, hours=80.5)
    officer = console.officer(Role.PRIVACY_OFFICER).go("/breaches")
    assert "lewat 8 jam" in rows(officer)[0] and officer.soup.select(".late")
    officer.go(f"{breach}/letter")
    assert "Upaya penanganan dan pemulihan: Berkas diambil kembali" in officer.text


def test_of_two_officers_who_learn_more_the_second_sees_both_versions(console: ConsoleUnderTest) -> None:
    breach = opened(console)
    first, second = (console.officer(Role.PRIVACY_OFFICER).go(f"{breach}/findings") for _ in range(2))
    first.send(people_count="3")
    assert "sudah dicatat" in first.text and first.path == breach
    second.send(kinds=["identity_data", "case_data"], handling="")
    assert second.status == 422 and second.typed("handling") == ""
    second.send(handling="Lemari dikunci")
    assert second.status == 409 and "diubah orang lain" in second.wrong[0]
    assert any("3" in row and "berbeda" in row for row in rows(second))
    second.send(people_count="3")
    assert second.path == breach and "Lemari dikunci" in second.text and "catatan perkara" in second.text


def test_breaches_are_the_privacy_officer_s(console: ConsoleUnderTest) -> None:
    head = console.officer(Role.HEAD).go("/")
    assert not head.soup.select('a[href="/breaches"]')
    assert head.go("/breaches").heading == "Tidak dapat dilakukan"
    officer = console.officer(Role.PRIVACY_OFFICER).go("/")
    assert officer.soup.select('a[href="/breaches"]')
    assert officer.go(f"/breaches/{uuid4()}").status == 404


def test_what_a_form_offers_is_what_the_service_knows() -> None:
    assert set(breaches.KINDS) == {str(kind) for kind in DataKind}


@pytest.mark.parametrize("time", ["9.05", "09.05", "09:05", "9:05"])
def test_a_moment_is_the_site_s_own_time(time: str) -> None:
    said = {"at-day": "24", "at-month": "11", "at-year": "2026", "at-time": time}
    typed = Typed(said.items())
    assert here(datetime.fromisoformat(typed.moment("at") or "")) == datetime(
        2026, 11, 24, 9, 5, tzinfo=here(datetime.now(UTC)).tzinfo
    )


@pytest.mark.parametrize("time", ["", "25.00", "pagi"])
def test_what_is_no_moment_is_left_to_the_service(time: str) -> None:
    said = {"at-day": "24", "at-month": "11", "at-year": "2026", "at-time": time}
    with pytest.raises(ValueError, match=r"isoformat|hour"):
        datetime.fromisoformat(Typed(said.items()).moment("at") or "")
