"""A console with its site, for every test of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Rutan
from support.console import ConsoleUnderTest, console_of


@pytest.fixture
def console(rutan: Rutan, tmp_path: Path) -> Iterator[ConsoleUnderTest]:
    """The pages of a rutan, and every service behind them."""
    with console_of(tmp_path, rutan) as made:
        yield made
