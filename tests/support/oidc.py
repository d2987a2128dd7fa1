"""An OpenID Connect provider, as a server of its own, where people sign in who may work at a rutan."""

import base64
import contextlib
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx2
import oidc_provider_mock
from flask import Flask, request
from pydantic import SecretStr
from werkzeug.serving import BaseWSGIServer

from support.console import ConsoleUnderTest


class ProviderUnderTest:
    """The provider, what was sent to it, and the client that a console is there."""

    def __init__(self, server: BaseWSGIServer) -> None:
        self.issuer = f"http://localhost:{server.server_port}"
        self.seen: list[tuple[str, dict[str, Any]]] = []
        assert isinstance(server.app, Flask)
        server.app.before_request(lambda: self.seen.append((request.path, request.values.to_dict())))

    def knows(self, console: ConsoleUnderTest) -> None:
        """Enters a console as a client, and tells the console."""
        client = {"redirect_uris": [f"{console.url}/sign-in/oidc/return"]}
        made = httpx2.post(f"{self.issuer}/oauth2/clients", json=client).raise_for_status().json()
        console.settings.oidc_issuer = self.issuer
        console.settings.oidc_client_id = made["client_id"]
        console.settings.oidc_client_secret = SecretStr(made["client_secret"])

    def user(self, sub: str, **claims: object) -> str:
        """Somebody with an account there."""
        httpx2.put(f"{self.issuer}/users/{sub}", json=claims).raise_for_status()
        return sub

    def sent_to(self, path: str) -> dict[str, Any]:
        """What was sent there last."""
        return next(values for where, values in reversed(self.seen) if where == path)


def challenge(verifier: str) -> str:
    """What a provider computes (RFC 7636, 4.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


@contextlib.contextmanager
def provider() -> Iterator[ProviderUnderTest]:
    """A provider on a free port."""
    with oidc_provider_mock.run_server_in_thread(require_client_registration=True, require_nonce=True) as server:
        yield ProviderUnderTest(server)
