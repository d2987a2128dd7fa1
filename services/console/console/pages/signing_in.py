"""Signing in and out, and what stands between: works without any link."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from fastapi import APIRouter, FastAPI, Form, Query, Request
from fastapi.responses import Response
from starlette.routing import Match
from ui.house import LANGUAGES

from console import commands, queries
from console.model import SHIFT, WrongCredentials
from console.pages.page import LANGUAGE_COOKIE, Front, Open, Sent, cookie_name
from console.typed import Typed

router = APIRouter()
SIGN_OUT_CLEARS = '"cache", "cookies", "storage"'


def local(path: str) -> str:
    """A path of this console: nobody is sent elsewhere by a link to the sign-in page."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and "\\" not in path
    return path if fine else "/"


def sign_in_page(front: Front, to: str, carried: Typed | None, **shown: Any) -> Response:
    """The page that asks who it is. `carried` is a form that was sent too late: it is handed on, nothing is lost."""
    kept = json.dumps(carried.pairs) if carried else ""
    return front.render("sign_in.html", to=to, carried=kept, **shown)


@router.get("/sign-in")
def show(front: Open, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    """Asks who it is; before there is any account, begins the installation."""
    with front.database.transaction() as session:
        if not queries.anybody(session):
            return front.go("/first-run")
    return sign_in_page(front, local(to), None)


@router.post("/sign-in")
def sign_in(typed: Sent, front: Open) -> Response:
    """Signs in, and hands back what was typed before."""
    to, kept = local(typed.get("to") or "/"), typed.get("carried") or ""
    seal = Fernet(front.settings.seal_key.get_secret_value())
    said = [typed.get(name) or "" for name in ("username", "password", "code")]

    def act() -> Response:
        with front.database.transaction() as session:
            token = commands.sign_in(session, *said, seal=seal, at=datetime.now(UTC))
        if token is None:
            raise WrongCredentials
        answer = front.render("resume.html", to=to, pairs=json.loads(kept)) if kept else front.go(to)
        remember(front.request, answer, token)
        return answer

    return front.attempt(act, "sign_in.html", to=to, carried=kept, typed=Typed.known(username=said[0]))


@router.post("/sign-out")
def sign_out(front: Open) -> Response:
    """Signs out, and has the browser forget everything of this console."""
    if token := front.request.cookies.get(cookie_name(front.request)):
        with front.database.transaction() as session:
            commands.sign_out(session, token)
    answer = front.go("/sign-in", done="signed_out")
    answer.headers["clear-site-data"] = SIGN_OUT_CLEARS
    answer.delete_cookie(cookie_name(front.request), httponly=True, samesite="lax")
    return answer


@router.post("/language")
def choose_language(front: Open, language: Annotated[str, Form()], to: Annotated[str, Form()] = "/") -> Response:
    """Shows the pages in another language at this browser."""
    answer = front.go(nearest_page(front.request.app, local(to)))
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, httponly=True, samesite="lax")
    return answer


def nearest_page(app: FastAPI, address: str) -> str:
    """The nearest page: what answers a form may stand where no page can be opened."""
    path, *asked = address.split("?")
    scope = {"type": "http", "method": "GET", "headers": []}
    while not any(route.matches(scope | {"path": path})[0] is Match.FULL for route in app.routes):
        path, asked = path.rpartition("/")[0] or "/", []
    return "?".join((path, *asked))


def remember(request: Request, answer: Response, token: str) -> None:
    """Hands the browser its token, for one shift at most."""
    answer.set_cookie(
        cookie_name(request),
        token,
        max_age=int(SHIFT.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
