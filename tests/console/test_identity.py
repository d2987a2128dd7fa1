"""Two officers at one record, and a case that moves on."""

from uuid import UUID

from contracts.vocabulary import Role
from support.console import ConsoleUnderTest

PERSON = UUID(int=1)
AT = f"/people/{PERSON}/identity"


def test_of_two_officers_who_correct_one_identity_neither_loses_what_they_typed(console: ConsoleUnderTest) -> None:
    console.registered(PERSON, name="Siti Rekaan", register_number="A.III 1/2026", legal_status="tahanan")
    one, other = (console.officer(Role.REGISTRAR).go(f"{AT}/correction") for _ in range(2))
    one.send(religion="Hindu", address="Jalan Rekaan 1")
    assert one.path == AT and "Identitas sudah diperbaiki" in one.text
    other.send(address="Jalan Rekaan 2", language="Bali")
    assert other.status == 409 and other.heading == "Petugas lain sudah mengubahnya"
    rows = {row.th.get_text(" ", strip=True): row.get_text(" ", strip=True) for row in other.soup.select("tbody tr")}  # type: ignore[union-attr]
    assert "Jalan Rekaan 1" in rows["Alamat berbeda"] and "Jalan Rekaan 2" in rows["Alamat berbeda"]
    assert other.typed("address") == "Jalan Rekaan 2" and other.typed("language") == "Bali"
    kept = console.site.request("intake", "GET", f"/people/{PERSON}").json()["identity"]
    assert (kept["address"], kept["religion"], kept["language"]) == ("Jalan Rekaan 1", "Hindu", None)
    # Both joined by hand, on what is shown there.
    other.send(religion="Hindu", address="Jalan Rekaan 2")
    assert other.path == AT and "Jalan Rekaan 2" in other.text and "Hindu" in other.text and "Bali" in other.text


def test_what_is_refused_comes_back_as_it_was_typed(console: ConsoleUnderTest) -> None:
    console.registered(PERSON, name="Siti Rekaan")
    registrar = console.officer(Role.REGISTRAR).go(f"{AT}/correction")
    registrar.send(
        nik="12", birth_date__day="1", birth_date__month="1", birth_date__year="2999", identifier_value__1="X 1"
    )
    assert set(registrar.wrong) == {"Bentuk isian ini salah.", "Isian ini wajib diisi."}
    assert registrar.typed("identifier_value-1") == "X 1" and registrar.typed("birth_date-year") == "2999"
    registrar.send(nik="", identifier_value__1="")
    assert "Tanggal ini belum tiba" in registrar.wrong[0]


def test_the_case_moves_on_to_another_register_and_the_earlier_number_stays(console: ConsoleUnderTest) -> None:
    console.registered(PERSON, name="Siti Rekaan", register_number="A.III 1/2026", legal_status="tahanan")
    console.registered(UUID(int=2), name="Budi Rekaan", register_number="B.I 7/2026")
    registrar = console.officer(Role.REGISTRAR).go(f"{AT}/register")
    since = {"from_on__day": "1", "from_on__month": "2", "from_on__year": "2026"}
    registrar.send(book="b_i", number="B.I 7/2026", **since)
    assert "sudah dipakai orang lain" in registrar.wrong[0] and registrar.typed("number") == "B.I 7/2026"
    registrar.send(number="B.I 8/2026")
    assert registrar.path == AT and "narapidana" in registrar.text
    assert "A.III 1/2026" in registrar.text and "No. register : B.I 8/2026" in registrar.text.replace("r:", "r :")
