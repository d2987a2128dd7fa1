"""Pages for what did not go as it should: nobody signed in, a service away, a refusal, a fault of ours."""

import logging
from urllib.parse import quote

from chassis.errors import DomainError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.pages.page import Front, SecondFactorFirst, SignInFirst
from console.pages.signing_in import sign_in_page
from console.pages.wrong import Wrong
from console.services import Away, Said
from console.typed import Typed

log = logging.getLogger(__name__)


def add_trouble_pages(app: FastAPI) -> None:
    """Every trouble of `app` becomes a page that says what to do, and nothing that was typed is lost."""

    @app.exception_handler(SignInFirst)
    def nobody(request: Request, error: SignInFirst) -> Response:
        front = Front(request)
        if request.headers.get("hx-request"):
            # A piece that watches itself: the whole page is asked for again, and leads to the sign-in.
            return Response(status_code=401, headers={"hx-refresh": "true"})
        if request.method == "GET":
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return front.go("/sign-in" if here == "/" else f"/sign-in?to={quote(here, safe='/')}")
        return sign_in_page(front, request.url.path, _typed(request), status=401)

    @app.exception_handler(SecondFactorFirst)
    def not_complete(request: Request, error: SecondFactorFirst) -> Response:
        return Front(request).go("/account/second-factor")

    @app.exception_handler(Said)
    def refused(request: Request, error: Said) -> Response:
        if error.slug == "record-restricted" and (about := request.path_params.get("person")):
            return Front(request).render("people/restricted.html", status=403, about=about)
        return Front(request).render("refused.html", status=error.status, wrong=Wrong.of(error))

    @app.exception_handler(DomainError)
    def refused_here(request: Request, error: DomainError) -> Response:
        return Front(request).render("refused.html", status=error.status, wrong=Wrong(error.detail))

    @app.exception_handler(Away)
    def away(request: Request, error: Away) -> Response:
        log.warning("service away", extra={"service": error.service})
        typed = _typed(request)
        return Front(request).render(
            "away.html", status=503, service=error.service, to=request.url.path, pairs=typed.pairs if typed else []
        )

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        return Front(request).render("not_found.html", status=404)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        template = "too_large.html" if error.status_code == 413 else "not_found.html"
        return Front(request).render(template, status=error.status_code)

    app.add_middleware(_Faults, app=app)


def _typed(request: Request) -> Typed | None:
    return getattr(request.state, "typed", None) if request.method == "POST" else None


class _Faults:
    """A page for what nobody foresaw. Not an exception handler: Starlette raises again what that has answered."""

    def __init__(self, inner: ASGIApp, app: FastAPI) -> None:
        self._inner, self._app = inner, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._inner(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            log.error("page failed", exc_info=error)
            request = Request(scope, receive)
            typed = _typed(request)
            page = Front(request).render(
                "fault.html", status=500, to=request.url.path, pairs=typed.pairs if typed else []
            )
            await page(scope, receive, send)
