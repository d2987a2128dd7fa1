"""Ports that stay the same from one start to the next."""

import contextlib
import random
import socket
from pathlib import Path

# Below the ports the kernel gives to outgoing connections, or one of those could take a port while its server is down.
PORTS = range(20_000, 32_000)


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
        port = random.choice(PORTS)  # noqa: S311 - not a secret
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
