"""The list, the search, a person's page, and a record that is closed to ordinary looks."""

from uuid import UUID, uuid4

import pytest
from contracts.vocabulary import Role
from support.console import ConsoleUnderTest, Visitor

FIRST, SECOND = UUID(int=1), UUID(int=2)


def test_people_are_listed_by_what_is_chosen_and_found_by_what_is_typed(console: ConsoleUnderTest) -> None:
    console.registered(FIRST, name="Budi Rekaan", legal_status="tahanan", register_number="A.III 1/2026")
    console.registered(SECOND, name="Siti Rekaan", register_number="B.I 2/2026")
    console.site.request(
        "intake", "PUT", f"/people/{SECOND}/releases/{uuid4()}", {"released_on": "2026-02-03", "mode": "pb"}
    )
    officer = console.officer(Role.COUNSELLOR).go("/people")
    assert "Budi Rekaan" in officer.text and "Siti Rekaan" not in officer.text
    officer.send(words="", inside="", legal_status="narapidana")
    assert officer.path == "/people" and "Siti Rekaan" in officer.text and "Budi" not in officer.text
    officer.send(words="2/2026", inside="")
    assert "B.I 2/2026" in officer.text and officer.typed("words") == "2/2026"
    # Only what says nothing of anybody stands in an address.
    officer.go("/people/print?inside=all")
    assert len(officer.soup.select("tbody tr")) == 2 and officer.heading.startswith("Daftar WBP")
    officer.go("/people").send(words="x" * 300)
    assert officer.wrong == ["Isian ini terlalu panjang."] and officer.typed("words") == "x" * 300


def test_a_long_search_goes_on_page_by_page(console: ConsoleUnderTest) -> None:
    for n in range(52):
        console.registered(uuid4(), name=f"Rekaan {n:02d}", register_number=f"B.I {n}/2026")
    officer = console.officer(Role.REGISTRAR).go("/people").send(words="rekaan")
    assert "Halaman 1 dari 2" in officer.text and "Rekaan 51" not in officer.text
    officer.send(1, page="2")
    assert "Halaman 2 dari 2" in officer.text and "Rekaan 51" in officer.text


def test_a_name_that_was_told_is_not_asked_for_again_until_something_is_written(console: ConsoleUnderTest) -> None:
    console.registered(FIRST, name="Budi Rekaan")
    officer, other = console.officer(Role.REGISTRAR), console.officer(Role.REGISTRAR, name="Petugas Lain")

    def named(visitor: Visitor) -> int:
        """Opens a page that asks nothing of intake but who this is, and says how many looks there are by now."""
        visitor.go(f"/people/{FIRST}/stays/release")
        return int(console.site.request("intake", "GET", f"/people/{FIRST}/looks").json()["count"])

    first = named(officer)
    assert named(officer) == first + 1, "only our own question about the looks is new"
    assert named(other) == first + 3, "another officer is another look"
    other.go(f"/people/{FIRST}/identity/correction").send(name="Budi Contoh")
    named(officer)
    assert "Budi Contoh" in officer.text and "Budi Rekaan" not in officer.text


def test_a_closed_record_opens_to_whoever_says_why_and_that_is_seen(console: ConsoleUnderTest) -> None:
    console.registered(FIRST, name="Budi Rekaan", nik="9971014107900001")
    head = console.officer(Role.HEAD, name="Kepala Rekaan").go(f"/people/{FIRST}/privacy")
    head.send(f"/people/{FIRST}/privacy/restriction")
    assert "sekarang dibatasi" in head.text and "Cabut pembatasan" in head.text
    officer = console.officer(Role.REGISTRAR, name="Petugas Malam")
    assert "Budi" not in officer.go("/people").text
    for path in ("", "/identity", "/stays", "/privacy"):
        officer.go(f"/people/{FIRST}{path}")
        assert officer.status == 403 and officer.heading == "Data orang ini dibatasi" and "Budi" not in officer.text
    officer.send(reason="")
    assert officer.wrong == ["Isian ini wajib diisi."]
    officer.send(reason="Dibawa ke klinik")
    assert officer.heading == "Dibuka dalam keadaan darurat" and "9971014107900001" in officer.text
    assert officer.go(f"/people/{FIRST}").status == 403
    looks = console.officer(Role.PRIVACY_OFFICER).go(f"/people/{FIRST}/privacy/looks")
    assert "Petugas Malam" in looks.text and "darurat Dibawa ke klinik" in looks.text


def test_the_road_shows_what_the_role_reads_in_its_order(console: ConsoleUnderTest) -> None:
    console.registered(FIRST, name="Budi Rekaan", admitted_on="2026-01-02")
    console.site.request("intake", "POST", f"/people/{FIRST}/consents/programme/declination", {"text_version": "v1"})
    counsellor = console.officer(Role.COUNSELLOR).go(f"/people/{FIRST}")
    assert counsellor.heading == "Ringkasan"
    entries = [one.get_text(" ", strip=True) for one in counsellor.soup.select(".timeline__entry")]
    assert "Menjawab tidak : program" in entries[0].replace("tidak:", "tidak :") and "2 Januari 2026" in entries[-1]
    for part in ("assessments", "plans", "programmes", "work", "after-release"):
        assert counsellor.go(f"/people/{FIRST}/road/{part}").status == 200
        assert "Belum ada yang tercatat" in counsellor.text
    privacy = console.officer(Role.PRIVACY_OFFICER).go(f"/people/{FIRST}")
    assert "Menjawab tidak" not in privacy.text and "/road/" not in privacy.html
    assert privacy.go(f"/people/{FIRST}/road/plans").status == 404


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.PLACEMENT_OFFICER])
def test_who_has_no_business_with_the_register_is_not_shown_it(console: ConsoleUnderTest, role: Role) -> None:
    console.registered(FIRST)
    officer = console.officer(role).go("/")
    assert 'href="/people"' not in officer.html
    assert officer.go("/people").status == 403 and officer.go(f"/people/{FIRST}").status == 403


def test_a_name_is_remembered_no_longer_than_till_something_is_written(console: ConsoleUnderTest) -> None:
    console.registered(FIRST, name="Budi Rekaan")
    registrar = console.officer(Role.REGISTRAR).go(f"/people/{FIRST}/stays/release")
    assert "di dalam" in registrar.text
    registrar.send(released_on__day="3", released_on__month="2", released_on__year="2026", mode="pb")
    assert registrar.path == f"/people/{FIRST}/stays" and "sudah bebas" in registrar.text
