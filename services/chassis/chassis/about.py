"""All that a service's tables hold about one subject: to show it to them, or to forget it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, MetaData, RowMapping, Table, delete, or_, select
from sqlmodel import Session


def rows_about(session: Session, metadata: MetaData, column: str, subject: UUID) -> Iterator[tuple[Table, RowMapping]]:
    """Every row about a subject with its table: those that name it in `column`, and those that belong to such a row."""
    for table in metadata.sorted_tables:
        whose = _about(table, column, subject)
        if whose is not None:
            for row in session.execute(select(table).where(whose).order_by(*table.primary_key)).mappings():
                yield table, row


def delete_about(session: Session, metadata: MetaData, column: str, subject: UUID) -> int:
    """Deletes every row about a subject; returns how many. A table that is added later is covered as well."""
    deleted = 0
    # Whatever refers to a row goes before it.
    for table in reversed(metadata.sorted_tables):
        whose = _about(table, column, subject)
        if whose is not None:
            deleted += session.execute(delete(table).where(whose)).rowcount  # type: ignore[attr-defined]
    session.expire_all()
    return deleted


def _about(table: Table, column: str, subject: UUID) -> ColumnElement[bool] | None:
    if column in table.c:
        found: ColumnElement[bool] = table.c[column] == subject
        return found
    owners: list[Any] = []
    for key in table.foreign_keys:
        owner = key.column.table
        whose = _about(owner, column, subject) if owner is not table else None
        if whose is not None:
            owners.append(key.parent.in_(select(key.column).where(whose)))
    return or_(*owners) if owners else None
