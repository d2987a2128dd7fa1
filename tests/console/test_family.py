"""Those outside: asked themselves, met when both agree, standing surety, needing help of their own."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from console.pages import family, family_needs, guarantors, visits
from console.pages.visits import state_of
from contracts.vocabulary import Role
from hypothesis import given
from hypothesis import strategies as st
from intake.model.family import ContactWish
from intake.model.family_needs import FamilyNeedKind, Office, ReferralOutcome
from intake.model.guarantors import VillageHead
from intake.model.visits import Channel, ContactRestriction, NotKept, RestrictionKind
from support.console import ConsoleUnderTest, Visitor
from support.days import TODAY

MOTHER = {"relation": "parent", "name": "Ibu Rekaan", "phone": "0812-3456-7890", "notes": "Baris satu\nBaris dua"}


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def day_fields(name: str, on: date) -> dict[str, str]:
    return {key.replace("-", "__"): value for key, value in day(name, on).items()}


class Home:
    """A person with a mother outside, at the console."""

    def __init__(self, console: ConsoleUnderTest, *, person_agrees: bool = True) -> None:
        self.console, self.person, self.mother = console, console.registered(uuid4()), uuid4()
        self.at = f"/people/{self.person}/family"
        self.sent("PUT", f"contacts/{self.mother}", **MOTHER)
        if person_agrees:
            self.sent("POST", "consents/family_contact", text_version="v1")

    def sent(self, method: str, path: str, **body: object) -> None:
        answer = self.console.site.request("intake", method, f"/people/{self.person}/{path}", body)
        assert answer.is_success, answer.text

    def agrees(self, *wishes: str) -> "Home":
        for wish in wishes:
            said = {"wish": wish, "answer": "yes", "asked_on": str(TODAY)}
            self.sent("PUT", f"contacts/{self.mother}/answers/{uuid4()}", **said)
        return self


def rows(visitor: Visitor) -> list[str]:
    return [row.get_text(" ", strip=True) for row in visitor.soup.select("main tbody tr")]


def test_a_contact_is_added_asked_and_takes_it_back(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    officer = console.officer(Role.COUNSELLOR).go(f"/people/{person}/family")
    assert "Belum ada kontak" in officer.text
    officer.go(f"/people/{person}/family/contacts/new").send(relation="parent", name="", phone="123")
    assert officer.status == 422 and {"Isian ini wajib diisi.", "Isian ini belum benar. Periksa kembali."} <= set(
        officer.wrong
    )
    assert officer.typed("phone") == "123"
    officer.send(name="Ibu Rekaan", phone="+60 12-345 6789")
    assert officer.heading == "Ibu Rekaan" and officer.text.count("belum ditanya") == 5
    officer.send(f"{officer.path}", wish="visits", answer="yes", **day_fields("asked_on", TODAY))
    assert "Jawaban kontak sudah dicatat" in officer.text and officer.text.count("belum ditanya") == 4
    old = day_fields("asked_on", TODAY - timedelta(days=9))
    officer.send(officer.path, wish="visits", answer="no", **old)
    assert officer.status == 409 and "jawaban yang lebih baru" in officer.wrong[0]
    officer.go(officer.path).send(f"{officer.path}/withdrawal")
    assert "sudah ditarik" in officer.text and officer.soup.select_one('form[action$="/withdrawal"]') is None
    assert "ditarik" in rows(officer.go(f"/people/{person}/family"))[0]


def test_the_same_form_sent_twice_is_one_contact(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    officer = console.officer(Role.REGISTRAR).go(f"/people/{person}/family/contacts/new")
    sent = {"id": officer.typed("id"), "relation": "spouse", "name": "Istri Rekaan"}
    for _ in range(2):
        officer.post(f"/people/{person}/family/contacts", sent)
        assert officer.heading == "Istri Rekaan"
    assert len(rows(officer.go(f"/people/{person}/family"))) == 1


def test_of_two_officers_who_change_a_contact_the_second_sees_both_versions(console: ConsoleUnderTest) -> None:
    home = Home(console)
    path = f"{home.at}/contacts/{home.mother}/details"
    first, second = console.officer(Role.REGISTRAR).go(path), console.officer(Role.COUNSELLOR).go(path)
    first.send(phone="0811-1111-1111")
    assert "sudah diubah" in first.text
    second.send(address="Jalan Rekaan 2", phone="12")
    assert second.status == 422, "what is wrong with a field is said first"
    second.send(phone="0812-3456-7890")
    assert second.status == 409 and "diubah petugas lain" in second.wrong[0]
    assert any("0811-1111-1111" in row and "0812-3456-7890" in row for row in rows(second))
    second.send(phone="0811-1111-1111")
    assert "sudah diubah" in second.text and "Jalan Rekaan 2" in second.text and "Baris dua" in second.text


def test_a_visit_needs_both_and_its_day_s_list_says_what_stands_against_it(console: ConsoleUnderTest) -> None:
    home = Home(console, person_agrees=False)
    officer = console.officer(Role.COUNSELLOR).go(f"{home.at}/visits")
    form = {"contact": str(home.mother), "channel": "visit", **day_fields("planned_on", TODAY)}
    officer.send(**form)
    assert officer.status == 409 and "belum menyetujui kontak" in officer.wrong[0]
    home.sent("POST", "consents/family_contact", text_version="v1")
    officer.send()
    assert officer.status == 409 and "Kontak ini belum menyetujui" in officer.wrong[0]
    home.agrees("visits")
    officer.send()
    assert "Pertemuan sudah direncanakan" in officer.text
    listed = console.officer(Role.REGISTRAR).go("/visits")
    assert "Rekaan Uji" in rows(listed)[0] and "Jangan dilaksanakan" not in listed.text
    officer.go(f"{home.at}/restrictions").send(kind="court", **day_fields("from_on", TODAY))
    assert "berlaku" in rows(officer)[0]
    assert "Jangan dilaksanakan. Ada pembatasan kontak" in rows(listed.go(f"/visits?on={TODAY}"))[0]
    tomorrow = "&".join(f"{name}={part}" for name, part in day("on", TODAY + timedelta(days=1)).items())
    assert "Tidak ada pertemuan" in listed.go(f"/visits?{tomorrow}").text


def test_what_became_of_a_visit_is_noted_and_declining_is_an_ordinary_answer(console: ConsoleUnderTest) -> None:
    home, visit = Home(console).agrees("visits"), uuid4()
    home.sent("PUT", f"visits/{visit}", contact=str(home.mother), planned_on=str(TODAY), channel="visit")
    officer = console.officer(Role.COUNSELLOR).go(f"{home.at}/visits/{visit}")
    officer.send(kept="no")
    assert officer.status == 409 and "Alasan diisi" in officer.wrong[0]
    assert officer.soup.select_one("#reason-error"), "it is said beside the field"
    officer.send(kept="no", reason="person_declined")
    assert "orangnya tidak mau" in rows(officer)[0] and not officer.soup.select(".govuk-tag--red")
    assert not officer.go(f"{home.at}/visits/{visit}").soup.select("main form")
    assert officer.go(f"{home.at}/visits/{uuid4()}").status == 404


def test_a_restriction_is_lifted_from_a_day_on(console: ConsoleUnderTest) -> None:
    home = Home(console)
    officer = console.officer(Role.REGISTRAR).go(f"{home.at}/restrictions")
    until = day_fields("until_on", TODAY - timedelta(days=1))
    officer.send(kind="own_wish", contact=str(home.mother), **day_fields("from_on", TODAY), **until)
    assert officer.status == 409 and officer.soup.select_one("#until_on-error")
    officer.send(until_on__day="", until_on__month="", until_on__year="")
    link = officer.soup.select_one(f'main a[href^="{home.at}/restrictions/"]')
    assert link
    officer.go(str(link["href"])).send(**day_fields("lifted_on", TODAY))
    assert "Pembatasan sudah dicabut" in officer.text and "sudah berakhir" in rows(officer)[0]


def test_a_guarantor_stands_once_letter_and_countersignature_are_there(console: ConsoleUnderTest) -> None:
    home = Home(console)
    officer = console.officer(Role.COUNSELLOR).go(f"{home.at}/guarantors").send(contact=str(home.mother))
    assert officer.status == 409 and officer.soup.select_one("#contact-error")
    home.agrees("guarantor")
    officer.send()
    assert officer.heading.startswith("Ibu Rekaan") and "belum lengkap" in officer.text
    here = officer.path
    officer.send(f"{here}/letter", **day_fields("received_on", TODAY + timedelta(days=9)))
    assert officer.status == 409 and officer.soup.select_one("#received_on-error")
    officer.send(f"{here}/letter", **day_fields("received_on", TODAY))
    signed = day_fields("countersigned_on", TODAY)
    officer.send(f"{here}/countersignature", countersigned_by="kades", **signed)
    assert "kepala desa" in officer.text and "lengkap" in officer.text and "belum lengkap" not in officer.text
    officer.send(f"{here}/withdrawal")
    assert "mengundurkan diri" in rows(officer.go(f"{home.at}/guarantors"))[0]


def test_a_family_s_need_is_referred_and_answered(console: ConsoleUnderTest) -> None:
    home = Home(console)
    console.site.request("partner_matching", "PUT", "/partners/yayasan", {"name": "Yayasan Rekaan"})
    officer = console.officer(Role.COUNSELLOR).go(f"{home.at}/needs")
    officer.send(kind="school", contact=str(home.mother))
    assert officer.heading == "Kebutuhan keluarga: sekolah"
    officer.send()
    assert officer.status == 409 and officer.soup.select_one("#recipient-error")
    assert "Yayasan Rekaan" in officer.text
    officer.send(recipient="office:education")
    form = officer.soup.select_one('main form[action$="/outcome"]')
    assert form
    officer.send(str(form["action"]), outcome="done")
    assert "sudah dilayani" in officer.text and not officer.soup.select('main form[action$="/outcome"]')
    assert "dinas pendidikan: sudah dilayani" in rows(officer.go(f"{home.at}/needs"))[0]
    registrar = console.officer(Role.REGISTRAR).go(str(form["action"]).rpartition("/referrals/")[0])
    assert "Yayasan Rekaan" in registrar.text, "whoever asks for consent knows the partners, and may refer to them"


def test_family_pages_are_offered_to_those_whose_work_they_are(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    head = console.officer(Role.HEAD).go(f"/people/{person}")
    assert not head.soup.select('a[href="/visits"], a[href$="/family"]')
    assert head.go(f"/people/{person}/family").heading == "Tidak dapat dilakukan"


@pytest.mark.parametrize(
    ("offered", "service"),
    [
        (family.WISHES, ContactWish),
        (visits.CHANNELS, Channel),
        (visits.REASONS, NotKept),
        (visits.RESTRICTIONS, RestrictionKind),
        (guarantors.VILLAGE_HEADS, VillageHead),
        (family_needs.KINDS, FamilyNeedKind),
        (family_needs.OFFICES, Office),
        (family_needs.OUTCOMES, ReferralOutcome),
    ],
)
def test_what_a_form_offers_is_what_the_service_knows(offered: tuple[str, ...], service: type) -> None:
    assert set(offered) == {str(one) for one in service}  # type: ignore[attr-defined]


DAYS = st.integers(-5, 5).map(lambda n: TODAY + timedelta(days=n))


@given(DAYS, st.none() | DAYS, st.none() | DAYS)
def test_a_page_says_that_a_restriction_holds_when_the_service_bars(
    from_on: date, until_on: date | None, lifted_on: date | None
) -> None:
    contact = UUID(int=1)
    days: dict[str, Any] = {"from_on": from_on, "until_on": until_on, "lifted_on": lifted_on}
    entry = ContactRestriction(id=contact, site="x", person=contact, entered_by=contact, contact=contact, **days)
    said = {name: on and str(on) for name, on in days.items()}
    assert (state_of(said, TODAY) == "holds") == entry.bars(contact, TODAY)
