"""What somebody may ask of their own data: the card, and to be erased."""

from uuid import UUID, uuid4

from contracts.vocabulary import Role
from support.console import ConsoleUnderTest

PERSON = UUID(int=1)
AT = f"/people/{PERSON}/privacy"


def test_the_card_is_made_from_every_service_for_reading_and_for_paper(console: ConsoleUnderTest) -> None:
    console.registered(PERSON, name="Siti Contohwati", nik="9971014107900001")
    registrar = console.officer(Role.REGISTRAR).go(AT)
    registrar.send(f"{AT}/card")
    assert registrar.heading == "Kartu Saya" and "nama: Siti Contohwati" in registrar.text
    services = {one.get_text(strip=True) for one in registrar.soup.select("h2")}
    assert {"Registrasi", "Asesmen", "Program dan pembinaan", "Tindak lanjut setelah bebas"} <= services
    paper = registrar.client.post(f"{AT}/card.pdf")
    assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF")
    head = console.officer(Role.HEAD).go(AT)
    assert head.status == 200 and "card" not in head.html.partition("<main")[2]
    assert head.post(f"{AT}/card", {}).status == 404


def test_a_card_that_would_leave_a_service_out_is_not_shown(console: ConsoleUnderTest) -> None:
    console.registered(PERSON)
    registrar = console.officer(Role.REGISTRAR)
    console.app.state.services._urls["outcomes"] = "http://127.0.0.1:1"
    assert registrar.post(f"{AT}/card", {}).status == 503


def test_a_request_is_recorded_decided_once_more_asked_and_proved_when_nobody_is_left(
    console: ConsoleUnderTest,
) -> None:
    console.registered(PERSON, name="Siti Contohwati")
    registrar = console.officer(Role.REGISTRAR).go(f"{AT}/erasure")
    registrar.send(ground="asked")
    assert registrar.wrong == ["Isian ini wajib diisi."]
    registrar.send(received_on__day="1", received_on__month="3", received_on__year="2026")
    asked = registrar.path
    assert "Permintaan sudah dicatat" in registrar.text and "Pejabat pelindungan data yang memutuskan" in registrar.text

    officer = console.officer(Role.PRIVACY_OFFICER).go("/erasures")
    assert "belum diputuskan" in officer.text and "Siti" not in officer.text
    officer.go(asked).send(outcome="done")
    assert officer.heading == "Periksa keputusan Anda" and "dimusnahkan" in officer.text
    officer.send()
    assert "masih berada di rutan" in officer.wrong[0]
    left = {"released_on": "2026-02-03", "mode": "murni"}
    console.site.request("intake", "PUT", f"/people/{PERSON}/releases/{uuid4()}", left)
    officer.send(outcome="partly")
    officer.send()
    assert "harus menyebut pasal" in officer.wrong[0]
    officer.send(outcome="done").send()
    assert "Keputusan sudah dilaksanakan" in officer.text and "Semua data diri" in officer.text
    assert "Siti" not in officer.text
    certificate = officer.client.get(f"{asked}/certificate.pdf")
    assert certificate.content.startswith(b"%PDF")
    assert officer.go(f"/people/{PERSON}").status == 404
    assert "dihapus" in officer.go("/erasures").text
