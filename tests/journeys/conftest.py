import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.nation import Nation


@pytest.fixture(scope="session")
def nation() -> Iterator[Nation]:
    # Not pytest's folder: that is closed to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="jembatan-journeys-") as name:
        made = Nation(Path(name))
        yield made
        made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.nodeid.split("/"):
            item.add_marker(pytest.mark.servers)
            item.add_marker(pytest.mark.xdist_group("journeys"))
