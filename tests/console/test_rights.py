"""What somebody may ask for and why, what it rests on, and a proposal from the wish to the decree."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from console.pages import case, proposals
from contracts.vocabulary import Role
from intake.model import sentences
from intake.model.regulations import Category
from intake.model.rights import LITMAS, SURETY, LitmasAdvice
from support.console import ConsoleUnderTest, Visitor
from support.days import TODAY
from support.rights import PAPERS


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def on(name: str, days: int) -> dict[str, str]:
    """A day in the three boxes of a form, so many days ago."""
    day = ago(days)
    return {f"{name}__day": str(day.day), f"{name}__month": str(day.month), f"{name}__year": str(day.year)}


class Convicted:
    """Somebody whose rights are asked for at the console."""

    def __init__(self, console: ConsoleUnderTest, **fields: Any) -> None:
        self.console, self.person = console, console.registered(uuid4(), **fields)
        self.at = f"/people/{self.person}/rights"

    def sent(self, method: str, path: str, **body: object) -> None:
        answer = self.console.site.request("intake", method, f"/people/{self.person}/{path}", body)
        assert answer.is_success, answer.text

    def sentenced(self, months: int = 24, served: int = 500) -> "Convicted":
        known = {"decided_on": str(ago(served - 30)), "detained_since": str(ago(served)), "verdict_number": "9/Pid"}
        self.sent("PUT", f"sentences/{uuid4()}", months=months, **known)
        return self

    def proposed(self, right: str = "pb") -> UUID:
        proposal = uuid4()
        self.sent("PUT", f"proposals/{proposal}", right=right, wanted_by_person_on=str(ago(20)))
        return proposal

    def with_papers(self, proposal: UUID) -> str:
        """Everything of the checklist but the first paper, as other officers entered it."""
        at = f"proposals/{proposal}"
        for code in (*PAPERS[1:], "jaminan_kedutaan", "surat_imigrasi", "surat_interpol"):
            self.sent("PUT", f"{at}/documents/{code}", received_on=str(ago(15)))
        contact, guarantor = uuid4(), uuid4()
        self.sent("PUT", f"contacts/{contact}", relation="parent", name="Ibu Rekaan")
        agreed = {"wish": "guarantor", "answer": "yes", "asked_on": str(ago(16))}
        self.sent("PUT", f"contacts/{contact}/answers/{uuid4()}", **agreed)
        self.sent("PUT", f"guarantors/{guarantor}", contact=str(contact))
        self.sent("POST", f"guarantors/{guarantor}/letter", received_on=str(ago(14)))
        signed = {"countersigned_on": str(ago(13)), "countersigned_by": "kades"}
        self.sent("POST", f"guarantors/{guarantor}/countersignature", **signed)
        self.sent("PUT", f"{at}/guarantor", contact=str(contact))
        return at

    def advised(self, proposal: UUID) -> None:
        """A sitting recommends it."""
        sitting, member = f"/sittings/{uuid4()}", uuid4()
        plan = {"held_on": str(ago(9)), "agenda": [str(proposal)], "members": [str(member), str(uuid4()), str(uuid4())]}
        advice = {"advice": "recommended", "minutes": ["Rekaan Uji hadir."]}
        for path, body in ((sitting, plan), (f"{sitting}/advice/{proposal}", advice)):
            answer = self.console.site.request("intake", "PUT", path, body, by=member)
            assert answer.is_success, answer.text


def row(visitor: Visitor, words: str) -> str:
    [found] = [one for one in visitor.soup.select("main tbody tr") if words in one.get_text(" ")]
    return " ".join(found.get_text(" ").split())


def test_the_words_of_the_forms_are_those_of_the_register() -> None:
    assert set(case.CATEGORIES) == set(Category)
    assert set(case.BREACHES) == set(sentences.Breach)
    assert set(case.LEVELS) == set(sentences.Risk)
    assert set(case.SOURCES) == set(sentences.AnswerSource)
    assert set(case.REMISSIONS) == sentences.REMISSIONS
    assert set(proposals.LITMAS_ADVICE) == set(LitmasAdvice)
    assert set(proposals.OWN_STEPS) == {LITMAS, SURETY}


def test_an_estimate_says_when_why_what_is_missing_where_it_is_written_and_that_it_is_free(
    console: ConsoleUnderTest,
) -> None:
    officer = console.officer(Role.COUNSELLOR).go(Convicted(console).sentenced().at)
    assert "Perkiraan, bukan keputusan." in officer.text and "gratis" in officer.text
    assert "Belum dapat dipastikan" in row(officer, "Pembebasan bersyarat") and "belum diketahui" in officer.text
    assert "Tidak dapat menurut aturan" in row(officer, "Cuti bersyarat")
    officer.go(f"{officer.path}/pb")
    conduct = row(officer, "tidak ada catatan register F")
    assert "belum diketahui" in conduct and "Permenkumham Nomor 3 Tahun 2018" in conduct and "versi 1" in conduct
    assert "Dokumen yang masih kurang" in officer.text and "7 hari kerja" in officer.text
    fees = [cell.get_text(strip=True) for cell in officer.soup.select('td[data-label="Biaya"]')]
    assert fees and set(fees) == {"gratis"}
    officer.go(officer.path.replace("/pb", "/cb"))
    assert officer.soup.select('main form[method="post"]') == []


def test_for_a_tahanan_there_is_nothing_to_count_and_nothing_to_enter(console: ConsoleUnderTest) -> None:
    held = Convicted(console, legal_status="tahanan")
    officer = console.officer(Role.REGISTRAR).go(held.at)
    assert "belum diputus" in officer.text
    assert officer.go(f"{held.at}/case").soup.select_one('a[href$="/case/sentences"]') is None


def test_a_sentence_is_entered_in_years_corrected_by_another_entry_and_never_silently_general(
    console: ConsoleUnderTest,
) -> None:
    someone = Convicted(console)
    officer = console.officer(Role.REGISTRAR).go(f"{someone.at}/case/sentences")
    officer.send(verdict_number="9/Pid", **on("decided_on", 470), **on("detained_since", 500))
    assert (
        officer.status == 422 and officer.wrong == ["Pilih salah satu."] and officer.typed("verdict_number") == "9/Pid"
    )
    officer.send(category="general", punishment="term", years="dua")
    assert officer.status == 422 and officer.wrong == ["Isi dengan angka bulat."] and officer.typed("years") == "dua"
    officer.send(punishment="", years="2")
    assert officer.status == 409 and "Isi salah satu saja" in officer.wrong[0]
    officer.send(category="general", punishment="term", years="2", months="6")
    assert officer.path == f"{someone.at}/case" and "2 tahun 6 bulan" in row(officer, "9/Pid")
    edit = officer.soup.select_one('a[href*="corrects="]')
    assert edit is not None
    stale = console.officer(Role.REGISTRAR).go(str(edit["href"]))
    officer.go(str(edit["href"]))
    assert (officer.typed("years"), officer.typed("months")) == ("2", "6")
    officer.send(years="1")
    assert "1 tahun 6 bulan" in row(officer, "9/Pid")
    stale.send(years="3")
    assert stale.status == 409 and stale.typed("years") == "3" and "Lihat yang berlaku sekarang" in stale.text


def test_remissions_breaches_answers_and_levels_of_risk_are_entered_by_whose_work_it_is(
    console: ConsoleUnderTest,
) -> None:
    someone = Convicted(console).sentenced()
    at = f"{someone.at}/case"
    registrar, counsellor = console.officer(Role.REGISTRAR), console.officer(Role.COUNSELLOR)
    registrar.go(f"{at}/remissions").send(right="remisi_umum", decree_number="PAS-9", **on("granted_on", 90))
    assert registrar.status == 409 and "Besar remisi belum diisi" in registrar.wrong[0]
    registrar.send(months="1")
    assert "1 bulan" in row(registrar, "PAS-9") and "register F belum diperiksa" in registrar.text
    registrar.go(f"{at}/discipline").send(kind="fight", **on("happened_on", 40), **on("decided_on", 39))
    assert "dihitung" in row(registrar, "perkelahian")
    annul = registrar.soup.select_one('a[href$="/annulment"]')
    assert annul is not None
    registrar.go(str(annul["href"])).send(**on("annulled_on", 60))
    assert registrar.status == 409
    registrar.send(**on("annulled_on", 1))
    assert "tidak dihitung" in row(registrar, "perkelahian")
    assert registrar.soup.select_one('a[href$="code=active_in_programme"]') is None
    counsellor.go(f"{at}/answers?code=active_in_programme").send(answer="yes", source="programme")
    assert "ya" in row(counsellor, "aktif mengikuti program").split()
    for level, days in (("tinggi", 300), ("sedang", 30)):
        counsellor.go(f"{at}/risk-levels").send(level=level, **on("assessed_on", days))
    assert "Tingkat risiko sudah dicatat" in counsellor.text
    assert counsellor.soup.select_one('a[href$="/case/discipline"]') is None
    assert counsellor.go(f"{at}/answers?code=risk_declined").status == 404


def test_a_right_is_proposed_by_the_person_s_own_wish_and_once(console: ConsoleUnderTest) -> None:
    someone = Convicted(console).sentenced()
    officer = console.officer(Role.COUNSELLOR).go(f"{someone.at}/pb")
    officer.send()
    assert officer.status == 409 and "Tanyakan dahulu kepada orangnya" in officer.wrong[0]
    wanted = {name.replace("__", "-"): part for name, part in on("wanted_by_person_on", 3).items()}
    sent = {"id": officer.typed("id")} | wanted
    for _ in range(2):
        officer.post(f"{someone.at}/pb", sent)
        assert officer.status == 200 and "Dokumen sedang dikumpulkan." in officer.text
    assert officer.go(someone.at).text.count("Sedang diusulkan") == 1
    assert officer.go(f"{someone.at}/pb").soup.select('main form[method="post"]') == []


def test_a_proposal_goes_its_way_and_each_role_is_offered_its_own_step(console: ConsoleUnderTest) -> None:
    someone = Convicted(console).sentenced()
    proposal = someone.proposed()
    at = f"{someone.at}/proposals/{proposal}"
    someone.with_papers(proposal)
    registrar, head = console.officer(Role.REGISTRAR), console.officer(Role.HEAD)
    registrar.go(f"{at}/completion").send(**on("on", 13))
    assert registrar.status == 409 and "Yang belum ada:" in registrar.text and "(litmas)" in registrar.text
    registrar.go(f"{at}/documents/{PAPERS[0]}").send(number="W9/1", **on("received_on", 15))
    assert "Dokumen sudah dicatat" in registrar.text
    registrar.go(f"{at}/litmas").send(**on("requested_on", 19), **on("received_on", 14))
    assert registrar.status == 409 and "rekomendasinya" in registrar.wrong[0]
    registrar.send(advice="supported")
    assert "didukung" in registrar.text
    assert head.go(at).soup.select("main a.govuk-button, main form") == []
    registrar.go(f"{at}/completion").send(**on("on", 12))
    assert "Menunggu sidang TPP" in registrar.text
    someone.advised(proposal)
    registrar.go(f"{at}/dispatch").send(**on("on", 5))
    assert "Menunggu keputusan Kantor Wilayah" in registrar.text and "Rekaan Uji hadir." in registrar.text
    assert registrar.soup.select_one('a[href$="/decision"]') is None
    head.go(f"{at}/decision").send(decree_number="PAS-1", **on("on", 2))
    assert head.status == 422 and head.typed("decree_number") == "PAS-1"
    head.send(granted="true")
    assert "Dikabulkan." in head.text and "PAS-1" in head.text
    head.go(f"{at}/revocation").send(decree_number="PAS-2", **on("on", 1))
    assert "Hak ini sudah dicabut." in head.text and "PAS-2" in head.text


def test_of_two_officers_who_fill_in_one_paper_the_second_sees_both(console: ConsoleUnderTest) -> None:
    someone = Convicted(console).sentenced()
    at = f"{someone.at}/proposals/{someone.proposed()}"
    for part, day in ((f"documents/{PAPERS[0]}", on("received_on", 9)), ("litmas", on("requested_on", 9))):
        one, other = (console.officer(Role.REGISTRAR).go(f"{at}/{part}") for _ in range(2))
        assert one.send(**day, number="W9/satu").path == at
        other.send(**day, number="W9/dua")
        assert other.status == 409 and other.typed("number") == "W9/dua"
        assert "berbeda" in row(other, "W9/satu") and "W9/dua" in row(other, "W9/satu")
        other.send()
        assert other.path == at and "W9/dua" in other.text


def test_taking_a_proposal_back_is_one_step_and_an_ordinary_one(console: ConsoleUnderTest) -> None:
    someone = Convicted(console).sentenced()
    at = f"{someone.at}/proposals/{someone.proposed()}"
    officer = console.officer(Role.COUNSELLOR).go(at)
    officer.send(f"{at}/withdrawal")
    assert "Ditarik oleh orangnya" in officer.text and officer.soup.select("main form") == []
    assert "Sedang diusulkan" not in officer.go(someone.at).text


def test_the_board_reads_rights_by_name_alone_and_changes_nothing(console: ConsoleUnderTest) -> None:
    someone = Convicted(console).sentenced()
    at = f"{someone.at}/proposals/{someone.proposed()}"
    member = console.officer(Role.ASSESSMENT_BOARD).go(someone.at)
    assert member.status == 200 and "Rekaan Uji" in member.text
    for page in (at, f"{someone.at}/case", f"{someone.at}/pb"):
        assert member.go(page).status == 200
        assert member.soup.select("main form") == [] and member.soup.select("main a.govuk-button") == []
    assert member.go(f"/people/{someone.person}").status == 403
    assert console.officer(Role.INSTRUCTOR).go(someone.at).status == 403
