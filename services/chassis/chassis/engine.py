"""Connections to PostgreSQL that are kept, and looked at before they are used again after a pause."""

from time import monotonic
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

MOST = 10
"""Connections of one service at once."""
LATELY_S = 1.0
"""A server that was there so shortly ago is not asked whether it still is: a page takes a connection several times."""


def engine(url: str, *, kept: int) -> Engine:
    """An engine that keeps some connections; one that the server ended meanwhile is made anew."""
    # hide_parameters: an SQL error in a log must not carry somebody's name.
    made = create_engine(url, pool_size=kept, max_overflow=MOST - kept, hide_parameters=True)

    @event.listens_for(made, "checkin")
    def given_back(connection: Any, record: Any) -> None:
        record.info["used_at"] = monotonic()

    @event.listens_for(made, "checkout")
    def taken(connection: Any, record: Any, proxy: Any) -> None:
        if monotonic() - record.info.get("used_at", monotonic()) < LATELY_S:
            return
        try:
            made.dialect.do_ping(connection)
        except made.dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None

    return made
