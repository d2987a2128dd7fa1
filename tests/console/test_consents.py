"""Asking for consent at the console: two answers of one worth, taken back in one step, followed until it holds."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from console.pages import consents
from console.pages.consents import standing
from contracts.vocabulary import Purpose, Role
from hypothesis import given
from hypothesis import strategies as st
from intake.model.consents import DeclineReason, GuardianRelation
from intake.model.texts import Language
from support.console import ConsoleUnderTest, Visitor
from support.days import TODAY
from ui.house import LANGUAGES

PARTNER = "yayasan-jalan"


def row(visitor: Visitor, starts: str) -> str:
    """The row of the table of purposes that begins so."""
    rows = [one.get_text(" ", strip=True) for one in visitor.soup.select("main table")[0].select("tbody tr")]
    return next(one for one in rows if one.lower().startswith(starts))


def partner(console: ConsoleUnderTest) -> None:
    console.site.request("partner_matching", "PUT", f"/partners/{PARTNER}", {"name": "Yayasan Jalan Rekaan"})


def agreed(console: ConsoleUnderTest, person: UUID, purpose: str, **more: Any) -> None:
    told = console.site.request("intake", "POST", f"/people/{person}/consents/{purpose}", {"text_version": "v1"} | more)
    assert told.is_success, told.text


def test_yes_and_no_are_two_equal_buttons_and_both_are_recorded(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    at = f"/people/{person}/consents"
    officer = console.officer(Role.REGISTRAR).go(at)
    assert officer.text.count("belum ditanya") == len(Purpose)
    officer.go(f"{at}/programme")
    buttons = officer.soup.select('main form button[name="answer"]')
    assert [one["value"] for one in buttons] == ["yes", "no"]
    assert buttons[0]["class"] == buttons[1]["class"], "neither is the louder one"
    first = officer.soup.select_one('main form button[type="submit"]')
    assert first and first.has_attr("disabled"), "Enter in a field presses the first button, and is no answer"
    assert "Jika Anda tidak ikut pembinaan" in officer.text, "what declining pembinaan means is told before the answer"
    officer.send(witness="Saksi Rekaan")
    assert officer.status == 409 and "belum dipilih" in officer.wrong[0] and officer.typed("witness") == "Saksi Rekaan"
    officer.send(answer="no", reason="wants_advice")
    assert "Jawaban sudah dicatat" in officer.text and "tidak setuju" in row(officer, "program")
    assert "ingin bertanya dahulu" in row(officer, "program") and not officer.soup.select(".govuk-tag--red")
    officer.go(f"{at}/programme").send(answer="yes", reason="wants_advice")
    assert "diberikan" in row(officer, "program") and "v1, Bahasa Indonesia" in row(officer, "program")
    assert str(TODAY.year + 1) in row(officer, "program"), "until when it holds"
    officer.go(f"{at}/programme").send(answer="yes")
    assert officer.status == 409 and "masih berlaku" in officer.wrong[0]


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_second_click_is_the_same_answer(console: ConsoleUnderTest, answer: str) -> None:
    person = console.registered(uuid4())
    at = f"/people/{person}/consents"
    officer = console.officer(Role.REGISTRAR).go(f"{at}/follow_up")
    sent = {name: officer.typed(name) for name in ("id", "text_version", "language")} | {"answer": answer}
    for _ in range(2):
        officer.post(f"{at}/follow_up", sent)
        assert officer.status == 200 and "Jawaban sudah dicatat" in officer.text
    assert len(officer.soup.select("main table")[1].select("tbody tr")) == 1
    if answer == "no":
        officer.post(f"{at}/follow_up", sent | {"answer": "yes"})
        assert "diberikan" in row(officer, "tindak lanjut"), "whoever goes back and says yes is heard"


def test_the_text_is_shown_in_full_in_the_language_that_the_person_chose(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    [text] = console.site.request("intake", "GET", "/consent-texts/psychological_assessment").json()
    at = f"/people/{person}/consents/psychological_assessment"
    officer = console.officer(Role.REGISTRAR).go(at)
    assert officer.heading == text["id"]["title"] and " ".join(text["id"]["text"].split()) in officer.text
    assert " ".join(text["id"]["declining"].split()) in officer.text
    officer.go(f"{at}?language=en")
    assert " ".join(text["en"]["text"].split()) in officer.text
    officer.send(answer="yes", interpreter="Juru Rekaan")
    assert officer.status == 409 and officer.soup.select_one("#witness-error")
    assert officer.typed("interpreter") == "Juru Rekaan" and officer.heading == text["en"]["title"]
    officer.send(answer="yes", witness="Saksi Rekaan")
    assert officer.soup.select_one("#understands-error"), "unknown is not yes"
    officer.send(answer="yes", understands="no")
    assert officer.soup.find(id="guardian.name-error")
    officer.send(answer="yes", **{"guardian.name": "Wali Rekaan"})
    assert officer.status == 422 and officer.soup.find(id="guardian.relation-error")
    officer.send(answer="yes", **{"guardian.relation": "parent"})
    assert "v1, English" in row(officer, "asesmen psikologi")


def test_sharing_names_one_partner_and_each_is_answered_by_itself(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    partner(console)
    at = f"/people/{person}/consents"
    officer = console.officer(Role.REGISTRAR).go(f"{at}/partner_sharing").send(answer="yes")
    assert officer.status == 409 and officer.soup.select_one("#recipient-error")
    officer.send(answer="yes", recipient=PARTNER)
    assert "Yayasan Jalan Rekaan" in row(officer, "berbagi data")
    officer.go(f"{at}/partner_sharing/withdrawal?recipient={PARTNER}").send()
    assert officer.heading == "Bukti penarikan" and "Yayasan Jalan Rekaan" in officer.text
    assert "gerbang mitra" in officer.text
    assert "ditarik" in row(officer.go(at), "berbagi data")


def test_a_consent_is_taken_back_in_one_step_and_the_page_watches_its_effect(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    agreed(console, person, "follow_up")
    at = f"/people/{person}/consents/follow_up"
    officer = console.officer(Role.COUNSELLOR).go(f"{at}/withdrawal")
    assert not officer.soup.select("main select, main input:not([type=hidden])"), "no reason is asked for"
    officer.send()
    assert officer.heading == "Bukti penarikan" and "Sisa waktu: 71 jam" in officer.text
    piece = officer.soup.select_one("#readers")
    assert piece and officer.soup.select('head script[src*="htmx"]')
    again = str(piece["hx-get"])
    assert again.startswith(f"{at}/proof?event=") and "watched=1" in again
    assert officer.soup.select_one(f'main a[href="{at}/proof"]'), "without scripts there is a link"
    for row_ in officer.soup.select("#readers tbody tr"):
        assert "belum berlaku" in row_.get_text()
    looks = console.site.request("intake", "GET", f"/people/{person}/looks").json()["count"]
    asked = officer.client.get(again, headers={"HX-Request": "true"}).text
    assert asked.lstrip().startswith("<div") and "<html" not in asked and "watched=2" in asked
    assert console.site.request("intake", "GET", f"/people/{person}/looks").json()["count"] == looks + 1, (
        "no look but ours"
    )
    assert "hx-get" not in officer.client.get(f"{at}/proof?watched=60").text, "an open page does not watch for ever"
    signed_out = console.visitor().client.get(again, headers={"HX-Request": "true"})
    assert (signed_out.status_code, signed_out.headers["hx-refresh"], signed_out.text) == (401, "true", "")
    officer.post(f"{at}/withdrawal", {})
    assert officer.status == 200 and officer.heading == "Bukti penarikan", "a second click finds it done"
    shown = console.officer(Role.PRIVACY_OFFICER).go(f"{at}/proof")
    assert shown.heading == "Bukti penarikan" and shown.soup.select_one('a[href="/waiting/withdrawals"]')


def test_the_effect_is_shown_per_place_and_watching_ends_when_all_have_it(console: ConsoleUnderTest) -> None:
    page = console.app.state.house
    reader = {"name": "Asesmen", "reader": "assessment", "applied_at": "2026-02-03T03:00:00Z", "overdue": False}
    late = {"name": "Tindak lanjut", "reader": "outcomes", "applied_at": None, "overdue": True}
    times = {"since_at": "2026-02-01T03:00:00Z", "due_at": "2026-02-04T03:00:00Z"}
    waits = times | {"complete_at": None, "overdue": True, "readers": [reader, late]}
    shown = page.render("consents/readers.html", "id", proof=waits, again="/x", here="/y", hours=0)
    assert "sudah berlaku" in shown and "terlambat" in shown and 'hx-get="/x"' in shown
    done = times | {"complete_at": "2026-02-03T03:00:00Z", "overdue": False, "readers": [reader]}
    shown = page.render("consents/readers.html", "id", proof=done, again="/x", here="/y", hours=0)
    assert "Sudah berlaku di semua tempat." in shown and "hx-get" not in shown and 'href="/y"' not in shown


def test_the_form_is_printed_and_its_number_entered_once(console: ConsoleUnderTest) -> None:
    person, other = console.registered(uuid4()), console.registered(uuid4())
    officer = console.officer(Role.REGISTRAR).go(f"/people/{person}/consents/follow_up")
    link = officer.soup.select_one('main a[href^="/consent-forms/"]')
    assert link
    sheet = officer.client.get(str(link["href"]))
    assert sheet.headers["content-type"] == "application/pdf" and sheet.content.startswith(b"%PDF")
    number = console.site.request("intake", "GET", "/consent-forms/follow_up/v1").headers["jembatan-form-number"]
    day = {f"on_paper.signed_on__{part}": str(getattr(TODAY, part)) for part in ("day", "month", "year")}
    officer.send(answer="yes", **{"on_paper.form_number": "ABC"}, **day)
    assert officer.status == 422 and officer.soup.find(id="on_paper.form_number-error")
    officer.send(answer="yes", **{"on_paper.form_number": number})
    assert "Jawaban sudah dicatat" in officer.text and number.replace("-", "") in officer.text
    officer.go(f"/people/{other}/consents/follow_up")
    officer.send(answer="no", **{"on_paper.form_number": number}, **day)
    assert officer.status == 409 and officer.soup.find(id="on_paper.form_number-error")


def test_what_declining_pembinaan_means_is_told_by_legal_status(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    notice = console.site.request("intake", "GET", f"/people/{person}/pembinaan-notice").json()
    officer = console.officer(Role.COUNSELLOR).go(f"/people/{person}/pembinaan-notice")
    assert " ".join(notice["id"].split()) in officer.text
    assert " ".join(notice["en"].split()) in officer.go(f"{officer.path}?language=en").text


def test_only_registrars_are_offered_to_record_an_answer(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    counsellor = console.officer(Role.COUNSELLOR).go(f"/people/{person}/consents")
    assert "Tanyakan" not in counsellor.text
    assert not counsellor.go(f"/people/{person}/consents/programme").soup.select("main form")
    head = console.officer(Role.HEAD).go(f"/people/{person}")
    assert not head.soup.select('a[href$="/consents"]')
    assert counsellor.go(f"/people/{person}/consents/security").status == 404


def test_whose_consent_ends_soon_leads_to_their_answers(console: ConsoleUnderTest) -> None:
    officer = console.officer(Role.REGISTRAR).go(f"/people/{console.registered(uuid4())}/consents")
    assert officer.soup.select_one('main a[href="/waiting/consents"]')
    assert officer.go("/waiting/consents").status == 200


def test_what_the_forms_offer_is_what_the_service_knows() -> None:
    assert set(consents.REASONS) == set(DeclineReason)
    assert set(consents.RELATIONS) == set(GuardianRelation)
    assert set(LANGUAGES) == set(Language)


ANSWERS = st.lists(
    st.fixed_dictionaries(
        {
            "purpose": st.sampled_from(list(Purpose)),
            "recipient": st.none(),
            "given": st.booleans(),
            "end": st.sampled_from([None, "withdrawn", "expired", "renewed"]),
            "expires_on": st.sampled_from([str(TODAY - timedelta(days=1)), str(TODAY)]),
        }
    ),
    max_size=8,
)


@given(ANSWERS)
def test_every_purpose_is_listed_once_and_only_what_stands_is_called_given(answers: list[dict[str, Any]]) -> None:
    answers = [one if one["given"] else one | {"end": None, "expires_on": None} for one in answers]
    listed = standing(answers, str(TODAY))
    assert [one["purpose"] for one in listed] == list(Purpose)
    for one in listed:
        mine = [said for said in answers if said["purpose"] == one["purpose"]]
        assert (one["state"] == "not_asked") == (not mine)
        if one["state"] == "given":
            assert one["last"]["given"] and one["last"]["end"] in (None, "renewed")
            assert one["last"]["expires_on"] >= str(TODAY)
        if mine and not mine[-1]["given"] and one["state"] != "declined":
            assert one["state"] == "given", "only what stands outlives a no"
