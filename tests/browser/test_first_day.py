"""A new officer takes somebody from the first day to the last in a real browser, with scripts and without."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser
from support.browser import PASSWORD, Officer, code_of
from support.days import TODAY
from support.desk import Desk


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def desk(request: pytest.FixtureRequest, officer: Officer, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(storage_state=officer.state, java_script_enabled=request.param)
    yield Desk(context.new_page(), officer.base)
    context.close()


def test_somebody_is_registered_step_by_step_and_leaves_again(desk: Desk) -> None:
    number = f"A.III {uuid4().int % 10**6}/2026"
    desk.go("/people").follow("Daftarkan")
    assert desk.heading == "Siapa orangnya"
    desk.press("Lanjut")
    assert "Isian ini wajib diisi." in desk.text
    desk.fill(name="Guntur Peramban").choose("sex", "male").press("Lanjut")
    desk.choose("legal_status", "tahanan").fill(register_number=number)
    desk.day("admitted_on", TODAY - timedelta(days=3)).press("Lanjut")
    desk.press("Lanjut")
    assert desk.heading == "Periksa isian Anda" and number in desk.text
    desk.press("Daftarkan")
    if "mungkin" in desk.text.lower():
        desk.about("Ringkasan")
    assert "Guntur Peramban" in desk.page.inner_text(".who")
    person = urlsplit(desk.page.url).path.split("/")[2]

    desk.go(f"/people/{person}/stays/release")
    desk.day("released_on", TODAY).choose("mode", "bebas_demi_hukum").press("Simpan")
    assert "sudah bebas" in desk.page.inner_text(".who")


def test_a_double_click_registers_nobody_twice(desk: Desk) -> None:
    name = f"Hendra {uuid4().hex[:6]}"
    desk.go("/registration").fill(name=name).choose("sex", "male").press("Lanjut")
    desk.choose("legal_status", "tahanan").fill(register_number=f"A.III {uuid4().int % 10**6}/2026").press("Lanjut")
    desk.press("Lanjut")
    desk.page.get_by_role("button", name="Daftarkan", exact=True).dblclick()
    desk.page.wait_for_selector(".who")
    desk.go("/people").fill(words=name).press("Cari")
    assert desk.page.get_by_role("link", name=name).count() == 1


def test_what_was_typed_survives_an_ended_session(officer: Officer, browser: Browser) -> None:
    context = browser.new_context()
    desk = Desk(context.new_page(), officer.base)
    officer.sign_in(desk.page)
    desk.go("/registration").fill(name="Indra Terputus").choose("sex", "male")
    context.clear_cookies()
    desk.press("Lanjut")
    assert "tidak hilang" in desk.text
    officer.used = code_of(officer.secret, after=officer.used)
    desk.fill(username=officer.username, password=PASSWORD, code=officer.used).press("Masuk")
    desk.press("Kirim isian sekarang")
    assert desk.heading == "Register dan status hukum"
    context.close()
