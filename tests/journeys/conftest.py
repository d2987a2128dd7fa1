"""A rutan of its own for each journey, which ends with it: what has been looked at need not run on."""

from collections.abc import Iterator

import pytest
from support.nation import Nation, Node


@pytest.fixture
def rutan(nation: Nation) -> Iterator[Node]:
    """A running rutan that has joined the hub."""
    made = nation.rutan()
    yield made
    made.stop()
