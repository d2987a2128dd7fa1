"""Databases for tests: copies of migrated templates, emptied and lent again where a test left nothing else behind."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress
from typing import Any, LiteralString, Self
from uuid import uuid4

import psycopg
from psycopg import sql

from support.waiting import eventually

OTHERS = """select count(*) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()"""
TABLES = """select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relkind = 'r' and nspname not in ('pg_catalog', 'information_schema')"""
RESTART = "select setval(seqrelid::regclass, seqstart, false) from pg_sequence"
WHERE_SHAPES_ARE_KEPT = [
    ("pg_catalog", name)
    for name in ("pg_namespace", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_trigger", "pg_proc", "pg_type")
]
LEAVING_TAKES_S = 1.0
"""A client that has gone is known to the server a moment later."""

Table = tuple[str, str]
"""Its schema and its name."""


@dataclass(frozen=True)
class Fresh:
    """How a copy of a template is before anybody uses it."""

    empty: list[Table]
    """Tables without a row."""
    versions: sql.Composed
    """Asks for what changes whenever a table's shape, a function, or a row that a migration wrote does."""
    untouched: Any

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Self:
        """As it is now."""
        tables = connection.execute(TABLES).fetchall()
        filled = _filled(connection, tables)
        newest = sql.SQL("(select (count(*), max(xmin::text::bigint))::text from {})")
        places = [newest.format(sql.Identifier(*table)) for table in (*WHERE_SHAPES_ARE_KEPT, *filled)]
        versions = sql.SQL("select {}").format(sql.SQL(", ").join(places))
        empty = [table for table in tables if table not in filled]
        return cls(empty, versions, connection.execute(versions).fetchone())

    def again(self, connection: psycopg.Connection[Any]) -> bool:
        """Empties what was filled; False if more than that was changed."""
        if filled := _filled(connection, self.empty):
            names = sql.SQL(", ").join(sql.Identifier(*table) for table in filled)
            connection.execute(sql.SQL("truncate {} cascade").format(names))
        connection.execute(RESTART)
        return bool(connection.execute(self.versions).fetchone() == self.untouched)


class Databases:
    """Those that this process lends to its tests."""

    def __init__(self, url: Callable[[str], str]) -> None:
        self._url = url
        self._idle: defaultdict[str, list[str]] = defaultdict(list)
        self._fresh: dict[str, Fresh] = {}

    def lend(self, template: str) -> str:
        """The name of a database like the template."""
        if self._idle[template]:
            return self._idle[template].pop()
        name = f"t_{uuid4().hex}"
        # Of its files, which takes half of what writing a log of it does.
        self.run("create database {} template {} strategy file_copy", name, f"template_{template}")
        if template not in self._fresh:
            with psycopg.connect(self._url(name), autocommit=True) as connection:
                self._fresh[template] = Fresh.of(connection)
        return name

    def take_back(self, name: str, template: str) -> None:
        """Makes it fit for another test, or ends it, and whoever still uses it."""
        if self._fit_again(name, template):
            self._idle[template].append(name)
        else:
            self.run("drop database {} with (force)", name)

    def run(self, statement: LiteralString, *names: str) -> None:
        """A statement about whole databases."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _fit_again(self, name: str, template: str) -> bool:
        try:
            with psycopg.connect(self._url(name), autocommit=True) as connection:
                eventually(lambda: connection.execute(OTHERS).fetchone() == (0,), within_s=LEAVING_TAKES_S)
                return self._fresh[template].again(connection)
        except (psycopg.Error, AssertionError):
            return False


def _filled(connection: psycopg.Connection[Any], tables: list[Table]) -> list[Table]:
    looks = [sql.SQL("(select exists (select from {}))").format(sql.Identifier(*table)) for table in tables]
    found = connection.execute(sql.SQL("select {}").format(sql.SQL(", ").join(looks))).fetchone()
    return list(compress(tables, found or ()))
