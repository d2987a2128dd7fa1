"""Vacancies, explained suggestions, placements and what became of them, as the staff keeps them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven
from contracts.vocabulary import Domain, NeedLevel, Purpose, Role
from support import Rutan
from support.console import ConsoleUnderTest, Visitor
from support.days import TODAY
from support.hearing import hear

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
PARTNER = "yayasan-contoh"


def agreed(rutan: Rutan, person: UUID, purpose: Purpose, recipient: str | None = None) -> ConsentGiven:
    return ConsentGiven(
        site=rutan.site, occurred_at=NOW, person=person, purpose=purpose, recipient=recipient, consent_epoch=1
    )


def seeker(console: ConsoleUnderTest, rutan: Rutan, name: str = "Andi Rekaan") -> UUID:
    """Somebody who asked for help with finding work."""
    person, levels = console.registered(uuid4(), name=name), dict.fromkeys(Domain, NeedLevel.LIGHT)
    wish = NeedsFound(
        site=rutan.site, occurred_at=NOW, person=person, levels=levels, wants_help=frozenset({Domain.WORK})
    )
    hear(rutan.database("partner_matching"), agreed(rutan, person, Purpose.ASSESSMENT), wish)
    return person


def vacancy(console: ConsoleUnderTest, places: int = 1) -> UUID:
    made = uuid4()
    request = console.site.request
    assert request("partner_matching", "PUT", f"/partners/{PARTNER}", {"name": "Yayasan Contoh"}).is_success
    offer = {"partner": PARTNER, "title": "Penjahit", "sector": "garment", "places": places}
    assert request("partner_matching", "PUT", f"/vacancies/{made}", offer).is_success
    return made


def accepted(console: ConsoleUnderTest, rutan: Rutan, person: UUID) -> UUID:
    match = uuid4()
    body = {"person": str(person), "vacancy": str(vacancy(console))}
    assert console.site.request("partner_matching", "PUT", f"/matches/{match}", body).is_success
    assert console.site.request("partner_matching", "POST", f"/matches/{match}/acceptance").is_success
    return match


def placed(console: ConsoleUnderTest, rutan: Rutan, person: UUID, started_on: date) -> str:
    """The page of a placement."""
    match, placement = accepted(console, rutan, person), uuid4()
    hear(rutan.database("partner_matching"), agreed(rutan, person, Purpose.PARTNER_SHARING, PARTNER))
    body = {"match": str(match), "started_on": str(started_on)}
    assert console.site.request("partner_matching", "PUT", f"/placements/{placement}", body).is_success
    return f"/people/{person}/work/placements/{placement}"


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def rows(visitor: Visitor) -> list[str]:
    return [row.get_text(" ", strip=True) for row in visitor.soup.select("main tbody tr")]


def follow(visitor: Visitor, words: str) -> Visitor:
    """Follows the first link of the page's own part that says so."""
    link = next(one for one in visitor.soup.select("main a") if words in one.get_text(" ", strip=True))
    return visitor.go(str(link["href"]))


def test_a_partner_offers_places_and_somebody_who_looks_for_work_is_suggested_one_for_a_reason(
    console: ConsoleUnderTest, rutan: Rutan
) -> None:
    person = seeker(console, rutan)
    officer = console.officer(Role.PLACEMENT_OFFICER).go("/work/partners").send(name="Yayasan Contoh")
    assert "Mitra sudah didaftarkan" in officer.text and rows(officer) == ["Yayasan Contoh yayasan-contoh"]
    officer.go("/work/vacancies/new").send(partner=PARTNER, title="Penjahit", sector="garment")
    assert officer.wrong == ["Isian ini wajib diisi."] and officer.typed("title") == "Penjahit"
    officer.send(places="1")
    assert rows(officer) == ["Penjahit Yayasan Contoh jahit 1 dari 1"]

    follow(officer.go("/work/seekers"), "Andi Rekaan")
    assert "Karena: ada tempat, ingin dibantu mencari kerja" in officer.text
    chosen = officer.soup.select_one('[name="vacancy"]')
    officer.send(vacancy=str(chosen and chosen["value"]))
    assert "Saran sudah dicatat" in officer.text and "karena: ada tempat" in officer.text
    assert [one["class"] for one in officer.soup.select('button[name="answer"]')] == [
        ["govuk-button", "govuk-button--secondary"]
    ] * 2
    officer.go(f"/people/{person}/work/vacancies").send(vacancy=str(chosen and chosen["value"]))
    assert officer.status == 409 and "sudah disarankan" in officer.wrong[0]
    assert officer.go("/work/seekers").text.count("Andi Rekaan") == 0
    assert rows(officer.go("/work/matches"))[0].startswith("Andi Rekaan Penjahit, Yayasan Contoh")


@pytest.mark.parametrize(("answer", "said"), [("accepted", "dipilih"), ("declined", "tidak mau")])
def test_either_answer_to_a_suggestion_is_ordinary_and_counts_once(
    console: ConsoleUnderTest, rutan: Rutan, answer: str, said: str
) -> None:
    person, match = seeker(console, rutan), uuid4()
    body = {"person": str(person), "vacancy": str(vacancy(console))}
    console.site.request("partner_matching", "PUT", f"/matches/{match}", body)
    officer = console.officer(Role.COUNSELLOR)
    for _ in range(2):
        officer.post(f"/people/{person}/work/matches/{match}", {"answer": answer})
        assert officer.status == 200 and f"Keadaan: {said}" in officer.text
    assert ("Catat mulai bekerja" in officer.text) == (answer == "accepted")


def test_work_begins_with_consent_to_share_it_and_never_without(console: ConsoleUnderTest, rutan: Rutan) -> None:
    person = seeker(console, rutan)
    match = accepted(console, rutan, person)
    officer = console.officer(Role.COUNSELLOR).go(f"/people/{person}/work/matches/{match}/start").send()
    assert officer.status == 403 and "belum menyetujui data penempatannya dibagikan" in officer.wrong[0]
    hear(rutan.database("partner_matching"), agreed(rutan, person, Purpose.PARTNER_SHARING, PARTNER))
    officer.send(**day("started_on", TODAY + timedelta(days=9)))
    assert officer.status == 409 and "belum tiba" in officer.text and officer.soup.select_one("#started_on-error")
    officer.send(**day("started_on", TODAY))
    assert "Mulai bekerja sudah dicatat" in officer.text and rows(officer)[0].startswith("Yayasan Contoh")
    assert rows(officer.go("/work/placements"))[0].startswith("Andi Rekaan Yayasan Contoh")


def test_not_recorded_unknown_and_no_are_three_things(console: ConsoleUnderTest, rutan: Rutan) -> None:
    at = placed(console, rutan, seeker(console, rutan), TODAY - timedelta(days=40))
    officer = console.officer(Role.PLACEMENT_OFFICER).go(at)
    assert ["perlu ditanyakan" in row for row in rows(officer)] == [True, False, False]
    assert "belum waktunya" in rows(officer)[1]
    follow(officer, "Catat 30").send()
    assert officer.status == 422 and officer.soup.select_one("#employed-error")
    officer.send(employed="unknown")
    assert "belum diketahui" in rows(officer)[0]
    slow = follow(console.officer(Role.COUNSELLOR, name="Lain").go(at), "Perbaiki 30")
    follow(officer, "Perbaiki 30").send(employed="yes")
    assert "30" in rows(officer)[0] and "tidak bekerja" not in rows(officer)[0]
    slow.send(employed="no")
    assert slow.status == 409 and "Masih bekerja? berbeda ya tidak" in slow.text
    slow.send()
    assert "tidak bekerja" in rows(slow)[0]
    for _ in range(2):
        slow.post(f"{at}/end", {"reason": "left", **day("ended_on", TODAY)})
        assert slow.status == 200 and "berhenti sendiri" in slow.text
    assert "Catat berakhir" not in slow.text


def test_two_officers_who_change_a_vacancy_or_a_partner_are_told_of_each_other(console: ConsoleUnderTest) -> None:
    made = vacancy(console)
    first, second = (console.officer(Role.PLACEMENT_OFFICER, name=name) for name in ("Satu", "Dua"))
    for at, field, theirs, mine in (
        (f"/work/vacancies/{made}", "places", "4", "5"),
        (f"/work/partners/{PARTNER}", "name", "Yayasan Baru", "Yayasan Lain"),
    ):
        first.go(at)
        second.go(at).send(**{field: theirs})
        assert second.status == 200
        first.send(**{field: mine})
        assert first.status == 409 and "Kedua versi" in first.text and first.typed(field) == mine
        assert first.send().status == 200
    assert rows(first.go("/work")) == ["Penjahit Yayasan Lain jahit 5 dari 5"]


def test_who_reads_about_work_and_does_not_keep_it_is_offered_nothing(console: ConsoleUnderTest, rutan: Rutan) -> None:
    person = seeker(console, rutan)
    accepted(console, rutan, person)
    head, counsellor = console.officer(Role.HEAD), console.officer(Role.COUNSELLOR)
    for path in ("/work", "/work/partners", "/work/matches", f"/people/{person}/work"):
        assert head.go(path).status == 200 and not head.soup.select("main form, main a.govuk-button")
    assert not counsellor.go("/work").soup.select("main a.govuk-button")
    assert "Catat berakhir" not in head.go(f"/people/{person}/work").text
