"""Everything that runs is killed with -9 in turn, the demonstration itself last, and still nothing is lost."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from jembatan.demo.run import PARTNER
from jembatan.folder import Folder
from support import eventually

DEADLINE_S = 900
PEOPLE = 16
"""So many that the walk is still under way when the last victim falls."""
HUB, SITE, OTHER_SITE = "hub", "makassar", "jakarta-pusat"

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc; elsewhere orphans live on"),
]


class Demo:
    """The demonstration as a child process, and everything that it started, by what their command lines say."""

    def __init__(self, data: Path) -> None:
        self.data, self.report = data / "data", data / "report.json"
        self._output = (data / "output.txt").open("ab")
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = ["demo", "--data", str(self.data), "--people", str(PEOPLE), "--exit", "--report", str(self.report)]
        self._child = subprocess.Popen(
            [sys.executable, "-m", "jembatan", *argv], stdout=self._output, stderr=subprocess.STDOUT
        )

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        assert self._child
        self._child.kill()
        self._child.wait()

    def wait(self, within_s: float) -> int:
        assert self._child
        return self._child.wait(within_s)

    def close(self) -> None:
        if self._child and self.running:
            self._child.terminate()
            try:
                self._child.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
        self._output.close()

    def victims(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Of each: at which node it runs, and words that only its command line has. All hold this run's own folder."""

        def nats(node: str) -> tuple[str, tuple[str, ...]]:
            return node, ("--ports_file_dir", str(self.data / node / "nats"))

        def postgres(node: str) -> tuple[str, tuple[str, ...]]:
            return node, ("-D", str(self.data / node / "postgres" / "data"))

        return {
            "the nats-server of a rutan": nats(SITE),
            "the PostgreSQL of a rutan": postgres(OTHER_SITE),
            "the node of a rutan": (SITE, ("node", "site", SITE, str(self.data))),
            "the nats-server of the hub": nats(HUB),
            "the PostgreSQL of the hub": postgres(HUB),
            "the node of the hub": (HUB, ("node", "hub", str(self.data))),
            "the listening partner": (HUB, ("listen", str(self.data / f"{PARTNER}.json"))),
        }

    def ready(self, node: str) -> bool:
        """Whether every service of a node is fit for work."""
        urls = Folder(self.data / node).running["services"].values()
        return all(httpx2.get(f"{url}/readyz", timeout=5).status_code == 200 for url in urls)


def pids(words: tuple[str, ...]) -> list[int]:
    """The living processes whose command lines hold all of these words."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        # Processes end while we look; a zombie's command line is empty.
        with contextlib.suppress(OSError):
            said = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if set(words) <= set(said):
                found.append(int(process.name))
    return found


def the_one(words: tuple[str, ...], but: int | None = None) -> int | None:
    """The process, once it is the only one: what it has just forked still has its command line for a moment."""
    found = pids(words)
    return found[0] if len(found) == 1 and found[0] != but else None


@pytest.fixture
def demo() -> Iterator[Demo]:
    # Not pytest's folder: that is closed to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="jembatan-killed-") as name:
        made = Demo(Path(name))
        yield made
        made.close()
        # PostgreSQL outlives a killed node for the moment it needs to end, and writes to its folder meanwhile.
        eventually(lambda: not any(pids(words) for _, words in made.victims().values()))


def test_whatever_is_killed_nothing_is_lost_and_nothing_is_applied_twice(demo: Demo) -> None:
    deadline = time.monotonic() + DEADLINE_S
    demo.start()
    victims = demo.victims()
    # The partner is started last: from then on people are on their way.
    eventually(lambda: the_one(victims["the listening partner"][1]), within_s=300)
    for who, (node, words) in victims.items():
        victim = eventually(lambda words=words: the_one(words))  # type: ignore[misc]
        assert victim
        assert demo.running and not demo.report.exists(), f"the walk was over before {who} was killed"
        os.kill(victim, signal.SIGKILL)
        eventually(lambda words=words, victim=victim: the_one(words, but=victim), within_s=180)  # type: ignore[misc]
        eventually(lambda node=node: demo.ready(node), within_s=180)  # type: ignore[misc]

    assert demo.running and not demo.report.exists(), "the walk was over before the demonstration was killed"
    demo.kill()
    demo.start()
    assert demo.wait(deadline - time.monotonic()) == 0

    told = json.loads(demo.report.read_text())
    for site in told["sites"]:
        assert site["committed"] > 0
        assert (site["lost"], site["applied_twice"], site["in_flight"]) == (0, 0, 0), site
    assert told["planted"] > 0
    assert told["planted_found"] == 0
    assert told["partner_received"] == told["partner_expected"] > 0
    assert told["holds"] is True
