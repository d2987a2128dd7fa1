"""Detention, leaving, coming back, and moving to another rutan."""

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from contracts.vocabulary import Role
from contracts.words import here
from support import Rutan, Servers
from support.console import ConsoleUnderTest, console_of

PERSON = UUID(int=1)
AT = f"/people/{PERSON}/stays"


def typed(name: str, on: date) -> dict[str, str]:
    return {f"{name}__day": str(on.day), f"{name}__month": str(on.month), f"{name}__year": str(on.year)}


def test_a_detention_is_entered_extended_watched_and_annulled(console: ConsoleUnderTest) -> None:
    today = here(datetime.now(UTC)).date()
    ends = today + timedelta(days=2)
    console.registered(PERSON, legal_status="tahanan", register_number="A.I 1/2026")
    registrar = console.officer(Role.REGISTRAR).go(f"{AT}/detention")
    registrar.send(book="a_i", **typed("from_on", today), **typed("until_on", ends))
    assert "sudah tercatat" in registrar.text
    assert registrar.typed("from_on-day") == str((ends + timedelta(days=1)).day)
    assert "tinggal 2 hari" in console.officer(Role.HEAD).go("/detention").text
    registrar.send(1, book="a_i", **typed("from_on", ends), **typed("until_on", ends + timedelta(days=9)))
    assert "bertumpang tindih" in registrar.wrong[0]
    extended = registrar.soup.select_one("input[name=extends]")
    assert extended
    later = typed("from_on", ends + timedelta(days=1)) | typed("until_on", ends + timedelta(days=40))
    registrar.send(1, extends=extended["value"], **later)
    assert "perpanjangan" in registrar.text and "Tidak ada masa" in registrar.go("/detention").text
    registrar.go(f"{AT}/detention").send(1)
    assert "dibatalkan" in registrar.text and "tinggal 2 hari" in registrar.go("/detention").text


def test_leaving_and_coming_back_are_recorded_once_however_often_they_are_sent(console: ConsoleUnderTest) -> None:
    console.registered(PERSON, admitted_on="2026-02-01")
    registrar = console.officer(Role.REGISTRAR).go(f"{AT}/release")
    registrar.send(mode="murni", **typed("released_on", date(2026, 1, 1)))
    assert "lebih awal dari tanggal masuk" in registrar.wrong[0]
    form = registrar.soup.select_one("main form")
    assert form
    sent = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[type=hidden]")}
    sent |= {"mode": "murni", "released_on-day": "3", "released_on-month": "3", "released_on-year": "2026"}
    for _ in range(2):
        registrar.post(f"{AT}/release", sent)
        assert registrar.path == AT and "bebas murni" in registrar.text
    back = {"reason": "new_case", "reentered_on-day": "4", "reentered_on-month": "4", "reentered_on-year": "2026"}
    for _ in range(2):
        registrar.post(f"{AT}/reentry", back)
        assert registrar.path == AT and "masuk kembali" in registrar.text
    assert len(console.site.request("intake", "GET", f"/people/{PERSON}/stays").json()) == 2


@pytest.fixture
def there(run_servers: Servers, worker_id: str, tmp_path: Path) -> Iterator[ConsoleUnderTest]:
    """The console of another rutan."""
    rutan = Rutan(run_servers, worker_id)
    with console_of(tmp_path / "there", rutan) as made:
        yield made
    rutan.close()


def test_somebody_moves_to_another_rutan_by_a_file_and_a_code_that_are_shown_once(
    console: ConsoleUnderTest, there: ConsoleUnderTest
) -> None:
    console.registered(PERSON, name="Siti Rekaan", legal_status="tahanan", register_number="A.I 1/2026")
    sender = console.officer(Role.REGISTRAR).go(f"{AT}/transfer")
    sender.send(to_site=console.site.folder.site)
    assert "rutan ini sendiri" in sender.wrong[0]
    form = sender.soup.select_one("main form")
    assert form
    again = {str(one["name"]): str(one.get("value", "")) for one in form.select("input")}
    again["to_site"] = there.site.folder.site
    sender.post(f"{AT}/transfer", again)
    assert sender.heading == "Berkas dan kode pemindahan"
    link, code = sender.soup.select_one("a[download]"), sender.soup.select_one("main code")
    assert link and code
    bundle = str(link["href"]).partition("base64,")[2]
    sender.post(f"{AT}/transfer", again)
    assert sender.path == f"{AT}/transfer" and "hanya tampil satu kali" in sender.text and bundle not in sender.html

    receiver = there.officer(Role.REGISTRAR).go("/arrivals")
    file = {"file": ("pemindahan.jbt", base64.b64decode(bundle))}
    wrong = receiver.client.post("/arrivals", data={"id": receiver.typed("id"), "code": "AAAA"}, files=file)
    receiver._seen(wrong)
    assert "Berkas tidak dapat dibuka" in receiver.wrong[0] and "Berkas sudah terbaca" in receiver.text
    receiver.send(code=code.get_text())
    assert receiver.heading == "Sudah diterima"
    acceptance = receiver.soup.select_one("main code")
    assert acceptance
    opened = receiver.soup.select_one("main a[href^='/people/']")
    assert opened and "Siti Rekaan" in receiver.go(str(opened["href"])).text

    sender.send(acceptance_code="0000-0000-0000-0000")
    assert "tidak cocok" in sender.wrong[0]
    sender.send(acceptance_code=acceptance.get_text())
    assert sender.path == AT and "dialihkan" in sender.text and "sudah bebas" in sender.text


def test_a_transfer_that_does_not_come_to_it_leaves_the_person_here(console: ConsoleUnderTest) -> None:
    console.registered(PERSON)
    registrar = console.officer(Role.REGISTRAR).go(f"{AT}/transfer").send(to_site="rutan-lain")
    registrar.go(f"{AT}/transfer").send(1)
    assert "tetap di rutan ini" in registrar.text and "Buat berkas dan kode" in registrar.text
    assert console.officer(Role.COUNSELLOR).go(f"{AT}/transfer").status == 403
