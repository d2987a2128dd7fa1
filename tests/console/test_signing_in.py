"""Who may in, for how long, and what becomes of what they had typed."""

import base64
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from console.model import FREE_TRIES, IDLE, SHIFT, Account, SignIn, TooManyTries, WeakPassword, check_password
from console.pages.signing_in import local
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st
from jembatan.node import setup_code
from sqlmodel import select
from support.console import PASSWORD, ConsoleUnderTest, Visitor

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def code_of(secret: str) -> str:
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(time.time()).decode()


def first_administrator(console: ConsoleUnderTest) -> tuple[Visitor, str]:
    visitor = console.visitor().go("/")
    assert visitor.path == "/first-run"
    visitor.send(
        setup_code=setup_code(console.site.folder),
        name="Siti Rekaan",
        username="Siti",
        password=PASSWORD,
        password_again=PASSWORD,
        roles=["registrar"],
    )
    assert visitor.heading == "Pasang kode dari aplikasi"
    secret = visitor.typed("secret")
    visitor.send(code=code_of(secret))
    assert visitor.heading == "Hari ini"
    return visitor, secret


def test_the_first_run_makes_the_first_administrator_and_is_over_then(console: ConsoleUnderTest) -> None:
    first_administrator(console)
    assert console.visitor().go("/first-run").heading == "Masuk"
    late = console.visitor().post("/first-run", {"setup_code": setup_code(console.site.folder)})
    assert late.heading == "Masuk"


def test_nobody_takes_a_new_site_without_its_setup_code(console: ConsoleUnderTest) -> None:
    visitor = console.visitor().go("/first-run")
    visitor.send(setup_code="AAAA-AAAA", name="X", username="x", password=PASSWORD, password_again=PASSWORD)
    assert visitor.status == 403
    assert "Kode pemasangan salah" in visitor.wrong[0]
    assert visitor.typed("username") == "x" and visitor.typed("password") == ""


def test_a_code_counts_once_and_a_wrong_try_says_not_what_was_wrong(console: ConsoleUnderTest) -> None:
    _, secret = first_administrator(console)
    used = code_of(secret)
    answers = set()
    for username, password, code in (
        ("siti", PASSWORD, used),
        ("siti", "bukan ini kata", used),
        ("siapa", PASSWORD, used),
    ):
        visitor = console.visitor().go("/sign-in").send(username=username, password=password, code=code)
        answers.add((visitor.status, *visitor.wrong))
    assert answers == {(403, "Nama pengguna, kata sandi atau kode salah. Periksa lalu coba lagi.")}


def test_after_signing_out_a_copied_cookie_is_worth_nothing(console: ConsoleUnderTest) -> None:
    officer = console.officer()
    copied = Visitor(console.url, dict(officer.client.cookies))
    officer.post("/sign-out", {})
    assert officer.heading == "Masuk" and "sudah keluar" in officer.text
    assert copied.go("/people").path == "/sign-in"


def test_what_was_typed_when_the_session_ended_is_handed_back_after_signing_in(console: ConsoleUnderTest) -> None:
    _, secret = first_administrator(console)
    with console.database.transaction() as session:
        account = session.exec(select(Account)).one()
        account.last_step = 0
    visitor = console.visitor().post("/people", {"words": "Budi 'O\"Neil"})
    assert visitor.status == 401 and "tidak hilang" in visitor.text
    visitor.send(username="siti", password="salah salah salah", code="000000")
    assert visitor.status == 403
    visitor.send(username="siti", password=PASSWORD, code=code_of(secret))
    assert visitor.heading == "Anda sudah masuk"
    visitor.send()
    assert visitor.heading == "WBP" and visitor.typed("words") == "Budi 'O\"Neil"


def test_a_post_from_another_site_is_refused(console: ConsoleUnderTest) -> None:
    officer = console.officer()
    headers = {"sec-fetch-site": "cross-site", "origin": "http://jahat.example"}
    answer = officer.client.post("/people", data={"words": "x"}, headers=headers)
    assert answer.status_code == 403


def test_no_page_may_be_kept_by_the_browser_and_none_may_load_from_elsewhere(console: ConsoleUnderTest) -> None:
    answer = console.officer().client.get("/people")
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["//evil.example", "https:" + "//evil.example", "/\\evil.example", "evil", ""])
def test_signing_in_leads_nowhere_else(path: str) -> None:
    assert local(path) == "/"


@given(st.integers(1, 40))
def test_each_wrong_try_after_the_first_few_waits_longer_and_never_past_the_limit(tries: int) -> None:
    account = Account(id=uuid4(), username="x", name="x", roles=[], password_hash="", created_at=NOW)
    waits = []
    for _ in range(tries):
        account.failed(NOW)
        waits.append((account.wait_until or NOW) - NOW)
    assert waits == sorted(waits) and waits[-1] <= timedelta(minutes=15)
    assert (account.wait_until is None) == (tries <= FREE_TRIES)
    if account.wait_until:
        with pytest.raises(TooManyTries):
            account.may_try(NOW)
        account.may_try(account.wait_until)


def test_a_sign_in_ends_after_idle_time_and_after_a_shift() -> None:
    signed = SignIn(key="", account=uuid4(), began_at=NOW, seen_at=NOW)
    assert signed.alive(NOW) and not signed.alive(NOW + IDLE)
    signed.seen_at = NOW + SHIFT
    assert not signed.alive(NOW + SHIFT)


@pytest.mark.parametrize("password", ["pendek", "siti siti siti siti"])
def test_a_password_is_long_and_not_the_user_s_name(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password("siti", password)


def test_passwords_and_second_factors_are_not_readable_in_the_database(console: ConsoleUnderTest) -> None:
    _, secret = first_administrator(console)
    with console.database.transaction() as session:
        account = session.exec(select(Account)).one()
        kept = repr(account)
    assert PASSWORD not in kept and secret not in kept and account.password_hash.startswith("$argon2id$")


def test_the_language_is_changed_on_a_page_that_only_answers_a_form_as_well(console: ConsoleUnderTest) -> None:
    person = console.registered(uuid4())
    officer = console.officer("counsellor").go(f"/people/{person}/programmes")
    officer.send(f"/people/{person}/programmes/plans")
    assert officer.path.endswith("/plans") and officer.status >= 400
    officer.post("/language", {"language": "en", "to": officer.switch})
    assert (officer.status, officer.heading) == (200, "Plan and programmes")
    assert officer.path == f"/people/{person}/programmes"


def test_the_language_is_changed_where_one_is_and_says_nothing_twice(console: ConsoleUnderTest) -> None:
    officer = console.officer().go("/waiting/plans?page=1&done=signed_out")
    assert officer.switch == "/waiting/plans?page=1"
