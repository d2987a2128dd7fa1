"""What every page tells the browser: run nothing that is not ours, keep nothing."""

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
}
KEEP_NOTHING = "no-store"
"""Of a page about somebody nothing may be left in the browser, and the back button must ask again."""


class _Told:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("cache-control", KEEP_NOTHING)
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


def guard(app: FastAPI) -> None:
    """Sends these headers with every answer, compressed for slow lines."""
    app.add_middleware(CompressMiddleware, minimum_size=500)
    app.add_middleware(_Told)
