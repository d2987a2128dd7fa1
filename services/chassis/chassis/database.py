"""One service's database: sessions, and one transaction per request that is committed before the answer is written."""

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

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or not at all."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.info.update(self._known)
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


def _transaction(request: Request) -> Iterator[Session]:
    database = cast(Database, request.app.state.database)
    with database.transaction() as session:
        yield session


# FastAPI runs what follows a dependency's `yield` after the response unless its scope is the function: without it a
# client hears 201 before the commit, and hears it even when the commit fails.
Transaction = Annotated[Session, Depends(_transaction, scope="function")]
