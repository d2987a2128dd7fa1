"""A real browser at a running rutan's console."""

import base64
import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from uuid import UUID

from bs4 import BeautifulSoup
from console.pages import router
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from jembatan.node import setup_code
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright
from starlette.routing import compile_path

from support.nation import Node

PASSWORD = "kuda baterai tepat"
COLOURS = 16
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)


class NoBrowser(Exception):
    """These tests look at pages in Chromium, and none is installed."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise NoBrowser("apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def code_of(secret: str, after: str = "") -> str:
    """The code that a TOTP application shows now; not one that was used already."""
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
    now = time.time()
    return next(code for step in (0, 30) if (code := totp.generate(now + step).decode()) != after)


@dataclass
class Officer:
    """Somebody with an account at a rutan."""

    rutan: Node
    username: str = "siti"
    secret: str = ""
    used: str = ""
    state: Any = field(default=None, repr=False)
    """The browser's cookies once somebody is signed in."""

    @property
    def base(self) -> str:
        """Where the console answers."""
        return str(self.rutan.folder.running["console"])

    @property
    def account(self) -> UUID:
        """Who they are to the services, once they have an account."""
        return UUID(str(self.rutan.one("console", "select id from account where username = %s", self.username)))

    def install(self, page: Page) -> None:
        """The first run: makes the first account, with every task, and sets its second factor."""
        page.goto(self.base)
        given = {"setup_code": setup_code(self.rutan.folder), "name": "Siti Rekaan", "username": self.username}
        for name, value in (given | {"password": PASSWORD, "password_again": PASSWORD}).items():
            page.fill(f"[name={name}]", value)
        for box in page.locator("[name=roles]").all():
            box.check()
        page.click("main button[type=submit]")
        self.secret = page.locator("[name=secret]").input_value()
        self.used = code_of(self.secret)
        page.fill("[name=code]", self.used)
        page.click("main button[type=submit]")

    def compare_with(self, page: Page, register: str) -> None:
        """Sends a file with the ministry's register, and comes to the page that shows what it would change."""
        page.goto(f"{self.base}/register-imports")
        page.set_input_files("[name=file]", {"name": "sdp.csv", "mimeType": "text/csv", "buffer": register.encode()})
        page.click("main button[type=submit]")

    def sign_in(self, page: Page) -> None:
        """Signs in at the page that asks who it is."""
        page.goto(f"{self.base}/sign-in")
        self.used = code_of(self.secret, after=self.used)
        for name, value in {"username": self.username, "password": PASSWORD, "code": self.used}.items():
            page.fill(f"[name={name}]", value)
        page.click("main button[type=submit]")


def take_pictures(page: Page, path: Path) -> None:
    """The whole page, wide and narrow, in the few colours that it has: a tenth of the bytes."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        with Image.open(BytesIO(page.screenshot(full_page=True))) as taken:
            few = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.convert("RGB").save(f"{path}-{size['width']}.webp", lossless=True)


def patterns() -> dict[str, object]:
    """Every page that can be opened, and how its addresses look."""
    return {path: compile_path(path)[0] for path, methods in _routes(router) if "GET" in methods}


def route_of(address: str) -> str | None:
    """Which page an address is."""
    path = urlsplit(address).path
    found = [route for route, regex in patterns().items() if regex.match(path)]  # type: ignore[attr-defined]
    # `/people/new` is no person: what is written out wins.
    return min(found, key=lambda route: route.count("{")) if found else None


def walk(context: BrowserContext, base: str, start: str = "/", per_route: int = 8) -> dict[str, list[str]]:
    """Follows every link, some of each kind, from the front page: per page of the console addresses, fullest first."""
    seen: dict[str, dict[str, int]] = {}
    waiting = [urljoin(base, start)]
    while waiting:
        address = waiting.pop(0)
        met = seen.setdefault(route_of(address) or "", {})
        if address in met or len(met) >= per_route or route_of(address) is None:
            continue
        answer = context.request.get(address)
        assert answer.ok, f"{address}: {answer.status}"
        met[address] = len(answer.body())
        if "text/html" in answer.headers.get("content-type", ""):
            links = BeautifulSoup(answer.text(), "html.parser").select("a[href]")
            addresses = [urldefrag(urljoin(address, str(link["href"]))).url for link in links]
            waiting += [link for link in addresses if link.startswith(base)]
    return {route: sorted(met, key=lambda one: -met[one]) for route, met in seen.items() if met}


def _routes(router: object) -> list[tuple[str, set[str]]]:
    found: list[tuple[str, set[str]]] = []
    for route in getattr(router, "routes", []):
        inner = getattr(route, "original_router", None)
        if inner is not None:
            prefix = getattr(getattr(route, "include_context", None), "prefix", "")
            found += [(prefix + path, methods) for path, methods in _routes(inner)]
        else:
            found.append((route.path, set(route.methods)))
    return found
