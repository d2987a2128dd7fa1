"""What a service holds about somebody, found by its tables alone, so that no table can be forgotten."""

import contextlib
import json
from collections.abc import Collection, Iterable, Iterator
from enum import Enum, StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import LargeBinary, MetaData, RowMapping, Table
from sqlmodel import Session

from chassis.about import rows_about
from chassis.database import Transaction
from chassis.errors import NotFound
from chassis.readlog import Look, looks, looks_at
from chassis.routes import Router
from chassis.vault import Tampered, Vault
from contracts import words

PERSON = "person"
UNREADABLE = "(tidak dapat dibuka)"


def records(session: Session, metadata: MetaData, people: Collection[UUID]) -> dict[str, list[dict[str, Any]]]:
    """All of it in words that those people know, with what is sealed opened.

    A table that says `withheld` of itself is about somebody else in truth (UU 27/2022 Ps. 33). A column that is no
    plain value says by `told` how it is put to whom it is about.
    """
    held: dict[str, list[dict[str, Any]]] = {}
    for table, row in rows_about(session, metadata, PERSON, *people):
        if table.info.get("withheld"):
            continue
        name = words.TABLES.get(table.name, table.name)
        held.setdefault(name, []).append(dict(_fields(session, table, row, people)))
    return held


def lookers(session: Session, looked: Iterable[Any]) -> list[dict[str, Any]]:
    """Lines of the read log in words: who looked at what is held about people, when and why."""
    return [
        {
            "pada": row.read_at,
            "petugas": row.actor,
            "peran": [words.VALUES.get(role, role) for role in row.roles],
            "keperluan": words.VALUES.get(row.purpose, row.purpose),
            "darurat": row.emergency,
            "alasan darurat": row.reason and _opened(session, "read_log.reason", row.reason, [row.subject]),
        }
        for row in looked
    ]


def card_router(metadata: MetaData, *roles: StrEnum) -> Router:
    """`GET /people/{person}/card`: everything that one service holds about somebody (UU 27/2022 Ps. 7)."""
    router = Router()

    @router.get("/people/{person}/card")
    def read_card(person: UUID, session: Transaction, look: Annotated[Look, looks("person", *roles)]) -> dict[str, Any]:
        """What is held about a person, and who looked at it."""
        return card(session, metadata, [person])

    return router


def card(session: Session, metadata: MetaData, people: Collection[UUID]) -> dict[str, Any]:
    """What this service holds about them."""
    return {
        "layanan": words.SERVICES.get(session.info["service"], session.info["service"]),
        "catatan": records(session, metadata, people),
        "dilihat oleh": lookers(session, looks_at(session, *people)),
    }


def _fields(session: Session, table: Table, row: RowMapping, people: Collection[UUID]) -> Iterator[tuple[str, Any]]:
    subjects = [*people, row["id"]] if isinstance(row.get("id"), UUID) else people
    for column in table.columns:
        value = row[column.name]
        # A blind value is the same thing once more, for search only; a secret says nothing of anybody.
        if column.name == "blind" or column.info.get("hidden"):
            continue
        if isinstance(column.type, LargeBinary) and value is not None:
            place = column.info.get("place", f"{table.name}.{column.name}")
            value = _opened(session, place, value, subjects)
        if told := column.info.get("told"):
            value = told(value)
        yield words.column(table.name, column.name), _worded(table.name, value)


def _worded(table: str, value: Any) -> Any:
    match value:
        case Enum():
            return words.value(table, str(value.value))
        case dict():
            return {words.VALUES.get(k, words.COLUMNS.get(k, k)): v for k, v in value.items()}
        case list():
            return [words.value(table, item) if isinstance(item, str) else item for item in value]
    return value


def _opened(session: Session, place: str, sealed: bytes, subjects: Collection[UUID]) -> Any:
    """What was sealed under the person, or under the row's own id."""
    vault = session.info["vault"]
    for subject in subjects if isinstance(vault, Vault) else ():
        with contextlib.suppress(Tampered, NotFound, UnicodeDecodeError):
            said = vault.open(subject, place, sealed).decode()
            return _document(said)
    return UNREADABLE


def _document(said: str) -> Any:
    with contextlib.suppress(ValueError):
        if isinstance(found := json.loads(said), dict | list):
            return found
    return said
