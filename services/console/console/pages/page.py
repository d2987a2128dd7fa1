"""A page for somebody who is signed in: what every module of pages is given."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, cast
from uuid import UUID

import httpx2
from chassis.database import Database
from chassis.errors import DomainError
from chassis.identity import Actor
from contracts.vocabulary import Role
from contracts.words import here
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from ui.formats import word
from ui.house import LANGUAGES, House

from console import queries
from console.model import STAFF_ROLES, Account, NotAdministrator
from console.pages.menu import MENU, PERSON_MENU, ROLE_NAMES
from console.pages.wrong import Wrong
from console.services import Said, Services
from console.settings import ConsoleSettings
from console.typed import Typed

COOKIE = "jembatan"
LANGUAGE_COOKIE = "bahasa"
NAMERS = frozenset(STAFF_ROLES) - {Role.INSPECTOR}
"""Who may be told the name behind an id."""


class SignInFirst(Exception):
    """Nobody is signed in at this browser, or no longer."""


class SecondFactorFirst(Exception):
    """Signed in for the first time: a second factor must be set before anything else."""


def language_of(request: Request) -> str:
    """The language that this browser chose."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else next(iter(LANGUAGES))


def cookie_name(request: Request) -> str:
    """`__Host-`: no other host and no plain connection can set it. A browser takes it over HTTPS alone."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


class Front:
    """A page that needs nobody: it knows the house, the site and the browser's language."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.language = language_of(request)
        self.house = cast(House, request.app.state.house)
        self.settings = cast(ConsoleSettings, request.app.state.settings)
        self.database = cast(Database, request.app.state.database)
        self._services = cast(Services, request.app.state.services)

    @property
    def by(self) -> Account | None:
        """Whoever is signed in."""
        return None

    def render(self, template: str, *, status: int = 200, wrong: Wrong | None = None, **shown: Any) -> HTMLResponse:
        """A page of this console in the browser's language."""
        if "typed" not in shown:
            shown["typed"] = Typed.known()
        content = self.house.render(
            template,
            self.language,
            page=self,
            wrong=wrong and wrong.said(self.house, self.language),
            done=self.request.query_params.get("done", ""),
            **shown,
        )
        return HTMLResponse(content, status)

    menu = MENU
    person_menu = PERSON_MENU

    def words(self, values: Iterable[object], table: str = "") -> list[tuple[str, str]]:
        """Words of the public language as options of a choice; `table` where a word means something else there."""
        return [(str(value), word(value, self.language, table)) for value in values]

    def role_names(self, roles: Iterable[Role | str]) -> list[tuple[str, str]]:
        """What roles are called, as options of a choice."""
        return [(str(role), self.house.translate(ROLE_NAMES[Role(role)], self.language)) for role in roles]

    def staff(self, role: Role | None = None) -> dict[str, str]:
        """What members of staff are called, by their id: those who have this role now, or all there ever were."""
        with self.database.transaction() as session:
            found = queries.accounts(session)
            return {str(one.id): one.name for one in found if not role or (role in one.roles and not one.closed_at)}

    def openly(self, method: str, service: str, path: str, **more: Any) -> Any:
        """What a service answers to anybody: it does not learn who asks."""
        return self._services.ask(None, method, service, path, **more).json()

    @property
    def path(self) -> str:
        """The address of this page."""
        return self.request.url.path

    @property
    def address(self) -> str:
        """The same with what it asks for, without what it says was done: where this page can be opened again."""
        url = self.request.url.remove_query_params("done")
        return f"{url.path}?{url.query}" if url.query and self.request.method == "GET" else url.path

    def go(self, path: str, done: str | None = None) -> Response:
        """Goes on to another page, which says what was done. `done` is a name in `done.html`."""
        return RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={done}" if done else path, 303)

    def attempt(
        self,
        act: Callable[[], Response],
        again: str,
        *,
        known: Callable[[], dict[str, Any]] = dict,
        beside: Mapping[str, str] | None = None,
        **shown: Any,
    ) -> Response:
        """What `act` leads to; if it is refused for what was typed, the form again, with what was typed and why.

        `known` reads what else the form shows. `beside` says next to which field a refusal belongs: slug to name.
        """
        try:
            return act()
        except Said as refusal:
            if not refusal.mendable and refusal.slug not in (beside or {}):
                raise
            wrong = Wrong.of(refusal, beside)
            return self.render(again, status=refusal.status, wrong=wrong, **known(), **shown)
        except DomainError as refusal:
            field = (beside or {}).get(refusal.slug())
            wrong = Wrong(refusal.detail, {field: refusal.detail} if field else {})
            return self.render(again, status=refusal.status, wrong=wrong, **known(), **shown)


class Page(Front):
    """A page for somebody who is signed in."""

    def __init__(self, request: Request, account: Account) -> None:
        super().__init__(request)
        self.account = account
        self.actor = Actor(account.id, self.settings.site, frozenset(account.roles))

    @property
    def by(self) -> Account:
        """Whoever is signed in."""
        return self.account

    def may(self, *roles: Role | str) -> bool:
        """Whether one of these roles is theirs: what they may not do is not offered."""
        return not self.actor.roles.isdisjoint(roles)

    @property
    def today(self) -> date:
        """The day at this site."""
        return here(datetime.now(UTC)).date()

    def ask(self, method: str, service: str, path: str, **more: Any) -> httpx2.Response:
        """A service's answer, asked with this person's own token."""
        return self._services.ask(self.actor, method, service, path, **more)

    def get(self, service: str, path: str, *, purpose: str = "service", **params: Any) -> Any:
        """What a service says, as JSON."""
        kept = {name: value for name, value in params.items() if value is not None}
        # Without any, what the path itself asks must stay.
        return self.ask("GET", service, path, purpose=purpose, params=kept or None).json()

    def shared(self, service: str, path: str) -> Any:
        """The same where an answer of the last few seconds to somebody with the same roles will do: it names nobody."""
        return self._services.lately(self.actor, service, path)

    def names(self, people: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Who people are, by id: name, register number and status; whoever is closed to this reader is not in it."""
        return self._services.names(self.actor, people) if self.may(*NAMERS) else {}

    def head(self, person: UUID) -> dict[str, Any] | None:
        """Who somebody is, as the head of a page shows it; None where that is closed to them."""
        found = self.names([str(person)]).get(str(person))
        return found and {**found, "person": found["kept"]}

    def find(self, service: str, path: str, **params: Any) -> Any:
        """The same, or None where there is nothing yet."""
        try:
            return self.get(service, path, **params)
        except Said as refusal:
            if refusal.status == 404:
                return None
            raise

    def put(self, service: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Puts something under an id that the form carries: twice is once."""
        answer = self.ask("PUT", service, path, json=body or {})
        return answer.json() if answer.content else None

    def post(self, service: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Does something to what is there."""
        answer = self.ask("POST", service, path, json=body or {})
        return answer.json() if answer.content else None


def one_of(entries: list[dict[str, Any]], kind: str, id: UUID) -> dict[str, Any]:
    """One entry of a list that a service gave; what is not in it is a page that does not exist."""
    for entry in entries:
        if entry[kind] == str(id):
            return entry
    raise HTTPException(404)


def signed_in(request: Request) -> Page:
    """The page of whoever is signed in at this browser. Raises SignInFirst."""
    token = request.cookies.get(cookie_name(request))
    database = cast(Database, request.app.state.database)
    with database.transaction() as session:
        account = queries.signed_in(session, token, datetime.now(UTC)) if token else None
    if account is None:
        raise SignInFirst
    if account.second_factor is None and not request.url.path.startswith("/account/"):
        raise SecondFactorFirst
    return Page(request, account)


def _anybody(request: Request) -> Front:
    try:
        return signed_in(request)
    except (SignInFirst, SecondFactorFirst):
        return Front(request)


async def _typed(request: Request) -> Typed:
    # Kept with the request: whoever must sign in first, or finds a service away, gets it back.
    request.state.typed = Typed.sent(await request.form())
    return cast(Typed, request.state.typed)


def _administrator(page: Annotated[Page, Depends(signed_in)]) -> Page:
    if not page.account.administrator:
        raise NotAdministrator
    return page


Administrator = Annotated[Page, Depends(_administrator)]
"""An administrator is signed in."""
SignedIn = Annotated[Page, Depends(signed_in)]
"""Somebody is signed in."""
Open = Annotated[Front, Depends(Front)]
"""Open to everybody who reaches the console."""
Anybody = Annotated[Front, Depends(_anybody)]
"""Open to everybody; whoever is signed in keeps their menu."""
Sent = Annotated[Typed, Depends(_typed)]
"""What was typed. It stands before SignedIn in a page's parameters, so that it is kept even from who must sign in."""
