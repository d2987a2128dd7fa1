"""A new officer takes somebody from the first day to the last in a real browser, with scripts and without."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page
from support.browser import PASSWORD, Officer, code_of
from support.days import TODAY


class Desk:
    """What an officer does at the pages, in their own words: by labels and by what buttons say."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    def go(self, path: str) -> "Desk":
        self.page.goto(f"{self.base}{path}")
        return self

    def follow(self, link: str) -> "Desk":
        self.page.get_by_role("link", name=link).first.click()
        return self

    def fill(self, **fields: str) -> "Desk":
        for name, value in fields.items():
            self.page.fill(f"[name={name}]", value)
        return self

    def day(self, name: str, on: date) -> "Desk":
        for part, value in (("day", on.day), ("month", on.month), ("year", on.year)):
            self.page.fill(f"[name={name}-{part}]", str(value))
        return self

    def choose(self, name: str, value: str) -> "Desk":
        self.page.locator(f"[name={name}][value='{value}']").check()
        return self

    def press(self, button: str) -> "Desk":
        self.page.get_by_role("button", name=button, exact=True).click()
        return self

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        return self.page.inner_text("main")


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
        desk.follow("Ringkasan")
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
