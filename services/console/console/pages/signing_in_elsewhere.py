"""Signing in with an OpenID Connect provider, where one is configured: beside our own sign-in, never in its place."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from console import commands
from console.model import ELSEWHERE, AuthorizationExpired, NoAccountHere, NotSignedInMeanwhile
from console.oidc import Provider, ProviderSaidNo
from console.pages.page import Front, Open, Sent, SignInFirst, cookie_name, signed_in
from console.pages.signing_in import local, remember

router = APIRouter(prefix="/sign-in")
NAME = "preferred_username"
"""The claim that names an account of this console."""
Said = Annotated[str, Query(max_length=4000)]


@router.get("/oidc")
def ask(front: Open, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    """Sends whoever wants to sign in to the provider."""
    browser = front.request.cookies.get(_cookie(front)) or secrets.token_urlsafe(32)

    def act() -> Response:
        provider = _provider(front)
        with front.database.transaction() as session:
            state, asked = commands.ask_provider(session, browser, local(to), datetime.now(UTC))
        address = provider.address(state=state, nonce=asked.nonce, verifier=asked.verifier)
        answer = RedirectResponse(address, 303)
        answer.set_cookie(
            _cookie(front),
            browser,
            max_age=int(ELSEWHERE.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=front.request.url.scheme == "https",
        )
        return answer

    return front.attempt(act, "sign_in.html", to=local(to), carried="")


@router.get("/oidc/return", name="oidc_return")
def come_back(front: Open, state: Said = "", code: Said = "") -> Response:
    """Signs in whom the provider vouches for, if they have an open account here."""
    to = "/"

    def act() -> Response:
        nonlocal to
        at = datetime.now(UTC)
        provider = _provider(front)
        with front.database.transaction() as session:
            asked = commands.take_answer(session, state, front.request.cookies.get(_cookie(front)) or "", at)
        if asked is None:
            raise AuthorizationExpired
        to = asked.to
        if not code:
            raise ProviderSaidNo
        claims = provider.claims(code, nonce=asked.nonce, verifier=asked.verifier)
        username = claims.get(NAME)
        if not isinstance(username, str):
            raise NoAccountHere
        with front.database.transaction() as session:
            token = commands.sign_in_as(session, username, claims["sub"], at)
        answer = front.go(to)
        remember(front.request, answer, token)
        return answer

    return front.attempt(act, "sign_in.html", known=lambda: {"to": to}, carried="")


@router.post("/resume")
def resume(typed: Sent, front: Open) -> Response:
    """Hands back what was typed before to whoever has meanwhile signed in, in another tab."""
    to, kept = local(typed.get("to") or "/"), typed.get("carried") or ""

    def act() -> Response:
        try:
            page = signed_in(front.request)
        except SignInFirst:
            raise NotSignedInMeanwhile from None
        return page.render("resume.html", to=to, pairs=typed.document("carried") or [])

    return front.attempt(act, "sign_in.html", to=to, carried=kept)


def _provider(front: Front) -> Provider:
    if front.settings.oidc_issuer is None:
        raise HTTPException(404)
    return Provider(front.settings, str(front.request.url_for("oidc_return")))


def _cookie(front: Front) -> str:
    return f"{cookie_name(front.request)}-oidc"
