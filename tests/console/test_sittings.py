"""The TPP sits over what is complete, and what comes up soon is seen in time."""

from datetime import date
from typing import Any
from uuid import uuid4

from console import queries
from console.pages import sittings
from contracts.vocabulary import Role
from intake.model.rights import AdviceReason
from support.console import ConsoleUnderTest, Visitor
from support.days import TODAY
from support.rights import completed, proposed, ref, sentenced


class Register:
    """The register of a console's site, for what `support.rights` prepares."""

    def __init__(self, console: ConsoleUnderTest) -> None:
        self._site = console.site

    def put(self, path: str, json: Any, **options: Any) -> Any:
        return self._site.request("intake", "PUT", path, json)

    def post(self, path: str, json: Any, **options: Any) -> Any:
        return self._site.request("intake", "POST", path, json)


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}__day": str(on.day), f"{name}__month": str(on.month), f"{name}__year": str(on.year)}


def members(console: ConsoleUnderTest) -> tuple[list[Visitor], list[str]]:
    """Three members of the board, and their ids."""
    officers = [console.officer(Role.ASSESSMENT_BOARD, name=f"Anggota {n}") for n in ("A", "B", "C")]
    with console.database.transaction() as session:
        known = {one.name: str(one.id) for one in queries.accounts(session)}
    return officers, [known[f"Anggota {n}"] for n in ("A", "B", "C")]


def rows(visitor: Visitor) -> list[str]:
    return [row.get_text(" ", strip=True) for row in visitor.soup.select("main tbody tr")]


def test_a_sitting_is_planned_printed_and_advises(console: ConsoleUnderTest) -> None:
    register: Any = Register(console)
    first, second = (sentenced(register, name=name) for name in ("Rekaan Satu", "Rekaan Dua"))
    at, _ = completed(register, first), proposed(register, second)
    [one, other, _], three = members(console)
    registrar = console.officer(Role.REGISTRAR).go("/sittings/new")
    assert "Rekaan Satu" in registrar.text and "Rekaan Dua" not in registrar.text, "only what is complete"
    registrar.send()
    assert registrar.status == 422 and registrar.soup.select_one("#held_on-error")
    registrar.send(**day("held_on", TODAY), members=three[:2])
    assert "Sidang sudah direncanakan" in registrar.text and "Belum kuorum" in registrar.text
    here = registrar.path
    assert not registrar.soup.select('a[href*="/advice/"]'), "advising is the board's"
    assert not other.go(here).soup.select('a[href*="/advice/"]'), "nor is it offered where it would be refused"

    one.go(f"{here}/advice/{ref(at)}").send()
    assert one.status == 422 and one.soup.select_one("#advice-error")
    one.send(advice="postponed", minutes="Rekaan Uji hadir.")
    assert one.status == 409 and "kuorum" in one.wrong[0] and one.typed("minutes") == "Rekaan Uji hadir."
    registrar.go(f"{here}/plan").send(members=three)
    assert registrar.path == here and "Belum kuorum" not in registrar.text and "Anggota C" in registrar.text
    assert other.go(here).soup.select('a[href*="/advice/"]')
    one.send(advice="postponed")
    assert one.status == 409 and one.soup.select_one("#reasons-error")
    one.send(advice="recommended", minutes=f"Hadir.\n\n{'panjang ' * 60}")
    assert "Saran sidang sudah dicatat" in one.text and "disarankan" in rows(one)[0]
    one.go(f"{here}/advice/{ref(at)}")
    assert not one.soup.select("main form")
    [kept] = console.site.request("intake", "GET", f"{first}/proposals").json()[0]["advice"]
    assert kept["minutes"][0] == "Hadir." and len(kept["minutes"]) == 4

    paper = registrar.client.get(f"{here}/agenda.pdf")
    assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF")
    assert "no-store" in paper.headers["cache-control"]
    assert "1" in rows(registrar.go("/sittings"))[0]


def test_whoever_does_not_sit_is_told_beside_the_form(console: ConsoleUnderTest) -> None:
    register: Any = Register(console)
    at = completed(register, sentenced(register))
    _, three = members(console)
    registrar = console.officer(Role.REGISTRAR).go("/sittings/new").send(**day("held_on", TODAY), members=three)
    other = console.officer(Role.ASSESSMENT_BOARD, name="Anggota Lain").go(f"{registrar.path}/advice/{ref(at)}")
    other.send(advice="recommended")
    assert other.status == 403 and "bukan" not in other.heading and other.soup.select_one("#advice-error")


def test_of_two_officers_who_plan_the_second_sees_both_versions(console: ConsoleUnderTest) -> None:
    register: Any = Register(console)
    completed(register, sentenced(register))
    _, three = members(console)
    here = console.officer(Role.REGISTRAR).go("/sittings/new").send(**day("held_on", TODAY)).path
    first, second = (console.officer(Role.REGISTRAR).go(f"{here}/plan") for _ in range(2))
    assert first.send(members=three).path == here
    second.send(members=three[:1])
    assert second.status == 409 and any("Anggota C" in row and "berbeda" in row for row in rows(second))
    assert second.send(members=three).path == here


def test_what_comes_up_and_what_is_on_its_way_can_be_seen(console: ConsoleUnderTest) -> None:
    register: Any = Register(console)
    waits, asked = (sentenced(register, name=name) for name in ("Rekaan Menunggu", "Rekaan Diusulkan"))
    proposal = proposed(register, asked)
    counsellor = console.officer(Role.COUNSELLOR).go("/horizon?days=90")
    assert "Perkiraan, bukan keputusan" in counsellor.text
    assert any("Rekaan Menunggu" in row and "pembebasan bersyarat" in row for row in rows(counsellor))
    assert not any("Rekaan Diusulkan" in row and "pembebasan bersyarat" in row for row in rows(counsellor))
    assert counsellor.soup.select(f'a[href="{waits}/rights/pb"]')
    counsellor.go("/proposals")
    assert any("Rekaan Diusulkan" in row and "diusulkan" in row for row in rows(counsellor))
    assert counsellor.soup.select(f'a[href="{asked}/rights/proposals/{ref(proposal)}"]')
    assert counsellor.go("/sittings").heading == "Tidak dapat dilakukan"
    assert not counsellor.soup.select('nav a[href="/sittings"]')


def test_a_reason_that_the_form_offers_is_one_that_the_service_knows() -> None:
    assert set(sittings.REASONS) == set(AdviceReason)


def test_a_sitting_that_is_not_there_is_no_page(console: ConsoleUnderTest) -> None:
    assert console.officer(Role.HEAD).go(f"/sittings/{uuid4()}").status == 404
