"""What a database still holds of somebody."""

from uuid import UUID

from sqlalchemy import Engine, inspect, text

KEEPS_OPAQUE_IDS = {"inbox", "outbox", "position", "feed", "receipt", "parked", "forgotten", "read_log"}
"""What is kept of everybody: facts that were said, without identity, and who was looked at."""


def mentions(engine: Engine, person: UUID) -> set[str]:
    """The tables that hold the person's id in any column."""
    found = set()
    with engine.connect() as connection:
        for table in set(inspect(connection).get_table_names()) - KEEPS_OPAQUE_IDS:
            rows = connection.execute(text(f'select row::text from "{table}" as row')).scalars()
            found |= {table for row in rows if str(person) in row}
    return found
