"""Assessment, plan, programmes and attendance, as the staff does them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven
from contracts.vocabulary import Domain, NeedLevel, Purpose, Role
from support import Rutan
from support.console import ConsoleUnderTest, Visitor
from support.days import TODAY
from support.hearing import hear

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
SEWING = {"name": "Menjahit", "domain": "work", "sector": "garment", "capacity": 2}


def agreed(rutan: Rutan, person: UUID, purpose: Purpose) -> ConsentGiven:
    return ConsentGiven(site=rutan.site, occurred_at=NOW, person=person, purpose=purpose, consent_epoch=1)


def somebody(console: ConsoleUnderTest, rutan: Rutan, **fields: Any) -> UUID:
    """Somebody who agreed to be assessed and to take part, with needs that were found."""
    person = console.registered(uuid4(), **fields)
    levels = dict.fromkeys(Domain, NeedLevel.LIGHT) | {Domain.HOUSING: NeedLevel.SEVERE}
    wants = frozenset({Domain.WORK, Domain.HOUSING})
    needs = NeedsFound(site=rutan.site, occurred_at=NOW, person=person, levels=levels, wants_help=wants)
    hear(rutan.database("assessment"), agreed(rutan, person, Purpose.ASSESSMENT))
    hear(rutan.database("programs"), agreed(rutan, person, Purpose.PROGRAMME), needs)
    return person


def planned(console: ConsoleUnderTest, rutan: Rutan, **fields: Any) -> UUID:
    """Somebody who also agreed to a plan."""
    person, plan = somebody(console, rutan, **fields), uuid4()
    assert console.site.request("programs", "PUT", f"/plans/{plan}", {"person": str(person)}).is_success
    assert console.site.request("programs", "POST", f"/plans/{plan}/agreement").is_success
    return person


def group(console: ConsoleUnderTest, rutan: Rutan, *names: str) -> dict[str, str]:
    """The enrolments of a sewing class, by name."""
    assert console.site.request("programs", "PUT", "/programmes/menjahit", SEWING | {"capacity": 9}).is_success
    made = {}
    for name in names:
        person, made[name] = planned(console, rutan, name=name), str(uuid4())
        body = {"person": str(person), "programme": "menjahit"}
        assert console.site.request("programs", "PUT", f"/enrolments/{made[name]}", body).is_success
    return made


def levels(**but: str) -> dict[str, str]:
    """What is ticked in an assessment."""
    return {f"levels.{domain}": "1" for domain in Domain} | {f"levels.{domain}": said for domain, said in but.items()}


def recorded(rutan: Rutan) -> list[tuple[str, int]]:
    return [
        (row.presence, (TODAY - row.session_on).days)
        for row in rutan.sql("programs", "select presence, session_on from attendance order by session_on, presence")
    ]


def test_an_assessment_keeps_what_was_skipped_apart_from_no_need(console: ConsoleUnderTest, rutan: Rutan) -> None:
    person = somebody(console, rutan)
    officer = console.officer(Role.COUNSELLOR).go(f"/people/{person}/programmes/assessments/new")
    said = levels(housing="3", substances="skipped")
    del said["levels.legal"]
    officer.send(**said, wants_help=["housing", "substances"])
    assert officer.status == 409 and officer.soup.select_one('a[href="#levels.legal"]')
    assert officer.soup.select_one('[name="levels.housing"][value="3"][checked]')
    same = officer.typed("id")
    for _ in range(2):
        again = {"id": same, **levels(housing="3", substances="skipped"), "wants_help": ["housing", "substances"]}
        officer.post(f"/people/{person}/programmes/assessments", again)
        assert officer.heading == "Rencana dan program" and "Asesmen sudah disimpan" in officer.text
    officer.go(f"/people/{person}/programmes/assessments")
    assert len(officer.soup.select("details")) == 1
    assert "Narkotika dan alkohol dilewati ingin dibantu" in officer.text and "Tempat tinggal berat" in officer.text


def test_without_consent_to_it_no_assessment_is_kept_and_nothing_typed_is_lost(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    officer = console.officer(Role.COUNSELLOR).go(f"/people/{person}/programmes/assessments/new").send(**levels())
    assert officer.status == 403 and "menolak adalah jawaban biasa" in officer.wrong[0]
    assert officer.soup.select_one('[name="levels.work"][value="1"][checked]')


def test_a_plan_is_drafted_from_needs_and_either_answer_is_ordinary(console: ConsoleUnderTest, rutan: Rutan) -> None:
    person = somebody(console, rutan)
    officer = console.officer(Role.COUNSELLOR).go(f"/people/{person}/programmes")
    officer.send(f"/people/{person}/programmes/plans")
    assert "Rencana sudah disusun" in officer.text
    assert [one.get_text() for one in officer.soup.select("main ol li")] == ["tempat tinggal", "pekerjaan"]
    buttons = officer.soup.select('button[name="answer"]')
    assert [one["class"] for one in buttons] == [["govuk-button", "govuk-button--secondary"]] * 2
    plan = officer.soup.select_one('form:has(button[name="answer"])')
    for _ in range(2):
        officer.post(str(plan and plan["action"]), {"answer": "declined"})
        assert officer.status == 200 and "tidak setuju" in officer.text
    officer.post(str(plan and plan["action"]), {"answer": "agreed"})
    assert officer.status == 409 and "sudah dijawab" in officer.wrong[0]


def test_nobody_gets_a_place_that_is_not_there(console: ConsoleUnderTest, rutan: Rutan) -> None:
    officer = console.officer(Role.COUNSELLOR).go("/programmes/new").send(**SEWING | {"capacity": "1"})
    assert officer.heading == "Menjahit" and officer.path == "/programmes/menjahit"
    first, second = planned(console, rutan, name="Andi Rekaan"), planned(console, rutan, name="Budi Rekaan")
    officer.go(f"/people/{first}/programmes/enrolment")
    assert "sisa 1 dari 1 tempat" in officer.text
    officer.send(programme="menjahit")
    assert "Sudah didaftarkan" in officer.text and "Menjahit" in officer.text
    instructor = console.officer(Role.INSTRUCTOR).go("/programmes/menjahit/enrolment")
    assert "Budi Rekaan" in instructor.text and "Andi Rekaan" not in instructor.text
    instructor.send(person=str(second))
    assert instructor.status == 409 and "sudah penuh" in instructor.wrong[0]
    assert instructor.soup.select_one("#person-error")

    (place,) = officer.go(f"/people/{first}/programmes").soup.select('a[href*="/completion"]')
    officer.go(str(place["href"])).send()
    assert "Program sudah dicatat selesai" in officer.text
    assert instructor.send(person=str(second)).heading == "Menjahit"
    assert [row.get_text(" ", strip=True)[:11] for row in instructor.soup.select("tbody tr")] == [
        "Budi Rekaan",
        "Andi Rekaan",
    ]


def test_two_officers_who_change_a_programme_are_told_of_each_other(console: ConsoleUnderTest) -> None:
    first = console.officer(Role.COUNSELLOR, name="Satu").go("/programmes/new").send(**SEWING)
    first.go("/programmes/menjahit/change")
    second = console.officer(Role.INSTRUCTOR, name="Dua").go("/programmes/menjahit/change").send(capacity="5")
    assert "Program sudah diubah" in second.text
    first.send(name="Menjahit Dasar")
    assert first.status == 409 and "Kedua versi" in first.text and first.typed("name") == "Menjahit Dasar"
    assert first.send().heading == "Menjahit Dasar"
    second.go("/programmes/new").send(**SEWING | {"capacity": "30"})
    assert second.status == 409 and "Kode ini sudah dipakai" in second.text


def test_a_week_s_attendance_is_typed_in_letters_and_saved_at_once(console: ConsoleUnderTest, rutan: Rutan) -> None:
    group(console, rutan, "Andi Rekaan", "Budi Rekaan", "Citra Rekaan")
    day = TODAY.weekday()
    officer = console.officer(Role.INSTRUCTOR).go("/programmes/menjahit/attendance")
    assert len(officer.soup.select("input.grid-mark")) == 3 * (day + 1)
    officer.send(**{f"0.{day}": "x"})
    assert officer.status == 422 and "Andi Rekaan: Isi dengan H, S, I atau A." in officer.wrong
    assert officer.typed(f"0.{day}") == "X" and recorded(rutan) == []
    officer.send(**{f"0.{day}": "s", f"1.{day}": "A"})
    assert "Daftar hadir sudah disimpan" in officer.text and recorded(rutan) == [("absent", 0), ("ill", 0)]
    officer.send(fill=str(day))
    assert recorded(rutan) == [("absent", 0), ("ill", 0), ("present", 0)]
    assert officer.send().status == 422
    officer.send(**{f"0.{day}": ""})
    assert officer.status == 422 and "tidak dapat dikosongkan" in officer.text
    sheet = officer.go(f"/programmes/menjahit/attendance/sheet?on={TODAY}")
    assert [row.get_text("|", strip=True).split("|")[1::2] for row in sheet.soup.select("tbody tr")] == [
        ["Andi Rekaan", "S"],
        ["Budi Rekaan", "A"],
        ["Citra Rekaan", "H"],
    ]


def test_two_officers_at_one_sheet_see_both_versions_and_overwrite_nothing(
    console: ConsoleUnderTest, rutan: Rutan
) -> None:
    group(console, rutan, "Andi Rekaan", "Budi Rekaan")
    day = TODAY.weekday()
    slow = console.officer(Role.INSTRUCTOR, name="Satu").go("/programmes/menjahit/attendance")
    console.officer(Role.INSTRUCTOR, name="Dua").go("/programmes/menjahit/attendance").send(**{f"0.{day}": "S"})
    slow.send(**{f"0.{day}": "H", f"1.{day}": "H"})
    assert slow.status == 409 and "Kedua versi" in slow.text and recorded(rutan) == [("ill", 0)]
    assert slow.typed(f"0.{day}") == slow.typed(f"1.{day}") == "H"
    slow.send()
    assert slow.status == 200 and recorded(rutan) == [("present", 0)] * 2


def test_last_week_can_be_filled_in_and_tomorrow_cannot(console: ConsoleUnderTest, rutan: Rutan) -> None:
    group(console, rutan, "Andi Rekaan")
    before = TODAY - timedelta(days=7)
    officer = console.officer(Role.INSTRUCTOR).go(f"/programmes/menjahit/attendance?week={before}")
    officer.send(**{f"0.{before.weekday()}": "I"})
    assert recorded(rutan) == [("excused", 7)]
    later = TODAY + timedelta(days=14)
    assert not officer.go(f"/programmes/menjahit/attendance?week={later}").soup.select("input.grid-mark")


def test_what_a_role_may_not_do_is_not_offered(console: ConsoleUnderTest, rutan: Rutan) -> None:
    group(console, rutan, "Andi Rekaan")
    registrar = console.officer(Role.REGISTRAR).go("/programmes")
    assert "Tawarkan program" not in registrar.text
    assert "Isi daftar hadir" not in registrar.go("/programmes/menjahit").text
    head = console.officer(Role.HEAD).go("/programmes/menjahit/attendance")
    assert head.status == 200 and not head.soup.select("input.grid-mark, main button")
    instructor = console.officer(Role.INSTRUCTOR).go("/programmes/menjahit")
    link = instructor.soup.select_one("tbody a")
    person = instructor.go(str(link and link["href"]))
    assert person.heading == "Rencana dan program" and "Susun rencana" not in person.text
    menu = _menu(console.officer(Role.PLACEMENT_OFFICER).go("/work"))
    assert "Kerja" in menu and not {"Program", "Tindak lanjut"} & set(menu)


def _menu(visitor: Visitor) -> list[str]:
    return [one.get_text(strip=True) for one in visitor.soup.select('nav[aria-label="Menu utama"] a')]
