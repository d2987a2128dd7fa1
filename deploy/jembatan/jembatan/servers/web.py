"""Web apps inside this process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx2
import uvicorn
from anyio import from_thread, to_thread
from starlette.types import ASGIApp, Message, Scope

from jembatan.servers.process import ServerFailed


class Uvicorn(uvicorn.Server):
    """One web app in this process's event loop, on a socket that is open from the start."""

    def __init__(self, app: Any, port: int = 0, host: str = "127.0.0.1") -> None:
        super().__init__(
            uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=5)
        )
        self.socket = socket.create_server((host, port))
        # Every connection takes it over. asyncio sets it only on sockets that it made itself, and without it the body
        # of an answer waits some 40 ms until the client has acknowledged the head.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://{host}:{self.socket.getsockname()[1]}"

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the node: each server would otherwise take them from the others."""
        yield

    async def run_until_stopped(self) -> None:
        """Serve until `should_exit` is set. Cancelled, it still lets the app finish."""
        running = asyncio.ensure_future(self._run())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self.should_exit = True
            await running
            raise

    async def _run(self) -> None:
        try:
            await self.serve(sockets=[self.socket])
        except SystemExit:  # uvicorn's word for an app that does not start; it would end the whole node
            raise ServerFailed(f"the app on {self.url} did not start") from None
        finally:
            self.socket.close()
        if not self.should_exit:
            raise ServerFailed(f"the app on {self.url} ended by itself")


class Inside(httpx2.BaseTransport):
    """Carries what one of this loop's threads asks to an app in the same loop: the same request, without a socket.

    httpx2's own transport for an app looks for a package that is not there on each request, and that alone takes as
    long as the rest of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The app's answer. Raises TransportError when it ended before it had said all of it."""
        request.read()
        return from_thread.run(self._answer, request)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        sent = iter([{"type": "http.request", "body": request.content, "more_body": False}])
        told: list[Message] = []

        async def receive() -> Message:
            for message in sent:
                return message
            return await asyncio.Future()  # nobody hangs up before the answer

        async def send(message: Message) -> None:
            told.append(message)

        # The thread that asks only waits, so it lends its place: forty pages would else wait for each other for ever.
        threads = to_thread.current_default_thread_limiter()
        threads.total_tokens += 1
        try:
            # An app tells the fault itself, as at a socket, and then raises it for whoever serves it.
            with contextlib.suppress(Exception):
                await self._app(_scope(request), receive, send)
        finally:
            threads.total_tokens -= 1
        if not told or told[-1]["type"] != "http.response.body" or told[-1].get("more_body"):
            raise httpx2.RemoteProtocolError("no whole answer", request=request)
        head, *rest = told
        body = b"".join(message.get("body", b"") for message in rest)
        return httpx2.Response(head["status"], headers=head["headers"], content=body)


def _scope(request: httpx2.Request) -> Scope:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "server": (url.host, url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }


@contextlib.asynccontextmanager
async def serving(servers: Sequence[Uvicorn]) -> AsyncIterator[None]:
    """Run web apps together: entered when all answer, left when all have finished. If one fails, all end."""
    async with asyncio.TaskGroup() as group:
        for server in servers:
            group.create_task(server.run_until_stopped())
        try:
            while not all(server.started for server in servers):  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # uvicorn has no event to wait for
            yield
        finally:
            for server in servers:
                server.should_exit = True
