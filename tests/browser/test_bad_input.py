"""What staff do at a browser without meaning any harm: going back, a second tab, going on after a restart."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext
from support.browser import Officer
from support.desk import Desk
from support.town import Town


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def desk(request: pytest.FixtureRequest, officer: Officer, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(storage_state=officer.state, java_script_enabled=request.param)
    yield Desk(context.new_page(), officer.base)
    context.close()


def test_going_back_after_a_sent_form_asks_anew_and_sends_nothing_again(desk: Desk, town: Town) -> None:
    name = f"Kakak {uuid4().hex[:6]}"
    desk.go(f"/people/{town.people[0]}/family").follow("Tambah kontak").choose("relation", "sibling").fill(name=name)
    desk.press("Simpan").sees("Kontak sudah dicatat")
    desk.page.go_back()
    assert desk.heading == "Tambah kontak" and desk.page.input_value("[name=name]") == ""
    desk.page.go_forward()
    desk.sees(name).within("Keluarga", "Kontak")
    assert desk.page.get_by_role("link", name=name).count() == 1


def test_whoever_is_slower_in_a_second_tab_sees_both_versions_and_loses_none(desk: Desk, town: Town) -> None:
    slow, theirs, mine = Desk(desk.page.context.new_page(), desk.base), uuid4().hex[:6], uuid4().hex[:6]
    for tab in (desk, slow):
        tab.go(f"/people/{town.people[0]}/identity").follow("Perbaiki identitas")
    desk.fill(address=f"Jalan {theirs}").press("Simpan").sees("Identitas sudah diperbaiki")
    slow.fill(address=f"Jalan {mine}").press("Simpan").sees("Petugas lain sudah mengubahnya")
    row = slow.page.get_by_role("row", name="Alamat")
    assert f"Jalan {theirs}" in row.inner_text() and f"Jalan {mine}" in row.inner_text()
    slow.press("Simpan isian ini").sees("Identitas sudah diperbaiki", f"Jalan {mine}")


def test_what_was_typed_before_the_rutan_was_restarted_can_be_sent_after_it(
    signed_in: BrowserContext, officer: Officer, town: Town
) -> None:
    desk = Desk(signed_in.new_page(), officer.base)
    name = f"Lanjut {uuid4().hex[:6]}"
    desk.go("/registration").fill(name=name).choose("sex", "male").press("Lanjut")
    desk.choose("legal_status", "tahanan").fill(register_number=f"A.III {uuid4().int % 10**6}/2026")
    with town.rutan.down():
        pass
    desk.press("Lanjut").press("Lanjut").sees("Periksa isian Anda", name).press("Daftarkan").sees(name)
    desk.go("/people").fill(words=name).press("Cari").sees("1 orang")
