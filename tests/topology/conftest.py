"""Three real NATS servers for each module here."""

from collections.abc import Iterator

import pytest
from support.topology import Country
from support.topology import country as started


@pytest.fixture(scope="module")
def country() -> Iterator[Country]:
    """The hub and two rutan; started once, because starting is most of the time."""
    with started() as made:
        yield made
