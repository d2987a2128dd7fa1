"""The whole road of one person at a rutan's pages: from the first run of its console to a withdrawal that holds
everywhere. A link or a button leads to every page, as it does for the staff."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from contracts.vocabulary import Domain
from playwright.sync_api import Browser, Page
from support.browser import PASSWORD, Officer
from support.days import TODAY
from support.desk import Desk
from support.nation import Nation, Node
from support.paper import text_of
from support.waiting import eventually

NAME, MOTHER, PARTNER = "Jalan Panjang Rekaan", "Ibu Jalan Rekaan", "Yayasan Jalan Rekaan"
NUMBER, SENTENCED = "A.III 901/2026", "B.I 902/2026"
OUTSIDE = ("Data nasional di kementerian", "Gerbang mitra")
PROVED_S = 90
"""Until every service and the partners' gateway at the hub have told that they stopped."""


def on(days: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=days)


@dataclass
class Journey:
    """A tab of the browser at a rutan of its own."""

    nation: Nation
    rutan: Node
    officer: Officer
    desk: Desk
    scripts: bool


@contextmanager
def fresh_rutan(nation: Nation) -> Iterator[Node]:
    rutan = nation.rutan()
    yield rutan
    rutan.stop()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def journey(request: pytest.FixtureRequest, nation: Nation, browser: Browser) -> Iterator[Journey]:
    with fresh_rutan(nation) as rutan:
        context = browser.new_context(java_script_enabled=request.param)
        officer, page = Officer(rutan), context.new_page()
        yield Journey(nation, rutan, officer, Desk(page, officer.base), request.param)
        context.close()


def test_a_person_goes_the_whole_road_by_links_and_forms_alone(journey: Journey) -> None:
    desk = journey.desk
    installs_and_signs_in(journey)
    is_registered(desk)
    offers(desk)
    agrees(desk)
    is_sentenced(desk)
    reads_rights(desk)
    is_vouched_for(desk)
    is_proposed(desk)
    is_advised_on(desk)
    is_assessed(desk)
    plans_and_takes_part(desk)
    attends(desk, scripts=journey.scripts)
    chooses_work(desk)
    leaves_and_is_asked(desk)
    takes_consent_back(journey)


def installs_and_signs_in(journey: Journey) -> None:
    desk = journey.desk
    journey.officer.install(desk.page)
    desk.sees("Kode dari aplikasi sudah terpasang").press("Keluar").sees("Anda sudah keluar")
    desk.press("Masuk").sees("Ada yang perlu diperbaiki")
    journey.officer.sign_in(desk.page)
    desk.sees("Hari ini", "Siti Rekaan")
    for name in ("bayu", "candra"):
        desk.menu("Akun petugas").follow("Buat akun")
        desk.fill(username=name, name=f"Anggota {name.capitalize()}", password=PASSWORD).tick("Anggota TPP")
        desk.press("Buat akun").sees("Akun sudah dibuat")


def find(desk: Desk) -> Desk:
    """Looks the person up by name, as the staff does."""
    desk.menu("WBP").fill(words=NAME).select("inside", "Semua").press("Cari").follow(NAME)
    return desk.sees("Ringkasan")


def is_registered(desk: Desk) -> None:
    desk.menu("WBP").follow("Daftarkan WBP baru").fill(name=NAME).choose("sex", "male").press("Lanjut")
    desk.choose("legal_status", "tahanan").fill(register_number=NUMBER)
    desk.day("admitted_on", on(-560)).press("Lanjut").press("Lanjut")
    desk.sees("Periksa isian Anda", NAME, NUMBER, "laki-laki")
    desk.press("Ubah Keterangan lain").fill(birth_year="1988").press("Lanjut").sees("Periksa isian Anda", "1988")
    desk.press("Daftarkan").sees("Orang ini sudah terdaftar", NAME)


def offers(desk: Desk) -> None:
    """What a rutan has before anybody can be asked about it."""
    desk.menu("Program").follow("Tawarkan program").fill(name="Menjahit", capacity="2")
    desk.select("domain", "pekerjaan").select("sector", "jahit").press("Tawarkan").sees("Program sudah ditawarkan")
    desk.menu("Kerja").within("Kerja", "Mitra").fill(name=PARTNER)
    desk.press("Daftarkan mitra").sees("Mitra sudah didaftarkan").within("Kerja", "Lowongan").follow("Catat lowongan")
    desk.select("partner", PARTNER).fill(title="Penjahit", places="1").select("sector", "jahit")
    desk.press("Catat lowongan").sees("Lowongan sudah dicatat")


def agrees(desk: Desk) -> None:
    asked = ("Asesmen kebutuhan", "Program", "Tindak lanjut setelah bebas", "Menghubungi keluarga")
    find(desk).about("Persetujuan")
    for purpose in (*asked, "Berbagi data penempatan kerja dengan mitra"):
        desk.follow(f"Tanyakan: {purpose}").sees("Jika tidak setuju")
        if purpose.startswith("Berbagi"):
            desk.select("recipient", PARTNER)
        desk.choose("understands", "yes").fill(witness="Saksi Rekaan").press("Setuju").sees("Jawaban sudah dicatat")
    desk.follow("Tanyakan: Penelitian").press("Tidak setuju").sees("Jawaban sudah dicatat", "tidak setuju")


def is_sentenced(desk: Desk) -> None:
    desk.about("Identitas").follow("Catat di register lain").select("book", "B.I (lebih dari setahun)")
    desk.fill(number=SENTENCED).day("from_on", on(-60)).press("Simpan").sees("narapidana", SENTENCED)
    desk.about("Hak").within("Hak", "Putusan dan catatan").follow("Catat putusan")
    desk.fill(verdict_number="901/Pid.B/2026/PN Rekaan", years="2").day("decided_on", on(-60))
    desk.day("detained_since", on(-560)).choose("punishment", "term").select("category", "umum")
    desk.press("Simpan").sees("Putusan sudah dicatat", "2 tahun")
    for level, days in (("tinggi", -300), ("sedang", -60)):
        desk.follow("Catat tingkat risiko").choose("level", level).day("assessed_on", on(days)).press("Simpan")
        desk.sees("Tingkat risiko sudah dicatat")


def reads_rights(desk: Desk) -> None:
    """What is unknown is asked until the estimate stands; each reason says where it is written."""
    desk.within("Hak", "Perkiraan dan usulan").sees("Perkiraan, bukan keputusan").follow("Pembebasan bersyarat")
    desk.sees("Belum dapat dipastikan", "belum diketahui").follow("Lihat putusan dan catatan")
    for question, answer in QUESTIONS.items():
        desk.follow(f"Jawab: {question}").choose("answer", answer).select("source", "register").press("Simpan")
        desk.sees("Jawaban sudah dicatat")
    desk.within("Hak", "Perkiraan dan usulan").sees("Dua pertiga masa pidana").follow("Pembebasan bersyarat")
    desk.sees("Dapat diusulkan sekarang", "gratis")
    for row in reasons(desk.page):
        assert row["met"] == "terpenuhi" and "Ps. " in row["written"] and "berkas aturan" in row["written"], row


QUESTIONS = {
    "Apakah aktif mengikuti program pembinaan?": "yes",
    "Apakah masyarakat dapat menerima program pembinaannya": "yes",
    "Apakah register F sudah diperiksa?": "yes",
    "Apakah warga negara asing?": "no",
}


def reasons(page: Page) -> list[dict[str, str]]:
    """The table of conditions, as it is read."""
    rows = page.locator("table", has=page.locator("caption", has_text="Syarat dan dasarnya")).locator("tbody tr").all()
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return [{"asked": asked, "met": met.strip(), "written": written} for asked, met, written in cells]


def is_vouched_for(desk: Desk) -> None:
    desk.about("Keluarga").follow("Tambah kontak").choose("relation", "parent").fill(name=MOTHER)
    desk.press("Simpan").sees("Kontak sudah dicatat", MOTHER)
    desk.choose("wish", "guarantor").choose("answer", "yes").day("asked_on", on(-50)).press("Catat jawaban")
    desk.sees("Jawaban kontak sudah dicatat").within("Keluarga", "Penjamin").select("contact", f"{MOTHER} (orang tua)")
    desk.press("Catat penjamin").sees("Penjamin sudah dicatat")
    desk.day("received_on", on(-49)).press("Catat surat").sees("Surat jaminan sudah dicatat")
    desk.choose("countersigned_by", "kades").day("countersigned_on", on(-48)).press("Catat tanda tangan")
    desk.sees("Tanda tangan lurah atau kepala desa sudah dicatat", "lengkap")


def is_proposed(desk: Desk) -> None:
    desk.about("Hak").follow("Pembebasan bersyarat").day("wanted_by_person_on", on(-47)).press("Usulkan")
    desk.sees("Usulan sudah dibuat", "Masih kurang")
    while desk.links("Catat:").count():
        desk.follow("Catat:").day("received_on", on(-46)).press("Simpan").sees("Dokumen sudah dicatat")
    desk.follow("Buka litmas").day("requested_on", on(-47)).day("received_on", on(-46)).choose("advice", "supported")
    desk.press("Simpan").sees("Litmas sudah dicatat").follow("Buka penjamin").tick(f"{MOTHER} (orang tua)")
    desk.press("Simpan").sees("penjamin untuk usulan ini sudah dicatat").follow("Nyatakan dokumen lengkap")
    desk.day("on", on(-45)).press("Nyatakan dokumen lengkap").sees("Menunggu sidang TPP")


def is_advised_on(desk: Desk) -> None:
    """The board sits over it, with a printed agenda; then it goes its way to the decree."""
    desk.follow("Sidang TPP").follow("Rencanakan sidang").day("held_on", on(-44))
    for member in ("Siti Rekaan", "Anggota Bayu", "Anggota Candra"):
        desk.tick(member)
    desk.press("Rencanakan sidang").sees("Sidang sudah direncanakan", NAME)
    kind, paper = prints(desk, "Cetak acara (PDF)")
    assert kind == "application/pdf" and NAME in text_of(paper)
    desk.follow("Catat saran").choose("advice", "recommended").press("Catat saran").sees("Saran sidang sudah dicatat")
    desk.follow(NAME).sees("TPP menyarankan").follow("Catat pengiriman ke Kantor Wilayah").day("on", on(-43))
    desk.press("Catat pengiriman ke Kantor Wilayah").sees("Usulan sudah dikirim").follow("Catat surat keputusan")
    desk.choose("granted", "true").day("on", on(-40)).fill(decree_number="901/SK/2026").press("Catat surat keputusan")
    desk.sees("Dikabulkan", "901/SK/2026")


def prints(desk: Desk, link: str) -> tuple[str, bytes]:
    """What a link to a paper leads to. How a browser shows one is its own matter."""
    address = desk.links(link).first.get_attribute("href")
    answer = desk.page.context.request.get(f"{desk.base}{address}")
    return answer.headers["content-type"], answer.body()


def is_assessed(desk: Desk) -> None:
    desk.about("Asesmen dan program").within("Asesmen dan program", "Asesmen kebutuhan").follow("Isi asesmen")
    for domain in Domain:
        desk.choose(f"levels.{domain}", {"work": "2", "substances": "skipped"}.get(domain, "0"))
    desk.choose("wants_help", "work")
    desk.until(lambda: desk.press("Simpan asesmen"), "Asesmen sudah disimpan")


def plans_and_takes_part(desk: Desk) -> None:
    desk.until(lambda: desk.press("Susun rencana"), "Rencana sudah disusun").sees("pekerjaan").press("Setuju")
    desk.sees("Jawaban orangnya sudah dicatat").follow("Daftarkan ke program").sees("sisa 2 dari 2 tempat")
    desk.tick("Menjahit").press("Daftarkan").sees("Sudah didaftarkan ke program")


def attends(desk: Desk, *, scripts: bool) -> None:
    """Last week, so that it has seven days whatever today is."""
    desk.follow("Menjahit").sees("1 dari 2").follow("Isi daftar hadir").follow("Minggu sebelumnya")
    marks = ["H", "S", "I", "A"]
    if scripts:
        desk.page.focus("[name='0.0']")
        for number, mark in enumerate(marks):
            desk.page.keyboard.press(mark.lower())
            if number < len(marks) - 1:
                desk.page.keyboard.press("ArrowRight")
        desk.page.keyboard.press("ArrowLeft")
        assert desk.page.evaluate("document.activeElement.name") == "0.2"
    else:
        for number, mark in enumerate(marks):
            desk.page.fill(f"[name='0.{number}']", mark)
    desk.press("Simpan daftar hadir").sees("Daftar hadir sudah disimpan")
    assert [desk.page.input_value(f"[name='0.{number}']") for number in range(5)] == [*marks, ""]


def chooses_work(desk: Desk) -> None:
    find(desk).about("Kerja")
    desk.until(lambda: desk.within("Kerja", "Lowongan yang cocok"), "ingin dibantu mencari kerja")
    desk.tick(f"Penjahit, {PARTNER}").press("Sarankan").sees("Saran sudah dicatat").press("Mau: Penjahit")
    desk.sees("Jawaban orangnya sudah dicatat").follow("Catat mulai bekerja").day("started_on", on(-31))
    desk.until(lambda: desk.press("Catat mulai bekerja"), "Mulai bekerja sudah dicatat").sees(PARTNER)


def leaves_and_is_asked(desk: Desk) -> None:
    desk.about("Masa tinggal").follow("Catat bebas").day("released_on", on(-31)).choose("mode", "pb")
    desk.press("Simpan").sees("Bebasnya sudah tercatat", "sudah bebas")
    desk.until(lambda: desk.menu("Tindak lanjut"), NAME)
    desk.follow(f"Catat jawaban: {NAME}").sees("30 hari setelah bebas").choose("employed", "yes")
    desk.choose("housed", "unknown").press("Simpan jawaban").sees("Jawaban tindak lanjut sudah dicatat")


def takes_consent_back(journey: Journey) -> None:
    """While the link is down the withdrawal holds inside at once; the page says where it does not hold yet."""
    desk, page = journey.desk, journey.desk.page
    find(desk).about("Persetujuan").follow("Tarik: Berbagi data penempatan kerja dengan mitra")
    journey.nation.cut(journey.rutan)
    desk.press("Tarik persetujuan").sees("Belum berlaku di semua tempat")
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    watched(journey, lambda: len(lacking(page)) == len(OUTSIDE))
    assert all(text.startswith(OUTSIDE) for text in lacking(page))
    journey.nation.restore(journey.rutan)
    watched(journey, lambda: "Sudah berlaku di semua tempat." in desk.text)
    assert lacking(page) == [] and len(page.locator("#readers tbody tr").all()) > len(OUTSIDE)
    assert bool(loads) != journey.scripts, "with scripts the page looks by itself, without them the staff asks again"


def watched(journey: Journey, seen: Callable[[], bool]) -> None:
    """Until it is seen, whoever has no scripts looks again."""

    def look() -> bool:
        if not journey.scripts:
            journey.desk.follow("Periksa lagi")
        return seen()

    eventually(look, within_s=PROVED_S)


def lacking(page: Page) -> list[str]:
    """Where the withdrawal does not hold yet."""
    return page.locator("#readers tbody tr", has_text="belum berlaku").locator("th").all_inner_texts()
