"""An OpenID Connect provider that staff may sign in with: asked for a code, believed by its signature alone."""

import base64
import contextlib
import hashlib
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
from chassis.errors import DomainError, Refused
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.settings import ConsoleSettings

log = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures of a private key. Nothing that the client's secret, or nobody, could have signed."""
SCOPE = "openid profile"
PATIENCE_S = 5.0
"""Whoever waits at the sign-in page has a password as well."""
LEEWAY_S = 120
"""The clocks of sites and providers differ."""
FRESH_S = 600
"""How old a sign-in at the provider may be: PCs in a rutan are shared, and the last one's may still run there."""


class ProviderAway(DomainError):
    """It does not answer, or not as a provider does."""

    status = 503
    detail = (
        "Penyedia akun tidak dapat dihubungi sekarang. Masuk dengan nama pengguna, kata sandi dan kode di halaman ini."
    )


class ProviderSaidNo(Refused):
    """It refused, or said what cannot be believed."""

    detail = (
        "Masuk melalui penyedia akun tidak berhasil. Coba lagi, atau masuk dengan nama pengguna dan kata sandi "
        "di halaman ini."
    )


def challenge_of(verifier: str) -> str:
    """What is shown first of a secret that is shown later (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def claims_of(token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """What an ID token says of whoever signed in. Raises ProviderSaidNo when it is not for us, not now, or forged."""
    registry = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        registry.validate(claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        ours = claims.get("azp", None if several else client_id) == client_id
        fresh = claims["iat"] - claims.get("auth_time", claims["iat"]) <= FRESH_S
    except (JoseError, ValueError, TypeError, KeyError) as wrong:
        log.warning("ID token not believed", extra={"why": type(wrong).__name__})
        raise ProviderSaidNo from None
    if not ours or not fresh:
        log.warning("ID token not believed", extra={"why": "another client's" if not ours else "an old sign-in"})
        raise ProviderSaidNo
    return dict(claims)


class Provider:
    """The provider that this console was told of. It is asked anew each time: sign-ins are few."""

    def __init__(self, settings: ConsoleSettings, redirect_uri: str) -> None:
        assert settings.oidc_issuer and settings.oidc_client_id
        self._issuer, self._client_id = settings.oidc_issuer, settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._redirect_uri = redirect_uri

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where whoever wants to sign in is sent. `prompt`: not as whoever signed in there before."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "prompt": "login",
            "max_age": FRESH_S,
        }
        with self._asking() as client:
            endpoint = str(self._metadata(client)["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def claims(self, code: str, *, nonce: str, verifier: str) -> dict[str, Any]:
        """What the provider says of whoever came back with `code`."""
        with self._asking() as client:
            known = self._metadata(client)
            token = self._redeemed(client, known, code, verifier)
            keys = KeySet.import_key_set({"keys": _document(client.get(known["jwks_uri"]))["keys"]})
        return claims_of(token, keys, issuer=self._issuer, client_id=self._client_id, nonce=nonce)

    def _metadata(self, client: httpx2.Client) -> dict[str, Any]:
        known = _document(client.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"))
        if known["issuer"] != self._issuer:
            raise ValueError("another issuer")
        return known

    def _redeemed(self, client: httpx2.Client, known: dict[str, Any], code: str, verifier: str) -> str:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
            "client_id": self._client_id,
        }
        headers = {}
        if self._secret:
            secret = self._secret.get_secret_value()
            if "client_secret_basic" in known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
                pair = f"{quote(self._client_id, safe='')}:{quote(secret, safe='')}"
                headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            else:
                sent["client_secret"] = secret
        answer = client.post(known["token_endpoint"], data=sent, headers=headers)
        if answer.is_client_error:
            log.warning("code not taken", extra={"status": answer.status_code})
            raise ProviderSaidNo
        return str(_document(answer)["id_token"])

    @contextlib.contextmanager
    def _asking(self) -> Iterator[httpx2.Client]:
        try:
            with httpx2.Client(timeout=PATIENCE_S) as client:
                yield client
        except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValueError, KeyError, TypeError) as trouble:
            log.warning("provider away", extra={"error": type(trouble).__name__})
            raise ProviderAway from None


def _document(answer: httpx2.Response) -> dict[str, Any]:
    return dict(answer.raise_for_status().json())
