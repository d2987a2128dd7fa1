"""The servers of a test run, and the fixtures built on them."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support import Rutan, Servers
from support.nation import Nation
from support.servers import VARIABLE, NoEngine, servers

# Whatever else the machine does must not decide whether a rule holds.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SOURCE = "JEMBATAN_TEST_SERVERS"
"""`wheels` (as when unset), `containers`, or `none`: then tests that need servers are left out by `-m`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make screens` says where pictures of pages go."""
    parser.addoption("--screens", help="a folder for pictures of every page")


def pytest_configure(config: pytest.Config) -> None:
    """Starts the servers in the run's first process; its workers find them in the environment."""
    source = os.environ.get(SOURCE, "wheels")
    if source == "none" or hasattr(config, "workerinput") or config.option.collectonly:
        return
    stack = contextlib.ExitStack()
    try:
        stack.enter_context(servers(source))
    except NoEngine:
        raise pytest.UsageError("These tests need a Docker engine, and none answers. `make test` needs none.") from None
    config.add_cleanup(stack.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses a server, through whichever fixture, is marked so that `-m "not servers"` is fast."""
    for item in items:
        if {"rutan", "hub", "nation", "run_servers"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def run_servers() -> Servers:
    """PostgreSQL and NATS of this run."""
    assert VARIABLE in os.environ, "start the run with servers: make test"
    return Servers.of_this_run()


@pytest.fixture
def rutan(run_servers: Servers, worker_id: str) -> Iterator[Rutan]:
    """A rutan with its streams, and no service started yet."""
    made = Rutan(run_servers, worker_id)
    made.provision()
    yield made
    made.close()


@pytest.fixture
def hub(run_servers: Servers, worker_id: str) -> Iterator[Rutan]:
    """A hub with its streams, and no service started yet."""
    made = Rutan(run_servers, worker_id, site="hub")
    made.provision()
    yield made
    made.close()


@pytest.fixture(scope="session")
def nation() -> Iterator[Nation]:
    """A hub of its own processes, for rutan that join it."""
    # Not pytest's folder: that is closed to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="jembatan-nation-") as name:
        made = Nation(Path(name))
        yield made
        made.close()
