"""One running rutan with people at every stage, and a browser that has signed in there."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext
from support.browser import Officer, chromium, take_pictures
from support.nation import Nation
from support.town import REGISTER, Town


@pytest.fixture(scope="session")
def screens(request: pytest.FixtureRequest) -> Path | None:
    """An empty folder for pictures of pages, if any are wanted."""
    if not (option := request.config.getoption("screens")):
        return None
    folder = Path(option).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="session")
def town(nation: Nation) -> Town:
    return Town(nation.rutan()).fill()


@pytest.fixture(scope="session")
def officer(town: Town, browser: Browser, screens: Path | None) -> Officer:
    """Who installed the rutan's console, and may do everything there."""
    made = Officer(town.rutan)
    context = browser.new_context()
    page = context.new_page()
    if screens:
        page.goto(made.base)
        take_pictures(page, screens / "first-run")
    made.install(page)
    town.sit(made.account, uuid4(), uuid4())
    made.compare_with(page, REGISTER.replace("7", "6"))
    page.get_by_role("button", name="Masukkan").click()
    page.wait_for_load_state()
    made.state = context.storage_state()
    context.close()
    return made


@pytest.fixture(scope="module")
def walkable(officer: Officer, browser: Browser) -> Officer:
    """Somebody who can come to every page: a file waits to be taken in, which a restart has perhaps lost."""
    with browser.new_context(storage_state=officer.state) as context, context.new_page() as page:
        officer.compare_with(page, REGISTER)
        page.wait_for_load_state()
    return officer


@pytest.fixture
def signed_in(officer: Officer, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(storage_state=officer.state)
    yield context
    context.close()
