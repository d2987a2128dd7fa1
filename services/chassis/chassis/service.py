"""A service: its HTTP API, its consumer and its relay in one process and one lifespan."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Response
from nats.aio.msg import Msg
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from chassis import outbox, telemetry, topology
from chassis.broker import Broker, connect
from chassis.database import Database, in_turn, psycopg_url
from chassis.envelope import NUMBER_MAX
from chassis.errors import add_error_handlers
from chassis.events import Apply, Consumer, Handlers
from chassis.facts import facts_router
from chassis.identity import Tokens
from chassis.readlog import Look
from chassis.receipts import Receipts
from chassis.relay import Outlet, Relay
from chassis.routes import Router
from chassis.settings import Settings
from contracts import Audience, event_classes

log = logging.getLogger(__name__)

ALIVE_WITHIN_S = 30
"""A relay that has not finished a round for this long is not alive, whatever its connection says."""

SWEEP_EVERY_S = 60


@dataclass(frozen=True)
class Heartbeat:
    """How much one service of a site has written for the nation, told while the link is up."""

    site: str
    service: str
    epoch: UUID
    written: int
    heard_at: datetime


@dataclass(frozen=True)
class Service:
    """What makes one service differ from another; everything else is the same for all."""

    name: str
    """As in event types: `partner_matching`."""
    router: Router
    handlers: Handlers | None = None
    apply: Apply | None = None
    """Applies a whole batch at once, for a reader of the national stream; instead of `handlers`."""
    on_heartbeat: Callable[[Session, Heartbeat], None] | None = None
    sweep: Callable[[Session, datetime], None] | None = None
    """What the clock alone brings about, done again every minute: it must change nothing when nothing is due."""
    readable: Callable[[Session, UUID, Look], None] | None = None
    """Refuses a look at a record that is closed to it, before `looks` lets it through."""
    unlisted: frozenset[str] = frozenset()
    """Types of events that the list of facts leaves out: even that one was said just now would tell on somebody."""
    uploads: Mapping[str, int] = field(default_factory=dict)
    """Bytes that a request may have, per beginning of its path, where a form's size is too little."""
    partitions: tuple[int, ...] = ()
    batch_size: int = 500
    """Events per transaction at most; half of what a consumer may leave unacknowledged, or less."""

    def app(self, settings: Settings | None = None) -> FastAPI:
        """The ASGI application. Without settings they are read from the environment."""
        settings = settings or Settings()
        running = Running(self, settings)
        # Side by side: a router inside a router is searched over again for every request.
        routes = list(self.router.routes)
        if settings.site != topology.HUB:
            routes += self._facts.routes
        # The pages that FastAPI offers for its schema load scripts from elsewhere, which a rutan cannot reach.
        app = FastAPI(title=self.name, lifespan=running.lifespan, docs_url=None, redoc_url=None, routes=routes)
        app.state.database = running.database
        app.state.readable = self.readable
        app.state.tokens = Tokens(settings.token_key, settings.site)
        add_error_handlers(app, self.uploads)
        app.include_router(running.health())
        telemetry.start(settings.site, settings.otlp_endpoint)
        telemetry.trace_requests(app)
        return app

    @cached_property
    def _facts(self) -> Router:
        return facts_router(self.speaks_to(), self.unlisted)

    def speaks_to(self) -> set[Audience]:
        """The audiences of everything this service may say."""
        mine = (event for event in event_classes.values() if event.type.startswith(f"{self.name}."))
        return {audience for event in mine for audience in outbox.audiences_of(event)}


class Running:
    """One service at work."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service, self._settings = service, settings
        self.database = Database(settings, service.name)
        self._broker: Broker | None = None
        self._relay: Relay | None = None

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Starts at once and works without a broker: what needs one waits for it in the background."""
        async with AsyncExitStack() as stack:
            stack.callback(self.database.close)
            tasks = [asyncio.create_task(_persist(self._listen(stack)), name="listen")]
            if self._service.speaks_to():
                tasks.append(asyncio.create_task(_persist(self._speak(stack)), name="relay"))
            if self._service.sweep:
                tasks.append(asyncio.create_task(_persist(self._sweep(self._service.sweep)), name="sweep"))
            try:
                yield
            finally:
                await _end(tasks)

    async def _sweep(self, sweep: Callable[[Session, datetime], None]) -> None:
        def once() -> None:
            with self.database.transaction() as session:
                in_turn(session, "sweep")
                sweep(session, datetime.now(UTC))

        while True:
            try:
                await asyncio.to_thread(once)
            except Exception as trouble:
                # Whatever it was, the work is still due in a minute; requests must go on meanwhile.
                log.error("sweep failed", extra={"error": type(trouble).__name__}, exc_info=trouble)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _listen(self, stack: AsyncExitStack) -> None:
        settings, service = self._settings, self._service
        broker = Broker(settings.nats_url, _secret(settings.nats_seed), name=service.name)
        receipts = Receipts(self.database, broker)
        apply = service.handlers.apply if service.handlers else service.apply
        if apply is not None:
            for durable in topology.durables(service.name, service.partitions):
                # A view that is built from commutative steps need not wait for a gap to be filled.
                consumer = Consumer(self.database, apply, receipts.committed, ordered=service.apply is None)
                broker.on_batch(self._stream(), durable, consumer, batch_size=service.batch_size)
        stack.push_async_callback(broker.stop)
        await broker.start()
        if service.on_heartbeat:
            await broker.client.subscribe(topology.HEARTBEATS, cb=self._heartbeat)
        self._broker = broker
        await receipts.run()

    async def _speak(self, stack: AsyncExitStack) -> None:
        settings, name = self._settings, self._service.name
        outlets = []
        for audience in sorted(self._service.speaks_to()):
            seed = settings.link_seed if audience == "national" else settings.nats_seed
            client = await connect(settings.nats_url, _secret(seed), name=f"{name}-{audience}")
            stack.push_async_callback(client.close)
            outlets.append(outlet(audience, settings, name, client))
        self._relay = Relay(psycopg_url(self.database.url), settings.site, name, outlets, settings.retention_days)
        await self._relay.run()

    async def _heartbeat(self, message: Msg) -> None:
        told = json.loads(message.data)
        # The site is taken from the subject, which the hub's permissions bind to whoever sent it.
        site = message.subject.split(".")[1]
        publishers = {type_.partition(".")[0] for type_ in event_classes}
        if not 0 <= int(told["written"]) <= NUMBER_MAX or told["service"] not in publishers:
            return
        beat = Heartbeat(site, told["service"], UUID(told["epoch"]), int(told["written"]), datetime.now(UTC))
        try:
            await asyncio.to_thread(self._note, beat)
        except SQLAlchemyError as trouble:
            # The next one comes in seconds.
            log.warning("heartbeat not noted", extra={"error": type(trouble).__name__})

    def _note(self, beat: Heartbeat) -> None:
        with self.database.transaction() as session:
            assert self._service.on_heartbeat
            self._service.on_heartbeat(session, beat)

    def _stream(self) -> str:
        site = self._settings.site
        return topology.NATIONAL if site == topology.HUB else topology.site_stream(site)

    def health(self) -> APIRouter:
        """`/healthz`: this process lives. `/readyz`: it can do its work, to the broker and back."""
        router = APIRouter()

        @router.get("/healthz")
        def healthz() -> dict[str, str]:
            return {"status": "ok"}

        @router.get("/readyz")
        async def readyz(response: Response) -> dict[str, bool]:
            usable = {
                "database": await asyncio.to_thread(self.database.usable),
                "jetstream": self._broker is not None and await self._broker.usable(self._stream()),
                "relay": not self._service.speaks_to() or self._relay_alive(),
            }
            if not all(usable.values()):
                response.status_code = 503
            return usable

        return router

    def _relay_alive(self) -> bool:
        at = self._relay.alive_at if self._relay else None
        return at is not None and asyncio.get_running_loop().time() - at < ALIVE_WITHIN_S


def outlet(audience: Audience, settings: Settings, service: str, client: Any) -> Outlet:
    """Where `service` says what is meant for `audience`."""
    site = settings.site
    match audience:
        case "site":
            stream, readers = topology.site_stream(site), settings.readers
            receipts, here = topology.receipts_stream, site
        case "national":
            stream, readers = topology.national_stream(site), settings.national_readers
            receipts, here = topology.down_stream, topology.HUB
        case "partner":
            return Outlet(audience, client, topology.PARTNER, "partner.>")
    return Outlet(
        audience,
        client,
        stream,
        own_subjects=f"{audience}.{site}.{service}.>",
        receipts={r: (receipts(site), topology.receipt(here, site, service, r)) for r in readers},
        heartbeat=topology.heartbeat(site) if audience == "national" else None,
    )


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    # Again and again: wait_for (of Python 3.11) and nats-py lose a cancellation that comes with what they waited for.
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=1)


async def _persist(work: Coroutine[Any, Any, None]) -> None:
    """A background task that ends for any reason but being cancelled takes the process with it, so that it restarts."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.critical("background task died", exc_info=True)
        raise SystemExit(70) from None


def _secret(value: Any) -> str | None:
    return value.get_secret_value() if value else None
