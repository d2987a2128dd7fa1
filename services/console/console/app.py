"""The console as an application: `uvicorn --factory console.app:app`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import httpx2
from asgi_cross_origin_protection import CrossOriginProtection
from chassis.database import Database
from chassis.errors import Sizes
from chassis.identity import Issuer
from fastapi import FastAPI
from starlette.formparsers import MultiPartParser
from ui.house import House, serve_static
from ui.security import guard

from console.pages import router
from console.pages.troubles import add_trouble_pages
from console.pages.uploads import Uploads
from console.services import Services
from console.settings import ConsoleSettings

HERE = Path(__file__).parent
UPLOADS = {"/register-imports": 12 * 1024 * 1024}
"""Bytes that a form with a spreadsheet may have."""


def app(settings: ConsoleSettings | None = None, inside: Mapping[str, httpx2.BaseTransport] | None = None) -> FastAPI:
    """The ASGI application. Without settings they are read from the environment.

    `inside` carries what is asked at an address whose service runs in this very process.
    """
    settings = settings or ConsoleSettings()
    database = Database(settings, "console")
    services = Services(settings.services, Issuer.of(settings.issuer_key.get_secret_value()), inside)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        services.close()
        database.close()

    made = FastAPI(
        title="console", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, routes=router.routes
    )
    made.state.settings, made.state.database, made.state.services = settings, database, services
    made.state.uploads = Uploads()
    # What is spooled would leave names on the disk.
    MultiPartParser.spool_max_size = max(UPLOADS.values())
    made.state.house = house()
    serve_static(made)

    @made.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @made.get("/readyz")
    def readyz() -> dict[str, bool]:
        return {"database": database.usable()}

    add_trouble_pages(made)
    made.add_middleware(Sizes, uploads=UPLOADS)
    made.add_middleware(CrossOriginProtection)
    guard(made)
    return made


@cache
def house() -> House:
    """The console's templates: compiled once in a process, however many consoles it has."""
    return House(HERE / "templates", HERE / "translations")
