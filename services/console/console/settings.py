"""What the console of one site must be told to run; read from `JEMBATAN_…` in the environment."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from chassis.settings import Settings
from pydantic import AfterValidator, SecretStr, model_validator


def _safe(issuer: str) -> str:
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise ValueError("an issuer's address begins with https")
    return issuer


class ConsoleSettings(Settings):
    """The console's settings. It speaks to no broker."""

    nats_url: str = ""
    issuer_key: SecretStr
    """The site's issuer: the private Ed25519 key, as a JWK, that tokens of staff are signed with."""
    services: dict[str, str]
    """Where each service of the site answers."""
    seal_key: SecretStr
    """What second factors are sealed with: 32 bytes in URL-safe base64."""
    setup_code: SecretStr
    """What the first administrator must show: told by the node to whoever installs it."""
    oidc_issuer: Annotated[str, AfterValidator(_safe)] | None = None
    """An OpenID Connect provider that staff may sign in with as well, as it calls itself."""
    oidc_client_id: str | None = None
    """What the provider calls this console."""
    oidc_client_secret: SecretStr | None = None
    """What this console shows the provider; none for a public client."""
    training: bool = False
    """Whether everybody in this site's databases is made up."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            raise ValueError("JEMBATAN_OIDC_ISSUER and JEMBATAN_OIDC_CLIENT_ID are set together")
        return self
