"""One running rutan with people at every stage, and a browser that has signed in there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext
from support.browser import Officer, chromium
from support.nation import Nation
from support.town import REGISTER, Town


@pytest.fixture
def screens(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures of pages go, if any are wanted."""
    folder = request.config.getoption("screens")
    return Path(folder).absolute() if folder else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="session")
def town(nation: Nation) -> Town:
    return Town(nation.rutan()).fill()


@pytest.fixture(scope="session")
def officer(town: Town, browser: Browser) -> Officer:
    """Who installed the rutan's console, and may do everything there."""
    made = Officer(town.rutan)
    context = browser.new_context()
    page = context.new_page()
    made.install(page)
    town.sit(made.account)
    made.compare_with(page, REGISTER.replace("7", "6"))
    page.get_by_role("button", name="Masukkan").click()
    made.compare_with(page, REGISTER)
    made.state = context.storage_state()
    context.close()
    return made


@pytest.fixture
def signed_in(officer: Officer, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(storage_state=officer.state)
    yield context
    context.close()
