"""What this release rests on is shown as it is: what is not confirmed is called so."""

from contracts.vocabulary import Role
from intake.queries.regulations import rule_sets
from support.console import ConsoleUnderTest


def test_every_regulation_is_shown_with_what_is_not_confirmed_of_it(console: ConsoleUnderTest) -> None:
    page = console.officer(Role.HEAD).go("/regulations")
    for rules in rule_sets():
        assert rules.number in page.text and rules.note in page.text
        for doubt in rules.unconfirmed():
            assert doubt.note in page.text
    assert "/consent-texts" not in page.html and page.go("/consent-texts").status == 403


def test_every_consent_text_can_be_read_and_printed(console: ConsoleUnderTest) -> None:
    page = console.officer(Role.REGISTRAR).go("/consent-texts")
    forms = [str(a["href"]) for a in page.soup.select("#main a") if "/form" in str(a["href"])]
    assert len(forms) == 2 * len(page.soup.select("section"))
    for form in forms[:2]:
        sheet = page.client.get(form)
        assert sheet.headers["content-type"] == "application/pdf" and sheet.content.startswith(b"%PDF")
        assert sheet.headers["cache-control"] == "no-store"
    assert page.go("/consent-texts/programme/v0/form").status == 404
