"""What is free is known to everybody, and whoever was asked to pay says so without an account."""

from uuid import uuid4

from console import queries
from contracts.vocabulary import Role
from support.console import ConsoleUnderTest, Visitor


def receipt_of(visitor: Visitor) -> str:
    return visitor.soup.select_one("code").get_text()  # type: ignore[union-attr]


def account(console: ConsoleUnderTest, name: str) -> str:
    with console.database.transaction() as session:
        return next(str(one.id) for one in queries.accounts(session) if one.name == name)


def reports(console: ConsoleUnderTest, inspector: Visitor) -> list[str]:
    inspector.go("/levies")
    return [str(link["href"]) for link in inspector.soup.select("main tbody a")]


def test_anybody_learns_what_is_free_reports_and_reads_the_answer(console: ConsoleUnderTest) -> None:
    somebody = console.visitor().go("/sign-in")
    assert somebody.soup.select('footer a[href="/free-services"]')
    somebody.go("/free-services")
    assert somebody.heading == "Semua layanan gratis" and "gratis" in somebody.text
    somebody.go("/free-services/report").send()
    assert somebody.status == 422 and somebody.soup.select_one("#step-error")
    somebody.send(step="visit", amount="Rp 50.000", text="Diminta uang", happened_on__day="1", happened_on__month="1")
    assert somebody.status == 422 and somebody.soup.select_one("#happened_on-error")
    somebody.send(happened_on__year="2999")
    assert somebody.status == 409 and somebody.soup.select_one("#happened_on-error")
    sent = {"id": somebody.typed("id"), "step": "visit", "amount": "Rp 50.000", "text": "Diminta uang"}
    receipt = receipt_of(somebody.post("/free-services/report", sent))
    assert receipt_of(somebody.post("/free-services/report", sent)) == receipt, "a second click is the same report"

    somebody.go("/free-services/answer").send(receipt="AAAA-BBBB")
    assert somebody.status == 404 and somebody.soup.select_one("#receipt-error")
    assert "belum dijawab" in somebody.send(receipt=receipt.lower()).text

    inspector = console.officer(Role.INSPECTOR)
    [report] = reports(console, inspector)
    inspector.go(report)
    assert "Rp 50.000" in inspector.text and "tanpa nama" in inspector.text and "belum diketahui" in inspector.text
    inspector.send()
    assert inspector.status == 422 and inspector.soup.select_one("#upheld-error, #answer-error")
    inspector.send(upheld="true", answer="Benar. Sudah ditindak.")
    assert "Jawaban sudah dicatat" in inspector.text and not inspector.soup.select("main form")
    somebody.go("/free-services/answer").send(receipt=receipt)
    assert "sudah dijawab" in somebody.text and "Sudah ditindak." in somebody.text


def test_of_two_inspectors_the_second_sees_the_answer_that_was_given(console: ConsoleUnderTest) -> None:
    console.visitor().go("/free-services/report").send(step="other")
    first, second = (console.officer(Role.INSPECTOR) for _ in range(2))
    [report] = reports(console, first)
    second.go(report)
    first.go(report).send(upheld="true", answer="Benar.")
    second.send(upheld="false", answer="Tidak benar.")
    assert second.status == 409 and "Benar." in second.text and "Tidak benar." in second.text


def test_whoever_is_signed_in_stays_anonymous_unless_they_say_who_they_are(console: ConsoleUnderTest) -> None:
    officer = console.officer(Role.REGISTRAR, name="Petugas Pelapor")
    officer.go("/free-services/report").send(step="remission")
    officer.go("/free-services/report").send(step="visit", anonymous="false")
    inspector = console.officer(Role.INSPECTOR)
    said = [inspector.go(report).text for report in reports(console, inspector)]
    assert ["Petugas Pelapor" in text for text in said] == [False, True]


def test_an_inspector_who_is_named_never_reads_the_report(console: ConsoleUnderTest) -> None:
    named, other = (console.officer(Role.INSPECTOR, name=name) for name in ("Inspektur Satu", "Inspektur Dua"))
    console.visitor().go("/free-services/report").send(step="other", officers=[account(console, "Inspektur Satu")])
    assert reports(console, named) == []
    [report] = reports(console, other)
    assert named.go(report).status == 404
    assert "Inspektur Satu" in other.go(report).text


def test_reports_are_the_inspector_s(console: ConsoleUnderTest) -> None:
    head = console.officer(Role.HEAD).go("/levies")
    assert head.heading == "Tidak dapat dilakukan" and not head.soup.select('nav a[href="/levies"]')
    assert console.officer(Role.INSPECTOR).go(f"/levies/{uuid4()}").status == 404
