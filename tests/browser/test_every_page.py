"""What holds for every page of the console, found by walking it from its front page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, BrowserContext, Page
from support import eventually
from support.browser import NARROW, WIDE, Officer, patterns, take_pictures, walk

HEAVIEST, MOST_REQUESTS = 60_000, 10
"""Bytes as they come over the line, and requests, of a page whose browser has nothing of it yet."""
ZOOMED = 320
"""1280 pixels at 400 %."""
ENGLISH = {"the", "and", "of", "with", "is", "are", "to", "for", "from", "your", "please", "not", "this", "you", "save"}
INDONESIAN = {"dan", "yang", "untuk", "tidak", "dengan", "belum", "sudah", "dari", "ini", "oleh", "atau", "pada"}
LEFT_OVER = re.compile(r"\b(lorem|ipsum|undefined|None|null|True|False|NaN|TBD|xxx)\b")
NOT_REACHED_BY_WALKING = {
    "/first-run": "over once there is an account",
    "/sign-in": "whoever walks is signed in",
    "/sign-in/oidc": "leads elsewhere, and only where a provider is configured",
    "/sign-in/oidc/return": "comes back from there",
}
NOT_OURS = "[lang], script, style, textarea, code, .own-words"
"""What is marked as another language's or as somebody's own words."""
REACHABLE = """() => {
    const radios = new Set();
    const usable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll(usable)].filter((one) => {
        if (one.type === 'hidden' || one.disabled || !one.checkVisibility()) return false;
        if (one.type !== 'radio') return true;
        if (radios.has(one.name)) return false;
        radios.add(one.name);
        return true;
    }).length;
}"""
REACHED = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const boxed = one.matches('.govuk-radios__input, .govuk-checkboxes__input');
    const seen = boxed || style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    one.dataset.reached = 'yes';
    return [one.tagName, one.name || one.getAttribute('href') || one.textContent.trim().slice(0, 40), seen];
}"""
AT_EACH = 2
"""Addresses of a page that are read; one of them is looked at."""
MOST_KEYS = 80
"""Long tables repeat themselves."""


@dataclass
class Seen:
    """What one look at a page found."""

    address: str
    bytes: int = 0
    requests: int = 0
    shut_out: list[Any] = field(default_factory=list)
    width: int = 0
    keys: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def walked(walkable: Officer, browser: Browser) -> dict[str, list[str]]:
    """Per page, the addresses at which it was met."""
    context = browser.new_context(storage_state=walkable.state)
    met = walk(context, walkable.base)
    context.close()
    return met


@pytest.fixture(scope="module")
def seen(walked: dict[str, list[str]], officer: Officer, browser: Browser) -> list[Seen]:
    """The fullest page of each kind, looked at by a browser that has nothing of it yet."""
    return [look for fullest, *_ in walked.values() for look in look_at(fullest, officer, browser)]


def look_at(address: str, officer: Officer, browser: Browser) -> Iterator[Seen]:
    context = browser.new_context(storage_state=officer.state, viewport=WIDE)
    if html_of(context, address):
        found = Seen(address)
        page = context.new_page()
        sizes = transfers(context, page)
        page.goto(address, wait_until="load")
        # What the wire tells may come a moment after the page has loaded.
        eventually(lambda: len(sizes) > page.evaluate("performance.getEntriesByType('resource').length"))
        found.bytes, found.requests = sum(sizes), len(sizes)
        found.shut_out = serious(page)
        found.keys = by_keyboard(page)
        # What the Tab key came to last is shown as reached, which is for eyes and not for axe.
        page.evaluate("document.activeElement.blur()")
        page.set_viewport_size(NARROW)
        found.shut_out += serious(page)
        page.set_viewport_size({"width": ZOOMED, "height": 640})
        found.width = page.evaluate("document.scrollingElement.scrollWidth")
        yield found
    context.close()


@pytest.fixture(scope="module", params=["id", "en"])
def read(
    request: pytest.FixtureRequest, walked: dict[str, list[str]], officer: Officer, browser: Browser
) -> Iterator[tuple[str, dict[str, str]]]:
    """A language, and what can be read on the fullest pages of each kind; only what is ours is said in it."""
    context = browser.new_context(storage_state=officer.state)
    context.add_cookies([{"name": "bahasa", "value": request.param, "url": officer.base}])
    every = [address for addresses in walked.values() for address in addresses[:AT_EACH]]
    yield request.param, {address: ours(html) for address in every if (html := html_of(context, address))}
    context.close()


def html_of(context: BrowserContext, address: str) -> str | None:
    """A page; None where the address is a paper's or a file's."""
    answer = context.request.get(address)
    return answer.text() if "text/html" in answer.headers["content-type"] else None


def ours(html: str) -> str:
    """What can be read on a page, but what is not said by us."""
    body = BeautifulSoup(html, "html.parser").body
    assert body
    for other in body.select(NOT_OURS):
        other.decompose()
    return body.get_text(" ")


def transfers(context: BrowserContext, page: Page) -> list[int]:
    """The bytes of each answer, as they come in."""
    sizes: list[int] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))
    return sizes


@cache
def axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds on a page that keeps somebody from using it; contrast is among it."""
    page.evaluate(f"window.axe || (() => {{ {axe()} }})()")
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        (problem["id"], problem["nodes"][0]["html"][:120])
        for problem in found["violations"]
        if problem["impact"] in ("serious", "critical")
    ]


def by_keyboard(page: Page) -> list[str]:
    """What cannot be reached by the Tab key, or is not seen to be reached."""
    wanted = min(page.evaluate(REACHABLE), MOST_KEYS)
    wrong = []
    for number in range(wanted):
        page.keyboard.press("Tab")
        tag, what, seen = page.evaluate(REACHED)
        if number == 0 and what != "#main":
            wrong.append(f"first comes {tag} {what}, not the way past the menu")
        if not seen:
            wrong.append(f"{tag} {what} does not show that it is reached")
    reached = page.evaluate("document.querySelectorAll('[data-reached]').length")
    return wrong if reached >= wanted else [*wrong, f"{reached} of {wanted} reached"]


def test_every_page_can_be_reached_by_links(walked: dict[str, list[str]]) -> None:
    assert set(patterns()) - set(walked) == set(NOT_REACHED_BY_WALKING)


def test_a_cold_page_is_light(seen: list[Seen]) -> None:
    heavy = [(one.address, one.bytes, one.requests) for one in seen]
    assert [one for one in heavy if one[1] > HEAVIEST or one[2] > MOST_REQUESTS] == []
    assert all(size > 1000 and requests for _, size, requests in heavy)


def test_no_page_shuts_anybody_out(seen: list[Seen]) -> None:
    assert {one.address: one.shut_out for one in seen if one.shut_out} == {}


def test_axe_sees_a_field_without_a_label_and_grey_on_grey(browser: Browser) -> None:
    page = browser.new_page()
    grey = "<p style='color:#aaa;background:#bbb'>tidak terbaca</p>"
    page.set_content(f"<html lang=id><title>x</title><main><h1>x</h1><input>{grey}</main>")
    assert {problem for problem, _ in serious(page)} == {"label", "color-contrast"}
    page.close()


def test_a_page_at_four_hundred_per_cent_is_read_without_scrolling_sideways(seen: list[Seen]) -> None:
    assert {one.address: one.width for one in seen if one.width > ZOOMED} == {}


def test_a_page_speaks_one_language(read: tuple[str, dict[str, str]]) -> None:
    language, pages = read
    foreign = {"id": ENGLISH, "en": INDONESIAN}[language]
    words = {address: set(re.findall(r"[a-z]+", said.lower())) & foreign for address, said in pages.items()}
    assert {address: found for address, found in words.items() if found} == {}


def test_no_page_holds_what_a_programmer_left_over(read: tuple[str, dict[str, str]]) -> None:
    left_over = {address: LEFT_OVER.findall(said) for address, said in read[1].items()}
    assert {address: found for address, found in left_over.items() if found} == {}


def test_every_page_can_be_used_with_the_keyboard_alone(seen: list[Seen]) -> None:
    assert {one.address: one.keys for one in seen if one.keys} == {}


def test_nothing_is_left_in_the_browser_after_signing_out(
    officer: Officer, browser: Browser, walked: dict[str, list[str]]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    officer.sign_in(page)
    for address, *_ in list(walked.values())[:8]:
        if html_of(context, address):
            page.goto(address)
    stored = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }])"
    assert page.evaluate(stored) == "[{},{}]"
    page.goto(officer.base)
    page.click(".bar button >> text=Keluar")
    assert [cookie["name"] for cookie in context.cookies()] in ([], ["bahasa"])
    assert page.evaluate(stored) == "[{},{}]"
    page.go_back()
    assert page.locator("[name=password]").count() == 1
    context.close()


def test_a_picture_of_every_page(
    walked: dict[str, list[str]], officer: Officer, browser: Browser, screens: Path | None
) -> None:
    if screens is None:
        pytest.skip("pictures are taken by `make screens`")
    with browser.new_page() as page:
        page.goto(f"{officer.base}/sign-in")
        take_pictures(page, screens / "sign-in")
    with browser.new_context(storage_state=officer.state) as context, context.new_page() as page:
        for route, (fullest, *_) in walked.items():
            if html_of(context, fullest):
                page.goto(fullest)
                take_pictures(page, screens / (re.sub("[{}]", "", route.strip("/").replace("/", "-")) or "today"))
