"""Registration step by step: nothing is lost on the way, and nobody is registered twice."""

import pytest
from contracts.vocabulary import Role
from support.console import ConsoleUnderTest, Visitor


def at_check(visitor: Visitor, name: str = "Siti Rekaan", number: str = "A.III 5/2026", **more: str) -> Visitor:
    """On the page that shows everything again."""
    visitor.go("/registration").send(name=name, sex="female", to="register")
    assert visitor.heading == "Register dan status hukum", visitor.wrong
    visitor.send(legal_status="tahanan", register_number=number, to="more")
    assert visitor.heading == "Keterangan lain", visitor.wrong
    visitor.send(to="check", **more)
    return visitor


def finish(visitor: Visitor) -> Visitor:
    form = visitor.soup.select_one("main form")
    assert form
    fields = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[name]")}
    return visitor.post("/registration/finish", fields)


def test_somebody_is_registered_once_however_often_it_is_sent(console: ConsoleUnderTest) -> None:
    registrar = console.officer(Role.REGISTRAR)
    more = {"birth_date__day": "1", "birth_date__month": "7", "birth_date__year": "1990", "nik": "9971014107900001"}
    at_check(registrar, aliases="Iti\nSiti R", identifier_kind__1="passport", identifier_value__1="X 12", **more)
    assert registrar.heading == "Periksa isian Anda"
    for shown in ("Siti Rekaan", "A.III 5/2026", "1 Juli 1990", "paspor X 12"):
        assert shown in registrar.text
    twice = Visitor(console.url, dict(registrar.client.cookies))
    twice.html, twice.path = registrar.html, registrar.path
    for visitor in (registrar, twice):
        finish(visitor)
        assert visitor.heading == "Ringkasan" and "Orang ini sudah terdaftar" in visitor.text
    assert registrar.path == twice.path
    identity = console.site.request("intake", "GET", registrar.path).json()["identity"]
    assert identity["birth_date"] == "1990-07-01" and identity["aliases"] == ["Iti", "Siti R"]
    assert identity["identifiers"] == [{"kind": "passport", "value": "X 12"}]


def test_each_step_says_what_is_wrong_with_it_and_keeps_all_that_was_typed(console: ConsoleUnderTest) -> None:
    registrar = console.officer(Role.REGISTRAR)
    console.site.request(
        "intake",
        "PUT",
        "/people/00000000-0000-4000-8000-000000000001",
        {"name": "Rekaan Lain", "register_number": "A.III 5/2026", "legal_status": "tahanan", "sex": "male"},
    )
    registrar.go("/registration").send(name="", to="register")
    assert registrar.heading == "Siapa orangnya"
    assert registrar.wrong == ["Isian ini wajib diisi.", "Isian ini wajib diisi."]
    registrar.send(name="Siti Rekaan", sex="female", to="register")
    registrar.send(legal_status="narapidana", register_number="A.III 5/2026", to="more")
    assert registrar.heading == "Register dan status hukum" and "Nomor ini sudah dipakai" not in registrar.text
    assert "Status hukum tidak cocok" in registrar.wrong[0]
    registrar.send(legal_status="tahanan", to="more")
    assert "Nomor ini sudah dipakai" in registrar.wrong[0]
    registrar.send(register_number="A.III 6/2026", to="more")
    registrar.send(nik="123", birth_date__day="31", birth_date__month="2", birth_date__year="1990", to="check")
    assert registrar.heading == "Keterangan lain" and len(registrar.wrong) == 2
    assert registrar.typed("nik") == "123" and registrar.typed("name") == "Siti Rekaan"
    # Going back loses nothing either, whatever stands in the step that is left.
    registrar.send(to="register")
    assert registrar.typed("register_number") == "A.III 6/2026" and registrar.typed("nik") == "123"


def test_who_it_may_already_be_is_shown_after_registering_and_the_two_can_be_joined_and_parted(
    console: ConsoleUnderTest,
) -> None:
    registrar = console.officer(Role.REGISTRAR)
    day = {"birth_date__day": "1", "birth_date__month": "7", "birth_date__year": "1990"}
    first = finish(at_check(registrar, **day)).path
    finish(at_check(registrar, name="Siti  Rekaan bin X", number="A.III 9/2026", **day))
    assert registrar.heading == "Mungkin orang yang sama" and "nama mirip, tanggal lahir sama" in registrar.text
    link = registrar.soup.select_one("main td a")
    assert link
    registrar.go(str(link["href"]))
    assert registrar.heading == "Bandingkan dua catatan" and "A.III 9/2026" in registrar.text
    registrar.send()
    assert registrar.wrong == ["Isian ini wajib diisi."]
    registrar.send(into=first.rpartition("/")[2])
    assert registrar.path == f"{first}/identity" and "sudah digabung" in registrar.text
    form = registrar.soup.select_one("form[action$=unmerge]")
    assert form
    for _ in range(2):
        registrar.post(str(form["action"]), {})
        assert "sudah dipisahkan" in registrar.text
    assert "A.III 9/2026" in registrar.text


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.HEAD, Role.PRIVACY_OFFICER])
def test_only_the_registrar_is_offered_to_register_or_to_correct(console: ConsoleUnderTest, role: Role) -> None:
    registrar, other = console.officer(Role.REGISTRAR), console.officer(role)
    person = finish(at_check(registrar)).path
    assert "/registration" in registrar.go("/people").html
    other.go("/people")
    assert other.status == 200 and "/registration" not in other.html and "Siti Rekaan" in other.text
    other.go(f"{person}/identity")
    assert other.status == 200 and "/correction" not in other.html
    other.go(f"{person}/stays")
    assert other.status == 200 and "/release" not in other.html
