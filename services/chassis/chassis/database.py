"""One service's database: sessions and transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from chassis.engine import engine
from chassis.settings import Settings
from chassis.vault import Vault


class Database:
    """The database of `service` at one site."""

    def __init__(self, settings: Settings, service: str) -> None:
        self.url = settings.database_url.get_secret_value()
        self.site, self.service = settings.site, service
        self.vault = _vault(settings)
        self._known = {
            "site": settings.site,
            "service": service,
            "vault": self.vault,
            "log_key": settings.log_key.get_secret_value().encode() if settings.log_key else None,
            "readers": {"site": settings.readers, "national": settings.national_readers},
        }
        self.engine = engine(self.url, kept=2)

    def session(self) -> Session:
        """A session that has asked for nothing yet."""
        return Session(self.engine, expire_on_commit=False, info=self._known)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or not at all."""
        with self.session() as session, session.begin():
            yield session

    def usable(self) -> bool:
        """Whether it answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()
        if self.vault:
            self.vault.close()


def _vault(settings: Settings) -> Vault | None:
    if settings.vault_url is None or settings.vault_key is None:
        return None
    return Vault(settings.vault_url.get_secret_value(), settings.vault_key.get_secret_value())


def psycopg_url(url: str) -> str:
    """The same address for psycopg itself."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


_ALONE = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def in_turn(session: Session, key: object) -> None:
    """Requests for one key that is not a row yet come one after the other, until the commit."""
    session.execute(_ALONE, {"key": str(key)})


async def _session(request: Request) -> Session:
    return cast(Database, request.app.state.database).session()


Transaction = Annotated[Session, Depends(_session)]
"""What a route does with the database: `chassis.routes` commits it, or takes it back, before the answer is written."""
