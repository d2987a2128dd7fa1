"""A console under test with real services behind it, and somebody who uses its pages without scripts."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import console.app
import httpx2
from bs4 import BeautifulSoup, Tag
from chassis.database import Database
from console import commands
from console.model import STAFF_ROLES
from console.settings import ConsoleSettings
from cryptography.fernet import Fernet
from fastapi import FastAPI
from jembatan.node import console_settings

from support.folders import NO_TLS, SiteFolder, answering, served
from support.rutan import Rutan

PASSWORD = "kuda baterai tepat"


class Visitor:
    """Somebody at a browser: follows links, fills in forms, sees pages."""

    def __init__(self, base: str, cookies: Mapping[str, str] | None = None) -> None:
        self.client = httpx2.Client(
            base_url=base, follow_redirects=True, timeout=60, cookies=dict(cookies or {}), verify=NO_TLS
        )
        self.status, self.path, self.html = 0, "/", ""

    def go(self, path: str) -> "Visitor":
        """Opens a page."""
        return self._seen(self.client.get(path))

    def post(self, path: str, fields: Mapping[str, Any]) -> "Visitor":
        """Sends a form that need not be on the page."""
        return self._seen(self.client.post(path, data=dict(fields)))

    def send(self, form: int | str = 0, /, **fields: Any) -> "Visitor":
        """Fills in one of the page's forms (by its place in `main`, or by its address) and sends it.

        `a__b` is the field `a-b`; a list ticks several boxes.
        """
        found = self._form(form)
        sent = _filled(found)
        for name, value in fields.items():
            sent[name.replace("__", "-")] = value
        return self.post(str(found.get("action") or self.path), sent)

    def _form(self, wanted: int | str) -> Tag:
        forms = self.soup.select("main form")
        if isinstance(wanted, int):
            return forms[wanted]
        return next(form for form in forms if form.get("action") == wanted)

    def _seen(self, answer: httpx2.Response) -> "Visitor":
        self.status, self.path, self.html = answer.status_code, answer.url.path, answer.text
        return self

    @property
    def soup(self) -> BeautifulSoup:
        """The page, parsed."""
        return BeautifulSoup(self.html, "html.parser")

    @property
    def heading(self) -> str:
        """What the page is called."""
        return self.soup.select_one("h1").get_text(" ", strip=True)  # type: ignore[union-attr]

    @property
    def text(self) -> str:
        """Everything that can be read on the page, in one line."""
        return re.sub(r"\s+", " ", self.soup.body.get_text(" ")).strip()  # type: ignore[union-attr]

    @property
    def wrong(self) -> list[str]:
        """What the page says is wrong, at its top."""
        return [
            one.get_text(" ", strip=True)
            for one in self.soup.select(".govuk-error-summary__body p, .govuk-error-summary__list li")
        ]

    @property
    def switch(self) -> str:
        """Where the language switch comes back to."""
        return str(self.soup.select_one('form[action="/language"] [name=to]')["value"])  # type: ignore[index]

    def typed(self, name: str) -> str:
        """What stands in a field."""
        found = self.soup.select_one(f'main [name="{name}"]')
        assert found, f"no field {name}"
        return str(found.get("value") or found.get_text())


def _filled(form: Tag) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for one in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(one["name"]), one.get("type")
        if kind in ("checkbox", "radio"):
            if one.has_attr("checked"):
                sent.setdefault(name, []).append(str(one.get("value", "on")))
        elif one.name == "select":
            chosen = one.select_one("option[selected]") or one.select_one("option")
            sent[name] = str(chosen.get("value", "")) if chosen else ""
        elif one.name == "textarea":
            sent[name] = one.get_text()
        elif kind != "file":
            sent[name] = str(one.get("value", ""))
    return sent


class ConsoleUnderTest:
    """One console, its site, and accounts as a test needs them."""

    def __init__(self, site: SiteFolder, app: FastAPI, url: str) -> None:
        self.site, self.app, self.url = site, app, url
        self.database: Database = app.state.database
        self.settings: ConsoleSettings = app.state.settings

    def visitor(self) -> Visitor:
        """Somebody who has not signed in."""
        return Visitor(self.url)

    def officer(self, *roles: str, administrator: bool = False, name: str = "Petugas Rekaan") -> Visitor:
        """Somebody who is signed in; without roles, with all of them."""
        at = datetime.now(UTC)
        with self.database.transaction() as session:
            username = f"uji{at.timestamp()}"
            account = commands.open_account(
                session,
                uuid4(),
                username,
                name,
                PASSWORD,
                roles=list(roles or STAFF_ROLES),
                administrator=administrator,
                at=at,
            )
            # As if they had set it up: the sign-in itself has tests of its own.
            account.second_factor = self.seal.encrypt(commands.fresh_secret().encode()).decode()
            session.flush()
            token = commands.begin(session, account, at)
        return Visitor(self.url, {"jembatan": token})

    @property
    def seal(self) -> Fernet:
        """What second factors are sealed with."""
        return Fernet(console_settings(self.site.folder).seal_key.get_secret_value())

    def registered(self, person: UUID, **fields: Any) -> UUID:
        """Somebody who is in the register already."""
        known = {
            "name": "Rekaan Uji",
            "register_number": f"BI-{person.hex[:6]}/UJI",
            "legal_status": "narapidana",
            "sex": "male",
        }
        answer = self.site.request("intake", "PUT", f"/people/{person}", known | fields)
        assert answer.is_success, answer.text
        return person


@contextlib.contextmanager
def console_of(data: Path, rutan: Rutan) -> Iterator[ConsoleUnderTest]:
    """The console of a rutan, with every service answering behind it; none listens and none speaks."""
    with answering(data, rutan) as site:
        site.running["databases"]["console"] = rutan.url("console")
        site.folder.write_running(site.running)
        app = console.app.app(console_settings(site.folder))
        with served(app, lifespan="on") as (url,):
            yield ConsoleUnderTest(site, app, url)
