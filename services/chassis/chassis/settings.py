"""What one service at one site must be told to run; read from `JEMBATAN_…` in the environment."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts import SiteCode


class Settings(BaseSettings):
    """One service's settings."""

    model_config = SettingsConfigDict(env_prefix="JEMBATAN_")

    site: SiteCode
    """The site's code, or `hub`."""
    database_url: SecretStr
    """`postgresql+psycopg://…`: this service's own database."""
    nats_url: str
    nats_seed: SecretStr | None = None
    """The nkey seed of the `services` user (at the hub: `central`)."""
    link_seed: SecretStr | None = None
    """The nkey seed of the `relay` user of account LINK. Only a site has one."""
    token_key: str
    """The site's issuer: the public Ed25519 key, as a JWK, that tokens of staff are checked with."""
    vault_url: SecretStr | None = None
    """`postgresql+psycopg://…`: the database of keys. Only a service that seals has one."""
    vault_key: SecretStr | None = None
    """The site's key, that wraps all others: 32 bytes in base64."""
    log_key: SecretStr | None = None
    """What this service chains its read log with."""
    readers: tuple[str, ...] = ()
    """The services of this site that read the site feed: a row is only trimmed when all of them have it."""
    national_readers: tuple[str, ...] = ("central", "partner_gateway")
    """The services of the hub that read the national feed."""
    otlp_endpoint: str | None = None
    """Where traces go. Without it none are made."""
    retention_days: int = 30
    """How long an outbox row stays after everybody has it, so that a reader restored from a backup can catch up."""
