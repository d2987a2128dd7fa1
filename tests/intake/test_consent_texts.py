from datetime import date, timedelta
from pathlib import Path

import intake
import pytest
from contracts.vocabulary import LegalStatus, Purpose, Role
from hypothesis import given
from hypothesis import strategies as st
from intake.model.texts import ConsentTextRetired, Language, Text, form_number, is_form_number
from intake.queries.texts import every_text, legal_bases, pembinaan_notice, printed_form, text_of, texts_for
from jembatan.demo.walk import TEXT_VERSION
from support import Rutan, a_person, staff
from support.hearing import api

FOLDER = Path(intake.__file__).parent / "texts"


@pytest.mark.parametrize("purpose", Purpose)
def test_every_question_can_be_asked_in_both_languages(purpose: Purpose) -> None:
    for text in texts_for(purpose):
        for language in Language:
            wording = text.wording(language)
            assert wording.title and wording.declining and len(wording.text) > 200
        # What must be said before anybody agrees (UU 27/2022 Ps. 21), and that it can be taken back (Ps. 9).
        assert "3 x 24" in text.id.text and "kapan saja" in text.id.text and "Ps. 20" in text.clause
        assert "Tidak ada catatan buruk" in text.id.declining and "No bad record" in text.en.declining


def test_a_file_is_named_by_what_it_asks_and_no_version_is_there_twice() -> None:
    names = {f"{text.purpose}.{text.version}.toml" for text in every_text()}
    assert names == {path.name for path in FOLDER.glob("*.*.toml")}
    for purpose in Purpose:
        versions = [name for text in texts_for(purpose) for name in (text.version, *text.also)]
        assert versions and len(versions) == len(set(versions))


def test_what_the_demonstration_asks_with_is_known() -> None:
    for purpose in (Purpose.ASSESSMENT, Purpose.PROGRAMME, Purpose.PARTNER_SHARING, Purpose.FOLLOW_UP):
        assert text_of(purpose, TEXT_VERSION).version == "v1"


def test_a_wording_that_is_no_longer_used_is_not_read_out_but_what_was_signed_before_counts() -> None:
    text = text_of(Purpose.PROGRAMME, "v1").model_copy(update={"used_until": date(2026, 6, 30)})
    text.must_be_in_use(date(2026, 6, 30))
    with pytest.raises(ConsentTextRetired):
        text.must_be_in_use(date(2026, 7, 1))


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(3, 60))
def test_a_validity_is_counted_in_months_and_never_reaches_a_day_too_far(begins: date, months: int) -> None:
    text: Text = every_text()[0].model_copy(update={"valid_months": months})
    last = text.expires_on(begins)
    passed = (last.year - begins.year) * 12 + last.month - begins.month
    assert passed == months and last.day <= begins.day
    assert last.day == begins.day or (last + timedelta(days=1)).day == 1


@given(st.integers(0, 2**64), st.data())
def test_one_slip_or_swap_in_a_form_number_shows(chosen: int, data: st.DataObject) -> None:
    number = form_number(chosen)
    assert is_form_number(number)
    symbols = number.replace("-", "")
    at = data.draw(st.integers(0, len(symbols) - 1))
    other = data.draw(st.sampled_from("23456789ABCDEFGHJKMNPQRSTUVWXYZ0").filter(lambda s: s != symbols[at]))
    assert not is_form_number(symbols[:at] + other + symbols[at + 1 :])
    swapped = symbols[:at] + symbols[at : at + 2][::-1] + symbols[at + 2 :]
    assert swapped == symbols or not is_form_number(swapped)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_printed_form_is_an_accessible_pdf_that_brings_its_own_fonts(purpose: Purpose, language: Language) -> None:
    pdf = printed_form(text_of(purpose, "v1"), language, form_number(7))
    assert pdf.startswith(b"%PDF-") and b"/MarkInfo" in pdf and b"/StructTreeRoot" in pdf
    assert f"/Lang({language})".encode() in pdf and b"/FontFile" in pdf


def test_what_a_text_says_is_printed_as_it_is_and_runs_nothing() -> None:
    text = text_of(Purpose.PROGRAMME, "v1")
    wording = text.id.model_copy(update={"text": '#panic("x") $ _*', "title": "#sys.inputs"})
    assert printed_form(text.model_copy(update={"id": wording}), Language.ID, "X").startswith(b"%PDF-")


def test_every_print_has_a_number_of_its_own_that_can_be_entered(rutan: Rutan) -> None:
    with api(rutan, "intake") as client:
        path = "/consent-forms/programme/v1"
        prints = [client.get(path, params={"language": language}) for language in ("id", "en", "id")]
        assert {(p.status_code, p.headers["content-type"]) for p in prints} == {(200, "application/pdf")}
        numbers = {p.headers["jembatan-form-number"] for p in prints}
        assert len(numbers) == 3 and all(is_form_number(number) for number in numbers)
        assert client.get("/consent-forms/programme/v99").json()["title"] == "consent-text-unknown"
        assert client.get(path, params={"language": "nl"}).status_code == 422


def test_texts_are_there_to_be_read_out(rutan: Rutan) -> None:
    with api(rutan, "intake") as client:
        [text] = client.get("/consent-texts/psychological_assessment").json()
        assert (text["version"], text["needs_witness"], text["needs_capacity"]) == ("v1", True, True)


def test_it_is_said_what_needs_no_consent_and_what_does(rutan: Rutan) -> None:
    with api(rutan, "intake") as client:
        # Whoever works here may know.
        listed = client.get("/legal-bases", headers=staff(rutan.site, Role.INSTRUCTOR)).json()
    bases = {basis["purpose"]: (basis["basis"], basis["clause"]) for basis in listed}
    assert set(bases) == {"registration", "pembinaan", *Purpose}
    assert bases["registration"][0] == "legal_duty" and "UU 22/2022" in bases["registration"][1]
    assert bases["pembinaan"][0] == "public_task" and "Ps. 10 ayat (2)" in bases["pembinaan"][1]
    assert {bases[purpose][0] for purpose in Purpose} == {"consent"}
    assert len(listed) == len(legal_bases())


@pytest.mark.parametrize("status", LegalStatus)
def test_before_pembinaan_is_declined_the_person_is_told_what_that_does_and_what_it_does_not(
    rutan: Rutan, status: LegalStatus
) -> None:
    with api(rutan, "intake") as client:
        person = "/people/00000000-0000-4000-8000-000000000001"
        client.put(person, json=a_person(legal_status=status))
        told = client.get(f"{person}/pembinaan-notice").json()
        missing = client.get("/people/00000000-0000-4000-8000-000000000002/pembinaan-notice")
    assert missing.status_code == 404
    assert told == pembinaan_notice(status).model_dump()
    assert "tidak membuat catatan buruk" in told["id"] and "UU 22/2022" in told["clause"]
    # A tahanan receives services, not pembinaan.
    assert ("belum berlaku bagi Anda" in told["id"]) == (status is LegalStatus.TAHANAN)
