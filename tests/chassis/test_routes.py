"""A route is one transaction in one thread: what it answers is committed, and it holds nothing while it waits."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx2
import pytest
from chassis.database import Transaction
from chassis.errors import Conflict
from chassis.readlog import Look, looks
from chassis.routes import Router
from chassis.service import Service
from contracts.vocabulary import Role
from sqlalchemy import text
from starlette.types import ASGIApp
from support import Rutan
from support.rutan import staff

AT_ONCE = 100
"""More than there are threads, and many more than there are connections."""


class Late(Conflict):
    detail = "Sudah terlambat."


class Closed(Conflict):
    detail = "Tertutup."


def asked(app: ASGIApp, rutan: Rutan, method: str, path: str, times: int = 1) -> list[int]:
    """The statuses of as many answers, asked for together."""

    async def go() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        headers = staff(rutan.site, Role.COUNSELLOR)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
            return await asyncio.gather(*(client.request(method, path) for _ in range(times)))

    return [answer.status_code for answer in asyncio.run(go())]


@pytest.fixture
def ask(rutan: Rutan) -> Callable[..., list[int]]:
    """Asks a small service, which keeps ids as forgotten: a row like any other."""
    router = Router()
    write = text("insert into forgotten (subject) values (:subject)")

    @router.put("/{subject}", status_code=201)
    def put(subject: UUID, session: Transaction) -> None:
        session.execute(write, {"subject": subject})

    @router.put("/{subject}/refused")
    def refuse(subject: UUID, session: Transaction) -> None:
        session.execute(write, {"subject": subject})
        raise Late

    @router.put("/{subject}/failing", status_code=201)
    def fail(subject: UUID, session: Transaction) -> None:
        # Checked no earlier than at the commit.
        session.execute(text("create table late (id int unique deferrable initially deferred)"))
        session.execute(text("insert into late values (1), (1)"))
        session.execute(write, {"subject": subject})

    @router.get("/{subject}")
    def get(subject: UUID, look: Annotated[Look, looks("subject", Role.COUNSELLOR)]) -> None: ...

    def readable(session: Any, subject: UUID, look: Look) -> None:
        if session.execute(text("select true from forgotten where subject = :subject"), {"subject": subject}).first():
            raise Closed

    app = Service(name="intake", router=router, readable=readable).app(rutan.settings("intake"))
    return lambda *what: asked(app, rutan, *what)


def kept(rutan: Rutan, subject: UUID) -> bool:
    return bool(rutan.one("intake", "select count(*) from forgotten where subject = :subject", subject=subject))


def test_what_is_answered_is_committed(ask: Callable[..., list[int]], rutan: Rutan) -> None:
    subject = uuid4()
    assert ask("PUT", f"/{subject}") == [201]
    assert kept(rutan, subject)


def test_what_is_refused_is_taken_back(ask: Callable[..., list[int]], rutan: Rutan) -> None:
    subject = uuid4()
    assert ask("PUT", f"/{subject}/refused") == [409]
    assert not kept(rutan, subject)


def test_a_commit_that_fails_is_not_answered_as_done(ask: Callable[..., list[int]], rutan: Rutan) -> None:
    subject = uuid4()
    assert ask("PUT", f"/{subject}/failing") == [500]
    assert not kept(rutan, subject)


def test_a_look_is_allowed_and_noted_also_where_the_route_asks_nothing(
    ask: Callable[..., list[int]], rutan: Rutan
) -> None:
    open_, closed = uuid4(), uuid4()
    ask("PUT", f"/{closed}")
    assert ask("GET", f"/{open_}") == [200]
    assert ask("GET", f"/{closed}") == [409]
    assert [row.subject for row in rutan.sql("intake", "select subject from read_log")] == [open_]


def test_requests_beyond_threads_and_connections_wait_for_neither(ask: Callable[..., list[int]], rutan: Rutan) -> None:
    assert ask("GET", f"/{uuid4()}", AT_ONCE) == [200] * AT_ONCE
