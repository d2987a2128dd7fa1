"""All that is held about one subject is found, also in tables that only refer to a row about them."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from chassis.about import delete_about, rows_about
from chassis.database import Database
from support import Rutan

metadata = sa.MetaData()
plan = sa.Table("plan", metadata, sa.Column("id", sa.Uuid, primary_key=True), sa.Column("person", sa.Uuid))
goal = sa.Table(
    "goal", metadata, sa.Column("id", sa.Uuid, primary_key=True), sa.Column("plan", sa.Uuid, sa.ForeignKey("plan.id"))
)
step = sa.Table(
    "step", metadata, sa.Column("id", sa.Uuid, primary_key=True), sa.Column("goal", sa.Uuid, sa.ForeignKey("goal.id"))
)
room = sa.Table("room", metadata, sa.Column("id", sa.Uuid, primary_key=True))


@pytest.fixture
def database(rutan: Rutan) -> Database:
    made = rutan.database("assessment")
    metadata.create_all(made.engine)
    return made


def written(database: Database) -> UUID:
    """A person with a plan of one goal of one step."""
    person, a, b = uuid4(), uuid4(), uuid4()
    with database.transaction() as session:
        session.execute(sa.insert(plan).values(id=a, person=person))
        session.execute(sa.insert(goal).values(id=b, plan=a))
        session.execute(sa.insert(step).values(id=uuid4(), goal=b))
        session.execute(sa.insert(room).values(id=uuid4()))
    return person


def test_rows_are_found_through_what_they_belong_to(database: Database) -> None:
    person, other = written(database), written(database)
    with database.transaction() as session:
        assert [table.name for table, _ in rows_about(session, metadata, "person", person)] == ["plan", "goal", "step"]
        assert [table.name for table, _ in rows_about(session, metadata, "person", other)] == ["plan", "goal", "step"]


def test_deleting_spares_everybody_else_and_what_is_about_nobody(database: Database) -> None:
    person, other = written(database), written(database)
    with database.transaction() as session:
        assert delete_about(session, metadata, "person", person) == 3
    with database.transaction() as session:
        assert list(rows_about(session, metadata, "person", person)) == []
        assert len(list(rows_about(session, metadata, "person", other))) == 3
        assert session.execute(sa.select(sa.func.count()).select_from(room)).scalar() == 2
