"""An administrator lets others in, and sees nobody's record by that."""

from console.model import Account
from contracts.vocabulary import Role
from sqlmodel import col, select
from support.console import PASSWORD, ConsoleUnderTest, Visitor


def opened(console: ConsoleUnderTest, **more: object) -> Visitor:
    """An administrator who has just made an account."""
    given = {"username": "wali", "name": "Wali Rekaan", "roles": ["counsellor"], "password": PASSWORD}
    return console.officer(Role.REGISTRAR, administrator=True).go("/accounts/new").send(**given | more)


def test_whoever_is_let_in_signs_in_and_sets_a_code_of_their_own(console: ConsoleUnderTest) -> None:
    page = opened(console)
    assert page.heading == "Wali Rekaan" and "Akun sudah dibuat" in page.text
    assert "belum pasang kode" in page.go("/accounts").text
    newcomer = console.visitor().go("/sign-in").send(username="WALI", password=PASSWORD, code="")
    assert newcomer.heading == "Pasang kode dari aplikasi"


def test_the_same_form_twice_is_one_account_and_a_taken_name_is_said_beside_it(console: ConsoleUnderTest) -> None:
    page = console.officer(administrator=True).go("/accounts/new")
    form = {"id": page.typed("id"), "username": "wali", "name": "Wali", "password": PASSWORD, "roles": ["counsellor"]}
    assert page.post("/accounts/new", form).path == page.post("/accounts/new", form).path
    page.go("/accounts/new").send(username="Wali", name="Lain", password=PASSWORD)
    assert page.status == 409 and "sudah dipakai" in page.soup.select_one("#username-error").get_text()  # type: ignore[union-attr]
    assert page.typed("name") == "Lain" and page.typed("password") == ""
    for fields in ({"username": "", "name": "x"}, {"username": "a b", "name": "x"}, {"username": "x", "name": " "}):
        page.go("/accounts/new").send(password=PASSWORD, **fields)
        assert page.status == 409, fields


def test_a_closed_account_is_out_at_once_and_a_role_taken_away_is_gone(console: ConsoleUnderTest) -> None:
    admin, officer = console.officer(administrator=True, name="Kepala"), console.officer(Role.REGISTRAR, name="Sasaran")
    assert officer.go("/people").status == 200
    at = next(str(a["href"]) for a in admin.go("/accounts").soup.select("tbody a") if a.get_text() == "Sasaran")
    admin.go(at).send(roles=["instructor"])
    assert officer.go("/people").status == 403
    admin.go(at).send(closed="true")
    assert officer.go("/people").path == "/sign-in"
    admin.go(at).send(closed=[])
    assert officer.go("/people").path == "/sign-in"


def test_two_administrators_see_both_versions_and_neither_is_lost(console: ConsoleUnderTest) -> None:
    first = opened(console)
    second = console.officer(administrator=True).go(first.path)
    first.go(first.path).send(name="Wali Satu")
    second.send(name="Wali Dua", roles=["counsellor", "instructor"])
    assert second.status == 409 and "Wali Satu" in second.text and second.typed("name") == "Wali Dua"
    second.send()
    assert second.heading == "Wali Dua"


def test_the_last_administrator_stays(console: ConsoleUnderTest) -> None:
    admin = console.officer(administrator=True, name="Satu Satunya")
    at = str(admin.go("/accounts").soup.select("tbody a")[0]["href"])
    for field, value in (("administrator", []), ("closed", "true")):
        admin.go(at).send(**{field: value})
        assert admin.status == 409 and "administrator terakhir" in admin.wrong[0]


def test_a_lost_phone_is_mended_with_a_first_password(console: ConsoleUnderTest) -> None:
    page = opened(console)
    page.send(1, password="pendek")
    assert page.status == 409
    page.send(1, password="tiga kata baru")
    assert "Kata sandi baru berlaku" in page.text
    newcomer = console.visitor().go("/sign-in").send(username="wali", password="tiga kata baru", code="")
    assert newcomer.heading == "Pasang kode dari aplikasi"


def test_an_administrator_opens_no_record_and_no_other_manages_accounts(console: ConsoleUnderTest) -> None:
    admin = opened(console)
    officer = console.officer(Role.HEAD)
    assert officer.go("/accounts").status == 403 and "/accounts" not in officer.go("/").html
    assert "/accounts" in admin.go("/").html
    with console.database.transaction() as session:
        for account in session.exec(select(Account).where(col(Account.administrator))):
            account.roles = []
    assert admin.go("/people").status == 403 and admin.go("/accounts").status == 200
    assert admin.go("/").status == 200
