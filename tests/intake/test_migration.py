"""Who was in the register before stays were kept has them afterwards."""

from pathlib import Path

import intake
from alembic import command
from chassis.migrate import config
from support import Rutan

BEFORE = """
insert into person (id, site, sex, legal_status, inside, registered_at, registered_by)
select ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'oz', 'male', 'narapidana', n <> 2,
       '2026-01-01', gen_random_uuid()
from generate_series(1, 3) n;
insert into release (id, site, person, released_on, mode, released_at, released_by, reentered_on, reentry_reason,
                     reentered_by)
select gen_random_uuid(), 'oz', ('00000000-0000-0000-0000-00000000000' || n)::uuid, left_on, 'pb', said, p, back,
       case when back is null then null else 'unknown' end, case when back is null then null else p end
from (values (2, date '2026-02-01', timestamptz '2026-02-01', date '2026-03-01'),
             (2, date '2026-04-01', timestamptz '2026-04-01', null),
             (3, date '2026-05-01', timestamptz '2026-05-01', date '2026-06-01')) r (n, left_on, said, back),
     (select gen_random_uuid() as p) someone;
"""

STAYS = "select person::text, how, admitted_on::text, ended_on::text from stay order by person, ended_on nulls last"


def test_every_release_ends_one_stay_and_whoever_is_inside_has_one_open(rutan: Rutan) -> None:
    folder = Path(intake.__file__).parent / "migrations"
    history = config(rutan.database("intake").url, folder)
    command.downgrade(history, "0002")
    with rutan.database("intake").engine.begin() as connection:
        connection.exec_driver_sql(BEFORE)
    command.upgrade(history, "head")
    assert [(row[0][-1], *row[1:]) for row in rutan.sql("intake", STAYS)] == [
        ("1", "new", None, None),
        ("2", "new", None, "2026-02-01"),
        ("2", "reentry", "2026-03-01", "2026-04-01"),
        ("3", "new", None, "2026-05-01"),
        ("3", "reentry", "2026-06-01", None),
    ]
    ends = "select count(*) from release r join stay s on s.id = r.stay and s.ended_on = r.released_on"
    assert rutan.one("intake", ends) == 3
