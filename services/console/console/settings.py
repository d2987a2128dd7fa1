"""What the console of one site must be told to run; read from `JEMBATAN_…` in the environment."""

from chassis.settings import Settings
from pydantic import SecretStr


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
    training: bool = False
    """Whether everybody in this site's databases is made up."""
