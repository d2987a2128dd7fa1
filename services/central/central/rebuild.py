"""Builds the national view anew from the log and puts it in the place of the old one."""

from collections.abc import Callable
from typing import Any

from chassis.database import psycopg_url
from psycopg import Connection, connect, sql

from central.model import EPOCH_STEP, VIEW
from central.projections import project

BATCH = 5_000


def rebuild(database_url: str, progress: Callable[[int], None] = lambda done: None) -> int:
    """Replays the whole log into fresh tables and swaps them in, in one transaction. Returns the number of events.

    Ingestion waits meanwhile (the streams keep what comes); readers see the old view until the swap. Calls `progress`
    with the number of events done so far.
    """
    with connect(psycopg_url(database_url)) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('rebuild'))")
        fresh = f"{VIEW}_new"
        copy_structure(connection, VIEW, fresh)
        done = 0
        with connection.cursor(name="log") as log:
            log.itersize = BATCH
            log.execute(
                "select l.type, e.place * %s + l.number, l.body::text from event_log l"
                " join epoch e using (site, service, epoch) order by l.place",
                [EPOCH_STEP],
            )
            while rows := log.fetchmany(BATCH):
                project(connection, ((type_, place, body.encode()) for type_, place, body in rows), fresh)
                done += len(rows)
                progress(done)
        connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(VIEW)))
        connection.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(fresh), sql.Identifier(VIEW)))
        return done


def copy_structure(connection: Connection[Any], schema: str, copy: str) -> None:
    """The same tables, empty, in a schema of another name."""
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(copy)))
    tables = connection.execute("select tablename from pg_tables where schemaname = %s", [schema]).fetchall()
    for (table,) in tables:
        connection.execute(
            sql.SQL("create table {} (like {} including all)").format(
                sql.Identifier(copy, table), sql.Identifier(schema, table)
            )
        )
