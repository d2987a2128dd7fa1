"""Web apps inside this process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx2
import uvicorn
from anyio import from_thread, to_thread

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
    """Carries what one of this loop's threads asks to an app in the same loop: the same request, without a socket."""

    def __init__(self, app: Any) -> None:
        self._app = httpx2.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The app's answer."""
        return from_thread.run(self._answer, request)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        # The thread that asks only waits, so it lends its place: forty pages would else wait for each other for ever.
        threads = to_thread.current_default_thread_limiter()
        threads.total_tokens += 1
        try:
            answer = await self._app.handle_async_request(request)
            return httpx2.Response(answer.status_code, headers=answer.headers, content=await answer.aread())
        finally:
            threads.total_tokens -= 1


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
