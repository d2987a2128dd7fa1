"""What the migrations make is what the code expects, no more and no less."""

import importlib

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from chassis.migrate import chassis_metadata
from sqlalchemy import MetaData, inspect
from sqlalchemy.sql.schema import SchemaItem, Table
from support import Rutan

VERSIONS = {"chassis_version", "version"}


def tables_of(service: str) -> MetaData:
    """Everything that the chassis and the service declare."""
    every = MetaData()
    for metadata in (chassis_metadata, importlib.import_module(f"{service}.model").Table.metadata):
        for table in metadata.tables.values():
            table.to_metadata(every)
    return every


def ours(item: SchemaItem, name: str | None, kind: str, reflected: bool, _: SchemaItem | None) -> bool:
    """All but Alembic's own tables and the parts of a partitioned one."""
    part = isinstance(item, Table) and str(name).startswith("event_log_")
    return not (kind == "table" and reflected and (name in VERSIONS or part))


def test_migrations_make_exactly_the_tables_that_the_code_declares(here: Rutan, service: str) -> None:
    with here.database(service).engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True, "compare_server_default": False}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables_of(service)) == []


def test_the_national_view_has_exactly_the_columns_that_the_code_declares(hub: Rutan) -> None:
    model = importlib.import_module("central.model")
    declared: MetaData = model.Projection.metadata
    with hub.database("central").engine.connect() as connection:
        found = inspect(connection)
        assert set(found.get_table_names(schema=model.VIEW)) == set(declared.tables)
        for name, table in declared.tables.items():
            columns = {
                c["name"]: (c["type"].compile(connection.dialect), c["nullable"])
                for c in found.get_columns(name, schema=model.VIEW)
            }
            wanted = {c.name: (c.type.compile(connection.dialect), c.nullable) for c in table.columns}
            assert columns == wanted, name
            key = found.get_pk_constraint(name, schema=model.VIEW)["constrained_columns"]
            assert key == [column.name for column in table.primary_key], name
