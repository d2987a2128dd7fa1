"""A provider vouches for staff: who they are and nothing more, and its absence hinders nobody."""

import base64
import hmac
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from console import commands, queries
from console.model import ELSEWHERE, Account, AuthorizationRequest, SignIn
from console.oidc import FRESH_S, LEEWAY_S, ProviderSaidNo, claims_of
from console.settings import ConsoleSettings
from contracts.vocabulary import Role
from jembatan.node import console_settings
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from pydantic import ValidationError
from sqlmodel import col, select, update
from support.console import PASSWORD, ConsoleUnderTest, Visitor
from support.oidc import ProviderUnderTest, challenge, provider


@pytest.fixture
def abroad(console: ConsoleUnderTest) -> Iterator[ProviderUnderTest]:
    """A provider that knows this console, and Siti, who has an account at both."""
    with provider() as made:
        made.knows(console)
        made.user("u-1", preferred_username="Siti")
        with console.database.transaction() as session:
            opened = commands.open_account(
                session, uuid4(), "siti", "Siti Rekaan", PASSWORD, roles=[Role.REGISTRAR], administrator=False, at=NOW
            )
            opened.second_factor = "sealed"
        yield made


NOW = datetime.now(UTC)
ISSUER = "https:" + "//sso.example"


def sign_in_there(visitor: Visitor, sub: str, to: str = "/people") -> Visitor:
    """Presses the link, and says at the provider who it is."""
    form = visitor.client.get(f"/sign-in/oidc?to={to}")
    answer = visitor.client.post(form.url, data={"sub": sub})
    visitor.status, visitor.path, visitor.html = answer.status_code, answer.url.path, answer.text
    return visitor


def the_account(console: ConsoleUnderTest) -> Account:
    with console.database.transaction() as session:
        found = session.exec(select(Account).where(Account.username == "siti")).one()
        session.expunge(found)
    return found


def test_whoever_the_provider_vouches_for_is_signed_in_with_the_roles_of_the_console(
    console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    visitor = console.visitor().go("/sign-in")
    assert visitor.soup.select_one('a[href^="/sign-in/oidc"]')
    sign_in_there(visitor, "u-1")
    assert (visitor.status, visitor.heading) == (200, "WBP") and "Siti Rekaan" in visitor.text
    assert "code" not in visitor.path
    asked, redeemed = abroad.sent_to("/oauth2/authorize"), abroad.sent_to("/oauth2/token")
    assert asked["code_challenge_method"] == "S256" and asked["prompt"] == "login"
    assert challenge(redeemed["code_verifier"]) == asked["code_challenge"]
    assert visitor.go("/breaches").status == 403


def test_nobody_gets_an_account_by_signing_in(console: ConsoleUnderTest, abroad: ProviderUnderTest) -> None:
    for claims in ({"preferred_username": "orang-lain"}, {}, {"preferred_username": 5}):
        visitor = sign_in_there(console.visitor(), abroad.user("u-2", **claims))
        assert visitor.status == 403 and "tidak ada akun terbuka untuk Anda" in visitor.wrong[0]
        assert visitor.heading == "Masuk" and visitor.go("/people").path == "/sign-in"


def test_a_closed_account_stays_closed(console: ConsoleUnderTest, abroad: ProviderUnderTest) -> None:
    with console.database.transaction() as session:
        session.exec(update(Account).values(closed_at=NOW))
    assert sign_in_there(console.visitor(), "u-1").status == 403


def test_a_name_that_somebody_else_was_given_at_the_provider_opens_nothing(
    console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    assert sign_in_there(console.visitor(), "u-1").heading == "WBP"
    assert sign_in_there(console.visitor(), "u-1").heading == "WBP"
    namesake = abroad.user("u-9", preferred_username="siti")
    assert sign_in_there(console.visitor(), namesake).status == 403
    with console.database.transaction() as session:
        commands.reset_account(session, the_account(console).id, "kata sandi yang baru")
    with console.database.transaction() as session:
        session.exec(update(Account).values(second_factor="sealed"))
    assert sign_in_there(console.visitor(), namesake).heading == "WBP"


def test_somebody_new_sets_their_own_second_factor_whichever_way_they_came(
    console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    with console.database.transaction() as session:
        session.exec(update(Account).values(second_factor=None))
    assert sign_in_there(console.visitor(), "u-1").heading == "Pasang kode dari aplikasi"


def test_an_answer_counts_once_for_the_browser_that_asked_and_for_a_while(
    console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    def answer(visitor: Visitor) -> str:
        form = visitor.client.get("/sign-in/oidc")
        there = visitor.client.post(form.url, data={"sub": "u-1"}, follow_redirects=False)
        return str(there.headers["location"])

    first, other = console.visitor(), console.visitor()
    stolen = answer(first)
    other.client.get("/sign-in/oidc")
    assert "kedaluwarsa" in other.go(stolen).wrong[0], "a link of somebody else signs nobody in"
    second_tab = answer(first)
    assert first.go(stolen).heading == "Hari ini"
    assert "kedaluwarsa" in first.go(stolen).wrong[0]
    assert first.go(second_tab).heading == "Hari ini", "two tabs do not hinder each other"
    late = answer(first)
    with console.database.transaction() as session:
        session.exec(update(AuthorizationRequest).values(began_at=NOW - ELSEWHERE - timedelta(minutes=1)))
    assert "kedaluwarsa" in first.go(late).wrong[0]
    first.client.get("/sign-in/oidc")
    with console.database.transaction() as session:
        kept = session.exec(select(AuthorizationRequest).where(col(AuthorizationRequest.began_at) < NOW)).all()
    assert list(kept) == []


def test_whoever_says_no_at_the_provider_is_back_at_the_sign_in_page(
    console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    visitor = console.visitor()
    form = visitor.client.get("/sign-in/oidc?to=/people")
    refused = visitor.client.post(form.url, data={"action": "deny"}, follow_redirects=False)
    state = abroad.sent_to("/oauth2/authorize")["state"]
    assert "error=access_denied" in refused.headers["location"]
    visitor.go(f"/sign-in/oidc/return?error=access_denied&state={state}")
    assert visitor.status == 403 and "tidak berhasil" in visitor.wrong[0]
    kept = visitor.soup.select_one('form[action="/sign-in"] [name="to"]')
    assert kept and kept["value"] == "/people"


@pytest.mark.parametrize("wrong", ["gone", "another issuer", "no provider"])
def test_a_provider_that_fails_hinders_no_sign_in_of_our_own(
    wrong: str, console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    port = abroad.issuer.rpartition(":")[2]
    console.settings.oidc_issuer = {
        "gone": "http://localhost:1",
        "another issuer": f"http://127.0.0.1:{port}/",
        "no provider": console.url,
    }[wrong]
    with console.database.transaction() as session:
        session.exec(update(Account).values(second_factor=None))
    visitor = console.visitor().go("/sign-in/oidc?to=/people")
    assert visitor.status == 503 and "tidak dapat dihubungi" in visitor.wrong[0]
    visitor.send("/sign-in", username="siti", password=PASSWORD)
    assert visitor.heading == "Pasang kode dari aplikasi"


def test_a_wrong_secret_is_refused_by_the_provider_and_signs_nobody_in(
    console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    assert console.settings.oidc_client_secret
    console.settings.oidc_client_secret = type(console.settings.oidc_client_secret)("bukan ini")
    visitor = sign_in_there(console.visitor(), "u-1")
    assert visitor.status == 403 and "tidak berhasil" in visitor.wrong[0]


def test_what_was_typed_stays_in_its_tab_while_somebody_signs_in_in_another(
    console: ConsoleUnderTest, abroad: ProviderUnderTest
) -> None:
    visitor = console.visitor().post("/people", {"words": "Budi 'O\"Neil"})
    assert visitor.status == 401
    visitor.send("/sign-in/resume")
    assert visitor.status == 401 and "belum masuk di tab lain" in visitor.wrong[0]
    tab = sign_in_there(console.visitor(), "u-1")
    visitor.client.cookies.update(tab.client.cookies)
    visitor.send("/sign-in/resume")
    assert visitor.heading == "Anda sudah masuk"
    visitor.send()
    assert visitor.heading == "WBP" and visitor.typed("words") == "Budi 'O\"Neil"


def test_without_a_provider_none_is_offered(console: ConsoleUnderTest) -> None:
    with console.database.transaction() as session:
        commands.open_account(session, uuid4(), "siti", "S", PASSWORD, roles=[], administrator=False, at=NOW)
    visitor = console.visitor().go("/sign-in")
    assert visitor.heading == "Masuk" and not visitor.soup.select('a[href^="/sign-in/oidc"]')
    assert visitor.go("/sign-in/oidc").status == 404


def test_what_the_operator_sets_for_a_node_reaches_its_console(
    console: ConsoleUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert console_settings(console.site.folder).oidc_issuer is None
    for name, value in {"ISSUER": ISSUER, "CLIENT_ID": "konsol", "CLIENT_SECRET": "rahasia"}.items():
        monkeypatch.setenv(f"JEMBATAN_OIDC_{name}", value)
    told = console_settings(console.site.folder)
    assert (told.oidc_issuer, told.oidc_client_id) == (ISSUER, "konsol")
    assert "rahasia" not in repr(told)


KEY = RSAKey.generate_key(2048, {"kid": "1"})
KNOWN = KeySet([RSAKey.import_key(KEY.as_dict(private=False))])


def token(key: RSAKey = KEY, **other: Any) -> str:
    """An ID token; moments are seconds from now."""
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": "konsol",
        "sub": "u-1",
        "nonce": "n",
        "iat": 0,
        "exp": 60,
    }
    said |= other
    now = int(time.time())
    said |= {name: said[name] + now for name in ("iat", "exp", "auth_time") if isinstance(said.get(name), int)}
    claims = {name: value for name, value in said.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


def believed(said: str) -> dict[str, Any]:
    return claims_of(said, KNOWN, issuer=ISSUER, client_id="konsol", nonce="n")


@pytest.mark.parametrize("other", [{}, {"aud": ["konsol"]}, {"aud": ["konsol", "lain"], "azp": "konsol"}, {"exp": -30}])
def test_an_id_token_for_us_is_believed(other: dict[str, Any]) -> None:
    assert believed(token(**other))["sub"] == "u-1"


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https:" + "//lain.example"},
        {"aud": "lain"},
        {"aud": ["konsol", "lain"]},
        {"aud": ["konsol", "lain"], "azp": "lain"},
        {"azp": "lain"},
        {"nonce": "m"},
        {"nonce": None},
        {"sub": None},
        {"sub": 5},
        {"exp": None},
        {"iat": None},
        {"exp": -LEEWAY_S - 60},
        {"iat": LEEWAY_S + 600, "exp": 9000},
        {"auth_time": -FRESH_S - 60},
        {"auth_time": "kemarin"},
    ],
)
def test_an_id_token_that_is_not_for_us_or_not_for_now_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(ProviderSaidNo):
        believed(token(**other))


def test_an_id_token_that_somebody_else_signed_is_refused() -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "1"})
    body = token().split(".")[1]
    hmac_header, none_header = part(b'{"alg":"HS256","kid":"1"}'), part(b'{"alg":"none"}')
    by_public_key = hmac.digest(KEY.as_pem(private=False), f"{hmac_header}.{body}".encode(), "sha256")
    for forged in (
        token(stranger),
        f"{hmac_header}.{body}.{part(by_public_key)}",
        f"{none_header}.{body}.",
        "bukan token",
    ):
        with pytest.raises(ProviderSaidNo):
            believed(forged)


def part(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


@pytest.mark.parametrize(
    "wrong",
    [{"oidc_issuer": "http://sso.example", "oidc_client_id": "k"}, {"oidc_client_id": "k"}],
)
def test_half_a_provider_and_one_without_https_are_refused_at_the_start(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "site": "uji",
        "database_url": "x",
        "token_key": "x",
        "issuer_key": "x",
        "services": {},
        "seal_key": "x",
    }
    assert ConsoleSettings(**given, setup_code="x").oidc_issuer is None
    with pytest.raises(ValidationError):
        ConsoleSettings(**given, setup_code="x", **wrong)


def test_a_token_of_the_browser_is_kept_as_a_hash(console: ConsoleUnderTest, abroad: ProviderUnderTest) -> None:
    visitor = console.visitor()
    visitor.client.get("/sign-in/oidc")
    state = abroad.sent_to("/oauth2/authorize")["state"]
    with console.database.transaction() as session:
        [asked] = session.exec(select(AuthorizationRequest)).all()
        assert asked.key == queries.key_of(state) and state not in repr(asked)
        assert session.exec(select(SignIn)).all() == []
