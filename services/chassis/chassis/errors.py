"""Refusals, and how they and every other error reach a client as problem+json (RFC 9457)."""

import logging
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

BODY_MAX = 64 * 1024
"""Bytes of a request: forms have a few hundred."""
TOO_LARGE = (
    "Kiriman ini terlalu besar untuk diterima, jadi tidak ada yang tersimpan. Perkecil atau bagi, lalu kirim lagi."
)
UNREADABLE = "Kiriman ini tidak terbaca, jadi tidak ada yang tersimpan. Periksa bentuknya, lalu kirim lagi."


class DomainError(Exception):
    """A rule said no. It is an outcome, not a fault: recorded and answered, never retried.

    `detail` is read by staff: what is wrong and what to do, in Indonesian, without a name or a number of anybody.
    """

    status: ClassVar[int]
    detail: ClassVar[str]
    more: Mapping[str, Any] = {}
    """What a client needs to go on, as further members of the problem document. Of nobody's record, unless the caller
    may read that."""

    def __str__(self) -> str:
        return self.detail

    @classmethod
    def slug(cls) -> str:
        """`ConsentAlreadyWithdrawn` is `consent-already-withdrawn` to programs."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class NotFound(DomainError):
    """It is not here."""

    status = 404
    detail = "Data tidak ditemukan di rutan ini. Periksa kembali pilihan Anda."


class Conflict(DomainError):
    """It is here, but not in a state that allows this."""

    status = 409


class Refused(DomainError):
    """A right or a consent is missing."""

    status = 403


class Unauthenticated(DomainError):
    """Nobody we know."""

    status = 401
    detail = "Sesi Anda tidak berlaku. Masuk kembali."


class NotYourRole(Refused):
    """Known, but this is another role's work."""

    detail = "Peran Anda tidak mencakup tindakan ini. Mintalah petugas yang berwenang."


class Problem(BaseModel):
    """What every refusal and every fault says at least; `errors` points at the fields that are wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = []


MEDIA_TYPE = "application/problem+json"
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {"description": "A problem", "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
}
"""For the OpenAPI document of every route: FastAPI's own 422, which it would name there, is never sent."""


def problem(status: int, slug: str, detail: str, **more: Any) -> JSONResponse:
    """One problem document."""
    body = {"type": f"/problems/{slug}", "title": slug, "status": status, "detail": detail, **more}
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)


def problem_of(error: DomainError) -> JSONResponse:
    """A refusal as a problem document."""
    return problem(error.status, error.slug(), error.detail, **error.more)


class _Faults:
    """Answers for what nobody foresaw.

    Not an exception handler: Starlette raises again what that has answered, and the trace and the server's log would
    quote the exception.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            log.error("request failed", exc_info=error)
            detail = (
                "Terjadi gangguan pada sistem, bukan kesalahan Anda. Data belum tersimpan; coba lagi sebentar lagi."
            )
            await problem(500, "fault", detail)(scope, receive, send)


class Sizes:
    """Refuses a body that no form of ours can have, before it is kept or parsed, whoever sends it."""

    def __init__(self, app: ASGIApp, uploads: Mapping[str, int]) -> None:
        self._app, self._uploads = app, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts as it comes: what a client says of its length is not believed."""
        taken = 0
        path = scope.get("path", "")
        most = next((size for prefix, size in self._uploads.items() if path.startswith(prefix)), BODY_MAX)

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413)
            return message

        await self._app(scope, receiving, send)


def _known(error: Mapping[str, Any]) -> list[str]:
    place = [str(part) for part in error["loc"]]
    return place[:2] if error["type"] != "extra_forbidden" else place[:1]


def add_error_handlers(app: FastAPI, uploads: Mapping[str, int]) -> None:
    """Every error of `app` becomes a problem document that carries nothing the client sent.

    `uploads` are the paths, by their beginning, that may take more bytes than a form.
    """

    @app.exception_handler(DomainError)
    def refused(request: Request, error: DomainError) -> JSONResponse:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        # FastAPI's own answer echoes the input, which here is somebody's name or NIK.
        # So may a key that we do not know, or the key of a dictionary: those places are left out of the pointer.
        wrong = [{"pointer": "/" + "/".join(_known(e)), "code": e["type"]} for e in error.errors()]
        detail = "Isian tidak lengkap atau salah bentuk. Perbaiki isian yang ditunjuk lalu kirim lagi."
        return problem(422, "malformed", detail, errors=wrong)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 413:
            return problem(413, "too-large", TOO_LARGE)
        if error.status_code == 400:
            return problem(400, "unreadable", UNREADABLE)
        return problem(error.status_code, "http-error", "Permintaan ini tidak dikenal. Periksa alamatnya.")

    app.add_middleware(Sizes, uploads=uploads)
    app.add_middleware(_Faults)
