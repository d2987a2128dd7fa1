"""What holds for every page of the console, found by walking it from its front page."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from support.browser import NARROW, WIDE, Officer, patterns, walk

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
WORDS = """() => {
    const copy = document.body.cloneNode(true);
    copy.querySelectorAll('[lang], script, style, textarea, code, .own-words').forEach((one) => one.remove());
    return copy.textContent;
}"""
"""What can be read on a page, but what is marked as another language's or as somebody's own words."""
REACHABLE = """() => {
    const radios = new Set();
    const usable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll(usable)].filter((one) => {
        if (one.type === 'hidden' || one.disabled || one.hidden || !one.getClientRects().length) return false;
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
    words: dict[str, set[str]] = field(default_factory=dict)
    left_over: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def walked(officer: Officer, browser: Browser) -> dict[str, list[str]]:
    """Per page, the addresses at which it was met."""
    context = browser.new_context(storage_state=officer.state)
    met = walk(context, officer.base)
    context.close()
    return met


@pytest.fixture(scope="module")
def seen(walked: dict[str, list[str]], officer: Officer, browser: Browser) -> list[Seen]:
    """Every page, looked at once in each language by a browser that has nothing of it yet."""
    return [
        look for addresses in walked.values() for address in addresses for look in look_at(address, officer, browser)
    ]


def look_at(address: str, officer: Officer, browser: Browser) -> Iterator[Seen]:
    context = browser.new_context(storage_state=officer.state, viewport=WIDE)
    if "text/html" in context.request.get(address).headers["content-type"]:
        found = Seen(address)
        page = context.new_page()
        sizes = transfers(context, page)
        page.goto(address, wait_until="networkidle")
        found.bytes, found.requests = sum(sizes), len(sizes)
        found.words["id"] = words_of(page)
        found.left_over = LEFT_OVER.findall(page.inner_text("body"))
        found.keys = by_keyboard(page)
        found.shut_out = serious(page)
        page.set_viewport_size(NARROW)
        found.shut_out += serious(page)
        page.set_viewport_size({"width": ZOOMED, "height": 640})
        found.width = page.evaluate("document.scrollingElement.scrollWidth")
        context.add_cookies([{"name": "bahasa", "value": "en", "url": officer.base}])
        page.goto(address)
        found.words["en"] = words_of(page)
        yield found
    context.close()


def transfers(context: BrowserContext, page: Page) -> list[int]:
    """The bytes of each answer, as they come in."""
    sizes: list[int] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))
    return sizes


def words_of(page: Page) -> set[str]:
    return set(re.findall(r"[a-z]+", page.evaluate(WORDS).lower()))


@cache
def axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds on a page that keeps somebody from using it; contrast is among it."""
    page.evaluate(axe())
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


@pytest.mark.parametrize(("language", "foreign"), [("id", ENGLISH), ("en", INDONESIAN)])
def test_a_page_speaks_one_language(language: str, foreign: set[str], seen: list[Seen]) -> None:
    assert {one.address: one.words[language] & foreign for one in seen if one.words[language] & foreign} == {}


def test_no_page_holds_what_a_programmer_left_over(seen: list[Seen]) -> None:
    assert {one.address: one.left_over for one in seen if one.left_over} == {}


def test_every_page_can_be_used_with_the_keyboard_alone(seen: list[Seen]) -> None:
    assert {one.address: one.keys for one in seen if one.keys} == {}


def test_nothing_is_left_in_the_browser_after_signing_out(
    officer: Officer, browser: Browser, walked: dict[str, list[str]]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    officer.sign_in(page)
    for addresses in list(walked.values())[:8]:
        if "text/html" in context.request.get(addresses[0]).headers["content-type"]:
            page.goto(addresses[0])
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
    shutil.rmtree(screens, ignore_errors=True)
    for name, size in (("1280", WIDE), ("360", NARROW)):
        context = browser.new_context(storage_state=officer.state, viewport=size)
        page = context.new_page()
        for route, addresses in walked.items():
            # The last one met is further along the road.
            if "text/html" in context.request.get(addresses[-1]).headers["content-type"]:
                page.goto(addresses[-1])
                picture = screens / f"{route.strip('/').replace('/', '-') or 'today'}-{name}.jpg".replace(
                    "{", ""
                ).replace("}", "")
                page.screenshot(path=picture, full_page=True, type="jpeg", quality=45)
        context.close()
