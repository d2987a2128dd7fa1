"""A node's servers keep their data, their folder and their ports, and leave nothing behind."""

import asyncio
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from jembatan.servers import AlreadyServed, NatsServer, Postgres, ServerFailed, Uvicorn, remembered_port, serving

NATS_CONFIG = """
listen: $JEMBATAN_NATS_LISTEN
http: $JEMBATAN_NATS_MONITOR
max_payload: 1KB
logfile_size_limit: 10MB
jetstream { store_dir: $JEMBATAN_NATS_STORE, sync_interval: always }
leafnodes { listen: $JEMBATAN_LEAF_LISTEN }
"""

NODE = """
import asyncio, json, pathlib, sys
from jembatan.servers import NatsServer, Postgres
folder = pathlib.Path(sys.argv[1])

def start():
    return Postgres.start(folder / "postgres"), NatsServer.start(folder / "nats", folder / "nats.conf", {})

async def node():
    postgres, nats = await asyncio.to_thread(start)
    print(json.dumps([postgres.pid, nats.pid]), flush=True)
    await asyncio.Event().wait()

asyncio.run(node())
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder root's PostgreSQL can reach: each pytest that starts closes the folder above pytest's own again."""
    with tempfile.TemporaryDirectory(prefix="jembatan-test-") as folder:
        yield Path(folder)


def until(condition: Callable[[], bool], limit_s: float = 30) -> None:
    """Wait for something that is about to become true."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """A process nobody has collected yet is gone too: its new parent may be slow, or a container without an init."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """PostgreSQL on the folder, whatever state it was left in."""
    server = Postgres.start(folder)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def nats(folder: Path) -> Iterator[NatsServer]:
    """A nats-server on the folder, with the configuration beside it."""
    config = folder.with_suffix(".conf")
    if not config.exists():
        config.write_text(NATS_CONFIG)
    server = NatsServer.start(folder, config, {})
    try:
        yield server
    finally:
        server.stop()


def ask(server: Postgres, query: str, database: str = "postgres") -> Any:
    """The first value a query returns."""
    with psycopg.connect(server.conninfo(database)) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def nats_info(server: NatsServer) -> dict[str, Any]:
    """What the server tells a client that connects."""
    with socket.create_connection(("127.0.0.1", server.client_port), timeout=5) as connection:
        info: dict[str, Any] = json.loads(connection.makefile().readline().removeprefix("INFO "))
        return info


def test_committed_rows_survive_kill_9_of_postgres(tmp_path: Path) -> None:
    killed = Postgres.start(tmp_path)
    killed.create_database("intake")
    with psycopg.connect(killed.conninfo("intake")) as connection:
        connection.execute("CREATE TABLE person (name text)")
        connection.execute("INSERT INTO person VALUES ('Budi')")
    session = psycopg.connect(killed.conninfo("intake"))
    killed.kill()
    with postgres(tmp_path) as again:
        assert ask(again, "SELECT name FROM person", "intake") == "Budi"
    session.close()


def test_postgres_starts_over_the_pid_file_of_a_machine_that_lost_power(tmp_path: Path) -> None:
    first = Postgres.start(tmp_path)
    pid_file = tmp_path / "data" / "postmaster.pid"
    left_behind = pid_file.read_text().splitlines()
    first.kill()
    # After a reboot the number in the file is some other, living process.
    pid_file.write_text("\n".join([str(os.getpid()), *left_behind[1:]]))
    Postgres.start(tmp_path).kill()
    # Or the file was never written out.
    pid_file.write_text("")
    with postgres(tmp_path) as again:
        assert ask(again, "SELECT 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_postgres_started_by_hand_on_the_folder_is_not_disturbed(tmp_path: Path) -> None:
    with postgres(tmp_path) as server:
        binary = Path(f"/proc/{server.pid}/exe").resolve()
        owner = pwd.getpwuid(Path(f"/proc/{server.pid}").stat().st_uid)
    as_owner: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid} if os.geteuid() == 0 else {}
    pid_file = tmp_path / "data" / "postmaster.pid"
    argv: list[str | Path] = [binary, "-D", tmp_path / "data", "-k", tmp_path / "data", "-h", ""]
    by_hand = subprocess.Popen(argv, stderr=subprocess.DEVNULL, **as_owner)
    try:
        until(lambda: pid_file.exists() and "ready" in pid_file.read_text())
        with pytest.raises(AlreadyServed, match=str(by_hand.pid)):
            Postgres.start(tmp_path)
        assert by_hand.poll() is None
        assert pid_file.exists()
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait()


def test_a_cluster_whose_creation_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("18\n")
    with postgres(tmp_path) as server:
        assert ask(server, "SELECT 1") == 1


def test_a_second_postgres_on_a_served_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with postgres(tmp_path) as server:
        with pytest.raises(AlreadyServed, match="already served"):
            Postgres.start(tmp_path)
        assert ask(server, "SELECT 1") == 1


def test_creating_a_database_again_changes_nothing(tmp_path: Path) -> None:
    with postgres(tmp_path) as server:
        server.create_database("partner-matching")
        server.create_database("partner-matching")
        assert ask(server, "SELECT current_database()", "partner-matching") == "partner-matching"


def test_postgres_is_durable_and_listens_on_no_port(tmp_path: Path) -> None:
    with postgres(tmp_path) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert ask(server, f"SHOW {setting}") == "on", setting
        assert ask(server, "SHOW listen_addresses") == ""


def test_a_setting_can_be_given_for_a_larger_node(tmp_path: Path) -> None:
    server = Postgres.start(tmp_path, shared_buffers="48MB")
    try:
        assert ask(server, "SHOW shared_buffers") == "48MB"
    finally:
        server.stop()


def test_postgres_logs_no_row_and_no_statement(tmp_path: Path) -> None:
    with postgres(tmp_path) as server, psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (nik text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES ('3171')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('3171')")
    logged = "".join(log.read_text() for log in (tmp_path / "log").iterdir())
    assert "duplicate key" in logged
    assert "3171" not in logged


def test_a_folder_too_long_for_a_socket_is_served(tmp_path: Path) -> None:
    with postgres(tmp_path / ("rumah-tahanan-" * 8)) as server:
        assert ask(server, "SELECT 1") == 1


def test_a_folder_with_spaces_commas_and_quotes_is_served(tmp_path: Path) -> None:
    with postgres(tmp_path / "rutan, kelas 'I' \"x\" %d") as server:
        assert ask(server, "SELECT 1") == 1


def test_nats_keeps_its_streams_in_a_folder_with_spaces_commas_and_quotes(tmp_path: Path) -> None:
    folder = tmp_path / "rutan, kelas 'I' \"x\" #1 }; %d"
    with nats(folder):
        assert (folder / "jetstream").is_dir()


def test_a_setting_postgres_does_not_take_is_reported_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="shared_buffers"):
        Postgres.start(tmp_path, shared_buffers="much")
    with postgres(tmp_path) as server:
        assert ask(server, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_gives_postgres_a_user_of_its_own_that_reaches_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with postgres(closed / "postgres") as server:
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert pwd.getpwuid(owner).pw_name == "jembatan-db"
    assert closed.stat().st_mode & 0o007 == 0o001


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_another_system_user_does_not_get_in_even_with_the_socket_open_to_all(tmp_path: Path) -> None:
    with postgres(tmp_path) as server:
        (tmp_path / "run").chmod(0o755)
        (tmp_path / "run" / ".s.PGSQL.5432").chmod(0o777)
        psql = Path(f"/proc/{server.pid}/exe").resolve().with_name("psql")
        stranger = pwd.getpwnam("nobody")
        said = subprocess.run(
            [psql, server.conninfo("postgres"), "-c", "SELECT 1"],
            check=False,
            capture_output=True,
            text=True,
            user=stranger.pw_uid,
            group=stranger.pw_gid,
            extra_groups=[],
            cwd="/",
        )
    assert said.returncode != 0
    assert "Peer authentication failed" in said.stderr


def test_nats_keeps_its_ports_and_its_streams_over_stop_and_kill_9(tmp_path: Path) -> None:
    ports = set()
    for end in ("stop", "kill", "stop"):
        with nats(tmp_path / "nats") as server:
            ports.add((server.client_port, server.monitor_port, server.leaf_port))
            assert nats_info(server)["jetstream"] is True
            socket.create_connection(("127.0.0.1", server.leaf_port), timeout=5).close()
            if end == "kill":
                server.kill()
    assert len(ports) == 1


def test_a_second_nats_on_a_served_folder_is_refused(tmp_path: Path) -> None:
    with nats(tmp_path / "nats"), pytest.raises(AlreadyServed, match="already served"), nats(tmp_path / "nats"):
        pass


def test_nats_takes_a_changed_configuration_while_it_runs(tmp_path: Path) -> None:
    with nats(tmp_path / "nats") as server:
        pid = server.pid
        (tmp_path / "nats.conf").write_text(NATS_CONFIG.replace("max_payload: 1KB", "max_payload: 2KB"))
        server.reload()
        until(lambda: nats_info(server)["max_payload"] == 2048)
        assert server.pid == pid


def test_a_configuration_with_a_mistake_is_refused_and_the_server_goes_on(tmp_path: Path) -> None:
    with nats(tmp_path / "nats") as server:
        (tmp_path / "nats.conf").write_text("accounts { SITE: ")
        with pytest.raises(ServerFailed, match="has a mistake"):
            server.reload()
        assert nats_info(server)["jetstream"] is True


def test_a_nats_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "nats.conf").write_text("listen: $NOT_GIVEN")
    with pytest.raises(ServerFailed, match="NOT_GIVEN"), nats(tmp_path / "nats"):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_the_servers_end_with_a_node_killed_with_9_and_start_again(tmp_path: Path) -> None:
    (tmp_path / "nats.conf").write_text(NATS_CONFIG)
    node = subprocess.Popen([sys.executable, "-c", NODE, tmp_path], stdout=subprocess.PIPE, text=True)
    assert node.stdout is not None
    pids = json.loads(node.stdout.readline())
    node.kill()
    node.wait()
    with postgres(tmp_path / "postgres") as server, nats(tmp_path / "nats"):
        assert [is_gone(pid) for pid in pids] == [True, True]
        assert ask(server, "SELECT 1") == 1
    node.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_the_servers_do_not_hear_the_ctrl_c_of_the_terminal(tmp_path: Path) -> None:
    with postgres(tmp_path / "postgres") as one, nats(tmp_path / "nats") as other:
        assert os.getsid(one.pid) != os.getsid(0)
        assert os.getsid(other.pid) != os.getsid(0)


def app(name: str, ends: list[str], starts: bool = True) -> Any:
    """A web app that answers with its name, and notes that its lifespan ended."""

    async def answer(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await receive()
            if not starts:
                raise RuntimeError("no database")
            await send({"type": "lifespan.startup.complete"})
            await receive()
            ends.append(name)
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": name.encode()})

    return answer


def get(url: str) -> str:
    """What a web address answers."""
    with urllib.request.urlopen(url, timeout=5) as response:
        body: bytes = response.read()
        return body.decode()


def test_several_apps_answer_in_one_loop_and_leave_signals_alone() -> None:
    ends: list[str] = []
    before = signal.getsignal(signal.SIGTERM)

    async def node() -> list[str]:
        servers = [Uvicorn(app(name, ends)) for name in ("intake", "console")]
        async with serving(servers):
            assert signal.getsignal(signal.SIGTERM) is before
            return [await asyncio.to_thread(get, server.url) for server in servers]

    assert asyncio.run(node()) == ["intake", "console"]
    assert sorted(ends) == ["console", "intake"]


def test_an_app_that_does_not_start_ends_the_others_in_good_order() -> None:
    ends: list[str] = []

    async def node() -> None:
        async with serving([Uvicorn(app("intake", ends)), Uvicorn(app("console", ends, starts=False))]):
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as failed:
        asyncio.run(node())
    assert failed.group_contains(ServerFailed, match="did not start")
    assert ends == ["intake"]


def test_no_part_of_an_answer_waits_until_the_client_has_acknowledged_another() -> None:
    server = Uvicorn(app("intake", []))
    with server.socket, socket.create_connection(server.socket.getsockname()), server.socket.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_app_answers_on_the_same_port_after_a_restart(tmp_path: Path) -> None:
    async def node() -> str:
        server = Uvicorn(app("console", []), remembered_port(tmp_path, "console"))
        async with serving([server]):
            assert await asyncio.to_thread(get, server.url) == "console"
            return server.url

    assert asyncio.run(node()) == asyncio.run(node())
