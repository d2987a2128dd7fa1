"""All that a service's tables hold about one subject: to show it to them, or to forget it."""

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import Column, ColumnElement, MetaData, RowMapping, Table, delete, exists, or_, select
from sqlmodel import Session


def about(metadata: MetaData, name: str, *subjects: UUID) -> dict[Table, ColumnElement[bool]]:
    """Every table that holds something about these subjects and which of its rows, a table after those it refers to.

    A row is about somebody when a column called `name`, or one that refers to the table of that name, says so, or when
    the row belongs to such a one. A table that is added later is covered as well.
    """
    found: dict[Table, ColumnElement[bool]] = {}
    for table in metadata.sorted_tables:
        own = [column.in_(subjects) for column in table.columns if _names_somebody(column, name)]
        owners = [
            column.in_(select(key.column).where(found[key.column.table]))
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table in found
        ]
        if own or owners:
            found[table] = or_(*(own or owners))
    return found


def rows_about(session: Session, metadata: MetaData, name: str, *subjects: UUID) -> Iterator[tuple[Table, RowMapping]]:
    """Every row about these subjects with its table."""
    for table, theirs in about(metadata, name, *subjects).items():
        for row in session.execute(select(table).where(theirs).order_by(*table.primary_key)).mappings():
            yield table, row


def delete_about(
    session: Session,
    metadata: MetaData,
    name: str,
    *subjects: UUID,
    goes: Callable[[Table], bool] = lambda table: True,
) -> int:
    """Deletes every row about these subjects in the tables that go, unless one that stays refers to it."""
    deleted = 0
    # Whatever refers to a row goes before it.
    for table, theirs in reversed(about(metadata, name, *subjects).items()):
        if goes(table):
            statement = delete(table).where(theirs, *_needed_by_none(metadata, table, goes))
            deleted += session.execute(statement).rowcount  # type: ignore[attr-defined]
    session.expire_all()
    return deleted


def _needed_by_none(metadata: MetaData, table: Table, goes: Callable[[Table], bool]) -> Iterator[ColumnElement[bool]]:
    for other in metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table and not goes(other):
                yield ~exists().where(key.parent == key.column)


def _names_somebody(column: "Column[object]", name: str) -> bool:
    if column.table.name == name:
        return column.primary_key
    return column.name == name or any(key.column.table.name == name for key in column.foreign_keys)
