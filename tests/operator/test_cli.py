"""The operator's command: what can be mended is said in one line, and secrets are their owner's alone."""

import errno
import fcntl
import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest
import typer
from chassis.errors import Unauthenticated
from chassis.identity import Tokens
from contracts.vocabulary import Role
from jembatan import cohort, enrol
from jembatan.cli import app
from jembatan.cohort import Row
from jembatan.folder import VAULT, Folder
from support import Rutan
from typer.testing import CliRunner

STAFF = str(UUID(int=7))
LEAF = "nats-leaf://127.0.0.1:1"
A_PERSON = "male,1990,narapidana,married,1,true,,2024-01-31,pb,,2024-12-31"


def commands(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command and every group of them."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, *path, name)


def jembatan(*argv: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in argv], env={"COLUMNS": "200"})


def said_in_one_line(done: Any) -> str:
    """What a refusal says. An exception would have reached the operator as a traceback."""
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == 2
    [line] = done.stderr.splitlines()
    return str(line)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a hub that has never run."""
    enrol.make_hub(Folder(tmp_path / "hub"))
    return tmp_path


def a_cohort(data: Path) -> Path:
    file = data / "people.csv"
    file.write_text(",".join(Row.model_fields) + "\n" + A_PERSON + "\n")
    return file


@pytest.mark.parametrize("path", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    done = jembatan(*path, "--help")
    assert done.exit_code == 0
    assert "Usage:" in done.stdout
    command = typer.main.get_command(app)
    for name in path:
        assert isinstance(command, click.Group | typer.core.TyperGroup)
        command = command.commands[name]
    assert not path or command.help


def test_the_command_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jembatan", "--help"], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("node", "enrol", "partner", "cohort", "evaluate", "parked", "rebuild", "token", "demo"):
        assert f" {name} " in done.stdout


def test_a_site_that_was_not_enrolled_does_not_start(data: Path) -> None:
    said = said_in_one_line(jembatan("node", "site", "oz-rekaan", "--data", data))
    assert "oz-rekaan is not enrolled" in said
    assert "jembatan enrol oz-rekaan" in said
    assert not (data / "oz-rekaan").exists()


def test_a_node_that_runs_already_is_not_started_twice(data: Path) -> None:
    hub = Folder(data / "hub")
    hub.postgres.mkdir()
    with (hub.postgres / "owner.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        # A process of its own: a node changes how its whole process logs.
        done = subprocess.run(
            [sys.executable, "-m", "jembatan", "node", "hub", "--data", str(data)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert "already served" in done.stderr
    assert "Traceback" not in done.stderr


ON_A_RUNNING_NODE: dict[str, tuple[str, ...]] = {
    "partner add": ("partner", "add", "mitra", "--out", "{data}/mitra.json"),
    "cohort import": ("cohort", "import", "{data}/people.csv", "--site", "oz-rekaan"),
    "evaluate": ("evaluate", "--programme", "menjahit"),
    "parked list": ("parked", "list", "oz-rekaan"),
    "parked show": ("parked", "show", "oz-rekaan", "intake", "1"),
    "parked retry": ("parked", "retry", "oz-rekaan", "intake", "1"),
    "rebuild": ("rebuild",),
}


def on_a_running_node(data: Path, command: str) -> Any:
    a_cohort(data)
    return jembatan(*(word.format(data=data) for word in ON_A_RUNNING_NODE[command]), "--data", data)


@pytest.mark.parametrize("command", ON_A_RUNNING_NODE)
def test_a_command_on_a_node_that_never_ran_says_so(data: Path, command: str) -> None:
    enrol.enrol_site(Folder(data / "hub"), "oz-rekaan", Folder(data / "oz-rekaan"), LEAF)
    done = on_a_running_node(data, command)
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == 2
    # A progress bar may stand above it.
    assert "no node runs in" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", ON_A_RUNNING_NODE)
def test_a_command_on_a_node_that_was_stopped_says_so(data: Path, command: str) -> None:
    enrol.enrol_site(Folder(data / "hub"), "oz-rekaan", Folder(data / "oz-rekaan"), LEAF)
    for name in ("hub", "oz-rekaan"):
        folder = Folder(data / name)
        # What a stopped node leaves behind: addresses at which nobody answers.
        nowhere = f"postgresql+psycopg://jembatan@/{{}}?host={data}/nobody&port=5432"
        databases = {database: nowhere.format(database) for database in (*folder.services, VAULT)}
        folder.write_running({"site": name, "databases": databases, "nats": LEAF, "leaf": LEAF, "services": {}})
    done = on_a_running_node(data, command)
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == 2
    assert "does not answer" in done.stderr.splitlines()[-1]
    # Or the partner, refused as known, could never be added again.
    assert enrol.registry(Folder(data / "hub"))["partners"] == {}


@pytest.mark.parametrize("argv", [("parked", "list"), ("parked", "retry"), ("token",)], ids=" ".join)
def test_a_command_on_a_node_that_is_not_there_says_so(data: Path, argv: tuple[str, ...]) -> None:
    more = {"retry": ("intake", "1"), "token": ("--role", "registrar", "--staff", STAFF)}.get(argv[-1], ())
    assert "oz-rekaan" in said_in_one_line(jembatan(*argv, "oz-rekaan", *more, "--data", data))


MISSING: dict[str, tuple[str, ...]] = {
    "cohort rossi": ("cohort", "rossi", "{data}/nowhere/deep"),
    "cohort import": ("cohort", "import", "{data}/nowhere/people.csv", "--site", "oz-rekaan"),
    "partner listen": ("partner", "listen", "{data}/nowhere/mitra.json"),
    "demo": ("demo", "--data", "{data}/a-file/demo", "--exit"),
    "token": ("token", "nowhere", "--role", "registrar", "--staff", STAFF),
}


@pytest.mark.parametrize("command", MISSING)
def test_a_file_or_folder_that_is_missing_is_named_in_plain_words(data: Path, command: str) -> None:
    (data / "a-file").write_text("")
    argv = [word.format(data=data) for word in MISSING[command]]
    more = ["--data", data] if command == "token" else []
    said = said_in_one_line(jembatan(*argv, *more))
    assert "Errno" not in said
    assert str(data / ("a-file" if command == "demo" else "nowhere")) in said


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "{data}/x.csv"), "there is no {data}/x.csv"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "{data}/y/x.csv"), "there is no folder {data}/y"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "{data}"), "{data} is a folder"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "{data}/x"), "{data}/x is in the way"),
        (PermissionError(errno.EACCES, "Permission denied", "{data}/x"), "may not open {data}/x"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "does not answer"),
        (OSError(errno.ENOSPC, "No space left on device", "{data}/x"), "{data}/x: No space left on device"),
        (TimeoutError(), "no answer"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, OSError) else "",
)
def test_whatever_the_system_refuses_is_said_without_its_number(
    data: Path, monkeypatch: pytest.MonkeyPatch, trouble: OSError, words: str
) -> None:
    if trouble.filename:
        trouble.filename = trouble.filename.format(data=data)

    def refuse(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(cohort, "write_rossi", refuse)
    said = said_in_one_line(jembatan("cohort", "rossi", data))
    assert words.format(data=data) in said
    assert "Errno" not in said


def test_whoever_reads_only_the_first_lines_is_told_of_no_fault(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def enough(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(cohort, "write_rossi", enough)
    assert jembatan("cohort", "rossi", data).stderr == ""


def test_enrolling_needs_the_address_of_a_hub(data: Path, tmp_path: Path) -> None:
    assert "no node runs in" in said_in_one_line(jembatan("enrol", "oz-rekaan", "--data", data))
    nowhere = tmp_path / "empty"
    done = jembatan("enrol", "oz-rekaan", "--hub-leaf", LEAF, "--data", nowhere)
    assert str(nowhere / "hub") in said_in_one_line(done)
    assert not (nowhere / "oz-rekaan").exists()


def test_enrolling_again_keeps_the_keys_and_takes_the_new_address(data: Path) -> None:
    site, secrets = data / "oz-rekaan", ("keys.json", "nats/leaf.conf", "nats/identity.conf")
    assert jembatan("enrol", "oz-rekaan", "--hub-leaf", LEAF, "--data", data).exit_code == 0
    before = [(site / name).read_text() for name in secrets], enrol.registry(Folder(data / "hub"))
    assert jembatan("enrol", "oz-rekaan", "--hub-leaf", "nats-leaf://127.0.0.1:2", "--data", data).exit_code == 0
    assert ([(site / name).read_text() for name in secrets], enrol.registry(Folder(data / "hub"))) == before
    assert Folder(site).about["hub_leaf"] == "nats-leaf://127.0.0.1:2"


def test_a_site_whose_keys_were_lost_is_not_let_in_under_new_ones(data: Path) -> None:
    assert jembatan("enrol", "oz-rekaan", "--hub-leaf", LEAF, "--data", data).exit_code == 0
    known = enrol.registry(Folder(data / "hub"))
    (data / "oz-rekaan").rename(data / "lost")
    said = said_in_one_line(jembatan("enrol", "oz-rekaan", "--hub-leaf", LEAF, "--data", data))
    assert "enrolled with another key" in said
    assert enrol.registry(Folder(data / "hub")) == known


@pytest.mark.parametrize("name", ["Oz Rekaan", "oz.rekaan", "oz*", "hub"])
def test_a_name_that_cannot_be_a_sites_is_refused_and_leaves_nothing(data: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert name in said_in_one_line(jembatan("enrol", name, "--hub-leaf", LEAF, "--data", data))
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_secrets_can_be_read_by_their_owner_alone(data: Path) -> None:
    assert jembatan("enrol", "oz-rekaan", "--hub-leaf", LEAF, "--data", data).exit_code == 0
    enrol.add_partner(Folder(data / "hub"), "mitra", data / "mitra.json", LEAF)
    secrets = {json.loads((data / "mitra.json").read_text())["seed"]}
    for name in ("hub", "oz-rekaan"):
        keys = json.loads((data / name / "keys.json").read_text())
        secrets |= {json.loads(keys.pop("issuer"))["d"], *keys.values()}
    holders = {
        path for path in data.rglob("*") if path.is_file() and any(secret in path.read_text() for secret in secrets)
    }
    # The partner's seed is nowhere but in the file that is given to it.
    expected = ("hub/keys.json", "mitra.json", "oz-rekaan/keys.json", "oz-rekaan/nats/leaf.conf")
    assert sorted(str(path.relative_to(data)) for path in holders) == list(expected)
    assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}


def test_a_token_lets_its_holder_in_at_that_site_alone(data: Path) -> None:
    assert jembatan("enrol", "oz-rekaan", "--hub-leaf", LEAF, "--data", data).exit_code == 0
    done = jembatan("token", "oz-rekaan", "--role", "registrar", "--staff", STAFF, "--data", data)
    key = Folder(data / "oz-rekaan").issuer().public_jwk()
    actor = Tokens(key, "oz-rekaan").actor(done.stdout.strip())
    assert (str(actor.id), actor.site, actor.roles) == (STAFF, "oz-rekaan", frozenset({Role.REGISTRAR}))
    with pytest.raises(Unauthenticated):
        Tokens(key, "oz-lain").actor(done.stdout.strip())


@pytest.fixture
def running_hub(hub: Rutan, data: Path) -> Path:
    """The same hub, as if it ran."""
    databases = {service: hub.url(service) for service in Folder(data / "hub").services}
    nats = hub.settings("partner_gateway").nats_url
    Folder(data / "hub").write_running({"site": "hub", "databases": databases, "nats": nats, "leaf": LEAF})
    return data


def test_a_partner_is_let_in_once(running_hub: Path, hub: Rutan) -> None:
    out = running_hub / "mitra.json"
    argv = ("partner", "add", "mitra", "--out", out, "--data", running_hub)
    assert jembatan(*argv).exit_code == 0
    given = json.loads(out.read_text())
    assert (given["partner"], given["url"]) == ("mitra", Folder(running_hub / "hub").running["nats"])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "mitra has credentials already" in said_in_one_line(jembatan(*argv))
    assert json.loads(out.read_text()) == given
    assert hub.sql("partner_gateway", "select code from partner") == [("mitra",)]


def test_a_name_that_cannot_be_a_partners_is_refused_and_the_hub_can_still_start(running_hub: Path, hub: Rutan) -> None:
    out = running_hub / "mitra.json"
    done = jembatan("partner", "add", "Mitra Rekaan", "--out", out, "--data", running_hub)
    enrol.make_hub(Folder(running_hub / "hub"))
    assert "Mitra Rekaan" in said_in_one_line(done)
    assert not out.exists()
    assert hub.sql("partner_gateway", "select code from partner") == []
