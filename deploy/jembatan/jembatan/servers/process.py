"""A server as a child process: it serves one folder, ends with its parent, and starts again after any death."""

import ctypes
import fcntl
import logging
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import files
from pathlib import Path
from typing import Any, ClassVar

logger = logging.getLogger(__name__)

READY_LIMIT_S = 120.0  # recovery after a power cut, on a slow disk
STOP_LIMIT_S = 60.0
LEFTOVERS_LIMIT_S = 30.0

# Linux tells a child that its parent died when the *thread* that started it ends. This one lasts as long as the
# process, so a server may be started from any thread.
_starter = ThreadPoolExecutor(1, "servers")
_libc = ctypes.CDLL(None)


class AlreadyServed(Exception):
    """The folder is in use, by another program or by what a killed one left behind."""


class ServerFailed(Exception):
    """A server did not start or take its configuration; the message has its last words."""


class Server:
    """A child process that serves one folder, ends with this process and does not hear the terminal's Ctrl-C.

    On Linux it ends even when this process is killed with -9. Elsewhere it then lives on, and the next start refuses.
    """

    stop_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._uid = os.geteuid()
        self._process: subprocess.Popen[bytes] | None = None
        self._locks: list[int] = []
        self._begin()

    def _begin(self) -> None:
        self._locks.append(_lock(self.folder / "owner.lock", wait_s=0))
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

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Start the server again after it died."""
        self.kill()
        self._begin()

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


def installed(package: str, program: str) -> Path:
    """A program that came in a package's wheel."""
    found = next(file for file in files(package) or [] if file.match(program))
    return Path(str(found.locate())).resolve()
