"""The operator sees which line of which log was touched, and whether its end is still there."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis import readlog
from chassis.database import Database
from chassis.identity import Actor
from chassis.readlog import Look
from intake.commands.looks import seal_read_log
from jembatan import enrol
from jembatan.cli import app
from jembatan.folder import Folder
from jembatan.node import settings_for
from sqlalchemy import text
from support import Rutan
from support.folders import SiteFolder
from typer.testing import CliRunner

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def site(rutan: Rutan, tmp_path: Path) -> SiteFolder:
    """A rutan whose intake and programs were each looked into three times; intake's log was sealed."""
    made = SiteFolder(tmp_path, rutan)
    for service in ("intake", "programs"):
        database = Database(settings_for(made.folder, service), service)
        with database.transaction() as session:
            for _ in range(3):
                look = Look(Actor(uuid4(), rutan.site, frozenset({"head"})), "service", AT)
                readlog.note(session, uuid4(), look)
            if service == "intake":
                seal_read_log(session, AT)
        database.close()
    return made


def verified(site: SiteFolder) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["readlog", "verify", site.folder.site, "--data", str(site.data)])
    return done.exit_code, done.output.splitlines()


def touch(rutan: Rutan, service: str, statement: str) -> None:
    with rutan.database(service).engine.begin() as connection:
        connection.execute(text(statement))


def test_whole_logs_are_said_to_be_whole(site: SiteFolder) -> None:
    code, said = verified(site)
    assert code == 0
    assert said[0] == "intake: 3 baris utuh, sama dengan 3 baris yang dikabarkan ke kementerian"
    assert said[1:4] == ["assessment: 0 baris utuh", "programs: 3 baris utuh", "partner_matching: 0 baris utuh"]


TOUCHED: dict[str, tuple[str, str, str]] = {
    "changed": ("programs", "update read_log set purpose = 'x' where id = 2", "programs: baris 2 bukan yang ditulis"),
    "gone": ("programs", "delete from read_log where id < 3", "programs: baris 1 sampai 2 hilang"),
    "cut off": ("intake", "delete from read_log where id > 1", "intake: baris 2 sampai 3 hilang"),
}


@pytest.mark.parametrize("what", TOUCHED)
def test_what_was_touched_is_named_and_the_command_fails(site: SiteFolder, rutan: Rutan, what: str) -> None:
    service, statement, line = TOUCHED[what]
    touch(rutan, service, statement)
    code, said = verified(site)
    assert code == 1
    assert [one for one in said if one.startswith(service)] == [line]


def test_the_hub_has_no_read_log(tmp_path: Path) -> None:
    enrol.make_hub(Folder(tmp_path / "hub"))
    done: Any = CliRunner().invoke(app, ["readlog", "verify", "hub", "--data", str(tmp_path)])
    assert (done.exit_code, done.stderr.strip()) == (2, "di pusat tidak ada catatan penglihatan: sebutkan kode rutan")
