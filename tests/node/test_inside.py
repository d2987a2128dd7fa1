"""An app in the same process is asked without a socket, and answers as it would over one."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import anyio
import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from jembatan.servers import Inside

T = TypeVar("T")
ADDRESS = "http://127.0.0.1:1"


def in_a_thread_of_the_loop(ask: Callable[[], T]) -> T:
    """As a page asks."""
    return anyio.run(anyio.to_thread.run_sync, ask)


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()

    @made.post("/echo")
    async def echo(request: Request, also: str) -> Response:
        body = await request.body()
        return Response(body + also.encode(), 409, {"x-said": request.headers["x-asked"]})

    @made.get("/fault")
    def fault() -> None:
        raise RuntimeError

    return made


def test_what_is_sent_arrives_and_what_is_said_comes_back(app: FastAPI) -> None:
    def ask() -> httpx2.Response:
        with httpx2.Client(mounts={ADDRESS: Inside(app)}) as client:
            asked = {"also": "b"}
            return client.post(f"{ADDRESS}/echo", params=asked, content=b"a", headers={"x-asked": "c"})

    said = in_a_thread_of_the_loop(ask)
    assert (said.status_code, said.text, said.headers["x-said"]) == (409, "ab", "c")


def test_a_fault_of_the_app_is_an_answer(app: FastAPI) -> None:
    def ask() -> int:
        with httpx2.Client(mounts={ADDRESS: Inside(app)}) as client:
            return client.get(f"{ADDRESS}/fault").status_code

    assert in_a_thread_of_the_loop(ask) == 500


def test_an_answer_that_broke_off_is_none(app: FastAPI) -> None:
    def half() -> Iterator[bytes]:
        yield b"a"
        raise RuntimeError

    @app.get("/half")
    def broken() -> StreamingResponse:
        return StreamingResponse(half())

    def ask() -> None:
        with httpx2.Client(mounts={ADDRESS: Inside(app)}) as client, pytest.raises(httpx2.TransportError):
            client.get(f"{ADDRESS}/half")

    in_a_thread_of_the_loop(ask)


def test_more_pages_at_once_than_there_are_threads_are_all_answered(app: FastAPI) -> None:
    @app.get("/slow")
    def slow() -> int:
        return 1

    async def everybody() -> int:
        anyio.to_thread.current_default_thread_limiter().total_tokens = 2
        with anyio.fail_after(30), httpx2.Client(mounts={ADDRESS: Inside(app)}) as client:
            said: list[int] = []

            async def ask() -> None:
                answer = await anyio.to_thread.run_sync(client.get, f"{ADDRESS}/slow", abandon_on_cancel=True)
                said.append(answer.json())

            async with anyio.create_task_group() as group:
                for _ in range(8):
                    group.start_soon(ask)
        return sum(said)

    assert anyio.run(everybody) == 8
